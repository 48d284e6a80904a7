//! What others have made and is in here: its licences, sources and known weaknesses, and a list of it. Refuses what .cargo/deny.toml
//! does not allow.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

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

/// What is shipped, and for what: the page, the command, and loader and base, of which each builds its own.
const SHIPPED: [(&str, &str); 3] =
    [("rackflash-web", "wasm32-unknown-unknown"), ("rackflash", "all"), ("rackflash-core", "all")];

/// Lists all of it, in CycloneDX.
pub(crate) fn bill() -> Result<()> {
    let path = tools::for_cargo("sbom", "0.10")?;
    let folder = target_dir().join("sbom");
    fs::create_dir_all(&folder).context("cannot make a folder for it")?;
    for (package, target) in SHIPPED {
        let mut bill = cargo();
        bill.args(["sbom", "--cargo-package", package]);
        bill.args(["--output-format", "cyclone_dx_json_1_6"]).env("PATH", &path);
        let bill =
            answer(&mut bill).with_context(|| format!("cargo sbom says nothing of {package}"))?;
        let (bill, count) = tidy(&bill, &inside(package, target)?)?;
        let file = folder.join(format!("{package}.cdx.json"));
        fs::write(&file, bill).with_context(|| format!("cannot write {}", file.display()))?;
        println!("{count:>4} in {}", file.display());
    }
    Ok(())
}

/// What is built for this target, the package itself among it, as the bill calls it.
fn inside(package: &str, target: &str) -> Result<BTreeSet<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", package, "--target", target]);
    tree.args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let tree =
        answer(&mut tree).with_context(|| format!("cargo tree says nothing of {package}"))?;
    let reference = |line: &str| {
        let (name, version) = line.split_once(" v")?;
        let version = version.split(' ').next()?;
        Some(format!("CycloneDxRef-Component-{name}-{version}"))
    };
    Ok(tree.lines().filter_map(reference).collect())
}

/// Cargo sbom lists what other targets and features need as well, in any order, and says when and by whom it was asked. What is
/// left of that is the same for the same sources; and of how many parts it tells.
fn tidy(bill: &str, inside: &BTreeSet<String>) -> Result<(String, usize)> {
    let mut bill: Value = serde_json::from_str(bill).context("cargo sbom's list")?;
    let is_inside = |reference: &Value| reference.as_str().is_some_and(|it| inside.contains(it));
    let mut count = 0;
    for (list, name) in [("components", "bom-ref"), ("dependencies", "ref")] {
        let list = bill[list].as_array_mut().context("cargo sbom's list has another form")?;
        list.retain(|part| is_inside(&part[name]));
        list.sort_by_key(|part| part[name].to_string());
        count = list.len();
        for needs in list.iter_mut().filter_map(|part| part["dependsOn"].as_array_mut()) {
            needs.retain(&is_inside);
            needs.sort_by_key(Value::to_string);
        }
    }
    let about = bill["metadata"].as_object_mut().context("cargo sbom's list has another form")?;
    about.retain(|name, _| !["timestamp", "authors"].contains(&name.as_str()));
    bill.as_object_mut().map(|bill| bill.remove("serialNumber"));
    ensure!(count > 1, "cargo sbom's list has nothing of what is built");
    Ok((serde_json::to_string_pretty(&bill)?, count))
}
