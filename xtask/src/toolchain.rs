//! Finds a cargo that builds for a target the host may lack, and gets the target where it can.
//! Refuses to download through rustup where RUSTUP_AUTO_INSTALL=0 forbids it.
//!
//! Three routes, tried in this order; RACKFLASH_TOOLCHAIN=native or =debian forces one:
//! - native: the active toolchain has the target;
//! - rustup: `rustup target add` makes it so;
//! - debian: Debian's compiler, which builds the standard library as well.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::PathBuf,
    process::Command,
};

use anyhow::{Result, bail};

use crate::{
    debian::{self, Debian, Library},
    private,
    size::Limit,
    workspace::{self, answer},
};

/// What to build for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) triple: &'static str,
    library: Library,
}

/// The page.
pub(crate) const PAGE: Target = Target { triple: "wasm32-unknown-unknown", library: Library::Std };
/// The modules' chips, Cortex-M0+.
pub(crate) const MODULE: Target = Target { triple: "thumbv6m-none-eabi", library: Library::Core };
/// The base card's chip, Cortex-M7.
pub(crate) const BASE: Target = Target { triple: "thumbv7em-none-eabihf", library: Library::Core };

/// A cargo that builds for one target.
#[derive(Debug)]
pub(crate) struct Toolchain {
    target: Target,
    compiler: Compiler,
}

#[derive(Debug)]
enum Compiler {
    Native,
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// Finds one, installing what is missing where that is allowed.
    pub(crate) fn find(target: Target) -> Result<Self> {
        let mut facts = Facts::gather(target)?;
        loop {
            match route(&facts) {
                Route::Native => {
                    println!("{}: with the active toolchain", target.triple);
                    return Ok(Self { target, compiler: Compiler::Native });
                }
                Route::Debian { linker } => {
                    println!("{}: with Debian's compiler", target.triple);
                    return Ok(Self { target, compiler: Compiler::Debian { linker } });
                }
                Route::AddWithRustup => {
                    println!("running rustup target add {}", target.triple);
                    let added = workspace::run(Command::new("rustup").args([
                        "target",
                        "add",
                        target.triple,
                    ]));
                    if let Err(error) = added {
                        println!("{error:#}; looking for Debian's compiler instead");
                    }
                    facts.native = native(target);
                    facts.rustup = Rustup::Unusable;
                }
                Route::InstallDebian => {
                    debian::install()?;
                    facts.debian = match debian::look() {
                        Debian::Installable => Debian::Unusable, // once is enough
                        found => found,
                    };
                }
                Route::Nowhere(advice) => {
                    bail!("no compiler here builds for {}; {advice}", target.triple)
                }
            }
        }
    }

    /// `cargo SUBCOMMAND` for the target, in the workspace, with the lock file as it stands.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = match &self.compiler {
            Compiler::Native => {
                let mut cargo = workspace::cargo();
                cargo.arg(subcommand);
                cargo
            }
            Compiler::Debian { linker } => {
                debian::cargo(subcommand, self.target.triple, self.target.library, linker)
            }
        };
        // Set outright: an outer RUSTFLAGS would otherwise replace these.
        let mut flags = private::Folders::of_this_build().remap_flags();
        if let Compiler::Debian { .. } = &self.compiler {
            flags.extend(debian::small(self.target.library).iter().map(OsString::from));
        }
        cargo
            .env_remove("RUSTFLAGS")
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join(OsStr::new("\x1f")));
        cargo
            .args(["--locked", "--target", self.target.triple, "--target-dir"])
            .arg(self.target_dir());
        cargo
    }

    /// Builds what `firmware` has for the target.
    pub(crate) fn firmware(&self) -> Command {
        let mut cargo = self.cargo("build");
        cargo
            .arg("--manifest-path")
            .arg(workspace::root().join("firmware/Cargo.toml"))
            .arg("--release");
        cargo
    }

    /// What is expected of what is built with it.
    pub(crate) fn limit(&self) -> Limit {
        match self.compiler {
            Compiler::Native => Limit::IsTold,
            Compiler::Debian { .. } => Limit::Holds,
        }
    }

    /// Where the target's files of one profile lie.
    pub(crate) fn output_dir(&self, profile: &str) -> PathBuf {
        self.target_dir().join(self.target.triple).join(profile)
    }

    /// Two compilers never share a folder: each would throw the other's work away.
    fn target_dir(&self) -> PathBuf {
        match self.compiler {
            Compiler::Native => workspace::target_dir(),
            Compiler::Debian { .. } => workspace::target_dir().join("debian"),
        }
    }
}

