//! Why a file is no image, or an image not for this module: what is wrong, where, and what to do.

use core::{fmt, ops::Range};

use super::{FILE_LEN_MAX, IMAGE_LEN_MAX};
use crate::wire::header::HeaderError;

/// Why a file is no image, or an image not for this flash. `Display` says it to people; the page translates by
/// [`ImageError::code`] and fills in the fields. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant's sentence names its fields")]
pub enum ImageError {
    /// The file has no bytes, or only blank ones.
    FileEmpty,
    /// The file is longer than [`FILE_LEN_MAX`].
    FileTooLarge { len: usize },
    /// The file is not Intel HEX, and nobody said where its bytes belong.
    NoAddress,
    /// A line does not begin with a colon.
    HexStart { line: u32 },
    /// A character of a record is no hexadecimal digit. `column` counts from 1, the colon.
    HexCharacter { line: u32, column: u32 },
    /// A record has an odd number of digits, or too few or too many for any record.
    HexDigits { line: u32 },
    /// A record's checksum is `found`, and its bytes add up to `computed`.
    HexChecksum { line: u32, found: u8, computed: u8 },
    /// A record's length is not what it says, or not what its type must have.
    HexLength { line: u32 },
    /// A record type that is not of Intel HEX.
    HexType { line: u32, record_type: u8 },
    /// No end record; `line` is the last one.
    HexNoEnd { line: u32 },
    /// Something follows the end record.
    HexAfterEnd { line: u32 },
    /// Two lines give one address different bytes. `lines` are in the file's order.
    HexOverlap { lines: [u32; 2], address: u32 },
    /// A HEX record reaches past the 32-bit address space.
    HexAddress { line: u32 },
    /// A binary file reaches past the 32-bit address space.
    BinaryAddress { address: u32 },
    /// A HEX file without a byte of data.
    NoData,
    /// The image holds, or spreads over, more than [`IMAGE_LEN_MAX`] bytes.
    ImageTooLarge { len: u64 },
    /// The image ends inside its vector table, or the table has gaps.
    NoVectors { start: u32, end: u64 },
    /// The image's first word is no stack pointer of this module.
    StackPointer { value: u32, ram: Range<u32> },
    /// The image's second word is no address to start at.
    ResetVector { value: u32 },
    /// There is no Rackflash header at `address`.
    NoHeader { address: u32 },
    /// There is an image header at `address`, and it is not valid.
    Header { address: u32, error: HeaderError },
    /// The image begins at an address other than the application area.
    Start { start: u32, area: Range<u32> },
    /// The image reaches past the application area.
    End { end: u64, area: Range<u32> },
}

impl ImageError {
    /// A name that never changes, for translations and scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FileEmpty => "file-empty",
            Self::FileTooLarge { .. } => "file-too-large",
            Self::NoAddress => "no-address",
            Self::HexStart { .. } => "hex-start",
            Self::HexCharacter { .. } => "hex-character",
            Self::HexDigits { .. } => "hex-digits",
            Self::HexChecksum { .. } => "hex-checksum",
            Self::HexLength { .. } => "hex-length",
            Self::HexType { .. } => "hex-type",
            Self::HexNoEnd { .. } => "hex-no-end",
            Self::HexAfterEnd { .. } => "hex-after-end",
            Self::HexOverlap { .. } => "hex-overlap",
            Self::HexAddress { .. } => "hex-address",
            Self::BinaryAddress { .. } => "binary-address",
            Self::NoData => "no-data",
            Self::ImageTooLarge { .. } => "image-too-large",
            Self::NoVectors { .. } => "no-vectors",
            Self::StackPointer { .. } => "stack-pointer",
            Self::ResetVector { .. } => "reset-vector",
            Self::NoHeader { .. } => "no-header",
            Self::Header { .. } => "header",
            Self::Start { .. } => "image-start",
            Self::End { .. } => "image-end",
        }
    }
}

impl ImageError {
    /// The line that is wrong; of two that contradict each other the second.
    pub fn line(&self) -> Option<u32> {
        match *self {
            Self::HexStart { line }
            | Self::HexCharacter { line, .. }
            | Self::HexDigits { line }
            | Self::HexChecksum { line, .. }
            | Self::HexLength { line }
            | Self::HexType { line, .. }
            | Self::HexNoEnd { line }
            | Self::HexAfterEnd { line }
            | Self::HexOverlap { lines: [_, line], .. }
            | Self::HexAddress { line } => Some(line),
            _ => None,
        }
    }

    /// The address where it is wrong.
    pub fn address(&self) -> Option<u32> {
        match *self {
            Self::HexOverlap { address, .. }
            | Self::BinaryAddress { address }
            | Self::NoHeader { address }
            | Self::Header { address, .. } => Some(address),
            Self::NoVectors { start, .. } | Self::Start { start, .. } => Some(start),
            Self::End { end, .. } => u32::try_from(end).ok(),
            _ => None,
        }
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what(f)?;
        f.write_str(self.what_to_do())
    }
}

