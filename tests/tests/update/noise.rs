//! Bits flip, frames are lost, the browser sleeps: it takes a little longer, and ends the same.

use rackflash_core::time::Duration;

use rackflash_core::host::rack::{Ended, Phase};
use rackflash_sim::cable::LinkSetup;
use rackflash_sim::setup::{Faults, Incident, Setup};
use rackflash_tests::bench::Bench;

use crate::recipes::all_different;

fn took(change: impl FnOnce(&mut Setup)) -> Duration {
    let (mut setup, recipes) = all_different(4, 20_000);
    change(&mut setup);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    let took = bench.update_all(Duration::from_secs(120));
    bench.check();
    let updated = |phase: &Phase| matches!(phase, Phase::Ended(Ended::Updated(_)));
    assert!(bench.session.rack().modules.iter().all(|m| updated(&m.phase)), "{}", bench.endings());
    assert_eq!(bench.session.rack().modules.len(), 4);
    took
}

fn check(what: &str, at_most: f64, change: impl FnOnce(&mut Setup)) {
    let (clean, harmed) = (took(|_| {}), took(change));
    let ratio = harmed.as_secs_f64() / clean.as_secs_f64();
    println!("{what}: {harmed:.3?} instead of {clean:.3?}, {ratio:.3} times");
    assert!(ratio <= at_most, "{what}: {ratio:.3} times");
}

#[test]
fn one_bit_in_100_000_and_one_frame_in_100() {
    check("bus 1e-5, link 1 %", 1.05, |setup| {
        setup.faults =
            Faults { bus_flips_per_1e9: 10_000, link_lost_per_1e6: 10_000, ..Faults::default() };
    });
}

#[test]
fn one_frame_in_10() {
    check("link 10 %", 2.5, |setup| setup.faults.link_lost_per_1e6 = 100_000);
}

#[test]
fn a_round_trip_of_100_ms() {
    // A module is asked what it holds, then gets its pages: two round trips.
    check("round trip 100 ms", 1.16, |setup| {
        setup.link = LinkSetup::round_trip(Duration::from_millis(100))
    });
}

#[test]
fn the_browser_sleeps_for_a_second() {
    let after = rackflash_core::time::Instant::from_micros(1_600_000);
    check("asleep for 1 s", 1.05, |setup| {
        setup.faults.incidents = vec![(after, Incident::Stall(Duration::from_secs(1)))];
    });
}
