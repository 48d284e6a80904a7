//! Lighthouse, on the built page as `cargo xtask serve` serves it. Refuses a page below the marks.

use std::{fs, path::PathBuf, process::Command, thread};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    serve, site, tools,
    workspace::{run, target_dir},
};

/// Of 100, in each category.
const MARK_MIN: f64 = 98.0;
const CATEGORIES: [&str; 3] = ["performance", "accessibility", "best-practices"];
/// Of so many runs the middle one counts: a machine has other work, too.
const RUNS: usize = 3;
const PORT: u16 = 8090;

pub(crate) fn lighthouse() -> Result<()> {
    tools::for_tests()?;
    let program = tools::for_npm("lighthouse", "13")?.join("lighthouse/cli/index.js");
    let site = site::build(None)?;
    let listeners = serve::listen(PORT)?;
    thread::spawn(move || serve::serve(listeners, &site));
    let marks = (0..RUNS).map(|number| measure(&program, number)).collect::<Result<Vec<_>>>()?;
    let mut low = Vec::new();
    for (category, name) in CATEGORIES.iter().enumerate() {
        let mut runs: Vec<_> = marks.iter().map(|marks| marks[category]).collect();
        runs.sort_by(f64::total_cmp);
        let middle = runs[RUNS / 2];
        println!("{middle:>5} {name} (of {runs:?})");
        if middle < MARK_MIN {
            low.push(*name);
        }
    }
    println!("what it says: {}", target_dir().join("lighthouse").display());
    ensure!(low.is_empty(), "below {MARK_MIN}: {}", low.join(", "));
    Ok(())
}

/// One run; returns the marks, of 100, and leaves the report in the target folder.
fn measure(program: &PathBuf, number: usize) -> Result<[f64; 3]> {
    let folder = target_dir().join("lighthouse");
    fs::create_dir_all(&folder).context("cannot make a folder for the reports")?;
    let report = folder.join(format!("run-{number}.json"));
    let mut command = Command::new("node");
    command.arg(program).arg(format!("http://localhost:{PORT}/"));
    command.args(["--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox"]);
    command.arg(format!("--only-categories={}", CATEGORIES.join(",")));
    command.arg(format!("--output-path={}", report.display()));
    run(command.env("CHROME_PATH", "/usr/bin/chromium"))?;
    let report: Value = serde_json::from_slice(&fs::read(&report)?).context("its report")?;
    let mark = |name| {
        let score = report["categories"][name]["score"].as_f64();
        score.map(|score| (score * 100.0).round()).with_context(|| format!("no mark for {name}"))
    };
    let [a, b, c] = CATEGORIES.map(mark);
    Ok([a?, b?, c?])
}
