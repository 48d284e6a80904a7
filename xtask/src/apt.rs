//! Debian's package installer. Refuses to ask for a password: without root it is not used at all.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use crate::workspace::answer;

const APT_GET: &str = "/usr/bin/apt-get";

/// Whether this computer has apt, and this user may use it.
pub(crate) fn usable() -> bool {
    Path::new(APT_GET).exists() && answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Fetches the lists of packages anew. Old lists know old versions only.
pub(crate) fn refresh() -> bool {
    apt_get(&["update"], Stdio::inherit())
}

/// Installs packages. Refreshes the package lists only when a first attempt fails, as that takes longest.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    println!("installing Debian's {}", packages.join(", "));
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages);
    // What the first attempt says, that a package is unknown or gone, is settled by the refresh.
    if apt_get(&install, Stdio::null()) {
        return Ok(());
    }
    if refresh() && apt_get(&install, Stdio::inherit()) {
        return Ok(());
    }
    bail!(
        "apt-get could not install {0}; run `apt-get install {0}` as root and mend what it says",
        packages.join(" ")
    )
}

fn apt_get(args: &[&str], errors: Stdio) -> bool {
    Command::new(APT_GET)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // Another installer may hold the lock, such as the one that runs after boot.
        .args(["-o", "DPkg::Lock::Timeout=600", "-qq"])
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .status()
        .is_ok_and(|status| status.success())
}
