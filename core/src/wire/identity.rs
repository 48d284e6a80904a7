//! What a module says of itself: everything a host must know to update it, so that no host has a table of parts.
//!
//! Docs: PROTOCOL.md, "Identity".

use core::fmt;

use super::bytes::{Fields, Malformed, codes};
use super::module::Uid;
use super::version::Version;

/// Bytes of an identity.
pub const IDENTITY_LEN: usize = 80;

/// The response to [`super::module::Request::Identify`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The protocol it speaks, as [`super::message::PROTOCOL`].
    pub protocol: u16,
    /// Who made it.
    pub vendor: u16,
    /// Which of the vendor's modules it is.
    pub module_type: u16,
    /// Its board.
    pub hardware: u8,
    /// Why it is in its loader, if it is.
    pub why: Why,
    /// Its silicon's number.
    pub uid: Uid,
    /// Its loader.
    pub loader: Version,
    /// The application it would start, if its record is valid.
    pub application: Option<Installed>,
    /// Its memories.
    pub geometry: Geometry,
    /// How many page frames it can hold.
    pub ring: u8,
    /// What it can do beyond the rest: [`PARALLEL_BANKS`].
    pub capabilities: u8,
    /// The address its slot gives it.
    pub home: u8,
    /// Counts its starts: another number means that it has restarted since.
    pub starts: u8,
    /// The name of its type, for people; text, zero padded.
    pub name: [u8; 12],
}

/// The capability of a chip whose flash has two banks of equal length: one page in each can be written at the same time.
pub const PARALLEL_BANKS: u8 = 1;

/// What a valid record says of the application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Its version.
    pub version: Version,
    /// Its bytes from the start of the application area.
    pub len: u32,
    /// Their [digest](super::digest).
    pub digest: u32,
    /// Whether it has been confirmed.
    pub trial: Trial,
}

/// Whether an application has proven itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Trial {
    /// It has been confirmed.
    #[default]
    Confirmed = 1,
    /// It may start a few times without; then the loader keeps the module.
    Pending = 2,
}

codes!(Trial, Trial, Confirmed, Pending);

/// A module's memories, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Geometry {
    /// Where the flash starts.
    pub flash_start: u32,
    /// All of it.
    pub flash_len: u32,
    /// Where the application area starts: a whole number of pages from `flash_start`. It ends with the flash.
    pub application_start: u32,
    /// What is erased at once.
    pub page_len: u16,
    /// What is programmed at once.
    pub program_len: u16,
    /// What an erased byte reads.
    pub erased: u8,
    /// Data EEPROM.
    pub eeprom_len: u16,
    /// Where the RAM starts.
    pub ram_start: u32,
    /// All of it.
    pub ram_len: u32,
}

/// Why a module is in its loader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Reads a response's payload. The lengths are as the module says; whoever uses them checks them.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let (mut identity, mut f) = (Self::default(), Fields::of(payload));
        identity.fields(&mut f);
        f.end().map(|()| identity)
    }

    #[inline(never)]
    fn fields(&mut self, f: &mut Fields<'_>) {
        f.u16(&mut self.protocol);
        f.u16(&mut self.vendor);
        f.u16(&mut self.module_type);
        f.u8(&mut self.hardware);
        f.code(self.why as u8, &mut self.why, Why::parse);
        f.bytes(&mut self.uid.0);
        self.loader.fields(f);
        let mut trial = self.application.map(|application| application.trial);
        f.code(trial.map_or(0, |trial| trial as u8), &mut trial, |code| match code {
            0 => Ok(None),
            _ => Trial::parse(code).map(Some),
        });
        let mut application = self.application.unwrap_or_default();
        application.version.fields(f);
        f.u32(&mut application.len);
        f.u32(&mut application.digest);
        self.application = trial.map(|trial| Installed { trial, ..application });
        self.geometry.fields(f);
        f.u8(&mut self.ring);
        f.u8(&mut self.capabilities);
        f.u8(&mut self.home);
        f.u8(&mut self.starts);
        f.bytes(&mut self.name);
    }

    /// The response's payload.
    pub fn emit(&self) -> [u8; IDENTITY_LEN] {
        let mut payload = [0; IDENTITY_LEN];
        let mut f = Fields::to(&mut payload);
        self.clone().fields(&mut f);
        debug_assert_eq!(f.written(), Ok(IDENTITY_LEN), "the length of an identity");
        payload
    }
}

impl Geometry {
    fn fields(&mut self, f: &mut Fields<'_>) {
        f.u32(&mut self.flash_start);
        f.u32(&mut self.flash_len);
        f.u32(&mut self.application_start);
        f.u16(&mut self.page_len);
        f.u16(&mut self.program_len);
        f.u8(&mut self.erased);
        f.u16(&mut self.eeprom_len);
        f.u32(&mut self.ram_start);
        f.u32(&mut self.ram_len);
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04x}:{:04x} hardware {} {} ",
            self.vendor, self.module_type, self.hardware, self.uid
        )?;
        match &self.application {
            Some(a) => write!(f, "application {} {} digest={:08x}", a.version, a.trial, a.digest)?,
            None => f.write_str("no application")?,
        }
        write!(f, " {}", self.why)
    }
}
