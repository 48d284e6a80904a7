//! Cables, power and modules that go away in the middle of an update.

use rackflash_core::module::{PAGE_LEN, record};
use rackflash_core::time::Duration;
use rackflash_core::wire::identity::Why;

use expect_test::expect;
use rackflash_sim::chip::{APPLICATION_START, FLASH_START};
use rackflash_sim::images::{self, Recipe};
use rackflash_sim::module::Runs;
use rackflash_sim::setup::{Incident, Setup};
use rackflash_tests::bench::Bench;

use crate::recipes::{NEW, OLD, all_different, envelope, one_envelope, oscillator};

const LEN: usize = 20_000;
/// An update, and nobody waited for.
const AT_ONCE: Duration = Duration::from_secs(10);

/// An update of 2,000 bytes behind a reset that the base sees, asked for in its worst moment; one answer that is waited for in vain is
/// a second more.
const WITHOUT_WAITING: Duration = Duration::from_millis(1_200);

/// In the middle of an update.
fn under_way(setup: &Setup, recipes: &[Recipe]) -> Bench {
    let mut bench = Bench::new(setup);
    bench.offer_all(recipes);
    bench.detect();
    bench.click();
    bench.run(Duration::from_millis(900));
    assert!(!bench.is_done());
    bench
}

/// The cable is plugged in again; how long the rest takes then.
fn back_to_the_end(bench: &mut Bench) -> Duration {
    bench.world.plug_cable();
    bench.open(77);
    bench.run_until(Duration::from_secs(70), Bench::is_done)
}

