//! The loader: takes an update page by page, and proves it. Refuses what is not for this module, and to make anything
//! bootable that it has not proven over the flash itself.
//!
//! The order is what makes it safe when the power goes at any moment (see [`super::record`] and `journal`):
//!
//! 1. Begin: note in the journal which pages may be torn; then erase the record: nothing is bootable from here on.
//! 2. Pages: what may be torn first, the vectors last. Before a page is touched, the journal's note covers it. A page
//!    counts when it reads back, and stays in the ring until then.
//! 3. Commit: a digest over the flash, the image's header and vectors; then the record, in one operation.

mod execute;
mod write;

use super::flash::{Hash, Page, PageWrite, Stage};
use super::journal::Journal;
use super::log::{Event, Log};
use super::port::{Port, SEALED};
use super::record::{Marks, Record};
use super::ring::Ring;
use super::update::{Update, Verdict};
use super::{Chip, Config, FlashEnd, PAGE_SPAN, PAGE_WORDS, Step};
use crate::wire::check::{Address, Crc32};
use crate::wire::identity::{Identity, Why};
use crate::wire::message::PROTOCOL;
use crate::wire::module::{Outcome, PageFrame, Room, State, Status};
use crate::wire::request::command;

/// A running loader with room for `RING` page frames.
///
/// [`Self::on_write`] and [`Self::on_read`] belong into the I2C interrupt, [`Self::step`] into the main loop. Steps are
/// short; the caller holds that interrupt back while one runs, but not while the flash works.
///
/// Its order is laid down: a Cortex-M0+ reaches a byte within 32 of a pointer, a word within 128, with one instruction.
#[derive(Debug)]
#[repr(C)]
pub struct Loader<const RING: usize> {
    state: State,
    work: Work,
    write: PageWrite,
    /// So many pages of the ring are written beside what the write is for, or side by side.
    beside: u8,
    /// How often the next word of the EEPROM was tried.
    tries: u8,
    marks: Marks,
    /// What of the flash is hashed. For what is done piece by piece, where the next piece is and how many are left.
    hash: Hash,
    at: u32,
    left: u32,
    update: Update,
    journal: Journal,
    /// What a host is told, and at the same time what is known of the application.
    identity: Identity,
    port: Port,
    log: Log,
    /// What is written when it is no page of the ring.
    staging: Page,
    ring: Ring<RING>,
}

/// What takes more than one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    None,
    /// A page is written. The journal's next note; then what it was for.
    Note,
    /// The record is erased, and the update open.
    EraseRecord,
    /// Pages of the ring, the oldest.
    Pages,
    /// The record is written, and the update committed.
    Record,
    /// The flash is hashed, for a host.
    Respond,
    /// For a commit.
    Commit,
    /// For a start.
    Run,
    /// One by one, words are put into the response: digests of pages.
    PageDigests,
    /// Of the flash.
    Read,
    EepromRead,
    /// The request's bytes are on their way into the EEPROM.
    Eeprom,
}

/// Nothing was read of the flash, and there is more to do.
const AGAIN: Step = Step::Again { bytes: 0 };

impl<const RING: usize> Loader<RING> {
    /// Before the reset's end, and all zeros: [`Self::start`] makes it run where it lies. It is too long for a stack.
    pub const fn new() -> Self {
        Self {
            state: State::Application,
            work: Work::None,
            write: PageWrite::from(Stage::Erase),
            beside: 0,
            tries: 0,
            marks: Marks::UNKNOWN,
            hash: Hash::new(0, 0),
            at: 0,
            left: 0,
            update: Update::NONE,
            journal: Journal::NONE,
            identity: Identity::NONE,
            port: Port::new(),
            log: Log::new(),
            staging: [0; PAGE_WORDS],
            ring: Ring::new(),
        }
    }

    /// After a reset that led here for the reason `why`.
    pub fn start(&mut self, config: &Config, why: Why, chip: &impl Chip) {
        self.state = State::Loader;
        self.identity = config.identity;
        let identity = &mut self.identity;
        (identity.protocol, identity.ring, identity.why) = (PROTOCOL, Self::RING_FRAMES, why);
        self.marks = Marks::read(&identity.geometry, chip);
        self.journal = Journal::read(&identity.geometry, chip);
        if let Some(record) = Record::read(identity, chip) {
            (identity.installed, identity.trial) = (record.installed, self.marks.trial);
            // Whatever has damaged it may have done so to any page.
            let whole_below = if why == Why::Damaged { 0 } else { record.whole_below };
            self.journal.settle(whole_below);
        }
        self.log.push(Event::Started, why as u8);
        self.port.start(config.assigned, &self.identity);
    }

    /// Whether it acknowledges this address now: one of two at most, as many as the chip compares at once.
    pub fn listens(&self, address: Address) -> bool {
        self.assigned() == Some(address) || self.shared() == Some(address)
    }

