//! Intel HEX: text to bytes at addresses. Refuses a file it cannot place to the last byte.
//!
//! After Intel, "Hexadecimal Object File Format Specification", revision A, 1988. The crate `ihex` decodes a record;
//! this file puts the records together.

use alloc::vec::Vec;
use core::str;

use ihex::{ReaderError, Record};

use super::{FILE_LEN_MAX, ImageError, Segment, check_len};

/// The segments a HEX file describes: in order, with a gap between any two, none empty.
pub(super) fn read(text: &[u8]) -> Result<Vec<Segment>, ImageError> {
    if text.len() > FILE_LEN_MAX {
        return Err(ImageError::FileTooLarge { len: text.len() });
    }
    let mut pile = Pile::default();
    let mut base = Base::Linear(0);
    let mut line = 0_u32;
    let mut blank = true;
    let mut ended = false;
    for text in Lines(text.strip_prefix(BOM).unwrap_or(text)) {
        line = line.saturating_add(1);
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if ended {
            return Err(ImageError::HexAfterEnd { line });
        }
        blank = false;
        match record(line, text)? {
            Record::Data { offset, value } => pile.put(line, base, offset, &value)?,
            Record::EndOfFile => ended = true,
            Record::ExtendedSegmentAddress(paragraph) => {
                base = Base::Segment(u32::from(paragraph) << 4)
            }
            Record::ExtendedLinearAddress(upper) => base = Base::Linear(u32::from(upper) << 16),
            // Where a debugger would start. The vector table says it too, and that is what the chip reads.
            Record::StartSegmentAddress { .. } | Record::StartLinearAddress(_) => {}
        }
    }
    if blank {
        return Err(ImageError::FileEmpty);
    }
    if !ended {
        return Err(ImageError::HexNoEnd { line });
    }
    pile.assemble()
}

/// Whether a file means to be Intel HEX: its first non-blank byte is a colon.
///
/// A Cortex-M binary never looks like that. Its first byte is the low one of a stack pointer, a multiple of 4, which
/// the colon (58) is not; and where that byte is a blank and the next a colon, the third is too low to be text.
pub(super) fn is_hex(file: &[u8]) -> bool {
    let text = file.strip_prefix(BOM).unwrap_or(file).trim_ascii_start();
    matches!(text, [b':'] | [b':', b' '..=b'~' | b'\r' | b'\n', ..])
}

fn record(line: u32, text: &[u8]) -> Result<Record, ImageError> {
    let digits = text.strip_prefix(b":").ok_or(ImageError::HexStart { line })?;
    let not_hex = || {
        let digits_before = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let column = u32::try_from(digits_before).unwrap_or(u32::MAX).saturating_add(2);
        ImageError::HexCharacter { line, column }
    };
    let text = str::from_utf8(text).map_err(|_| not_hex())?;
    Record::from_record_string(text).map_err(|error| match error {
        ReaderError::MissingStartCode => ImageError::HexStart { line },
        ReaderError::ContainsInvalidCharacters => not_hex(),
        ReaderError::RecordTooShort
        | ReaderError::RecordTooLong
        | ReaderError::RecordNotEvenLength => ImageError::HexDigits { line },
        ReaderError::ChecksumMismatch(computed, found) => {
            ImageError::HexChecksum { line, found, computed }
        }
        ReaderError::PayloadLengthMismatch | ReaderError::InvalidLengthForType => {
            ImageError::HexLength { line }
        }
        ReaderError::UnsupportedRecordType(record_type) => {
            ImageError::HexType { line, record_type }
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

/// Data records as they came, put in order only at the end: so neither descending nor shuffled files cost more than a
/// sort, and overlaps are found in one sweep.
#[derive(Default)]
struct Pile {
    runs: Vec<Run>,
    bytes: Vec<u8>,
}

/// Bytes of one line at consecutive addresses.
struct Run {
    address: u32,
    line: u32,
    /// Where they begin in [`Pile::bytes`].
    at: usize,
    len: usize,
}

impl Pile {
    fn put(&mut self, line: u32, base: Base, offset: u16, bytes: &[u8]) -> Result<(), ImageError> {
        match base {
            Base::Linear(base) => self.put_at(line, base.saturating_add(offset.into()), bytes),
            Base::Segment(base) => {
                let to_wrap = usize::from(u16::MAX.wrapping_sub(offset)).saturating_add(1);
                let (before, after) = bytes.split_at_checked(to_wrap).unwrap_or((bytes, &[]));
                self.put_at(line, base.saturating_add(offset.into()), before)?;
                self.put_at(line, base, after)
            }
        }
    }

    fn put_at(&mut self, line: u32, address: u32, bytes: &[u8]) -> Result<(), ImageError> {
        // Some linkers write records without data.
        let Some(behind_first) = bytes.len().checked_sub(1) else { return Ok(()) };
        let last = u32::try_from(behind_first).ok().and_then(|behind| address.checked_add(behind));
        last.ok_or(ImageError::HexAddress { line })?;
        self.runs.push(Run { address, line, at: self.bytes.len(), len: bytes.len() });
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn assemble(mut self) -> Result<Vec<Segment>, ImageError> {
        self.runs.sort_unstable_by_key(|run| run.address);
        let mut segments = Vec::<Segment>::new();
        for run in &self.runs {
            let bytes = self.bytes_of(run);
            match segments.last_mut() {
                Some(last) if u64::from(run.address) <= last.end() => {
                    let known = last
                        .bytes
                        .get(run.address.wrapping_sub(last.address) as usize..)
                        .unwrap_or_default();
                    if let Some(at) =
                        known.iter().zip(bytes).position(|(known, byte)| known != byte)
                    {
                        return Err(self
                            .overlap(run.address.saturating_add(u32::try_from(at).unwrap_or(0))));
                    }
                    let new = bytes.get(known.len()..).unwrap_or_default();
                    last.bytes.extend_from_slice(new);
                }
                _ => segments.push(Segment { address: run.address, bytes: bytes.to_vec() }),
            }
        }
        check_len(segments.iter().map(|segment| segment.bytes.len() as u64).sum())?;
        if segments.is_empty() { Err(ImageError::NoData) } else { Ok(segments) }
    }

    fn bytes_of(&self, run: &Run) -> &[u8] {
        self.bytes.get(run.at..).and_then(|bytes| bytes.get(..run.len)).unwrap_or_default()
    }

    /// The first line that gives the byte at `address`, and the first that gives it otherwise. Slow, and only on the way out.
    fn overlap(&self, address: u32) -> ImageError {
        let first_line = |other_than: Option<u8>| {
            let mut first: Option<(u32, u8)> = None;
            for run in &self.runs {
                let at = address.checked_sub(run.address).map_or(usize::MAX, |at| at as usize);
                if let Some(byte) = self.bytes_of(run).get(at)
                    && Some(*byte) != other_than
                    && first.is_none_or(|(line, _)| run.line < line)
                {
                    first = Some((run.line, *byte));
                }
            }
            first.unwrap_or_default()
        };
        let (first, byte) = first_line(None);
        ImageError::HexOverlap { lines: [first, first_line(Some(byte)).0], address }
    }
}

/// Lines that end with CR, LF or CR LF; the last one may lack its end.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let len =
            self.0.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(self.0.len());
        let (line, rest) = self.0.split_at_checked(len)?;
        self.0 = rest.strip_prefix(b"\r\n").or(rest.get(1..)).unwrap_or_default();
        Some(line)
    }
}

/// Some Windows editors put it before the first line.
const BOM: &[u8] = "\u{FEFF}".as_bytes();
