//! The two checks of this protocol: CRC-32 over frames, pages and images, and the SMBus packet error code over reads.
//!
//! On a chip both go bit by bit, in 100 and 80 cycles a byte on a Cortex-M0+, where a byte on a 1 MHz bus takes 288: a table of
//! 1 KiB would be the largest single item of a loader. A host has one: without, its checks are a fifth of all that the page
//! does for an update. What is longer than a frame has its own digest. Only where thousands of racks are simulated are there
//! more tables.

#[cfg(not(any(feature = "host", feature = "tables")))]
use crc::NoTable as Way;
#[cfg(all(feature = "host", not(feature = "tables")))]
type Way = crc::Table<1>;
#[cfg(feature = "tables")]
type Way = crc::Table<16>;

use crc::{CRC_8_SMBUS, CRC_32_ISO_HDLC, Crc, Digest};

use super::bytes::{Field, Malformed};

/// A module's address on its bus, 7 bits.
///
/// Every check between base and module starts with the address byte as it went over the wire, so that a frame that
/// reached the wrong module (one bit of the address flipped) does not verify there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u8);

impl Address {
    /// Where every module without an assigned address listens: the SMBus device default address (SMBus 3.1, 6.6.3).
    pub const ENUMERATION: Self = Self(0x61);

    /// What hosts give to groups of modules that take the same page frames ([`super::module::Begin::group`]): the last
    /// addresses that are not reserved. No module has one of them for its own.
    pub const GROUPS: core::ops::RangeInclusive<u8> = 0x70..=0x77;

    /// The address, if it has 7 bits and is not reserved by the I2C specification (UM10204, table 3: 0x00-0x07 and
    /// 0x78-0x7f).
    pub const fn new(address: u8) -> Option<Self> {
        if address >= 0x08 && address < 0x78 { Some(Self(address)) } else { None }
    }

    pub(super) fn parse(address: u8) -> Result<Self, Malformed> {
        Self::new(address).ok_or(Malformed::Range(Field::Address))
    }

    /// The 7 bits.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The first byte of a write to it.
    pub const fn write_byte(self) -> u8 {
        self.0 << 1
    }

    /// The first byte of a read from it.
    pub const fn read_byte(self) -> u8 {
        self.0 << 1 | 1
    }
}

impl core::fmt::Display for Address {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:#04x}", self.0)
    }
}

static CRC32: Crc<u32, Way> = Crc::<u32, Way>::new(&CRC_32_ISO_HDLC);
static PEC: Crc<u8, Way> = Crc::<u8, Way>::new(&CRC_8_SMBUS);

/// CRC-32/ISO-HDLC of `bytes`.
pub fn crc32(bytes: &[u8]) -> u32 {
    Crc32::new().with(bytes).finish()
}

/// CRC-32/ISO-HDLC of a write to `address`: its first byte, then `bytes`.
pub fn crc32_to(address: Address, bytes: &[u8]) -> u32 {
    Crc32::to(address).with(bytes).finish()
}

/// A CRC-32/ISO-HDLC that grows.
#[derive(Clone)]
pub struct Crc32(Digest<'static, u32, Way>);

impl Crc32 {
    /// Of no bytes yet.
    pub const fn new() -> Self {
        Self(CRC32.digest())
    }

    /// Of the first byte of a write to `address`.
    pub(super) fn to(address: Address) -> Self {
        Self::new().with(&[address.write_byte()])
    }

    fn with(mut self, bytes: &[u8]) -> Self {
        self.update(bytes);
        self
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The CRC of all that was added.
    pub fn finish(self) -> u32 {
        self.0.finalize()
    }

    /// What stands before the CRC at the end of `bytes`, if that is the CRC of all.
    pub(crate) fn open(self, bytes: &[u8]) -> Result<&[u8], Malformed> {
        let (covered, crc) = bytes.split_last_chunk().ok_or(Malformed::Short)?;
        let found = self.with(covered).finish();
        if found == u32::from_le_bytes(*crc) { Ok(covered) } else { Err(Malformed::Crc) }
    }

    /// Writes the CRC of all behind the first `len` of `bytes`; returns the length of both.
    pub(super) fn seal(self, bytes: &mut [u8], len: usize) -> Result<usize, Malformed> {
        let (covered, rest) = bytes.split_at_mut_checked(len).ok_or(Malformed::Short)?;
        let place = rest.first_chunk_mut().ok_or(Malformed::Short)?;
        *place = self.with(covered).finish().to_le_bytes();
        Ok(len.saturating_add(place.len()))
    }
}

impl core::fmt::Debug for Crc32 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Crc32")
    }
}

impl Default for Crc32 {
    fn default() -> Self {
        Self::new()
    }
}

/// SMBus packet error code (CRC-8, polynomial 0x07; SMBus 3.1, 6.4) of a write to `address`.
pub fn pec_to(address: Address, bytes: &[u8]) -> u8 {
    pec(pec(0, &[address.write_byte()]), bytes)
}

/// SMBus packet error code of a read from `address`.
pub fn pec_from(address: Address, bytes: &[u8]) -> u8 {
    pec(pec(0, &[address.read_byte()]), bytes)
}

/// The packet error code of what has the code `before`, with `bytes` behind it.
pub(crate) fn pec(before: u8, bytes: &[u8]) -> u8 {
    let mut digest = PEC.digest_with_initial(before);
    digest.update(bytes);
    digest.finalize()
}
