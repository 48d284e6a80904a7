//! Faults 17 to 20, 39 and 40: modules that go, are swapped, collide, wear out, or do not start.

use expect_test::expect;
use rackflash_core::host::rack::{Module, Presence};
use rackflash_core::time::Duration;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::header::Hardware;
use rackflash_core::wire::module::{Begin, Outcome};
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::{APPLICATION_START, Variant, Wear};
use rackflash_sim::images::{ENVELOPE, QUAD_VCO, RECIPES, Recipe, VENDOR};
use rackflash_sim::module::Runs;
use rackflash_sim::setup::{Arbitration, Incident, Installed, ModuleSetup, Release, Setup};
use rackflash_tests::bench::Bench;

use crate::loader::Loading;
use crate::recipes::{NEW, OLD, all_different, envelope, one_envelope, oscillator};
use crate::{LEN, under_way};

#[test]
fn fault_17_a_module_is_pulled_and_put_back() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.pull(1);
    bench.run(Duration::from_millis(800));
    bench.world.insert(1);
    bench.run_until(Duration::from_secs(10), Bench::is_done);
    bench.check();
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 197/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// The rest of the rack finishes; put back later it is told as interrupted, and asked for again it goes on.
#[test]
fn fault_17_a_module_is_pulled_for_good() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.pull(1);
    let took = bench.run_until(Duration::from_secs(20), Bench::is_done);
    bench.check();
    let mut told = format!("{took:.1?}\n{}", bench.endings());
    bench.world.insert(1);
    bench.run(Duration::from_secs(2));
    told += &format!("put back\n{}", bench.endings());
    bench.update_all(Duration::from_secs(10));
    bench.check();
    told += &format!("updated again\n{}", bench.endings());
    expect![[r#"
        10.4s
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed not-answering gone
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        put back
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed not-answering
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        updated again
        1: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter nothing -> 1.1.0 runs: updated 89/157 pages
        3: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&told);
}

