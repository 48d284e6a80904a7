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

use super::bank::Split;
use super::flash::{Hash, PageWrite};
use super::journal::{Doubt, Journal};
use super::log::{Event, Log};
use super::port::{Heard, Port, Standing};
use super::record::{Marks, Record};
use super::ring::Ring;
use super::update::{Update, Verdict};
use super::{Chip, Config, FlashEnd, PAGE_LEN, PAGE_SPAN, Step};
use crate::wire::check::Address;
use crate::wire::identity::Why;
use crate::wire::module::{Outcome, PAGE_COMMAND, PageFrame, Request, Room, State, Status};

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
    why: Why,
    marks: Marks,
    work: Work,
    update: Update,
    record: Option<Record>,
    journal: Journal,
    config: Config,
    port: Port,
    log: Log,
    /// What is written when it is no page of the ring.
    staging: [u8; PAGE_LEN],
    ring: Ring<RING>,
}

/// What takes more than one step.
#[derive(Debug)]
enum Work {
    None,
    /// And so many pages of the ring are written beside what it is for, or side by side.
    Write(PageWrite, Purpose, u8),
    Hash(Hash, Then),
    /// The pages whose digest is still owed: the first one's address, their number.
    PageDigests(u32, u8),
    /// The payload is on its way into the EEPROM: to where, how much of it is there; how often the next word was tried.
    Eeprom {
        offset: u16,
        done: usize,
        tries: u8,
    },
}

/// Which page is being written, and with it what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The journal's next note; then what it was for.
    Note,
    /// The record is erased, and the update open.
    EraseRecord,
    /// Pages of the ring, the oldest.
    Pages,
    /// The record is written, and the update committed.
    Record,
}

/// What a digest is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Respond,
    Commit,
    Run,
}

impl<const RING: usize> Loader<RING> {
    /// After a reset that led here for the reason `why`.
    pub fn new(config: Config, why: Why, chip: &impl Chip) -> Self {
        let mut loader = Self {
            port: Port::new(&config),
            log: Log::new(),
            why,
            record: Record::read(&config, chip),
            marks: Marks::read(&config.geometry, chip),
            journal: Journal::read(&config, chip),
            state: State::Loader,
            update: Update::NONE,
            ring: Ring::new(),
            work: Work::None,
            staging: [0; PAGE_LEN],
            config,
        };
        loader.log.push(Event::Started, why as u8);
        let identity = loader.standing().identity(&loader.config);
        loader.port.greet(&identity);
        loader
    }

    /// Whether it acknowledges this address now: its own, and one more at most, as many as the chip compares at once. That
    /// is the one for enumeration if a host has asked for it, else the group's of the update that is open.
    pub fn listens(&self, address: Address) -> bool {
        let group = if self.state == State::Receiving { self.update.begin.group } else { None };
        self.port.listens(address) || group == Some(address) && !self.port.enumerates()
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
        if frame.first() == Some(&PAGE_COMMAND) {
            self.hear_page(to, frame);
        } else if !self.port.listens(to) {
            // Nothing else is for a group.
        } else if self.port.hear(to, frame, &self.config) == Heard::Damaged {
            self.log.count(Event::Damaged);
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
    #[inline(never)] // alone it is 400 bytes smaller than within its caller
    pub fn step(&mut self, chip: &mut impl Chip) -> Step {
        if self.port.seal() {
            return Step::Again { bytes: 0 };
        }
        if let Some(frame) = self.port.pending() {
            let request = frame.request();
            let still = matches!(self.work, Work::None) && self.ring.is_empty();
            if still || request.is_none_or(|(_, request)| is_short(&request)) {
                self.port.take_up();
                return self.execute(request, chip);
            }
        }
        match &mut self.work {
            Work::None => self.write_pages(),
            Work::Write(..) => self.write_on(chip),
            Work::Hash(hash, then) => match hash.step(chip) {
                0 => {
                    let (digest, then) = (hash.finish(), *then);
                    self.work = Work::None;
                    self.hashed(digest, then, chip)
                }
                bytes => Step::Again { bytes },
            },
            Work::PageDigests(..) => self.page_digest(chip),
            Work::Eeprom { .. } => self.eeprom_word(chip),
        }
    }

    /// The operation that a step started has ended.
    pub fn flash_ended(&mut self, end: FlashEnd) {
        if let Work::Write(write, ..) = &mut self.work {
            write.ended(end);
        }
    }

    fn hear_page(&mut self, to: Address, frame: &[u8]) {
        let Ok(frame) = PageFrame::parse(to, frame) else { return self.log.count(Event::Damaged) };
        if self.state != State::Receiving {
            return;
        }
        match self.update.judge(&frame, self.ring.room()) {
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
            Verdict::Refuse(outcome) => {
                self.port.set_outcome(outcome);
                self.log.push(Event::Refused, outcome as u8);
            }
        }
    }

    /// Ends the request.
    fn answer(&mut self, outcome: Outcome) -> Step {
        if outcome != Outcome::Done {
            self.log.push(Event::Refused, outcome as u8);
        }
        self.port.answer(outcome);
        Step::Again { bytes: 0 }
    }

    /// What may be torn in each bank, when no update is open.
    fn doubt(&self) -> [Doubt; 2] {
        let whole_below = match &self.record {
            // Whatever has damaged it may have done so to any page.
            Some(_) if self.why == Why::Damaged => [0; 2],
            Some(record) => record.whole_below,
            None => return self.journal.doubt(),
        };
        Doubt::in_each(Split::of(&self.config), whole_below)
    }

    fn standing(&self) -> Standing {
        let application = self.record.map(|record| record.installed(self.marks.trial));
        Standing { why: self.why, application, ring: Self::RING_FRAMES }
    }

    /// As the identity says it: [`Ring`] has checked that it can.
    #[expect(clippy::cast_possible_truncation, reason = "a ring has less than 256 slots")]
    const RING_FRAMES: u8 = RING as u8;
}

/// Whether a request needs neither the flash nor the ring to be still.
fn is_short(request: &Request<'_>) -> bool {
    matches!(
        request,
        Request::Identify
            | Request::Assign { .. }
            | Request::Enumerate
            | Request::Log
            | Request::Blink { .. }
    )
}

/// How many pages so many bytes touch. 8 MB of flash is more than any module's chip has.
fn pages_of(len: u32) -> u16 {
    u16::try_from(len.div_ceil(PAGE_SPAN)).unwrap_or(u16::MAX)
}
