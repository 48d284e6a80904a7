//! Faults 1, 14 to 16, 32, 33 and 35: the cable, what is on it, and what looks at it.

use expect_test::expect;
use rackflash_core::host::session::{Input, LinkState, Session};
use rackflash_core::time::Duration;
use rackflash_sim::cable::LinkSetup;
use rackflash_sim::chip::Variant;
use rackflash_sim::setup::{Faults, Incident};
use rackflash_tests::bench::Bench;
use rackflash_tests::racks;

use crate::recipes::all_different;
use crate::{LEN, all_run_new, took, under_way};

/// How soon a page that is opened again shall show what is so.
const TRUTH: Duration = Duration::from_secs(2);

/// The base finishes the rack alone. What the page says then is what it has read anew.
#[test]
fn fault_01_the_cable_is_pulled_in_the_middle() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.unplug_cable();
    bench.close();
    bench.run(Duration::from_secs(1));
    assert_eq!(bench.session.link_state(), LinkState::Closed);
    all_run_new(&bench.world);
    bench.world.plug_cable();
    bench.open(77);
    assert!(bench.run_until(TRUTH, Bench::is_done) <= TRUTH);
    bench.check();
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// At whatever moment it is pulled and put back: it ends the same.
#[test]
fn fault_01_the_cable_is_pulled_at_any_moment() {
    for after in (0..1_000).step_by(40) {
        let (setup, recipes) = all_different(3, LEN);
        let mut bench = Bench::new(&setup);
        bench.offer_all(&recipes);
        bench.detect();
        bench.click();
        bench.run(Duration::from_millis(after));
        bench.world.unplug_cable();
        bench.close();
        bench.run(Duration::from_millis(100));
        bench.world.plug_cable();
        bench.open(77);
        bench.run_until(Duration::from_secs(10), Bench::is_done);
        bench.check();
        all_run_new(&bench.world);
    }
}

/// Frames that are lost, come twice or behind the next one, and all of them later than they were waited for.
#[test]
fn fault_14_frames_dropped_doubled_reordered_delayed() {
    for seed in 0..10 {
        let (mut setup, recipes) = all_different(3, LEN);
        setup.seed = seed;
        setup.faults = Faults {
            link_lost_per_1e6: 20_000,
            link_doubled_per_1e6: 50_000,
            link_overtaken_per_1e6: 50_000,
            ..Faults::default()
        };
        let mut bench = under_way(&setup, &recipes);
        bench.world.apply(Incident::Stall(Duration::from_secs(3)));
        bench.run_until(Duration::from_secs(20), Bench::is_done);
        bench.check();
        all_run_new(&bench.world);
        for module in bench.world.modules() {
            let most = module.memory().erases().iter().skip(APPLICATION_PAGE).max();
            assert_eq!(most, Some(&1), "seed {seed}: a repeated page is not written again");
        }
    }
}

