//! Modules that take the same image are updated together; whoever falls out goes on alone.

use expect_test::{Expect, expect};
use rackflash_core::host::order::{Banks, order};
use rackflash_core::host::rack::Module;
use rackflash_core::host::session::Select;
use rackflash_core::time::Duration;
use rackflash_core::wire::message::Bus;
use rackflash_sim::images::{RECIPES, Recipe};
use rackflash_sim::module::Runs;
use rackflash_sim::setup::{Installed, ModuleSetup, Setup};
use rackflash_tests::bench::Bench;

use crate::recipes::{NEW, OLD, oscillator};

const LEN: usize = 30_000;

fn image() -> Recipe {
    Recipe { version: NEW, len: LEN, ..RECIPES[1] }
}

/// So many modules of one type after `change`, their update begun.
fn begun(modules: usize, change: impl FnOnce(&mut Setup)) -> Bench {
    let modules: Vec<_> = (0..modules).map(|slot| oscillator(slot, LEN)).collect();
    let mut setup = Setup::empty(1, modules.len()).with(modules);
    change(&mut setup);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[image()]);
    bench.detect();
    bench.session.update(&Select::All, bench.world.now());
    bench
}

fn end(bench: &mut Bench, endings: &Expect) -> Duration {
    let took = bench.run_until(Duration::from_secs(20), Bench::is_done);
    bench.check();
    endings.assert_eq(&bench.endings());
    took
}

