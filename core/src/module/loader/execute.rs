//! What each request does. Refuses, with the reason, what is not for this module or outside its memories.

use super::write::page_address;
use super::{Loader, Then, Work, pages_of};
use crate::module::flash::{Hash, is_flash};
use crate::module::port::Known;
use crate::module::record::{ATTEMPTS_MAX, application_len};
use crate::module::{Chip, FlashOp, PAGE_LEN, PAGE_SPAN, Step, WORD_LEN, WORD_SPAN};
use crate::wire::digest::digest;
use crate::wire::header::{HEADER_LEN, HEADER_OFFSET, ImageHeader};
use crate::wire::identity::Trial;
use crate::wire::module::{Begin, DATA_LEN_MAX, Outcome, Request, Session, State};

/// The most pages that one request asks the digests of: four bytes each.
const DIGESTS_MAX: u8 = 64;
const _: () = assert!(DIGESTS_MAX as usize * 4 == DATA_LEN_MAX);
/// An image is at least this long: vectors and header.
const IMAGE_LEN_MIN: u32 = HEADER_OFFSET + 32;
const _: () = assert!(IMAGE_LEN_MIN as usize == HEADER_OFFSET as usize + HEADER_LEN);
/// The EEPROM is written in words.
const EEPROM_WORD_LEN: u16 = 4;
const _: () = assert!(EEPROM_WORD_LEN as usize == WORD_LEN);
/// How often a word of the EEPROM is written.
const EEPROM_TRIES_MAX: u8 = 3;