/// The cable is stuck, the host does not read for two seconds, and both sides have little room. What is lost is lost whole or in
/// pieces, and told again.
#[test]
fn fault_15_the_host_s_buffer_runs_over() {
    let (mut setup, recipes) = all_different(3, LEN);
    setup.link = LinkSetup { host_buffer_len: 512, base_buffer_len: 512, ..LinkSetup::USB };
    let mut bench = under_way(&setup, &recipes);
    bench.world.apply(Incident::Stall(Duration::from_millis(500)));
    bench.world.run_until(bench.world.now() + Duration::from_secs(2));
    let dropped = bench.world.dropped();
    assert!(dropped.at_host > 0 && dropped.at_base > 0, "{dropped:?}");
    bench.run_until(Duration::from_secs(10), Bench::is_done);
    bench.check();
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// Another program has left half a line in the base's ear; in the port's buffer stand what it was answered, and frames of
/// an earlier session.
#[test]
fn fault_16_stale_bytes_in_the_port() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.close();
    bench.world.write(b"AT+CGMI\r\nATE0");
    bench.world.run_until(bench.world.now() + Duration::from_millis(200));
    assert!(bench.world.has_arrived(), "frames of the earlier session");
    bench.open(2);
    bench.session.handle(Input::Link(b"\r\nlogin: \0\x01\x02\xff"), bench.world.now());
    bench.detect();
    assert_eq!(bench.session.link_problem(), None, "it is the same base");
    bench.run_until(Duration::from_secs(10), Bench::is_done);
    bench.check();
    assert_eq!(bench.session.link_problem(), None);
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// A page that is closed, left or crashes costs nothing: the base has it all. Opened again it knows nothing of before.
#[test]
fn fault_32_the_tab_is_closed_for_good() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.close();
    bench.run(Duration::from_secs(1));
    all_run_new(&bench.world);
    bench.session = Session::new();
    bench.open(9);
    assert!(bench.detect() <= TRUTH);
    bench.check();
    expect![[r#"
        1: Twin Filter nothing -> 1.1.0 runs: untouched
        2: Twin Filter nothing -> 1.1.0 runs: untouched
        3: Twin Filter nothing -> 1.1.0 runs: untouched
    "#]]
    .assert_eq(&bench.endings());
}

/// Closed in the middle and opened at once: the base says that it has still work, and the truth comes with its end.
#[test]
fn fault_32_the_tab_is_closed_and_opened_again() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.close();
    bench.session = Session::new();
    bench.open(9);
    bench.run(Duration::from_millis(50));
    assert_eq!(bench.session.link_state(), LinkState::Finishing);
    assert!(bench.detect() <= TRUTH);
    bench.check();
    all_run_new(&bench.world);
}

/// The base finishes what it was given, and that is nearly all: a full image takes longer than the truth shall. Until it is done
/// nothing else is said. The bound is what flash needs for all pages, 9.84 ms each, of which a second's worth is written.
#[test]
fn fault_32_the_base_has_a_full_image_to_finish() {
    for (modules, len, bound) in
        [(1, 180_000, Duration::from_millis(13_850)), (6, 60_000, Duration::from_millis(4_620))]
    {
        let (setup, recipes) = racks::all_different(modules, len, Variant::Kb192);
        let mut bench = under_way(&setup, &recipes);
        bench.close();
        bench.session = Session::new();
        bench.open(9);
        bench.run(Duration::from_millis(50));
        let is_finishing = |bench: &Bench| bench.session.link_state() == LinkState::Finishing;
        assert!(is_finishing(&bench));
        let finished = bench.run_until(bound, |bench| !is_finishing(bench));
        let took = finished + bench.detect();
        assert!(took > TRUTH && took <= bound, "{modules} modules: {took:?}");
        bench.check();
        all_run_new(&bench.world);
    }
}

/// The laptop sleeps: nothing is read or sent, and the clock has gone on when it wakes.
#[test]
fn fault_32_the_laptop_sleeps_for_eight_hours() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.run_until(bench.world.now() + Duration::from_secs(8 * 3600));
    let woken = bench.run_until(Duration::from_secs(10), Bench::is_done);
    assert!(woken <= TRUTH, "{woken:?}");
    bench.check();
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// Timers of a hidden page fire once a second, and after five minutes once a minute.
#[test]
fn fault_33_a_hidden_tab() {
    let clean = took(|_| {});
    for every in [Duration::from_secs(1), Duration::from_secs(60)] {
        let hidden = took(|bench| bench.timers_every = every);
        assert!(hidden.as_secs_f64() <= clean.as_secs_f64() * 1.02, "{hidden:?}, {clean:?}");
    }
}

#[test]
fn fault_35_the_base_restarts() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.apply(Incident::ResetBase);
    let code = |bench: &Bench| bench.session.link_problem().map(|problem| problem.code());
    bench.run_until(Duration::from_secs(10), |bench| {
        code(bench) == Some("base-restarted") || bench.is_done()
    });
    assert_eq!(code(&bench), Some("base-restarted"), "while it lasts");
    bench.run_until(Duration::from_secs(10), Bench::is_done);
    bench.check();
    assert_eq!(code(&bench), None, "that is over");
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 57/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 57/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 57/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// At whatever moment: a module that was in the middle of a byte holds its line until the base has given it its clocks.
#[test]
fn fault_35_the_base_restarts_at_any_moment() {
    for after in (0..1_100).step_by(23) {
        let (setup, recipes) = all_different(3, LEN);
        let mut bench = Bench::new(&setup);
        bench.offer_all(&recipes);
        bench.detect();
        bench.click();
        bench.run(Duration::from_millis(after));
        bench.world.apply(Incident::ResetBase);
        bench.run_until(Duration::from_secs(15), Bench::is_done);
        bench.check();
        all_run_new(&bench.world);
    }
}

/// Of the flash's pages those behind the loader and its records.
const APPLICATION_PAGE: usize = 68;
