//! Firmware files as people have them: ELF, Intel HEX, Motorola S-record, raw binary. Tells them apart by what is in them,
//! never by a name. The page's engine is built without: releases hold binaries that say where they belong.

use alloc::vec::Vec;

use super::{Image, ImageError, Segment};

mod elf;
mod error;
mod hex;
mod pile;
mod srec;
mod text;

pub use error::{ElfTarget, FileError, Records};

/// The longest text that is read, Intel HEX or S-record, in bytes. [`IMAGE_LEN_MAX`](super::IMAGE_LEN_MAX) in the usual
/// records of 16 bytes takes 5.9 MB, or 6.3 MB; a limit near it bounds the time and memory that a wrong file can take.
pub const FILE_LEN_MAX: usize = 8 << 20;

/// The longest ELF file that is read, in bytes. What debuggers want takes twenty times as much as the program itself, and
/// is passed over.
pub const ELF_LEN_MAX: usize = 64 << 20;

impl Image {
    /// Reads a file: ELF, Intel HEX or Motorola S-record if it begins as one, otherwise a raw binary that belongs at
    /// `binary_address`.
    pub fn parse(file: &[u8], binary_address: Option<u32>) -> Result<Self, ImageError> {
        match binary_address {
            _ if elf::is_elf(file) => Self::from_elf(file),
            _ if hex::is_hex(file) => Self::from_hex(file),
            _ if srec::is_srec(file) => Self::from_srec(file),
            Some(address) => Self::from_binary(file, address),
            None if file.trim_ascii().is_empty() => Err(ImageError::FileEmpty),
            None => Err(FileError::NoAddress.into()),
        }
    }

    /// Reads an ELF file: a linked program for an ARM chip of 32 bits.
    pub fn from_elf(file: &[u8]) -> Result<Self, ImageError> {
        Self::of(elf::read(file)?)
    }

    /// Reads an Intel HEX file, record types 00 to 05.
    pub fn from_hex(text: &[u8]) -> Result<Self, ImageError> {
        Self::of(hex::read(text)?)
    }

    /// Reads a Motorola S-record file, record types S0 to S9.
    pub fn from_srec(text: &[u8]) -> Result<Self, ImageError> {
        Self::of(srec::read(text)?)
    }

    fn of(segments: Vec<Segment>) -> Result<Self, ImageError> {
        if segments.is_empty() { Err(FileError::NoData.into()) } else { Ok(Self { segments }) }
    }
}
