//! A bus that says anything to a module, on a chip that does anything: it writes nothing outside its area, comes to rest, its
//! status can always be read, and what it calls committed starts.

use std::sync::LazyLock;

use rackflash_core::module::boot::{self, Asked, Start};
use rackflash_core::module::loader::Loader;
use rackflash_core::module::record;
use rackflash_core::module::responder::Responder;
use rackflash_core::module::{Banks, Chip, Config, FlashOp, HALF_PAGE_LEN, PAGE_LEN, Step};
use rackflash_core::wire::check::{Address, crc32, crc32_to};
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::Hardware;
use rackflash_core::wire::identity::{Geometry, Identity, Why};
use rackflash_core::wire::module::{
    Begin, Busy, PageFrame, REQUEST_LEN_MAX, RESPONSE_OVERHEAD, Request, STATUS_LEN, Session,
    State, Status, Tag, Uid, parse_response,
};
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::{ENVELOPE, Recipe};

use super::chip::{Does, FuzzChip, GEOMETRY};
use super::choices::Choices;

const HOME: Address = Address::new(0x20).unwrap();
const GROUP: Address = Address::new(0x70).unwrap();
/// Few, so that it fills up.
const RING: usize = 4;
/// The longest that a module may work on what it was told: 64 pages hashed, or a ring of pages in three tries each.
const STEPS_MAX: usize = 1000;

const RECIPE: Recipe = Recipe {
    module: ENVELOPE,
    hardware: (1, 3),
    version: Version::new(1, 2, 3),
    len: 7 * PAGE_LEN,
    code: 1,
    settings: 1,
};
/// What an honest host would send.
static IMAGE: LazyLock<Vec<u8>> = LazyLock::new(|| RECIPE.bytes());

enum Code {
    Loader(Box<Loader<RING>>),
    Application(Box<Responder>),
}

struct Bench {
    config: Config,
    chip: FuzzChip,
    code: Code,
    session: Session,
    tag: Tag,
}

pub(super) fn run(input: &[u8]) {
    let mut choices = Choices::new(input);
    let mut bench = Bench::new(&mut choices);
    while choices.are_left() {
        bench.act(&mut choices);
    }
    bench.rest();
}

impl Bench {
    fn new(choices: &mut Choices<'_>) -> Self {
        let assigned = choices.pick(&[Some(HOME), None]);
        let banks = choices.pick(&[Banks::One, Banks::Two]);
        let config = Config {
            identity: Identity {
                vendor: ENVELOPE.vendor,
                module_type: ENVELOPE.number,
                hardware: 2,
                name: *b"Envelope\0\0\0\0",
                uid: Uid(*b"uid of mine!"),
                loader: Version::new(1, 0, 0),
                geometry: Geometry { banks, ..GEOMETRY },
                home: HOME.get(),
                ..Identity::default()
            },
            assigned,
        };
        let mut chip = FuzzChip::new(banks);
        if choices.byte() % 2 == 1 {
            chip.install(APPLICATION_START, &IMAGE);
        }
        // What earlier updates have left, or not.
        for page in 0..record::RECORD_PAGES {
            let address = record::address(&GEOMETRY) + page * PAGE_LEN as u32;
            match choices.byte() % 4 {
                0 => {}
                1 => chip.install(address, &sealed(*b"RKFR", choices)),
                2 => chip.install(address, &sealed(*b"RKFJ", choices)),
                _ => chip.install(address, choices.bytes(PAGE_LEN)),
            }
        }
        let code = loader(&config, Why::Blank, &chip);
        let mut bench = Self { config, chip, code, session: Session(1), tag: Tag(0) };
        bench.boot(Asked::Nothing);
        bench
    }

    fn act(&mut self, choices: &mut Choices<'_>) {
        match choices.byte() % 12 {
            0 => self.write(to(choices), choices.some_bytes()),
            1 | 2 => {
                let (to, bytes) = (to(choices), choices.some_bytes());
                let sealed = [bytes, &crc32_to(to, bytes).to_le_bytes()].concat();
                self.write(to, &sealed);
            }
            3 => {
                let (session, seq) = match choices.byte() % 4 {
                    0 => (Session(choices.byte()), choices.u16()),
                    1 => (self.session, choices.u16()),
                    _ => (self.session, self.status().received),
                };
                let (to, page, fill) = (to(choices), choices.byte().into(), choices.byte());
                let bytes = &[fill; PAGE_LEN][..choices.pick(&[PAGE_LEN, 0, PAGE_LEN - 1])];
                self.page(to, PageFrame { session, seq, page, bytes });
            }
            4 => {
                let mut bytes = vec![0; usize::from(choices.u16()) % 400];
                self.read(to(choices), &mut bytes);
            }
            5 => {
                for _ in 0..choices.byte() {
                    self.step();
                }
            }
            6 => self.chip.next = choices.pick(&[Does::Most, Does::Nothing, Does::Fails]),
            7 => self.boot(choices.pick(&[Asked::Nothing, Asked::Loader])),
            8 => self.rest(),
            _ => self.go_on(choices.byte()),
        }
    }

    /// What an honest host would do next, which starts with this page.
    fn go_on(&mut self, first: u8) {
        self.rest();
        let status = self.status();
        match status.state {
            State::Application if first.is_multiple_of(2) => self.ask(&Request::Confirm),
            State::Application => self.ask(&Request::EnterLoader),
            State::Loader | State::Failed => {
                self.session = Session(self.session.0.wrapping_add(1));
                self.ask(&Request::Begin(begin(first)));
            }
            State::Receiving if status.session != self.session => self.ask(&Request::EnterLoader),
            State::Receiving => {
                let pages = (IMAGE.len() / PAGE_LEN) as u16;
                // The vectors last.
                let page = (status.received + u16::from(first % 2) + 1) % pages;
                let bytes = &IMAGE[usize::from(page) * PAGE_LEN..][..PAGE_LEN];
                let frame = PageFrame { session: self.session, seq: status.received, page, bytes };
                self.page(if first < 128 { HOME } else { GROUP }, frame);
                if status.received >= pages {
                    self.ask(&Request::Commit);
                }
            }
            State::Committed => self.ask(&Request::Run),
        }
        self.rest();
    }

