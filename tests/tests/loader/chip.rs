//! A chip over vectors. Fault model: the power goes before, within or after one flash operation. What was torn reads, until
//! it is erased, as it was, as it should have been, or as a mix of both, another way each time; often a whole read finds
//! what should have been: the most deceptive case. A worn page loses a bit of what is programmed.
//!
//! Refuses, with a panic, what no loader may do: touch the loader, program what is not erased or was torn, two pages at once
//! that do not lie in one bank each.

use core::cell::{Cell, RefCell};
use core::ops::Range;
use std::collections::BTreeMap;

use rackflash_core::module::{Banks, Chip, Config, FlashEnd, FlashOp, HalfPage};
use rackflash_tests::numbers::Numbers;

use crate::{APPLICATION_START, FLASH_START, LOADER_LEN};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Before,
    Torn,
    After,
}

pub(crate) const CUTS: [Cut; 3] = [Cut::Before, Cut::Torn, Cut::After];

#[derive(Clone, Debug)]
pub(crate) struct TestChip {
    erased: u8,
    banks: Banks,
    flash: Vec<u8>,
    eeprom: Vec<u8>,
    /// Torn words by their offset: what they may read.
    torn: BTreeMap<usize, Vec<[u8; 4]>>,
    rng: RefCell<Numbers>,
    /// Where the word behind the last one read is, and how that one read.
    mood: Cell<(usize, u64)>,
    /// Operations since the power came.
    pub(crate) operations: usize,
    pub(crate) cut_at: Option<(usize, Cut)>,
    pub(crate) power: Power,
    /// How many programs of this page lose a bit.
    pub(crate) worn: Option<(u32, usize)>,
    /// How many operations end with an error flag, without doing anything.
    pub(crate) errors: usize,
    ended: FlashEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    On,
    Off,
}

impl TestChip {
    pub(crate) fn new(config: &Config, seed: u64) -> Self {
        let geometry = &config.identity.geometry;
        let mut flash = vec![geometry.erased; geometry.flash_len as usize];
        flash[..LOADER_LEN as usize].fill(0xb0);
        Self {
            erased: geometry.erased,
            banks: geometry.banks,
            flash,
            eeprom: vec![geometry.erased; geometry.eeprom_len.into()],
            torn: BTreeMap::new(),
            rng: RefCell::new(Numbers::new(seed)),
            mood: Cell::new((0, 0)),
            operations: 0,
            cut_at: None,
            power: Power::On,
            worn: None,
            errors: 0,
            ended: FlashEnd::Done,
        }
    }

