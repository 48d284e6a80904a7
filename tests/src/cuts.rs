//! Power cuts, by the state of the chip that they leave: every flash operation of an update, and, if wanted, of what mends it.
//!
//! A host updates a chip once, and each state of it with an operation under way is kept. From each the power goes before the
//! operation, in it, and after it. Another host, which knows nothing, mends what that left. Of equal states one is tried: equal
//! in all flash and EEPROM, and in the bits that read differently each time. What mends one stops where another has been in
//! the same state with the same operation under way: that one goes on to the end. Its limit: which pages the host has still to
//! send, and what the loader keeps in its RAM (ring, notes), is not compared, and may differ between the two.
//!
//! Refuses an update that does not end with the new image running.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::{BTreeSet, HashSet};
use std::hash::DefaultHasher;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rackflash_core::module::PAGE_LEN;
use rackflash_core::time::Duration;
use rackflash_sim::chip::{Cut, Variant};
use rackflash_sim::memory::Memory;
use rackflash_sim::module::Runs;
use rackflash_sim::setup::{Installed, ModuleSetup, Setup};
use rackflash_sim::world::World;

use crate::bench::Bench;
use crate::racks::{NEW, OLD, recipe};

/// The chips there are; the reduced ones are none.
pub const CHIPS: [Variant; 5] =
    [Variant::Kb64, Variant::Kb128, Variant::Kb192, Variant::Dual128, Variant::Dual192];
/// Each cut once. Every operation is torn in another way.
pub const ONCE: [(Cut, u64); 3] = [(Cut::Before, 0), (Cut::Torn, 1), (Cut::After, 0)];
/// Of pairs, eight pages: journal, record, vectors and, where there are two, both banks take part.
const PAIRS_LEN: usize = 1_000;
/// How each operation is cut the first time. It is torn in several ways: early, late, in its middle.
const PAIRS_FIRST: [(Cut, u64); 6] = [
    (Cut::Before, 0),
    (Cut::Torn, 1),
    (Cut::Torn, 2),
    (Cut::Torn, 3),
    (Cut::Torn, 4),
    (Cut::After, 0),
];
/// And the second time: torn differently in each state, so that two ways are enough.
const PAIRS_AGAIN: [(Cut, u64); 4] =
    [(Cut::Before, 0), (Cut::Torn, 1), (Cut::Torn, 2), (Cut::After, 0)];
/// An update of so few pages takes 0.1 s.
const PAIRS_BOUND: Duration = Duration::from_secs(1);
/// Chips that wait to be mended: each is as large as its flash.
const WAITING_MAX: usize = 16;
/// Of the base: two rings of pages. What stops early is not to have sent the whole image first.
const BLOCKS: usize = 16;
/// It is looked whether another has been in the same state at the first of so many pages: to look costs as much as ten pages.
const LOOK_EVERY: u32 = 32 * 128;
const _: () = assert!(PAGE_LEN == 128);

/// How an operation is cut: where, and which way of tearing.
pub type Ways = [(Cut, u64)];

/// An update from the old image to the new one, on a chip.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The chip.
    pub variant: Variant,
    /// How long the images are.
    pub len: usize,
    /// The longest that anything of it takes.
    pub bound: Duration,
}

/// What was tried.
#[derive(Debug)]
pub struct Tried {
    case: Case,
    old: Vec<u8>,
    new: Vec<u8>,
    operations: usize,
    cuts: AtomicUsize,
    states: Mutex<HashSet<u64>>,
    /// In which states those were that are mended to the end.
    passed: Mutex<HashSet<u64>>,
    joined: AtomicUsize,
    /// What ran after a cut.
    found: Mutex<BTreeSet<String>>,
}

