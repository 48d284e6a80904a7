//! A chip's flash and EEPROM, as an STM32L07x has them (RM0367, 3; RM0376, 3): erased bits are 0, an operation takes its
//! time, and programming needs what was erased before.
//!
//! Fault model: power lost before, in the middle of or after any operation ([`CutAt`]). A torn erase or program leaves
//! each word as it was, as it should be, or anywhere between, and some of its bits read differently each time until the
//! page is erased. A worn page does not take its bytes ([`Wear`]), without an error flag. ECC is not modelled: it
//! promises nothing for torn words.
//!
//! Refuses, as the chip does, with an error flag and nothing written: wrong alignment, what was not erased
//! (NOTZEROERR), the loader's own area (WRPERR; also counted, it must never be tried). Counts reads during an operation:
//! the chip would stall or abort.

use core::cell::{Cell, RefCell};
use core::ops::Range;

use rackflash_core::module::{Chip, FlashEnd, FlashOp, HALF_PAGE_LEN, PAGE_LEN, WORD_LEN};
use rackflash_core::time::{Duration, Instant};

use crate::chip::{
    APPLICATION_START, Cut, CutAt, EEPROM_START, ERASED, FLASH_START, FlashTime, LOADER_LEN,
    Variant, Violations, Wear,
};
use crate::rng::Rng;
use crate::tear::{Tear, Unstable, Word};

/// The memories.
#[derive(Debug)]
pub struct Memory {
    flash: Vec<u8>,
    eeprom: Vec<u8>,
    unstable: Unstable,
    running: Option<Running>,
    flash_time: Duration,
    pub(crate) now: Instant,
    operations: u64,
    cut_at: Option<CutAt>,
    wear: Vec<Wear>,
    violations: Cell<Violations>,
    /// Bytes read so far: what a boot costs.
    pub(crate) bytes_read: Cell<u64>,
    rng: RefCell<Rng>,
}

#[derive(Debug)]
struct Running {
    ends: Instant,
    work: Work,
    cut: Option<CutAt>,
}

