//! A module and the least of a host beside it: asks, waits until it is not busy, reads. Boots the chip as a real one would
//! be. Refuses to hide anything: what goes wrong on the bus is the caller's doing.

use core::fmt::Write;
use core::ops::Range;

use expect_test::Expect;
use rackflash_core::module::boot::{self, Asked, Start};
use rackflash_core::module::loader::Loader;
use rackflash_core::module::record::{self, Record};
use rackflash_core::module::responder::Responder;
use rackflash_core::module::{Chip, Config, FlashOp, Step};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::identity::{Identity, Installed, Why};
use rackflash_core::wire::module::{
    Busy, Outcome, PageFrame, REQUEST_LEN_MAX, Request, STATUS_LEN, Session, Status, Tag,
    parse_response,
};

use crate::chip::{Power, TestChip};
use crate::{APPLICATION_START, HOME, begin, config};

/// Few, so that a small image fills it more than once.
pub(crate) const RING: usize = 2;

pub(crate) struct Bench<const FRAMES: usize = RING> {
    pub(crate) config: Config,
    pub(crate) chip: TestChip,
    pub(crate) code: Code<FRAMES>,
    pub(crate) at: Address,
    pub(crate) session: Session,
    tag: Tag,
    /// The steps that a caller must act on, as they came.
    pub(crate) steps: Vec<Step>,
}

pub(crate) enum Code<const FRAMES: usize = RING> {
    Loader(Box<Loader<FRAMES>>),
    Application(Box<Responder>),
    /// No power.
    Off,
}

/// The power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PowerLost;

impl Bench {
    /// With an empty flash, in its loader.
    pub(crate) fn blank() -> Self {
        Self::with(config(), TestChip::new(&config(), 1), Why::Blank)
    }

    /// With `image` installed and confirmed, called into its loader.
    pub(crate) fn installed(image: &[u8]) -> Self {
        let mut chip = TestChip::new(&config(), 1);
        install(&mut chip, &config(), image);
        Self::with(config(), chip, Why::Requested)
    }

    pub(crate) fn with(config: Config, chip: TestChip, why: Why) -> Self {
        Self::of(config, chip, why)
    }
}

impl<const FRAMES: usize> Bench<FRAMES> {
    /// With a ring of so many frames.
    pub(crate) fn of(config: Config, chip: TestChip, why: Why) -> Self {
        let code = loader(&config, why, &chip);
        let (session, tag) = (Session(1), Tag(0));
        Self { config, chip, code, at: HOME, session, tag, steps: Vec::new() }
    }

    pub(crate) fn power_off(&mut self) {
        self.code = Code::Off;
    }

    /// After a reset; the power may go again while it counts an attempt.
    pub(crate) fn boot(&mut self, asked: Asked) -> Result<Start, PowerLost> {
        let start = boot::decide(&self.config, &self.chip, asked);
        self.tag = Tag(0);
        self.code = match start {
            Start::Loader(why) => loader(&self.config, why, &self.chip),
            Start::Application { attempt } => {
                if let Some(address) = attempt {
                    self.chip.start(FlashOp::ProgramWord { address, word: boot::ATTEMPT });
                    self.powered()?;
                }
                Code::Application(Box::new(Responder::new(&self.config, &self.chip)))
            }
        };
        Ok(start)
    }

    /// The loader, by asking for it if the application runs.
    pub(crate) fn enter_loader(&mut self) -> Result<(), PowerLost> {
        if let Code::Application(_) = self.code {
            self.ask(&Request::EnterLoader)?;
            assert_eq!(self.steps.pop(), Some(Step::RestartLoader));
            self.boot(Asked::Loader)?;
        }
        Ok(())
    }

    // The bus.

    pub(crate) fn write(&mut self, frame: &[u8]) {
        let at = self.at;
        match &mut self.code {
            Code::Loader(loader) => loader.on_write(at, frame),
            Code::Application(responder) => responder.on_write(at, frame),
            Code::Off => {}
        }
    }

    pub(crate) fn read(&mut self, from: Address, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        match &mut self.code {
            Code::Loader(loader) => loader.on_read(from, &mut bytes),
            Code::Application(responder) => responder.on_read(from, &mut bytes),
            Code::Off => bytes.fill(0xff),
        }
        bytes
    }

    pub(crate) fn status(&mut self) -> Status {
        let from = self.at;
        Status::parse(from, &self.read(from, STATUS_LEN)).unwrap()
    }

    pub(crate) fn response(&mut self) -> Vec<u8> {
        let from = self.at;
        parse_response(from, &self.read(from, 300)).unwrap().1.to_vec()
    }

    // The chip.

    pub(crate) fn step(&mut self) -> Result<Step, PowerLost> {
        let step = match &mut self.code {
            Code::Loader(loader) => loader.step(&mut self.chip),
            Code::Application(responder) => responder.step(&mut self.chip),
            Code::Off => Step::Idle,
        };
        match step {
            Step::Flash => {
                self.powered()?;
                let end = self.chip.end();
                match &mut self.code {
                    Code::Loader(loader) => loader.flash_ended(end),
                    Code::Application(responder) => responder.flash_ended(end),
                    Code::Off => {}
                }
            }
            Step::Idle | Step::Again { .. } => {}
            other => self.steps.push(other),
        }
        Ok(step)
    }

