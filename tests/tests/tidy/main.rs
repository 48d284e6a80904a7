//! The rules of the house that a compiler does not check: who may know whom, what a file begins with, how long it is.

use std::fs;
use std::path::{Path, PathBuf};

/// Longer than this a file wants a wall.
const LINES_MAX: usize = 450;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// All files below `folder` with this ending, with their texts.
fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no .{ending} below {folder}");
    found
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Says where one of `words` stands in the code of the files below `folder`.
fn refuse(folder: &str, words: &[&str]) {
    let mut found = String::new();
    for (path, text) in files(folder, "rs") {
        for (number, line) in (1..).zip(text.lines()) {
            for word in words.iter().filter(|word| code(line).contains(**word)) {
                found += &format!("{}:{number}: {word}\n", path.display());
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn wire_knows_nobody() {
    refuse(
        "core/src/wire",
        &["crate::link", "crate::base", "crate::module", "crate::host", "crate::time"],
    );
}

#[test]
fn link_knows_wire_alone() {
    refuse("core/src/link", &["crate::base", "crate::module", "crate::host"]);
}

#[test]
fn base_module_and_host_never_know_one_another() {
    refuse("core/src/base", &["crate::module::", "crate::host"]);
    refuse("core/src/module", &["crate::base", "crate::host", "crate::link"]);
    refuse("core/src/host", &["crate::base", "crate::module::"]);
}

#[test]
fn the_simulator_never_sees_the_host() {
    refuse("sim/src", &["rackflash_core::host"]);
    let manifest = fs::read_to_string(root().join("sim/Cargo.toml")).expect("a manifest");
    assert!(!manifest.contains("\"host\""), "sim must not enable core's host side");
}

#[test]
fn nobody_but_the_shells_reads_a_clock() {
    let clocks =
        ["std::time", "SystemTime", "Instant::now", "performance", "thread_rng", "getrandom"];
    refuse("core/src", &clocks);
    refuse("sim/src", &clocks);
}

#[test]
fn the_page_knows_no_protocol() {
    for (path, text) in files("www", "js") {
        for word in ["cobs", "crc32", "0x50", "BigUint64Array", "DataView"] {
            assert!(
                !text.to_lowercase().contains(&word.to_lowercase()),
                "{}: {word}",
                path.display()
            );
        }
    }
}

#[test]
fn nothing_that_runs_on_a_chip_can_panic_by_a_word() {
    for folder in
        ["core/src/wire", "core/src/link", "core/src/base", "core/src/module", "core/src/host"]
    {
        refuse(
            folder,
            &[".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unimplemented!("],
        );
    }
}

#[test]
fn nothing_is_unsafe() {
    for (folder, file) in
        [("core", "lib.rs"), ("sim", "lib.rs"), ("web", "lib.rs"), ("cli", "main.rs")]
    {
        let text = fs::read_to_string(root().join(folder).join("src").join(file)).expect("text");
        assert!(text.contains("#![forbid(unsafe_code)]"), "{folder} must forbid unsafe code");
    }
}

#[test]
fn no_mark_of_unfinished_work() {
    for folder in ["core", "sim", "web", "cli", "xtask", "tests/src"] {
        refuse(folder, &["todo!(", "unimplemented!(", "dbg!(", "#[ignore", "FIXME", "XXX"]);
    }
}

#[test]
fn every_file_says_first_what_it_is_for_and_ends_in_time() {
    let mut found = String::new();
    for folder in ["core", "sim", "web", "cli", "xtask", "tests"] {
        for (path, text) in files(folder, "rs") {
            if !text.starts_with("//! ") {
                found += &format!(
                    "{}: the first line does not say what the file is for\n",
                    path.display()
                );
            }
            let lines = text.lines().count();
            if lines > LINES_MAX {
                found += &format!("{}: {lines} lines\n", path.display());
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}
