//! Motorola S-record: text to bytes at addresses. Refuses a file it cannot place to the last byte.
//!
//! ```text
//! S  type  count  address            data   checksum
//!    0..9  1      2 (S0 S1 S5 S9)    …      1         in bytes, each two digits
//!                 3 (S2 S6 S8)
//!                 4 (S3 S7)
//! ```
//!
//! The count says how many bytes follow it; it, they and the checksum add up to 0xff. After the manual page srec_motorola(5) of
//! SRecord, which goes by Motorola's "M68000 Family Programmer's Reference Manual", appendix C.

use alloc::vec::Vec;

use super::pile::{PastEnd, Pile};
use super::text::{Next, column_of_other, each_line, is_text, visible};
use super::{FileError, Records};
use crate::host::image::{ImageError, Segment};

/// The segments an S-record file describes: in order, with a gap between any two, none empty.
pub(super) fn read(file: &[u8]) -> Result<Vec<Segment>, ImageError> {
    let mut pile = Pile::default();
    let mut data_records = 0_u32;
    let mut bytes = Vec::with_capacity(RECORD_LEN_MAX);
    each_line(file, |line, text| {
        match record(line, text, &mut bytes)? {
            // Whose file it is, in words.
            Record::Header => {}
            Record::Data { address, data } => {
                data_records = data_records.saturating_add(1);
                pile.put(line, address, data)
                    .map_err(|PastEnd| FileError::RecordAddress { line })?;
            }
            // SRecord writes no end record where it knows no start address; the count is as good.
            Record::Count(says) if says == data_records => return Ok(Next::Perhaps),
            Record::Count(says) => {
                let found = data_records;
                return Err(FileError::RecordCount { line, says, found }.into());
            }
            // It says where a debugger would start. The vector table says it too, and that is what the chip reads.
            Record::End => return Ok(Next::End),
        }
        Ok(Next::More)
    })?;
    pile.assemble(|lines, address| FileError::RecordOverlap { lines, address })
}

/// Whether a file means to be S-records: its first visible character is an S, and a digit follows.
///
/// A Cortex-M binary never looks like that. Its first byte is the low one of a stack pointer, a multiple of 4, which the S
/// (83) is not; and where that byte is a blank, the stack pointer would be megabytes above the end of any chip's RAM.
pub(super) fn is_srec(file: &[u8]) -> bool {
    matches!(visible(file), [b'S', b'0'..=b'9', rest @ ..] if is_text(rest))
}

/// One line.
enum Record<'a> {
    Header,
    Data { address: u32, data: &'a [u8] },
    Count(u32),
    End,
}

/// Decodes a line into `bytes`, and tells what they are.
fn record<'a>(line: u32, text: &[u8], bytes: &'a mut Vec<u8>) -> Result<Record<'a>, FileError> {
    let [b'S', kind @ b'0'..=b'9', digits @ ..] = text else {
        return Err(FileError::RecordStart { line, records: Records::SRecord });
    };
    let column = column_of_other(2, digits);
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(FileError::RecordCharacter { line, column });
    }
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() || pairs.len() > RECORD_LEN_MAX {
        return Err(FileError::RecordDigits { line });
    }
    bytes.clear();
    bytes.extend(pairs.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)));
    let [count, bytes @ .., checksum] = bytes.as_slice() else {
        return Err(FileError::RecordDigits { line });
    };
    let len = FileError::RecordLength { line };
    if usize::from(*count) != bytes.len().saturating_add(1) {
        return Err(len);
    }
    let computed = !bytes.iter().fold(*count, |sum, byte| sum.wrapping_add(*byte));
    if computed != *checksum {
        return Err(FileError::RecordChecksum { line, found: *checksum, computed });
    }
    let address_len = match kind {
        b'2' | b'6' | b'8' => 3,
        b'3' | b'7' => 4,
        _ => 2,
    };
    let Some((address, data)) = bytes.split_at_checked(address_len) else { return Err(len) };
    let address = address.iter().fold(0, |address, byte| address << 8 | u32::from(*byte));
    match kind {
        b'0' => Ok(Record::Header),
        b'1'..=b'3' => Ok(Record::Data { address, data }),
        b'4' => Err(FileError::RecordType { line, records: Records::SRecord, record_type: 4 }),
        _ if !data.is_empty() => Err(len),
        b'5' | b'6' => Ok(Record::Count(address)),
        _ => Ok(Record::End),
    }
}

/// The value of a hexadecimal digit.
fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character.wrapping_sub(b'0'),
        // Letters are 1 to 6 in their low bits.
        _ => (character & 7).wrapping_add(9),
    }
}

/// The count, and as many bytes behind it as it can say.
const RECORD_LEN_MAX: usize = 1 + 255;
