//! Faults 2 to 6: the power of modules. At every flash operation of an update of each chip: before it, in its middle, after it, and
//! the host goes on. Whatever
//! then reads how, the module runs what it ran, or runs what is new, or waits in its loader; and the update comes to its end.

use expect_test::expect;
use rackflash_core::host::report::Report;
use rackflash_core::module::{PAGE_LEN, record};
use rackflash_core::time::Duration;
use rackflash_sim::chip::{Cut, CutAt, FLASH_START, Variant};
use rackflash_sim::module::{RING, Runs, Start};
use rackflash_sim::setup::{Incident, Setup};
use rackflash_tests::bench::Bench;
use rackflash_tests::cuts::CHIPS;

use crate::recipes::{NEW, OLD, all_different, envelope, one_envelope};
use crate::under_way;

/// More pages than a ring holds, so that journal windows change.
const LEN: usize = 5_000;
const OFF: Duration = Duration::from_millis(50);
/// The longest that an update with cuts may take: the module is looked for and three times started anew.
const BOUND: Duration = Duration::from_secs(20);
/// Operations at the end of an update: the record is erased and written, the start counted, and confirmed.
const LAST: u64 = 4;

fn bench(seed: u64) -> Bench {
    bench_on(Variant::Kb64, seed)
}

fn bench_on(variant: Variant, seed: u64) -> Bench {
    let mut setup = Setup { seed, ..one_envelope(&envelope(OLD, LEN)) };
    setup.modules[0].variant = variant;
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[envelope(NEW, LEN)]);
    bench.detect();
    bench
}

fn operations_of_a_clean_update() -> u64 {
    operations_on(Variant::Kb64)
}

/// Of two at once each counts.
fn operations_on(variant: Variant) -> u64 {
    let mut bench = bench_on(variant, 1);
    bench.update_all(Duration::from_secs(5));
    let operations = bench.world.modules()[0].memory().operations();
    assert!(operations > 120, "an update of {operations} operations is not the one meant");
    operations
}

/// Returns how often the module started.
fn cut_and_recover(variant: Variant, cuts: &[CutAt], seed: u64) -> usize {
    // The last of these is what failed.
    println!("{variant:?}, seed {seed}, {cuts:?}");
    let mut bench = bench_on(variant, seed);
    let before = bench.world.modules()[0].starts().len();
    for cut in cuts {
        bench.world.apply(Incident::CutAt { module: 0, at: *cut });
    }
    bench.update_all(BOUND);
    bench.check();
    let module = &bench.world.modules()[0];
    assert_eq!(module.runs(), Runs::Application(NEW), "{}", bench.endings());
    module.starts().len() - before
}

fn at_every_operation(cut: Cut, seeds: core::ops::Range<u64>) {
    for variant in CHIPS {
        let operations = operations_on(variant);
        for operation in 0..operations {
            for seed in seeds.clone() {
                cut_and_recover(variant, &[CutAt { operation, cut, off: OFF }], seed);
            }
        }
        println!("{variant:?}: {operations} operations, {cut:?}, seeds {seeds:?}");
    }
}

#[test]
fn fault_02_power_cut_before_every_flash_operation() {
    at_every_operation(Cut::Before, 1..2);
}

#[test]
fn fault_02_and_right_behind_every_flash_operation() {
    at_every_operation(Cut::After, 4..5);
}

/// What is torn reads as anything between, and some bits of it differently each time.
#[test]
fn fault_03_power_cut_in_every_flash_operation() {
    at_every_operation(Cut::Torn, 2..4);
}

#[test]
fn fault_04_power_cut_again_while_it_recovers() {
    let operations = operations_of_a_clean_update();
    for operation in (0..operations).step_by(7) {
        for later in [1, 4, 9] {
            let first = CutAt { operation, cut: Cut::Torn, off: OFF };
            let second = CutAt { operation: operation + later, ..first };
            let starts = cut_and_recover(Variant::Kb64, &[first, second], operation + later);
            // Into the loader, the first cut, the second, the new application; and once more if the start itself was cut.
            assert!(starts <= 6, "{starts} starts");
        }
    }
}

