//! Who may know whom: house.md, section 3.

use crate::{code, files, named, refuse, text};

/// Files below `folder` name these modules of `parent` and no others.
fn knows(folder: &str, parent: &str, may: &[&str]) {
    let mut found = String::new();
    for (name, text) in files(folder, "rs") {
        for module in named(&text, parent).iter().filter(|module| !may.contains(&module.as_str())) {
            found += &format!("{name} knows {parent}::{module}\n");
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn wire_knows_nothing_else() {
    knows("core/src/wire", "crate", &["wire"]);
}

#[test]
fn link_knows_wire() {
    knows("core/src/link", "crate", &["link", "time", "wire"]);
}

#[test]
fn base_module_and_host_know_the_wire_and_never_one_another() {
    knows("core/src/base", "crate", &["base", "link", "time", "wire"]);
    knows("core/src/module", "crate", &["module", "time", "wire"]);
    knows("core/src/host", "crate", &["host", "link", "time", "wire"]);
    // From its top a folder could step out of itself.
    for (folder, others) in [
        ("wire", ["super::base", "super::host", "super::time"]),
        ("link", ["super::base", "super::module", "super::host"]),
        ("base", ["super::module", "super::host", "super::super::"]),
        ("module", ["super::base", "super::host", "super::link"]),
        ("host", ["super::base", "super::module", "super::super::super::"]),
    ] {
        refuse(&format!("core/src/{folder}"), "rs", &others);
    }
}

#[test]
fn the_simulator_never_sees_the_host() {
    knows("sim/src", "rackflash_core", &["base", "module", "time", "wire"]);
    let manifest = text("sim/Cargo.toml");
    assert!(!manifest.contains("\"host\""), "sim must not enable core's host side");
}

#[test]
fn the_page_knows_the_host_and_the_simulator() {
    // Of the wire the addresses' and ids' types alone, which the host's own types are made of.
    knows("web/src", "rackflash_core", &["host", "time", "wire"]);
    knows("web/src", "rackflash_core::wire", &["module"]);
    knows("web/src", "rackflash_core::wire::module", &["Uid"]);
}

#[test]
fn releases_know_what_an_image_says_of_itself() {
    knows("release/src", "rackflash_core", &["host", "wire"]);
    knows("release/src", "rackflash_core::host", &["catalog", "image", "settings"]);
    knows("release/src", "rackflash_core::wire", &["header", "version"]);
}

#[test]
fn the_page_s_javascript_knows_no_protocol() {
    let words = [
        "cobs",
        "crc",
        "0x50",
        "0x61",
        "rkfl",
        "bigint",
        "dataview",
        "getuint",
        "tobase",
        "tohost",
        "pageframe",
        "enterloader",
        "presence bus",
    ];
    let mut found = String::new();
    for (name, text) in files("www", "js") {
        for (number, line) in code(&text) {
            let line = line.to_lowercase();
            for word in words.iter().filter(|word| line.contains(**word)) {
                found += &format!("{name}:{number}: {word}\n");
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn core_needs_no_allocator_but_for_the_host() {
    let lib = text("core/src/lib.rs");
    assert!(lib.contains("#![no_std]"));
    assert!(lib.contains("#[cfg(feature = \"host\")]\nextern crate alloc;"));
    assert!(lib.contains("#[cfg(feature = \"host\")]\npub mod host;"));
    assert!(!text("core/Cargo.toml").contains("default = ["), "chips build the default features");
    for folder in ["wire", "link", "base", "module"] {
        refuse(&format!("core/src/{folder}"), "rs", &["alloc::", "std::"]);
    }
}

#[test]
fn nobody_but_the_outermost_shells_reads_a_clock_or_draws_randomness() {
    let outside = [
        "std::time",
        "SystemTime",
        "Instant::now",
        "performance",
        "Date::now",
        "thread_rng",
        "getrandom",
        "rand::",
        "RandomState",
        "HashMap",
        "HashSet",
    ];
    refuse("core/src", "rs", &outside);
    refuse("sim/src", "rs", &outside);
}
