//! Mutation testing of core with cargo-mutants: each part against the quick suites that know it best, and what survives those
//! against all of them. Refuses a share that is too small; each that survives is for a person to read.

use core::str::FromStr;
use std::{ffi::OsStr, fs, path::Path};

use anyhow::{Context, Error, Result, anyhow, ensure};

use crate::{
    copy::WorkspaceCopy,
    tools,
    workspace::{ignore_missing, run as run_command, side_by_side, target_dir},
};

/// A part of core and the quick suites that know it best. A mutant costs the build of core and of these.
#[derive(Debug)]
struct Part {
    name: &'static str,
    files: &'static [&'static str],
    suites: &'static [&'static str],
}

/// A file belongs to the first part that names it.
const PARTS: [Part; 9] = [
    Part { name: "time", files: &["core/src/time.rs"], suites: &["wire", "link", "base"] },
    Part { name: "wire", files: &["core/src/wire/**"], suites: &["wire", "spec"] },
    Part { name: "link", files: &["core/src/link/**"], suites: &["link"] },
    Part { name: "base", files: &["core/src/base/**"], suites: &["base"] },
    Part { name: "module", files: &["core/src/module/**"], suites: &["loader"] },
    Part { name: "image", files: &["core/src/host/image/**"], suites: &["image"] },
    Part {
        name: "errands",
        files: &[
            "core/src/host/facts.rs",
            "core/src/host/loan.rs",
            "core/src/host/service.rs",
            "core/src/host/settings/**",
        ],
        suites: &["service"],
    },
    Part {
        name: "transcript",
        files: &["core/src/host/transcript/**"],
        suites: &["service", "update"],
    },
    Part { name: "host", files: &["core/src/host/**"], suites: &["update", "service"] },
];
/// What is tried on those that survived.
const ALL_SUITES: &[&str] =
    &["wire", "link", "base", "sim", "image", "spec", "service", "update", "loader", "faults"];

/// A backstop behind the limit of each test in `.cargo/nextest.toml`: all suites take two minutes.
const TIMEOUT: &str = "--timeout=600";
/// Where other work is done beside it.
const SLOW_TO_BUILD: &str = "--build-timeout=600";
/// Of each hundred mutants so many are to be caught, at least.
const SHARE_MIN: f64 = 90.0;

/// Of the mutants each N-th, beginning with the K-th, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shard {
    k: usize,
    n: usize,
}

impl Shard {
    const WHOLE: Self = Self { k: 0, n: 1 };

    /// The part of it that one of several workers does.
    const fn of_worker(self, worker: usize, workers: usize) -> Self {
        Self { k: self.k + self.n * worker, n: self.n * workers }
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split_once('/').map(|(k, n)| (k.parse().ok(), n.parse().ok()));
        match numbers {
            Some((Some(k), Some(n))) if k < n => Ok(Self { k, n }),
            _ => Err(anyhow!("a shard is K/N, with K from 0 and below N, as in 0/8")),
        }
    }
}

/// Tries the mutants of this part, or of all; of them one in so many.
pub(crate) fn run(only: Option<&str>, shard: Option<Shard>) -> Result<()> {
    ensure!(
        only.is_none_or(|only| PARTS.iter().any(|part| part.name == only)),
        "core has no such part; it has {}",
        PARTS.map(|part| part.name).join(", ")
    );
    tools::for_cargo("nextest", "0.9")?;
    let path = tools::for_cargo("mutants", "27")?;
    // What an earlier run has left must not be taken for this one's.
    let results = target_dir().join("mutants/results");
    ignore_missing(fs::remove_dir_all(&results))?;
    let shard = shard.unwrap_or(Shard::WHOLE);
    let copies = WorkspaceCopy::for_each_core("mutants")?;
    // Tests that fail by themselves would notice every mutant.
    let mut right = copies[0].cargo();
    right.args(["test", "--profile=mutants", "--package=rackflash-tests"]);
    run_command(right.args(ALL_SUITES.iter().map(|suite| format!("--test={suite}"))))?;
    let outcomes = side_by_side(copies.iter().enumerate(), |(worker, copy)| {
        let shard = shard.of_worker(worker, copies.len());
        let results = results.join(worker.to_string());
        Worker { copy, path: &path, results: &results, shard }.tries(only)
    })?;
    let caught: usize = outcomes.iter().map(|outcome| outcome.caught).sum();
    let missed: Vec<_> = outcomes.into_iter().flat_map(|outcome| outcome.open).collect();
    let viable = caught + missed.len();
    missed.iter().for_each(|name| println!("{name}"));
    let share = percent(caught, viable);
    println!("{caught} of {viable} viable mutants caught, {share:.1} %");
    ensure!(share >= SHARE_MIN, "at least {SHARE_MIN} % are to be caught");
    Ok(())
}

