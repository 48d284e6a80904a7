//! How long an update takes is told before it begins, and is true.

use rackflash_core::host::view::View;
use rackflash_core::time::Duration;
use rackflash_core::wire::message::Bus;
use rackflash_sim::chip::{APPLICATION_START, FLASH_START, Variant};
use rackflash_sim::images::{RECIPES, Recipe};
use rackflash_sim::setup::Setup;
use rackflash_tests::bench::Bench;
use rackflash_tests::racks::{NEW, all_different, outdated, recipe};

/// How far it may be from the truth. What a person plans by is "about ten seconds".
const OFF_MAX: f32 = 0.15;
const LEN_64K: usize = 64 * 1024;
/// The application area of a chip of 192 KB.
const LEN_192K: usize = 192 * 1024 - (APPLICATION_START - FLASH_START) as usize;

#[test]
fn the_flash_is_the_slower() {
    check("the demo's rack", &Setup::demo(), &RECIPES);
    for (name, variant, len) in [
        ("one of 64 KB", Variant::Kb64, 50_000),
        ("one of 128 KB", Variant::Kb128, LEN_64K),
        ("one of 192 KB", Variant::Kb192, LEN_192K),
        ("one of two banks", Variant::Dual192, LEN_192K),
        ("one of two banks of which it needs one", Variant::Dual192, LEN_64K),
    ] {
        let (setup, recipes) = all_different(1, len, variant);
        check(name, &setup, &recipes);
    }
}

#[test]
fn the_bus_is_the_slower() {
    let (mut setup, recipes) = all_different(16, LEN_64K, Variant::Kb128);
    check("sixteen different ones at 1 MHz", &setup, &recipes);
    setup.buses[0].clock_hz = 400_000;
    check("sixteen different ones at 400 kHz", &setup, &recipes);
}

#[test]
fn one_image_goes_over_the_bus_once() {
    let modules = (0..16).map(|slot| outdated(slot, 0, LEN_64K, Variant::Kb128)).collect();
    let mut setup = Setup::empty(1, 16).with(modules);
    setup.buses[0].clock_hz = 400_000;
    check("sixteen of one image", &setup, &[recipe(0, NEW, LEN_64K)]);
}

#[test]
fn buses_work_side_by_side() {
    let (mut setup, recipes) = all_different(16, LEN_64K, Variant::Kb128);
    setup.buses = vec![setup.buses[0]; 2];
    for (number, slot) in setup.slots.iter_mut().enumerate() {
        slot.bus = Bus(u8::from(number >= 12));
    }
    check("twelve on one bus and four on another", &setup, &recipes);
}

#[test]
fn nothing_to_be_done_takes_no_time() {
    let mut bench = Bench::new(&Setup::rack(3));
    bench.detect();
    assert_eq!(estimate(&bench), None, "no image is there");
    bench.offer_all(&RECIPES);
    assert!(estimate(&bench).is_some());
    bench.update_all(Duration::from_secs(60));
    assert_eq!(estimate(&bench), None, "all are up to date");
}

fn check(name: &str, setup: &Setup, recipes: &[Recipe]) {
    let mut bench = Bench::new(setup);
    bench.offer_all(recipes);
    bench.detect();
    let told = estimate(&bench).expect("there is something to be done");
    let took = bench.update_all(Duration::from_secs(120)).as_secs_f32();
    println!("{name}: told {told:.2} s, took {took:.2} s: {:+.1} %", (told / took - 1.0) * 100.0);
    assert!((told / took - 1.0).abs() <= OFF_MAX, "{name}: told {told} s, took {took} s");
}

fn estimate(bench: &Bench) -> Option<f32> {
    View::of(&bench.session, bench.world.now()).estimate
}
