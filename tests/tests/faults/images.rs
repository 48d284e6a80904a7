//! Faults 21 and 24 to 26: images that are not for a module. The host says so before the module is touched; the module, which
//! believes no host, refuses before its first erase. The base does not look: to it an image is bytes in operations.

use expect_test::{Expect, expect};
use rackflash_core::host::TargetError;
use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::{Image, ImageError};
use rackflash_core::host::rack::Problem;
use rackflash_core::time::Duration;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::{HEADER_OFFSET, Hardware};
use rackflash_core::wire::module::{Begin, Outcome};
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::{ENVELOPE, QUAD_VCO, Recipe, VENDOR};
use rackflash_sim::module::Runs;
use rackflash_tests::bench::Bench;

use crate::loader::{LEN, Loading};
use crate::recipes::{NEW, OLD, envelope, one_envelope};

/// What the host makes of `image` for a rack with one envelope that is asked to update.
fn host(image: Result<Image, ImageError>) -> String {
    let mut bench = Bench::new(&one_envelope(&envelope(OLD, 3000)));
    let offered = image.and_then(Offer::new).map(|offer| bench.session.catalog.add(offer));
    bench.detect();
    bench.update_all(Duration::from_secs(1));
    bench.check();
    assert_eq!(bench.world.modules()[0].memory().operations(), 0, "nothing was written");
    let offered = offered.map_or_else(|error| format!("{error}\n"), |_| String::new());
    format!("{offered}{}", bench.endings())
}

fn at_its_place(bytes: &[u8]) -> Result<Image, ImageError> {
    Image::from_binary(bytes, APPLICATION_START)
}

fn check(image: &[u8], expected: &Expect) {
    expected.assert_eq(&host(at_its_place(image)));
}

/// What a module answers that is asked to take this, and that it touches nothing.
fn module(change: impl FnOnce(&mut Begin)) -> Outcome {
    let image = envelope(NEW, LEN).bytes();
    let mut begin = Begin {
        vendor: VENDOR,
        module_type: ENVELOPE.number,
        hardware: Hardware::of(1),
        version: NEW,
        len: u32::try_from(LEN).expect("a length"),
        digest: digest(&image),
        group: None,
    };
    change(&mut begin);
    let mut module = Loading::new(&envelope(OLD, LEN).bytes());
    let outcome = module.begin(begin);
    assert_eq!(module.memory.operations() > 0, outcome == Outcome::Done);
    outcome
}

