//! The power of a module goes at every flash operation of an update: before it, in its middle, after it. Whatever then
//! reads how, the module runs what it ran, or runs what is new, or waits in its loader; and the update comes to its end.

use rackflash_core::time::Duration;

use rackflash_core::host::session::Select;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::Why;
use rackflash_sim::chip::{Cut, CutAt, Violations};
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

/// The one thing that must hold at every moment.
fn check_oracle(bench: &Bench, loader_area: u32, situation: &str) {
    let module = &bench.world.modules()[0];
    let legal = match module.runs() {
        Runs::Application(version) => version == OLD || version == NEW,
        Runs::Loader(why) => why != Why::Runs,
        Runs::Nothing | Runs::Starting => true,
        Runs::Hung => false,
    };
    assert!(legal, "{situation}: {:?}", module.runs());
    assert_eq!(module.memory().violations(), Violations::default(), "{situation}");
    assert_eq!(digest(module.memory().loader_area()), loader_area, "{situation}");
}

fn cut_and_recover(cuts: &[CutAt], seed: u64) {
    let situation = format!("seed {seed}, {cuts:?}");
    let mut bench = bench(seed);
    let loader_area = digest(bench.world.modules()[0].memory().loader_area());
    for cut in cuts {
        bench.world.apply(Incident::CutAt { module: 0, at: *cut });
    }
    bench.session.update(&Select::All, bench.world.now());
    let deadline = bench.world.now() + Duration::from_secs(60);
    while !bench.is_done() {
        assert!(bench.world.now() < deadline, "{situation}: not done");
        bench.run(Duration::from_millis(10));
        check_oracle(&bench, loader_area, &situation);
    }
    bench.check_report();
    assert_eq!(
        bench.world.modules()[0].runs(),
        Runs::Application(NEW),
        "{situation}\n{}",
        bench.endings()
    );
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
