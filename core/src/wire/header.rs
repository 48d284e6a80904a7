//! The image header: what an application image says it is and which modules it is for. Refuses one that is not wholly valid.
//!
//! ```text
//!  0      4        6        8        9        10       11       12        16         28      32
//!  +------+--------+--------+--------+--------+--------+--------+---------+----------+-------+
//!  | RKFL | vendor | module | lowest | highest| format | 0      | version | name     | CRC-32|
//!  |      |        | type   | hardware revision| 1      |        | 4 bytes | 12 bytes | 0..28 |
//!  +------+--------+--------+--------+--------+--------+--------+---------+----------+-------+
//! ```
//!
//! Little endian. It lies [`HEADER_OFFSET`] bytes behind the start of the vector table, so that the linker places it
//! and the loader finds it without a search.

use core::fmt;

use super::{bytes::Fields, check::Crc32, version::Version};

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
        let (mut magic, mut format, mut reserved) = (0, 0, 0);
        let mut header = Self {
            vendor: 0,
            module_type: 0,
            hardware: Hardware::default(),
            version: Version::default(),
            name: Name([0; Name::LEN_MAX]),
        };
        let mut f = Fields::of(bytes);
        f.u32(&mut magic);
        header.fields(&mut format, &mut reserved, &mut f);
        let Hardware { lowest, highest } = header.hardware;
        if magic != MAGIC {
            Err(HeaderError::Magic)
        } else if format != FORMAT {
            Err(HeaderError::Format(format))
        } else if Crc32::new().open(bytes).is_err() {
            Err(HeaderError::Crc)
        } else if reserved != 0 {
            Err(HeaderError::Reserved(reserved))
        } else if lowest > highest {
            Err(HeaderError::Hardware(lowest, highest))
        } else if !header.name.is_valid() {
            Err(HeaderError::Name)
        } else {
            Ok(header)
        }
    }

    /// Writes the header.
    pub fn emit(&self, bytes: &mut [u8; HEADER_LEN]) {
        let mut f = Fields::to(bytes);
        f.put(&MAGIC.to_le_bytes());
        self.clone().fields(&mut FORMAT.clone(), &mut 0, &mut f);
        let len = f.written().and_then(|len| Crc32::new().seal(bytes, len));
        debug_assert_eq!(len, Ok(HEADER_LEN), "the length of a header");
    }

    fn fields(&mut self, format: &mut u8, reserved: &mut u8, f: &mut Fields<'_>) {
        f.u16(&mut self.vendor);
        f.u16(&mut self.module_type);
        self.hardware.fields(f);
        f.u8(format);
        f.u8(reserved);
        self.version.fields(f);
        f.bytes(&mut self.name.0);
    }
}

impl fmt::Display for ImageHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vendor, module_type, hardware, version, name } = self;
        write!(f, "{name} {version} for type {vendor:04x}:{module_type:04x}, hardware {hardware}")
    }
}

/// Hardware revisions an image runs on, from the lowest to the highest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hardware {
    lowest: u8,
    highest: u8,
}

impl Hardware {
    /// `lowest` to `highest`, both included, if there is one between them.
    pub const fn new(lowest: u8, highest: u8) -> Option<Self> {
        if lowest <= highest { Some(Self { lowest, highest }) } else { None }
    }

    /// One revision.
    pub const fn of(revision: u8) -> Self {
        Self { lowest: revision, highest: revision }
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

    /// Read, it may run downwards: its message's to refuse.
    pub(super) fn fields(&mut self, f: &mut Fields<'_>) {
        f.u8(&mut self.lowest);
        f.u8(&mut self.highest);
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
        let name = Self(bytes);
        name.is_valid().then_some(name)
    }

    fn is_valid(&self) -> bool {
        let mut rest = self.0.iter().skip_while(|byte| matches!(byte, b' '..=b'~'));
        self.0.first() != Some(&0) && rest.all(|byte| *byte == 0)
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
