//! A chip's flash and EEPROM, as an STM32L07x has them (RM0367, 3; RM0376, 3): erased bits are 0, an operation takes its
//! time, and programming needs what was erased before.
//!
//! Fault model: power lost before, in the middle of or after any operation ([`CutAt`]). A torn erase or program leaves
//! each word as it was, as it should be, or anywhere between, and some of its bits read differently each time until the
//! page is erased. A worn page does not take its bytes ([`Wear`]), without an error flag. ECC is not modelled: it
//! promises nothing for torn words. Two banks that work in parallel take the time of one; a cut hits both.
//!
//! Refuses, as the chip does, with an error flag and nothing written: wrong alignment, what was not erased
//! (NOTZEROERR), the loader's own area (WRPERR; also counted, it must never be tried), two places at once that do not lie in
//! one bank each. Counts reads during an operation:
//! the chip would stall or abort.

use core::cell::{Cell, RefCell};

use rackflash_core::module::{
    Banks, Chip, FlashEnd, FlashOp, HALF_PAGE_LEN, HalfPage, PAGE_LEN, WORD_LEN,
};
use rackflash_core::time::{Duration, Instant};

use crate::chip::{
    APPLICATION_START, Cut, CutAt, EEPROM_START, ERASED, FLASH_START, FlashTime, LOADER_LEN,
    Variant, Violations, Wear, settings,
};
use crate::rng::Rng;
use crate::tear::{Tear, Unstable, Word};

/// The memories. A copy of them is another chip in the same state.
#[derive(Clone, Debug)]
pub struct Memory {
    flash: Vec<u8>,
    eeprom: Vec<u8>,
    banks: Banks,
    unstable: Unstable,
    running: Option<Running>,
    flash_time: Duration,
    pub(crate) now: Instant,
    operations: u64,
    /// How often each page was erased, or nearly.
    erases: Vec<u32>,
    cut_at: Option<CutAt>,
    wear: Vec<Wear>,
    failures: u32,
    violations: Cell<Violations>,
    /// Bytes read so far: what a boot costs.
    pub(crate) bytes_read: Cell<u64>,
    rng: RefCell<Rng>,
}

#[derive(Clone, Debug)]
struct Running {
    ends: Instant,
    /// None: the chip has refused.
    work: Vec<Work>,
    cut: Option<CutAt>,
}

#[derive(Clone, Debug)]
struct Work {
    kind: Kind,
    address: u32,
    len: usize,
    /// What will be there; programming adds it to what is.
    bytes: [u8; PAGE_LEN],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Erase,
    Program,
    Eeprom,
}

/// How an operation came to its end.
pub(crate) enum Ended {
    Done(FlashEnd),
    PowerLost(CutAt),
}

impl Memory {
    /// As it comes from the bench: nothing but the loader's area is programmed. What chance does follows from `seed`.
    pub fn new(variant: Variant, flash_time: FlashTime, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let geometry = variant.geometry();
        let mut flash = vec![ERASED; geometry.flash_len as usize];
        // The simulated CPU does not run the loader from here, but whoever reads it finds something that must not change.
        for bytes in flash[..LOADER_LEN as usize].as_chunks_mut().0 {
            *bytes = rng.u64().to_le_bytes();
        }
        Self {
            flash,
            eeprom: vec![ERASED; geometry.eeprom_len.into()],
            banks: variant.banks(),
            unstable: Unstable::default(),
            running: None,
            flash_time: flash_time.duration(),
            now: Instant::ZERO,
            operations: 0,
            erases: vec![0; geometry.flash_len as usize / PAGE_LEN],
            cut_at: None,
            wear: Vec::new(),
            failures: 0,
            violations: Cell::default(),
            bytes_read: Cell::default(),
            rng: RefCell::new(rng),
        }
    }

    /// All of the flash. Of bits that read differently each time one reading.
    pub fn flash(&self) -> &[u8] {
        &self.flash
    }

