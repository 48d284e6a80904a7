//! What a module says of itself: everything a host must know to update it, so that no host has a table of parts.
//!
//! Docs: PROTOCOL.md, "Identity".

use core::fmt;

use super::bytes::{Field, Malformed, Reader, Writer};
use super::module::Uid;
use super::version::Version;

/// Bytes of an identity.
pub const IDENTITY_LEN: usize = 84;

/// The response to [`super::module::Request::Identify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// What it can do beyond the rest: none is defined yet.
    pub capabilities: u8,
    /// The pages that must be written again whatever they hold: they may be torn since a power cut. First, and first behind.
    pub redo: (u16, u16),
    /// The address its slot gives it.
    pub home: u8,
    /// Counts its starts: another number means that it has restarted since.
    pub starts: u8,
    /// The name of its type, for people; text, zero padded.
    pub name: [u8; 12],
}

/// What a valid record says of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It has been confirmed.
    Confirmed,
    /// It may start a few times without; then the loader keeps the module.
    Pending,
}

/// A module's memories, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Why {
    /// It is not: its application runs.
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

impl Identity {
    /// Reads a response's payload. The lengths are as the module says; whoever uses them checks them.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        Reader::all(payload, Self::fields)
    }

    fn fields(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (protocol, vendor, module_type, hardware) = (r.u16(), r.u16(), r.u16(), r.u8());
        let why = match r.u8() {
            0 => Why::Runs,
            1 => Why::Requested,
            2 => Why::Blank,
            3 => Why::Interrupted,
            4 => Why::Damaged,
            5 => Why::NeverConfirmed,
            code => return Err(Malformed::Unknown(Field::Why, code)),
        };
        let (uid, loader) = (Uid(r.array()), Version::from_bytes(r.array()));
        let (valid, version, len, digest) =
            (r.u8(), Version::from_bytes(r.array()), r.u32(), r.u32());
        let application = match valid {
            0 => None,
            1 => Some(Trial::Confirmed),
            2 => Some(Trial::Pending),
            code => return Err(Malformed::Unknown(Field::Trial, code)),
        }
        .map(|trial| Installed { version, len, digest, trial });
        let geometry = Geometry {
            flash_start: r.u32(),
            flash_len: r.u32(),
            application_start: r.u32(),
            page_len: r.u16(),
            program_len: r.u16(),
            erased: r.u8(),
            eeprom_len: r.u16(),
            ram_start: r.u32(),
            ram_len: r.u32(),
        };
        Ok(Self {
            protocol,
            vendor,
            module_type,
            hardware,
            why,
            uid,
            loader,
            application,
            geometry,
            ring: r.u8(),
            capabilities: r.u8(),
            redo: (r.u16(), r.u16()),
            home: r.u8(),
            starts: r.u8(),
            name: r.array(),
        })
    }

    /// The response's payload.
    pub fn emit(&self) -> [u8; IDENTITY_LEN] {
        let mut payload = [0; IDENTITY_LEN];
        let mut writer = Writer::new(&mut payload);
        self.write(&mut writer);
        debug_assert_eq!(writer.finish(), Ok(IDENTITY_LEN), "the length of an identity");
        payload
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.u16(self.protocol);
        w.u16(self.vendor);
        w.u16(self.module_type);
        w.put(&[self.hardware, self.why as u8]);
        w.put(&self.uid.0);
        w.put(&self.loader.to_bytes());
        let valid = match self.application {
            None => 0,
            Some(Installed { trial: Trial::Confirmed, .. }) => 1,
            Some(Installed { trial: Trial::Pending, .. }) => 2,
        };
        let (version, len, digest) =
            self.application.map_or((Version::default(), 0, 0), |a| (a.version, a.len, a.digest));
        w.u8(valid);
        w.put(&version.to_bytes());
        w.u32(len);
        w.u32(digest);
        let g = &self.geometry;
        w.u32(g.flash_start);
        w.u32(g.flash_len);
        w.u32(g.application_start);
        w.u16(g.page_len);
        w.u16(g.program_len);
        w.u8(g.erased);
        w.u16(g.eeprom_len);
        w.u32(g.ram_start);
        w.u32(g.ram_len);
        w.put(&[self.ring, self.capabilities]);
        w.u16(self.redo.0);
        w.u16(self.redo.1);
        w.put(&[self.home, self.starts]);
        w.put(&self.name);
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
            Some(a) => {
                write!(f, "application {} {:?} digest={:08x}", a.version, a.trial, a.digest)?
            }
            None => f.write_str("no application")?,
        }
        write!(f, " {:?}", self.why)
    }
}
