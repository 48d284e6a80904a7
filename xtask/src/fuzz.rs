//! Runs the fuzzers of `fuzz/`, each for a while. Refuses to be silent where there is no nightly compiler to build them.
//!
//! What they find goes to `target/fuzz`; with `--keep`, what covers something new also into the corpus, which
//! `cargo test` replays. An input that breaks something is left in `fuzz/artifacts`: once that is mended it belongs into the
//! corpus, too.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    process::{Command, Output},
    thread,
};

use anyhow::{Context, Result, ensure};

use crate::{
    tools,
    workspace::{answer, root, run as run_command, side_by_side, target_dir},
};

/// How long each fuzzer has a processor if nobody says otherwise.
pub(crate) const SECONDS: u32 = 60;
/// The longest input: some hundred decisions, and a run is still short.
const LEN_MAX: usize = 1024;
/// A single input that takes longer is a finding.
const INPUT_SECONDS_MAX: u32 = 10;

/// What becomes of new inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corpus {
    Stays,
    Grows,
}

/// Runs the fuzzer of this name, or all.
pub(crate) fn run(only: Option<&str>, seconds: u32, corpus: Corpus) -> Result<()> {
    ensure!(
        is_nightly_there(),
        "the fuzzers need a nightly compiler; install one with `rustup toolchain install nightly --profile minimal`"
    );
    let path = tools::for_cargo("fuzz", "0.13")?;
    let mut names = names()?;
    names.retain(|name| only.is_none_or(|only| only == name));
    ensure!(!names.is_empty(), "no fuzzer is named so; see fuzz/fuzz_targets");
    run_command(&mut cargo_fuzz("build", &path))?;
    // Each has one thread; all run side by side, so long that each has its seconds of a processor.
    let processors = thread::available_parallelism().map_or(1, usize::from).min(names.len());
    let seconds = seconds * u32::try_from(names.len())? / u32::try_from(processors)?;
    println!("\n--- {}, together for {seconds} s", names.join(", "));
    let outputs = side_by_side(&names, |name| fuzz(&path, name, seconds))?;
    tell(&names, &outputs)?;
    if corpus == Corpus::Grows {
        names.iter().try_for_each(|name| merge(&path, name))?;
    }
    Ok(())
}

/// Whether there is a compiler to build them.
pub(crate) fn is_nightly_there() -> bool {
    answer(Command::new("rustup").args(["toolchain", "list"]))
        .is_some_and(|list| list.lines().any(|line| line.starts_with("nightly")))
}

fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn fuzz(path: &OsString, name: &str, seconds: u32) -> Result<Output> {
    let new = target_dir().join("fuzz").join(name);
    fs::create_dir_all(&new).with_context(|| format!("cannot make {}", new.display()))?;
    let mut command = cargo_fuzz("run", path);
    command.arg(name).arg(new).arg(root().join("fuzz/corpus").join(name)).args([
        "--".to_owned(),
        format!("-max_total_time={seconds}"),
        format!("-max_len={LEN_MAX}"),
        format!("-timeout={INPUT_SECONDS_MAX}"),
        "-verbosity=0".to_owned(),
        "-print_funcs=0".to_owned(),
        "-print_final_stats=1".to_owned(),
    ]);
    command.output().context("could not start cargo fuzz")
}

/// A line for each that found nothing, then all that the others said, with the input that did it: at the end, where a log
/// that is cut keeps it.
fn tell(names: &[String], outputs: &[Output]) -> Result<()> {
    let (fine, found): (Vec<_>, Vec<_>) =
        names.iter().zip(outputs).partition(|(_, output)| output.status.success());
    for (name, output) in fine {
        let told = String::from_utf8_lossy(&output.stderr);
        let stats = told.lines().filter_map(|line| line.strip_prefix("stat::"));
        let stats: Vec<_> =
            stats.map(|stat| stat.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        println!("{name}: {}", stats.join(", "));
    }
    for (name, output) in &found {
        println!("\n--- {name}");
        io::stdout().write_all(&output.stderr)?;
    }
    let found: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    ensure!(found.is_empty(), "what the fuzzer of {} has found stands above", found.join(", "));
    Ok(())
}

/// Copies what covers something new, in as few inputs as will do.
fn merge(path: &OsString, name: &str) -> Result<()> {
    let mut command = cargo_fuzz("run", path);
    command
        .arg(name)
        .arg(root().join("fuzz/corpus").join(name))
        .arg(target_dir().join("fuzz").join(name))
        .args(["--", "-set_cover_merge=1"]);
    run_command(&mut command)
}

fn cargo_fuzz(subcommand: &str, path: &OsString) -> Command {
    let mut command = Command::new("rustup");
    command
        .args(["run", "nightly", "cargo", "fuzz", subcommand, "--target-dir"])
        .arg(target_dir().join("fuzz-build"))
        .current_dir(root())
        .env("PATH", path)
        // Those of the cargo that runs xtask.
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("RUSTFLAGS");
    command
}
