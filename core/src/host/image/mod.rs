//! Firmware as bytes at addresses, found whole. Reading the files that it comes in is `files`.
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use alloc::{vec, vec::Vec};
use core::{num::NonZeroU32, ops::Range, slice};

use crate::wire::{
    digest::digest,
    header::{HEADER_LEN, HEADER_OFFSET, HeaderError, ImageHeader},
};

mod error;
#[cfg(feature = "files")]
mod files;

pub use error::ImageError;
#[cfg(feature = "files")]
pub use files::{ELF_LEN_MAX, ElfTarget, FILE_LEN_MAX, FileError, Records};

/// The most bytes an image can have: the flash of the largest chip in a rack, the base card's STM32H743 (RM0433).
pub const IMAGE_LEN_MAX: u64 = 2 << 20;

/// What stands for a byte that an image does not have, where it must be something: what an STM32L0's erased flash reads
/// (RM0367, 3.3.4).
pub const FILL: u8 = 0x00;

/// Firmware as bytes at addresses. It has at least one byte, and none above 0xffffffff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// At least one; in order, with a gap between any two, none empty.
    segments: Vec<Segment>,
}

/// Bytes at consecutive addresses, with no byte of the image right before or behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    address: u32,
    bytes: Vec<u8>,
}

impl Segment {
    /// The first byte's address.
    pub fn address(&self) -> u32 {
        self.address
    }

    /// At least one byte.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// One behind the last byte's address.
    pub fn end(&self) -> u64 {
        u64::from(self.address).saturating_add(self.bytes.len() as u64)
    }
}

impl Image {
    /// Takes `bytes` as they are to be at `address` and behind.
    pub fn from_binary(bytes: &[u8], address: u32) -> Result<Self, ImageError> {
        if bytes.is_empty() {
            return Err(ImageError::FileEmpty);
        }
        check_len(bytes.len() as u64)?;
        let segment = Segment { address, bytes: bytes.to_vec() };
        if segment.end() > ADDRESS_END {
            return Err(ImageError::BinaryAddress { address });
        }
        Ok(Self { segments: vec![segment] })
    }

    /// The bytes, in ascending order of their addresses.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The lowest address.
    pub fn start(&self) -> u32 {
        self.segments.first().map_or(0, Segment::address)
    }

    /// One behind the highest address; more than a `u32` where the image ends with the address space.
    pub fn end(&self) -> u64 {
        self.segments.last().map_or(0, Segment::end)
    }

    /// From the lowest address to the highest, gaps included. Up to 4 GiB: not a length to allocate.
    pub fn span_len(&self) -> u64 {
        self.end().saturating_sub(self.start().into())
    }

    /// Whether the `len` addresses from `address` on all have a byte.
    pub fn covers(&self, address: u32, len: usize) -> bool {
        let end = u64::from(address).saturating_add(len as u64);
        let next = self.from(address.into()).next();
        len == 0 || next.is_some_and(|segment| segment.address <= address && end <= segment.end())
    }

    /// Fills `into` with what is at `address` and behind, and with `erased` where the image has nothing.
    pub fn read_padded(&self, address: u32, into: &mut [u8], erased: u8) {
        into.fill(erased);
        let from = u64::from(address);
        let to = from.saturating_add(into.len() as u64);
        for segment in self.from(from).take_while(|segment| u64::from(segment.address) < to) {
            let before = address.saturating_sub(segment.address) as usize;
            let gap = segment.address.saturating_sub(address) as usize;
            let bytes = segment.bytes.get(before..).unwrap_or_default();
            let into = into.get_mut(gap..).unwrap_or_default();
            into.iter_mut().zip(bytes).for_each(|(into, byte)| *into = *byte);
        }
    }

    /// All of it from its start on, with [`FILL`] in the gaps.
    ///
    /// # Errors
    /// [`ImageError::ImageTooLarge`]: it spreads over more than any module has.
    pub fn to_binary(&self) -> Result<Vec<u8>, ImageError> {
        let len = self.span_len();
        check_len(len)?;
        let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
        self.read_padded(self.start(), &mut bytes, FILL);
        Ok(bytes)
    }

