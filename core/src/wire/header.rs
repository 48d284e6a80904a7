//! The image header: what an application image says it is and which modules it is for. Refuses one that is not wholly valid.
//!
//! ```text
//!  0      4        5        6        8        10       11       12        16         28      32
//!  +------+--------+--------+--------+--------+--------+--------+---------+----------+-------+
//!  | RKFL | format | 0      | vendor | module | lowest | highest| version | name     | CRC-32|
//!  |      | 1      |        |        | type   | hardware revision| 4 bytes | 12 bytes | 0..28 |
//!  +------+--------+--------+--------+--------+--------+--------+---------+----------+-------+
//! ```
//!
//! Little endian. It lies [`HEADER_OFFSET`] bytes behind the start of the vector table, so that the linker places it
//! and the loader finds it without a search.

use core::fmt;

use super::{check::crc32, version::Version};

/// Where the header lies behind the start of the vector table: right after a Cortex-M0+'s 48 entries of 4 bytes
/// (ARMv6-M, ARM DDI 0419: 16 of the system, 32 of interrupts).
pub const HEADER_OFFSET: u32 = 48 * 4;

/// The header's length.
pub const HEADER_LEN: usize = 32;

/// The first word: "RKFL" in memory order.
pub const MAGIC: u32 = 0x4C46_4B52;

/// The only header format so far.
pub const FORMAT: u8 = 1;

/// What an application image is, and for which modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageHeader {
    /// Who makes the module.
    pub vendor: u16,
    /// Which of the vendor's modules the image is for.
    pub module_type: u16,
    /// Which revisions of that module's circuit it runs on.
    pub hardware: Hardware,
    /// The application's version.
    pub version: Version,
    /// The module type's name, for people.
    pub name: Name,
}

impl ImageHeader {
    /// Reads the header at the front of `bytes`; what follows it does not matter.
    pub fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let bytes = bytes.first_chunk::<HEADER_LEN>().ok_or(HeaderError::Short)?;
        let [
            m0,
            m1,
            m2,
            m3,
            format,
            reserved,
            v0,
            v1,
            t0,
            t1,
            low,
            high,
            x0,
            x1,
            x2,
            x3,
            name @ ..,
            c0,
            c1,
            c2,
            c3,
        ] = *bytes;
        if u32::from_le_bytes([m0, m1, m2, m3]) != MAGIC {
            return Err(HeaderError::Magic);
        }
        if format != FORMAT {
            return Err(HeaderError::Format(format));
        }
        if u32::from_le_bytes([c0, c1, c2, c3]) != crc32(&bytes[..CRC_AT]) {
            return Err(HeaderError::Crc);
        }
        if reserved != 0 {
            return Err(HeaderError::Reserved(reserved));
        }
        Ok(Self {
            vendor: u16::from_le_bytes([v0, v1]),
            module_type: u16::from_le_bytes([t0, t1]),
            hardware: Hardware::new(low, high).ok_or(HeaderError::Hardware(low, high))?,
            version: Version::from_bytes([x0, x1, x2, x3]),
            name: Name::from_bytes(name).ok_or(HeaderError::Name)?,
        })
    }

    /// Writes the header.
    pub fn emit(&self, bytes: &mut [u8; HEADER_LEN]) {
        bytes[..4].copy_from_slice(&MAGIC.to_le_bytes());
        bytes[4..6].copy_from_slice(&[FORMAT, 0]);
        bytes[6..8].copy_from_slice(&self.vendor.to_le_bytes());
        bytes[8..10].copy_from_slice(&self.module_type.to_le_bytes());
        bytes[10..12].copy_from_slice(&[self.hardware.lowest, self.hardware.highest]);
        bytes[12..16].copy_from_slice(&self.version.to_bytes());
        bytes[16..CRC_AT].copy_from_slice(&self.name.0);
        let crc = crc32(&bytes[..CRC_AT]);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
    }
}

impl fmt::Display for ImageHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vendor, module_type, hardware, version, name } = self;
        write!(f, "{name} {version} for type {vendor:04x}:{module_type:04x}, hardware {hardware}")
    }
}

/// Hardware revisions an image runs on, from the lowest to the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardware {
    lowest: u8,
    highest: u8,
}

impl Hardware {
    /// `lowest` to `highest`, both included, if there is one between them.
    pub const fn new(lowest: u8, highest: u8) -> Option<Self> {
        if lowest <= highest { Some(Self { lowest, highest }) } else { None }
    }

    /// The lowest revision.
    pub const fn lowest(self) -> u8 {
        self.lowest
    }

    /// The highest revision.
    pub const fn highest(self) -> u8 {
        self.highest
    }

    /// Whether `revision` is one of them.
    pub const fn contains(self, revision: u8) -> bool {
        self.lowest <= revision && revision <= self.highest
    }
}

impl fmt::Display for Hardware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lowest == self.highest {
            write!(f, "{}", self.lowest)
        } else {
            write!(f, "{} to {}", self.lowest, self.highest)
        }
    }
}

/// A module type's name: 1 to 12 printable ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name([u8; Self::LEN_MAX]);

impl Name {
    /// As much as a slot in the rack's picture shows.
    pub const LEN_MAX: usize = 12;

    /// The name, if it fits and every character of it can be shown.
    pub fn new(name: &str) -> Option<Self> {
        let mut bytes = [0; Self::LEN_MAX];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Self::from_bytes(bytes)
    }

    fn from_bytes(bytes: [u8; Self::LEN_MAX]) -> Option<Self> {
        let name = Self(bytes);
        let (shown, padding) = bytes.split_at_checked(name.as_str().len())?;
        let valid = !shown.is_empty()
            && shown.iter().all(|byte| matches!(byte, b' '..=b'~'))
            && padding.iter().all(|byte| *byte == 0);
        valid.then_some(name)
    }

    /// The name without its padding.
    pub fn as_str(&self) -> &str {
        let shown = self.0.split(|byte| *byte == 0).next().unwrap_or_default();
        core::str::from_utf8(shown).unwrap_or_default()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why bytes are no image header. The image's maker must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// There are fewer than 32 bytes.
    Short,
    /// They do not begin with "RKFL".
    Magic,
    /// A later header format, which this version cannot read.
    Format(u8),
    /// The CRC does not match.
    Crc,
    /// The reserved byte is not 0.
    Reserved(u8),
    /// The lowest hardware revision is above the highest.
    Hardware(u8, u8),
    /// The name is empty, not printable ASCII, or has something behind its padding.
    Name,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => f.write_str("it ends too early"),
            Self::Magic => f.write_str("it does not begin with RKFL"),
            Self::Format(format) => {
                write!(f, "its format is {format}, and this version reads {FORMAT}")
            }
            Self::Crc => f.write_str("its CRC does not match"),
            Self::Reserved(value) => write!(f, "its reserved byte is {value}"),
            Self::Hardware(low, high) => {
                write!(f, "its hardware revisions run from {low} down to {high}")
            }
            Self::Name => f.write_str("its name is not 1 to 12 printable ASCII characters"),
        }
    }
}

impl core::error::Error for HeaderError {}

const CRC_AT: usize = HEADER_LEN - size_of::<u32>();
