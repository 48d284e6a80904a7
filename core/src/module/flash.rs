//! Work on the flash that takes more than one step: hashing it, and writing a page until it reads back as it should.
//! Refuses to take an operation's end for its success.

use super::{
    Chip, FlashEnd, FlashOp, HALF_PAGE_SPAN, HALF_PAGE_WORDS, HalfPage, PAGE_SPAN, PAGE_WORDS,
    WORD_SPAN,
};
use crate::wire::digest::Digest;
use crate::wire::identity::Geometry;

/// A page in RAM.
pub(super) type Page = [u32; PAGE_WORDS];

/// A digest over flash, a page at a time: 31 µs at 32 MHz, which an I2C transaction can wait for.
#[derive(Debug)]
pub(super) struct Hash {
    at: u32,
    left: u32,
    len: u32,
    digest: Digest,
}

impl Hash {
    /// Over `len` bytes, in whole words.
    pub(super) const fn new(start: u32, len: u32) -> Self {
        Self { at: start, left: len, len, digest: Digest::new() }
    }

    /// The next piece; how many bytes it had. None are left when it is 0.
    pub(super) fn step(&mut self, chip: &impl Chip) -> u32 {
        let len = self.left.min(PAGE_SPAN);
        // Kept in registers: 19 cycles a word instead of 26.
        let (mut at, mut digest) = (self.at, self.digest);
        let end = at.wrapping_add(len);
        while at != end {
            digest.add(chip.word(at));
            at = at.wrapping_add(WORD_SPAN);
        }
        (self.at, self.digest) = (at, digest);
        self.left = self.left.wrapping_sub(len);
        len
    }

    pub(super) fn finish(&self) -> u32 {
        self.digest.finish(self.len)
    }
}

/// The digest of a part of the flash.
#[inline(never)]
pub(super) fn hash(chip: &impl Chip, start: u32, len: u32) -> u32 {
    let mut hash = Hash::new(start, len);
    while hash.left > 0 {
        hash.step(chip);
    }
    hash.finish()
}

/// What an erased word reads.
pub(super) fn erased_word(geometry: &Geometry) -> u32 {
    u32::from_le_bytes([geometry.erased; 4])
}

/// A page on its way into the flash, or one in each bank side by side: erased, programmed, read back, and all of it again if
/// it is not right.
#[derive(Debug)]
pub(super) struct PageWrite {
    stage: Stage,
    retries: u8,
}

/// Where a page goes, and what it is to read there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) address: u32,
    pub(super) page: &'a Page,
}

/// How often a page is written again. What the third try does not write, no fourth will.
const RETRIES_MAX: u8 = 2;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Erase,
    ProgramLow,
    ProgramHigh,
    Verify,
    /// The controller has set an error flag: then bytes that read right prove nothing.
    Failed,
}

/// How far a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// An operation was started.
    Started,
    /// There was nothing to program.
    Passed,
    /// It reads back as it should.
    Written,
    /// It does not, and is tried again.
    Again,
    /// It does not.
    Worn,
}

impl PageWrite {
    /// [`Stage::ProgramLow`] is for a page that has been erased, and read back so, since the power came: a blank page of
    /// before may be torn.
    pub(super) const fn from(stage: Stage) -> Self {
        Self { stage, retries: 0 }
    }

    pub(super) fn ended(&mut self, end: FlashEnd) {
        if end == FlashEnd::Error {
            self.stage = Stage::Failed;
        }
    }

    /// Does the next part of making the targets read as they should. The second, if there is one, lies in the other bank. What
    /// is blank needs no programming.
    pub(super) fn step(
        &mut self,
        chip: &mut impl Chip,
        first: Target<'_>,
        second: Option<Target<'_>>,
        erased: u32,
    ) -> Progress {
        let (offset, next) = match self.stage {
            Stage::Erase => {
                self.stage = Stage::ProgramLow;
                let also = second.map(|second| second.address);
                chip.start(FlashOp::Erase { address: first.address, also });
                return Progress::Started;
            }
            Stage::ProgramLow => (0, Stage::ProgramHigh),
            Stage::ProgramHigh => (HALF_PAGE_SPAN, Stage::Verify),
            Stage::Verify | Stage::Failed => return self.verify(chip, first, second),
        };
        self.stage = next;
        let also = second.and_then(|second| second.half(offset, erased));
        let (half, also) = match (first.half(offset, erased), also) {
            (Some(half), also) => (half, also),
            (None, Some(half)) => (half, None),
            (None, None) => return Progress::Passed,
        };
        chip.start(FlashOp::ProgramHalfPage { half, also });
        Progress::Started
    }

    fn verify(
        &mut self,
        chip: &impl Chip,
        first: Target<'_>,
        second: Option<Target<'_>>,
    ) -> Progress {
        let reads_right = first.reads_right(chip) && second.is_none_or(|t| t.reads_right(chip));
        if reads_right && self.stage == Stage::Verify {
            return Progress::Written;
        }
        if self.retries == RETRIES_MAX {
            return Progress::Worn;
        }
        self.stage = Stage::Erase;
        self.retries = self.retries.wrapping_add(1);
        Progress::Again
    }
}

impl<'a> Target<'a> {
    /// The half that begins at this offset, unless it is blank.
    #[inline(never)]
    fn half(self, offset: u32, erased: u32) -> Option<HalfPage<'a>> {
        let (low, high) = self.page.split_at_checked(HALF_PAGE_WORDS)?;
        let words = (if offset == 0 { low } else { high }).first_chunk()?;
        let is_blank = words.iter().all(|word| *word == erased);
        (!is_blank).then_some(HalfPage { address: self.address.wrapping_add(offset), words })
    }

    #[inline(never)]
    fn reads_right(self, chip: &impl Chip) -> bool {
        let mut at = self.address;
        self.page.iter().all(|word| {
            let found = chip.word(at);
            at = at.wrapping_add(WORD_SPAN);
            found == *word
        })
    }
}