/// What a cut costs: the frames in the ring, which was RAM, go over the bus again, and so do the pages of the journal's newest
/// note, written or not. One is in both: the page that was being written.
#[test]
fn fault_02_what_is_sent_again() {
    let len = 20_000;
    let (mut sent, mut written) = (0, 0);
    for operation in (20..460).step_by(5) {
        let mut bench = Bench::new(&one_envelope(&envelope(OLD, len)));
        bench.offer_all(&[envelope(NEW, len)]);
        bench.detect();
        let at = CutAt { operation, cut: Cut::After, off: OFF };
        bench.world.apply(Incident::CutAt { module: 0, at });
        bench.update_all(BOUND);
        let report = Report::of(&bench.session).modules;
        let proof = report[0].proof.as_ref().expect("it is updated");
        sent = sent.max(usize::from(proof.pages_sent - proof.pages));
        let module = &bench.world.modules()[0];
        let first = module.config().identity.geometry.application_start - FLASH_START;
        let pages = &module.memory().erases()[first as usize / PAGE_LEN + 1..];
        written = written.max(pages.iter().filter(|erases| **erases > 1).count());
    }
    println!("at most {sent} pages were sent again, and {written} written");
    assert!(written <= RING, "{written} pages were written again");
    assert!(sent < 2 * RING && sent > RING, "{sent} pages were sent again");
}

/// The record is the one word that counts: whether it reads valid or not after the cut, what follows is legal.
#[test]
fn fault_05_power_cut_while_the_record_is_written() {
    let operations = operations_of_a_clean_update();
    let (mut waited, mut ran) = (0, 0);
    for operation in operations - LAST..operations {
        for seed in 0..24 {
            let mut bench = bench(seed);
            let at = CutAt { operation, cut: Cut::Torn, off: OFF };
            bench.world.apply(Incident::CutAt { module: 0, at });
            bench.update_all(BOUND);
            bench.check();
            let module = &bench.world.modules()[0];
            assert_eq!(module.runs(), Runs::Application(NEW), "{}", bench.endings());
            // The start behind that into the loader is the one behind the cut.
            match module.starts().iter().rev().find(|start| start.runs != Runs::Application(NEW)) {
                Some(Start { runs: Runs::Loader(_), .. }) if module.starts().len() > 3 => {
                    waited += 1
                }
                _ => ran += 1,
            }
        }
    }
    assert!(waited > 10 && ran > 10, "both readings came up: {waited} and {ran}");
}

/// Power that fails at the end of the record's operation, or a little earlier, leaves a record that reads well now and perhaps
/// not tomorrow. So none counts that nobody has confirmed: it is erased, and written anew.
#[test]
fn fault_05_a_record_that_nobody_confirmed_is_written_anew() {
    let record_erases = |bench: &Bench| {
        let module = &bench.world.modules()[0];
        let at = record::address(&module.config().identity.geometry) - FLASH_START;
        module.memory().erases()[at as usize / PAGE_LEN]
    };
    // Behind it a start is counted and confirmed.
    let operation = operations_of_a_clean_update() - 3;
    let mut bench = bench(1);
    let at = CutAt { operation, cut: Cut::After, off: OFF };
    bench.world.apply(Incident::CutAt { module: 0, at });
    bench.click();
    let runs_new = |bench: &Bench| bench.world.modules()[0].runs() == Runs::Application(NEW);
    bench.run_until(BOUND, runs_new);
    assert_eq!(record_erases(&bench), 1, "the record was whole");
    bench.run_until(BOUND, Bench::is_done);
    bench.check();
    assert!(runs_new(&bench));
    assert_eq!(record_erases(&bench), 2);
}

/// A brown-out: the module resets, the base does not. It is asked anew, and goes on where its flash says.
#[test]
fn fault_06_a_module_browns_out() {
    one_is_without_power_for(Duration::from_millis(1));
}

#[test]
fn fault_06_a_module_is_without_power_for_a_while() {
    one_is_without_power_for(Duration::from_millis(300));
}

fn one_is_without_power_for(off: Duration) {
    let (setup, recipes) = all_different(3, 20_000);
    let mut bench = under_way(&setup, &recipes);
    bench.world.cut_power(1, off);
    bench.run_until(BOUND, Bench::is_done);
    bench.check();
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 197/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}
