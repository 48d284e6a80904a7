//! Why something is no image, or an image not for this module: what is wrong, where, and what to do.

use core::{fmt, ops::Range};

#[cfg(feature = "files")]
use super::FileError;
use super::IMAGE_LEN_MAX;
use crate::wire::header::HeaderError;

/// Why something is no image, or an image not for this flash. `Display` says it to people; the page translates by
/// [`ImageError::code`] and fills in the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant's sentence names its fields")]
pub enum ImageError {
    /// The file has no bytes, or only blank ones.
    FileEmpty,
    /// The file cannot be read.
    #[cfg(feature = "files")]
    File(FileError),
    /// A binary file reaches past the 32-bit address space.
    BinaryAddress { address: u32 },
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
            #[cfg(feature = "files")]
            Self::File(error) => error.code(),
            Self::BinaryAddress { .. } => "binary-address",
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
        match self {
            #[cfg(feature = "files")]
            Self::File(error) => error.line(),
            _ => None,
        }
    }

    /// The address where it is wrong.
    pub fn address(&self) -> Option<u32> {
        match *self {
            #[cfg(feature = "files")]
            Self::File(ref error) => error.address(),
            Self::BinaryAddress { address }
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

#[cfg(feature = "files")]
impl From<FileError> for ImageError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl ImageError {
    fn what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileEmpty => write!(f, "The file is empty."),
            #[cfg(feature = "files")]
            Self::File(error) => write!(f, "{error}"),
            Self::BinaryAddress { address } => {
                write!(
                    f,
                    "The binary file, put at {address:#010x}, reaches past address 0xffffffff."
                )
            }
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
            // It has said it.
            #[cfg(feature = "files")]
            Self::File(_) => "",
            Self::ResetVector { .. } => " Ask the firmware's maker for a correct file.",
            Self::BinaryAddress { .. } => " Give a lower address.",
            Self::Header { error: HeaderError::Format(_), .. } => " Use a newer Rackflash.",
            Self::Header { .. } => " Ask the firmware's maker for a correct file.",
            Self::ImageTooLarge { .. }
            | Self::NoVectors { .. }
            | Self::StackPointer { .. }
            | Self::NoHeader { .. }
            | Self::Start { .. }
            | Self::End { .. } => " Choose a file made for this module.",
        }
    }
}
