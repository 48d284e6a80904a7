//! What others have made and is in here: its licences, sources and known weaknesses, and a list of it. Refuses what .cargo/deny.toml
//! does not allow.

use std::fs;

use anyhow::{Context, Result};

use crate::{
    tools,
    workspace::{answer, cargo, run, target_dir},
};

/// Checks licences and sources, and, where its database can be had, for known weaknesses; says whether that was done.
pub(crate) fn deny() -> Result<Advisories> {
    let path = tools::for_cargo("deny", "0.20")?;
    let deny = |args: &[&str]| {
        let mut deny = cargo();
        deny.arg("deny").args(args).env("PATH", &path);
        deny
    };
    run(&mut deny(&["check", "bans", "licenses", "sources"]))?;
    if answer(&mut deny(&["fetch", "db"])).is_none() {
        println!("left out: known weaknesses; the database of RustSec cannot be had from here");
        return Ok(Advisories::LeftOut);
    }
    run(&mut deny(&["check", "advisories"]))?;
    Ok(Advisories::Checked)
}

/// Whether known weaknesses were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advisories {
    Checked,
    LeftOut,
}

/// Lists all of it, in CycloneDX, for what is shipped: page, command, loader and base.
pub(crate) fn bill() -> Result<()> {
    let path = tools::for_cargo("sbom", "0.10")?;
    let folder = target_dir().join("sbom");
    fs::create_dir_all(&folder).context("cannot make a folder for it")?;
    for package in ["rackflash-web", "rackflash", "rackflash-core"] {
        let mut bill = cargo();
        bill.args(["sbom", "--cargo-package", package]);
        bill.args(["--output-format", "cyclone_dx_json_1_6"]).env("PATH", &path);
        let bill =
            answer(&mut bill).with_context(|| format!("cargo sbom says nothing of {package}"))?;
        let file = folder.join(format!("{package}.cdx.json"));
        fs::write(&file, bill).with_context(|| format!("cannot write {}", file.display()))?;
        println!("{}", file.display());
    }
    Ok(())
}
