//! Faults 27, 28 and 31: older images, old releases, mixed ones.

use expect_test::expect;
use rackflash_core::time::Duration;
use rackflash_core::wire::header::{HEADER_LEN, HEADER_OFFSET, ImageHeader};
use rackflash_core::wire::module::Outcome;
use rackflash_core::wire::version::Version;
use rackflash_release::manifest::{Manifest, Part};
use rackflash_release::{Known, Release};
use rackflash_sim::images::ENVELOPE;
use rackflash_sim::setup::{self, Installed};
use rackflash_tests::bench::Bench;

use crate::loader::{LEN, Loading};
use crate::recipes::{NEW, OLD, envelope, one_envelope};
use rackflash_tests::signed::{Folder, Maker};

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

/// Unless its maker has signed that it may: then it is written, and the module says what it runs.
#[test]
fn fault_27_an_older_image_with_a_signed_exception() {
    let maker = Maker::drawn();
    let old = envelope(OLD, LEN).bytes();
    let mut told = String::new();
    for replaces_newer in [false, true] {
        let folder = maker.release_with(1, &[&old], |manifest| {
            manifest.images[0].replaces_newer = replaces_newer;
        });
        let bench = updated(&folder, &maker, NEW, Duration::from_secs(5));
        told += &bench.endings();
    }
    expect![[r#"
        1: Envelope 4 1.1.0 -> 1.1.0 runs: refused older
        1: Envelope 4 1.1.0 -> 1.0.0 runs: updated 24/24 pages
    "#]]
    .assert_eq(&told);
}

/// One that is newer is found among older ones; each module is its own: of two of a type, one may be too new.
#[test]
fn fault_27_an_older_image_for_one_of_two() {
    let mut setup = one_envelope(&envelope(OLD, LEN));
    let mut newer = setup.modules[0].clone();
    newer.installed = Installed::Image(envelope(Version::new(2, 0, 0), LEN).bytes());
    newer.slot = 1;
    setup.slots = setup::Setup::empty(1, 2).slots;
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
    setup.faults.hangs = vec![setup::Release { module_type: ENVELOPE.number, version: NEW }];
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

/// A release that was signed once is offered again to whoever has taken a later one, or after its last day; so is one that
/// the module's loader is too old for.
#[test]
fn fault_28_an_old_release_that_was_signed() {
    let maker = Maker::drawn();
    let image = envelope(NEW, LEN).bytes();
    let old = maker.release_with(7, &[&image], |manifest| {
        manifest.expires = "2027-01-31".parse().ok();
    });
    let known = |counter, today: &str| Known { counter, today: today.parse().ok() };
    let told: String =
        [known(0, "2027-01-31"), known(7, ""), known(8, "2027-01-01"), known(7, "2027-02-01")]
            .map(|known| match old.open(&maker.keys(), known) {
                Ok(release) => format!("taken: {}\n", release.manifest().id),
                Err(error) => format!("{}: {error}\n", error.code()),
            })
            .concat();
    expect![[r#"
        taken: r7
        taken: r7
        release-older: this is release number 7, and number 8 is known already: older than installed; get the newest release
        release-expired: the release could be installed until 2027-01-31, and this computer says that it is 2027-02-01; get the newest release, or set the computer's clock
    "#]].assert_eq(&told);

    let newer_loader = maker.release_with(9, &[&image], |manifest| {
        manifest.images[0].loader_min = Version::new(200, 0, 0).into();
    });
    let bench = updated(&newer_loader, &maker, OLD, Duration::from_secs(1));
    assert_eq!(bench.world.modules()[0].memory().operations(), 0);
    expect![[r#"
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused loader-older
    "#]]
    .assert_eq(&bench.endings());
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

/// The manifest of one release with the signature or the files of another: even where each is its maker's own.
#[test]
fn fault_31_parts_of_two_releases() {
    let maker = Maker::drawn();
    let (old, new) = (envelope(OLD, 600).bytes(), envelope(NEW, 600).bytes());
    let same_name = |manifest: &mut Manifest| manifest.images[0].file = "envelope.bin".to_owned();
    let old = maker.release_with(1, &[&old], same_name);
    let new = maker.release_with(2, &[&new], same_name);
    let mut told = Vec::new();
    for [manifest, signature, files] in
        [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]]
    {
        let of = |which: usize| [&old, &new][which].clone();
        let mixed = Folder {
            manifest: of(manifest).manifest,
            signature: of(signature).signature,
            files: of(files).files,
        };
        told.push(match mixed.offers(&maker.keys(), Known::default()) {
            Ok(offers) => format!("taken: {}", offers[0].header.version),
            Err(error) => error.code().to_owned(),
        });
    }
    expect![[r#"
        taken: 1.0.0
        release-other-file
        release-signature
        release-signature
        release-signature
        release-signature
        release-other-file
        taken: 1.1.0"#]]
    .assert_eq(&told.join("\n"));
}

/// A signed manifest that says of an image what the image does not say of itself.
#[test]
fn fault_31_an_image_that_is_not_what_its_release_says() {
    let maker = Maker::drawn();
    let image = envelope(NEW, 600).bytes();
    let changes: [fn(&mut Part); 6] = [
        |part| part.vendor ^= 1,
        |part| part.module_type ^= 1,
        |part| part.hardware[1] += 1,
        |part| part.version = OLD.into(),
        |part| part.len += 1,
        |part| part.flash_start = u32::MAX - 3,
    ];
    let told = changes.map(|change| {
        let folder = maker.release_with(1, &[&image], |manifest| change(&mut manifest.images[0]));
        let error = folder.offers(&maker.keys(), Known::default()).expect_err("it lies");
        format!("{}: {error}\n", error.code())
    });
    expect![[r#"
        release-other-image: 103-1.1.0.bin is for another module or of another version than the release says; tell its maker
        release-other-image: 103-1.1.0.bin is for another module or of another version than the release says; tell its maker
        release-other-image: 103-1.1.0.bin is for another module or of another version than the release says; tell its maker
        release-other-image: 103-1.1.0.bin is for another module or of another version than the release says; tell its maker
        release-other-file: 103-1.1.0.bin is not the file that belongs to the release; download the release again
        release-image: 103-1.1.0.bin: The binary file, put at 0xfffffffc, reaches past address 0xffffffff. Give a lower address.
    "#]].assert_eq(&told.concat());
}

/// A maker's mistakes: told before anybody else sees them.
#[test]
fn a_manifest_that_is_none() {
    let maker = Maker::drawn();
    let image = envelope(NEW, 600).bytes();
    let mut told = String::new();
    let mut tell = |manifest: &[u8]| {
        let signature = maker.sign(manifest).to_string();
        let opened = Release::open(manifest, signature.as_bytes(), &maker.keys(), Known::default());
        let error = opened.expect_err("it is none");
        told += &format!("{}: {error}\n", error.code());
    };
    tell(b"");
    tell(b"{}");
    tell(br#"{"format": "rackflash-release/2", "later": true}"#);
    tell(&vec![b' '; 300_000]);
    let good = String::from_utf8(maker.release(1, &[&image]).manifest).expect("text");
    let name = "envelope";
    for (from, to) in [
        ("\"counter\":1", "\"counter\":-1"),
        ("\"channel\"", "\"chanel\""),
        ("1.1.0\"", "1.1\""),
        ("1.1.0\"", "1.1.70000\""),
        ("\"images\":[", "\"images\":[],\"x\":["),
        ("\"images\"", "\"expires\":\"2027-13-01\",\"images\""),
        (".bin", "/../../bin"),
        ("\"sha256\":\"", "\"sha256\":\"z"),
    ] {
        assert!(good.contains(from), "{from} is in {good}");
        tell(good.replacen(from, to, 1).as_bytes());
    }
    let twice = maker.release_with(1, &[&image, &image], |manifest| {
        manifest.images.iter_mut().for_each(|part| part.file = name.to_owned());
    });
    tell(&twice.manifest);
    expect![[r#"
        release-manifest: the release says what cannot be (EOF while parsing a value at line 1 column 0); tell its maker
        release-manifest: the release says what cannot be (missing field `format` at line 1 column 2); tell its maker
        release-format: the release is of the kind "rackflash-release/2"; use a newer version of this program
        release-too-long: this is no release: its manifest is longer than 262144 bytes, or its signature than any; download it again
        release-manifest: the release says what cannot be (invalid value: integer `-1`, expected u32 at line 1 column 54); tell its maker
        release-manifest: the release says what cannot be (unknown field `chanel`, expected one of `format`, `id`, `counter`, `channel`, `expires`, `notes`, `images` at line 1 column 62); tell its maker
        release-manifest: the release says what cannot be ("1.1" is no version; write it as in "1.2.0" at line 1 column 171); tell its maker
        release-manifest: the release says what cannot be ("1.1.70000" is no version; it has numbers up to 255.255.65535 at line 1 column 177); tell its maker
        release-manifest: the release says what cannot be (unknown field `x`, expected one of `format`, `id`, `counter`, `channel`, `expires`, `notes`, `images` at line 1 column 88); tell its maker
        release-manifest: the release says what cannot be ("2027-13-01" is no day; write it as in "2027-01-31" at line 1 column 95); tell its maker
        release-manifest: the release says what cannot be ("103-1.1.0/../../bin" is no plain name of a file); tell its maker
        release-manifest: the release says what cannot be (the SHA-256 of 103-1.1.0.bin is none); tell its maker
        release-manifest: the release says what cannot be (envelope is there twice); tell its maker
    "#]].assert_eq(&told);
}

/// An envelope of this version that was asked to take what `maker` has signed.
fn updated(folder: &Folder, maker: &Maker, installed: Version, within: Duration) -> Bench {
    let mut bench = Bench::new(&one_envelope(&envelope(installed, LEN)));
    let offers = folder.offers(&maker.keys(), Known::default()).expect("a release");
    offers.into_iter().for_each(|offer| bench.put(offer));
    bench.detect();
    bench.update_all(within);
    bench.check();
    bench
}
