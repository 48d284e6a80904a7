//! Racks of all kinds, and what they end as.

use rackflash_core::time::Duration;

use expect_test::{Expect, expect};
use rackflash_core::host::catalog::{Offer, Terms};
use rackflash_core::host::image::Image;
use rackflash_core::host::rack::{MODULES_MAX, Presence};
use rackflash_core::host::report::Report;
use rackflash_core::host::session::{LinkProblem, Select};
use rackflash_core::module::HOLD_MAX;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::identity::Why;
use rackflash_sim::chip::{APPLICATION_START, Variant};
use rackflash_sim::images::ENVELOPE;
use rackflash_sim::images::RECIPES;
use rackflash_sim::module::Runs;
use rackflash_sim::setup::{Incident, Installed, ModuleSetup, Release, Setup};
use rackflash_tests::bench::Bench;
use rackflash_tests::racks::{all_different, recipe};

use crate::recipes::{NEW, OLD, envelope, oscillator};

fn check(setup: &Setup, expected: &Expect) -> Bench {
    let mut bench = Bench::new(setup);
    bench.offer_all(&RECIPES);
    bench.detect();
    bench.update_all(Duration::from_secs(60));
    bench.check();
    expected.assert_eq(&bench.endings());
    bench
}

#[test]
fn the_demo_rack() {
    check(
        &Setup::demo(),
        &expect![[r#"
            1: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
            2: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
            3: Twin Filter 1.4.2 -> 2.0.1 runs: updated 830/830 pages
            5: Twin Filter nothing -> 2.0.1 runs: updated 516/830 pages
            6: Envelope 4 0.9.7 -> 1.0.0 runs: updated 223/223 pages
            7: Envelope 4 1.0.0 -> 1.0.0 runs: current 0/223 pages
            9: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
            10: Envelope 4 nothing -> 1.0.0 runs: updated 223/223 pages
        "#]],
    );
}

#[test]
fn an_empty_rack() {
    check(&Setup::rack(0), &expect![[""]]);
}

#[test]
fn sixteen_modules() {
    check(
        &Setup::rack(16),
        &expect![[r#"
        1: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
        2: Twin Filter 1.4.2 -> 2.0.1 runs: updated 830/830 pages
        3: Envelope 4 0.9.7 -> 1.0.0 runs: updated 223/223 pages
        4: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
        5: Twin Filter 1.4.2 -> 2.0.1 runs: updated 830/830 pages
        6: Envelope 4 0.9.7 -> 1.0.0 runs: updated 223/223 pages
        7: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
        8: Twin Filter 1.4.2 -> 2.0.1 runs: updated 830/830 pages
        9: Envelope 4 0.9.7 -> 1.0.0 runs: updated 223/223 pages
        10: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
        11: Twin Filter 1.4.2 -> 2.0.1 runs: updated 830/830 pages
        12: Envelope 4 0.9.7 -> 1.0.0 runs: updated 223/223 pages
        13: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
        14: Twin Filter 1.4.2 -> 2.0.1 runs: updated 830/830 pages
        15: Envelope 4 0.9.7 -> 1.0.0 runs: updated 223/223 pages
        16: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
    "#]],
    );
}

#[test]
fn updated_again_nothing_is_written() {
    let mut bench = check(
        &Setup::rack(3),
        &expect![[r#"
        1: Quad VCO 1.4.2 -> 1.4.3 runs: updated 7/490 pages
        2: Twin Filter 1.4.2 -> 2.0.1 runs: updated 830/830 pages
        3: Envelope 4 0.9.7 -> 1.0.0 runs: updated 223/223 pages
    "#]],
    );
    let before: Vec<_> =
        bench.world.modules().iter().map(|module| module.memory().operations()).collect();
    bench.update_all(Duration::from_secs(60));
    let after: Vec<_> =
        bench.world.modules().iter().map(|module| module.memory().operations()).collect();
    assert_eq!(before, after);
    expect![[r#"
        1: Quad VCO 1.4.3 -> 1.4.3 runs: current 0/490 pages
        2: Twin Filter 2.0.1 -> 2.0.1 runs: current 0/830 pages
        3: Envelope 4 1.0.0 -> 1.0.0 runs: current 0/223 pages
    "#]]
    .assert_eq(&bench.endings());
}

#[test]
fn a_bus_that_names_addresses_no_module_can_have() {
    let mut setup = Setup::empty(1, 2).with(vec![oscillator(0, 3000), oscillator(1, 3000)]);
    (setup.buses[0].first, setup.buses[0].last) = (0x03, 0x7f);
    check(
        &setup,
        &expect![[r#"
        1: Quad VCO 1.0.0 -> 1.4.3 runs: updated 490/490 pages
        2: Quad VCO 1.0.0 -> 1.4.3 runs: updated 490/490 pages
    "#]],
    );
}

#[test]
fn more_modules_than_addresses() {
    let modules = (0..3).map(|slot| oscillator(slot, 3000)).collect();
    let mut setup = Setup::empty(1, 3).with(modules);
    setup.buses[0].last = setup.buses[0].first + 1;
    for module in &mut setup.modules {
        module.home = Address::new(setup.buses[0].first);
    }
    let mut bench = Bench::new(&setup);
    bench.detect();
    assert_eq!(bench.session.link_problem(), Some(LinkProblem::NoFreeAddress));
    assert_eq!(bench.session.rack().modules.len(), 2);
    let placed = bench.session.rack().modules[0].identity.uid;
    let module = bench.world.modules().iter().position(|module| module.uid() == placed);
    bench.world.pull(module.unwrap());
    bench.run(Duration::from_secs(3));
    assert_eq!(bench.session.link_problem(), None, "now the third has got an address");
    assert_eq!(bench.session.rack().modules.len(), 3);
}

#[test]
fn without_any_image() {
    let mut bench = Bench::new(&Setup::rack(2));
    bench.detect();
    bench.update_all(Duration::from_secs(1));
    expect![[r#"
        1: Quad VCO 1.4.2 -> 1.4.2 runs: refused no-image
        2: Twin Filter 1.4.2 -> 1.4.2 runs: refused no-image
    "#]]
    .assert_eq(&bench.endings());
}

/// What a module has confirmed is not replaced by what is older; what is damaged, or never reported back, is. A loader that is
/// just new enough takes an image.
#[test]
fn an_older_image() {
    let images = |version| [0, 1, 2].map(|number| recipe(number, version, 3_000));
    let modules = (0..).zip(images(NEW)).map(|(slot, recipe)| {
        let whole = Installed::Image(recipe.bytes());
        ModuleSetup::new(slot, recipe.module, 1, Variant::Kb64, whole)
    });
    let mut setup = Setup::empty(1, 3).with(modules.collect());
    setup.modules[2].installed = Installed::Blank;
    let module_type = images(NEW)[2].module.number;
    setup.faults.hangs = vec![Release { module_type, version: NEW }];
    let mut bench = Bench::new(&setup);
    let mut memory = bench.world.modules()[1].memory().clone();
    memory.install(APPLICATION_START + 2_000, &[0; 16]);
    bench.world.transplant(1, memory);
    bench.run(Duration::from_secs(1));
    bench.offer(&images(NEW)[2].bytes());
    bench.detect();
    update(&mut bench, 2);
    bench.run_until(Duration::from_secs(20), Bench::is_done);

    bench.close();
    bench.reload();
    for recipe in images(OLD) {
        let image = Image::from_binary(&recipe.bytes(), APPLICATION_START).unwrap();
        let terms = Terms { loader_min: setup.modules[0].loader, ..Terms::default() };
        bench.put(Offer { terms, ..Offer::new(image).unwrap() });
    }
    bench.open(80);
    bench.detect();
    bench.update_all(Duration::from_secs(20));
    expect![[r#"
        1: Twin Filter 1.1.0 -> 1.1.0 runs: refused older
        2: Twin Filter 1.1.0 -> 1.0.0 runs: updated 24/24 pages
        3: Twin Filter 1.1.0 -> 1.0.0 runs: updated 24/24 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// Each module says in one word why it waits in its loader, and the report says the same.
#[test]
fn words_for_why_a_module_waits() {
    let (old, new) = (envelope(OLD, 3000).bytes(), envelope(NEW, 3000));
    let interrupted = Installed::Interrupted { old: old.clone(), new: new.bytes(), pages: 9 };
    let whole = Installed::Image(old);
    let installed =
        [whole.clone(), Installed::Blank, interrupted, whole.clone(), whole.clone(), whole];
    let modules = (0..)
        .zip(installed)
        .map(|(slot, installed)| ModuleSetup::new(slot, ENVELOPE, 1, Variant::Kb64, installed));
    let mut setup = Setup::empty(1, 6).with(modules.collect());
    setup.faults.hangs = vec![Release { module_type: ENVELOPE.number, version: NEW }];
    let mut bench = Bench::new(&setup);
    let mut memory = bench.world.modules()[3].memory().clone();
    memory.install(APPLICATION_START + 2_000, &[0; 16]);
    bench.world.transplant(3, memory);
    bench.run(Duration::from_secs(1));
    bench.offer_all(&[new]);
    bench.detect();
    update(&mut bench, 4);
    bench.run_until(Duration::from_secs(10), Bench::is_done);
    // The base restarts between the last one's restart and the opening of its update.
    update(&mut bench, 5);
    while bench.world.modules()[5].runs() != Runs::Loader(Why::Requested) {
        bench.run(Duration::from_micros(100));
    }
    bench.world.apply(Incident::ResetBase);
    bench.close();
    bench.reload();
    bench.run(Duration::from_secs(1));
    bench.open(79);
    bench.detect();
    let report = Report::of(&bench.session).modules;
    let told = bench.world.modules().iter().map(|module| {
        let uid = module.uid().to_string();
        let said = report.iter().find(|said| said.uid == uid).expect("all are found");
        format!("{:?}: {}\n", module.runs(), said.state)
    });
    expect![[r#"
        Application(Version { major: 1, minor: 0, patch: 0 }): runs
        Loader(Blank): blank
        Loader(Interrupted): interrupted
        Loader(Damaged): damaged
        Loader(NeverConfirmed): never-confirmed
        Loader(Requested): requested
    "#]]
    .assert_eq(&told.collect::<String>());
}

fn update(bench: &mut Bench, module: usize) {
    let select = Select::Modules(vec![bench.world.modules()[module].uid()]);
    bench.session.update(&select, bench.world.now());
    bench.drain();
}

/// What PROTOCOL.md, section 6, promises of the clock.
#[test]
fn no_module_keeps_the_bus_waiting_longer_than_is_promised() {
    use Variant::{Dual128, Dual192, Kb64, Kb128, Kb192};
    for variant in [Kb192, Kb128, Kb64, Dual192, Dual128] {
        let (setup, recipes) = all_different(3, 50_000, variant);
        let mut bench = Bench::new(&setup);
        bench.offer_all(&recipes);
        bench.detect();
        bench.update_all(Duration::from_secs(60));
        bench.check();
        for module in bench.world.modules() {
            let longest = module.longest_hold();
            // A page frame that comes into a step.
            assert!(
                longest > Duration::from_micros(110),
                "{variant:?}: {longest:?} is not measured"
            );
            assert!(longest <= HOLD_MAX, "{variant:?} keeps the bus waiting for {longest:?}");
        }
    }
}

/// A maker fills modules in one slot all day. Whoever left first is forgotten at last, but not in the middle of an update.
#[test]
fn swapped_all_day() {
    let (setup, recipes) = all_different(1, 2_000, Variant::Kb64);
    let mut bench = Bench::new(&setup);
    bench.ends_in_the_middle();
    bench.offer_all(&recipes);
    bench.detect();
    let first = bench.world.modules()[0].uid().to_string();
    let outcome_of_the_first = |bench: &Bench| {
        let modules = Report::of(&bench.session).modules;
        modules.iter().find(|module| module.uid == first).map(|module| module.outcome)
    };
    bench.update_all(Duration::from_secs(5));
    for _ in 1..MODULES_MAX {
        bench.world.replace(0);
        bench.run(Duration::from_secs(2));
    }
    assert_eq!(bench.session.rack().modules.len(), MODULES_MAX);
    bench.click();
    bench.world.replace(0);
    bench.run_until(Duration::from_secs(5), |bench| {
        bench.session.rack().modules.len() > MODULES_MAX
    });
    assert!(!bench.is_done());
    assert_eq!(outcome_of_the_first(&bench), Some("updated"));
    bench.run_until(Duration::from_secs(30), Bench::is_done);
    bench.run(Duration::from_secs(1));
    assert_eq!(bench.session.rack().modules.len(), MODULES_MAX);
    assert_eq!(outcome_of_the_first(&bench), None);
    let last = bench.session.rack().modules.last().map(|module| module.presence);
    assert_eq!(last, Some(Presence::Here));
}

/// A link that breaks off each time before it is known who is there, and others are there each time: none of them may be forgotten,
/// since the update that was asked for may be theirs, and yet the list of them has an end.
#[test]
fn others_each_time_behind_a_bad_cable() {
    let (setup, recipes) = all_different(32, 2_000, Variant::Kb64);
    let mut bench = Bench::new(&setup);
    bench.ends_in_the_middle();
    bench.offer_all(&recipes);
    bench.detect();
    bench.click();
    for again in 1..25 {
        bench.close();
        (0..32).for_each(|module| bench.world.replace(module));
        bench.open(again);
        bench.run(Duration::from_millis(700));
        assert!(bench.session.is_detecting() && !bench.is_done());
    }
    assert_eq!(bench.session.rack().modules.len(), 2 * MODULES_MAX);
    bench.run_until(Duration::from_secs(90), Bench::is_done);
    bench.run_until(Duration::from_secs(90), |bench| {
        bench.session.rack().modules.len() == MODULES_MAX
    });
}