impl core::error::Error for ImageError {}

impl ImageError {
    fn what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileEmpty => write!(f, "The file is empty."),
            Self::FileTooLarge { len } => {
                write!(f, "The file has {len} bytes; firmware files have at most {FILE_LEN_MAX}.")
            }
            Self::NoAddress => write!(f, "This is not an Intel HEX file."),
            Self::HexStart { line } => write!(f, "Line {line} does not begin with a colon."),
            Self::HexCharacter { line, column } => {
                write!(f, "Line {line}: character {column} is not a hexadecimal digit.")
            }
            Self::HexDigits { line } => {
                write!(f, "Line {line} is no whole record: it has too few or too many digits.")
            }
            Self::HexChecksum { line, found, computed } => {
                write!(
                    f,
                    "Line {line}: the checksum is {found:02X}, but the record adds up to {computed:02X}."
                )
            }
            Self::HexLength { line } => {
                write!(
                    f,
                    "Line {line}: the record is not as long as it says, or as its type must be."
                )
            }
            Self::HexType { line, record_type } => {
                write!(f, "Line {line}: record type {record_type:02X} is not one of Intel HEX.")
            }
            Self::HexNoEnd { line } => {
                write!(f, "The file stops after line {line} without an end record.")
            }
            Self::HexAfterEnd { line } => write!(f, "Line {line} follows the end record."),
            Self::HexOverlap { lines: [first, second], address } => {
                write!(
                    f,
                    "Lines {first} and {second} give address {address:#010x} different bytes."
                )
            }
            Self::HexAddress { line } => write!(f, "Line {line} reaches past address 0xffffffff."),
            Self::BinaryAddress { address } => {
                write!(
                    f,
                    "The binary file, put at {address:#010x}, reaches past address 0xffffffff."
                )
            }
            Self::NoData => write!(f, "The file has records, but no data."),
            Self::ImageTooLarge { len } => {
                write!(f, "The image takes {len} bytes; the largest flash has {IMAGE_LEN_MAX}.")
            }
            _ => self.what_for_this_module(f),
        }
    }

    fn what_for_this_module(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVectors { start, end } => {
                write!(
                    f,
                    "The image, {start:#010x} to {end:#010x}, has no whole vector table at its start."
                )
            }
            Self::StackPointer { value, ram } => {
                let Range { start, end } = ram;
                write!(
                    f,
                    "The image's stack pointer {value:#010x} is no word address in RAM, {start:#010x} to {end:#010x}."
                )
            }
            Self::ResetVector { value } => {
                write!(
                    f,
                    "The image's start address {value:#010x} is not Thumb code inside the image."
                )
            }
            Self::NoHeader { address } => {
                write!(f, "There is no Rackflash header at {address:#010x}.")
            }
            Self::Header { address, error } => {
                write!(f, "The image header at {address:#010x} is not valid: {error}.")
            }
            Self::Start { start, area } => {
                let why = if *start < area.start { "below" } else { "above" };
                write!(
                    f,
                    "The image begins at {start:#010x}, {why} the application's first address {:#010x}.",
                    area.start
                )
            }
            Self::End { end, area } => {
                write!(
                    f,
                    "The image ends at {end:#010x}, above the application area's end {:#010x}.",
                    area.end
                )
            }
            // `what` has said it.
            _ => Ok(()),
        }
    }

    fn what_to_do(&self) -> &'static str {
        match self {
            Self::FileEmpty => " Download it again.",
            Self::HexStart { .. }
            | Self::HexCharacter { .. }
            | Self::HexDigits { .. }
            | Self::HexChecksum { .. }
            | Self::HexLength { .. }
            | Self::HexNoEnd { .. } => " The file is damaged; download it again.",
            Self::HexAfterEnd { .. } => {
                " The file is damaged, or two were joined; download it again."
            }
            Self::HexType { .. } => " Ask the firmware's maker for a plain Intel HEX file.",
            Self::HexOverlap { .. }
            | Self::HexAddress { .. }
            | Self::NoData
            | Self::ResetVector { .. } => " Ask the firmware's maker for a correct file.",
            Self::NoAddress => {
                " If it is a raw binary, say at which address it belongs; else choose another file."
            }
            Self::BinaryAddress { .. } => " Give a lower address.",
            Self::Header { error: HeaderError::Format(_), .. } => " Use a newer Rackflash.",
            Self::Header { .. } => " Ask the firmware's maker for a correct file.",
            Self::FileTooLarge { .. }
            | Self::ImageTooLarge { .. }
            | Self::NoVectors { .. }
            | Self::StackPointer { .. }
            | Self::NoHeader { .. }
            | Self::Start { .. }
            | Self::End { .. } => " Choose a file made for this module.",
        }
    }
}
