//! Intel HEX: text to bytes at addresses. Refuses a file it cannot place to the last byte.
//!
//! After Intel, "Hexadecimal Object File Format Specification", revision A, 1988. The crate `ihex` decodes a record;
//! this file puts the records together.

use alloc::vec::Vec;
use core::str;

use ihex::{ReaderError, Record};

use super::pile::{PastEnd, Pile};
use super::text::{Next, column_of_other, each_line, is_text, visible};
use super::{FileError, Records};
use crate::host::image::{ImageError, Segment};

/// The segments a HEX file describes: in order, with a gap between any two, none empty.
pub(super) fn read(file: &[u8]) -> Result<Vec<Segment>, ImageError> {
    let mut pile = Pile::default();
    let mut base = Base::Linear(0);
    each_line(file, |line, text| {
        match record(line, text)? {
            Record::Data { offset, value } => base
                .put(&mut pile, line, offset, &value)
                .map_err(|PastEnd| FileError::RecordAddress { line })?,
            Record::EndOfFile => return Ok(Next::End),
            Record::ExtendedSegmentAddress(paragraph) => {
                base = Base::Segment(u32::from(paragraph) << 4)
            }
            Record::ExtendedLinearAddress(upper) => base = Base::Linear(u32::from(upper) << 16),
            // Where a debugger would start. The vector table says it too, and that is what the chip reads.
            Record::StartSegmentAddress { .. } | Record::StartLinearAddress(_) => {}
        }
        Ok(Next::More)
    })?;
    pile.assemble(|lines, address| FileError::RecordOverlap { lines, address })
}

/// Whether a file means to be Intel HEX: its first visible character is a colon.
///
/// A Cortex-M binary never looks like that. Its first byte is the low one of a stack pointer, a multiple of 4, which
/// the colon (58) is not; and where that byte is a blank and the next a colon, the third is too low to be text.
pub(super) fn is_hex(file: &[u8]) -> bool {
    visible(file).strip_prefix(b":").is_some_and(is_text)
}

fn record(line: u32, text: &[u8]) -> Result<Record, FileError> {
    let no_start = FileError::RecordStart { line, records: Records::IntelHex };
    let Some(digits) = text.strip_prefix(b":") else { return Err(no_start) };
    let not_hex = || FileError::RecordCharacter { line, column: column_of_other(1, digits) };
    let text = str::from_utf8(text).map_err(|_| not_hex())?;
    Record::from_record_string(text).map_err(|error| match error {
        ReaderError::MissingStartCode => no_start,
        ReaderError::ContainsInvalidCharacters => not_hex(),
        ReaderError::RecordTooShort
        | ReaderError::RecordTooLong
        | ReaderError::RecordNotEvenLength => FileError::RecordDigits { line },
        ReaderError::ChecksumMismatch(computed, found) => {
            FileError::RecordChecksum { line, found, computed }
        }
        ReaderError::PayloadLengthMismatch | ReaderError::InvalidLengthForType => {
            FileError::RecordLength { line }
        }
        ReaderError::UnsupportedRecordType(record_type) => {
            FileError::RecordType { line, records: Records::IntelHex, record_type }
        }
    })
}

/// What a data record's 16-bit offset counts from. A file without a base record counts from 0.
#[derive(Clone, Copy)]
enum Base {
    /// Record type 02: after offset 0xFFFF comes offset 0 of the same 64 KiB.
    Segment(u32),
    /// Record type 04: after offset 0xFFFF comes the next 64 KiB.
    Linear(u32),
}

impl Base {
    fn put(self, pile: &mut Pile, line: u32, offset: u16, bytes: &[u8]) -> Result<(), PastEnd> {
        match self {
            Self::Linear(base) => pile.put(line, base.saturating_add(offset.into()), bytes),
            Self::Segment(base) => {
                let to_wrap = usize::from(u16::MAX.wrapping_sub(offset)).saturating_add(1);
                let (before, after) = bytes.split_at_checked(to_wrap).unwrap_or((bytes, &[]));
                pile.put(line, base.saturating_add(offset.into()), before)?;
                pile.put(line, base, after)
            }
        }
    }
}
