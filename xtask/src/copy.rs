//! Copies of the workspace on which code may be made wrong, so that the checkout never is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result};

use crate::workspace::{cargo, root, target_dir};

/// What the suites need to be built.
const COPIED: [&str; 9] =
    [".cargo", "Cargo.lock", "core", "firmware", "sim", "release", "tests", "docs", "fuzz"];
/// Members of the workspace that they do not.
const LEFT_OUT: [&str; 3] = ["\"web\"", "\"cli\"", "\"xtask\""];

/// Each has up to two gigabytes with what is built of it, and its tests use every core by themselves.
const COPIES_MAX: usize = 4;

/// A copy of the workspace, which keeps what was built of it.
#[derive(Debug)]
pub(crate) struct WorkspaceCopy {
    pub(crate) folder: PathBuf,
    target: PathBuf,
}

impl WorkspaceCopy {
    /// Copies of this name, numbered: one for each core, within reason.
    pub(crate) fn for_each_core(name: &str) -> Result<Vec<Self>> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        (0..cores.min(COPIES_MAX)).map(|copy| Self::new(&format!("{name}/{copy}"))).collect()
    }

    /// The copy of this name, brought up to date.
    fn new(name: &str) -> Result<Self> {
        let place = target_dir().join(name);
        let copy = Self { folder: place.join("workspace"), target: place.join("target") };
        for name in COPIED {
            sync(&root().join(name), &copy.folder.join(name))?;
        }
        let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
        let is_left_out = |line: &&str| LEFT_OUT.iter().any(|member| line.contains(member));
        let manifest: Vec<_> = manifest.lines().filter(|line| !is_left_out(line)).collect();
        write_if_changed(&copy.folder.join("Cargo.toml"), manifest.join("\n").as_bytes())?;
        Ok(copy)
    }

    /// The cargo that runs xtask, on the copy.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

/// Makes `to` the same as `from`. What is the same already keeps its time, so that cargo need not build it again.
fn sync(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return write_if_changed(to, &fs::read(from)?);
    }
    fs::create_dir_all(to)?;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if name != "target" && name != "artifacts" {
            sync(&from.join(&name), &to.join(&name))?;
            names.insert(name);
        }
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            _ if names.contains(&entry.file_name()) => {}
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

fn write_if_changed(to: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(to).is_ok_and(|found| found == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).with_context(|| to.display().to_string())
}
