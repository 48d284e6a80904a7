//! Images that are not for a module, and what is said before it is touched.

use rackflash_core::time::Duration;

use expect_test::{Expect, expect};
use rackflash_core::host::image::Image;
use rackflash_core::wire::header::HEADER_OFFSET;
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::{QUAD_VCO, Recipe};
use rackflash_tests::bench::Bench;

use crate::recipes::{NEW, OLD, envelope, one_envelope};

/// Offers `image` to a rack with one envelope, and asks for the update.
fn check(image: Image, expected: &Expect) {
    let mut bench = Bench::new(&one_envelope(&envelope(OLD, 3000)));
    let offered = bench.session.catalog.add(image).map(|_| ());
    bench.detect();
    bench.update_all(Duration::from_secs(1));
    assert_eq!(bench.world.modules()[0].memory().operations(), 0, "nothing was written");
    let offered = offered.map_or_else(|error| format!("{error}\n"), |()| String::new());
    expected.assert_eq(&format!("{offered}{}", bench.endings()));
}

fn image(recipe: &Recipe) -> Image {
    Image::from_binary(&recipe.bytes(), APPLICATION_START).expect("an image")
}

#[test]
fn without_a_header() {
    let mut bytes = envelope(NEW, 3000).bytes();
    bytes[HEADER_OFFSET as usize] = 0;
    check(
        Image::from_binary(&bytes, APPLICATION_START).expect("an image"),
        &expect![[r#"
        There is no Rackflash header at 0x080022c0. Choose a file made for this module.
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused no-image
    "#]],
    );
}

/// That a module does not rely on what the host has checked is in the loader's own tests; here is what the host makes of it.
#[test]
fn what_a_module_refuses_with_has_a_name() {
    use rackflash_core::host::TargetError;
    use rackflash_core::host::rack::Problem;
    use rackflash_core::wire::module::Outcome;
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
        NoApplication: refused
        BadHeader: bad-image
    "#]]
    .assert_eq(&said.collect::<String>());
}
