//! Mutation testing of core with cargo-mutants: each part against the suites that are meant for it; of whole parts what is
//! left then against all of them. Refuses to judge: what survives is for a person to read.

use std::fs;

use anyhow::{Result, ensure};

use crate::{
    tools,
    workspace::{cargo, run as run_command, target_dir},
};

/// A part of core and the suites that know it best. A mutant costs the build of core and of these.
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
    Part { name: "module", files: "core/src/module/**", suites: &["loader"] },
    Part { name: "image", files: "core/src/host/image/**", suites: &["image"] },
    Part { name: "host", files: "core/src/host/*.rs", suites: &["update", "faults"] },
];
/// What is tried on those that survived.
const ALL_SUITES: &[&str] =
    &["wire", "link", "base", "loader", "sim", "image", "update", "faults", "spec"];

/// The slowest suite takes 20 s; what takes longer hangs.
const SLOW: &str = "--timeout=120";
/// Where other work is done beside it.
const SLOW_TO_BUILD: &str = "--build-timeout=600";

/// Tries the mutants of this part, or of all; of them one in so many.
pub(crate) fn run(only: Option<&str>, shard: Option<&str>) -> Result<()> {
    let parts: Vec<_> =
        PARTS.iter().filter(|part| only.is_none_or(|only| only == part.name)).collect();
    ensure!(!parts.is_empty(), "core has no such part");
    let path = tools::for_cargo("mutants", "27")?;
    // Tests that fail by themselves would notice every mutant.
    let mut right = cargo();
    right.args(["test", "--package", "rackflash-tests"]);
    for suite in ALL_SUITES {
        right.args(["--test", suite]);
    }
    run_command(&mut right)?;
    let results = target_dir().join("mutants");
    fs::create_dir_all(&results)?;
    for part in parts {
        // A shard is taken of what is left, so a second round would have others.
        let count = if shard.is_some() { 1 } else { 2 };
        let rounds = [(part.suites, None), (ALL_SUITES, Some("--iterate"))];
        for (suites, iterate) in rounds.into_iter().take(count) {
            let mut command = cargo();
            command.env("PATH", &path).env_remove("CARGO_TARGET_DIR");
            command.args(["mutants", "--file", part.files]).args(iterate);
            command.args(["--baseline=skip", SLOW, SLOW_TO_BUILD, "--jobs=2"]);
            suites.iter().for_each(|suite| {
                command.arg(format!("--cargo-arg=--test={suite}"));
            });
            command.arg("--output").arg(results.join(part.name));
            if let Some(shard) = shard {
                command.args(["--sharding", "round-robin", "--shard", shard]);
            }
            // That some survive is a result, no failure.
            drop(run_command(&mut command));
        }
    }
    println!("target/mutants/*/mutants.out/missed.txt lists what no test noticed");
    Ok(())
}
