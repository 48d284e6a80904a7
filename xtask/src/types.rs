//! The types of the page's JavaScript stand in its comments; TypeScript checks them. Refuses to make anything of them.

use std::process::Command;

use anyhow::Result;

use crate::{
    tools,
    workspace::{files, root, run},
};

/// Each version is stricter than the one before.
const VERSION: &str = "5.9.3";
#[rustfmt::skip]
const HOW: [&str; 12] = [
    "--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "esnext", "--module", "esnext",
    "--moduleResolution", "bundler", "--lib", "esnext,dom,dom.iterable",
];

/// Checks them all.
pub(crate) fn check() -> Result<()> {
    let compiler = tools::for_npm("typescript", VERSION)?.join("typescript/bin/tsc");
    let is_typed = |name: &str| [".js", ".d.ts"].iter().any(|ending| name.ends_with(ending));
    let mut files = files(&root().join("www"))?;
    files.retain(|file| is_typed(&file.to_string_lossy()));
    let mut command = Command::new("node");
    command.arg(compiler).args(HOW);
    run(command.args(files))
}
