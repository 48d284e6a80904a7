//! What stands in each file: its first line, its length, words that do not belong there.

use std::fs;

use crate::{files, refuse, root, text};

/// Longer than this a file wants a wall; 400 is what to aim at.
const LINES_MAX: usize = 450;
/// Every folder with a crate in it.
const CRATES: [&str; 7] = ["cli", "core", "release", "sim", "tests", "web", "xtask"];

#[test]
fn every_file_says_first_what_it_is_for_and_ends_in_time() {
    let mut found = String::new();
    for (name, text) in CRATES.iter().flat_map(|folder| files(folder, "rs")) {
        if !text.starts_with("//! ") {
            found += &format!("{name}: the first line does not say what the file is for\n");
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            found += &format!("{name}: {lines} lines\n");
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

/// What a tool drops there is not the project's.
#[test]
fn nothing_lies_at_the_top_that_has_no_place_there() {
    let at_top = fs::read_dir(root())
        .expect("the workspace")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let strange: Vec<String> =
        at_top.filter(|name| !name.starts_with('.') && !AT_TOP.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

const AT_TOP: [&str; 19] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "cli",
    "core",
    "docs",
    "firmware",
    "fuzz",
    "release",
    "rustfmt.toml",
    "sim",
    "target",
    "tests",
    "web",
    "www",
    "xtask",
];

/// What the compiler checks, and what only debug builds do, may stand.
#[test]
fn nothing_that_runs_on_a_chip_can_panic_by_a_word() {
    for folder in ["wire", "link", "base", "module", "host"] {
        refuse(
            &format!("core/src/{folder}"),
            "rs",
            &[
                "unwrap()",
                "unwrap_err(",
                ".expect(",
                "expect_err(",
                "panic!(",
                "unreachable!(",
                "    assert!(",
                "    assert_eq!(",
                "    assert_ne!(",
            ],
        );
    }
}

#[test]
fn unsafe_code_is_forbidden_where_it_must_be_and_denied_elsewhere() {
    for file in [
        "core/src/lib.rs",
        "release/src/lib.rs",
        "sim/src/lib.rs",
        "web/src/lib.rs",
        "cli/src/main.rs",
    ] {
        assert!(text(file).contains("#![forbid(unsafe_code)]"), "{file} must forbid unsafe code");
    }
    assert!(text("Cargo.toml").contains("unsafe_code = \"deny\""));
    for folder in CRATES {
        let manifest = text(&format!("{folder}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{folder} has its own lints");
        // Split, so that this line is none.
        refuse(folder, "rs", &[concat!("allow(", "unsafe_code")]);
    }
}

#[test]
fn no_mark_of_unfinished_work() {
    let marks = [
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
        concat!("db", "g!("),
        concat!("#[ign", "ore"),
        concat!("should", "_panic"),
        concat!("FIX", "ME"),
    ];
    for folder in CRATES {
        refuse(folder, "rs", &marks);
    }
}
