//! Every check, in the order that fails soonest. Refuses to skip one silently, and to go on after one that failed.

use core::{ops::Range, time::Duration};
use std::{process::Command, time::Instant};

use anyhow::{Context, Result, ensure};

use crate::{
    bugs, chips,
    fuzz::{self, Corpus},
    site,
    supply::{self, Advisories},
    toolchain::{BASE, MODULE, Target, Toolchain},
    tools, types,
    workspace::{answer, cargo, root, run as run_command, site_dir, target_dir},
};

/// So many swarms belong to the checks: half a minute. `cargo xtask soak` does more.
const SEEDS: u64 = 10_000;

/// Runs all checks; `names` selects among the cargo tests only.
pub(crate) fn run(names: &[String]) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("format", || {
        tools::for_lints()?;
        run_command(cargo().args(["fmt", "--all", "--check"]))
            .context("`cargo fmt --all` mends this")
    })?;
    steps.run("clippy", || {
        run_command(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    steps.run("clippy, core as the chips see it", || {
        run_command(cargo().args([
            "clippy",
            "-p",
            "rackflash-core",
            "--no-default-features",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    steps.run("core for the modules (Cortex-M0+)", || core_for(MODULE))?;
    steps.run("core for the base card (Cortex-M7)", || core_for(BASE))?;
    steps.run("the loader's size", || chips::weigh(chips::Symbols::Left))?;
    steps.run("programs the tests drive", tools::for_tests)?;
    if cfg!(target_os = "linux") {
        steps.run("types of the page's JavaScript", types::check)?;
    }
    steps.run("page", || site::build(None).map(drop))?;
    steps.run("tests", || cargo_test(names))?;
    steps.run("swarms of faults", || soak(&[0, SEEDS]))?;
    steps.run("power cuts at every flash operation", cuts)?;
    steps.run("seeded bugs", || bugs::run(&[]))?;
    let mut advisories = Advisories::LeftOut;
    steps.run("licences and sources", || {
        advisories = supply::deny()?;
        Ok(())
    })?;
    if advisories == Advisories::LeftOut {
        steps
            .left_out
            .push("known weaknesses of what is used: their database cannot be had from here");
    }
    steps.run("documentation", || {
        run_command(
            cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
        )
    })?;
    if fuzz::is_nightly_there() {
        steps.run("fuzzing", || fuzz::run(None, fuzz::SECONDS, Corpus::Stays))?;
    } else {
        steps.left_out.push("fuzzing, which needs a nightly compiler; its corpus was replayed");
    }
    steps.print_summary(names);
    Ok(())
}

/// The speed table; `target/bench.json` is for programs.
pub(crate) fn bench() -> Result<()> {
    run_command(program("bench", "release").arg(target_dir().join("bench.json")))
}

/// Builds and runs a program of the tests, which no suite needs.
fn program(name: &str, profile: &str) -> Command {
    let mut program = cargo();
    program.args(["run", "--profile", profile, "--package", "rackflash-tests"]);
    program.args(["--features", "programs", "--bin", name, "--"]);
    program
}

/// The chips have no allocator: without default features, core must build without one.
fn core_for(target: Target) -> Result<()> {
    let toolchain = Toolchain::find(target)?;
    run_command(toolchain.cargo("build").args([
        "--package",
        "rackflash-core",
        "--no-default-features",
        "--release",
    ]))
}

/// All cargo tests, or of the suites named (the folders of tests/tests) those whose names contain one of the other `names`.
fn cargo_test(names: &[String]) -> Result<()> {
    let suite = |name: &&String| root().join("tests/tests").join(name).is_dir();
    let (suites, words): (Vec<_>, Vec<_>) = names.iter().partition(suite);
    let test = || {
        let mut test = cargo();
        test.arg("test");
        if suites.is_empty() {
            test.arg("--workspace");
        } else {
            test.args(["--package", "rackflash-tests"]);
            suites.iter().for_each(|suite| {
                test.args(["--test", suite.as_str()]);
            });
        }
        // For the tests of the page: they load what the step before has built.
        test.arg("--").args(&words).env("RACKFLASH_SITE", site_dir());
        test
    };
    if !words.is_empty() {
        let list = answer(test().arg("--list")).unwrap_or_default();
        ensure!(
            list.lines().any(|line| line.ends_with(": test")),
            "no test is named so; `cargo test --workspace -- --list` names them all"
        );
    }
    run_command(&mut test())
}

/// A range of seeds, as `A..B`.
pub(crate) fn seeds(text: &str) -> Result<Range<u64>> {
    let (start, end) = text.split_once("..").context("write A..B, as in 0..10000")?;
    let seeds = start.parse()?..end.parse()?;
    ensure!(!seeds.is_empty(), "no number is in it");
    Ok(seeds)
}

/// Swarms of faults: of two numbers those from the first up to the second, of one its transcript.
pub(crate) fn soak(numbers: &[u64]) -> Result<()> {
    // A profile of its own: as fast as a release, but a panic is one seed's failure.
    let mut soak = program("soak", "soak");
    run_command(soak.args(numbers.iter().map(u64::to_string)).env("CARGO_TERM_QUIET", "true"))
}

/// Full updates of all chips, cut at every flash operation: a line of counts for each chip.
pub(crate) fn cuts() -> Result<()> {
    run_command(program("cuts", "soak").env("CARGO_TERM_QUIET", "true"))
}

/// The page in every state, look and size, in several languages: target/screenshots.
pub(crate) fn screenshots() -> Result<()> {
    ensure!(cfg!(target_os = "linux"), "the page in Chromium needs what only Linux has");
    tools::for_tests()?;
    site::build(None)?;
    run_command(program("screenshots", "dev").env("RACKFLASH_SITE", site_dir()))
}

/// The checks so far.
#[derive(Debug, Default)]
struct Steps {
    /// What passed, with its time.
    passed: Vec<(&'static str, Duration)>,
    /// What this machine cannot run, and why.
    left_out: Vec<&'static str>,
}

impl Steps {
    fn run(&mut self, name: &'static str, check: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n=== {name}");
        let start = Instant::now();
        let result = check();
        let time = start.elapsed();
        self.passed.push((name, time));
        match result {
            Ok(()) => {
                println!("=== {name}: passed in {:.1} s", time.as_secs_f64());
                Ok(())
            }
            Err(error) => {
                println!("=== {name}: FAILED after {:.1} s", time.as_secs_f64());
                Err(error.context(format!("{name} failed")))
            }
        }
    }

    fn print_summary(&self, names: &[String]) {
        match names {
            [] => println!("\n=== every check passed"),
            names => println!(
                "\n=== every check passed; of the tests, only those named {} ran",
                names.join(" or ")
            ),
        }
        for what in &self.left_out {
            println!("LEFT OUT: {what}");
        }
        for (name, time) in &self.passed {
            println!("{:>8.1} s  {name}", time.as_secs_f64());
        }
        let total: Duration = self.passed.iter().map(|(_, time)| *time).sum();
        println!("{:>8.1} s  in all", total.as_secs_f64());
    }
}
