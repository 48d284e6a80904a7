//! What the loader writes to the flash, and in which order. Refuses to touch a page that the journal does not cover.

use super::{Loader, Purpose, Work, pages_of};
use crate::module::bank::Split;
use crate::module::flash::{PageWrite, Progress, Stage};
use crate::module::journal::Doubt;
use crate::module::log::Event;
use crate::module::record::{self, Marks, Record};
use crate::module::update::Turn;
use crate::module::{Chip, HALF_PAGE_LEN, PAGE_LEN, PAGE_SPAN, Step};
use crate::wire::identity::{Geometry, Why};
use crate::wire::module::{Begin, Outcome, Session, State};
use crate::wire::put;

impl<const RING: usize> Loader<RING> {
    /// Opens an update that may be opened.
    pub(super) fn open(&mut self, session: Session, begin: &Begin) -> Step {
        let pages = pages_of(begin.len);
        // Not open until the record is erased.
        self.state = State::Loader;
        let (split, ring) = (Split::of(&self.config), Self::RING_FRAMES.into());
        self.update.open(session, begin, pages, split, self.doubt(), ring);
        self.note(self.update.doubt(), 0)
    }

    /// Begins with the ring's oldest pages.
    #[inline(never)]
    pub(super) fn write_pages(&mut self) -> Step {
        let Some((page, _)) = self.ring.get(0) else { return Step::Idle };
        let next = self.ring.get(1).map(|(next, _)| next);
        match self.update.turn(page, next) {
            Turn { note: Some(doubt), pages } => self.note(doubt, pages),
            Turn { note: None, pages } => self.write(Purpose::Pages, pages),
        }
    }

    /// Makes the proven image bootable.
    pub(super) fn write_record(&mut self) -> Step {
        let begin = &self.update.begin;
        let record = Record {
            vendor: begin.vendor,
            module_type: begin.module_type,
            whole_below: self.update.doubt().map(|doubt| doubt.whole_below),
            version: begin.version,
            len: begin.len,
            digest: begin.digest,
        };
        self.stage(&record.emit(self.config.geometry.erased));
        self.record = Some(record);
        self.write(Purpose::Record, 0)
    }

    /// Does the next part of what is being written.
    pub(super) fn write_on(&mut self, chip: &mut impl Chip) -> Step {
        let Work::Write(write, purpose, pages) = &mut self.work else { return Step::Idle };
        let (purpose, pages) = (*purpose, *pages);
        let geometry = &self.config.geometry;
        let page = |index: u8| {
            let (page, bytes) = self.ring.get(index.into()).filter(|_| index < pages)?;
            Some((page_address(geometry, page), bytes))
        };
        let targets = match purpose {
            Purpose::Pages => [page(0), page(1)],
            Purpose::Note => [Some((self.journal.address(geometry), &self.staging)), page(0)],
            _ => [Some((record::address(geometry), &self.staging)), None],
        };
        match write.step(chip, &targets, geometry.erased) {
            Progress::Started => return Step::Flash,
            Progress::Again => self.log.count(Event::Retried),
            Progress::Worn => self.fail(),
            Progress::Written => {
                self.work = Work::None;
                self.ring.pop(pages.into());
                self.written(purpose);
            }
        }
        // Read back: all that was written.
        let pages_read = u32::from(pages).saturating_add(u32::from(purpose != Purpose::Pages));
        Step::Again { bytes: PAGE_SPAN.wrapping_mul(pages_read) }
    }

    #[inline(never)]
    fn written(&mut self, purpose: Purpose) {
        match purpose {
            // The page that it was for goes on by itself.
            Purpose::Note if self.state == State::Receiving => {}
            Purpose::Note if self.journal.is_first() => {
                self.note(self.journal.doubt(), 0);
            }
            Purpose::Note => {
                (self.record, self.marks, self.why) = (None, Marks::NONE, Why::Interrupted);
                self.stage(&[]);
                self.write(Purpose::EraseRecord, 0);
            }
            Purpose::EraseRecord => {
                self.state = State::Receiving;
                self.log.push(Event::Opened, self.update.session.0);
                for doubt in self.update.doubt() {
                    self.port.append(&doubt.first.to_le_bytes());
                    self.port.append(&doubt.behind.to_le_bytes());
                }
                self.answer(Outcome::Done);
            }
            Purpose::Pages => {}
            Purpose::Record => {
                self.state = State::Committed;
                self.why = Why::Requested;
                self.log.push(Event::Committed, self.update.session.0);
                self.port.append(&self.update.begin.digest.to_le_bytes());
                self.answer(Outcome::Done);
            }
        }
    }

    /// The flash does not take its bytes: this update cannot go on.
    fn fail(&mut self) {
        if let Work::Write(_, Purpose::Record, _) = self.work {
            self.record = None;
        }
        self.work = Work::None;
        self.state = State::Failed;
        self.ring.clear();
        if self.port.is_working() {
            self.answer(Outcome::FlashWorn);
        } else {
            self.log.push(Event::Refused, Outcome::FlashWorn as u8);
            self.port.set_outcome(Outcome::FlashWorn);
        }
    }

    fn note(&mut self, doubt: [Doubt; 2], pages: u8) -> Step {
        let half = self.journal.note(doubt, self.config.geometry.erased);
        self.stage(&half);
        self.write(Purpose::Note, pages)
    }

    fn write(&mut self, purpose: Purpose, pages: u8) -> Step {
        let stage = match purpose {
            // It was erased when the update was opened.
            Purpose::Record => Stage::ProgramLow,
            _ => Stage::Erase,
        };
        self.work = Work::Write(PageWrite::from(stage), purpose, pages);
        Step::Again { bytes: 0 }
    }

    /// What is to be written next: these bytes, and erased ones behind them.
    fn stage(&mut self, bytes: &[u8]) {
        debug_assert!(bytes.len() <= HALF_PAGE_LEN, "records and notes are half-pages");
        self.staging = [self.config.geometry.erased; PAGE_LEN];
        put(&mut self.staging, bytes);
    }
}

/// Where a page of the application area is.
pub(super) fn page_address(geometry: &Geometry, page: u16) -> u32 {
    geometry.application_start.wrapping_add(u32::from(page).wrapping_mul(PAGE_SPAN))
}
