//! Where things are: the page, the programs, folders that go away again. What is missing is for `cargo xtask test` to bring.

use core::sync::atomic::{AtomicU32, Ordering};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The built page: the one that is named, or the last that was built.
pub(crate) fn site() -> PathBuf {
    let site = env::var_os("RACKFLASH_SITE").map_or_else(|| target().join("site"), PathBuf::from);
    assert!(site.join("index.html").exists(), "no page is in {}: {ADVICE}", site.display());
    site
}

/// A copy of the built page in a folder of `within`.
pub(crate) fn site_copy(within: &Path) -> PathBuf {
    let copy = within.join("site");
    let copied = Command::new("cp").arg("-r").args([&site(), &copy]).status();
    assert!(copied.is_ok_and(|status| status.success()), "cp cannot copy the page");
    copy
}

/// Where screenshots are left for people.
pub fn screenshots() -> PathBuf {
    let folder = target().join("screenshots");
    fs::create_dir_all(&folder).expect("a folder in target");
    folder
}

/// What `cargo xtask test` has fetched for the tests.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// The command `rackflash`, as it is now.
pub(crate) fn rackflash() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // With the whole workspace's features: then only the last step is left to do after `cargo test --workspace`.
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--workspace", "--bin", "rackflash", "--target-dir"])
            .arg(target())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.is_ok_and(|status| status.success()), "cargo cannot build rackflash");
        target().join("debug/rackflash")
    })
}

/// What makes Chromium take a pseudo-terminal for a USB-serial port.
pub(crate) fn fakeudev() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = target().join("tmp");
        fs::create_dir_all(&folder).expect("a folder in target");
        let library = folder.join("fakeudev.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("webserial/fakeudev.c");
        // Aside, then moved: another test program may be using the one that is there.
        let part = folder.join(format!("fakeudev-{}.so", std::process::id()));
        let built = Command::new("cc")
            .args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", "-o"])
            .args([&part, &source])
            .status();
        assert!(
            built.is_ok_and(|status| status.success()),
            "cc cannot build {}: {ADVICE}",
            source.display()
        );
        fs::rename(part, &library).expect("a file in target");
        library
    })
}

/// A program's path, so that its absence is noticed before it is needed.
pub(crate) fn program(name: &str) -> OsString {
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders).map(|folder| folder.join(name)).find(|p| p.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed: {ADVICE}")).into()
}

pub(crate) const ADVICE: &str = "run `cargo xtask test`";

/// Cargo's output folder: a test lies in target/debug/deps, a program in target/debug.
fn target() -> PathBuf {
    let program = env::current_exe().expect("a program has a path");
    let is_profile = |folder: &&Path| !folder.ends_with("deps");
    let profile = program.ancestors().skip(1).find(is_profile);
    profile.and_then(Path::parent).expect("cargo puts it so deep").to_owned()
}

/// A folder that goes away with its owner.
#[derive(Debug)]
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Short: a socket's path has at most 107 bytes.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("rackflash-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
