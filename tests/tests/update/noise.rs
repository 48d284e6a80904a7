//! Bits flip, frames are lost, the browser sleeps: it takes a little longer, and ends the same.

use core::sync::atomic::{AtomicU32, Ordering};

use expect_test::expect;
use rackflash_core::host::rack::{Ended, Phase};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_sim::cable::LinkSetup;
use rackflash_sim::setup::{Faults, Incident, Lie, Setup};
use rackflash_tests::bench::Bench;

use crate::recipes::all_different;

/// What chance brings is judged by so many of its moods.
const SEEDS: u64 = 24;

fn took(modules: u16, change: impl FnOnce(&mut Setup)) -> Duration {
    let (mut setup, recipes) = all_different(modules, 20_000);
    change(&mut setup);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    let took = bench.update_all(Duration::from_secs(120));
    bench.check();
    let updated = |phase: &Phase| matches!(phase, Phase::Ended(Ended::Updated(_)));
    assert!(bench.session.rack().modules.iter().all(|m| updated(&m.phase)), "{}", bench.endings());
    assert_eq!(bench.session.rack().modules.len(), usize::from(modules));
    took
}

/// Four modules with these faults: how many times as long it takes on average, and at worst.
fn check(what: &str, mean_max: f64, worst_max: f64, faults: &Faults) {
    let clean = took(4, |_| {}).as_secs_f64();
    let ratio = |seed: u64| {
        let harmed = took(4, |setup| (setup.seed, setup.faults) = (seed, faults.clone()));
        harmed.as_secs_f64() / clean
    };
    let ratios: Vec<f64> = (1..=SEEDS).map(ratio).collect();
    let mean = ratios.iter().sum::<f64>() / SEEDS as f64;
    let worst = ratios.iter().fold(0.0, |worst: f64, ratio| worst.max(*ratio));
    println!("{what}: {mean:.3} times as long, {worst:.3} at worst");
    assert!(mean <= mean_max && worst <= worst_max, "{what}: {mean:.3}, {worst:.3}: {ratios:.3?}");
}

/// Every tenth answer of one module is damaged: the record names its slot, and no other. Of a rack without faults it names none:
/// neither is nobody a failure where the host looks for a free address, nor is a module that restarts.
#[test]
fn the_slot_that_is_ill_is_in_the_transcript() {
    fn every_tenth(_: Address, said: &mut [u8]) {
        static READS: AtomicU32 = AtomicU32::new(0);
        if READS.fetch_add(1, Ordering::Relaxed) % 10 == 9
            && let Some(last) = said.last_mut()
        {
            *last ^= 1;
        }
    }
    let failures = |lie: Option<Lie>| {
        let (mut setup, recipes) = all_different(4, 20_000);
        setup.modules[1].lie = lie;
        let mut bench = Bench::new(&setup);
        bench.offer_all(&recipes);
        bench.detect();
        bench.update_all(Duration::from_secs(120));
        bench.check();
        bench.run(Duration::from_secs(2));
        let text = bench.session.transcript().to_string();
        let told = text.lines().filter_map(|line| line.split_once(" Errors "));
        told.map(|(_, what)| format!("{what}\n")).collect::<String>()
    };
    assert_eq!(failures(None), "");
    expect![[r#"
        bus 0 0x11 13, last BadCheck
        bus 0 0x11 62, last BadCheck
    "#]]
    .assert_eq(&failures(Some(every_tenth)));
}

/// The worst is a frame behind which nothing comes: that it was lost shows after 250 ms, 0.15 times as long as all of it takes.
#[test]
fn one_bit_in_100_000_and_one_frame_in_100() {
    let (bus_flips_per_1e9, link_lost_per_1e6) = (10_000, 10_000);
    let faults = Faults { bus_flips_per_1e9, link_lost_per_1e6, ..Faults::default() };
    check("bus 1e-5, link 1 %", 1.02, 1.15, &faults);
}

#[test]
fn one_frame_in_10() {
    check("link 10 %", 1.3, 2.5, &Faults { link_lost_per_1e6: 100_000, ..Faults::default() });
}

/// A module is asked what it holds, then gets its pages: two round trips more than without a link, whatever else takes time. What is
/// on its way to the base at once is the pages of two modules; a third one's first pages go out a trip later, and half of that
/// its flash makes up for.
#[test]
fn round_trips_of_100_ms() {
    for (modules, trips_max) in [(1, 2.0), (2, 2.0), (4, 2.55)] {
        let clean = took(modules, |_| {});
        // With the milliseconds of a trip USB's frames fall otherwise.
        let trips = (90..=110).step_by(2).map(|ms| {
            let trip = Duration::from_millis(ms);
            let far = took(modules, |setup| setup.link = LinkSetup::round_trip(trip));
            (far - clean).as_secs_f64() / trip.as_secs_f64()
        });
        let trips: Vec<f64> = trips.collect();
        let mean = trips.iter().sum::<f64>() / trips.len() as f64;
        println!("{modules} modules: {mean:.2} round trips more");
        assert!(mean <= trips_max, "{modules} modules: {trips:.3?}");
    }
}

#[test]
fn the_browser_sleeps_for_a_second() {
    let after = Instant::from_micros(1_600_000);
    let stall = Incident::Stall(Duration::from_secs(1));
    let faults = Faults { incidents: vec![(after, stall)], ..Faults::default() };
    check("asleep for 1 s", 1.05, 1.05, &faults);
}
