//! The application's side: identify, blink, enter the loader, confirm. Refuses everything else as unsupported.

use super::port::{Port, SEALED};
use super::record::{MARK, Marks, Record, mark_address};
use super::{Chip, Config, FlashEnd, FlashOp, Step, WORD_BYTES};
use crate::wire::check::{Address, Crc32};
use crate::wire::identity::{Identity, Trial, Why};
use crate::wire::message::PROTOCOL;
use crate::wire::module::{Outcome, Room, Session, State, Status};
use crate::wire::request::command;

/// What an application carries so that a host can find it and lead it back into its loader.
#[derive(Debug)]
pub struct Responder {
    identity: Identity,
    port: Port,
    marks: Marks,
    work: Work,
}

#[derive(Clone, Copy, Debug)]
enum Work {
    None,
    /// The confirmed mark is being programmed into this word.
    Confirm(u8),
}

impl Responder {
    /// In a running application.
    pub fn new(config: &Config, chip: &impl Chip) -> Self {
        let mut identity = config.identity;
        (identity.protocol, identity.ring, identity.why) = (PROTOCOL, 0, Why::Runs);
        let marks = Marks::read(&identity.geometry, chip);
        if let Some(record) = Record::read(&identity, chip) {
            (identity.installed, identity.trial) = (record.installed, marks.trial);
        }
        let mut port = Port::new();
        port.start(config.assigned, &identity);
        Self { identity, port, marks, work: Work::None }
    }

    /// See [`super::loader::Loader::listens`].
    pub fn listens(&self, address: Address) -> bool {
        self.port.listens(address)
    }

    /// See [`Config::assigned`].
    pub fn assigned(&self) -> Option<Address> {
        self.port.assigned()
    }

    /// See [`super::loader::Loader::on_write`].
    pub fn on_write(&mut self, to: Address, frame: &[u8]) {
        if self.listens(to)
            && let Ok(request) = Crc32::to(to).open(frame)
        {
            self.port.hear(request, &self.identity);
        }
    }

    /// See [`super::loader::Loader::on_read`].
    pub fn on_read(&mut self, from: Address, bytes: &mut [u8]) {
        let status = Status {
            state: State::Application,
            busy: self.port.busy(),
            tag: self.port.tag(),
            outcome: self.port.outcome(),
            room: Room(0),
            received: 0,
            session: Session(0),
        };
        self.port.read(from, &status, bytes);
    }

    /// See [`super::loader::Loader::step`].
    pub fn step(&mut self, chip: &mut impl Chip) -> Step {
        if self.port.seal(&self.identity) {
            return SEALED;
        }
        if let Work::Confirm(word) = self.work {
            return self.confirmed(word, chip);
        }
        if self.port.pending().is_none() {
            return Step::Idle;
        }
        let outcome = match self.port.take_up() {
            command::ENTER_LOADER => {
                self.port.answer(Outcome::Done);
                return Step::RestartLoader;
            }
            command::CONFIRM => match self.identity.trial {
                Trial::None => Outcome::NoApplication,
                Trial::Confirmed => Outcome::Done,
                Trial::Pending => return self.confirm(0, chip),
            },
            command::BLINK => {
                let seconds = self.port.argument();
                self.port.answer(Outcome::Done);
                return Step::Blink { seconds };
            }
            command => self.port.execute(command, &self.identity),
        };
        self.port.answer(outcome);
        Step::Again { bytes: 0 }
    }

    /// See [`super::loader::Loader::flash_ended`]. Reading the mark back tells how.
    pub fn flash_ended(&mut self, _end: FlashEnd) {}

    /// Programs the confirmed mark into the first free word from `from` on.
    fn confirm(&mut self, from: u8, chip: &mut impl Chip) -> Step {
        let Some(word) = self.marks.free_for_confirmed().find(|word| *word >= from) else {
            self.work = Work::None;
            self.port.answer(Outcome::FlashWorn);
            return Step::Again { bytes: 0 };
        };
        self.work = Work::Confirm(word);
        let address = mark_address(&self.identity.geometry, word);
        chip.start(FlashOp::ProgramWord { address, word: MARK });
        Step::Flash
    }

    fn confirmed(&mut self, word: u8, chip: &mut impl Chip) -> Step {
        if chip.word(mark_address(&self.identity.geometry, word)) != MARK {
            return self.confirm(word.saturating_add(1), chip);
        }
        self.work = Work::None;
        self.identity.trial = Trial::Confirmed;
        self.port.answer(Outcome::Done);
        Step::Again { bytes: WORD_BYTES }
    }
}
