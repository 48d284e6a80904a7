//! What a module says of itself: everything a host must know to update it, so that no host has a table of parts.
//!
//! Docs: PROTOCOL.md, "Identity".

use core::fmt;

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::bytes::{Field, Malformed, codes};
use super::module::Uid;
use super::version::Version;

/// Bytes of an identity.
pub const IDENTITY_LEN: usize = 80;

/// The response to [`super::module::Request::Identify`]. It lies in memory as it goes over the wire, so that a module has nothing
/// to do but to copy it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct Identity {
    /// The protocol it speaks, as [`super::message::PROTOCOL`].
    pub protocol: u16,
    /// Its board.
    pub hardware: u8,
    /// Why it is in its loader, if it is.
    pub why: Why,
    /// Who made it.
    pub vendor: u16,
    /// Which of the vendor's modules it is.
    pub module_type: u16,
    /// What became of its application.
    pub trial: Trial,
    /// How many page frames it can hold.
    pub ring: u8,
    /// The address its slot gives it.
    pub home: u8,
    /// Counts its starts: another number means that it has restarted since.
    pub starts: u8,
    /// Its application; while an update is open the one announced.
    pub installed: Installed,
    /// Its memories.
    pub geometry: Geometry,
    /// Its loader.
    pub loader: Version,
    /// Its silicon's number.
    pub uid: Uid,
    /// The name of its type, for people; text, zero padded.
    pub name: [u8; 12],
}

const _: () = assert!(size_of::<Identity>() == IDENTITY_LEN && cfg!(target_endian = "little"));

/// An application, as its record has it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct Installed {
    /// Its version.
    pub version: Version,
    /// Its bytes from the start of the application area.
    pub len: u32,
    /// Their [digest](super::digest).
    pub digest: u32,
}

/// Whether an application has proven itself.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Trial {
    /// There is none with a valid record.
    #[default]
    None = 0,
    /// It has been confirmed.
    Confirmed = 1,
    /// It may start a few times without; then the loader keeps the module.
    Pending = 2,
}

codes!(Trial, Trial, None, Confirmed, Pending);

/// A module's memories, in bytes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct Geometry {
    /// Where the flash starts.
    pub flash_start: u32,
    /// All of it.
    pub flash_len: u32,
    /// Where the application area starts: a whole number of pages from `flash_start`. It ends with the flash.
    pub application_start: u32,
    /// Where the RAM starts.
    pub ram_start: u32,
    /// All of it.
    pub ram_len: u32,
    /// What is erased at once.
    pub page_len: u16,
    /// What is programmed at once.
    pub program_len: u16,
    /// Data EEPROM.
    pub eeprom_len: u16,
    /// What an erased byte reads.
    pub erased: u8,
    /// Its banks.
    pub banks: Banks,
}

/// How many banks a chip's flash has that are erased and programmed at the same time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Banks {
    /// One operation does one page or half-page.
    #[default]
    One = 0,
    /// The halves of the flash: one operation may do one of each (RM0367, 3.3.4: parallel programming). The application area
    /// begins in the first.
    Two = 1,
}

codes!(Banks, Banks, One, Two);

/// Why a module is in its loader.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Why {
    /// It is not: its application runs.
    #[default]
    Runs = 0,
    /// It was asked to.
    Requested = 1,
    /// It never had an application.
    Blank = 2,
    /// An update has not been finished.
    Interrupted = 3,
    /// The application is not what its record says.
    Damaged = 4,
    /// The application started too often without being confirmed.
    NeverConfirmed = 5,
}

codes!(Why, Why, Runs, Requested, Blank, Interrupted, Damaged, NeverConfirmed);

impl Identity {
    /// Nobody's: all zeros.
    pub(crate) const NONE: Self = {
        let version = Version::new(0, 0, 0);
        let geometry = Geometry {
            flash_start: 0,
            flash_len: 0,
            application_start: 0,
            ram_start: 0,
            ram_len: 0,
            page_len: 0,
            program_len: 0,
            eeprom_len: 0,
            erased: 0,
            banks: Banks::One,
        };
        Self {
            protocol: 0,
            hardware: 0,
            why: Why::Runs,
            vendor: 0,
            module_type: 0,
            trial: Trial::None,
            ring: 0,
            home: 0,
            starts: 0,
            installed: Installed { version, len: 0, digest: 0 },
            geometry,
            loader: version,
            uid: Uid([0; 12]),
            name: [0; 12],
        }
    };

    /// Reads a response's payload. The lengths are as the module says; whoever uses them checks them.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        match Self::try_read_from_bytes(payload) {
            Ok(identity) => Ok(identity),
            Err(_) if payload.len() < IDENTITY_LEN => Err(Malformed::Short),
            Err(_) if payload.len() > IDENTITY_LEN => Err(Malformed::Trailing),
            Err(_) => Err(Malformed::Range(Field::Identity)),
        }
    }

    /// The response's payload.
    pub fn emit(&self) -> [u8; IDENTITY_LEN] {
        zerocopy::transmute!(*self)
    }

    /// The application it would start, if its record is valid.
    pub fn application(&self) -> Option<Installed> {
        (self.trial != Trial::None).then_some(self.installed)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04x}:{:04x} hardware {} {} ",
            self.vendor, self.module_type, self.hardware, self.uid
        )?;
        match self.application() {
            Some(a) => {
                write!(f, "application {} {} digest={:08x}", a.version, self.trial, a.digest)?;
            }
            None => f.write_str("no application")?,
        }
        write!(f, " {}", self.why)
    }
}
