//! The page that says what may be started: written last of all, after a digest over the whole image. Refuses to believe
//! one whose CRC does not match.
//!
//! Between the loader and the application lie four pages. The first is this one, the others are the `journal`:
//!
//! ```text
//!  0      4        6      8         12        16      20       24       28
//!  +------+--------+------+---------+---------+-------+--------+--------+---------------+
//!  | RKFR | vendor | type | whole   | version | len   | digest | CRC-32 | erased        |   half-page 0: the record
//!  |      |        |      | below   |         |       |        | 0..24  |               |
//!  +------+--------+------+---------+---------+-------+--------+--------+---------------+
//!  | attempts: 3 words    | confirmed: any of 13 words                                  |   half-page 1: the marks
//!  +----------------------+-------------------------------------------------------------+
//! ```
//!
//! Half-page 0 is programmed in one operation; a torn one reads as valid or not, and both are true: the image was proven
//! before. A mark is a word, programmed alone, with [`MARK`] in it; other values than that and the erased one are torn.

use super::{
    Chip, Config, HALF_PAGE_LEN, HALF_PAGE_SPAN, PAGE_LEN, PAGE_SPAN, WORD_LEN, WORD_SPAN,
};
use crate::wire::check::Crc32;
use crate::wire::identity::{Geometry, Installed, Trial};
use crate::wire::version::Version;
use crate::wire::{Fields, put};

/// How many pages lie between the loader and the application: the record, and three of the journal.
pub const RECORD_PAGES: u32 = 4;

/// What is programmed into a word to mark it: as many ones as zeros, and no byte that an erased word has.
pub const MARK: [u8; WORD_LEN] = [0x3c, 0xc3, 0xa5, 0x5a];

/// How often an application may start without being confirmed.
pub const ATTEMPTS_MAX: u8 = 3;

/// Where the record's page is.
pub const fn address(geometry: &Geometry) -> u32 {
    geometry.application_start.wrapping_sub(RECORD_PAGES.wrapping_mul(PAGE_SPAN))
}

/// What is installed, and proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose module it is for.
    pub vendor: u16,
    /// Which one.
    pub module_type: u16,
    /// Of each bank: pages of the application area from here on may be torn by a power cut long ago, in an update that was
    /// longer than this one. [`u16::MAX`]: none.
    pub whole_below: [u16; 2],
    /// The application's version.
    pub version: Version,
    /// Its bytes from the start of the application area.
    pub len: u32,
    /// Their digest.
    pub digest: u32,
}

impl Record {
    /// The valid record, if there is one.
    pub fn read(config: &Config, chip: &impl Chip) -> Option<Self> {
        let mut half = [0; HALF_PAGE_LEN];
        chip.read(address(&config.geometry), &mut half);
        let [for_whom, whole_below, version, len, digest] = unseal(MAGIC, &half)?;
        let [vendor, module_type] = halves(for_whom);
        let record = Self {
            vendor,
            module_type,
            whole_below: halves(whole_below),
            version: Version::from_bytes(version.to_le_bytes()),
            len,
            digest,
        };
        let fits = (record.vendor, record.module_type) == (config.vendor, config.module_type)
            && record.len <= application_len(&config.geometry);
        fits.then_some(record)
    }

    /// The record's half-page.
    pub fn emit(&self, erased: u8) -> [u8; HALF_PAGE_LEN] {
        let words = [
            word([self.vendor, self.module_type]),
            word(self.whole_below),
            u32::from_le_bytes(self.version.to_bytes()),
            self.len,
            self.digest,
        ];
        seal(MAGIC, words, erased)
    }

    /// The whole page as a programmer on the bench writes it, for an application that needs no trial.
    pub fn confirmed_page(&self, erased: u8) -> [u8; PAGE_LEN] {
        let mut page = [erased; PAGE_LEN];
        let (record, marks) = page.split_at_mut(HALF_PAGE_LEN);
        put(record, &self.emit(erased));
        if let Some(confirmed) = marks.as_chunks_mut().0.get_mut(usize::from(ATTEMPTS_MAX)) {
            *confirmed = MARK;
        }
        page
    }

    /// As the identity says it.
    pub(super) fn installed(&self, trial: Trial) -> Installed {
        Installed { version: self.version, len: self.len, digest: self.digest, trial }
    }
}

