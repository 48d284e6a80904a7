//! A release whose images look for settings elsewhere: made, refused, installed.

use rackflash_core::host::settings::Backup;
use rackflash_core::wire::digest::digest;
use rackflash_release::manifest::Manifest;
use rackflash_sim::chip::settings;
use rackflash_sim::images;
use rackflash_tests::browser::{Rack, Speed};
use serde_json::{Value, json};

use crate::desk::desk_with_release;

/// Of the demo's oscillators.
const EEPROM_LEN: usize = 6 * 1024;

/// Saved before, at their new places behind it, and what was there before is still here.
#[test]
fn moved() {
    let desk = desk_with_release();
    let oscillator = &images::new()[0];
    assert_eq!(oscillator.recipe.module.name, "Quad VCO");
    let (file, version) = (&oscillator.file, oscillator.recipe.version);
    let moves =
        json!([{ "below": version.to_string(), "moves": [{ "from": 0, "to": 16, "len": 64 }] }]);
    desk.put("moves.json", moves.to_string());
    let mut rack = Rack::demo(Speed::Max);
    let port = rack.path();
    let update = format!("rackflash update --port {} --release r8", port.display());
    let seen = desk.types(&[
        &format!("rackflash release new r8 --id r8 --counter 8 --eeprom {file}=moves.json {file}"),
        "rackflash release sign r8 --key current.key",
        "rackflash release inspect r8",
        &update,
    ]);
    assert!(seen.contains("Settings of versions below"), "{seen}");
    let said = |what: &str| seen.lines().filter(|line| line.contains(what)).count();
    assert_eq!((said(": settings saved in "), said(": settings restored; ")), (3, 3), "{seen}");
    assert!(!seen.contains("=> "), "{seen}");

    let before = settings(EEPROM_LEN);
    let mut after = before.clone();
    after[16..80].copy_from_slice(&before[..64]);
    for module in rack.modules() {
        let is_new = module["version"] == version.to_string();
        if is_new {
            assert_eq!(module["eeprom"], format!("{:08x}", digest(&after)), "{module:#}");
        } else {
            assert_ne!(module["eeprom"], format!("{:08x}", digest(&after)), "{module:#}");
        }
    }
    let files: Vec<_> =
        desk.path("state/rackflash/settings").read_dir().expect("a folder").collect();
    assert_eq!(files.len(), 3);
    for file in files {
        let file = file.expect("a file").path();
        assert!(file.extension().is_some_and(|end| end == "settings-done"), "{}", file.display());
        let backup = Backup::parse(&std::fs::read(file).expect("a file")).expect("a backup");
        assert!(backup.eeprom == before);
    }
    assert!(!desk.types(&[&update]).contains("settings"), "they are where they belong");
}

/// In words, what is wrong.
#[test]
fn what_no_schema_can_say() {
    let read = |eeprom: Value| {
        let manifest = json!({
            "format": "rackflash-release/1", "id": "x", "counter": 1, "channel": "x",
            "images": [{
                "file": "x.bin", "vendor": 1, "module_type": 1, "hardware": [1, 1], "version": "3.0.0",
                "flash_start": 0, "len": 4, "sha256": "0".repeat(64), "eeprom": eeprom,
            }],
        });
        let read = Manifest::parse_untrusted(manifest.to_string().as_bytes());
        read.map(|_| ()).map_err(|error| error.to_string())
    };
    let moves = |moves: &[[u32; 3]]| {
        let moves =
            moves.iter().map(|[from, to, len]| json!({ "from": from, "to": to, "len": len }));
        json!({ "below": "2.0.0", "moves": moves.collect::<Value>() })
    };
    let older = json!({ "below": "1.0.0", "moves": [{ "from": 0, "to": 4, "len": 4 }] });
    let good = [[0, 16, 64], [0, 80, 4], [4, 0, 16], [65528, 65528, 4]];
    assert_eq!(read(json!([older, moves(&good)])), Ok(()));
    for (eeprom, why) in [
        (json!([moves(&[[0, 16, 64], [0, 76, 8]])]), "two moves lead to 76"),
        (json!([moves(&[[0, 8, 8], [16, 4, 8]])]), "two moves lead to 8"),
        (json!([moves(&[[65532, 0, 8]])]), "no EEPROM is that long"),
        (json!([moves(&[[0, 65532, 8]])]), "no EEPROM is that long"),
        (json!([moves(&[[2, 0, 4]])]), "only whole words of 4 can move"),
        (json!([moves(&[[0, 2, 4]])]), "only whole words of 4 can move"),
        (json!([moves(&[[0, 0, 6]])]), "only whole words of 4 can move"),
        (json!([moves(&[])]), "a layout has 1 to 64 moves"),
        (json!([moves(&good), older]), "the oldest layout comes first"),
        (json!([moves(&good), moves(&good)]), "the oldest layout comes first"),
        (json!([moves(&[[70_000, 0, 4]])]), "expected u16"),
    ] {
        let read = read(eeprom.clone()).expect_err("it is wrong");
        assert!(read.contains(why), "{eeprom}: {read}");
    }
}
