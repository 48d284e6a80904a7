//! Fault 37 where addresses are given: a module tells a unique id that is not its own. Whoever comes behind it in the order of
//! what they say is not heard; that is told, and is over when it is gone.

use core::cell::Cell;

use expect_test::expect;
use rackflash_core::time::Duration;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::module::Uid;
use rackflash_tests::bench::Bench;

use crate::module_lies::change_identity;
use crate::recipes::all_different;

thread_local! {
    /// What it tells the next time.
    static NEXT: Cell<fn(Uid) -> Uid> = const { Cell::new(|uid| uid) };
    static TOLD: Cell<Change> = const { Cell::new(Change { vendor: None, uid: NOBODY_S }) };
}

#[derive(Clone, Copy)]
struct Change {
    vendor: Option<u16>,
    uid: Uid,
}

const NOBODY_S: Uid = Uid([0; 12]);

/// A rack whose module in the middle says such a thing; what becomes of all, and once more when it is gone.
fn rack(told: impl Fn(&Bench) -> Change) -> String {
    let (mut setup, recipes) = all_different(3, 5_000);
    setup.modules[1].lie = Some(|from, said| {
        if from == Address::ENUMERATION {
            let Change { vendor, uid } = TOLD.get();
            TOLD.set(Change { uid: NEXT.get()(uid), vendor });
            change_identity(from, said, |identity| {
                identity.uid = uid;
                identity.vendor = vendor.unwrap_or(identity.vendor);
            });
        }
    });
    let mut bench = Bench::new(&setup);
    bench.ends_in_the_middle();
    bench.offer_all(&recipes);
    TOLD.set(told(&bench));
    let took = bench.detect();
    assert!(took < Duration::from_secs(3), "{took:?}");
    let with_it = becomes_of_all(&mut bench);
    bench.world.pull(1);
    bench.run(Duration::from_secs(2));
    with_it + "-\n" + &becomes_of_all(&mut bench)
}

fn becomes_of_all(bench: &mut Bench) -> String {
    bench.update_all(Duration::from_secs(20));
    let problem = bench.session.link_problem().map(|problem| format!("{problem}\n"));
    problem.unwrap_or_default() + &bench.endings()
}

fn another_s(module: usize) -> impl Fn(&Bench) -> Change {
    move |bench| Change { vendor: None, uid: bench.world.modules()[module].uid() }
}

#[test]
fn fault_37_it_takes_no_address() {
    expect![[r#"
        modules talk over each other; unplug the one that was plugged in last
        -
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 39/40 pages
    "#]]
    .assert_eq(&rack(|_| Change { vendor: Some(0), uid: NOBODY_S }));
}

#[test]
fn fault_37_it_takes_no_address_and_comes_last() {
    expect![[r#"
        modules talk over each other; unplug the one that was plugged in last
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 39/40 pages
        -
        1: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/40 pages
        3: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/40 pages
    "#]]
    .assert_eq(&rack(|_| Change { vendor: Some(u16::MAX), uid: NOBODY_S }));
}

#[test]
fn fault_37_it_has_the_number_of_the_first() {
    expect![[r#"
        modules talk over each other; unplug the one that was plugged in last
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        -
        1: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/40 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 39/40 pages
    "#]]
    .assert_eq(&rack(another_s(0)));
}

#[test]
fn fault_37_it_has_the_number_of_the_last() {
    expect![[r#"
        modules talk over each other; unplug the one that was plugged in last
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 39/40 pages
        -
        1: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/40 pages
        2: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/40 pages
    "#]]
    .assert_eq(&rack(another_s(2)));
}

#[test]
fn fault_37_it_is_another_each_time() {
    NEXT.set(|Uid([first, rest @ ..])| {
        Uid(core::array::from_fn(|at| match at {
            0 => first.wrapping_add(1),
            at => rest[at - 1],
        }))
    });
    expect![[r#"
        modules talk over each other; unplug the one that was plugged in last
        -
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 39/40 pages
    "#]]
    .assert_eq(&rack(|_| Change { vendor: Some(0), uid: NOBODY_S }));
}