/// What became of the application since it was installed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    /// Bit by bit the words that hold anything.
    taken: u16,
    pub(super) trial: Trial,
}

impl Marks {
    /// After an erase.
    pub(super) const NONE: Self = Self { taken: 0, trial: Trial::Pending };

    /// Reads them more than once: a torn word reads differently each time, and must not be programmed again.
    pub(super) fn read(geometry: &Geometry, chip: &impl Chip) -> Self {
        let (mut taken, mut confirmed) = (0, !ATTEMPTS);
        for _ in 0..MARK_READS {
            let mut half = [0; HALF_PAGE_LEN];
            chip.read(mark_address(geometry, 0), &mut half);
            let mut bit: u16 = 1;
            for word in half.as_chunks::<WORD_LEN>().0 {
                if *word != [geometry.erased; WORD_LEN] {
                    taken |= bit;
                }
                if *word != MARK {
                    confirmed &= !bit;
                }
                bit = bit.rotate_left(1);
            }
        }
        let trial = if confirmed == 0 { Trial::Pending } else { Trial::Confirmed };
        Self { taken, trial }
    }

    /// How often it has started without being confirmed; a torn mark counts.
    pub(super) fn attempts(self) -> u8 {
        match self.taken & ATTEMPTS {
            0 => 0,
            1 => 1,
            2 | 3 => 2,
            _ => ATTEMPTS_MAX,
        }
    }

    /// The words that may take the confirmed mark, the best first: each start has another one, so that one torn in an
    /// earlier start is not taken for free.
    pub(super) fn free_for_confirmed(self) -> impl Iterator<Item = u8> {
        let first = ATTEMPTS_MAX.saturating_add(self.attempts());
        (first..MARK_WORDS).filter(move |word| self.taken.rotate_right((*word).into()) & 1 == 0)
    }
}

/// Where a mark's word is.
pub(super) fn mark_address(geometry: &Geometry, word: u8) -> u32 {
    let offset = HALF_PAGE_SPAN.wrapping_add(u32::from(word).wrapping_mul(WORD_SPAN));
    address(geometry).wrapping_add(offset)
}

/// Bytes from the start of the application area to the end of the flash.
pub(super) fn application_len(geometry: &Geometry) -> u32 {
    let before = geometry.application_start.wrapping_sub(geometry.flash_start);
    geometry.flash_len.saturating_sub(before)
}

/// A half-page that vouches for itself: a word that says what it is, five that it is for, and a CRC-32 over all six.
pub(super) fn seal(magic: u32, words: [u32; 5], erased: u8) -> [u8; HALF_PAGE_LEN] {
    let mut half = [erased; HALF_PAGE_LEN];
    let (mut crc, mut room) = (Crc32::new(), &mut half[..]);
    let [a, b, c, d, e] = words;
    for word in [magic, a, b, c, d, e] {
        crc.update(&word.to_le_bytes());
        room = put(room, &word.to_le_bytes());
    }
    put(room, &crc.finish().to_le_bytes());
    half
}

/// What a half-page is for, if it is sealed.
pub(super) fn unseal(magic: u32, half: &[u8; HALF_PAGE_LEN]) -> Option<[u32; 5]> {
    let covered = Crc32::new().open(half.get(..SEALED_LEN)?).ok()?;
    let (mut words, mut f) = ([0; 6], Fields::of(covered));
    words.iter_mut().for_each(|word| f.u32(word));
    let [found, words @ ..] = words;
    (found == magic).then_some(words)
}

/// The lower half of a word, and the upper one.
pub(super) fn halves(word: u32) -> [u16; 2] {
    let [a, b, c, d] = word.to_le_bytes();
    [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])]
}

/// A word of two halves.
pub(super) fn word([low, high]: [u16; 2]) -> u32 {
    u32::from(low) | u32::from(high) << 16
}

const SEALED_LEN: usize = 7 * WORD_LEN;
const MAGIC: u32 = u32::from_le_bytes(*b"RKFR");
/// The words of the marks that count attempts, bit by bit.
const ATTEMPTS: u16 = 0b111;
const MARK_WORDS: u8 = 16;
/// A torn word of a single unstable bit is taken for erased once in 256 times; most have more such bits.
const MARK_READS: u8 = 8;
