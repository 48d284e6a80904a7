//! ST's ROM loader in an STM32L071 as AN4221 describes it over I2C: what our loader is compared with.
//!
//! Every frame is a transaction of its own, and so is every answer: `command ~command`, an address with its XOR, `n-1` with
//! data and XOR. While the flash works, a *no-stretch* command answers BUSY.
//!
//! Kind to the original: it answers at once (the ROM stretches the clock for 2 to 50 µs first, AN2606), programs whole
//! half-pages (as the 13 ms that 256 bytes are known to take show), and does not reset after a second of silence.
//!
//! Refuses (NACK) the forms that hold the clock for as long as the flash takes, which no shared bus can bear, and
//! everything about protection.

use std::collections::VecDeque;

use rackflash_core::module::{Chip, FlashOp, HALF_PAGE_LEN, HalfPage, PAGE_LEN, Step, WORD_LEN};
use rackflash_core::wire::check::Address;

use crate::chip::FLASH_START;
use crate::memory::Memory;

/// Where an STM32L071's ROM listens (AN2606).
pub const ADDRESS: Address = Address::new(0x42).unwrap();
/// The fastest clock it is specified for (AN2606).
pub const CLOCK_MAX_HZ: u32 = 400_000;
/// The most bytes of a write or a read.
pub const DATA_LEN_MAX: usize = 256;
/// The most pages of an erase (AN4221).
pub const ERASE_PAGES_MAX: usize = 512;

/// Done, or understood.
pub const ACK: u8 = 0x79;
/// Not understood, or not allowed.
pub const NACK: u8 = 0x1f;
/// The flash works.
pub const BUSY: u8 = 0x76;

/// What it can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Command {
    /// Answers the version of the protocol and these codes.
    Get = 0x00,
    /// Answers the version of the protocol.
    GetVersion = 0x01,
    /// Answers the chip's product number.
    GetId = 0x02,
    /// Address; length; answers the bytes.
    ReadMemory = 0x11,
    /// Address; starts what is there.
    Go = 0x21,
    /// Address; bytes that are programmed into what was erased.
    WriteNoStretch = 0x32,
    /// Number of pages; their numbers.
    EraseNoStretch = 0x45,
}

impl Command {
    const COUNT: u8 = 7;
    const ALL: [Self; Self::COUNT as usize] = [
        Self::Get,
        Self::GetVersion,
        Self::GetId,
        Self::ReadMemory,
        Self::Go,
        Self::WriteNoStretch,
        Self::EraseNoStretch,
    ];

    /// The frame that begins it.
    pub const fn frame(self) -> [u8; 2] {
        [self as u8, !(self as u8)]
    }
}

/// The protocol with no-stretch commands.
const VERSION: u8 = 0x11;
/// An STM32L07x or L08x.
const PRODUCT: [u8; 2] = [0x04, 0x47];

/// Core's lengths, as distances between addresses.
const PAGE: u32 = 128;
const HALF_PAGE: u32 = 64;
const WORD: u32 = 4;
const _: () = assert!(
    PAGE as usize == PAGE_LEN && HALF_PAGE as usize == HALF_PAGE_LEN && WORD as usize == WORD_LEN
);

/// The ROM loader while it runs.
#[derive(Debug)]
pub(crate) struct Rom {
    expects: Expects,
    answers: VecDeque<Answer>,
    work: VecDeque<Work>,
    flash_len: usize,
}

/// Which frame comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    Command,
    Address(Command),
    Length {
        from: u32,
    },
    Data {
        at: u32,
    },
    Count,
    Pages {
        count: usize,
    },
    /// None: it is about to jump, or has jumped and is silent once the application is up.
    Nothing(Jump),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Jump {
    Ahead,
    Done,
}

/// What one read is answered.
#[derive(Debug)]
enum Answer {
    Bytes(Vec<u8>),
    Memory(u32),
}

#[derive(Debug)]
enum Work {
    Erase(u32),
    HalfPage(u32, Box<[u32; HALF_PAGE_LEN / WORD_LEN]>),
    Word(u32, [u8; WORD_LEN]),
}

impl Rom {
    pub(crate) fn new(memory: &Memory) -> Self {
        Self {
            expects: Expects::Command,
            answers: VecDeque::new(),
            work: VecDeque::new(),
            flash_len: memory.flash().len(),
        }
    }

    pub(crate) fn on_write(&mut self, frame: &[u8]) {
        if !self.work.is_empty() {
            return;
        }
        self.answers.clear();
        let expected = core::mem::replace(&mut self.expects, Expects::Command);
        let accepted = self.accept(expected, frame);
        let answer = if accepted.is_some() { ACK } else { NACK };
        self.answers.push_front(Answer::Bytes(vec![answer]));
    }

    /// What a read returns. What is read beyond an answer, or when there is none, is a line that nobody pulls.
    pub(crate) fn on_read(&mut self, memory: &Memory, bytes: &mut [u8]) {
        bytes.fill(0xff);
        if !self.work.is_empty() {
            bytes[..1].fill(BUSY);
            return;
        }
        match self.answers.pop_front() {
            Some(Answer::Memory(address)) => memory.read(address, bytes),
            Some(Answer::Bytes(answer)) => {
                let len = answer.len().min(bytes.len());
                bytes[..len].copy_from_slice(&answer[..len]);
            }
            None => {}
        }
    }

