//! Faults 27 to 29 and 31, as far as they can be met without signed releases: older images, damaged files, mixed parts.
//!
//! What only a signature can tell is not here: that a module refuses an older image by itself (anybody may ask it to),
//! that a raw binary is as its maker made it (only its header has a check), that a file is from its maker at all (fault 30),
//! or that an old release is offered in place of a new one to a module that never had the new one.

use expect_test::expect;
use rackflash_core::host::image::Image;
use rackflash_core::time::Duration;
use rackflash_core::wire::header::{HEADER_LEN, HEADER_OFFSET, ImageHeader};
use rackflash_core::wire::module::Outcome;
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::{ENVELOPE, write_hex};
use rackflash_sim::setup::{Installed, Release};
use rackflash_tests::bench::Bench;

use crate::loader::{LEN, Loading};
use crate::recipes::{NEW, OLD, envelope, one_envelope};

/// The host refuses, and says why.
#[test]
fn fault_27_an_older_image() {
    let mut bench = Bench::new(&one_envelope(&envelope(NEW, LEN)));
    bench.offer_all(&[envelope(OLD, LEN)]);
    bench.detect();
    bench.update_all(Duration::from_secs(1));
    bench.check();
    assert_eq!(bench.world.modules()[0].memory().operations(), 0);
    let problem = bench.session.rack().modules[0].problem().map(ToString::to_string);
    expect![[r#"
        1: Envelope 4 1.1.0 -> 1.1.0 runs: refused older
        the image is older than what the module runs; choose a newer one"#]]
    .assert_eq(&format!("{}{}", bench.endings(), problem.unwrap_or_default()));
}

/// One that is newer is found among older ones; each module is its own: of two of a type, one may be too new.
#[test]
fn fault_27_an_older_image_for_one_of_two() {
    let mut setup = one_envelope(&envelope(OLD, LEN));
    let mut newer = setup.modules[0].clone();
    newer.installed = Installed::Image(envelope(Version::new(2, 0, 0), LEN).bytes());
    newer.slot = 1;
    setup.slots = rackflash_sim::setup::Setup::empty(1, 2).slots;
    setup.modules.push(newer);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[envelope(OLD, LEN), envelope(NEW, LEN)]);
    bench.detect();
    bench.update_all(Duration::from_secs(5));
    bench.check();
    expect![[r#"
        1: Envelope 4 1.0.0 -> 1.1.0 runs: updated 24/24 pages
        2: Envelope 4 2.0.0 -> 2.0.0 runs: refused older
    "#]]
    .assert_eq(&bench.endings());
}

/// Back from what never started: that is no downgrade, it is the way out.
#[test]
fn fault_27_back_from_an_application_that_never_started() {
    let mut setup = one_envelope(&envelope(OLD, LEN));
    setup.faults.hangs = vec![Release { module_type: ENVELOPE.number, version: NEW }];
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[envelope(NEW, LEN)]);
    bench.detect();
    bench.update_all(Duration::from_secs(10));
    let mut told = bench.endings();
    bench.session.catalog = Default::default();
    bench.offer_all(&[envelope(OLD, LEN)]);
    bench.update_all(Duration::from_secs(10));
    bench.check();
    told += &bench.endings();
    expect![[r#"
        1: Envelope 4 1.0.0 -> 1.1.0 never-confirmed: failed never-started
        1: Envelope 4 1.1.0 -> 1.0.0 runs: updated 24/24 pages
    "#]]
    .assert_eq(&told);
}

/// What was installed once is offered again after it was replaced.
#[test]
fn fault_28_an_old_release_again() {
    let mut bench = Bench::new(&one_envelope(&envelope(OLD, LEN)));
    bench.offer_all(&[envelope(NEW, LEN)]);
    bench.detect();
    bench.update_all(Duration::from_secs(5));
    bench.session.catalog = Default::default();
    bench.offer_all(&[envelope(OLD, LEN)]);
    bench.update_all(Duration::from_secs(5));
    bench.check();
    expect![[r#"
        1: Envelope 4 1.1.0 -> 1.1.0 runs: refused older
    "#]]
    .assert_eq(&bench.endings());
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
    expect!["39940 refused, 318 read the same"]
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

/// Pages of one version under the announcement of another: the digest over the flash is not the one announced, whichever
/// part is mixed in, and the module does not make it bootable.
#[test]
fn fault_31_parts_of_two_versions() {
    let (old, new) = (envelope(OLD, LEN).bytes(), envelope(NEW, LEN).bytes());
    for page in 0..LEN.div_ceil(128) {
        let mut mixed = new.clone();
        let part = page * 128..(page * 128 + 128).min(LEN);
        mixed[part.clone()].copy_from_slice(&old[part]);
        let mut module = Loading::new(&old);
        let outcome = module.take(&new, &mixed);
        let same = mixed == new;
        assert_eq!(outcome, if same { Outcome::Done } else { Outcome::DigestMismatch }, "{page}");
        assert_eq!(module.is_bootable(), same);
    }
    // The header of one in the body of the other: the version announced is not the one in the flash.
    let mut mixed = new.clone();
    let place = HEADER_OFFSET as usize..HEADER_OFFSET as usize + HEADER_LEN;
    mixed[place.clone()].copy_from_slice(&old[place.clone()]);
    assert_eq!(ImageHeader::parse(&mixed[place]).map(|header| header.version), Ok(OLD));
    let mut module = Loading::new(&old);
    assert_eq!(module.take(&new, &mixed), Outcome::DigestMismatch);
}