    /// From the start of the application area to the end of the flash.
    pub fn application(&self) -> &[u8] {
        &self.flash[(APPLICATION_START - FLASH_START) as usize..]
    }

    /// The loader's own area.
    pub fn loader_area(&self) -> &[u8] {
        &self.flash[..LOADER_LEN as usize]
    }

    /// All of the EEPROM.
    pub fn eeprom(&self) -> &[u8] {
        &self.eeprom
    }

    /// Words of which some bits read differently each time: address, bits.
    pub fn unstable(&self) -> &[(u32, u32)] {
        self.unstable.words()
    }

    /// How many operations were started that the chip accepted: erases, programs, words of EEPROM. One that does a place in
    /// each bank counts twice: so much does the flash wear.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// How often each page of the flash was erased so far, torn erases among them.
    pub fn erases(&self) -> &[u32] {
        &self.erases
    }

    /// How often a worn page did not take its bytes.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// What should not have been tried.
    pub fn violations(&self) -> Violations {
        self.violations.get()
    }

    /// Puts bytes into the flash as a programmer does before the rack is built.
    pub fn install(&mut self, address: u32, bytes: &[u8]) {
        let at = (address - FLASH_START) as usize;
        self.flash[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// What has been counted so far was before the world began.
    pub(crate) fn forget_counts(&mut self) {
        self.operations = 0;
        self.erases.fill(0);
        self.violations.take();
    }

    /// Lets the running operation come to its end; returns how long it took and how it ended. For a chip that is not in
    /// a [`crate::world::World`].
    pub fn wait(&mut self) -> (Duration, FlashEnd) {
        let started = self.now;
        self.now = self.ends().unwrap_or(started);
        match self.end() {
            Ended::Done(end) => (self.now - started, end),
            Ended::PowerLost(_) => (self.now - started, FlashEnd::Error),
        }
    }

    /// The power goes at one operation to come.
    pub fn cut_at(&mut self, at: CutAt) {
        self.cut_at = Some(at);
    }

    /// A page wears out.
    pub fn wear(&mut self, wear: Wear) {
        self.wear.push(wear);
    }

    /// Whether an operation is running: power that goes now tears it.
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// Where the running operation works, if there is one: of two places the first.
    pub fn works_at(&self) -> Option<u32> {
        self.running.as_ref()?.work.first().map(|work| work.address)
    }

    /// What an application has left in the EEPROM.
    pub(crate) fn remember(&mut self) {
        self.eeprom = settings(self.eeprom.len());
    }

    /// Another chip of the same kind, as it comes from the bench.
    pub(crate) fn renew(&mut self) {
        self.flash[LOADER_LEN as usize..].fill(ERASED);
        self.eeprom.fill(ERASED);
        self.unstable = Unstable::default();
        (self.cut_at, self.wear) = (None, Vec::new());
        self.operations = 0;
        self.erases.fill(0);
    }

    /// Copies from the flash. Addresses outside the flash read as erased.
    pub fn read(&self, address: u32, bytes: &mut [u8]) {
        self.count_read(bytes.len());
        self.look(FLASH_START, &self.flash, address, bytes);
    }

    /// When the running operation ends.
    pub(crate) fn ends(&self) -> Option<Instant> {
        self.running.as_ref().map(|running| running.ends)
    }

    /// The running operation has come to its end.
    pub(crate) fn end(&mut self) -> Ended {
        let Some(Running { work, cut, .. }) = self.running.take() else {
            return Ended::Done(FlashEnd::Error);
        };
        let end = if work.is_empty() { FlashEnd::Error } else { FlashEnd::Done };
        work.into_iter().for_each(|work| self.finish(work, cut.map_or(Cut::After, |at| at.cut)));
        cut.map_or(Ended::Done(end), Ended::PowerLost)
    }

    /// Power is lost or the chip is reset, now: what was running is torn.
    pub fn lose_power(&mut self) {
        self.lose_power_at(Cut::Torn);
    }

    /// Power is lost there in what is running.
    pub fn lose_power_at(&mut self, cut: Cut) {
        if let Some(Running { work, .. }) = self.running.take() {
            work.into_iter().for_each(|work| self.finish(work, cut));
        }
    }

    /// What chance does from now on follows from `seed`.
    pub fn reseed(&mut self, seed: u64) {
        self.rng = RefCell::new(Rng::new(seed));
    }

    /// Does the work, as far as the power lasts.
    fn finish(&mut self, work: Work, cut: Cut) {
        let Work { kind, address, len, mut bytes } = work;
        let mut tear = match cut {
            Cut::Before => return,
            Cut::Torn => Some(Tear::new(self.rng.get_mut())),
            Cut::After => None,
        };
        if kind == Kind::Erase {
            self.erases[(address - FLASH_START) as usize / PAGE_LEN] += 1;
        } else if tear.is_none() && kind == Kind::Program {
            self.failures += u32::from(wear_out(&mut self.wear, address, &mut bytes));
        }
        for (word, bytes) in (address..).step_by(WORD_LEN).zip(bytes[..len].as_chunks().0) {
            let place = if kind == Kind::Eeprom {
                self.eeprom.get_mut((word - EEPROM_START) as usize..)
            } else {
                self.flash.get_mut((word - FLASH_START) as usize..)
            };
            let Some(place) = place.and_then(|bytes| bytes.first_chunk_mut()) else { return };
            let old = Word { value: u32::from_le_bytes(*place), unstable: self.unstable.of(word) };
            let bits = u32::from_le_bytes(*bytes);
            // Bits can only be programmed; those that are so now are so for good.
            let new = if kind == Kind::Program { old.programmed(bits) } else { Word::sound(bits) };
            let left = tear.as_mut().map_or(new, |tear| tear.word(old, new));
            *place = left.value.to_le_bytes();
            self.unstable.set(word, left.unstable);
        }
    }

    /// What the chip is to do; nothing if it refuses any of it.
    fn work(&self, operation: FlashOp<'_>) -> Vec<Work> {
        let program =
            |half: HalfPage<'_>| self.place(Kind::Program, half.address, &bytes(half.words));
        let erase = |address| self.place(Kind::Erase, address, &[ERASED; PAGE_LEN]);
        let (first, second) = match operation {
            FlashOp::Erase { address, also } => (erase(address), also.map(erase)),
            FlashOp::ProgramHalfPage { half, also } => (program(half), also.map(program)),
            FlashOp::ProgramWord { address, word } => {
                (self.place(Kind::Program, address, &word.to_le_bytes()), None)
            }
            FlashOp::WriteEeprom { offset, word } => {
                (self.place(Kind::Eeprom, EEPROM_START + offset, &word.to_le_bytes()), None)
            }
        };
        match (first, second) {
            (Some(first), None) => vec![first],
            (Some(first), Some(Some(second))) => {
                if self.banks == Banks::One || self.bank(&first) == self.bank(&second) {
                    self.count(|v| v.not_parallel += 1);
                    return Vec::new();
                }
                vec![first, second]
            }
            _ => Vec::new(),
        }
    }

    fn bank(&self, work: &Work) -> usize {
        (work.address - FLASH_START) as usize / (self.flash.len() / 2)
    }

    /// One place that the chip is to change, if it does not refuse.
    fn place(&self, kind: Kind, address: u32, new: &[u8]) -> Option<Work> {
        let len = new.len();
        let mut bytes = [ERASED; PAGE_LEN];
        bytes[..len].copy_from_slice(new);
        let (start, end, first) = match kind {
            Kind::Eeprom => (EEPROM_START, self.eeprom.len(), 0),
            _ => (FLASH_START, self.flash.len(), LOADER_LEN as usize),
        };
        let at = address.wrapping_sub(start) as usize;
        if !at.is_multiple_of(len) || at.saturating_add(len) > end {
            self.count(|v| v.bad_address += 1);
            return None;
        }
        if at < first {
            self.count(|v| v.loader_area += 1);
            return None;
        }
        if kind == Kind::Program {
            let mut found = [ERASED; HALF_PAGE_LEN];
            self.look(FLASH_START, &self.flash, address, &mut found[..len]);
            if found != [ERASED; HALF_PAGE_LEN] {
                self.count(|v| v.not_erased += 1);
                return None;
            }
        }
        Some(Work { kind, address, len, bytes })
    }

    fn time(&self, work: &Work) -> Duration {
        let at = work.address.wrapping_sub(EEPROM_START) as usize;
        // What is not erased is erased first, by the hardware.
        if work.kind == Kind::Eeprom && self.eeprom[at..at + WORD_LEN] != [ERASED; WORD_LEN] {
            self.flash_time * 2
        } else {
            self.flash_time
        }
    }

    /// Reads from a memory that starts at `start`, without what a read costs.
    fn look(&self, start: u32, memory: &[u8], address: u32, bytes: &mut [u8]) {
        let found = memory.get(address.wrapping_sub(start) as usize..).unwrap_or_default();
        let (inside, outside) = bytes.split_at_mut(bytes.len().min(found.len()));
        inside.copy_from_slice(&found[..inside.len()]);
        outside.fill(ERASED);
        self.unstable.flicker(address, bytes, &mut self.rng.borrow_mut());
    }

    fn count(&self, add: impl FnOnce(&mut Violations)) {
        let mut violations = self.violations.get();
        add(&mut violations);
        self.violations.set(violations);
    }

    fn count_read(&self, len: usize) {
        if self.running.is_some() {
            self.count(|v| v.while_busy += 1);
        }
        self.bytes_read.set(self.bytes_read.get() + len as u64);
    }
}

impl Chip for Memory {
    fn word(&self, address: u32) -> u32 {
        let mut bytes = [0; WORD_LEN];
        self.read(address, &mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn start(&mut self, operation: FlashOp<'_>) {
        if self.running.is_some() {
            return self.count(|v| v.while_busy += 1);
        }
        let work = self.work(operation);
        let (mut time, mut cut) = (Duration::ZERO, None);
        if let Some(first) = work.first() {
            let numbers = self.operations..self.operations + work.len() as u64;
            cut = self.cut_at.take_if(|at| numbers.contains(&at.operation));
            self.operations = numbers.end;
            time = match cut {
                Some(CutAt { cut: Cut::Before, .. }) => Duration::ZERO,
                Some(CutAt { cut: Cut::Torn, .. }) => self.time(first) / 2,
                _ => self.time(first),
            };
        }
        self.running = Some(Running { ends: self.now + time, work, cut });
    }

    fn eeprom_word(&self, offset: u32) -> u32 {
        let mut bytes = [0; WORD_LEN];
        self.count_read(WORD_LEN);
        self.look(EEPROM_START, &self.eeprom, EEPROM_START + offset, &mut bytes);
        u32::from_le_bytes(bytes)
    }
}

/// The bytes of words.
fn bytes(words: &[u32; HALF_PAGE_LEN / WORD_LEN]) -> [u8; HALF_PAGE_LEN] {
    let mut bytes = [0; HALF_PAGE_LEN];
    for (place, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
    bytes
}

/// The first bit that is programmed in a worn page stays erased. Returns whether there was one.
fn wear_out(worn: &mut [Wear], address: u32, bytes: &mut [u8]) -> bool {
    let page = |address: u32| address / PAGE;
    let wear = worn.iter_mut().find(|w| w.times > 0 && page(w.address) == page(address));
    let (Some(wear), Some(byte)) = (wear, bytes.iter_mut().find(|byte| **byte != 0)) else {
        return false;
    };
    *byte &= *byte - 1;
    wear.times -= 1;
    true
}

/// [`PAGE_LEN`], as a distance between addresses.
const PAGE: u32 = 128;
const _: () = assert!(PAGE as usize == PAGE_LEN);
