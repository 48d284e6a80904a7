//! The image header: golden bytes both ways; every flipped bit and every truncation refused.

use expect_test::{Expect, expect};
use rackflash_core::{
    host::image::Image,
    wire::{
        check::crc32,
        header::{HEADER_LEN, Hardware, ImageHeader, Name},
        version::Version,
    },
};

use crate::{application, application_header};

fn bytes() -> [u8; HEADER_LEN] {
    let mut bytes = [0; HEADER_LEN];
    application_header().emit(&mut bytes);
    bytes
}

/// Changes bytes, mends the CRC, and reads.
fn check(change: impl Fn(&mut [u8; HEADER_LEN]), expect: Expect) {
    let mut bytes = bytes();
    change(&mut bytes);
    let crc = crc32(&bytes[..28]);
    bytes[28..].copy_from_slice(&crc.to_le_bytes());
    let text = match ImageHeader::parse(&bytes) {
        Ok(header) => {
            let mut again = [0; HEADER_LEN];
            header.emit(&mut again);
            assert_eq!(again, bytes);
            format!("{header}\n")
        }
        Err(error) => format!("refused: {error}\n"),
    };
    expect.assert_eq(&text);
}

#[test]
fn golden_bytes() {
    let text = bytes().chunks(8).map(|row| format!("{row:02x?}\n")).collect::<String>();
    expect![[r#"
        [52, 4b, 46, 4c, 09, 12, 03, 00]
        [02, 04, 01, 00, 01, 02, 03, 00]
        [45, 6e, 76, 65, 6c, 6f, 70, 65]
        [00, 00, 00, 00, fe, ea, 55, 66]
    "#]]
    .assert_eq(&text);
    assert_eq!(ImageHeader::parse(&bytes()), Ok(application_header()));
}

#[test]
fn in_an_image() {
    let image = Image::from_binary(&application(0xe0), 0x0800_1000).unwrap();
    assert_eq!(image.header(), Ok(application_header()));
}

#[test]
fn as_it_was() {
    check(
        |_| (),
        expect![[r#"
        Envelope 1.2.3 for type 1209:0003, hardware 2 to 4
    "#]],
    );
}

#[test]
fn a_name_of_12_letters() {
    check(
        |bytes| bytes[16..28].copy_from_slice(b"Oscillator 2"),
        expect![[r#"
        Oscillator 2 1.2.3 for type 1209:0003, hardware 2 to 4
    "#]],
    );
}

#[test]
fn a_name_that_is_empty() {
    check(
        |bytes| bytes[16..28].fill(0),
        expect![[r#"
        refused: its name is not 1 to 12 printable ASCII characters
    "#]],
    );
}

#[test]
fn a_name_with_letters_behind_its_padding() {
    check(
        |bytes| bytes[27] = b'x',
        expect![[r#"
        refused: its name is not 1 to 12 printable ASCII characters
    "#]],
    );
}

#[test]
fn a_name_with_a_letter_that_is_not_ascii() {
    check(
        |bytes| bytes[16..18].copy_from_slice("é".as_bytes()),
        expect![[r#"
        refused: its name is not 1 to 12 printable ASCII characters
    "#]],
    );
    check(
        |bytes| bytes[16] = 0xff,
        expect![[r#"
        refused: its name is not 1 to 12 printable ASCII characters
    "#]],
    );
    check(
        |bytes| bytes[16] = b'\n',
        expect![[r#"
        refused: its name is not 1 to 12 printable ASCII characters
    "#]],
    );
}

#[test]
fn hardware_from_high_to_low() {
    check(
        |bytes| bytes[8] = 5,
        expect![[r#"
            refused: its hardware revisions run from 5 down to 4
        "#]],
    );
}

#[test]
fn a_single_hardware_revision() {
    check(
        |bytes| bytes[8] = 4,
        expect![[r#"
            Envelope 1.2.3 for type 1209:0003, hardware 4
        "#]],
    );
}

#[test]
fn a_reserved_byte_in_use() {
    check(
        |bytes| bytes[11] = 1,
        expect![[r#"
            refused: its reserved byte is 1
        "#]],
    );
}

#[test]
fn every_flipped_bit() {
    for bit in 0..HEADER_LEN * 8 {
        let mut bytes = bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        ImageHeader::parse(&bytes).unwrap_err();
    }
}

#[test]
fn every_truncation() {
    for len in 0..HEADER_LEN {
        ImageHeader::parse(&bytes()[..len]).unwrap_err();
    }
}

#[test]
fn names_and_revisions_that_cannot_be() {
    assert_eq!(Name::new(""), None);
    assert_eq!(Name::new("13 letters !!"), None);
    assert_eq!(Name::new("tab\t"), None);
    assert_eq!(Hardware::new(2, 1), None);
}

#[test]
fn hardware_revisions_include_both_ends() {
    let hardware = application_header().hardware;
    assert!((0..=255).filter(|revision| hardware.contains(*revision)).eq(2..=4));
}

#[test]
fn versions_are_ordered_by_number() {
    let [old, new] = [[1, 9, 3, 0], [1, 10, 0, 0]].map(Version::from_bytes);
    assert!(old < new);
    assert!(Version::from_bytes([1, 0, 0xff, 0]) < Version::from_bytes([1, 0, 0, 1]));
    assert_eq!(Version::from_bytes([1, 2, 3, 4]).to_bytes(), [1, 2, 3, 4]);
    expect!["1.2.1027"].assert_eq(&Version::from_bytes([1, 2, 3, 4]).to_string());
}