/// Nothing goes on blindly: the other has another number, and its update is one of its own.
#[test]
fn fault_18_a_module_is_swapped_for_another_of_its_type() {
    let mut setup = Setup::empty(1, 2).with(vec![oscillator(0, LEN)]);
    setup.seed = 5;
    let mut bench = under_way(&setup, &[Recipe { version: NEW, ..RECIPES[1] }]);
    bench.world.pull(0);
    bench.add(&oscillator(0, LEN));
    bench.run_until(Duration::from_secs(60), Bench::is_done);
    bench.check();
    expect![[r#"
        1: Quad VCO 1.0.0 -> nothing interrupted: failed not-answering gone
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 490/490 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// It takes nothing of what was meant for the other.
#[test]
fn fault_19_a_module_is_swapped_for_one_of_another_type() {
    let setup = Setup::empty(5, 2).with(vec![oscillator(0, LEN)]);
    let mut bench = under_way(&setup, &[Recipe { version: NEW, ..RECIPES[1] }]);
    bench.world.pull(0);
    let old = Installed::Image(envelope(OLD, LEN).bytes());
    bench.add(&ModuleSetup::new(0, ENVELOPE, 1, Variant::Kb64, old));
    bench.run_until(Duration::from_secs(60), Bench::is_done);
    bench.check();
    assert_eq!(bench.world.modules()[1].memory().operations(), 0, "nothing was sent to it");

    // Nor would it take what a host sends that has noticed nothing: its own loader refuses, before the first erase.
    let mut there = Loading::new(&envelope(OLD, LEN).bytes());
    let begin = Begin {
        vendor: VENDOR,
        module_type: QUAD_VCO.number,
        hardware: Hardware::of(2),
        version: NEW,
        len: 3_000,
        digest: 0,
        group: None,
    };
    assert_eq!(there.begin(begin), Outcome::WrongType);
    assert_eq!(there.memory.operations(), 0);
    expect![[r#"
        1: Quad VCO 1.0.0 -> nothing interrupted: failed not-answering gone
        1: Envelope 4 1.0.0 -> 1.0.0 runs: refused no-image
    "#]]
    .assert_eq(&bench.endings());
}

/// Their numbers tell them apart, and each gets an address of its own.
#[test]
fn fault_20_two_modules_of_one_address() {
    let mut setup = Setup::empty(1, 3).with(vec![oscillator(0, 3000), oscillator(2, 3000)]);
    setup.modules[1].home = Address::new(setup.slots[0].address);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&RECIPES);
    bench.detect();
    bench.update_all(Duration::from_secs(60));
    bench.check();
    expect![[r#"
        1: Quad VCO 1.0.0 -> 1.4.3 runs: updated 490/490 pages
        -: Quad VCO 1.0.0 -> 1.4.3 runs: updated 490/490 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// While one was away, another host gave its address to the other. The first host must not give it back unasked.
#[test]
fn fault_20_the_address_of_before_is_another_s_by_now() {
    let setup = Setup::empty(1, 1).with(vec![oscillator(0, 3000), oscillator(0, 3000)]);
    let mut bench = Bench::new(&setup);
    bench.world.pull(1);
    bench.detect();
    bench.close();
    bench.world.pull(0);
    bench.world.insert(1);
    let first = core::mem::take(&mut bench.session);
    bench.run(Duration::from_secs(1));
    bench.open(2);
    bench.detect();
    bench.close();
    bench.session = first;
    bench.world.insert(0);
    bench.run(Duration::from_secs(1));
    bench.open(3);
    bench.detect();
    let rack = bench.session.rack();
    let addresses: Vec<_> = rack.modules.iter().map(|m| (m.address.get(), m.presence)).collect();
    assert_eq!(addresses, [(0x11, Presence::Here), (0x10, Presence::Here)]);
}

/// A host that knows nothing finds one silent, and gives its address to the other, which asks for it.
#[test]
fn fault_20_an_address_is_given_away_while_its_module_is_silent() {
    let mut setup = Setup::empty(1, 2).with(vec![oscillator(0, 3000), oscillator(1, 3000)]);
    setup.modules[1].home = Address::new(0x10);
    let mut bench = Bench::new(&setup);
    bench.detect();
    let holds = |module: &&Module| module.address.get() == 0x10;
    let holder = bench.session.rack().modules.iter().find(holds).map(|module| module.identity.uid);
    let silent =
        bench.world.modules().iter().position(|module| Some(module.uid()) == holder).unwrap();
    let lasts = Duration::from_secs(3);
    bench.world.apply(Incident::Deaf { module: silent, lasts });
    bench.world.cut_power(1 - silent, Duration::from_millis(100));
    bench.close();
    bench.reload();
    bench.open(2);
    bench.run(Duration::from_secs(1));
    let found = |bench: &Bench| {
        let rack = bench.session.rack();
        rack.modules.iter().map(|module| module.address.get()).collect::<Vec<_>>()
    };
    assert_eq!(found(&bench), [0x10]);
    bench.run_until(Duration::from_secs(9), |bench| found(bench).len() == 2);
    // Addresses of slots that are empty are the last to be given away.
    assert_eq!(found(&bench), [0x10, 0x12]);
}

/// Whose hardware cannot drop out of a collision is not updated, and it is said.
#[test]
fn fault_20_two_modules_that_cannot_be_told_apart() {
    let mut setup = Setup::empty(1, 2).with(vec![oscillator(0, 3000), oscillator(1, 3000)]);
    for module in &mut setup.modules {
        module.arbitration = Arbitration::Missing;
    }
    let mut bench = Bench::new(&setup);
    bench.offer_all(&RECIPES);
    bench.detect();
    bench.update_all(Duration::from_secs(1));
    bench.check();
    assert!(bench.world.modules().iter().all(|module| module.memory().operations() == 0));
    expect!["Some(AddressConflict) "].assert_eq(&format!(
        "{:?} {}",
        bench.session.link_problem(),
        bench.endings()
    ));
}

fn with_a_worn_page(times: u32) -> Bench {
    let (setup, recipes) = all_different(2, LEN);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    let wear = Wear { address: APPLICATION_START + 40 * 128, times };
    bench.world.apply(Incident::Wear { module: 0, wear });
    bench.update_all(Duration::from_secs(20));
    bench.check();
    bench
}

/// Read-back finds it, and it is tried twice more.
#[test]
fn fault_39_a_page_takes_its_bytes_at_the_third_try() {
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&with_a_worn_page(2).endings());
}

/// The module needs service, the other is updated. What the worn one holds does not start.
#[test]
fn fault_39_a_page_never_takes_its_bytes() {
    let bench = with_a_worn_page(u32::MAX);
    expect![[r#"
        1: Twin Filter 1.0.0 -> nothing interrupted: failed flash-worn
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
    let worn = &bench.world.modules()[0];
    assert!(matches!(worn.runs(), Runs::Loader(_)), "{:?}", worn.runs());
    let problem = bench.session.rack().module(worn.uid()).and_then(|m| m.problem().cloned());
    expect!["a page of its flash takes no more writes; the module needs service"]
        .assert_eq(&problem.map(|problem| problem.to_string()).unwrap_or_default());
}

/// Three starts without a word, and the loader keeps the module. A repaired version brings it back.
#[test]
fn fault_40_a_new_application_hangs() {
    let mut setup = one_envelope(&envelope(OLD, 3000));
    setup.faults.hangs = vec![Release { module_type: ENVELOPE.number, version: NEW }];
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[envelope(NEW, 3000)]);
    bench.detect();
    let took = bench.update_all(Duration::from_secs(60));
    let hung = bench.world.modules()[0].starts().iter().filter(|start| start.runs == Runs::Hung);
    let mut told = format!("{took:.1?}, {} starts\n{}", hung.count(), bench.endings());
    let repaired = Version::new(1, 1, 1);
    bench.offer_all(&[envelope(repaired, 3000)]);
    bench.run(Duration::from_secs(1));
    bench.update_all(Duration::from_secs(60));
    bench.check();
    told += &bench.endings();
    expect![[r#"
        1.9s, 3 starts
        1: Envelope 4 1.0.0 -> 1.1.0 never-confirmed: failed never-started
        1: Envelope 4 1.1.0 -> 1.1.1 runs: updated 2/24 pages
    "#]]
    .assert_eq(&told);
}