    fn ask(&mut self, request: &Request<'_>) {
        let (to, mut frame) = (self.own_address(), [0; REQUEST_LEN_MAX]);
        self.tag = self.tag.next();
        let len = request.emit(to, self.session, self.tag, &mut frame).expect("it fits");
        self.write(to, &frame[..len]);
    }

    fn page(&mut self, to: Address, page: PageFrame<'_>) {
        let mut frame = [0; 2 * PAGE_LEN];
        let len = page.emit(to, &mut frame).expect("it fits");
        self.write(to, &frame[..len]);
    }

    fn write(&mut self, to: Address, frame: &[u8]) {
        match &mut self.code {
            Code::Loader(loader) => loader.on_write(to, frame),
            Code::Application(responder) => responder.on_write(to, frame),
        }
    }

    fn read(&mut self, from: Address, bytes: &mut [u8]) {
        match &mut self.code {
            Code::Loader(loader) => loader.on_read(from, bytes),
            Code::Application(responder) => responder.on_read(from, bytes),
        }
    }

    fn status(&mut self) -> Status {
        let (from, mut bytes) = (self.own_address(), [0; STATUS_LEN]);
        self.read(from, &mut bytes);
        Status::parse(from, &bytes).expect("a status can be read at any time")
    }

    fn own_address(&self) -> Address {
        let assigned = match &self.code {
            Code::Loader(loader) => loader.assigned(),
            Code::Application(responder) => responder.assigned(),
        };
        assigned.unwrap_or(Address::ENUMERATION)
    }

    /// Also ends the flash operation that was under way.
    fn step(&mut self) -> Step {
        if let Some(end) = self.chip.end() {
            match &mut self.code {
                Code::Loader(loader) => loader.flash_ended(end),
                Code::Application(responder) => responder.flash_ended(end),
            }
        }
        let step = match &mut self.code {
            Code::Loader(loader) => loader.step(&mut self.chip),
            Code::Application(responder) => responder.step(&mut self.chip),
        };
        match step {
            Step::RestartLoader => self.boot(Asked::Loader),
            Step::RestartApplication => self.boot(Asked::Nothing),
            _ => {}
        }
        step
    }

    /// After a reset, or after the power was lost.
    fn boot(&mut self, asked: Asked) {
        // What was under way has done what it has done.
        self.chip.end();
        self.tag = Tag(0);
        self.code = match boot::decide(&self.config, &self.chip, asked) {
            Start::Loader(why) => loader(&self.config, why, &self.chip),
            Start::Application { attempt } => {
                if let Some(address) = attempt {
                    self.chip.start(FlashOp::ProgramWord { address, word: boot::ATTEMPT });
                    self.chip.end();
                }
                Code::Application(Box::new(Responder::new(&self.config, &self.chip)))
            }
        };
    }

    /// Nothing more comes.
    fn rest(&mut self) {
        let steps = (0..STEPS_MAX).take_while(|_| self.step() != Step::Idle).count();
        assert!(steps < STEPS_MAX, "it comes to rest");
        let status = self.status();
        assert_eq!(status.busy, Busy::No);
        let (from, mut bytes) = (self.own_address(), [0; RESPONSE_OVERHEAD + 256]);
        self.read(from, &mut bytes);
        parse_response(from, &bytes).expect("a response can be read at rest");
        if status.state == State::Committed {
            let start = boot::decide(&self.config, &self.chip, Asked::Nothing);
            assert!(matches!(start, Start::Application { .. }), "committed, but {start:?}");
        }
    }
}

fn loader(config: &Config, why: Why, chip: &FuzzChip) -> Code {
    let mut loader = Box::new(Loader::new());
    loader.start(config, why, chip);
    Code::Loader(loader)
}

fn begin(first: u8) -> Begin {
    Begin {
        vendor: ENVELOPE.vendor,
        module_type: ENVELOPE.number,
        hardware: Hardware::of(2),
        version: RECIPE.version,
        len: IMAGE.len() as u32,
        digest: digest(&IMAGE),
        group: (first >= 128).then_some(GROUP),
    }
}

fn to(choices: &mut Choices<'_>) -> Address {
    choices.pick(&[HOME, Address::ENUMERATION, GROUP])
}

/// As the loader seals its records and notes, with any contents; sometimes with those of a record of the image.
fn sealed(magic: [u8; 4], choices: &mut Choices<'_>) -> [u8; HALF_PAGE_LEN] {
    let words = if choices.byte().is_multiple_of(2) {
        core::array::from_fn(|_| choices.u32())
    } else {
        let whose = u32::from(ENVELOPE.vendor) | u32::from(ENVELOPE.number) << 16;
        let version = u32::from_le_bytes(RECIPE.version.to_bytes());
        [whose, version, IMAGE.len() as u32, digest(&IMAGE), choices.u16().into(), 0]
    };
    let mut half = [GEOMETRY.erased; HALF_PAGE_LEN];
    half[..4].copy_from_slice(&magic);
    for (place, word) in half[4..28].as_chunks_mut().0.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
    let crc = crc32(&half[..28]);
    half[28..32].copy_from_slice(&crc.to_le_bytes());
    half
}