    /// The segments that end behind `address`.
    fn from(&self, address: u64) -> slice::Iter<'_, Segment> {
        let first = self.segments.partition_point(|segment| segment.end() <= address);
        self.segments.get(first..).unwrap_or_default().iter()
    }

    /// The image's header, [`HEADER_OFFSET`] behind its start.
    pub fn header(&self) -> Result<ImageHeader, ImageError> {
        let address = self.start().saturating_add(HEADER_OFFSET);
        let mut bytes = [0; HEADER_LEN];
        self.read_padded(address, &mut bytes, 0);
        if !self.covers(address, HEADER_LEN) {
            return Err(ImageError::NoHeader { address });
        }
        ImageHeader::parse(&bytes).map_err(|error| match error {
            HeaderError::Magic => ImageError::NoHeader { address },
            error => ImageError::Header { address, error },
        })
    }

    /// What a Cortex-M reads at its start, if it makes sense for a chip with this RAM whose application runs from the
    /// start of `application`.
    pub fn vectors(&self, ram: Range<u32>, application: Range<u32>) -> Result<Vectors, ImageError> {
        let start = self.start();
        if start != application.start {
            return Err(ImageError::Start { start, area: application });
        }
        if !self.covers(start, HEADER_OFFSET as usize) {
            return Err(ImageError::NoVectors { start, end: self.end() });
        }
        let [stack_pointer, reset] = [start, start.saturating_add(4)].map(|address| {
            let mut word = [0; 4];
            self.read_padded(address, &mut word, 0);
            u32::from_le_bytes(word)
        });
        // The stack grows down from it, so it may lie right behind RAM, but not at its start. The core ignores the two
        // low bits; a compiler would want three of them 0, but the chip runs without.
        if !stack_pointer.is_multiple_of(4) || stack_pointer <= ram.start || stack_pointer > ram.end
        {
            return Err(ImageError::StackPointer { value: stack_pointer, ram });
        }
        // Bit 0 says Thumb; a Cortex-M has nothing else. A Thumb instruction has two bytes.
        let code = reset & !1;
        if reset == code || !application.contains(&code) || !self.covers(code, 2) {
            return Err(ImageError::ResetVector { value: reset });
        }
        Ok(Vectors { stack_pointer, reset })
    }

    /// The image as `flash` is to hold it, if it lies in the flash's area.
    pub fn pages(&self, flash: &Flash) -> Result<Pages, ImageError> {
        let Range { start, end } = flash.area;
        if self.start() < start {
            return Err(ImageError::Start { start: self.start(), area: flash.area.clone() });
        }
        let words_end = self.end().next_multiple_of(WORD_LEN);
        if words_end > end.into() {
            return Err(ImageError::End { end: self.end(), area: flash.area.clone() });
        }
        let len = words_end.saturating_sub(start.into());
        let padded_len = len.next_multiple_of(flash.page_len.get().into());
        check_len(padded_len)?;
        let mut bytes = vec![0; usize::try_from(padded_len).unwrap_or(0)];
        self.read_padded(start, &mut bytes, flash.erased);
        Ok(Pages { start, len: u32::try_from(len).unwrap_or(0), page_len: flash.page_len, bytes })
    }
}

/// The first two words of an application. The rest of the table only matters once it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vectors {
    /// Where the stack begins, growing down.
    pub stack_pointer: u32,
    /// Where the application begins, with bit 0 set.
    pub reset: u32,
}

/// The flash an image is for, as its module describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// Where the application may be; page 0 begins at its start.
    pub area: Range<u32>,
    /// Bytes erased at once.
    pub page_len: NonZeroU32,
    /// What an erased byte reads as: 0x00 on an STM32L0, 0xff on most others.
    pub erased: u8,
}

/// An image as a flash is to hold it: whole pages from the area's start, the erased value where the image has nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    start: u32,
    /// To the image's end, in whole words: at most `bytes.len()`, which is in whole pages.
    len: u32,
    page_len: NonZeroU32,
    bytes: Vec<u8>,
}

impl Pages {
    /// Every page and its number, counted from the area's start. There is at least one.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, &[u8])> {
        self.chunks()
            .enumerate()
            .map(|(index, page)| (u32::try_from(index).unwrap_or(u32::MAX), page))
    }

    /// One page's bytes.
    pub fn page(&self, index: u32) -> Option<&[u8]> {
        self.chunks().nth(index as usize)
    }

    fn chunks(&self) -> slice::ChunksExact<'_, u8> {
        self.bytes.chunks_exact(self.page_len.get() as usize)
    }

    /// What [`Pages::digest`] covers: from the area's start to the image's end, rounded up to a whole word of 4 bytes,
    /// because that is what every loader and ROM can read and check.
    pub fn range(&self) -> Range<u32> {
        self.start..self.start.saturating_add(self.len)
    }

    /// [Digest](crate::wire::digest) over [`Pages::range`], gaps as the erased value: what the module's own digest must be.
    pub fn digest(&self) -> u32 {
        digest(self.bytes.get(..self.len as usize).unwrap_or_default())
    }
}

fn check_len(len: u64) -> Result<(), ImageError> {
    if len > IMAGE_LEN_MAX { Err(ImageError::ImageTooLarge { len }) } else { Ok(()) }
}

/// Bytes in a word, the smallest unit of a digest.
const WORD_LEN: u64 = 4;

/// One behind the last address.
const ADDRESS_END: u64 = 1 << u32::BITS;
