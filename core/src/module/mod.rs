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

pub use crate::wire::identity::Banks;

use crate::time::Duration;
use crate::wire::check::Address;
use crate::wire::identity::Identity;

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
/// As a step counts them.
const PAGE_BYTES: u16 = 128;
const WORD_BYTES: u16 = 4;
/// And in words: all that goes into the flash does so.
const PAGE_WORDS: usize = PAGE_LEN / WORD_LEN;
const HALF_PAGE_WORDS: usize = HALF_PAGE_LEN / WORD_LEN;
const _: () = assert!(
    PAGE_SPAN as usize == PAGE_LEN
        && HALF_PAGE_SPAN as usize == HALF_PAGE_LEN
        && WORD_SPAN as usize == WORD_LEN
        && PAGE_BYTES as usize == PAGE_LEN
        && WORD_BYTES as usize == WORD_LEN
);

/// The longest that a module may keep the bus waiting, by stretching the clock: a transaction waits for the interrupt of the
/// one before, and that for the step that it came into. Of a Cortex-M0+ at 32 MHz with one wait state, counted by hand in
/// the disassembly of the code as it is linked, the longest interrupt takes 198 µs, behind a write of 256 bytes to the EEPROM (a page frame's: 109), and the
/// longest step 83, a commit's last. While the flash works there is no step.
pub const HOLD_MAX: Duration = Duration::from_micros(300);

/// The chip under a loader or an application.
///
/// One flash operation at a time: after [`Chip::start`] the caller waits until the operation has ended and then says so
/// with `flash_ended`. While it runs, whatever reads or runs from the flash waits for its end (RM0367, 3.3.3). So what runs
/// then lies in RAM: the vectors, the I2C interrupt with all that it calls, and the start and wait themselves. Steps are not
/// called then, and may lie in the flash, as the boot does. `firmware` is laid out so.
pub trait Chip {
    /// A word of the flash; `address` is a multiple of 4. Outside the flash it reads as erased.
    fn word(&self, address: u32) -> u32;

    /// Starts an operation on the flash or the EEPROM. Where the caller lies in that flash, it only notes the operation, and
    /// starts it when the step has returned: what that points at stays as it is until `flash_ended`.
    fn start(&mut self, operation: FlashOp<'_>);

    /// A word of the data EEPROM; `offset` is a multiple of 4.
    fn eeprom_word(&self, offset: u32) -> u32;
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
        /// What it is to be.
        word: u32,
    },
    /// Writes a word of the data EEPROM, erasing it first where it must.
    WriteEeprom {
        /// From its start, word-aligned.
        offset: u32,
        /// What it is to be.
        word: u32,
    },
}

/// A half-page that is to be programmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfPage<'a> {
    /// Absolute, at its start.
    pub address: u32,
    /// All of it.
    pub words: &'a [u32; HALF_PAGE_WORDS],
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
    /// Some work was done; call again. The number lets a simulator charge the time.
    Again {
        /// How many bytes of flash were hashed, or could have been in the same time.
        bytes: u16,
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

/// What the module is: constants in the loader's area of the flash, but for the chip's unique id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// As it says it to a host. Of what changes only [`Identity::starts`] is the caller's: it counts starts in RAM that a
    /// reset leaves alone, and wraps. The rest is found out.
    pub identity: Identity,
    /// The address that a host has assigned since the power came, if one has. The caller keeps what
    /// [`loader::Loader::assigned`] and [`responder::Responder::assigned`] say in RAM that a reset leaves alone, so that
    /// two modules of one home stay apart while one of them restarts. After a loss of power: `None`.
    pub assigned: Option<Address>,
}
