//! Forty things that go wrong, a test for each: what is said then, how long it takes, what is sent again. What must hold
//! whatever happens is in `tests/src/oracle.rs`.
//!
//! | fault | what goes wrong | where |
//! | --- | --- | --- |
//! | 1 | the cable is pulled in the middle | [`cable`] |
//! | 2 | power cut before each flash operation | [`power`] |
//! | 3 | power cut in each flash operation | [`power`] |
//! | 4 | power cut again while it recovers | [`power`]; at every pair of operations: [`pairs`]; full updates: `cargo xtask cuts` |
//! | 5 | power cut while the record is written | [`power`] |
//! | 6 | a module browns out | [`power`] |
//! | 7 | bits flip in data | [`bus`] |
//! | 8 | bits flip in addresses and commands | [`bus`] |
//! | 9 | bits are read late (a chip's erratum) | [`bus`] |
//! | 10 | a module does not acknowledge | [`bus`] |
//! | 11 | SDA is held low | [`bus`] |
//! | 12 | the clock is stretched without end | [`bus`] |
//! | 13 | arbitration is lost | [`bus`] |
//! | 14 | link frames dropped, doubled, reordered, delayed | [`cable`] |
//! | 15 | the host's buffer runs over | [`cable`] |
//! | 16 | stale bytes in the port | [`cable`] |
//! | 17 | a module is pulled | [`modules`] |
//! | 18 | a module is swapped for another of its type | [`modules`] |
//! | 19 | a module is swapped for one of another type | [`modules`] |
//! | 20 | two modules of one address | [`modules`] |
//! | 21 | an image for another type or hardware revision | [`images`] |
//! | 22 | files that are no HEX, or an odd one | [`files`]; each kind alone: `tests/image` |
//! | 23 | HEX records in every order and form | [`files`]; against `srec_cat`: `tests/image/differential.rs` |
//! | 24 | an image that reaches where it must not | [`images`] |
//! | 25 | empty, one byte, exactly full, four gibibytes wide | [`images`] |
//! | 26 | vectors that cannot be meant | [`images`] |
//! | 27 | an older image | [`releases`] |
//! | 28 | an old release again | [`releases`] |
//! | 29 | a release or file with any byte changed or cut off anywhere | [`damaged`] |
//! | 30 | wrong key, wrong signature | [`forged`] |
//! | 31 | parts of two releases | [`releases`] |
//! | 32 | the tab is closed, the laptop sleeps | [`cable`] |
//! | 33 | a hidden tab | [`cable`]; in a browser: `tests/page/background.rs` |
//! | 34 | two hosts on one port | [`two_hosts`]; in a browser: `tests/page/tabs.rs`, `busy.rs` |
//! | 35 | the base restarts | [`cable`] |
//! | 36 | a base of another protocol | [`base_lies`]; in a browser: `tests/page/wrong_port.rs` |
//! | 37 | a module lies | [`module_lies`] |
//! | 38 | a base or a module says anything | [`base_lies`], [`base_stops`], [`module_lies`] |
//! | 39 | the flash wears out | [`modules`] |
//! | 40 | a new application hangs | [`modules`] |
//!
//! Faults 28 to 31 are tried on the crate `rackflash-release`, which command and page open releases with.
//!
//! And what goes through all of it: [`sweeps`] over clocks of buses and numbers of modules; what the calendar
//! says is in [`two_hosts`].

use rackflash_core::time::Duration;
use rackflash_sim::images::Recipe;
use rackflash_sim::module::Runs;
use rackflash_sim::setup::Setup;
use rackflash_sim::world::World;
use rackflash_tests::bench::Bench;

use recipes::{NEW, all_different};

mod base_lies;
mod base_stops;
mod bus;
mod cable;
mod damaged;
mod files;
mod forged;
mod images;
mod liars;
mod loader;
mod module_lies;
mod modules;
mod pairs;
mod power;
mod releases;
mod strangers;
mod sweeps;
mod two_hosts;

#[path = "../update/recipes.rs"]
mod recipes;

/// Of an image, where nothing else is meant: some 1.5 s for a module.
const LEN: usize = 20_000;

/// A rack in the middle of an update.
fn under_way(setup: &Setup, recipes: &[Recipe]) -> Bench {
    let mut bench = Bench::new(setup);
    bench.offer_all(recipes);
    bench.detect();
    bench.click();
    bench.run(Duration::from_millis(900));
    assert!(!bench.is_done());
    bench
}

/// How long three modules take, after this was done to a bench that has found them.
fn took(change: impl FnOnce(&mut Bench)) -> Duration {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    change(&mut bench);
    let took = bench.update_all(Duration::from_secs(120));
    bench.check();
    all_run_new(&bench.world);
    took
}

/// Every module runs what it was offered.
fn all_run_new(world: &World) {
    for module in world.modules() {
        assert_eq!(module.runs(), Runs::Application(NEW), "slot {}", module.slot());
    }
}
