//! A small chip for the loader's fuzzer, whose flash does not always do what it is told. Refuses, with a panic, what no
//! loader may do: to touch anything but its records and the application area, or a chip that is busy.

use rackflash_core::module::record;
use rackflash_core::module::{Banks, Chip, FlashEnd, FlashOp, PAGE_LEN, WORD_LEN};
use rackflash_core::wire::identity::Geometry;
use rackflash_sim::chip::{APPLICATION_START, FLASH_START, Variant};

/// Pages of the application area in the first bank: fewer than the image has.
const PAGES: u32 = 4;
/// As an STM32L07x has it, with less flash.
pub(super) const GEOMETRY: Geometry =
    Geometry { flash_len: 2 * BANK_LEN, eeprom_len: 64, ..Variant::Kb64.geometry() };

/// Half of the flash, on a chip that has two banks.
const BANK_LEN: u32 = APPLICATION_START - FLASH_START + PAGES * PAGE_LEN as u32;

#[derive(Debug)]
pub(super) struct FuzzChip {
    banks: Banks,
    flash: Vec<u8>,
    eeprom: Vec<u8>,
    running: Option<FlashEnd>,
    /// What the next operation does.
    pub(super) next: Does,
}

/// What an operation does, whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    All,
    /// The power goes in its middle, or the cells are worn: one byte stays as it was. No error flag.
    Most,
    /// No error flag.
    Nothing,
    /// An error flag, and nothing.
    Fails,
}

impl FuzzChip {
    pub(super) fn new(banks: Banks) -> Self {
        let flash = vec![GEOMETRY.erased; GEOMETRY.flash_len as usize];
        let eeprom = vec![GEOMETRY.erased; GEOMETRY.eeprom_len.into()];
        Self { banks, flash, eeprom, running: None, next: Does::All }
    }

    pub(super) fn install(&mut self, address: u32, bytes: &[u8]) {
        self.flash[at(address)..][..bytes.len()].copy_from_slice(bytes);
    }

    /// The operation that runs ends.
    pub(super) fn end(&mut self) -> Option<FlashEnd> {
        self.running.take()
    }

    fn check_banks(&self, address: u32, also: Option<u32>) {
        let bank = |address: u32| (address - FLASH_START) / BANK_LEN;
        let other = also.is_none_or(|also| bank(also) != bank(address));
        assert!(other && (also.is_none() || self.banks == Banks::Two), "two in one bank");
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> FlashEnd {
        let range = at(address)..at(address) + bytes.len();
        assert!(address.is_multiple_of(bytes.len() as u32), "{address:#x} is aligned");
        assert!(address >= record::address(&GEOMETRY), "{address:#x} is the loader's");
        assert!(range.end <= self.flash.len(), "{address:#x} is no flash");
        let erases = bytes.len() == PAGE_LEN;
        let place = &mut self.flash[range];
        if !erases && place.iter().any(|byte| *byte != GEOMETRY.erased) {
            return FlashEnd::Error;
        }
        put(place, bytes, self.next)
    }
}

impl Chip for FuzzChip {
    fn word(&self, address: u32) -> u32 {
        assert!(self.running.is_none(), "the flash cannot be read now");
        assert!(address.is_multiple_of(4), "{address:#x} is aligned");
        let found = self.flash.get(at(address)..).and_then(|bytes| bytes.first_chunk());
        u32::from_le_bytes(found.copied().unwrap_or([GEOMETRY.erased; 4]))
    }

    fn start(&mut self, operation: FlashOp<'_>) {
        assert!(self.running.is_none(), "one operation at a time");
        let end =
            match operation {
                FlashOp::Erase { address, also } => {
                    self.check_banks(address, also);
                    let erased = [GEOMETRY.erased; PAGE_LEN];
                    let ends = [Some(address), also].map(|at| at.map(|at| self.write(at, &erased)));
                    worse(ends)
                }
                FlashOp::ProgramHalfPage { half, also } => {
                    self.check_banks(half.address, also.map(|half| half.address));
                    let ends = [Some(half), also];
                    worse(ends.map(|half| {
                        half.map(|half| self.write(half.address, &bytes_of(half.words)))
                    }))
                }
                FlashOp::ProgramWord { address, word } => self.write(address, &word.to_le_bytes()),
                FlashOp::WriteEeprom { offset, word } => {
                    let range = offset as usize..offset as usize + WORD_LEN;
                    assert!(range.start.is_multiple_of(WORD_LEN) && range.end <= self.eeprom.len());
                    put(&mut self.eeprom[range], &word.to_le_bytes(), self.next)
                }
            };
        (self.running, self.next) = (Some(end), Does::All);
    }

    fn eeprom_word(&self, offset: u32) -> u32 {
        let (words, _) = self.eeprom.as_chunks();
        u32::from_le_bytes(words[offset as usize / WORD_LEN])
    }
}

/// A half-page as bytes.
fn bytes_of(words: &[u32; 16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn worse(ends: [Option<FlashEnd>; 2]) -> FlashEnd {
    if ends.contains(&Some(FlashEnd::Error)) { FlashEnd::Error } else { FlashEnd::Done }
}

fn put(place: &mut [u8], bytes: &[u8], does: Does) -> FlashEnd {
    let kept = place[0];
    match does {
        Does::All => place.copy_from_slice(bytes),
        Does::Most => {
            place.copy_from_slice(bytes);
            place[0] = kept;
        }
        Does::Nothing => {}
        Does::Fails => return FlashEnd::Error,
    }
    FlashEnd::Done
}

fn at(address: u32) -> usize {
    address.wrapping_sub(FLASH_START) as usize
}
