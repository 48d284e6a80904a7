//! The application's side: identify, enter the loader, confirm. Refuses everything else as unsupported.

use super::port::{Known, Port, Standing};
use super::record::{MARK, Marks, Record, mark_address};
use super::{Chip, Config, FlashEnd, FlashOp, Step, WORD_LEN, WORD_SPAN};
use crate::wire::check::Address;
use crate::wire::identity::{Trial, Why};
use crate::wire::module::{Outcome, Request, Room, Session, State, Status};

/// What an application carries so that a host can find it and lead it back into its loader.
#[derive(Debug)]
pub struct Responder {
    config: Config,
    port: Port,
    record: Option<Record>,
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
    pub fn new(config: Config, chip: &impl Chip) -> Self {
        let mut responder = Self {
            port: Port::new(&config),
            record: Record::read(&config, chip),
            marks: Marks::read(&config.geometry, chip),
            work: Work::None,
            config,
        };
        let identity = responder.standing().identity(&responder.config);
        responder.port.greet(&identity);
        responder
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
        if self.listens(to) {
            self.port.hear(to, frame, &self.config);
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
        if self.port.seal() {
            return Step::Again { bytes: 0 };
        }
        if let Work::Confirm(word) = self.work {
            return self.confirmed(word, chip);
        }
        let Some(frame) = self.port.pending() else { return Step::Idle };
        self.port.take_up();
        let request = frame.request().map(|(_, request)| request);
        let standing = self.standing();
        let known = request.is_some_and(|r| {
            self.port.execute(&r, || standing.identity(&self.config)) == Known::Yes
        });
        match request {
            _ if known => {}
            Some(Request::EnterLoader) => {
                self.port.answer(Outcome::Done);
                return Step::RestartLoader;
            }
            Some(Request::Confirm) if self.record.is_none() => {
                self.port.answer(Outcome::NoApplication);
            }
            Some(Request::Confirm) if self.marks.trial == Trial::Confirmed => {
                self.port.answer(Outcome::Done);
            }
            Some(Request::Confirm) => return self.confirm(0, chip),
            _ => self.port.answer(Outcome::Unsupported),
        }
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
        let address = mark_address(&self.config.geometry, word);
        chip.start(FlashOp::ProgramWord { address, bytes: MARK });
        Step::Flash
    }

    fn confirmed(&mut self, word: u8, chip: &mut impl Chip) -> Step {
        let mut found = [0; WORD_LEN];
        chip.read(mark_address(&self.config.geometry, word), &mut found);
        if found != MARK {
            return self.confirm(word.saturating_add(1), chip);
        }
        self.work = Work::None;
        self.marks.trial = Trial::Confirmed;
        self.port.answer(Outcome::Done);
        Step::Again { bytes: WORD_SPAN }
    }

    fn standing(&self) -> Standing {
        let application = self.record.map(|record| record.installed(self.marks.trial));
        Standing { why: Why::Runs, application, ring: 0 }
    }
}
