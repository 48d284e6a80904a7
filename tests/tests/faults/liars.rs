//! Faults 37 and 38 in a rack: the module in the middle lies, and the rest of the rack finishes as if it were not there.
//! Each lie is one of [`super::module_lies`], told from when it was found.

use expect_test::expect;
use rackflash_core::time::Duration;
use rackflash_sim::chip::Variant;
use rackflash_sim::images::{QUAD_VCO, Recipe};
use rackflash_sim::module::Runs;
use rackflash_sim::setup::{Installed, Lie, ModuleSetup, Setup};
use rackflash_tests::bench::Bench;
use rackflash_tests::lies::DIGEST;

use crate::module_lies::{ANOTHER, BOUND, CLAIMS, LENGTHS, LIE, honest};
use crate::recipes::{NEW, OLD, envelope, oscillator};

/// Of the image that all of a type take: some ten seconds.
const LEN: usize = 100_000;
/// What a liar costs the others, of 100.
const COST: u32 = 5;

fn image() -> Recipe {
    Recipe { module: QUAD_VCO, hardware: (1, 3), version: NEW, len: LEN, code: 8, settings: 1 }
}

/// How long the first and the last take while the one in the middle tells this, and what becomes of all.
fn among_others(middle: &ModuleSetup, lie: Lie) -> (Duration, Bench) {
    let middle = ModuleSetup { lie: Some(|from, said| LIE.get()(from, said)), ..middle.clone() };
    let modules = vec![oscillator(0, LEN), middle, oscillator(2, LEN)];
    let mut bench = Bench::new(&Setup::empty(1, 3).with(modules));
    bench.offer_all(&[image(), envelope(NEW, 5_000)]);
    LIE.set(honest);
    bench.detect();
    LIE.set(lie);
    bench.click();
    let others_run = |bench: &Bench| {
        let rack = bench.session.rack();
        let ended = |module: usize| {
            rack.module(bench.world.modules()[module].uid()).is_some_and(|m| !m.is_updating())
        };
        ended(0) && ended(2)
    };
    let took = bench.run_until(BOUND, others_run);
    bench.run_until(BOUND, Bench::is_done);
    bench.check();
    for other in [0, 2] {
        assert_eq!(
            bench.world.modules()[other].runs(),
            Runs::Application(NEW),
            "{}",
            bench.endings()
        );
    }
    (took, bench)
}

fn all(middle: &ModuleSetup) -> String {
    let (undisturbed, _) = among_others(middle, honest);
    let mut told = String::new();
    let others = [
        ("lengths that are not", LENGTHS),
        ("a digest that is not", DIGEST),
        ("becomes another", ANOTHER),
    ];
    for (what, lie) in CLAIMS.into_iter().chain(others) {
        let (took, bench) = among_others(middle, lie);
        told += &format!("{what}: {took:.1?}\n{}", bench.endings());
        assert!(
            took <= undisturbed + undisturbed * COST / 100,
            "{what}: {took:?} instead of {undisturbed:?}"
        );
    }
    told
}

/// One party: each page goes to all three.
#[test]
fn fault_37_a_liar_among_its_twins() {
    expect![[r#"
        always committed: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> 1.0.0 requested: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        always its application: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> 1.0.0 requested: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        always busy: 8.2s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> 1.0.0 runs: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        always has room: 7.9s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        never has room: 8.1s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> nothing interrupted: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        has taken all: 7.9s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> nothing interrupted: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        has taken none: 7.9s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> nothing interrupted: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        of another session: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> nothing interrupted: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        lengths that are not: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> 1.0.0 runs: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        a digest that is not: 7.9s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> 1.1.0 runs: failed digest-mismatch
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        becomes another: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Quad VCO 1.0.0 -> 1.0.0 runs: failed unplugged gone
        2: Quad VCO nothing -> nothing interrupted: failed not-answering gone
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
    "#]]
    .assert_eq(&all(&oscillator(1, LEN)));
}

/// It shares the bus with the others, and nothing else.
#[test]
fn fault_37_a_liar_among_others() {
    let old = Installed::Image(envelope(OLD, 5_000).bytes());
    let middle = ModuleSetup::new(1, envelope(OLD, 0).module, 1, Variant::Kb64, old);
    expect![[r#"
        always committed: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> 1.0.0 requested: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        always its application: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> 1.0.0 requested: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        always busy: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> 1.0.0 runs: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        always has room: 7.9s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        never has room: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> nothing interrupted: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        has taken all: 7.9s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> nothing interrupted: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        has taken none: 7.9s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> nothing interrupted: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        of another session: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> nothing interrupted: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        lengths that are not: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> 1.0.0 runs: failed bad-data
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        a digest that is not: 7.9s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> 1.1.0 runs: failed digest-mismatch
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        becomes another: 7.8s
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
        2: Envelope 4 1.0.0 -> 1.0.0 runs: failed unplugged gone
        2: Envelope 4 nothing -> nothing interrupted: failed not-answering gone
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 782/782 pages
    "#]]
    .assert_eq(&all(&middle));
}
