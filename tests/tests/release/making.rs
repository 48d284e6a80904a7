//! From images to a signed release, and to one file.

use expect_test::expect;
use rackflash_core::host::image::Image;
use rackflash_tests::firmware::{elf, s_record};

use crate::desk::desk;

/// What a maker types for each release.
#[test]
fn from_images_to_a_file_for_a_stick() {
    let desk = desk();
    let seen = desk.types(&[
        "rackflash release new r7 --id 2027-01 --counter 7 --notes en=notes.txt --address 0x08002200 vco.hex envelope.bin",
        "rackflash release sign r7 --key current.key",
        "rackflash release verify r7",
        "rackflash release inspect r7",
        "rackflash release pack r7 r7.rackpack",
        "rackflash release verify r7.rackpack --public-key current.pub",
        "rackflash release verify r7.rackpack --public-key current.pub --json",
    ]);
    expect![[r#"
        $ rackflash release new r7 --id 2027-01 --counter 7 --notes en=notes.txt --address 0x08002200 vco.hex envelope.bin
        r7: release 2027-01; images: 2; not signed yet
        $ rackflash release sign r7 --key current.key
        r7: signed for RWScYeBwLf/9L6fZMuGb6JkoLbHhtPzDFFyx6RC/XnR5bc/CK97X8cqw
        $ rackflash release verify r7
        r7: release 2027-01 (number 7), signed and whole; images: 2
        It proves nothing: this program trusts the example's key, which everybody has. Name yours with --public-key.
        $ rackflash release inspect r7
        Release 2027-01, number 7, channel stable
        quad-vco-1.5.0.bin               600 bytes at 0x08002200, version 1.5.0, for 1209:0101 hardware 1 to 3
                                     SHA-256 cc87bb0fd47e1cb62be0777c7ac265d31609f58ef16ae27dde66a295244e7e00
        envelope-4-1.5.0.bin             600 bytes at 0x08002200, version 1.5.0, for 1209:0103 hardware 1 to 3
                                     SHA-256 ab588a7757f8ad2c35e308d80c6f8c4598579a1c98c5cc6881adeea38af30f17
        Notes (en): Quieter oscillators.
        Signed with a key that is trusted, and whole
        $ rackflash release pack r7 r7.rackpack
        r7.rackpack: release 2027-01, 2339 bytes
        $ rackflash release verify r7.rackpack --public-key current.pub
        r7.rackpack: release 2027-01 (number 7), signed and whole; images: 2
        $ rackflash release verify r7.rackpack --public-key current.pub --json
        {
          "example_key": false,
          "release": {
            "channel": "stable",
            "counter": 7,
            "format": "rackflash-release/1",
            "id": "2027-01",
            "images": [
              {
                "file": "quad-vco-1.5.0.bin",
                "flash_start": 134226432,
                "hardware": [
                  1,
                  3
                ],
                "len": 600,
                "loader_min": "0.0.0",
                "module_type": 257,
                "sha256": "cc87bb0fd47e1cb62be0777c7ac265d31609f58ef16ae27dde66a295244e7e00",
                "vendor": 4617,
                "version": "1.5.0"
              },
              {
                "file": "envelope-4-1.5.0.bin",
                "flash_start": 134226432,
                "hardware": [
                  1,
                  3
                ],
                "len": 600,
                "loader_min": "0.0.0",
                "module_type": 259,
                "sha256": "ab588a7757f8ad2c35e308d80c6f8c4598579a1c98c5cc6881adeea38af30f17",
                "vendor": 4617,
                "version": "1.5.0"
              }
            ],
            "notes": {
              "en": "Quieter oscillators."
            }
          },
          "verified": true
        }
    "#]].assert_eq(&seen);
}

/// Nothing that is there is lost, and what cannot be a release is told before anything is written.
#[test]
fn what_is_not_made() {
    let desk = desk();
    desk.put("latin.txt", b"f\xfcr");
    let seen = desk.types(&[
        "rackflash release new r7 --id x --counter 7 envelope.bin",
        "rackflash release new r7 --id x --counter 7 missing.hex",
        "rackflash release new r7 --id x --counter 7 vco.hex vco.hex",
        "rackflash release new r7 --id x --counter 7 --notes de=latin.txt vco.hex",
        "rackflash release new r7 --id x --counter 7 notes.txt",
        "rackflash release sign r7 --key current.key",
        "rackflash release new r7 --id x --counter 7 vco.hex",
        "rackflash release new r7 --id x --counter 8 vco.hex",
        "rackflash release verify r7",
        "rackflash release pack r7 r7.rackpack",
    ]);
    expect![[r#"
        $ rackflash release new r7 --id x --counter 7 envelope.bin
        rackflash: envelope.bin: This is no ELF, Intel HEX or S-record file. If it is a raw binary, say at which address it belongs; else choose another file.
        => 1
        $ rackflash release new r7 --id x --counter 7 missing.hex
        rackflash: missing.hex cannot be read: No such file or directory (os error 2)
        => 1
        $ rackflash release new r7 --id x --counter 7 vco.hex vco.hex
        rackflash: the release says what cannot be (quad-vco-1.5.0.bin is there twice); tell its maker
        => 4
        $ rackflash release new r7 --id x --counter 7 --notes de=latin.txt vco.hex
        rackflash: latin.txt is no text in UTF-8: invalid utf-8 sequence of 1 bytes from index 1
        => 1
        $ rackflash release new r7 --id x --counter 7 notes.txt
        rackflash: notes.txt: This is no ELF, Intel HEX or S-record file. If it is a raw binary, say at which address it belongs; else choose another file.
        => 1
        $ rackflash release sign r7 --key current.key
        rackflash: r7/release.json cannot be read: No such file or directory (os error 2)
        => 1
        $ rackflash release new r7 --id x --counter 7 vco.hex
        r7: release x; images: 1; not signed yet
        $ rackflash release new r7 --id x --counter 8 vco.hex
        rackflash: r7 is there already; choose another folder
        => 1
        $ rackflash release verify r7
        rackflash: r7: the release is not signed; its maker signs it with `rackflash release sign`
        => 4
        $ rackflash release pack r7 r7.rackpack
        rackflash: r7: the release is not signed; its maker signs it with `rackflash release sign`
        => 4
    "#]].assert_eq(&seen);
}

/// The same images make the same release; its signature is another each time, and as good.
#[test]
fn made_twice() {
    let made = || {
        let desk = desk();
        desk.types(&["rackflash release new r --id r --counter 1 vco.hex"]);
        ["r/release.json", "r/quad-vco-1.5.0.bin"].map(|file| desk.get(file))
    };
    assert!(made() == made());
}

/// Their contents say what they are, not their names.
#[test]
fn from_whatever_the_tools_leave() {
    let desk = desk();
    let image = Image::parse(&desk.get("vco.hex"), None).expect("an image");
    let [segment] = image.segments() else { panic!("in one piece") };
    let linked = elf(&[(segment.address(), segment.bytes())]);
    let rows = (segment.address()..).step_by(32).zip(segment.bytes().chunks(32));
    let records: String = rows.map(|(address, row)| s_record(3, address, row)).collect();
    desk.put("vco", &linked);
    desk.put("vco.bin", records + &s_record(7, 0, &[]));
    desk.put("cut.elf", &linked[..linked.len() - 1]);
    let seen = desk.types(&[
        "rackflash release new hex --id r --counter 1 vco.hex",
        "rackflash release new elf --id r --counter 1 vco",
        "rackflash release new srec --id r --counter 1 --address 0 vco.bin",
        "rackflash release new cut --id r --counter 1 cut.elf",
        "rackflash update --port none cut.elf",
    ]);
    expect![[r#"
        $ rackflash release new hex --id r --counter 1 vco.hex
        hex: release r; images: 1; not signed yet
        $ rackflash release new elf --id r --counter 1 vco
        elf: release r; images: 1; not signed yet
        $ rackflash release new srec --id r --counter 1 --address 0 vco.bin
        srec: release r; images: 1; not signed yet
        $ rackflash release new cut --id r --counter 1 cut.elf
        rackflash: cut.elf: The ELF file's header or a table of it is damaged or cut off. Download it again.
        => 1
        $ rackflash update --port none cut.elf
        rackflash: cut.elf: The ELF file's header or a table of it is damaged or cut off. Download it again.
        => 1
    "#]].assert_eq(&seen);
    for file in ["release.json", "quad-vco-1.5.0.bin"] {
        let [hex, others @ ..] =
            ["hex", "elf", "srec"].map(|folder| desk.get(&format!("{folder}/{file}")));
        assert!(others.iter().all(|other| *other == hex), "{file}");
    }
}