    pub(crate) fn run(&mut self) -> Result<(), PowerLost> {
        for _ in 0..100_000 {
            if self.step()? == Step::Idle {
                return Ok(());
            }
        }
        panic!("it comes to rest");
    }

    fn powered(&mut self) -> Result<(), PowerLost> {
        if self.chip.power == Power::Off {
            self.power_off();
            return Err(PowerLost);
        }
        Ok(())
    }

    // The host.

    pub(crate) fn frame(&mut self, request: &Request<'_>) -> Vec<u8> {
        self.tag = self.tag.next();
        let mut frame = [0; REQUEST_LEN_MAX];
        let len = request.emit(self.at, self.session, self.tag, &mut frame).unwrap();
        frame[..len].to_vec()
    }

    /// Asks, waits, reads.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Result<(Outcome, Vec<u8>), PowerLost> {
        let frame = self.frame(request);
        self.write(&frame);
        self.run()?;
        let status = self.status();
        assert_eq!((status.tag, status.busy), (self.tag, Busy::No));
        Ok((status.outcome, self.response()))
    }

    pub(crate) fn identity(&mut self) -> Identity {
        self.ask(&Request::Identify).unwrap();
        Identity::parse(&self.response()).unwrap()
    }

    pub(crate) fn page_frame(&self, seq: u16, page: u16, bytes: &[u8]) -> Vec<u8> {
        let frame = PageFrame { session: self.session, seq, page, bytes };
        let mut written = [0; 300];
        let len = frame.emit(self.at, &mut written).unwrap();
        written[..len].to_vec()
    }

    /// Opens an update to `image`; the pages that must be written again, of each bank.
    pub(crate) fn begin(&mut self, image: &[u8]) -> Result<[Range<u16>; 2], PowerLost> {
        let (outcome, response) = self.ask(&Request::Begin(begin(image)))?;
        assert_eq!(outcome, Outcome::Done);
        Ok(listed(&response))
    }

    /// Sends these pages of `image`, as many at a time as there is room for.
    pub(crate) fn send(&mut self, image: &[u8], pages: &[u16]) -> Result<(), PowerLost> {
        let first = self.status().received;
        for (seq, page) in (first..).zip(pages) {
            if self.status().room.0 == 0 {
                self.run()?;
            }
            let frame = self.page_frame(seq, *page, &image[usize::from(*page) * 128..][..128]);
            self.write(&frame);
        }
        self.run()
    }

    /// The whole image from its second page on, then its first, without a word in between; commits.
    pub(crate) fn update(&mut self, image: &[u8]) -> Outcome {
        let (outcome, _) = self.ask(&Request::Begin(begin(image))).unwrap();
        if outcome != Outcome::Done {
            return outcome;
        }
        let pages: Vec<u16> = (1..(image.len() / 128) as u16).chain([0]).collect();
        self.send(image, &pages).unwrap();
        self.ask(&Request::Commit).unwrap().0
    }

    pub(crate) fn update_from_application(&mut self, image: &[u8]) {
        self.enter_loader().unwrap();
        assert_eq!(self.update(image), Outcome::Done);
    }

    /// One line: the request, the status, the response if there is one.
    pub(crate) fn line(&mut self, request: &Request<'_>) -> String {
        let mut line = format!("{request} => ");
        let frame = self.frame(request);
        self.write(&frame);
        self.run().unwrap();
        write!(line, "{}", self.status()).unwrap();
        let response = self.response();
        match Identity::parse(&response) {
            Ok(identity) => write!(line, "; {identity}").unwrap(),
            Err(_) if response.is_empty() => {}
            Err(_) => {
                line += "; ";
                response.iter().for_each(|byte| write!(line, "{byte:02x}").unwrap());
            }
        }
        for step in self.steps.drain(..) {
            write!(line, "; {step:?}").unwrap();
        }
        line + "\n"
    }
}

fn loader<const FRAMES: usize>(config: &Config, why: Why, chip: &TestChip) -> Code<FRAMES> {
    let mut loader = Box::new(Loader::new());
    loader.start(config, why, chip);
    Code::Loader(loader)
}

pub(crate) fn check(bench: &mut Bench, requests: &[Request<'_>], expected: &Expect) {
    let lines: String = requests.iter().map(|request| bench.line(request)).collect();
    expected.assert_eq(&lines);
}

/// The pages that an answer to Begin names.
pub(crate) fn listed(response: &[u8]) -> [Range<u16>; 2] {
    let (pages, rest) = response.as_chunks();
    assert_eq!((pages.len(), rest.len()), (4, 0));
    let page = |at: usize| u16::from_le_bytes(pages[at]);
    [page(0)..page(1), page(2)..page(3)]
}

/// Puts `image` there as a programmer on the bench does: confirmed.
pub(crate) fn install(chip: &mut TestChip, config: &Config, image: &[u8]) {
    let page = record_of(image).confirmed_page(config.identity.geometry.erased);
    chip.install(APPLICATION_START, image);
    chip.install(record::address(&config.identity.geometry), &page);
}

pub(crate) fn record_of(image: &[u8]) -> Record {
    let begin = begin(image);
    Record {
        vendor: begin.vendor,
        module_type: begin.module_type,
        whole_below: u16::MAX,
        installed: Installed { version: begin.version, len: begin.len, digest: begin.digest },
    }
}

/// What a loader writes of it: the first half of its page.
pub(crate) fn record_half(record: &Record) -> [u8; 64] {
    let page = record.confirmed_page(0);
    *page.first_chunk().unwrap()
}