    /// Takes a frame in; `None`: it is not what it should be.
    fn accept(&mut self, expected: Expects, frame: &[u8]) -> Option<()> {
        match expected {
            Expects::Command => {
                let command = Command::ALL.into_iter().find(|c| c.frame() == *frame)?;
                self.begin(command);
            }
            Expects::Address(command) => {
                let address = u32::from_be_bytes(*checked(frame)?.as_array()?);
                self.has(address, 1).then_some(())?;
                match command {
                    Command::ReadMemory => self.expects = Expects::Length { from: address },
                    Command::WriteNoStretch => self.expects = Expects::Data { at: address },
                    _ => self.expects = Expects::Nothing(Jump::Ahead),
                }
            }
            Expects::Length { from } => {
                let [last, complement] = *frame.as_array()?;
                (complement == !last && self.has(from, usize::from(last) + 1)).then_some(())?;
                self.answers.push_back(Answer::Memory(from));
            }
            Expects::Data { at } => {
                let (last, bytes) = checked(frame)?.split_first()?;
                let whole = bytes.len() == usize::from(*last) + 1 && self.has(at, bytes.len());
                let aligned = at.is_multiple_of(WORD) && bytes.len().is_multiple_of(WORD_LEN);
                (whole && aligned).then_some(())?;
                self.program(at, bytes);
            }
            Expects::Count => {
                let count = usize::from(u16::from_be_bytes(*checked(frame)?.as_array()?)) + 1;
                // The codes for whole banks are beyond it: an L0 has no mass erase.
                (count <= ERASE_PAGES_MAX).then_some(())?;
                self.expects = Expects::Pages { count };
            }
            Expects::Pages { count } => {
                let pages = checked(frame)?.as_chunks::<2>().0;
                (pages.len() == count).then_some(())?;
                for page in pages {
                    let offset = u32::from(u16::from_be_bytes(*page)) * PAGE;
                    self.work.push_back(Work::Erase(FLASH_START + offset));
                }
            }
            Expects::Nothing(_) => return None,
        }
        Some(())
    }

    fn begin(&mut self, command: Command) {
        let mut answer = |bytes: &[u8]| {
            self.answers.push_back(Answer::Bytes(bytes.to_vec()));
            self.answers.push_back(Answer::Bytes(vec![ACK]));
        };
        match command {
            Command::Get => {
                let mut bytes = vec![Command::COUNT, VERSION];
                bytes.extend(Command::ALL.map(|command| command as u8));
                answer(&bytes);
            }
            Command::GetVersion => answer(&[VERSION]),
            Command::GetId => answer(&[1, PRODUCT[0], PRODUCT[1]]),
            Command::ReadMemory | Command::Go | Command::WriteNoStretch => {
                self.expects = Expects::Address(command);
            }
            Command::EraseNoStretch => self.expects = Expects::Count,
        }
    }

    /// Whole half-pages at once, what is left word by word.
    fn program(&mut self, mut at: u32, mut bytes: &[u8]) {
        while let Some((word, behind)) = bytes.split_first_chunk() {
            let half = bytes.split_first_chunk().filter(|_| at.is_multiple_of(HALF_PAGE));
            let (work, len, rest) = match half {
                Some((half, rest)) => (Work::HalfPage(at, Box::new(words(half))), HALF_PAGE, rest),
                None => (Work::Word(at, *word), WORD, behind),
            };
            self.work.push_back(work);
            (at, bytes) = (at + len, rest);
        }
    }

    /// Whether all of this is flash.
    fn has(&self, address: u32, len: usize) -> bool {
        let offset = address.wrapping_sub(FLASH_START) as usize;
        offset.checked_add(len).is_some_and(|end| end <= self.flash_len)
    }

    /// Whether it has jumped to the application.
    pub(crate) fn has_jumped(&self) -> bool {
        self.expects == Expects::Nothing(Jump::Done)
    }

    /// The next piece of work; [`Step::RestartApplication`] is the jump.
    pub(crate) fn step(&mut self, memory: &mut Memory) -> Step {
        match self.work.front() {
            None if self.expects == Expects::Nothing(Jump::Ahead) => {
                self.expects = Expects::Nothing(Jump::Done);
                return Step::RestartApplication;
            }
            None => return Step::Idle,
            Some(Work::Erase(address)) => {
                memory.start(FlashOp::Erase { address: *address, also: None });
            }
            Some(Work::HalfPage(address, words)) => {
                let half = HalfPage { address: *address, words };
                memory.start(FlashOp::ProgramHalfPage { half, also: None });
            }
            Some(Work::Word(address, bytes)) => {
                memory.start(FlashOp::ProgramWord {
                    address: *address,
                    word: u32::from_le_bytes(*bytes),
                });
            }
        }
        Step::Flash
    }

    /// How it ended is not looked at: a host finds out by reading.
    pub(crate) fn flash_ended(&mut self) {
        self.work.pop_front();
    }
}

/// The bytes before the XOR over them.
fn checked(frame: &[u8]) -> Option<&[u8]> {
    let (check, bytes) = frame.split_last()?;
    (xor(bytes) == *check).then_some(bytes)
}

/// What proves a frame.
pub fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |xor, byte| xor ^ byte)
}

/// The words of bytes.
fn words(bytes: &[u8; HALF_PAGE_LEN]) -> [u32; HALF_PAGE_LEN / WORD_LEN] {
    let mut words = [0; HALF_PAGE_LEN / WORD_LEN];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}
