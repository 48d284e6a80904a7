//! Debian's own compiler, which builds for any target because Debian packages the standard library's sources.
//! Refuses a compiler older than the workspace asks for, and sources of another version than the compiler's.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    apt,
    workspace::{self, answer},
};

/// What to install by hand, as advice to the user.
pub(crate) const PACKAGES: &str = "as root, `apt-get update && apt-get install rustc-web cargo-web rust-web-src` and the lld package \
                                   (such as lld-22) of the LLVM version that `/usr/bin/rustc -vV` prints";

/// What only a compiler that takes -Z can leave out of the page, 6 % of it: a panic's message names no line of source, and
/// `Debug` writes nothing. What a visitor or a transcript shows is written by `Display`.
const SMALL_PAGE: [&str; 2] = ["-Zlocation-detail=none", "-Zfmt-debug=none"];

/// A chip has nobody to tell why it panics, and to compare takes less than a table of up to seven ways. How much stack a function
/// needs, the size report wants to know.
const SMALL_CHIP: [&str; 4] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Cllvm-args=-min-jump-table-entries=8",
    "-Zemit-stack-sizes",
];

/// Flags with which what is built is small.
pub(crate) fn small(library: Library) -> &'static [&'static str] {
    match library {
        Library::Std => &SMALL_PAGE,
        Library::Core => &SMALL_CHIP,
    }
}

/// Whether Debian's compiler can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Debian {
    Ready {
        /// An LLD that reads what the compiler writes.
        linker: PathBuf,
    },
    Installable,
    Unusable,
}

/// How much of the standard library a target has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Library {
    Std,
    Core,
}

/// Looks for the compiler, its sources and a linker.
pub(crate) fn look() -> Debian {
    match (compiler_with_sources(), linker()) {
        (true, Some(linker)) => Debian::Ready { linker },
        _ if apt::usable() => Debian::Installable,
        _ => Debian::Unusable,
    }
}

/// Installs the compiler and its linker; needs `apt::usable()`.
pub(crate) fn install() -> Result<()> {
    // Debian follows the compiler within a release: lists as old as the machine's image name one that is too old.
    apt::refresh();
    apt::install(&["rustc-web", "cargo-web", "rust-web-src"])?;
    match llvm_major() {
        Some(major) => apt::install(&[&format!("lld-{major}")]),
        None => Ok(()), // the caller looks again, and sees that the compiler does not run
    }
}

/// `cargo SUBCOMMAND` with Debian's cargo, set up for one target.
pub(crate) fn cargo(subcommand: &str, triple: &str, library: Library, linker: &Path) -> Command {
    let mut cargo = Command::new(CARGO);
    cargo.current_dir(workspace::root());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(belongs_to_outer_cargo) {
            cargo.env_remove(name);
        }
    }
    let variable = triple.to_uppercase().replace('-', "_");
    cargo
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1") // lets a stable compiler take -Z
        .env(format!("CARGO_TARGET_{variable}_LINKER"), linker)
        .arg(subcommand);
    match library {
        // optimize_for_size takes about 5 % off the page.
        Library::Std => {
            cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
        }
        Library::Core => cargo.args(["-Zbuild-std=core", "-Zbuild-std-features=optimize_for_size"]),
    };
    cargo
}

/// The folder of the standard library's sources.
pub(crate) fn library_sources() -> Option<PathBuf> {
    let sysroot = answer(Command::new(RUSTC).args(["--print", "sysroot"]))?;
    Some(Path::new(&sysroot).join("lib/rustlib/src/rust"))
}

/// The folder's real name ends in the version: /usr/src/rustc-1.96.0.
fn compiler_with_sources() -> bool {
    let sources = library_sources().and_then(|folder| fs::canonicalize(folder).ok());
    let version = answer(Command::new(RUSTC).arg("--version"));
    let (Some(sources), Some(version)) = (sources, version) else { return false };
    let Some(version) = version.split(' ').nth(1) else { return false };
    numbers(version) >= numbers(OLDEST)
        && sources.to_string_lossy().contains(version)
        && sources.join("library/Cargo.lock").exists()
        && Path::new(CARGO).exists()
}

/// A version as something to compare: `1.95` is before `1.100.0`.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|number| number.parse().ok()).collect()
}

/// Debian's LLD, else the one inside the toolchain that runs xtask.
fn linker() -> Option<PathBuf> {
    let debian = PathBuf::from(format!("/usr/bin/lld-{}", llvm_major()?));
    if debian.exists() {
        return Some(debian);
    }
    let facts = answer(Command::new(RUSTC).arg("-vV"))?;
    let sysroot = answer(Command::new(workspace::rustc()).args(["--print", "sysroot"]))?;
    let bundled =
        Path::new(&sysroot).join("lib/rustlib").join(fact(&facts, "host")?).join("bin/rust-lld");
    bundled.exists().then_some(bundled)
}

fn llvm_major() -> Option<String> {
    let facts = answer(Command::new(RUSTC).arg("-vV"))?;
    let version = fact(&facts, "LLVM version")?;
    version.split('.').next().map(str::to_owned)
}

/// One line of `rustc -vV`.
fn fact<'a>(facts: &'a str, name: &str) -> Option<&'a str> {
    facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// What `cargo run` and rustup set for xtask must not reach a cargo of another version.
fn belongs_to_outer_cargo(variable: &str) -> bool {
    const WHOLE: [&str; 8] = [
        "CARGO",
        "LD_LIBRARY_PATH",
        "RUSTC",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTDOC",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
    ];
    const STARTS: [&str; 3] = ["CARGO_MANIFEST_", "CARGO_PKG_", "RUSTUP_TOOLCHAIN"];
    WHOLE.contains(&variable) || STARTS.iter().any(|start| variable.starts_with(start))
}

/// By full path: rustup's come first in PATH.
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

/// The oldest compiler the workspace builds with.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_line_of_rustc() {
        let facts =
            "rustc 1.96.0\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8";
        assert_eq!(fact(facts, "host"), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(fact(facts, "LLVM version"), Some("22.1.8"));
        assert_eq!(fact(facts, "LLVM"), None);
    }

    #[test]
    fn compares_versions_by_number() {
        assert!(numbers("1.95.0") >= numbers("1.95"));
        assert!(numbers("1.100.1") >= numbers("1.95"));
        assert!(numbers("1.85.0") < numbers("1.95"));
        assert!(numbers("2.0.0-nightly") >= numbers("1.95"));
    }

    #[test]
    fn keeps_what_says_where_and_whether_to_download() {
        for kept in
            ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_NET_OFFLINE", "RUSTUP_AUTO_INSTALL", "PATH"]
        {
            assert!(!belongs_to_outer_cargo(kept), "{kept}");
        }
        for dropped in
            ["CARGO", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"]
        {
            assert!(belongs_to_outer_cargo(dropped), "{dropped}");
        }
    }
}
