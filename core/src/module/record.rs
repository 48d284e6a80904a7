//! The page that says what may be started: written last of all, after a digest over the whole image. Refuses to believe
//! one whose CRC does not match.
//!
//! Between the loader and the application lie four pages. The first is this one, the others are the `journal`:
//!
//! ```text
//!  0      4        6      8         12    16       20            24   28       32
//!  +------+--------+------+---------+-----+--------+-------------+----+--------+----------+
//!  | RKFR | vendor | type | version | len | digest | whole below | 0  | CRC-32 | erased   |   half-page 0: the record
//!  |      |        |      |         |     |        |             |    | 0..28  |          |
//!  +------+--------+------+---------+-----+--------+-------------+----+--------+----------+
//!  | attempts: 3 words    | confirmed: any of 13 words                                    |   half-page 1: the marks
//!  +----------------------+---------------------------------------------------------------+
//! ```
//!
//! Half-page 0 is programmed in one operation; a torn one reads as valid or not, and both are true: the image was proven
//! before. A mark is a word, programmed alone, with [`MARK`] in it; other values than that and the erased one are torn.

use zerocopy::IntoBytes;

use super::flash::{Page, erased_word};
use super::{Chip, HALF_PAGE_SPAN, HALF_PAGE_WORDS, PAGE_LEN, PAGE_SPAN, PAGE_WORDS, WORD_SPAN};
use crate::wire::check::Crc32;
use crate::wire::header::{HEADER_LEN, HEADER_OFFSET};
use crate::wire::identity::{Geometry, Identity, Installed, Trial};
use crate::wire::put;
use crate::wire::version::Version;

/// How many pages lie between the loader and the application: the record, and three of the journal.
pub const RECORD_PAGES: u32 = 4;

/// What is programmed into a word to mark it: as many ones as zeros, and no byte that an erased word has.
pub const MARK: u32 = u32::from_le_bytes([0x3c, 0xc3, 0xa5, 0x5a]);

/// An image is at least this long: vectors and header.
pub(super) const IMAGE_LEN_MIN: u32 = HEADER_OFFSET + 32;
const _: () = assert!(IMAGE_LEN_MIN as usize == HEADER_OFFSET as usize + HEADER_LEN);

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
    /// Pages of the application area from here on may be torn by a power cut long ago, in an update that was longer than this
    /// one. [`u16::MAX`]: none.
    pub whole_below: u16,
    /// The application.
    pub installed: Installed,
}

impl Record {
    /// The valid record, if there is one for this module.
    #[inline(never)]
    pub fn read(identity: &Identity, chip: &impl Chip) -> Option<Self> {
        let address = address(&identity.geometry);
        let [for_whom, version, len, digest, whole_below, _] = unseal(chip, address, MAGIC)?;
        let fits = for_whom == word([identity.vendor, identity.module_type])
            && can_be_installed(len, &identity.geometry);
        let version = Version::from_bytes(version.to_le_bytes());
        let [whole_below, _] = halves(whole_below);
        let (vendor, module_type) = (identity.vendor, identity.module_type);
        let installed = Installed { version, len, digest };
        fits.then_some(Self { vendor, module_type, whole_below, installed })
    }

    /// The record's page.
    #[inline(never)]
    pub(super) fn emit(&self, page: &mut Page, erased: u32) {
        let Installed { version, len, digest } = self.installed;
        let version = u32::from_le_bytes(version.to_bytes());
        let for_whom = word([self.vendor, self.module_type]);
        let words = [for_whom, version, len, digest, self.whole_below.into(), 0];
        seal(page, MAGIC, words, erased);
    }

    /// The whole page as a programmer on the bench writes it, for an application that needs no trial.
    pub fn confirmed_page(&self, erased: u8) -> [u8; PAGE_LEN] {
        let (mut page, mut bytes) = ([0; PAGE_WORDS], [0; PAGE_LEN]);
        self.emit(&mut page, u32::from_le_bytes([erased; 4]));
        if let Some(confirmed) = page.get_mut(FIRST_CONFIRMED) {
            *confirmed = MARK;
        }
        put(&mut bytes, page.as_bytes());
        bytes
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
    /// Before they are read: what a memory that is zeroed holds.
    pub(super) const UNKNOWN: Self = Self { taken: 0, trial: Trial::None };

    /// After an erase.
    pub(super) const NONE: Self = Self { taken: 0, trial: Trial::Pending };

    /// Reads them more than once: a torn word reads differently each time, and must not be programmed again.
    #[inline(never)]
    pub(super) fn read(geometry: &Geometry, chip: &impl Chip) -> Self {
        let (mut marks, erased) = (Self::NONE, erased_word(geometry));
        let (mut at, mut bit) = (mark_address(geometry, 0), 1u16);
        while bit != 0 {
            let (mut is_marked, mut reads) = (true, MARK_READS);
            while reads > 0 {
                let found = chip.word(at);
                if found != erased {
                    marks.taken |= bit;
                }
                is_marked &= found == MARK;
                reads = reads.wrapping_sub(1);
            }
            if is_marked && bit & ATTEMPTS == 0 {
                marks.trial = Trial::Confirmed;
            }
            bit = bit.wrapping_shl(1);
            at = at.wrapping_add(WORD_SPAN);
        }
        marks
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

/// Whether an image of `len` bytes has a header and lies within the application area, in whole words: no other can be
/// hashed and started.
#[inline(never)]
pub(super) fn can_be_installed(len: u32, geometry: &Geometry) -> bool {
    (IMAGE_LEN_MIN..=application_len(geometry)).contains(&len) && len.is_multiple_of(WORD_SPAN)
}

/// Makes `page` one that vouches for itself: a word that says what it is, six that it is for, and a CRC-32 over all seven.
/// The rest stays erased.
#[inline(never)]
pub(super) fn seal(page: &mut Page, magic: u32, words: [u32; 6], erased: u32) {
    page.fill(erased);
    let [a, b, c, d, e, f] = words;
    if let Some((covered, [check, ..])) = page.split_first_chunk_mut() {
        *covered = [magic, a, b, c, d, e, f];
        *check = Crc32::new().with(covered.as_bytes()).finish();
    }
}

/// What the words at `address` are for, if they are sealed so.
#[inline(never)]
pub(super) fn unseal(chip: &impl Chip, address: u32, magic: u32) -> Option<[u32; 6]> {
    let mut at = address;
    let words: [u32; 8] = core::array::from_fn(|_| {
        let word = chip.word(at);
        at = at.wrapping_add(WORD_SPAN);
        word
    });
    let is_closed = Crc32::new().with(words.as_bytes()).is_closed();
    let [found, a, b, c, d, e, f, _] = words;
    (found == magic && is_closed).then_some([a, b, c, d, e, f])
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

const MAGIC: u32 = u32::from_le_bytes(*b"RKFR");
/// The words of the marks that count attempts, bit by bit.
const ATTEMPTS: u16 = 0b111;
const MARK_WORDS: u8 = 16;
/// The first word of the page that may hold the confirmed mark.
const FIRST_CONFIRMED: usize = HALF_PAGE_WORDS + ATTEMPTS_MAX as usize;
/// A torn word of a single unstable bit is taken for erased once in 256 times; most have more such bits.
const MARK_READS: u8 = 8;