/// Cuts the power twice, at every pair of operations, of updates of a chip that is small enough: says what it held before, and
/// what was tried.
///
/// # Panics
/// If a chip does not come to its end.
pub fn pairs(variant: Variant) -> impl Iterator<Item = (&'static str, Tried)> {
    let case = Case { variant, len: PAIRS_LEN, bound: PAIRS_BOUND };
    let interrupted = Installed::Interrupted { old: case.old(), new: case.offered(), pages: 3 };
    [
        ("blank", Installed::Blank),
        ("an old image", Installed::Image(case.old())),
        ("an interrupted update", interrupted),
    ]
    .into_iter()
    .map(move |(name, installed)| (name, case.cut(&installed, &PAIRS_FIRST, &PAIRS_AGAIN)))
}

/// A chip, and what was done to it.
struct Chip {
    memory: Memory,
    state: u64,
    history: String,
}

impl Case {
    /// Images that fill a chip.
    pub fn full(variant: Variant) -> Self {
        let geometry = variant.geometry();
        let before = geometry.application_start - geometry.flash_start;
        // The slowest writes 12 pages in 0.1 s.
        Self {
            variant,
            len: (geometry.flash_len - before) as usize,
            bound: Duration::from_secs(60),
        }
    }

    /// Its image of before.
    pub fn old(&self) -> Vec<u8> {
        recipe(0, OLD, self.len).bytes()
    }

    /// What it is offered.
    pub fn offered(&self) -> Vec<u8> {
        recipe(0, NEW, self.len).bytes()
    }

    /// Cuts every operation of the update of what is `installed`, and every operation of what mends it, in these ways.
    ///
    /// # Panics
    /// If a chip does not come to its end.
    pub fn cut(self, installed: &Installed, first: &Ways, again: &Ways) -> Tried {
        let mut tried = Tried {
            case: self,
            old: self.old(),
            new: self.offered(),
            operations: 0,
            cuts: AtomicUsize::default(),
            states: Mutex::default(),
            passed: Mutex::default(),
            joined: AtomicUsize::default(),
            found: Mutex::default(),
        };
        let start = self.chip(installed);
        let operations = thread::scope(|scope| {
            let (waiting, next) = sync_channel(WAITING_MAX);
            // It goes with the last of them: else whoever makes chips would wait for ever when all have failed.
            let next = Arc::new(Mutex::new(next));
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (next, tried) = (Arc::clone(&next), &tried);
                scope.spawn(move || mend(&next, again, tried));
            }
            drop(next);
            tried.update(&start, first, |chip| {
                if tried.is_new(&chip) {
                    // Else each of them has said why.
                    let _ = waiting.send(chip);
                }
            })
        });
        tried.operations = operations;
        tried
    }

    fn chip(&self, installed: &Installed) -> Chip {
        let world = World::new(self.setup(installed.clone()));
        Chip::new(world.modules()[0].memory().clone(), "as it was".to_owned())
    }

    /// A rack with one module, at the one address that is looked at.
    fn setup(&self, installed: Installed) -> Setup {
        let module =
            ModuleSetup::new(0, recipe(0, OLD, self.len).module, 1, self.variant, installed);
        let mut setup = Setup::empty(1, 1).with(vec![module]);
        (setup.buses[0].first, setup.buses[0].last) = (0x10, 0x10);
        setup.blocks = BLOCKS;
        setup
    }
}

fn mend(next: &Mutex<Receiver<Chip>>, again: &Ways, tried: &Tried) {
    loop {
        let chip = next.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(chip) = chip else { return };
        let mut left = Vec::new();
        tried.update(&chip, again, |chip| left.push(chip));
        for chip in left.iter().filter(|chip| tried.is_new(chip)) {
            tried.update(chip, &[], |_| {});
        }
    }
}

impl Tried {
    /// How many states there were.
    pub fn states(&self) -> usize {
        locked(&self.states).len()
    }

    /// How many operations the first update had. Two at once are one.
    pub fn operations(&self) -> usize {
        self.operations
    }

    fn is_new(&self, chip: &Chip) -> bool {
        locked(&self.states).insert(chip.state)
    }

