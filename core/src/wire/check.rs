//! The two checks of this protocol: CRC-32 over frames and records, and the SMBus packet error code over reads.
//!
//! Made for a Cortex-M0+, which checks a page frame while the bus may wait (`HOLD_MAX`): both go by four bits and
//! small tables, in 18.5 and 21 cycles a byte, so that it takes 80 µs at 32 MHz. The crate `crc` has either no table, at four times the
//! cycles, or one of 1 KB. The tests hold these against it.

use core::num::NonZeroU8;

use super::bytes::{Field, Malformed};

/// A module's address on its bus, 7 bits.
///
/// Every check between base and module starts with the address byte as it went over the wire, so that a frame that
/// reached the wrong module (one bit of the address flipped) does not verify there. None is 0, so that an optional one
/// takes no more room, and no more code to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(NonZeroU8);

impl Address {
    /// Where every module without an assigned address listens: the SMBus device default address, 0x61 (SMBus 3.1,
    /// 6.6.3).
    pub const ENUMERATION: Self = Self(NonZeroU8::MIN.saturating_add(0x60));

    /// What hosts give to groups of modules that take the same page frames ([`super::module::Begin::group`]): the last
    /// addresses that are not reserved. No module has one of them for its own.
    pub const GROUPS: core::ops::RangeInclusive<u8> = 0x70..=0x77;

    /// The address, if it has 7 bits and is not reserved by the I2C specification (UM10204, table 3: 0x00-0x07 and
    /// 0x78-0x7f).
    pub const fn new(address: u8) -> Option<Self> {
        match NonZeroU8::new(address) {
            Some(address) if address.get() >= 0x08 && address.get() < 0x78 => Some(Self(address)),
            _ => None,
        }
    }

    pub(super) fn parse(address: u8) -> Result<Self, Malformed> {
        Self::new(address).ok_or(Malformed::Range(Field::Address))
    }

    /// Whether a module may have it for its own: not that of enumeration, and none of a group.
    pub(crate) const fn is_a_module_s(self) -> bool {
        self.get() != Self::ENUMERATION.get() && !self.is_a_group_s()
    }

    /// Whether it is one of a group: only page frames are for it.
    pub(crate) const fn is_a_group_s(self) -> bool {
        self.get() >= *Self::GROUPS.start()
    }

    /// The 7 bits.
    pub const fn get(self) -> u8 {
        self.0.get()
    }

    /// The first byte of a write to it.
    pub const fn write_byte(self) -> u8 {
        self.get() << 1
    }

    /// The first byte of a read from it.
    pub const fn read_byte(self) -> u8 {
        self.get() << 1 | 1
    }
}

impl core::fmt::Display for Address {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:#04x}", self.0)
    }
}

/// CRC-32/ISO-HDLC of `bytes`.
pub fn crc32(bytes: &[u8]) -> u32 {
    Crc32::new().with(bytes).finish()
}

/// CRC-32/ISO-HDLC of a write to `address`: its first byte, then `bytes`.
pub fn crc32_to(address: Address, bytes: &[u8]) -> u32 {
    Crc32::to(address).with(bytes).finish()
}

/// A CRC-32/ISO-HDLC that grows.
#[derive(Clone, Copy)]
pub struct Crc32(u32);

impl Crc32 {
    /// Before anything: what a memory that is zeroed holds.
    pub(crate) const ZERO: Self = Self(0);

    /// Of no bytes yet.
    pub const fn new() -> Self {
        Self(u32::MAX)
    }

    /// Of the first byte of a write to `address`.
    pub(crate) fn to(address: Address) -> Self {
        Self::new().with(&[address.write_byte()])
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        *self = self.with(bytes);
    }

    /// With `bytes` added. It stays in a register.
    #[inline(never)]
    #[must_use]
    pub(crate) fn with(self, bytes: &[u8]) -> Self {
        let by_four = |crc: u32| crc >> 4 ^ at(&NIBBLES, crc & 0xf);
        let (mut crc, mut left) = (self.0, bytes);
        // By twos: 18.5 cycles a byte instead of 21.
        while let [one, other, rest @ ..] = left {
            crc = by_four(by_four(crc ^ u32::from(*one)));
            crc = by_four(by_four(crc ^ u32::from(*other)));
            left = rest;
        }
        if let [byte] = left {
            crc = by_four(by_four(crc ^ u32::from(*byte)));
        }
        Self(crc)
    }

    /// The CRC of all that was added.
    pub fn finish(&self) -> u32 {
        !self.0
    }

    /// Whether all that was added ends with its own CRC.
    pub(crate) fn is_closed(&self) -> bool {
        self.0 == CLOSED
    }

    /// What stands before the CRC at the end of `bytes`, if that is the CRC of all.
    pub(crate) fn open(self, bytes: &[u8]) -> Result<&[u8], Malformed> {
        let (covered, _) = bytes.split_last_chunk::<4>().ok_or(Malformed::Short)?;
        if self.with(bytes).is_closed() { Ok(covered) } else { Err(Malformed::Crc) }
    }

    /// Writes the CRC of all behind the first `len` of `bytes`; returns the length of both.
    pub(super) fn seal(self, bytes: &mut [u8], len: usize) -> Result<usize, Malformed> {
        let (covered, rest) = bytes.split_at_mut_checked(len).ok_or(Malformed::Short)?;
        let place = rest.first_chunk_mut().ok_or(Malformed::Short)?;
        *place = self.with(covered).finish().to_le_bytes();
        Ok(len.saturating_add(place.len()))
    }
}

/// What is left of any bytes and their CRC behind them.
const CLOSED: u32 = 0xdebb_20e3;

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
#[inline(never)]
pub(crate) fn pec(before: u8, bytes: &[u8]) -> u8 {
    let by_four = |code: u8| code << 4 ^ at(&PEC_NIBBLES, (code >> 4).into());
    let mut code = before;
    for byte in bytes {
        code = by_four(by_four(code ^ *byte));
    }
    code
}

/// What stands there in a table.
fn at<T: Copy + Default>(table: &[T; 16], index: u32) -> T {
    table.get(index as usize).copied().unwrap_or_default()
}

/// What four bits do to a CRC-32.
static NIBBLES: [u32; 16] = [
    0x0000_0000,
    0x1db7_1064,
    0x3b6e_20c8,
    0x26d9_30ac,
    0x76dc_4190,
    0x6b6b_51f4,
    0x4db2_6158,
    0x5005_713c,
    0xedb8_8320,
    0xf00f_9344,
    0xd6d6_a3e8,
    0xcb61_b38c,
    0x9b64_c2b0,
    0x86d3_d2d4,
    0xa00a_e278,
    0xbdbd_f21c,
];

/// And to a packet error code.
static PEC_NIBBLES: [u8; 16] = [
    0x00, 0x07, 0x0e, 0x09, 0x1c, 0x1b, 0x12, 0x15, 0x38, 0x3f, 0x36, 0x31, 0x24, 0x23, 0x2a, 0x2d,
];
