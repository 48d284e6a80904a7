//! The power of a module goes at every flash operation of an update: before it, in its middle, after it. Whatever then
//! reads how, the module runs what it ran, or runs what is new, or waits in its loader; and the update comes to its end.

use rackflash_core::time::Duration;
use rackflash_sim::chip::{Cut, CutAt};
use rackflash_sim::module::Runs;
use rackflash_sim::setup::{Incident, Setup};
use rackflash_tests::bench::Bench;

use crate::recipes::{NEW, OLD, envelope, one_envelope};

/// More pages than a ring holds, so that journal windows change.
const LEN: usize = 5_000;
const OFF: Duration = Duration::from_millis(50);

fn bench(seed: u64) -> Bench {
    let mut bench = Bench::new(&Setup { seed, ..one_envelope(&envelope(OLD, LEN)) });
    bench.offer_all(&[envelope(NEW, LEN)]);
    bench.detect();
    bench
}

fn operations_of_a_clean_update() -> u64 {
    let mut bench = bench(1);
    bench.update_all(Duration::from_secs(5));
    bench.world.modules()[0].memory().operations()
}

fn cut_and_recover(cuts: &[CutAt], seed: u64) {
    // The last of these is what failed.
    println!("seed {seed}, {cuts:?}");
    let mut bench = bench(seed);
    for cut in cuts {
        bench.world.apply(Incident::CutAt { module: 0, at: *cut });
    }
    bench.update_all(Duration::from_secs(60));
    bench.check();
    let runs = bench.world.modules()[0].runs();
    assert_eq!(runs, Runs::Application(NEW), "{}", bench.endings());
}

#[test]
fn at_every_operation() {
    let operations = operations_of_a_clean_update();
    let mut tried = 0;
    for operation in 0..operations {
        for (seed, cut) in [(1, Cut::Before), (2, Cut::Torn), (3, Cut::Torn), (4, Cut::After)] {
            cut_and_recover(&[CutAt { operation, cut, off: OFF }], seed);
            tried += 1;
        }
    }
    println!("{operations} operations, {tried} cuts");
    assert!(operations > 120, "an update of {operations} operations is not the one meant");
}

#[test]
fn and_again_while_it_recovers() {
    let operations = operations_of_a_clean_update();
    for operation in (0..operations).step_by(7) {
        for later in [1, 4, 9] {
            let first = CutAt { operation, cut: Cut::Torn, off: OFF };
            let second = CutAt { operation: operation + later, ..first };
            cut_and_recover(&[first, second], operation + later);
        }
    }
}