    /// Whether another has been where this one is, and was mended from there. Remembers in `own` where this one has been.
    fn joins(&self, memory: &Memory, own: &mut Vec<u64>) -> bool {
        let at = memory.works_at().filter(|at| at.is_multiple_of(LOOK_EVERY));
        let Some(here) = at.map(|at| state(memory) ^ u64::from(at)) else { return false };
        own.push(here);
        locked(&self.passed).contains(&here)
    }

    /// Lets a host that knows nothing update it to the end. Tells what is left of it when the power goes meanwhile; returns
    /// the number of operations.
    fn update(&self, chip: &Chip, ways: &Ways, mut left: impl FnMut(Chip)) -> usize {
        let _told = Told(&chip.history);
        let bound = self.case.bound;
        let mut bench = Bench::new(&self.case.setup(Installed::Blank));
        bench.oracle.expect(&self.old);
        bench.offer(&self.new);
        let mut memory = chip.memory.clone();
        memory.reseed(chip.state);
        bench.world.transplant(0, memory);
        let (mut operations, mut joins, mut own) = (0, false, Vec::new());
        let mut run_until = |bench: &mut Bench, done: fn(&Bench) -> bool| {
            let end = bench.world.now() + bound;
            let mut before = bench.world.modules()[0].memory().operations();
            while !joins && !done(bench) {
                assert!(bench.world.now() < end, "it comes to its end");
                bench.step_watched(end, |world| {
                    let memory = world.modules()[0].memory();
                    if memory.operations() != before {
                        before = memory.operations();
                        operations += 1;
                        ways.iter().for_each(|way| left(chip.cut(memory, *way)));
                        joins |= ways.is_empty() && self.joins(memory, &mut own);
                    }
                });
            }
        };
        run_until(&mut bench, |bench| {
            !matches!(bench.world.modules()[0].runs(), Runs::Nothing | Runs::Starting)
        });
        let runs = format!("{:?}", bench.world.modules()[0].runs());
        locked(&self.found).insert(runs);
        run_until(&mut bench, |bench| {
            !bench.session.rack().modules.is_empty() && !bench.session.is_detecting()
        });
        // What it is by itself, and what is said of that.
        bench.check();
        bench.click();
        run_until(&mut bench, Bench::is_done);
        if joins {
            self.joined.fetch_add(1, Ordering::Relaxed);
            locked(&self.passed).extend(own);
            bench.ends_in_the_middle();
            return operations;
        }
        bench.check();
        let runs = bench.world.modules()[0].runs();
        assert_eq!(runs, Runs::Application(NEW), "{}", bench.endings());
        locked(&self.passed).extend(own);
        self.cuts.fetch_add(operations * ways.len(), Ordering::Relaxed);
        operations
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, operations, .. } = self;
        let [cuts, joined] = [&self.cuts, &self.joined].map(|count| count.load(Ordering::Relaxed));
        let states = self.states();
        write!(
            f,
            "{:?}, {} bytes: {operations} operations, {cuts} cuts, {states} states, {joined} of them came to where another was; then ran ",
            case.variant, case.len
        )?;
        f.write_str(&locked(&self.found).iter().cloned().collect::<Vec<_>>().join(", "))
    }
}

impl Chip {
    fn new(memory: Memory, history: String) -> Self {
        Self { state: state(&memory), memory, history }
    }

    /// What is left when the power goes in what is running.
    fn cut(&self, running: &Memory, (cut, seed): (Cut, u64)) -> Self {
        let operation = running.operations();
        let mut memory = running.clone();
        memory.reseed(self.state ^ seed ^ operation << 32);
        memory.lose_power_at(cut);
        let history = format!("{}; {cut:?} {seed} at operation {operation}", self.history);
        Self::new(memory, history)
    }
}

/// What counts of a chip after a loss of power.
fn state(memory: &Memory) -> u64 {
    let mut unstable = memory.unstable().to_vec();
    unstable.sort_unstable();
    let mut hasher = DefaultHasher::new();
    (memory.flash(), memory.eeprom(), unstable).hash(&mut hasher);
    hasher.finish()
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

/// What another thread has left when it failed is still right.
fn locked<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