#[test]
fn each_page_goes_over_the_bus_once() {
    let mut one = begun(1, |_| {});
    let alone = one.run_until(Duration::from_secs(20), Bench::is_done);
    let mut five = begun(5, |_| {});
    let together = end(
        &mut five,
        &expect![[r#"
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
        2: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
        4: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
        5: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
    "#]],
    );
    assert!(together < alone + alone / 20, "{together:?}, one alone {alone:?}");
    let bytes = |bench: &Bench| bench.world.bus(Bus(0)).bytes;
    assert!(bytes(&five) < bytes(&one) * 2, "{} and {}", bytes(&five), bytes(&one));
}

/// The others do not wait for it longer than their rings last.
#[test]
fn one_is_pulled_out() {
    let mut whole = begun(5, |_| {});
    let undisturbed = whole.run_until(Duration::from_secs(20), Bench::is_done);
    let mut bench = begun(5, |_| {});
    bench.run(Duration::from_millis(700));
    bench.world.pull(2);
    let others = |bench: &Bench| {
        let ended = bench.session.rack().modules.iter().filter(|m| !m.is_updating()).count();
        ended == 4
    };
    let took = Duration::from_millis(700) + bench.run_until(Duration::from_secs(20), others);
    assert!(took < undisturbed + undisturbed / 20, "{took:?} instead of {undisturbed:?}");
    end(
        &mut bench,
        &expect![[r#"
            1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
            2: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
            3: Quad VCO 1.0.0 -> nothing interrupted: failed not-answering gone
            4: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
            5: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
        "#]],
    );
}

#[test]
fn one_loses_its_power_for_a_moment() {
    let mut bench = begun(3, |_| {});
    bench.run(Duration::from_millis(700));
    bench.world.cut_power(1, Duration::from_millis(20));
    end(
        &mut bench,
        &expect![[r#"
            1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
            2: Quad VCO 1.0.0 -> 1.1.0 runs: updated 284/235 pages
            3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
        "#]],
    );
}

/// It wants other pages first than the rest.
#[test]
fn one_was_interrupted_before() {
    let mut bench = begun(4, |setup| {
        let (old, new) = (RECIPES[0].bytes(), image().bytes());
        setup.modules[3].installed = Installed::Interrupted { old, new, pages: 100 };
    });
    end(
        &mut bench,
        &expect![[r#"
            1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
            2: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
            3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
            4: Quad VCO nothing -> 1.1.0 runs: updated 92/235 pages
        "#]],
    );
}

/// It has nearly all of the pages already. What the others need it is not sent, and it is done long before them; while it leaves
/// their group, and until its own update is open, it hears nothing that is theirs.
#[test]
fn one_needs_little() {
    let mut bench = begun(3, |setup| {
        let old = Recipe { version: OLD, settings: 1, ..image() };
        setup.modules[1].installed = Installed::Image(old.bytes());
    });
    bench.run_until(Duration::from_secs(20), |bench| {
        bench.world.modules()[1].runs() == Runs::Application(NEW)
    });
    assert!(bench.session.rack().modules.iter().any(Module::is_updating));
    end(
        &mut bench,
        &expect![[r#"
        1: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
        2: Quad VCO 1.0.0 -> 1.1.0 runs: updated 7/235 pages
        3: Quad VCO 1.0.0 -> 1.1.0 runs: updated 235/235 pages
    "#]],
    );
    let erases = |module: usize| {
        let memory = bench.world.modules()[module].memory();
        memory.erases().iter().filter(|erases| **erases > 0).count()
    };
    assert!(erases(0) > 235 && erases(1) < 20, "{} and {}", erases(0), erases(1));
}

#[test]
fn pages_of_one_bank_are_sent_as_they_stand() {
    let differ = [true, false, true, true, false, true];
    assert_eq!(order(&differ, &[0..0, 0..0], None), [2, 3, 5, 0]);
    // Those that may be torn first, whatever they hold.
    assert_eq!(order(&differ, &[3..5, 0..0], None), [3, 4, 2, 5, 0]);
}

/// A note of the journal is written beside a page of the second bank that has no partner: so each window begins.
#[test]
fn pages_of_two_banks_are_sent_in_turn() {
    let banks = Some(Banks { second: 8, ring: 6 });
    let all = [true; 17];
    assert_eq!(
        order(&all, &[0..0, 0..0], banks),
        [8, 1, 9, 2, 10, 11, 3, 12, 4, 13, 14, 5, 15, 6, 16, 7, 0]
    );
    assert_eq!(order(&all[..5], &[2..4, 0..0], banks), [2, 3, 1, 4, 0]);
}

/// Of more than sixteen the questions what each has leave less room in a block for pages.
#[test]
fn more_than_a_block_has_room_for() {
    let mut one = begun(1, |_| {});
    let alone = one.run_until(Duration::from_secs(20), Bench::is_done);
    let mut many = begun(32, |_| {});
    let together = many.run_until(Duration::from_secs(20), Bench::is_done);
    many.check();
    let endings = many.endings();
    let whole = endings.lines().filter(|line| line.ends_with("updated 235/235 pages")).count();
    assert_eq!(whole, 32, "{endings}");
    assert!(together < alone + alone / 3, "{together:?}, one alone {alone:?}");
}

/// What either of them lacks goes to both, once.
#[test]
fn each_holds_another_part() {
    let mut bench = begun(2, |setup| {
        for (module, lacks) in setup.modules.iter_mut().zip([5_000..7_000, 20_000..22_000]) {
            let mut bytes = image().bytes();
            bytes[lacks].iter_mut().for_each(|byte| *byte ^= 0xff);
            module.installed = Installed::Image(bytes);
        }
    });
    end(
        &mut bench,
        &expect![[r#"
            1: Quad VCO 1.1.0 -> 1.1.0 runs: updated 33/235 pages
            2: Quad VCO 1.1.0 -> 1.1.0 runs: updated 33/235 pages
        "#]],
    );
}

/// Both lost their power in the same moment, and want a ring of pages again. What one needs besides, the other has: sent to both, it
/// would be more than a ring that comes to that one in vain.
#[test]
fn one_that_wants_a_ring_again_is_spared_what_it_has() {
    let new = Recipe { len: 10_000, ..image() };
    let (another, same) = (Recipe { version: OLD, code: 77, ..new }, Recipe { settings: 8, ..new });
    let modules = [another, same].into_iter().enumerate().map(|(slot, old)| {
        let (old, new) = (old.bytes(), new.bytes());
        let installed = Installed::Interrupted { old, new, pages: 40 };
        ModuleSetup { installed, ..oscillator(slot, 0) }
    });
    let mut bench = Bench::new(&Setup::empty(1, 2).with(modules.collect()));
    bench.offer_all(&[new]);
    bench.detect();
    bench.session.update(&Select::All, bench.world.now());
    end(
        &mut bench,
        &expect![[r#"
        1: Quad VCO nothing -> 1.1.0 runs: updated 46/79 pages
        2: Quad VCO nothing -> 1.1.0 runs: updated 34/79 pages
    "#]],
    );
}
