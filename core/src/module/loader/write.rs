//! What the loader writes to the flash, and in which order. Refuses to touch a page that the journal does not cover.

use zerocopy::IntoBytes;

use super::{AGAIN, Loader, Work};
use crate::module::bank::Split;
use crate::module::flash::{PageWrite, Progress, Stage, Target, erased_word};
use crate::module::log::Event;
use crate::module::record::{self, Marks, Record};
use crate::module::update::{Note, Turn};
use crate::module::{Chip, PAGE_BYTES, PAGE_SPAN, Step};
use crate::wire::check::Address;
use crate::wire::identity::{Geometry, Installed, Trial, Why};
use crate::wire::module::{Outcome, State};

/// A record or a note was made, and what it depends on looked at: that takes as long as to hash three pages.
const SEALED_PAGE: Step = Step::Again { bytes: 3 * PAGE_BYTES };

impl<const RING: usize> Loader<RING> {
    /// Opens an update that may be opened.
    pub(super) fn open(&mut self, image: Installed, pages: u16) -> Step {
        let group = self.port.argument();
        // Not open until the record is erased.
        self.state = State::Loader;
        (self.identity.installed, self.identity.trial) = (image, Trial::None);
        self.update.session = self.port.session();
        self.update.group = Address::new(group);
        let split = Split::of(&self.identity.geometry);
        self.update.open(pages, split, &mut self.journal.doubt, Self::RING_FRAMES.into());
        self.note(0)
    }

    /// Begins with the ring's oldest pages.
    #[inline(never)]
    pub(super) fn write_pages(&mut self) -> Step {
        let Some(slot) = self.ring.get(0) else { return Step::Idle };
        let page = slot.number;
        let next = self.ring.get(1).map(|slot| slot.number);
        match self.update.turn(page, next, &mut self.journal.doubt.torn) {
            Turn { note: Note::Due, pages } => self.note(pages),
            Turn { note: Note::Stands, pages } => self.write(Work::Pages, pages),
        }
    }

    /// Makes the proven image bootable.
    pub(super) fn write_record(&mut self) -> Step {
        let identity = &self.identity;
        let record = Record {
            vendor: identity.vendor,
            module_type: identity.module_type,
            whole_below: self.journal.doubt.whole_below,
            installed: identity.installed,
        };
        record.emit(&mut self.staging, erased_word(&identity.geometry));
        self.write(Work::Record, 0);
        SEALED_PAGE
    }

    /// Does the next part of what is being written.
    pub(super) fn write_on(&mut self, chip: &mut impl Chip) -> Step {
        let (work, beside) = (self.work, self.beside);
        let geometry = &self.identity.geometry;
        let slot = |index: u8| {
            let slot = self.ring.get(index.into()).filter(|_| index < beside)?;
            Some(Target { address: page_address(geometry, slot.number.into()), page: &slot.page })
        };
        let staged = match work {
            Work::Pages => None,
            Work::Note => Some(self.journal.address(geometry)),
            _ => Some(record::address(geometry)),
        };
        let (first, second) = match staged {
            Some(address) => (Some(Target { address, page: &self.staging }), slot(0)),
            None => (slot(0), slot(1)),
        };
        let Some(first) = first else { return Step::Idle };
        match self.write.step(chip, first, second, erased_word(geometry)) {
            Progress::Started => return Step::Flash,
            Progress::Passed => return AGAIN,
            Progress::Again => self.log.count(Event::Retried),
            Progress::Worn => self.fail(),
            Progress::Written => {
                self.work = Work::None;
                self.ring.pop(beside.into());
                self.written(work);
            }
        }
        // Read back: all that was written.
        let pages_read = u16::from(beside).wrapping_add(u16::from(work != Work::Pages));
        Step::Again { bytes: pages_read.wrapping_mul(PAGE_BYTES) }
    }

    #[inline(never)]
    fn written(&mut self, work: Work) {
        if work == Work::Note {
            self.journal.noted();
        }
        match work {
            Work::Note if self.state == State::Receiving => {
                // The page that it was for goes on by itself.
            }
            Work::Note if self.journal.is_first() => {
                self.note(0);
            }
            Work::Note => {
                (self.marks, self.identity.why) = (Marks::NONE, Why::Interrupted);
                self.staging.fill(erased_word(&self.identity.geometry));
                self.write(Work::EraseRecord, 0);
            }
            Work::EraseRecord => {
                self.state = State::Receiving;
                self.log.push(Event::Opened, self.update.session.0);
                self.port.append(self.journal.doubt.torn.as_bytes());
                self.answer(Outcome::Done);
            }
            Work::Record => {
                self.state = State::Committed;
                (self.identity.why, self.identity.trial) = (Why::Requested, Trial::Pending);
                self.journal.settle(self.journal.doubt.whole_below);
                self.log.push(Event::Committed, self.update.session.0);
                self.port.append_word(self.identity.installed.digest);
                self.answer(Outcome::Done);
            }
            _ => {}
        }
    }

    /// The flash does not take its bytes: this update cannot go on.
    fn fail(&mut self) {
        self.work = Work::None;
        self.state = State::Failed;
        self.ring.clear();
        if self.port.is_working() {
            self.answer(Outcome::FlashWorn);
        } else {
            self.refuse(Outcome::FlashWorn);
        }
    }

    #[inline(never)]
    fn note(&mut self, pages: u8) -> Step {
        self.journal.note(&mut self.staging, &self.identity.geometry);
        self.write(Work::Note, pages);
        SEALED_PAGE
    }

    #[inline(never)]
    fn write(&mut self, work: Work, pages: u8) -> Step {
        let stage = match work {
            // It was erased when the update was opened.
            Work::Record => Stage::ProgramLow,
            _ => Stage::Erase,
        };
        (self.write, self.work, self.beside) = (PageWrite::from(stage), work, pages);
        AGAIN
    }
}

/// Where a page of the application area is.
pub(super) fn page_address(geometry: &Geometry, page: u32) -> u32 {
    geometry.application_start.wrapping_add(page.wrapping_mul(PAGE_SPAN))
}