    /// As a programmer on the bench writes it.
    pub(crate) fn install(&mut self, address: u32, bytes: &[u8]) {
        let at = offset(address);
        self.flash[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// What is there, if nothing of it is torn.
    pub(crate) fn whole(&self, address: u32, len: usize) -> Option<&[u8]> {
        let range = offset(address)..offset(address) + len;
        self.torn.range(range.clone()).next().is_none().then_some(&self.flash[range])
    }

    pub(crate) fn eeprom(&self) -> &[u8] {
        &self.eeprom
    }

    /// The same flash as if it had been torn otherwise.
    pub(crate) fn reseed(&self, seed: u64) {
        self.rng.replace(Numbers::new(seed));
    }

    /// How the running operation ends.
    pub(crate) fn end(&self) -> FlashEnd {
        self.ended
    }

    pub(crate) fn power_on(&mut self) {
        (self.power, self.operations, self.cut_at) = (Power::On, 0, None);
    }

    /// Makes it read `new` or what it reads now, or anything between.
    pub(crate) fn tear(&mut self, address: u32, new: &[u8]) {
        for (at, new) in (offset(address)..).step_by(4).zip(new.as_chunks().0) {
            let old = self.flash[at..at + 4].try_into().unwrap();
            self.torn.entry(at).or_insert_with(|| vec![old]).push(*new);
        }
    }

    fn run(&mut self, operation: FlashOp<'_>) {
        match operation {
            FlashOp::Erase { address, also } => [Some(address), also].map(|a| self.erase(a)),
            FlashOp::ProgramHalfPage { half, also } => [Some(half), also].map(|half| {
                half.map_or((), |HalfPage { address, words }| self.program(address, &bytes(words)))
            }),
            FlashOp::ProgramWord { address, word } => {
                [self.program(address, &word.to_le_bytes()), ()]
            }
            FlashOp::WriteEeprom { offset, word } => {
                self.eeprom[offset as usize..][..4].copy_from_slice(&word.to_le_bytes());
                [(), ()]
            }
        };
    }

    fn erase(&mut self, address: Option<u32>) {
        let Some(address) = address else { return };
        let range = offset(address)..offset(address) + 128;
        self.flash[range.clone()].fill(self.erased);
        self.torn.retain(|at, _| !range.contains(at));
    }

    fn program(&mut self, address: u32, bytes: &[u8]) {
        let range = offset(address)..offset(address) + bytes.len();
        self.flash[range.clone()].copy_from_slice(bytes);
        if let Some((_, times)) = self.worn.as_mut().filter(|(page, times)| {
            *times > 0 && address & !127 == *page && bytes.iter().any(|byte| *byte != 0)
        }) {
            let byte = self.flash[range].iter_mut().find(|byte| **byte != 0).unwrap();
            *byte &= *byte - 1;
            *times -= 1;
        }
    }

    fn check(&self, operation: FlashOp<'_>) {
        let page = |address: u32| address..address + 128;
        let half = |half: HalfPage<'_>| half.address..half.address + 64;
        let (range, also) = match operation {
            FlashOp::Erase { address, also } => (page(address), also.map(page)),
            FlashOp::ProgramHalfPage { half: first, also } => (half(first), also.map(half)),
            FlashOp::ProgramWord { address, .. } => (address..address + 4, None),
            FlashOp::WriteEeprom { .. } => return,
        };
        if let Some(also) = also {
            assert_eq!(self.banks, Banks::Two);
            let bank = |range: &Range<u32>| offset(range.start) / (self.flash.len() / 2);
            assert_ne!(bank(&range), bank(&also), "{range:#x?} and {also:#x?}");
            self.check_place(operation, also);
        }
        self.check_place(operation, range);
    }

    fn check_place(&self, operation: FlashOp<'_>, range: Range<u32>) {
        assert!(range.start.is_multiple_of(range.end - range.start), "{range:#x?} is aligned");
        assert!(range.start >= FLASH_START + LOADER_LEN, "{range:#x?} is not the loader's");
        assert!(offset(range.end) <= self.flash.len(), "{range:#x?} is flash");
        let range = offset(range.start)..offset(range.end);
        // Three starts in the trial that are torn may take one word twice: harmless, and rarer than one in a thousand cuts.
        let is_mark = (offset(RECORD) + 64..offset(RECORD) + 128).contains(&range.start);
        if !matches!(operation, FlashOp::Erase { .. }) && !is_mark {
            assert!(self.torn.range(range.clone()).next().is_none(), "{range:x?} was not torn");
            let erased = self.flash[range.clone()].iter().all(|byte| *byte == self.erased);
            assert!(erased, "{range:x?} is erased");
        }
    }
}

const RECORD: u32 = APPLICATION_START - 512;

impl Chip for TestChip {
    fn word(&self, address: u32) -> u32 {
        assert!(address.is_multiple_of(4), "{address:#x} is aligned");
        let at = offset(address);
        let flash = self.flash.get(at..).and_then(|bytes| bytes.first_chunk());
        let rng = &mut *self.rng.borrow_mut();
        // Words that are read one behind the other read alike: as they were, as they should be, or as a mix.
        let (next, mood) = self.mood.get();
        let mood = if at == next { mood } else { rng.below(3) };
        self.mood.set((at + 4, mood));
        let Some(candidates) = self.torn.get(&at) else {
            return u32::from_le_bytes(flash.copied().unwrap_or([self.erased; 4]));
        };
        let word = |candidate: usize| u32::from_le_bytes(candidates[candidate]);
        match mood {
            0 => word(0),
            1 => word(candidates.len() - 1),
            _ => {
                let mask = rng.u64() as u32;
                let [a, b] = [0; 2].map(|_| rng.below(candidates.len() as u64) as usize);
                word(a) & mask | word(b) & !mask
            }
        }
    }

    fn start(&mut self, operation: FlashOp<'_>) {
        assert_eq!(self.power, Power::On);
        self.check(operation);
        self.ended = FlashEnd::Done;
        let index = self.operations;
        self.operations += 1;
        let cut = self.cut_at.filter(|(at, _)| *at == index).map(|(_, cut)| cut);
        if cut.is_some() {
            self.power = Power::Off;
        }
        if self.errors > 0 {
            self.errors -= 1;
            self.ended = FlashEnd::Error;
            return;
        }
        match (cut, operation) {
            (Some(Cut::Before), _) => {}
            (None | Some(Cut::After), _) => self.run(operation),
            (Some(Cut::Torn), FlashOp::Erase { address, also }) => {
                let erased = [self.erased; 128];
                [Some(address), also].into_iter().flatten().for_each(|at| self.tear(at, &erased));
            }
            (Some(Cut::Torn), FlashOp::ProgramHalfPage { half, also }) => {
                for HalfPage { address, words } in [Some(half), also].into_iter().flatten() {
                    self.tear(address, &bytes(words));
                }
            }
            (Some(Cut::Torn), FlashOp::ProgramWord { address, word }) => {
                self.tear(address, &word.to_le_bytes());
            }
            (Some(Cut::Torn), FlashOp::WriteEeprom { .. }) => {}
        }
    }

    fn eeprom_word(&self, offset: u32) -> u32 {
        u32::from_le_bytes(self.eeprom.as_chunks().0[offset as usize / 4])
    }
}

fn bytes(words: &[u32; 16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn offset(address: u32) -> usize {
    address.wrapping_sub(FLASH_START) as usize
}