/// What this computer has, as far as the choice depends on it.
#[derive(Clone, Debug)]
struct Facts {
    forced: Forced,
    native: Native,
    rustup: Rustup,
    debian: Debian,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forced {
    No,
    Native,
    Debian,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Native {
    HasTarget,
    LacksTarget,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rustup {
    MayDownload,
    /// Not there, forbidden to download, or already tried.
    Unusable,
}

#[derive(Debug, PartialEq, Eq)]
enum Route {
    Native,
    AddWithRustup,
    Debian { linker: PathBuf },
    InstallDebian,
    Nowhere(String),
}

/// The whole choice.
fn route(facts: &Facts) -> Route {
    match (facts.forced, facts.native, facts.rustup, &facts.debian) {
        (Forced::No | Forced::Native, Native::HasTarget, _, _) => Route::Native,
        (Forced::Native, Native::LacksTarget, _, _) => Route::Nowhere(
            "add it with `rustup target add`, or unset RACKFLASH_TOOLCHAIN".to_owned(),
        ),
        (Forced::No, Native::LacksTarget, Rustup::MayDownload, _) => Route::AddWithRustup,
        (_, _, _, Debian::Ready { linker }) => Route::Debian { linker: linker.clone() },
        (_, _, _, Debian::Installable) => Route::InstallDebian,
        (_, _, _, Debian::Unusable) => Route::Nowhere(format!(
            "add it with `rustup target add`, or on Debian, {}",
            debian::PACKAGES
        )),
    }
}

impl Facts {
    fn gather(target: Target) -> Result<Self> {
        let forced = match env::var("RACKFLASH_TOOLCHAIN").unwrap_or_default().as_str() {
            "" => Forced::No,
            "native" => Forced::Native,
            "debian" => Forced::Debian,
            other => {
                bail!("RACKFLASH_TOOLCHAIN is {other:?}; set it to native or debian, or unset it")
            }
        };
        let forbidden = env::var_os("RUSTUP_AUTO_INSTALL").is_some_and(|value| value == "0");
        let rustup = if !forbidden && answer(Command::new("rustup").arg("--version")).is_some() {
            Rustup::MayDownload
        } else {
            Rustup::Unusable
        };
        Ok(Self { forced, native: native(target), rustup, debian: debian::look() })
    }
}

fn native(target: Target) -> Native {
    let query = ["--print", "target-libdir", "--target", target.triple];
    let libraries = answer(Command::new(workspace::rustc()).args(query))
        .and_then(|folder| fs::read_dir(folder).ok());
    let is_core = |file: fs::DirEntry| file.file_name().to_string_lossy().starts_with("libcore-");
    if libraries.is_some_and(|mut files| files.any(|file| file.is_ok_and(is_core))) {
        Native::HasTarget
    } else {
        Native::LacksTarget
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing forced, nothing there.
    const BARE: Facts = Facts {
        forced: Forced::No,
        native: Native::LacksTarget,
        rustup: Rustup::Unusable,
        debian: Debian::Unusable,
    };

    fn ready() -> Debian {
        Debian::Ready { linker: "/usr/bin/lld-22".into() }
    }

    #[test]
    fn a_target_that_is_there_is_used() {
        let facts = Facts {
            native: Native::HasTarget,
            rustup: Rustup::MayDownload,
            debian: ready(),
            ..BARE
        };
        assert_eq!(route(&facts), Route::Native);
    }

    #[test]
    fn rustup_comes_before_debian() {
        let facts = Facts { rustup: Rustup::MayDownload, debian: ready(), ..BARE };
        assert_eq!(route(&facts), Route::AddWithRustup);
    }

    #[test]
    fn where_rustup_may_not_download_debian_is_used_or_installed() {
        let facts = Facts { debian: ready(), ..BARE };
        assert_eq!(route(&facts), Route::Debian { linker: "/usr/bin/lld-22".into() });
        assert_eq!(route(&Facts { debian: Debian::Installable, ..BARE }), Route::InstallDebian);
    }

    #[test]
    fn forcing_debian_passes_over_a_target_that_is_there() {
        let facts = Facts {
            forced: Forced::Debian,
            native: Native::HasTarget,
            debian: Debian::Installable,
            ..BARE
        };
        assert_eq!(route(&facts), Route::InstallDebian);
    }

    #[test]
    fn forcing_native_neither_downloads_nor_installs() {
        let facts =
            Facts { forced: Forced::Native, rustup: Rustup::MayDownload, debian: ready(), ..BARE };
        assert!(
            matches!(route(&facts), Route::Nowhere(advice) if advice.contains("RACKFLASH_TOOLCHAIN"))
        );
    }

    #[test]
    fn with_nothing_at_hand_the_advice_names_both_ways() {
        assert!(matches!(route(&BARE), Route::Nowhere(advice)
            if advice.contains("rustup target add") && advice.contains("apt-get install")));
    }
}
