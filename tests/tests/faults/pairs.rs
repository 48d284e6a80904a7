//! Fault 4, all of it: the power cut twice, at every pair of flash operations of an update and of what mends it.
//!
//! A chip that is small enough, and an image of eight pages: journal, record, vectors, and both banks take part. A host
//! updates it once, and each state of the chip with an operation under way is kept. From each the power goes before the
//! operation, in it (torn in several ways), and after it. Another host mends what that left, and its operations are
//! cut in the same way. What that left, a third host mends. Of equal states one is tried: equal in all flash and EEPROM, and
//! in the bits that read differently each time.
//!
//! `tests/loader/cuts.rs` does the same with smaller rings, so that notes of the journal follow each other, and with a host
//! that believes every page that happens to read well.

use core::hash::{Hash, Hasher};
use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::{BTreeSet, HashSet};
use std::hash::DefaultHasher;
use std::sync::Mutex;
use std::thread;

use rackflash_core::time::Duration;
use rackflash_sim::chip::{Cut, Variant};
use rackflash_sim::images::ENVELOPE;
use rackflash_sim::memory::Memory;
use rackflash_sim::module::Runs;
use rackflash_sim::setup::{Installed, ModuleSetup, Setup};
use rackflash_sim::world::World;
use rackflash_tests::bench::Bench;

use crate::recipes::{NEW, OLD, envelope};

/// Eight pages. With two banks, half of them lie in each.
const LEN: usize = 1_000;
/// How each operation is cut the first time. It is torn in several ways: early, late, in its middle.
const CUTS: [(Cut, u64); 6] = [
    (Cut::Before, 0),
    (Cut::Torn, 1),
    (Cut::Torn, 2),
    (Cut::Torn, 3),
    (Cut::Torn, 4),
    (Cut::After, 0),
];
/// And the second time: torn differently in each state, so that two ways are enough.
const CUTS_AGAIN: [(Cut, u64); 4] =
    [(Cut::Before, 0), (Cut::Torn, 1), (Cut::Torn, 2), (Cut::After, 0)];
/// An update of so few pages takes 0.1 s.
const BOUND: Duration = Duration::from_secs(1);

#[test]
fn fault_04_power_cut_at_every_pair_of_operations() {
    all_pairs(Variant::Reduced);
}

#[test]
fn fault_04_power_cut_at_every_pair_of_operations_of_two_banks() {
    all_pairs(Variant::DualReduced);
}

fn all_pairs(variant: Variant) {
    let (old, new) = (envelope(OLD, LEN).bytes(), envelope(NEW, LEN).bytes());
    let interrupted = Installed::Interrupted { old: old.clone(), new, pages: 3 };
    for (name, installed) in [
        ("blank", Installed::Blank),
        ("an old image", Installed::Image(old)),
        ("an interrupted update", interrupted),
    ] {
        let (tried, start) = (Tried::default(), Chip::new(variant, &installed));
        let first = start.update(&tried, &CUTS);
        let operations = first.len() / CUTS.len();
        let left = Mutex::new(first.into_iter());
        let next = || left.lock().unwrap().find(|chip| tried.is_new(chip));
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some(chip) = next() {
                        let again = chip.update(&tried, &CUTS_AGAIN);
                        for chip in again.iter().filter(|chip| tried.is_new(chip)) {
                            chip.update(&tried, &[]);
                        }
                    }
                });
            }
        });
        let cuts = tried.cuts.into_inner();
        let states = tried.states.into_inner().unwrap().len();
        let found = tried.found.into_inner().unwrap().into_iter().collect::<Vec<_>>().join(", ");
        println!(
            "{variant:?}, {name}: {operations} operations, {cuts} cuts, {states} states; then ran {found}"
        );
        assert!(states > 500, "{states} states are few");
    }
}

/// A chip, and what was done to it.
struct Chip {
    variant: Variant,
    memory: Memory,
    history: String,
}

