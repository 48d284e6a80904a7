//! Builds the page twice from the last commit, in two folders of their own, and compares every byte. Refuses a page that says
//! where or when it was built.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::workspace::{self, ignore_missing, root, run, target_dir};

/// Two folders whose paths differ in length, too.
const FOLDERS: [&str; 2] = ["reproduce/a", "reproduce/another/folder/b"];

pub(crate) fn reproduce() -> Result<()> {
    let [first, second] = FOLDERS.map(|name| target_dir().join(name));
    // Of the first, so that a commit made meanwhile changes nothing.
    clone(&root(), &first)?;
    clone(&first, &second)?;
    let (first, second) = (build_in(&first)?, build_in(&second)?);
    let names: Vec<_> = first.keys().chain(second.keys()).collect();
    let differ: Vec<_> =
        names.into_iter().filter(|name| first.get(*name) != second.get(*name)).collect();
    ensure!(
        differ.is_empty(),
        "the page is another in another folder; look at what differs between {} and {}: {differ:?}",
        FOLDERS[0],
        FOLDERS[1]
    );
    println!("built twice, in two folders: the same {} files, byte by byte", first.len());
    Ok(())
}

fn clone(from: &Path, to: &Path) -> Result<()> {
    ignore_missing(fs::remove_dir_all(to))
        .with_context(|| format!("cannot remove {}", to.display()))?;
    run(Command::new("git").args(["clone", "--quiet", "--no-hardlinks"]).args([from, to]))
}

/// The page's files as the clone in this folder builds them.
fn build_in(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut build = workspace::cargo();
    build.args(["xtask", "build"]).current_dir(folder).env_remove("CARGO_TARGET_DIR");
    run(&mut build)?;
    let site = folder.join("target/site");
    let read = |file: PathBuf| Ok((file.strip_prefix(&site)?.to_owned(), fs::read(&file)?));
    workspace::files(&site)?.into_iter().map(read).collect()
}
