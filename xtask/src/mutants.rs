//! Mutation testing of core with cargo-mutants: each part against the quick suites that know it best, and what survives those
//! against all of them. Refuses a share that is too small; each that survives is for a person to read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};

use crate::{
    tools,
    workspace::{cargo, run as run_command, target_dir},
};

/// A part of core and the quick suites that know it best. A mutant costs the build of core and of these.
#[derive(Debug)]
struct Part {
    name: &'static str,
    files: &'static str,
    suites: &'static [&'static str],
}

const PARTS: [Part; 7] = [
    Part { name: "time", files: "core/src/time.rs", suites: &["wire", "link", "base"] },
    Part { name: "wire", files: "core/src/wire/**", suites: &["wire", "spec"] },
    Part { name: "link", files: "core/src/link/**", suites: &["link"] },
    Part { name: "base", files: "core/src/base/**", suites: &["base"] },
    Part { name: "module", files: "core/src/module/**", suites: &["update"] },
    Part { name: "image", files: "core/src/host/image/**", suites: &["image"] },
    Part { name: "host", files: "core/src/host/*.rs", suites: &["update"] },
];
/// What is tried on those that survived.
const ALL_SUITES: &[&str] =
    &["wire", "link", "base", "sim", "image", "spec", "update", "loader", "faults"];

/// Each quick suite takes a second or two; what takes longer hangs.
const QUICK: &str = "--timeout=20";
/// The slowest suite takes 20 s with nothing beside it.
const SLOW: &str = "--timeout=120";
/// Of each hundred mutants so many are to be caught, at least.
const SHARE_MIN: f64 = 90.0;
/// Where other work is done beside it.
const SLOW_TO_BUILD: &str = "--build-timeout=600";

/// Tries the mutants of this part, or of all; of them one in so many.
pub(crate) fn run(only: Option<&str>, shard: Option<&str>) -> Result<()> {
    let parts: Vec<_> =
        PARTS.iter().filter(|part| only.is_none_or(|only| only == part.name)).collect();
    ensure!(!parts.is_empty(), "core has no such part");
    // Tests that fail by themselves would notice every mutant.
    let mut right = cargo();
    right.args(["test", "--package", "rackflash-tests"]);
    right.args(ALL_SUITES.iter().map(|suite| format!("--test={suite}")));
    run_command(&mut right)?;
    let (mut viable, mut missed) = (0, Vec::new());
    for part in parts {
        let results = target_dir().join("mutants").join(part.name);
        let sharding = shard.map(|shard| format!("--sharding=round-robin --shard={shard}"));
        let select = sharding.iter().flat_map(|words| words.split(' ')).map(str::to_owned);
        let quick = try_out(part.files, part.suites, QUICK, select, &results.join("quick"))?;
        viable += quick.caught + quick.open.len();
        if !quick.open.is_empty() {
            let select = quick.open.iter().map(|name| format!("--re=^{}$", escaped(name)));
            let all = try_out(part.files, ALL_SUITES, SLOW, select, &results.join("all"))?;
            missed.extend(all.open);
        }
    }
    missed.iter().for_each(|name| println!("{name}"));
    let caught = viable - missed.len();
    let share = percent(caught, viable);
    println!("{caught} of {viable} viable mutants caught, {share:.1} %");
    ensure!(share >= SHARE_MIN, "at least {SHARE_MIN} % are to be caught");
    Ok(())
}

/// What became of some mutants.
struct Outcome {
    caught: usize,
    /// Missed; of quick suites also what ran out of time, for the machine may have been busy.
    open: Vec<String>,
}

/// Tries the mutants of some files that are selected against some suites.
fn try_out(
    files: &str,
    suites: &[&str],
    timeout: &str,
    select: impl Iterator<Item = String>,
    results: &Path,
) -> Result<Outcome> {
    // What an earlier run has left must not be taken for this one's.
    if results.exists() {
        fs::remove_dir_all(results)?;
    }
    fs::create_dir_all(results)?;
    let mut command = cargo();
    command.env("PATH", tools::for_cargo("mutants", "27")?).env_remove("CARGO_TARGET_DIR");
    command.args(["mutants", "--file", files, "--baseline=skip", "--jobs=2"]);
    command.args([timeout, SLOW_TO_BUILD]).args(select);
    command.args(suites.iter().map(|suite| format!("--cargo-arg=--test={suite}")));
    // That some survive is a result, no failure.
    drop(run_command(command.arg("--output").arg(results)));
    let list = |name: &str| -> Result<Vec<String>> {
        let path: PathBuf = results.join("mutants.out").join(name);
        Ok(fs::read_to_string(path)?.lines().map(str::to_owned).collect())
    };
    let (mut caught, mut open) = (list("caught.txt")?.len(), list("missed.txt")?);
    let hung = list("timeout.txt")?;
    // Who hangs for as long as the slowest suite could take is noticed.
    if timeout == SLOW {
        caught += hung.len()
    } else {
        open.extend(hung)
    }
    Ok(Outcome { caught, open })
}

/// What means something else in a regular expression.
const SPECIAL: &str = r"\.+*?()|[]{}^$#&-~";

/// A name as a regular expression that means it and nothing else.
fn escaped(name: &str) -> String {
    let mut expression = String::new();
    for c in name.chars() {
        if SPECIAL.contains(c) {
            expression.push('\\');
        }
        expression.push(c);
    }
    expression
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