    /// The address beside its own, which it shares with others: the one for enumeration if a host has asked for it, else the
    /// group's of the update that is open.
    #[inline(always)] // As `Log::count`.
    pub fn shared(&self) -> Option<Address> {
        if self.port.enumerates() {
            Some(Address::ENUMERATION)
        } else if self.state == State::Receiving {
            self.update.group
        } else {
            None
        }
    }

    /// See [`Config::assigned`].
    pub fn assigned(&self) -> Option<Address> {
        self.port.assigned()
    }

    /// A write transaction to `to` has ended. Short: may be called from the I2C interrupt.
    pub fn on_write(&mut self, to: Address, frame: &[u8]) {
        if !self.listens(to) {
            return;
        }
        let Ok(covered) = Crc32::to(to).open(frame) else { return self.log.count(Event::Damaged) };
        if let Ok(frame) = PageFrame::of(covered) {
            self.hear_page(&frame);
        } else if !to.is_a_group_s() {
            self.port.hear(covered, &self.identity);
        }
    }

    /// Fills `bytes` with what a read from `from` returns. Short: may be called from the I2C interrupt.
    pub fn on_read(&mut self, from: Address, bytes: &mut [u8]) {
        let room = if self.state == State::Receiving { self.ring.room() } else { 0 };
        let status = Status {
            state: self.state,
            busy: self.port.busy(),
            tag: self.port.tag(),
            outcome: self.port.outcome(),
            room: Room::of(room),
            received: self.update.received,
            session: self.update.session,
        };
        self.port.read(from, &status, bytes);
    }

    /// Does the next small piece of work.
    #[inline(never)]
    pub fn step(&mut self, chip: &mut impl Chip) -> Step {
        if self.port.seal(&self.identity) {
            return SEALED;
        }
        if let Some(command) = self.port.pending() {
            let is_still = self.work == Work::None && self.ring.is_empty();
            if is_still || is_short(command) {
                return self.execute();
            }
        }
        match self.work {
            Work::None => self.write_pages(),
            Work::Note | Work::EraseRecord | Work::Pages | Work::Record => self.write_on(chip),
            Work::Respond | Work::Commit | Work::Run => self.hash_on(chip),
            Work::PageDigests | Work::Read | Work::EepromRead => self.tell_word(chip),
            Work::Eeprom => self.eeprom_word(chip),
        }
    }

    /// The operation that a step started has ended. Of a word of the EEPROM reading it back tells how.
    pub fn flash_ended(&mut self, end: FlashEnd) {
        self.write.ended(end);
    }

    fn hear_page(&mut self, frame: &PageFrame<'_>) {
        if self.state != State::Receiving {
            return;
        }
        match self.update.judge(frame, self.ring.room()) {
            Verdict::Take => {
                if let Some(bytes) = frame.bytes.first_chunk() {
                    self.ring.push(frame.page, bytes);
                    self.update.take(frame.page);
                    self.port.set_outcome(Outcome::Done);
                }
            }
            Verdict::Foreign => {}
            Verdict::Repeat => self.log.count(Event::Repeated),
            Verdict::Missed => self.log.count(Event::Missed),
            Verdict::Refuse(outcome) => self.refuse(outcome),
        }
    }

    /// Something has happened that the last request's outcome must say.
    #[inline(always)] // As `Log::count`.
    fn refuse(&mut self, outcome: Outcome) {
        self.port.set_outcome(outcome);
        self.log.push(Event::Refused, outcome as u8);
    }

    /// Ends the request that the work was for.
    #[inline(never)]
    fn done(&mut self, outcome: Outcome) -> Step {
        self.work = Work::None;
        self.answer(outcome)
    }

    /// Ends the request. What is being written goes on: a short one may come between.
    #[inline(never)]
    fn answer(&mut self, outcome: Outcome) -> Step {
        if outcome != Outcome::Done {
            self.log.push(Event::Refused, outcome as u8);
        }
        self.port.answer(outcome);
        AGAIN
    }

    /// As the identity says it: [`Ring`] has checked that it can.
    #[expect(clippy::cast_possible_truncation, reason = "a ring has less than 256 slots")]
    const RING_FRAMES: u8 = RING as u8;
}

impl<const RING: usize> Default for Loader<RING> {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a request needs neither the flash nor the ring to be still.
fn is_short(command: u8) -> bool {
    matches!(
        command,
        command::IDENTIFY | command::ASSIGN | command::ENUMERATE | command::LOG | command::BLINK
    )
}

/// How many pages so many bytes touch. 8 MB of flash is more than any module's chip has.
fn pages_of(len: u32) -> u16 {
    u16::try_from(len.div_ceil(PAGE_SPAN)).unwrap_or(u16::MAX)
}