impl<const RING: usize> Loader<RING> {
    #[inline(never)]
    pub(super) fn execute(
        &mut self,
        request: Option<(Session, Request<'_>)>,
        chip: &impl Chip,
    ) -> Step {
        let Some((session, request)) = request else { return self.answer(Outcome::Unsupported) };
        let standing = self.standing();
        if self.port.execute(&request, || standing.identity(&self.config)) == Known::Yes {
            return Step::Again { bytes: 0 };
        }
        match request {
            Request::EnterLoader => {
                self.state = State::Loader;
                self.answer(Outcome::Done)
            }
            Request::Begin(begin) => match self.may_begin(&begin) {
                Outcome::Done => self.open(session, &begin),
                refusal => self.answer(refusal),
            },
            Request::Commit => self.commit(session),
            Request::Run => self.run(),
            Request::PageDigests { first, count } => self.page_digests(first, count),
            Request::Digest { start, len } if is_flash(&self.config.geometry, start, len) => {
                self.hash(start, len, Then::Respond)
            }
            Request::Read { start, len } if is_flash(&self.config.geometry, start, len.into()) => {
                let payload = self.port.grow(len.into());
                let read = payload.map(|bytes| chip.read(start, bytes));
                self.answer(if read.is_some() { Outcome::Done } else { Outcome::OutOfArea })
            }
            Request::EepromRead { offset, len } if self.is_eeprom(offset, len.into()) => {
                let payload = self.port.grow(len.into());
                let read = payload.map(|bytes| chip.read_eeprom(offset, bytes));
                self.answer(if read.is_some() { Outcome::Done } else { Outcome::OutOfArea })
            }
            Request::EepromWrite { offset, bytes }
                if self.is_eeprom(offset, bytes.len())
                    && offset.is_multiple_of(EEPROM_WORD_LEN)
                    && bytes.len().is_multiple_of(WORD_LEN) =>
            {
                self.port.append(bytes);
                self.work = Work::Eeprom { offset, done: 0, tries: 0 };
                Step::Again { bytes: 0 }
            }
            Request::Digest { .. }
            | Request::Read { .. }
            | Request::EepromRead { .. }
            | Request::EepromWrite { .. } => self.answer(Outcome::OutOfArea),
            Request::Log => {
                for part in self.log.parts() {
                    self.port.append(part);
                }
                self.answer(Outcome::Done)
            }
            Request::Blink { seconds } => {
                self.answer(Outcome::Done);
                Step::Blink { seconds }
            }
            _ => self.answer(Outcome::Unsupported),
        }
    }

    /// All that can be refused before anything is erased.
    fn may_begin(&self, begin: &Begin) -> Outcome {
        if (begin.vendor, begin.module_type) != (self.config.vendor, self.config.module_type) {
            Outcome::WrongType
        } else if !begin.hardware.contains(self.config.hardware) {
            Outcome::WrongHardware
        } else if begin.len > application_len(&self.config.geometry)
            || !begin.len.is_multiple_of(WORD_SPAN)
            || begin.len == 0
            || pages_of(begin.len) == u16::MAX
        {
            Outcome::OutOfArea
        } else if begin.len < IMAGE_LEN_MIN {
            Outcome::BadHeader
        } else {
            Outcome::Done
        }
    }

    fn commit(&mut self, session: Session) -> Step {
        let outcome = match self.state {
            _ if session != self.update.session => Outcome::NotOpen,
            State::Failed => Outcome::FlashWorn,
            State::Committed => {
                self.port.append(&self.update.begin.digest.to_le_bytes());
                Outcome::Done
            }
            State::Receiving if self.update.is_complete() => {
                let start = self.config.geometry.application_start;
                return self.hash(start, self.update.begin.len, Then::Commit);
            }
            State::Receiving => Outcome::Incomplete,
            State::Loader | State::Application => Outcome::NotOpen,
        };
        self.answer(outcome)
    }

    /// Starts the application if the boot would.
    fn run(&mut self) -> Step {
        let attempts_left = self.marks.attempts() < ATTEMPTS_MAX;
        match &self.record {
            Some(record) if self.marks.trial == Trial::Confirmed || attempts_left => {
                self.hash(self.config.geometry.application_start, record.len, Then::Run)
            }
            _ => self.answer(Outcome::NoApplication),
        }
    }

    fn hash(&mut self, start: u32, len: u32, then: Then) -> Step {
        self.work = Work::Hash(Hash::new(start, len), then);
        Step::Again { bytes: 0 }
    }

    /// A digest is there.
    pub(super) fn hashed(&mut self, digest: u32, then: Then, chip: &impl Chip) -> Step {
        match then {
            Then::Respond => {
                self.port.append(&digest.to_le_bytes());
                self.answer(Outcome::Done)
            }
            Then::Commit => match self.check_image(digest, chip) {
                Outcome::Done => self.write_record(),
                refusal => {
                    // It ends here: the vector page was the last one that it takes.
                    self.state = State::Loader;
                    self.answer(refusal)
                }
            },
            Then::Run if self.record.is_some_and(|record| record.digest == digest) => {
                self.answer(Outcome::Done);
                Step::RestartApplication
            }
            Then::Run => self.answer(Outcome::NoApplication),
        }
    }

    /// Whether the flash holds what was announced, for this module, and such that it can start.
    fn check_image(&self, digest: u32, chip: &impl Chip) -> Outcome {
        let (begin, geometry) = (&self.update.begin, &self.config.geometry);
        let start = geometry.application_start;
        let (mut header, mut vectors) = ([0; HEADER_LEN], [0; 2 * WORD_LEN]);
        chip.read(start.wrapping_add(HEADER_OFFSET), &mut header);
        chip.read(start, &mut vectors);
        if digest != begin.digest {
            return Outcome::DigestMismatch;
        }
        let Ok(header) = ImageHeader::parse(&header) else { return Outcome::BadHeader };
        if (header.vendor, header.module_type) != (self.config.vendor, self.config.module_type) {
            return Outcome::WrongType;
        }
        if !header.hardware.contains(self.config.hardware) {
            return Outcome::WrongHardware;
        }
        let [s0, s1, s2, s3, r0, r1, r2, r3] = vectors;
        let stack = u32::from_le_bytes([s0, s1, s2, s3]).wrapping_sub(geometry.ram_start);
        let reset = u32::from_le_bytes([r0, r1, r2, r3]);
        // The stack grows down from it, so it may lie right behind the RAM, but not at its start.
        let starts = stack.is_multiple_of(WORD_SPAN)
            && stack != 0
            && stack <= geometry.ram_len
            && reset & 1 == 1
            && reset.wrapping_sub(start) < begin.len;
        if header.version == begin.version && starts { Outcome::Done } else { Outcome::BadHeader }
    }

    fn page_digests(&mut self, first: u16, count: u8) -> Step {
        let behind = u32::from(first).saturating_add(count.into());
        let pages = application_len(&self.config.geometry).div_ceil(PAGE_SPAN);
        if behind > pages || count > DIGESTS_MAX {
            return self.answer(Outcome::OutOfArea);
        }
        let address = page_address(&self.config.geometry, first);
        self.work = Work::PageDigests(address, count);
        Step::Again { bytes: 0 }
    }

    pub(super) fn page_digest(&mut self, chip: &impl Chip) -> Step {
        let Work::PageDigests(at, left) = &mut self.work else { return Step::Idle };
        let Some(still_left) = left.checked_sub(1) else {
            self.work = Work::None;
            return self.answer(Outcome::Done);
        };
        let mut page = [0; PAGE_LEN];
        chip.read(*at, &mut page);
        self.port.append(&digest(&page).to_le_bytes());
        *at = at.wrapping_add(PAGE_SPAN);
        *left = still_left;
        Step::Again { bytes: PAGE_SPAN }
    }

    fn is_eeprom(&self, offset: u16, len: usize) -> bool {
        usize::from(offset).saturating_add(len) <= self.config.geometry.eeprom_len.into()
    }

    /// Writes the next word of the EEPROM. It is written even where it reads right already: it may be torn.
    pub(super) fn eeprom_word(&mut self, chip: &mut impl Chip) -> Step {
        let Work::Eeprom { offset, done, tries } = &mut self.work else { return Step::Idle };
        let rest = self.port.payload().get(*done..).unwrap_or_default();
        let Some(bytes) = rest.first_chunk::<WORD_LEN>().copied() else {
            self.work = Work::None;
            self.port.clear();
            return self.answer(Outcome::Done);
        };
        let mut found = [0; WORD_LEN];
        chip.read_eeprom(*offset, &mut found);
        if *tries > 0 && found == bytes {
            *done = done.saturating_add(WORD_LEN);
            *offset = offset.saturating_add(EEPROM_WORD_LEN);
            *tries = 0;
            return Step::Again { bytes: WORD_SPAN };
        }
        if *tries == EEPROM_TRIES_MAX {
            self.work = Work::None;
            return self.answer(Outcome::FlashWorn);
        }
        *tries = tries.saturating_add(1);
        chip.start(FlashOp::WriteEeprom { offset: *offset, bytes });
        Step::Flash
    }
}
