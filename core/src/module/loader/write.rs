//! What the loader writes to the flash, and in which order. Refuses to touch a page that the journal does not cover.

use super::{Loader, Purpose, Update, Work, pages_of};
use crate::module::flash::{PageWrite, Progress};
use crate::module::journal::Doubt;
use crate::module::log::Event;
use crate::module::record::{self, Marks, Record};
use crate::module::{Chip, HALF_PAGE_LEN, PAGE_LEN, PAGE_SPAN, Step};
use crate::wire::identity::Why;
use crate::wire::module::{Begin, Outcome, Session, State};
use crate::wire::put;

impl<const RING: usize> Loader<RING> {
    /// Opens an update that may be opened.
    pub(super) fn open(&mut self, session: Session, begin: Begin) -> Step {
        let pages = pages_of(begin.len);
        let doubt = self.doubt().for_image(pages);
        // Not open until the record is erased.
        self.state = State::Loader;
        self.update = Update::new(session, begin, pages, doubt);
        self.note(doubt)
    }

    /// Begins with the ring's oldest page.
    pub(super) fn write_page(&mut self, page: u16) -> Step {
        if let Some(doubt) = self.update.touch(page, Self::WINDOW_LEN) {
            return self.note(doubt);
        }
        self.write(self.page_address(page), Purpose::Page)
    }

    /// Makes the proven image bootable.
    pub(super) fn write_record(&mut self) -> Step {
        let begin = &self.update.begin;
        let record = Record {
            vendor: begin.vendor,
            module_type: begin.module_type,
            whole_below: self.update.whole_below(),
            version: begin.version,
            len: begin.len,
            digest: begin.digest,
        };
        self.stage(&record.emit(self.config.geometry.erased));
        self.record = Some(record);
        self.write(record::address(&self.config.geometry), Purpose::Record)
    }

    /// Does the next part of what is being written.
    pub(super) fn write_on(&mut self, chip: &mut impl Chip) -> Step {
        let Work::Write(write, purpose) = &mut self.work else { return Step::Idle };
        let bytes = match (*purpose, self.ring.front()) {
            (Purpose::Page, Some((_, bytes))) => bytes,
            _ => &self.staging,
        };
        let purpose = *purpose;
        match write.step(chip, bytes, self.config.geometry.erased) {
            Progress::Started => return Step::Flash,
            Progress::Again => self.log.count(Event::Retried),
            Progress::Worn => self.fail(),
            Progress::Written => {
                self.work = Work::None;
                self.written(purpose);
            }
        }
        Step::Again { bytes: PAGE_SPAN }
    }

    fn written(&mut self, purpose: Purpose) {
        match purpose {
            // The page that it was for goes on by itself.
            Purpose::Note if self.state == State::Receiving => {}
            Purpose::Note if self.journal.is_first() => {
                self.note(self.journal.doubt());
            }
            Purpose::Note => {
                (self.record, self.marks, self.why) = (None, Marks::NONE, Why::Interrupted);
                self.stage(&[]);
                self.write(record::address(&self.config.geometry), Purpose::EraseRecord);
            }
            Purpose::EraseRecord => {
                self.state = State::Receiving;
                self.log.push(Event::Opened, self.update.session.0);
                let (first, behind) = self.update.redo();
                for page in [first, behind, 0, 0] {
                    self.port.append(&page.to_le_bytes());
                }
                self.answer(Outcome::Done);
            }
            Purpose::Page => self.ring.pop(),
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
        if let Work::Write(_, Purpose::Record) = self.work {
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

    fn note(&mut self, doubt: Doubt) -> Step {
        let (half, address) = self.journal.note(doubt, &self.config.geometry);
        self.stage(&half);
        self.write(address, Purpose::Note)
    }

    fn write(&mut self, address: u32, purpose: Purpose) -> Step {
        let write = match purpose {
            // It was erased when the update was opened.
            Purpose::Record => PageWrite::onto_erased(address),
            _ => PageWrite::new(address),
        };
        self.work = Work::Write(write, purpose);
        Step::Again { bytes: 0 }
    }

    /// What is to be written next: these bytes, and erased ones behind them.
    fn stage(&mut self, bytes: &[u8]) {
        debug_assert!(bytes.len() <= HALF_PAGE_LEN, "records and notes are half-pages");
        self.staging = [self.config.geometry.erased; PAGE_LEN];
        put(&mut self.staging, bytes);
    }

    pub(super) fn page_address(&self, page: u16) -> u32 {
        let offset = u32::from(page).wrapping_mul(PAGE_SPAN);
        self.config.geometry.application_start.wrapping_add(offset)
    }
}