/// What was tried so far.
#[derive(Default)]
struct Tried {
    cuts: AtomicUsize,
    states: Mutex<HashSet<u64>>,
    /// What ran after a cut.
    found: Mutex<BTreeSet<String>>,
}

impl Tried {
    fn is_new(&self, chip: &Chip) -> bool {
        self.states.lock().unwrap().insert(chip.state())
    }
}

impl Chip {
    fn new(variant: Variant, installed: &Installed) -> Self {
        let world = World::new(setup(variant, installed.clone()));
        let memory = world.modules()[0].memory().clone();
        Self { variant, memory, history: "as it was".to_owned() }
    }

    /// What counts of it after a loss of power.
    fn state(&self) -> u64 {
        let mut unstable = self.memory.unstable().to_vec();
        unstable.sort_unstable();
        let mut hasher = DefaultHasher::new();
        (self.memory.flash(), self.memory.eeprom(), unstable).hash(&mut hasher);
        hasher.finish()
    }

    /// Lets a host that knows nothing update it to the end. Returns what is left of it when the power goes meanwhile.
    fn update(&self, tried: &Tried, cuts: &[(Cut, u64)]) -> Vec<Self> {
        let _told = Told(&self.history);
        let mut bench = Bench::new(&setup(self.variant, Installed::Blank));
        bench.oracle.expect(&envelope(OLD, LEN).bytes());
        bench.offer_all(&[envelope(NEW, LEN)]);
        let mut memory = self.memory.clone();
        memory.reseed(self.state());
        bench.world.transplant(0, memory);
        let mut left = Vec::new();
        let mut run_until = |bench: &mut Bench, done: fn(&Bench) -> bool| {
            let end = bench.world.now() + BOUND;
            while !done(bench) {
                assert!(bench.world.now() < end, "it comes to its end");
                let before = bench.world.modules()[0].memory().operations();
                bench.step(bench.world.next_event().unwrap_or(end).min(end));
                let memory = bench.world.modules()[0].memory();
                if memory.operations() != before {
                    left.extend(cuts.iter().map(|cut| self.cut(memory, *cut)));
                }
            }
        };
        run_until(&mut bench, |bench| {
            !matches!(bench.world.modules()[0].runs(), Runs::Nothing | Runs::Starting)
        });
        let runs = format!("{:?}", bench.world.modules()[0].runs());
        tried.found.lock().unwrap().insert(runs);
        run_until(&mut bench, |bench| {
            !bench.session.rack().modules.is_empty() && !bench.session.is_detecting()
        });
        // What it is by itself, and what is said of that.
        bench.check();
        bench.click();
        run_until(&mut bench, Bench::is_done);
        bench.check();
        let runs = bench.world.modules()[0].runs();
        assert_eq!(runs, Runs::Application(NEW), "{}", bench.endings());
        tried.cuts.fetch_add(left.len(), Ordering::Relaxed);
        left
    }

    /// What is left when the power goes in what is running.
    fn cut(&self, running: &Memory, (cut, seed): (Cut, u64)) -> Self {
        let mut memory = running.clone();
        memory.reseed(self.state() ^ seed);
        memory.lose_power_at(cut);
        let operation = running.operations();
        let history = format!("{}; {cut:?} {seed} at operation {operation}", self.history);
        Self { variant: self.variant, memory, history }
    }
}

/// A rack with one module, at the one address that is looked at.
fn setup(variant: Variant, installed: Installed) -> Setup {
    let module = ModuleSetup::new(0, ENVELOPE, 1, variant, installed);
    let mut setup = Setup::empty(1, 1).with(vec![module]);
    (setup.buses[0].first, setup.buses[0].last) = (0x10, 0x10);
    setup
}

/// Says what was done to a chip that did not come to its end.
struct Told<'a>(&'a str);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("a chip {}", self.0);
        }
    }
}
