//! The programs the checks drive and cargo does not bring: installs them, or says in one line what to install.
//! Refuses to go on without one: on Linux no test is skipped.

use std::{env, ffi::OsString, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    apt,
    workspace::{self, answer},
};

/// A program the tests drive.
#[derive(Debug)]
struct Tool {
    /// A command that works exactly where the program does.
    probe: &'static [&'static str],
    /// What Debian calls it.
    packages: &'static [&'static str],
}

/// For the tests on Linux.
const TOOLS: [Tool; 8] = [
    Tool { probe: &["chromium", "--version"], packages: &["chromium"] },
    Tool { probe: &["chromedriver", "--version"], packages: &["chromium-driver"] },
    // Compiles the stand-in for a USB-serial device.
    Tool { probe: &["cc", "--version"], packages: &["gcc", "libc6-dev"] },
    // Read our HEX files, and we theirs.
    Tool { probe: &["srec_cat", "--version"], packages: &["srecord"] },
    Tool { probe: &["objcopy", "--version"], packages: &["binutils"] },
    // Signs releases and checks ours.
    Tool { probe: &["minisign", "-v"], packages: &["minisign"] },
    // The page speaks Japanese.
    Tool {
        probe: &["sh", "-c", "fc-list :lang=ja | grep -q ."],
        packages: &["fontconfig", "fonts-ipafont-gothic"],
    },
    // Fetches a real firmware file.
    Tool { probe: &["python3", "-m", "pip", "--version"], packages: &["python3-pip"] },
];

/// Rules of accessibility, as a script that a test runs in the page. No part of the page, nor of the repository.
const AXE: (&str, &str) = ("axe-core", "4.14.1");

/// Sees to the programs that the tests drive.
pub(crate) fn for_tests() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!(
            "left out: the page in Chromium, the types of its JavaScript, and comparisons with srec_cat, objcopy and minisign; they need what only Linux has"
        );
        return Ok(());
    }
    let packages = missing(works);
    if !packages.is_empty() && apt::usable() {
        apt::install(&packages)?;
    }
    let packages = missing(works);
    if !packages.is_empty() {
        bail!("the tests need more programs; install what Debian calls {}", packages.join(" "));
    }
    let (package, version) = AXE;
    for_npm(package, version)?;
    println!("all there");
    Ok(())
}

/// Sees to cargo's own parts, which a minimal toolchain lacks.
pub(crate) fn for_lints() -> Result<()> {
    let lacking = |part: &&str| answer(workspace::cargo().args([part, "--version"])).is_none();
    let parts: Vec<_> = ["clippy", "fmt"].into_iter().filter(lacking).collect();
    if parts.is_empty() {
        return Ok(());
    }
    let forbidden = env::var_os("RUSTUP_AUTO_INSTALL").is_some_and(|value| value == "0");
    if forbidden
        || workspace::run(Command::new("rustup").args(["component", "add", "clippy", "rustfmt"]))
            .is_err()
    {
        bail!(
            "cargo lacks {}; add them with `rustup component add clippy rustfmt`",
            parts.join(" and ")
        );
    }
    Ok(())
}

/// Sees to a subcommand that cargo does not bring; returns the search path on which cargo finds it. What is missing is
/// built into the target folder: nothing outside the checkout changes.
pub(crate) fn for_cargo(subcommand: &str, version: &str) -> Result<OsString> {
    let folder = workspace::target_dir().join("tools");
    let outside = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(env::split_paths(&outside).chain([folder.join("bin")]))?;
    let works = || {
        let mut cargo = workspace::cargo();
        answer(cargo.args([subcommand, "--version"]).env("PATH", &path)).is_some()
    };
    if !works() {
        let (package, version) = (format!("cargo-{subcommand}"), format!("^{version}"));
        workspace::run(
            workspace::cargo()
                // Optimised it would take twice as long to build, and be as fast: it waits for compilers and tests.
                .args(["install", &package, "--version", &version, "--locked", "--debug", "--root"])
                .arg(&folder),
        )
        .with_context(|| format!("cargo lacks {subcommand}, and it cannot be installed"))?;
    }
    Ok(path)
}

/// Sees to a package of npm; returns the folder in which it lies beside what it needs. As with cargo's, nothing outside the
/// checkout changes, and nothing of it is part of the page.
pub(crate) fn for_npm(package: &str, version: &str) -> Result<PathBuf> {
    let folder = workspace::target_dir().join("tools/npm");
    let modules = folder.join("node_modules");
    let about = fs::read_to_string(modules.join(package).join("package.json"));
    let is_it = |about: String| about.contains(&format!("\"version\": \"{version}"));
    if !about.is_ok_and(is_it) {
        let npm = Tool { probe: &["npm", "--version"], packages: &["nodejs", "npm"] };
        if !works(&npm) && apt::usable() {
            apt::install(npm.packages)?;
        }
        let mut install = Command::new("npm");
        install.args(["install", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix"]);
        workspace::run(install.arg(&folder).arg(format!("{package}@{version}")))
            .with_context(|| format!("npm cannot install {package}; install Node.js and npm"))?;
    }
    Ok(modules)
}

/// Debian's packages for the tools that do not work.
fn missing(works: impl Fn(&Tool) -> bool) -> Vec<&'static str> {
    TOOLS.iter().filter(|tool| !works(tool)).flat_map(|tool| tool.packages).copied().collect()
}

fn works(tool: &Tool) -> bool {
    let [program, args @ ..] = tool.probe else { return false };
    answer(Command::new(program).args(args)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_all_packages_of_what_is_missing_and_for_nothing_else() {
        assert_eq!(missing(|tool| tool.probe[0] != "cc"), ["gcc", "libc6-dev"]);
        assert!(missing(|_| true).is_empty());
    }
}