/// Nobody waits for it for ever: the others are done, and its own update may be asked for anew.
#[test]
fn a_module_is_taken_out_while_nobody_looks() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.unplug_cable();
    bench.close();
    bench.world.pull(1);
    bench.run(Duration::from_secs(1));
    let took = back_to_the_end(&mut bench);
    assert!(took >= Duration::from_secs(60), "{took:?}: long enough to plug it in again");
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed unplugged gone
        3: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&bench.endings());
    bench.world.insert(1);
    bench.run(Duration::from_secs(2));
    bench.update_all(Duration::from_secs(60));
    bench.check();
    expect![[r#"
        1: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter nothing -> 1.1.0 runs: updated 89/157 pages
        3: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// Where another sits, nobody comes back to: no minute is spent on it.
#[test]
fn a_module_is_swapped_while_nobody_looks() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.unplug_cable();
    bench.close();
    bench.world.pull(1);
    bench.world.add(&setup.modules[1]);
    bench.run(Duration::from_secs(1));
    let took = back_to_the_end(&mut bench);
    assert!(took < AT_ONCE, "{took:?}");
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed unplugged gone
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&bench.endings());
    bench.update_all(Duration::from_secs(60));
    expect![[r#"
        1: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed unplugged gone
        2: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
        3: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// As long as its update waits for it, its address is not given to whoever sits in its slot.
#[test]
fn a_module_is_swapped_and_then_the_cable_is_pulled() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.pull(1);
    bench.world.add(&setup.modules[1]);
    bench.run(Duration::from_secs(1));
    bench.world.unplug_cable();
    bench.close();
    bench.run(Duration::from_secs(1));
    let took = back_to_the_end(&mut bench);
    assert!(took < AT_ONCE, "{took:?}");
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed unplugged gone
        2: Twin Filter 1.0.0 -> 1.1.0 runs: current 0/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// The second has another address, since its slot's is kept for the first; the third gets that, and nobody waits for the second.
#[test]
fn a_module_is_swapped_twice() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.pull(1);
    bench.world.add(&setup.modules[1]);
    bench.run(Duration::from_secs(1));
    bench.world.unplug_cable();
    bench.close();
    bench.world.pull(3);
    bench.world.add(&setup.modules[1]);
    bench.run(Duration::from_secs(1));
    let took = back_to_the_end(&mut bench);
    assert!(took < AT_ONCE, "{took:?}");
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed unplugged gone
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        -: Twin Filter 1.0.0 -> nothing interrupted: failed unplugged gone
    "#]]
    .assert_eq(&bench.endings());
}

/// What the base has been given needs neither page nor cable: the host says when that is all of it, and from that very moment on
/// it is true.
#[test]
fn the_page_is_closed_as_soon_as_it_may_be() {
    let mut bench = Bench::new(&Setup::demo());
    images::new().iter().for_each(|image| bench.offer(&image.bytes));
    bench.detect();
    bench.click();
    let took = bench.run_until(Duration::from_secs(20), |bench| bench.session.base_has_all());
    assert!(!bench.is_done());
    bench.close();
    bench.reload();
    bench.world.unplug_cable();
    bench.run(Duration::from_secs(10));
    bench.world.plug_cable();
    bench.open(79);
    images::new().iter().for_each(|image| bench.offer(&image.bytes));
    bench.detect();
    expect![[r#"
        537.036ms
        1: Quad VCO nothing -> 1.4.3 runs: untouched
        2: Quad VCO nothing -> 1.4.3 runs: untouched
        3: Twin Filter nothing -> 2.0.1 runs: untouched
        5: Twin Filter nothing -> 2.0.1 runs: untouched
        6: Envelope 4 nothing -> 1.0.0 runs: untouched
        7: Envelope 4 nothing -> 1.0.0 runs: untouched
        9: Quad VCO nothing -> 1.4.3 runs: untouched
        10: Envelope 4 nothing -> 1.0.0 runs: untouched
    "#]]
    .assert_eq(&format!("{took:?}\n{}", bench.endings()));
}

#[test]
fn the_whole_rack_loses_its_power() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.power_cut(Duration::from_secs(2));
    bench.close();
    bench.run(Duration::from_secs(4));
    bench.open(78);
    bench.run_until(Duration::from_secs(60), Bench::is_done);
    bench.check();
    expect![[r#"
            1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 89/157 pages
            2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 89/157 pages
            3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 89/157 pages
        "#]]
    .assert_eq(&bench.endings());
}

#[test]
fn modules_come_and_go_by_themselves() {
    let mut bench = Bench::new(&Setup::rack(2));
    bench.detect();
    bench.world.pull(0);
    bench.run(Duration::from_secs(1));
    let pulled = bench.endings();
    bench.world.insert(0);
    bench.add(&oscillator(0, 3000));
    bench.run(Duration::from_secs(2));
    expect![[r#"
        1: Quad VCO nothing -> 1.4.2 runs: untouched gone
        2: Twin Filter nothing -> 1.4.2 runs: untouched
        and then
        1: Quad VCO nothing -> 1.0.0 runs: untouched
        2: Twin Filter nothing -> 1.4.2 runs: untouched
        -: Quad VCO nothing -> 1.4.2 runs: untouched
    "#]]
    .assert_eq(&format!("{pulled}and then\n{}", bench.endings()));
}

/// A module is silent for so long when it restarts into its new application. Returns how often it started since the click.
/// The image is proven by then: no page is written again, nor the record.
fn starts_of_one_that_is_silent(len: usize, lasts: Duration) -> usize {
    let mut setup = one_envelope(&envelope(OLD, len));
    setup.buses[0].clock_hz = 400_000;
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[envelope(NEW, len)]);
    bench.detect();
    let before = bench.world.modules()[0].starts().len();
    bench.click();
    for runs in [Runs::Loader(Why::Requested), Runs::Starting] {
        while bench.world.modules()[0].runs() != runs {
            bench.run(Duration::from_micros(100));
        }
    }
    bench.world.apply(Incident::Deaf { module: 0, lasts });
    bench.run_until(Duration::from_secs(5), Bench::is_done);
    assert!(bench.endings().contains("-> 1.1.0 runs: updated"), "{}", bench.endings());
    let module = &bench.world.modules()[0];
    for page in [record::address(&module.config().identity.geometry), APPLICATION_START] {
        let erases = module.memory().erases()[(page - FLASH_START) as usize / PAGE_LEN];
        assert_eq!(erases, 1, "of the page at {page:#x}");
    }
    module.starts().len() - before
}

/// Into its loader and into its application: for so long its restart is waited for, also if its flash is so small that it is
/// hashed before anybody has seen that the request arrived.
#[test]
fn a_module_restarts_slowly() {
    for len in [300, 800, LEN] {
        assert_eq!(starts_of_one_that_is_silent(len, Duration::from_millis(100)), 2, "{len}");
    }
}

/// For longer than that, and it is asked anew: into its loader once more, where only the confirmation is missing.
#[test]
fn a_module_is_silent_when_it_restarts() {
    assert_eq!(starts_of_one_that_is_silent(LEN, Duration::from_secs(1)), 4);
}

/// A loose contact just before the click: it has lost its address while everybody believes that it is there. Its update does not
/// wait for an answer that was given to whoever gave it its address again, whenever the click comes.
#[test]
fn a_module_is_reset_just_before_the_click() {
    let (setup, recipes) = all_different(1, 2_000);
    let mut longest = Duration::ZERO;
    for before in (0..500).map(Duration::from_millis) {
        let mut bench = Bench::new(&setup);
        bench.offer_all(&recipes);
        bench.detect();
        bench.world.apply(Incident::CutPower { module: 0, off: Duration::from_micros(100) });
        bench.run(before);
        bench.click();
        longest = longest.max(bench.run_until(Duration::from_secs(20), Bench::is_done));
        assert!(longest < WITHOUT_WAITING, "{before:?} before the click: {longest:?}");
    }
}
