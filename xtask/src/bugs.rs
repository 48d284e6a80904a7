//! Seeded bugs: each file of `tests/bugs` makes a loader, a base or a host wrong in one place, and the tests that it names
//! must notice. They are tried on a copy of the workspace: the code itself has no trace of them.
//!
//! ```text
//! What is wrong, and what it would cost.
//!
//! file: core/src/module/flash.rs
//! caught by: loader worn          a suite, and a word in the names of its tests
//! ---
//! the text that is there, once
//! ---
//! the text that stands there instead
//! ```
//! Refuses a bug whose text is not there, and one that does not compile.

use std::{collections::BTreeSet, fs, path::Path, time::Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    copy::WorkspaceCopy,
    workspace::{root, side_by_side},
};

/// Between the parts of a bug.
const SEPARATOR: &str = "\n---\n";

/// One wrong place.
#[derive(Debug, PartialEq, Eq)]
struct Bug {
    name: String,
    file: String,
    suite: String,
    word: String,
    old: String,
    new: String,
}

/// Tries the bugs whose names contain one of these words, or all.
pub(crate) fn run(words: &[String]) -> Result<()> {
    let mut bugs = read_all(&root().join("tests/bugs"))?;
    bugs.retain(|bug| words.is_empty() || words.iter().any(|word| bug.name.contains(word)));
    ensure!(!bugs.is_empty(), "no bug is named so; see tests/bugs");
    let copies = WorkspaceCopy::for_each_core("bugs")?;
    let shares = bugs.chunks(bugs.len().div_ceil(copies.len()));
    let stale: Vec<_> = bugs.iter().filter_map(|bug| copies[0].wrong(bug).err()).collect();
    ensure!(
        stale.is_empty(),
        "{}",
        stale.iter().map(|e| format!("{e:#}")).collect::<Vec<_>>().join("\n")
    );
    let alive =
        side_by_side(copies.iter().zip(shares), |(copy, share)| copy.try_all(share))?.concat();
    ensure!(alive.is_empty(), "no test noticed {}", alive.join(", "));
    println!("all {} bugs were caught", bugs.len());
    Ok(())
}

fn read_all(folder: &Path) -> Result<Vec<Bug>> {
    let mut bugs = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path)?;
        bugs.push(Bug::parse(name, &text).with_context(|| path.display().to_string())?);
    }
    bugs.sort_by(|a, b| (&a.suite, &a.name).cmp(&(&b.suite, &b.name)));
    Ok(bugs)
}

impl Bug {
    fn parse(name: String, text: &str) -> Result<Self> {
        let parts: Vec<_> = text.split(SEPARATOR).collect();
        let [head, old, new] = parts[..] else { bail!("it has not three parts") };
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let file = field("file: ").context("it names no file")?;
        let caught = field("caught by: ").context("it names no tests")?;
        let (suite, word) = caught.split_once(' ').context("it names a suite, but no test")?;
        ensure!(
            head.starts_with(|letter: char| letter.is_uppercase()),
            "it does not say what it is"
        );
        let [file, suite, word, old] = [file, suite, word, old].map(str::to_owned);
        Ok(Self { name, file, suite, word, old, new: new.trim_end_matches('\n').to_owned() })
    }

    fn apply(&self, text: &str) -> Result<String> {
        let found = text.matches(&self.old).count();
        ensure!(found == 1, "its text is {found} times in {}, not once", self.file);
        Ok(text.replacen(&self.old, &self.new, 1))
    }
}

/// How the tests ended.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// So many.
    Passed(usize),
    /// These did not.
    Failed(Vec<String>),
}

