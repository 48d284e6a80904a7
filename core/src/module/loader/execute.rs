//! What each request does. Refuses, with the reason, what is not for this module or outside its memories.

use super::write::page_address;
use super::{AGAIN, Loader, Work, pages_of};
use crate::module::flash::{Hash, hash};
use crate::module::record::{
    ATTEMPTS_MAX, IMAGE_LEN_MIN, application_len, can_be_installed, halves, unseal, word,
};
use crate::module::{Chip, FlashOp, PAGE_BYTES, PAGE_SPAN, Step, WORD_BYTES, WORD_SPAN};
use crate::wire::check::Address;
use crate::wire::header::{self, HEADER_OFFSET};
use crate::wire::identity::{Installed, Trial};
use crate::wire::module::{DATA_LEN_MAX, Outcome, State};
use crate::wire::request::command;
use crate::wire::version::Version;

/// The most pages that one request asks the digests of: four bytes each.
const DIGESTS_MAX: u8 = 64;
const _: () = assert!(DIGESTS_MAX as usize * 4 == DATA_LEN_MAX);
/// The most bytes that one asks to read.
const READ_MAX: u32 = 256;
const _: () = assert!(READ_MAX as usize == DATA_LEN_MAX);
/// To put a word into the response takes as long as to hash so many bytes.
const TELL_BYTES: u16 = 24;
/// How often a word of the EEPROM is written.
const EEPROM_TRIES_MAX: u8 = 3;

impl<const RING: usize> Loader<RING> {
    #[inline(never)]
    pub(super) fn execute(&mut self) -> Step {
        let command = self.port.take_up();
        let [first, second] = [self.port.word(0), self.port.word(1)];
        let outcome = match command {
            command::ENTER_LOADER => {
                self.state = State::Loader;
                Outcome::Done
            }
            command::BEGIN => return self.begin(),
            command::COMMIT => return self.commit(),
            command::RUN => return self.run(),
            command::PAGE_DIGESTS => return self.page_digests(first),
            command::DIGEST if self.is_flash(first, second) => {
                return self.hash(first, second, Work::Respond);
            }
            command::READ if second <= READ_MAX && self.is_flash(first, second) => {
                return self.tell(Work::Read, first, second >> 2);
            }
            command::EEPROM_READ if second <= READ_MAX && self.is_eeprom(first, second) => {
                return self.tell(Work::EepromRead, first, second >> 2);
            }
            command::DIGEST | command::READ | command::EEPROM_READ => Outcome::OutOfArea,
            command::EEPROM_WRITE => return self.eeprom_write(first),
            command::LOG => {
                for events in self.log.events() {
                    self.port.append(events.as_flattened());
                }
                Outcome::Done
            }
            command::BLINK => {
                let seconds = self.port.argument();
                self.answer(Outcome::Done);
                return Step::Blink { seconds };
            }
            _ => self.port.execute(command, &self.identity),
        };
        self.answer(outcome)
    }

    /// Opens an update, unless it can be refused before anything is erased.
    fn begin(&mut self) -> Step {
        let word = |at| self.port.word(at);
        let [for_whom, hardware, version] = [word(0), word(1), word(2)];
        let [len, digest] = [word(3), word(4)];
        let (pages, group) = (pages_of(len), self.port.argument());
        let outcome = match self.is_for(for_whom, hardware) {
            _ if group != 0 && !Address::GROUPS.contains(&group) => Outcome::Unsupported,
            Outcome::Done if len < IMAGE_LEN_MIN => Outcome::BadHeader,
            Outcome::Done
                if !can_be_installed(len, &self.identity.geometry) || pages == u16::MAX =>
            {
                Outcome::OutOfArea
            }
            outcome => outcome,
        };
        if outcome != Outcome::Done {
            return self.answer(outcome);
        }
        let version = Version::from_bytes(version.to_le_bytes());
        self.open(Installed { version, len, digest }, pages)
    }

    /// Whether this module is meant: vendor and type, lowest and highest hardware revision.
    #[inline(never)]
    fn is_for(&self, for_whom: u32, hardware: u32) -> Outcome {
        let [lowest, highest, ..] = hardware.to_le_bytes();
        if for_whom != word([self.identity.vendor, self.identity.module_type]) {
            Outcome::WrongType
        } else if (lowest..=highest).contains(&self.identity.hardware) {
            Outcome::Done
        } else {
            Outcome::WrongHardware
        }
    }

    fn commit(&mut self) -> Step {
        let outcome = match self.state {
            _ if self.port.session() != self.update.session => Outcome::NotOpen,
            State::Failed => Outcome::FlashWorn,
            State::Committed => {
                self.port.append_word(self.identity.installed.digest);
                Outcome::Done
            }
            State::Receiving if self.update.is_complete() => {
                return self.hash_application(Work::Commit);
            }
            State::Receiving => Outcome::Incomplete,
            State::Loader | State::Application => Outcome::NotOpen,
        };
        self.answer(outcome)
    }

    /// Starts the application if the boot would.
    fn run(&mut self) -> Step {
        match self.identity.trial {
            Trial::Pending if self.marks.attempts() == ATTEMPTS_MAX => {}
            Trial::None => {}
            _ => return self.hash_application(Work::Run),
        }
        self.answer(Outcome::NoApplication)
    }

    fn hash_application(&mut self, work: Work) -> Step {
        self.hash(self.identity.geometry.application_start, self.identity.installed.len, work)
    }

    fn hash(&mut self, start: u32, len: u32, work: Work) -> Step {
        (self.hash, self.work) = (Hash::new(start, len), work);
        AGAIN
    }

