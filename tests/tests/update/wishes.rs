//! A click is a wish that holds: who comes, or comes back, before the others are done is updated with them.

use expect_test::{Expect, expect};
use rackflash_core::host::rack::Phase;
use rackflash_core::host::session::Select;
use rackflash_core::host::view::View;
use rackflash_core::time::Duration;
use rackflash_sim::chip::Variant;
use rackflash_tests::bench::Bench;
use rackflash_tests::racks::{all_different, outdated};

/// Two seconds for a module.
const LEN: usize = 20_000;
/// So long that the others are still busy when a module that was pulled out is given up.
const LONG: usize = 180_000;

/// A rack with two modules and a slot that is free, found. There are images for three.
fn found(len: usize) -> Bench {
    let (mut setup, recipes) = all_different(3, len, Variant::Kb192);
    setup.modules.pop();
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    bench
}

/// What sits in the slot that is free, later.
fn plug_in_the_third(bench: &mut Bench) {
    bench.add(&outdated(2, 2, LEN, Variant::Kb192));
}

/// The update comes to its end, and is never shown to be less than before.
fn end(bench: &mut Bench, endings: &Expect) {
    let progress = |bench: &Bench| {
        View::of(&bench.session, bench.world.now()).job.expect("an update").progress
    };
    let mut shown = progress(bench);
    while !bench.is_done() {
        bench.run(Duration::from_millis(100));
        let now = progress(bench);
        assert!(now >= shown, "from {shown} back to {now}");
        shown = now;
    }
    bench.check();
    endings.assert_eq(&bench.endings());
}

/// The page does not show yet that nobody is there. Nor is anybody when the base is back: it is sooner than the modules.
#[test]
fn in_the_moment_when_the_power_fails() {
    let mut bench = found(LEN);
    bench.world.power_cut(Duration::from_secs(1));
    (0..2).for_each(|module| bench.world.cut_power(module, Duration::from_secs(5)));
    bench.close();
    bench.click();
    while !bench.world.is_connected() {
        bench.run(Duration::from_millis(100));
    }
    bench.open(81);
    bench.detect();
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.0.0 runs: unfinished gone
        2: Twin Filter 1.0.0 -> 1.0.0 runs: unfinished gone
    "#]]
    .assert_eq(&bench.endings());
    end(
        &mut bench,
        &expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]],
    );
}

#[test]
fn before_anybody_is_found() {
    let mut bench = found(LEN);
    bench.close();
    bench.reload();
    bench.offer_all(&all_different(3, LEN, Variant::Kb192).1);
    bench.open(82);
    bench.click();
    end(
        &mut bench,
        &expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]],
    );
}

#[test]
fn a_module_is_plugged_in_meanwhile() {
    let mut bench = found(LEN);
    bench.click();
    bench.run(Duration::from_millis(900));
    plug_in_the_third(&mut bench);
    end(
        &mut bench,
        &expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]],
    );
}

/// Somebody looks after the slot in which it was given up.
#[test]
fn a_module_comes_back_that_was_given_up() {
    let mut bench = found(LONG);
    bench.click();
    bench.run(Duration::from_millis(900));
    bench.world.pull(0);
    bench.run(Duration::from_secs(11));
    expect![[r#"
        1: Twin Filter 1.0.0 -> nothing interrupted: failed not-answering gone
        2: Twin Filter 1.0.0 -> nothing interrupted: unfinished
    "#]]
    .assert_eq(&bench.endings());
    bench.world.insert(0);
    end(
        &mut bench,
        &expect![[r#"
        1: Twin Filter nothing -> 1.1.0 runs: updated 1299/1407 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 1407/1407 pages
    "#]],
    );
}

/// Others were not asked for.
#[test]
fn a_module_is_plugged_in_beside_the_one_that_is_meant() {
    let mut bench = found(LEN);
    let meant = bench.world.modules()[0].uid();
    bench.session.update(&Select::Modules(vec![meant]), bench.world.now());
    bench.run(Duration::from_millis(900));
    plug_in_the_third(&mut bench);
    end(
        &mut bench,
        &expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter nothing -> 1.0.0 runs: untouched
        3: Twin Filter nothing -> 1.0.0 runs: untouched
    "#]],
    );
}

/// It was out when all were asked for, and nobody waits for it; but the others are not done when it is put back.
#[test]
fn a_module_is_put_back_in_time() {
    let mut bench = found(LEN);
    bench.world.pull(0);
    bench.run(Duration::from_secs(1));
    bench.click();
    bench.run(Duration::from_millis(900));
    bench.world.insert(0);
    end(
        &mut bench,
        &expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]],
    );
}

/// Nobody plugs in so many, but one may say another number each time. It ends, and who comes late has to be asked for.
#[test]
fn one_after_the_other_without_an_end() {
    let mut bench = found(LEN);
    bench.click();
    for _ in 0..60 {
        bench.world.replace(0);
        bench.run(Duration::from_millis(500));
    }
    assert!(bench.is_done());
    bench.check();
    let rack = bench.session.rack();
    let asked_for = rack.modules.iter().filter(|module| module.phase != Phase::Idle).count();
    assert_eq!(asked_for, 2 + 32, "of {}", rack.modules.len());
}

/// The one that is meant, and not while it is updated: its light says then how that goes.
#[test]
fn it_blinks() {
    let mut bench = found(LEN);
    let blinking = |bench: &Bench| {
        let now = bench.world.now();
        [0, 1].map(|module| bench.world.modules()[module].is_blinking(now))
    };
    let blink = |bench: &mut Bench| {
        let uid = bench.world.modules()[1].uid();
        bench.session.blink(uid, 3, bench.world.now());
        bench.drain();
        bench.run(Duration::from_millis(100));
    };
    blink(&mut bench);
    assert_eq!(blinking(&bench), [false, true]);
    bench.run(Duration::from_secs(3));
    assert_eq!(blinking(&bench), [false, false]);
    bench.click();
    blink(&mut bench);
    assert_eq!(blinking(&bench), [false, false]);
    bench.run_until(Duration::from_secs(20), Bench::is_done);
}

/// Who is done is not done again: what was proven stays "updated".
#[test]
fn asked_for_again_in_the_middle() {
    let mut bench = found(LEN);
    plug_in_the_third(&mut bench);
    bench.run(Duration::from_secs(1));
    bench.click();
    let is_done = |bench: &Bench| {
        bench.session.rack().modules.iter().any(|module| matches!(module.phase, Phase::Ended(_)))
    };
    bench.run_until(Duration::from_secs(20), is_done);
    assert!(!bench.is_done());
    bench.click();
    end(
        &mut bench,
        &expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]],
    );
}
