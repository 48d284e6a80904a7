//! Work on the flash that takes more than one step: hashing it, and writing a page until it reads back as it should.
//! Refuses to take an operation's end for its success.

use super::{Chip, FlashEnd, FlashOp, HALF_PAGE_SPAN, HalfPage, PAGE_LEN, PAGE_SPAN};
use crate::wire::digest::Digest;
use crate::wire::identity::Geometry;

/// A digest over flash, a page at a time: 10 µs at 32 MHz, which an I2C transaction can wait for.
#[derive(Debug)]
pub(super) struct Hash {
    at: u32,
    left: u32,
    digest: Digest,
}

impl Hash {
    pub(super) fn new(start: u32, len: u32) -> Self {
        Self { at: start, left: len, digest: Digest::new() }
    }

    /// The next piece; how many bytes it had. None are left when it is 0.
    pub(super) fn step(&mut self, chip: &impl Chip) -> u32 {
        let mut bytes = [0; PAGE_LEN];
        let len = self.left.min(PAGE_SPAN);
        if let Some(piece) = bytes.get_mut(..len as usize) {
            chip.read(self.at, piece);
            self.digest.update(piece);
        }
        self.at = self.at.wrapping_add(len);
        self.left = self.left.wrapping_sub(len);
        len
    }

    pub(super) fn finish(&self) -> u32 {
        self.digest.finish()
    }

    pub(super) fn of_all(mut self, chip: &impl Chip) -> u32 {
        while self.step(chip) > 0 {}
        self.finish()
    }
}

/// Whether all of it is flash.
pub(super) fn is_flash(geometry: &Geometry, start: u32, len: u32) -> bool {
    let end = start.checked_sub(geometry.flash_start).and_then(|offset| offset.checked_add(len));
    end.is_some_and(|end| end <= geometry.flash_len)
}

/// A page on its way into the flash, or one in each bank side by side: erased, programmed, read back, and all of it again if
/// it is not right.
#[derive(Debug)]
pub(super) struct PageWrite {
    stage: Stage,
    fault: Fault,
    retries: u8,
}

/// Where pages go, and what they are to read there. The second, if there is one, lies in the other bank.
pub(super) type Targets<'a> = [Option<(u32, &'a [u8; PAGE_LEN])>; 2];

/// How often a page is written again. What the third try does not write, no fourth will.
const RETRIES_MAX: u8 = 2;

#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    Erase,
    ProgramLow,
    ProgramHigh,
    Verify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// The controller has set an error flag: then bytes that read right prove nothing.
    Seen,
}

/// How far a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// An operation was started.
    Started,
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
    pub(super) fn from(stage: Stage) -> Self {
        Self { stage, fault: Fault::None, retries: 0 }
    }

    pub(super) fn ended(&mut self, end: FlashEnd) {
        if end == FlashEnd::Error {
            (self.fault, self.stage) = (Fault::Seen, Stage::Verify);
        }
    }

    /// Does the next part of making the `targets` read as they should. What is blank needs no programming.
    pub(super) fn step(
        &mut self,
        chip: &mut impl Chip,
        targets: &Targets<'_>,
        erased: u8,
    ) -> Progress {
        loop {
            let (offset, next) = match self.stage {
                Stage::Erase => {
                    self.stage = Stage::ProgramLow;
                    let mut addresses = targets.iter().flatten().map(|(address, _)| *address);
                    if let Some(address) = addresses.next() {
                        chip.start(FlashOp::Erase { address, also: addresses.next() });
                    }
                    return Progress::Started;
                }
                Stage::ProgramLow => (0, Stage::ProgramHigh),
                Stage::ProgramHigh => (HALF_PAGE_SPAN, Stage::Verify),
                Stage::Verify => return self.verify(chip, targets),
            };
            self.stage = next;
            let mut halves = targets.iter().flatten().filter_map(|(address, bytes)| {
                let bytes = bytes.get(offset as usize..)?.first_chunk()?;
                let address = address.wrapping_add(offset);
                bytes.iter().any(|byte| *byte != erased).then_some(HalfPage { address, bytes })
            });
            if let Some(half) = halves.next() {
                chip.start(FlashOp::ProgramHalfPage { half, also: halves.next() });
                return Progress::Started;
            }
        }
    }

    fn verify(&mut self, chip: &impl Chip, targets: &Targets<'_>) -> Progress {
        let reads_right = targets.iter().flatten().all(|(address, bytes)| {
            let mut found = [0; PAGE_LEN];
            chip.read(*address, &mut found);
            found == **bytes
        });
        if reads_right && self.fault == Fault::None {
            return Progress::Written;
        }
        if self.retries == RETRIES_MAX {
            return Progress::Worn;
        }
        *self = Self { retries: self.retries.saturating_add(1), ..Self::from(Stage::Erase) };
        Progress::Again
    }
}
