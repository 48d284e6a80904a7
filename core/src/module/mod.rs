//! The module's side: the self-made loader, the decision what to start, and the small responder that an application
//! carries. Runs on the chip: no allocator, no panics, nothing but the [`Chip`] under it.
//!
//! - [`boot`]: what to start after a reset. One pure function.
//! - [`loader`]: takes an update and proves it; [`log`]: what it remembers for a person who asks.
//! - [`record`]: the page that says what may be started; `journal`: the pages that say what may be torn.
//! - [`responder`]: identify, confirm and enter-loader for applications.
//! - `port`: the bus, the same for both; `update`, `bank`, `ring`, `flash`: the loader's parts.
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod bank;
pub mod boot;
mod flash;
mod journal;
pub mod loader;
pub mod log;
mod port;
pub mod record;
pub mod responder;
mod ring;
mod update;

use crate::wire::check::Address;
use crate::wire::identity::Geometry;
use crate::wire::module::Uid;
use crate::wire::version::Version;

/// What is erased at once on an STM32L07x (RM0367, 3.3.1).
pub const PAGE_LEN: usize = 128;
/// What is programmed at once: 16 words (RM0367, 3.3.4).
pub const HALF_PAGE_LEN: usize = 64;
/// A word, programmed alone.
pub const WORD_LEN: usize = 4;

/// The same lengths, as addresses count them.
const PAGE_SPAN: u32 = 128;
const HALF_PAGE_SPAN: u32 = 64;
const WORD_SPAN: u32 = 4;
const _: () = assert!(
    PAGE_SPAN as usize == PAGE_LEN
        && HALF_PAGE_SPAN as usize == HALF_PAGE_LEN
        && WORD_SPAN as usize == WORD_LEN
);

/// The chip under a loader or an application.
///
/// One flash operation at a time: after [`Chip::start`] the caller waits until the operation has ended and then says so
/// with `flash_ended`. While it runs the flash cannot be read (RM0367, 3.3.3), so the loader runs from RAM and
/// [`loader::Loader::step`] is not called.
pub trait Chip {
    /// Copies from the flash. Addresses outside the flash read as erased.
    fn read(&self, address: u32, bytes: &mut [u8]);

    /// Starts an operation on the flash or the EEPROM.
    fn start(&mut self, operation: FlashOp<'_>);

    /// Copies from the data EEPROM.
    fn read_eeprom(&self, offset: u16, bytes: &mut [u8]);
}

/// One operation of the flash controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashOp<'a> {
    /// Erases a page.
    Erase {
        /// Absolute, at the start of the page.
        address: u32,
        /// Another one, in the other bank, in the same time. Only where there are [`Banks::Two`].
        also: Option<u32>,
    },
    /// Programs a half-page that was erased before.
    ProgramHalfPage {
        /// Which.
        half: HalfPage<'a>,
        /// Another one, in the other bank, in the same time. Only where there are [`Banks::Two`].
        also: Option<HalfPage<'a>>,
    },
    /// Programs a word that was erased before.
    ProgramWord {
        /// Absolute, word-aligned.
        address: u32,
        /// Its bytes.
        bytes: [u8; WORD_LEN],
    },
    /// Writes a word of the data EEPROM, erasing it first where it must.
    WriteEeprom {
        /// From its start, word-aligned.
        offset: u16,
        /// Its bytes.
        bytes: [u8; WORD_LEN],
    },
}

/// A half-page that is to be programmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfPage<'a> {
    /// Absolute, at its start.
    pub address: u32,
    /// All of it.
    pub bytes: &'a [u8; HALF_PAGE_LEN],
}

/// How an operation of the flash controller ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashEnd {
    /// Without an error flag. Only reading it back tells whether it worked.
    Done,
    /// With an error flag: write protection, alignment, not erased before.
    Error,
}

/// What [`loader::Loader::step`] and [`responder::Responder::step`] ask of their caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing to do until the next frame.
    Idle,
    /// Some work was done over `bytes` of flash; call again. The number lets a simulator charge the time.
    Again {
        /// How many bytes of flash were read or hashed.
        bytes: u32,
    },
    /// A flash operation was started: call `flash_ended` when it has, then step again.
    Flash,
    /// Reset the chip and stay in the loader.
    RestartLoader,
    /// Reset the chip and start the application, which has just been proven: [`boot::Asked::Application`].
    RestartApplication,
    /// Make the module blink for so long; call again.
    Blink {
        /// For how long; 0 ends it.
        seconds: u8,
    },
}

/// How many banks a chip's flash has that are erased and programmed at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Banks {
    /// One operation does one page or half-page.
    One,
    /// The halves of the flash: one operation may do one of each (RM0367, 3.3.4: parallel programming). The application area
    /// begins in the first.
    Two,
}

/// What the module is: constants in the loader's area of the flash, read from the chip where the chip knows better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Who made it.
    pub vendor: u16,
    /// Which module.
    pub module_type: u16,
    /// Its board.
    pub hardware: u8,
    /// The name of its type; text, zero padded.
    pub name: [u8; 12],
    /// The chip's unique id.
    pub uid: Uid,
    /// This loader.
    pub loader: Version,
    /// The chip's memories.
    pub geometry: Geometry,
    /// The banks of its flash.
    pub banks: Banks,
    /// The address that the slot gives.
    pub home: Address,
    /// The address that a host has assigned since the power came, if one has. The caller keeps what
    /// [`loader::Loader::assigned`] and [`responder::Responder::assigned`] say in RAM that a reset leaves alone, so that
    /// two modules of one home stay apart while one of them restarts. After a loss of power: `None`.
    pub assigned: Option<Address>,
    /// Counts starts, from RAM that a reset leaves alone; wraps.
    pub starts: u8,
}
