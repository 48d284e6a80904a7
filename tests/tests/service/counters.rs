//! A transcript in numbers: who was sent what, what was sent again, and where it fails.

use expect_test::{Expect, expect};
use rackflash_core::host::session::Input;
use rackflash_core::host::transcript::{Counter, Words};
use rackflash_core::time::Duration;
use rackflash_sim::chip::Variant;
use rackflash_sim::setup::Setup;
use rackflash_tests::bench::Bench;
use rackflash_tests::racks::{NEW, all_different, outdated, recipe};

const LEN: usize = 20_000;
/// More frames than a transcript keeps.
const NOISE: u64 = 100_000;
/// What a transcript takes, in bytes (`core/src/host/transcript`).
const KEPT_MAX: usize = 4 * 1024 * 1024;
const UPDATE: Duration = Duration::from_secs(60);

/// What is counted of all that was said, read piece by piece as a page does.
fn count(bench: &Bench) -> Counter {
    let (mut counter, mut next) = (Counter::default(), 0);
    let transcript = bench.session.transcript();
    while next < transcript.count() {
        next += u64::from(counter.count(&transcript.bytes(next)));
    }
    assert_eq!(next, transcript.count());
    counter
}

fn check(bench: &Bench, expected: &Expect) {
    let counter = count(bench);
    let counts = counter.counts();
    let mut lines = format!(
        "again {} {}, damaged {}\n",
        counts.sent_again, counts.received_again, counts.damaged
    );
    for (number, slot) in (1..).zip(&counts.slots) {
        let pages = counter.pages(number - 1).len();
        let cause = slot.cause.as_deref().unwrap_or("-");
        lines += &format!(
            "{number}: {pages} pages, {} writes, {} reads, {} failed, {} given up, {cause}\n",
            slot.writes, slot.reads, slot.failures, slot.halts
        );
    }
    expected.assert_eq(&lines);
    assert!(counts.sent > 50 && counts.received > 50, "{counts:?}");
}

/// A few answers come twice all the same: those behind which the host had a second's worth of pages on the cable already.
#[test]
fn a_rack_without_trouble() {
    let (setup, recipes) = all_different(3, LEN, Variant::Kb192);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    bench.update_all(UPDATE);
    check(
        &bench,
        &expect![[r#"
            again 0 7, damaged 0
            1: 157 pages, 167 writes, 67 reads, 0 failed, 0 given up, -
            2: 157 pages, 167 writes, 67 reads, 0 failed, 0 given up, -
            3: 157 pages, 167 writes, 67 reads, 0 failed, 0 given up, -
        "#]],
    );
}

/// Each page goes once to all of them, and counts for each.
#[test]
fn modules_of_one_image() {
    let modules = (0..3).map(|slot| outdated(slot, 0, LEN, Variant::Kb192)).collect();
    let mut bench = Bench::new(&Setup::empty(1, 4).with(modules));
    bench.offer(&recipe(0, NEW, LEN).bytes());
    bench.detect();
    bench.update_all(UPDATE);
    check(
        &bench,
        &expect![[r#"
            again 0 0, damaged 0
            1: 157 pages, 167 writes, 67 reads, 0 failed, 0 given up, -
            2: 157 pages, 167 writes, 67 reads, 0 failed, 0 given up, -
            3: 157 pages, 167 writes, 67 reads, 0 failed, 0 given up, -
            4: 0 pages, 0 writes, 0 reads, 0 failed, 0 given up, -
        "#]],
    );
}

/// What the base tries again by itself it tells: nothing is given up, and still all can see that these wires are bad.
#[test]
fn bad_wires() {
    let (mut setup, recipes) = all_different(2, LEN, Variant::Kb192);
    setup.faults.bus_flips_per_1e9 = 20_000;
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.oracle.noise_may_end(2);
    bench.detect();
    bench.update_all(UPDATE);
    bench.run(Duration::from_secs(3));
    check(
        &bench,
        &expect![[r#"
            again 0 3, damaged 0
            1: 157 pages, 169 writes, 71 reads, 1 failed, 0 given up, BadCheck
            2: 157 pages, 169 writes, 71 reads, 3 failed, 0 given up, BadCheck
        "#]],
    );
}

/// Frames are lost on the cable, and one slot's contacts are bad.
#[test]
fn an_ill_slot_and_a_bad_cable() {
    let (mut setup, recipes) = all_different(2, LEN, Variant::Kb192);
    setup.faults.link_lost_per_1e6 = 10_000;
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.oracle.noise_may_end(3);
    bench.detect();
    bench.click();
    bench.run(Duration::from_millis(300));
    bench.world.pull(1);
    bench.run(Duration::from_secs(2));
    bench.world.insert(1);
    bench.run_until(UPDATE, Bench::is_done);
    check(
        &bench,
        &expect![[r#"
            again 1 32, damaged 0
            1: 157 pages, 169 writes, 71 reads, 0 failed, 0 given up, -
            2: 153 pages, 332 writes, 154 reads, 0 failed, 3 given up, NoAnswer
        "#]],
    );
}

/// The oldest is dropped, and how much that is is counted.
#[test]
fn a_day_of_noise() {
    let (setup, _) = all_different(1, LEN, Variant::Kb192);
    let mut bench = Bench::new(&setup);
    bench.detect();
    let before = bench.session.transcript().count();
    for _ in 0..NOISE {
        bench.session.handle(Input::Link(b"\x09noise\x00"), bench.world.now());
    }
    let transcript = bench.session.transcript();
    assert_eq!(transcript.count(), before + NOISE);
    let kept = transcript.bytes(0);
    assert!((KEPT_MAX / 2..KEPT_MAX).contains(&kept.len()), "{}", kept.len());
    let mut counter = Counter::default();
    assert_eq!(u64::from(counter.count(&kept)), transcript.count());
    let counts = counter.counts();
    assert_eq!(u64::from(counts.damaged + counts.missed), transcript.count());
    assert!(counts.missed > 0, "{counts:?}");
    let words = Words(&kept).to_string();
    let lines: Vec<_> = words.lines().map(|line| line.trim_start().to_owned()).collect();
    expect![[r#"
        (14594 earlier frames were dropped)
        1.039469 <- damaged: broken framing"#]]
    .assert_eq(
        &[lines.first(), lines.last()].map(|line| line.cloned().unwrap_or_default()).join("\n"),
    );
    // Who asks for the newest alone gets that.
    assert!(transcript.bytes(transcript.count()).is_empty());
    assert_eq!(counter.count(&transcript.bytes(transcript.count() - 1)), 1);
}
