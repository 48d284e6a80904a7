//! Fault 29: releases and files with any byte changed, or cut off anywhere.

use std::collections::BTreeSet;

use expect_test::expect;
use rackflash_core::host::image::Image;
use rackflash_core::wire::header::{HEADER_LEN, HEADER_OFFSET};
use rackflash_release::pack::Pack;
use rackflash_release::{Known, Release, ReleaseError};
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::write_hex;

use crate::recipes::{NEW, envelope};
use rackflash_tests::signed::{Folder, Maker};

/// A release with any byte of its manifest changed to any other.
#[test]
fn fault_29_a_manifest_with_any_byte_changed() {
    let maker = Maker::drawn();
    let folder = maker.release(1, &[&envelope(NEW, 600).bytes()]);
    let keys = maker.keys();
    assert!(folder.open(&keys, Known::default()).is_ok());
    each_change(&folder.manifest, |manifest| {
        let changed = Folder { manifest, ..folder.clone() };
        assert_eq!(changed.open(&keys, Known::default()), Err(ReleaseError::Signature));
    });
    for len in 0..folder.manifest.len() {
        let changed = Folder { manifest: folder.manifest[..len].to_vec(), ..folder.clone() };
        assert_eq!(changed.open(&keys, Known::default()), Err(ReleaseError::Signature));
    }
}

/// Or of its signature, the comment that is not signed and the end of the file included.
#[test]
fn fault_29_a_signature_with_any_byte_changed() {
    let maker = Maker::drawn();
    let folder = maker.release(1, &[&envelope(NEW, 600).bytes()]);
    let keys = maker.keys();
    let mut codes = BTreeSet::new();
    let mut refused = |signature: Vec<u8>| {
        let changed = Folder { signature, ..folder.clone() };
        let error = changed.open(&keys, Known::default()).expect_err("it was changed");
        codes.insert(error.code());
    };
    each_change(&folder.signature, &mut refused);
    for len in 0..folder.signature.len() {
        refused(folder.signature[..len].to_vec());
    }
    for more in ["\n", "x", "\0"] {
        refused([folder.signature.as_slice(), more.as_bytes()].concat());
    }
    expect![[r#"{"release-signature", "release-signature-form", "release-unknown-key"}"#]]
        .assert_eq(&format!("{codes:?}"));
}

/// Or of an image: it is not the file that was signed.
#[test]
fn fault_29_an_image_with_any_byte_changed() {
    let maker = Maker::drawn();
    let bytes = envelope(NEW, 600).bytes();
    let folder = maker.release(1, &[&bytes]);
    let release = folder.open(&maker.keys(), Known::default()).expect("a release");
    let part = &release.manifest().images[0];
    let other = Err(ReleaseError::OtherFile { file: part.file.clone() });
    let offer = |bytes: &[u8]| release.offer(part, bytes).map(|offer| offer.header);
    assert!(offer(&bytes).is_ok());
    each_change(&bytes, |changed| assert_eq!(offer(&changed), other));
    for len in 0..bytes.len() {
        assert_eq!(offer(&bytes[..len]), other);
    }
    assert_eq!(offer(&[bytes.as_slice(), &[0]].concat()), other);
}

/// Or of all of it in one file: whatever does not change what is signed is not taken either.
#[test]
fn fault_29_a_pack_with_any_byte_changed() {
    let maker = Maker::drawn();
    let folder = maker.release(1, &[&envelope(NEW, 600).bytes()]);
    let keys = maker.keys();
    let files = folder.files.values().map(Vec::as_slice);
    let pack = Pack::join(&folder.signature, &folder.manifest, files).expect("a pack");
    let offers = |bytes: &[u8]| {
        let pack = Pack::split(bytes)?;
        let release = Release::open(pack.manifest, pack.signature, &keys, Known::default())?;
        let files = pack.files(release.manifest())?;
        let offers = release.manifest().images.iter().zip(files);
        offers.map(|(part, file)| release.offer(part, file)).collect::<Result<Vec<_>, _>>()
    };
    assert_eq!(offers(&pack).expect("it is whole").len(), 1);
    each_change(&pack, |changed| assert!(offers(&changed).is_err()));
    for len in 0..pack.len() {
        assert!(offers(&pack[..len]).is_err());
    }
    assert_eq!(offers(&[pack.as_slice(), &[0]].concat()).err(), Some(ReleaseError::PackForm));
}

/// Gives each of the texts that differ in one byte.
fn each_change(bytes: &[u8], mut give: impl FnMut(Vec<u8>)) {
    let mut changed = bytes.to_vec();
    for at in 0..bytes.len() {
        for difference in 1..=u8::MAX {
            changed[at] = bytes[at] ^ difference;
            give(changed.clone());
        }
        changed[at] = bytes[at];
    }
}

/// A HEX file with any byte changed to any other digit, or with any bit of it flipped, is refused or reads as the same
/// image; cut off anywhere it is refused.
#[test]
fn fault_29_a_hex_file_with_any_byte_changed() {
    let bytes = envelope(NEW, 600).bytes();
    let file = write_hex(APPLICATION_START, &bytes, APPLICATION_START).into_bytes();
    let image = Image::from_binary(&bytes, APPLICATION_START).expect("an image");
    assert_eq!(Image::from_hex(&file).as_ref(), Ok(&image));
    let (mut refused, mut same) = (0, 0);
    for at in 0..file.len() {
        let digits = b"0123456789ABCDEF".iter().map(|digit| digit ^ file[at]);
        for change in digits.chain((0..8).map(|bit| 1 << bit)).filter(|change| *change != 0) {
            let mut changed = file.clone();
            changed[at] ^= change;
            match Image::parse(&changed, None) {
                Err(_) => refused += 1,
                Ok(read) => {
                    let text = String::from_utf8_lossy(&changed).into_owned();
                    assert_eq!(read, image, "byte {at}: {text}");
                    same += 1;
                }
            }
        }
    }
    for len in 0..file.trim_ascii_end().len() {
        assert!(Image::parse(&file[..len], None).is_err(), "cut off behind {len} bytes");
    }
    expect!["39941 refused, 317 read the same"]
        .assert_eq(&format!("{refused} refused, {same} read the same"));
}

/// Of a raw binary the header has a check of its own: no bit of it may flip, and what is cut off in it is no image.
#[test]
fn fault_29_a_binary_with_a_damaged_header() {
    let bytes = envelope(NEW, 600).bytes();
    let header = |bytes: &[u8]| Image::parse(bytes, Some(APPLICATION_START))?.header();
    assert!(header(&bytes).is_ok());
    let place = HEADER_OFFSET as usize..HEADER_OFFSET as usize + HEADER_LEN;
    for at in place.clone() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(header(&changed).is_err(), "byte {at}, bit {bit}");
        }
    }
    for len in 0..place.end {
        assert!(header(&bytes[..len]).is_err(), "cut off behind {len} bytes");
    }
}