/// What became of some mutants.
#[derive(Debug, Default)]
struct Outcome {
    caught: usize,
    /// Missed, and what ran out of time, for the machine may have been busy.
    open: Vec<String>,
}

/// One of several that share the mutants.
struct Worker<'a> {
    copy: &'a WorkspaceCopy,
    path: &'a OsStr,
    results: &'a Path,
    shard: Shard,
}

impl Worker<'_> {
    fn tries(&self, only: Option<&str>) -> Result<Outcome> {
        let mut total = Outcome::default();
        for (index, part) in PARTS.iter().enumerate() {
            if only.is_some_and(|only| only != part.name) {
                continue;
            }
            let Shard { k, n } = self.shard;
            let mut select = vec!["--sharding=round-robin".to_owned(), format!("--shard={k}/{n}")];
            let earlier = PARTS[..index].iter().flat_map(|part| part.files);
            select.extend(earlier.map(|file| format!("--exclude={file}")));
            let quick = self.try_out(part, part.suites, &select, "quick")?;
            total.caught += quick.caught;
            if !quick.open.is_empty() {
                let survived = quick.open;
                let select: Vec<_> =
                    survived.iter().map(|name| format!("--re=^{}$", escaped(name))).collect();
                let mut all = self.try_out(part, ALL_SUITES, &select, "all")?;
                // Of fields that are left out cargo-mutants tries all, whatever is selected.
                all.open.retain(|name| survived.contains(name));
                total.caught += survived.len() - all.open.len();
                total.open.extend(all.open);
            }
        }
        Ok(total)
    }

    /// Tries the mutants of a part that are selected against some suites.
    fn try_out(
        &self,
        part: &Part,
        suites: &[&str],
        select: &[String],
        name: &str,
    ) -> Result<Outcome> {
        let results = self.results.join(part.name).join(name);
        fs::create_dir_all(&results)?;
        let mut command = self.copy.cargo();
        command.env("PATH", self.path).args(["mutants", "--in-place", "--baseline=skip"]);
        command.args([TIMEOUT, SLOW_TO_BUILD]).args(select);
        command.args(part.files.iter().map(|file| format!("--file={file}")));
        command.args(suites.iter().map(|suite| format!("--cargo-arg=--test={suite}")));
        // That some survive is a result, no failure.
        drop(run_command(command.arg("--output").arg(&results)));
        let list = |name: &str| -> Result<Vec<String>> {
            let file = results.join("mutants.out").join(name);
            let lines = fs::read_to_string(&file);
            let lines = lines.context("cargo-mutants did not come to its end; it said why")?;
            Ok(lines.lines().map(str::to_owned).collect())
        };
        let open = [list("missed.txt")?, list("timeout.txt")?].concat();
        Ok(Outcome { caught: list("caught.txt")?.len(), open })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_do_a_shard_between_them() {
        let whole: Shard = "1/3".parse().unwrap();
        let mut done: Vec<_> = (0..4)
            .map(|worker| whole.of_worker(worker, 4))
            .flat_map(|Shard { k, n }| (k..24).step_by(n))
            .collect();
        done.sort_unstable();
        assert_eq!(done, (1..24).step_by(3).collect::<Vec<_>>());
        assert!(["", "3/3", "0/0", "a/2"].iter().all(|text| text.parse::<Shard>().is_err()));
    }
}
