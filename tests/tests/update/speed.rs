//! How long it takes, against what physics allows. Virtual time: the same on every machine.

use rackflash_core::time::Duration;

use expect_test::expect;
use rackflash_sim::setup::Setup;
use rackflash_tests::bench::Bench;

use crate::recipes::all_different;

const LEN: usize = 64 * 1024;
/// Erase and two half-pages of 3.28 ms each.
const FLASH_PAGE: f64 = 3.0 * 3.28e-3;
/// A page frame on the bus: address, 8 bytes around the page, 128, a status read of 5; 9 clocks a byte.
fn bus_page(clock_hz: f64) -> f64 {
    142.0 * 9.0 / clock_hz
}

/// The floor for different images on one bus: whichever is busier, and one page to fill.
fn floor(modules: f64, clock_hz: f64) -> f64 {
    let pages = (LEN / 128) as f64;
    let bus = bus_page(clock_hz);
    (modules * pages * bus).max(pages * FLASH_PAGE) + bus
}

fn ratio(modules: u16, clock_hz: u32) -> (f64, f64) {
    let (mut setup, recipes) = all_different(modules, LEN);
    setup.buses[0].clock_hz = clock_hz;
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    let took = bench.update_all(Duration::from_secs(60)).as_secs_f64();
    bench.check();
    (took, took / floor(modules.into(), clock_hz.into()))
}

#[test]
fn eight_different_images_of_64_kb_at_1_mhz() {
    let (took, ratio) = ratio(8, 1_000_000);
    println!("8 modules, 64 KB each, 1 MHz: {took:.3} s, {ratio:.3} times the floor");
    assert!(ratio <= 1.3, "{took:.3} s is {ratio:.3} times the floor");
}

#[test]
fn times_in_a_table() {
    let mut table = String::new();
    for (modules, clock_hz) in
        [(1, 1_000_000), (1, 400_000), (1, 100_000), (8, 1_000_000), (8, 400_000)]
    {
        let (took, ratio) = ratio(modules, clock_hz);
        table +=
            &format!("{modules} x 64 KB at {clock_hz:7} Hz: {took:6.3} s = {ratio:.3} x floor\n");
    }
    expect![[r#"
        1 x 64 KB at 1000000 Hz:  5.202 s = 1.032 x floor
        1 x 64 KB at  400000 Hz:  5.214 s = 1.034 x floor
        1 x 64 KB at  100000 Hz:  6.731 s = 1.027 x floor
        8 x 64 KB at 1000000 Hz:  5.405 s = 1.032 x floor
        8 x 64 KB at  400000 Hz: 13.290 s = 1.015 x floor
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_rack_that_is_up_to_date() {
    let mut bench = Bench::new(&Setup::rack(16));
    bench.offer_all(rackflash_sim::images::RECIPES.iter().step_by(2));
    bench.detect();
    let took = bench.update_all(Duration::from_secs(5));
    let operations: u64 =
        bench.world.modules().iter().map(|module| module.memory().operations()).sum();
    expect!["161ms, 0 flash operations"]
        .assert_eq(&format!("{took:?}, {operations} flash operations"));
}