#[derive(Clone, Copy, Debug)]
enum Work {
    Refused,
    Erase { address: u32 },
    Program { address: u32, len: usize, bytes: [u8; HALF_PAGE_LEN] },
    Eeprom { address: u32, bytes: [u8; WORD_LEN] },
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
        for bytes in flash[..LOADER_LEN as usize].chunks_exact_mut(8) {
            bytes.copy_from_slice(&rng.next().to_le_bytes());
        }
        Self {
            flash,
            eeprom: vec![ERASED; geometry.eeprom_len.into()],
            unstable: Unstable::default(),
            running: None,
            flash_time: flash_time.duration(),
            now: Instant::ZERO,
            operations: 0,
            cut_at: None,
            wear: Vec::new(),
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

    /// How many operations were started that the chip accepted: erases, programs, words of EEPROM.
    pub fn operations(&self) -> u64 {
        self.operations
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

    /// When the running operation ends.
    pub(crate) fn ends(&self) -> Option<Instant> {
        self.running.as_ref().map(|running| running.ends)
    }

    /// The running operation has come to its end.
    pub(crate) fn end(&mut self) -> Ended {
        let Some(Running { work, cut, .. }) = self.running.take() else {
            return Ended::Done(FlashEnd::Error);
        };
        match cut {
            None => Ended::Done(self.finish(work)),
            Some(at) => {
                match at.cut {
                    Cut::Before => {}
                    Cut::Torn => self.tear(work),
                    Cut::After => {
                        self.finish(work);
                    }
                }
                Ended::PowerLost(at)
            }
        }
    }

    /// Power is lost or the chip is reset, now: what was running is torn.
    pub fn lose_power(&mut self) {
        if let Some(Running { work, .. }) = self.running.take() {
            self.tear(work);
        }
    }

    fn finish(&mut self, work: Work) -> FlashEnd {
        match work {
            Work::Refused => return FlashEnd::Error,
            Work::Erase { address } => {
                let at = self.place(address);
                self.flash[at..at + PAGE_LEN].fill(ERASED);
                self.unstable.erase(&page(address));
            }
            Work::Program { address, len, mut bytes } => {
                self.wear_out(address, &mut bytes[..len]);
                let at = self.place(address);
                // Bits can only be set; those that are set now are so for good.
                for (old, new) in self.flash[at..at + len].iter_mut().zip(bytes) {
                    *old |= new;
                }
                self.unstable.program(address, &bytes[..len]);
            }
            Work::Eeprom { address, bytes } => {
                let at = (address - EEPROM_START) as usize;
                self.eeprom[at..at + WORD_LEN].copy_from_slice(&bytes);
                self.unstable.set(address, 0);
            }
        }
        FlashEnd::Done
    }

    fn wear_out(&mut self, address: u32, bytes: &mut [u8]) {
        let page = page(address);
        let Some(wear) = self.wear.iter_mut().find(|w| w.times > 0 && page.contains(&w.address))
        else {
            return;
        };
        if let Some(byte) = bytes.iter_mut().find(|byte| **byte != 0) {
            *byte &= *byte - 1;
            wear.times = wear.times.saturating_sub(1);
        }
    }

    /// The power goes in the middle of `work`.
    fn tear(&mut self, work: Work) {
        let (address, len, bytes) = match work {
            Work::Refused => return,
            Work::Erase { address } => (address, PAGE_LEN, None),
            Work::Program { address, len, bytes } => (address, len, Some(bytes)),
            Work::Eeprom { address, .. } => (address, WORD_LEN, None),
        };
        let mut tear = Tear::new(self.rng.get_mut());
        for (offset, word) in (0..len).zip(address..).step_by(WORD_LEN) {
            let place = if address >= EEPROM_START {
                self.eeprom.get_mut((word - EEPROM_START) as usize..)
            } else {
                self.flash.get_mut((word - FLASH_START) as usize..)
            };
            let Some(place) = place.and_then(|bytes| bytes.first_chunk_mut()) else { return };
            let old = Word { value: u32::from_le_bytes(*place), unstable: self.unstable.of(word) };
            let new = match (work, &bytes) {
                (Work::Eeprom { bytes, .. }, _) => Word::sound(u32::from_le_bytes(bytes)),
                (_, Some(bytes)) => old.programmed(word_at(bytes, offset)),
                (_, None) => Word::sound(0),
            };
            let torn = tear.word(old, new);
            *place = torn.value.to_le_bytes();
            self.unstable.set(word, torn.unstable);
        }
    }

    fn work(&self, operation: FlashOp<'_>) -> Result<Work, fn(&mut Violations)> {
        let (address, len) = match operation {
            FlashOp::Erase { address } => (address, PAGE_LEN),
            FlashOp::ProgramHalfPage { address, .. } => (address, HALF_PAGE_LEN),
            FlashOp::ProgramWord { address, .. } => (address, WORD_LEN),
            FlashOp::WriteEeprom { offset, bytes } => {
                let end = usize::from(offset) + WORD_LEN;
                if !usize::from(offset).is_multiple_of(WORD_LEN) || end > self.eeprom.len() {
                    return Err(|v| v.bad_address += 1);
                }
                return Ok(Work::Eeprom { address: EEPROM_START + u32::from(offset), bytes });
            }
        };
        let start = address.wrapping_sub(FLASH_START) as usize;
        if !start.is_multiple_of(len) || start.saturating_add(len) > self.flash.len() {
            return Err(|v| v.bad_address += 1);
        }
        if start < LOADER_LEN as usize {
            return Err(|v| v.loader_area += 1);
        }
        let mut program = [0; HALF_PAGE_LEN];
        match operation {
            FlashOp::ProgramHalfPage { bytes, .. } => program = *bytes,
            FlashOp::ProgramWord { bytes, .. } => program[..WORD_LEN].copy_from_slice(&bytes),
            _ => return Ok(Work::Erase { address }),
        }
        let mut found = [0; HALF_PAGE_LEN];
        self.look(address, &mut found[..len]);
        if found != [ERASED; HALF_PAGE_LEN] {
            return Err(|v| v.not_erased += 1);
        }
        Ok(Work::Program { address, len, bytes: program })
    }

    fn time(&self, work: &Work) -> Duration {
        match *work {
            Work::Refused => Duration::ZERO,
            Work::Erase { .. } | Work::Program { .. } => self.flash_time,
            // What is not erased is erased first, by the hardware.
            Work::Eeprom { address, .. } => {
                let old = word_at(&self.eeprom, (address - EEPROM_START) as usize);
                if old == 0 { self.flash_time } else { self.flash_time * 2 }
            }
        }
    }

    /// Reads, without what a read costs.
    fn look(&self, address: u32, bytes: &mut [u8]) {
        let start = (address.wrapping_sub(FLASH_START) as usize).min(self.flash.len());
        let len = bytes.len().min(self.flash.len() - start);
        let (inside, outside) = bytes.split_at_mut(len);
        inside.copy_from_slice(&self.flash[start..start + len]);
        outside.fill(ERASED);
        self.unstable.flicker(address, bytes, &self.rng);
    }

    fn place(&self, address: u32) -> usize {
        (address - FLASH_START) as usize
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
    fn read(&self, address: u32, bytes: &mut [u8]) {
        self.count_read(bytes.len());
        self.look(address, bytes);
    }

    fn start(&mut self, operation: FlashOp<'_>) {
        if self.running.is_some() {
            return self.count(|v| v.while_busy += 1);
        }
        let (work, mut cut) = match self.work(operation) {
            Ok(work) => {
                let index = self.operations;
                self.operations += 1;
                (work, self.cut_at.take_if(|at| at.operation == index))
            }
            Err(violation) => {
                self.count(violation);
                (Work::Refused, None)
            }
        };
        let time = self.time(&work);
        let time = match &mut cut {
            Some(CutAt { cut: Cut::Before, .. }) => Duration::ZERO,
            Some(CutAt { cut: Cut::Torn, .. }) => time / 2,
            _ => time,
        };
        self.running = Some(Running { ends: self.now + time, work, cut });
    }

    fn read_eeprom(&self, offset: u16, bytes: &mut [u8]) {
        self.count_read(bytes.len());
        let start = usize::from(offset).min(self.eeprom.len());
        let len = bytes.len().min(self.eeprom.len() - start);
        let (inside, outside) = bytes.split_at_mut(len);
        inside.copy_from_slice(&self.eeprom[start..start + len]);
        outside.fill(ERASED);
        self.unstable.flicker(EEPROM_START + u32::from(offset), bytes, &self.rng);
    }
}

/// The addresses of the page around `address`.
fn page(address: u32) -> Range<u32> {
    let start = address & !(PAGE - 1);
    start..start + PAGE
}

fn word_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(core::array::from_fn(|i| bytes[at + i]))
}

/// [`PAGE_LEN`], as a distance between addresses.
const PAGE: u32 = 128;
const _: () = assert!(PAGE as usize == PAGE_LEN);