impl WorkspaceCopy {
    /// Tries these one after the other; the names of those that no test noticed.
    fn try_all<'a>(&self, bugs: &'a [Bug]) -> Result<Vec<&'a str>> {
        // Without them all is well, and there is something that can fail.
        let tests: BTreeSet<_> = bugs.iter().map(|bug| (&bug.suite, &bug.word)).collect();
        for (suite, word) in tests {
            match self.test(suite, word)? {
                Verdict::Passed(count) => ensure!(count > 0, "{suite} has no test named {word}"),
                Verdict::Failed(tests) => bail!("without any bug {} fails", tests.join(", ")),
            }
        }
        let mut alive = Vec::new();
        for bug in bugs {
            let start = Instant::now();
            let verdict = self.with(bug)?;
            let seconds = start.elapsed().as_secs_f64();
            match verdict {
                Verdict::Failed(tests) => {
                    println!("caught    {:<28} {seconds:>5.1} s  {}", bug.name, shortened(&tests));
                }
                Verdict::Passed(_) => {
                    println!("SURVIVED  {:<28} {seconds:>5.1} s", bug.name);
                    alive.push(bug.name.as_str());
                }
            }
        }
        Ok(alive)
    }

    /// Runs the tests with this bug, and takes it out again.
    fn with(&self, bug: &Bug) -> Result<Verdict> {
        let (right, wrong) = self.wrong(bug)?;
        let place = self.folder.join(&bug.file);
        fs::write(&place, wrong)?;
        let verdict = self.test(&bug.suite, &bug.word);
        fs::write(&place, right)?;
        verdict.with_context(|| bug.name.clone())
    }

    /// The file as it is, and with this bug.
    fn wrong(&self, bug: &Bug) -> Result<(String, String)> {
        let right = fs::read_to_string(self.folder.join(&bug.file))
            .with_context(|| format!("{}: {}", bug.name, bug.file))?;
        let wrong = bug.apply(&right).with_context(|| bug.name.clone())?;
        Ok((right, wrong))
    }

    fn test(&self, suite: &str, word: &str) -> Result<Verdict> {
        let mut command = self.cargo();
        command
            .args(["test", "--profile", "mutants", "--package", "rackflash-tests"])
            .args(["--test", suite, "--", word])
            .env("RUST_BACKTRACE", "0");
        let output = command.output().context("cargo does not start")?;
        let text = String::from_utf8_lossy(&output.stdout);
        match (verdict(&text), output.status.success()) {
            (Some(verdict), _) => Ok(verdict),
            (None, _) => bail!("it does not compile:\n{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// What a test program has printed.
fn verdict(text: &str) -> Option<Verdict> {
    let result = text.lines().find_map(|line| line.strip_prefix("test result: "))?;
    let failed =
        text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    match result.strip_prefix("ok. ") {
        Some(rest) => Some(Verdict::Passed(rest.split(' ').next()?.parse().ok()?)),
        None => Some(Verdict::Failed(failed.map(str::to_owned).collect())),
    }
}

fn shortened(tests: &[String]) -> String {
    match tests {
        [] => String::new(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Wrong.\n\nfile: a.rs\ncaught by: loader worn\n---\nold\n---\nnew\n";

    #[test]
    fn a_bug_is_read_and_applied_once() {
        let bug = Bug::parse("bug".to_owned(), TEXT).unwrap();
        assert_eq!((bug.suite.as_str(), bug.word.as_str()), ("loader", "worn"));
        assert_eq!(bug.apply("an old one").unwrap(), "an new one");
        assert!(bug.apply("none").is_err());
        assert!(bug.apply("old and old").is_err());
        assert!(Bug::parse("bug".to_owned(), "Wrong.").is_err());
    }

    #[test]
    fn a_test_that_failed_is_told_from_one_that_was_never_run() {
        let failed =
            "test a::b ... ok\ntest a::c ... FAILED\n\ntest result: FAILED. 1 passed; 1 failed";
        assert_eq!(verdict(failed), Some(Verdict::Failed(vec!["a::c".to_owned()])));
        assert_eq!(verdict("test result: ok. 7 passed; 0 failed"), Some(Verdict::Passed(7)));
        assert_eq!(verdict("error: expected item"), None);
    }
}