/// Nothing says what it is for.
#[test]
fn fault_21_without_a_header() {
    let mut bytes = envelope(NEW, 3000).bytes();
    bytes[HEADER_OFFSET as usize] = 0;
    check(
        &bytes,
        &expect![[r#"
        There is no Rackflash header at 0x080022c0. Choose a file made for this module.
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused no-image
    "#]],
    );
}

/// What the host makes of it.
#[test]
fn fault_21_what_a_module_refuses_with_has_a_name() {
    let said = (0..=10).filter_map(|code| Outcome::parse(code).ok()).map(|outcome| {
        format!("{outcome:?}: {}\n", Problem::Target(TargetError::Refused(outcome)).code())
    });
    expect![[r#"
        Done: refused
        Unsupported: refused
        WrongType: wrong-type
        WrongHardware: wrong-hardware
        OutOfArea: does-not-fit
        NotOpen: refused
        Incomplete: refused
        DigestMismatch: digest-mismatch
        FlashWorn: flash-worn
        NoApplication: no-application
        BadHeader: bad-image
    "#]]
    .assert_eq(&said.collect::<String>());
}

#[test]
fn fault_21_for_another_type_or_hardware_revision() {
    let other_type = Recipe { module: QUAD_VCO, ..envelope(NEW, 3000) };
    check(
        &other_type.bytes(),
        &expect![[r#"
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused no-image
    "#]],
    );
    let other_hardware = Recipe { hardware: (2, 4), ..envelope(NEW, 3000) };
    check(
        &other_hardware.bytes(),
        &expect![[r#"
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused wrong-hardware
    "#]],
    );

    assert_eq!(module(|_| {}), Outcome::Done);
    assert_eq!(module(|begin| begin.vendor ^= 1), Outcome::WrongType);
    assert_eq!(module(|begin| begin.module_type ^= 1), Outcome::WrongType);
    assert_eq!(module(|begin| begin.hardware = Hardware::of(2)), Outcome::WrongHardware);
    assert_eq!(module(|begin| begin.hardware = Hardware::of(0)), Outcome::WrongHardware);
}

/// Into the loader and its records, past the end of the flash, into option bytes and EEPROM: all that is not the application
/// area. The module counts from its own start, and no length makes that wrap.
#[test]
fn fault_24_reaching_where_it_must_not() {
    let bytes = envelope(NEW, 3000).bytes();
    let mut told = String::new();
    for (what, address) in [
        ("the loader", 0x0800_0000),
        ("the records", APPLICATION_START - 128),
        ("the EEPROM", 0x0808_0000),
        ("option bytes", 0x1ff8_0000),
        ("RAM", 0x2000_0000),
    ] {
        told += &format!("{what}: {}", host(Image::from_binary(&bytes, address)));
    }
    told += &format!("too long: {}", host(at_its_place(&envelope(NEW, 60_000).bytes())));
    // Right at its start, and one byte far away.
    let mut hex = rackflash_sim::images::write_hex(APPLICATION_START, &bytes, APPLICATION_START);
    let end = hex.find(":00000001FF").expect("an end record");
    hex.insert_str(end, ":020000041FF8E3\n:0100000055AA\n");
    told += &format!("a byte in the option bytes: {}", host(Image::from_hex(hex.as_bytes())));
    expect![[r#"
        the loader: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused does-not-fit
        the records: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused does-not-fit
        the EEPROM: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused does-not-fit
        option bytes: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused does-not-fit
        RAM: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused does-not-fit
        too long: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused does-not-fit
        a byte in the option bytes: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused does-not-fit
    "#]]
    .assert_eq(&told);

    let area = 64 * 1024 - 8 * 1024 - 4 * 128;
    assert_eq!(module(|begin| begin.len = area), Outcome::Done);
    for len in [area + 4, 0x0800_0000, 0x7fff_fffc, 0x8000_0000, 0xffff_fffc, 0xffff_ffff] {
        assert_eq!(module(|begin| begin.len = len), Outcome::OutOfArea, "{len:#x}");
    }
}

/// From a file without a byte to one that spans all addresses, which costs no more memory than its bytes.
#[test]
fn fault_25_empty_one_byte_full_and_four_gibibytes_wide() {
    let mut told = String::new();
    told += &format!("empty: {}", host(at_its_place(&[])));
    told += &format!("one byte: {}", host(at_its_place(&[0x55])));
    let wide = ":0100000001FE\n:02000004FFFFFC\n:01FFFF0002FF\n:00000001FF\n";
    let image = Image::from_hex(wide.as_bytes()).expect("two bytes");
    assert_eq!(image.span_len(), 1 << 32);
    told += &format!("two bytes, 4 GiB apart: {}", host(Ok(image)));
    expect![[r#"
        empty: The file is empty. Download it again.
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused no-image
        one byte: There is no Rackflash header at 0x080022c0. Choose a file made for this module.
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused no-image
        two bytes, 4 GiB apart: There is no Rackflash header at 0x000000c0. Choose a file made for this module.
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused no-image
    "#]].assert_eq(&told);
    assert_eq!(module(|begin| begin.len = 0), Outcome::BadHeader);
    assert_eq!(module(|begin| begin.len = 4), Outcome::BadHeader);
}

/// To the last byte of the flash.
#[test]
fn fault_25_exactly_full() {
    let full = 64 * 1024 - 8 * 1024 - 4 * 128;
    let mut bench = Bench::new(&one_envelope(&envelope(OLD, 3000)));
    bench.offer_all(&[envelope(NEW, full)]);
    bench.detect();
    bench.update_all(Duration::from_secs(20));
    bench.check();
    assert_eq!(bench.world.modules()[0].runs(), Runs::Application(NEW));
    expect![[r#"
        1: Envelope 4 1.0.0 -> 1.1.0 runs: updated 444/444 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// The host refuses before anything is sent. A module that a host sends such an image sees it in its flash, and does not
/// make it bootable.
#[test]
fn fault_26_vectors_that_cannot_be_meant() {
    let vectors: [(&str, usize, u32); 7] = [
        ("stack below the RAM", 0, 0x1fff_fffc),
        ("stack behind the RAM", 0, 0x2000_5004),
        ("stack not on a word", 0, 0x2000_4002),
        ("no stack", 0, 0),
        ("reset without the Thumb bit", 4, APPLICATION_START + 0x100),
        ("reset in the loader", 4, 0x0800_0101),
        ("reset behind the image", 4, APPLICATION_START + 60_001),
    ];
    let mut told = String::new();
    for (what, at, value) in vectors {
        let mut bytes = envelope(NEW, LEN).bytes();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let mut module = Loading::new(&envelope(OLD, LEN).bytes());
        let outcome = module.take(&bytes, &bytes);
        assert!(!module.is_bootable(), "{what}");
        told += &format!("{what}: module {outcome:?}, host {}", host(at_its_place(&bytes)));
    }
    expect![[r#"
        stack below the RAM: module BadHeader, host 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-image
        stack behind the RAM: module BadHeader, host 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-image
        stack not on a word: module BadHeader, host 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-image
        no stack: module BadHeader, host 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-image
        reset without the Thumb bit: module BadHeader, host 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-image
        reset in the loader: module BadHeader, host 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-image
        reset behind the image: module BadHeader, host 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-image
    "#]].assert_eq(&told);
}
