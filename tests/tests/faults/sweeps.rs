//! What goes through all faults: clocks of buses, numbers of modules.

use rackflash_core::time::Duration;
use rackflash_core::wire::message::{Bus, BusInfo};
use rackflash_sim::setup::Setup;
use rackflash_tests::bench::Bench;

use crate::all_run_new;
use crate::recipes::all_different;

fn update(setup: &Setup, recipes: &[rackflash_sim::images::Recipe]) -> Duration {
    let mut bench = Bench::new(setup);
    bench.offer_all(recipes);
    bench.detect();
    let took = bench.update_all(Duration::from_secs(60));
    bench.check();
    all_run_new(&bench.world);
    assert_eq!(bench.session.rack().modules.len(), setup.modules.len());
    took
}

/// None to sixteen, each with an image of its own. At 1 MHz seven are as fast as one, and sixteen take twice as long.
#[test]
fn sweep_zero_to_sixteen_modules() {
    let mut one = Duration::ZERO;
    for modules in 0..=16 {
        let (setup, recipes) = all_different(modules, 8_000);
        let took = update(&setup, &recipes);
        if modules == 1 {
            one = took;
        }
        println!("{modules} modules: {took:.3?}");
        let share = f64::from(modules.max(7)) / 7.0;
        assert!(modules == 0 || took.as_secs_f64() <= one.as_secs_f64() * share * 1.4);
    }
}

/// One bus at each clock, and one rack with a bus of each: 100 kHz, 400 kHz, 1 MHz.
#[test]
fn sweep_clocks_of_buses() {
    let clocks = [100_000, 400_000, 1_000_000];
    for clock_hz in clocks {
        let (mut setup, recipes) = all_different(3, 8_000);
        setup.buses[0].clock_hz = clock_hz;
        println!("{clock_hz} Hz: {:.3?}", update(&setup, &recipes));
    }
    let (mut setup, recipes) = all_different(6, 8_000);
    setup.buses =
        clocks.map(|clock_hz| BusInfo { clock_hz, ..setup.buses[0] }).into_iter().collect();
    for (slot, bus) in setup.slots.iter_mut().zip([0, 1, 2, 0, 1, 2]) {
        slot.bus = Bus(bus);
    }
    println!("one bus of each: {:.3?}", update(&setup, &recipes));
}