    /// The next piece of a digest; or it is there.
    pub(super) fn hash_on(&mut self, chip: &impl Chip) -> Step {
        let bytes = self.hash.step(chip);
        if bytes > 0 {
            let [bytes, _] = halves(bytes);
            return Step::Again { bytes };
        }
        let digest = self.hash.finish();
        if self.work == Work::Respond {
            self.port.append_word(digest);
            return self.done(Outcome::Done);
        }
        let is_right = digest == self.identity.installed.digest;
        if self.work == Work::Run {
            self.done(if is_right { Outcome::Done } else { Outcome::NoApplication });
            return if is_right { Step::RestartApplication } else { AGAIN };
        }
        let outcome = if is_right { self.check_image(chip) } else { Outcome::DigestMismatch };
        if outcome == Outcome::Done {
            return self.write_record();
        }
        // It ends here: the vector page was the last one that it takes.
        self.state = State::Loader;
        self.done(outcome)
    }

    /// Whether the flash holds what was announced, for this module, and such that it can start.
    fn check_image(&self, chip: &impl Chip) -> Outcome {
        let (installed, geometry) = (&self.identity.installed, &self.identity.geometry);
        let start = geometry.application_start;
        let Some([for_whom, hardware, version, ..]) =
            unseal(chip, start.wrapping_add(HEADER_OFFSET), header::MAGIC)
        else {
            return Outcome::BadHeader;
        };
        let outcome = self.is_for(for_whom, hardware);
        if outcome != Outcome::Done {
            return outcome;
        }
        let stack = chip.word(start).wrapping_sub(geometry.ram_start);
        let reset = chip.word(start.wrapping_add(WORD_SPAN));
        // The stack grows down from it, so it may lie right behind the RAM, but not at its start.
        let starts = stack.is_multiple_of(WORD_SPAN)
            && stack != 0
            && stack <= geometry.ram_len
            && reset & 1 == 1
            && reset.wrapping_sub(start) < installed.len;
        let is_announced = version.to_le_bytes() == installed.version.to_bytes()
            && hardware.to_le_bytes()[2] == header::FORMAT;
        if is_announced && starts { Outcome::Done } else { Outcome::BadHeader }
    }

    fn page_digests(&mut self, first: u32) -> Step {
        let count = self.port.argument();
        let pages = pages_of(application_len(&self.identity.geometry));
        if first.saturating_add(count.into()) > pages.into() || count > DIGESTS_MAX {
            return self.answer(Outcome::OutOfArea);
        }
        let at = page_address(&self.identity.geometry, first);
        self.tell(Work::PageDigests, at, count.into())
    }

    fn tell(&mut self, work: Work, at: u32, words: u32) -> Step {
        (self.work, self.at, self.left) = (work, at, words);
        AGAIN
    }

    /// The next word of a response that has many: all at once, the bus would wait too long.
    pub(super) fn tell_word(&mut self, chip: &impl Chip) -> Step {
        let Some(left) = self.left.checked_sub(1) else { return self.done(Outcome::Done) };
        let at = self.at;
        let (word, len) = match self.work {
            Work::PageDigests => (hash(chip, at, PAGE_SPAN), PAGE_BYTES),
            Work::EepromRead => (chip.eeprom_word(at), WORD_BYTES),
            _ => (chip.word(at), WORD_BYTES),
        };
        self.port.append_word(word);
        (self.at, self.left) = (at.wrapping_add(len.into()), left);
        Step::Again { bytes: len.wrapping_add(TELL_BYTES) }
    }

    /// Whether all of it is flash, in whole words.
    fn is_flash(&self, start: u32, len: u32) -> bool {
        let geometry = &self.identity.geometry;
        is_inside(start.wrapping_sub(geometry.flash_start), len, geometry.flash_len)
    }

    /// Whether all of it is EEPROM, in whole words.
    fn is_eeprom(&self, offset: u32, len: u32) -> bool {
        is_inside(offset, len, self.identity.geometry.eeprom_len.into())
    }

    fn eeprom_write(&mut self, offset: u32) -> Step {
        let words = u32::try_from(self.port.words()).unwrap_or(u32::MAX).wrapping_sub(1);
        if !self.is_eeprom(offset, words.wrapping_mul(WORD_SPAN)) {
            return self.answer(Outcome::OutOfArea);
        }
        (self.at, self.left, self.tries, self.work) = (offset, words, 0, Work::Eeprom);
        AGAIN
    }

    /// Writes the next word of the EEPROM. It is written even where it reads right already: it may be torn.
    pub(super) fn eeprom_word(&mut self, chip: &mut impl Chip) -> Step {
        if self.left == 0 {
            return self.done(Outcome::Done);
        }
        let word = self.port.word(self.port.words().wrapping_sub(self.left as usize));
        if self.tries > 0 && chip.eeprom_word(self.at) == word {
            self.at = self.at.wrapping_add(WORD_SPAN);
            (self.left, self.tries) = (self.left.wrapping_sub(1), 0);
            return Step::Again { bytes: WORD_BYTES };
        }
        if self.tries == EEPROM_TRIES_MAX {
            return self.done(Outcome::FlashWorn);
        }
        self.tries = self.tries.wrapping_add(1);
        chip.start(FlashOp::WriteEeprom { offset: self.at, word });
        Step::Flash
    }
}

/// Whether so many bytes from there on lie within a memory of this length, in whole words.
#[inline(never)]
fn is_inside(offset: u32, len: u32, memory: u32) -> bool {
    (offset | len).is_multiple_of(WORD_SPAN)
        && offset.checked_add(len).is_some_and(|end| end <= memory)
}
