//! Versions of applications, loaders and bases.

use core::fmt;

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::bytes::Fields;

/// Major, minor, patch. Ordered as semver orders them.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    TryFromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
)]
#[repr(C)]
pub struct Version {
    /// Another number means: not compatible.
    pub major: u8,
    /// More features.
    pub minor: u8,
    /// Fewer faults.
    pub patch: u16,
}

impl Version {
    /// `major.minor.patch`.
    pub const fn new(major: u8, minor: u8, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// From its four bytes in messages and image headers.
    pub const fn from_bytes([major, minor, low, high]: [u8; 4]) -> Self {
        Self { major, minor, patch: u16::from_le_bytes([low, high]) }
    }

    /// As in messages and image headers.
    pub const fn to_bytes(self) -> [u8; 4] {
        let [low, high] = self.patch.to_le_bytes();
        [self.major, self.minor, low, high]
    }

    pub(super) fn fields(&mut self, f: &mut Fields<'_>) {
        f.u8(&mut self.major);
        f.u8(&mut self.minor);
        f.u16(&mut self.patch);
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}
