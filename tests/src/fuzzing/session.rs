//! A base that says anything in the middle of an update: its frames lost, doubled, changed and made up, with checks that are
//! right. The host neither panics nor spins nor hoards, and its job ends; what modules run is what they may run. Where the lies
//! are about one bus alone, the module on the other one is updated. And then, with an honest base, a new host updates all.

use std::collections::BTreeMap;

use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::Image;
use rackflash_core::host::report::Report;
use rackflash_core::host::session::{Input, LinkState, Output, Select, Session};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, Seq};
use rackflash_core::wire::message::{Bus, Cause, Here, Lane, List, State, ToBase, ToHost, Welcome};
use rackflash_sim::chip::{APPLICATION_START, Variant};
use rackflash_sim::images::Recipe;
use rackflash_sim::module::Runs;
use rackflash_sim::world::World;

use super::choices::Choices;
use crate::oracle::Oracle;
use crate::racks::{NEW, all_different};

/// Few pages: many runs.
const LEN: usize = 2_000;
/// Few, so that the base is small; more than two modules need.
const BLOCKS: usize = 40;
/// Before anything is wrong: applications have started, and the modules are found.
const FOUND_BY: Duration = Duration::from_secs(3);
/// By then each job ends: what a base keeps back is waited for a minute at most, in each of three tries twice: before, and to see
/// what became of the module; and a module that is gone is waited for a minute.
const ENDS_BY: Duration = Duration::from_secs(600);
/// By then an undisturbed update has ended.
const HONEST_BY: Duration = Duration::from_secs(10);
/// By then a module is updated whose neighbour on another bus is lied about: it takes half a second undisturbed.
const OTHER_ENDS_BY: Duration = Duration::from_secs(10);
/// More frames at one moment are a loop: a host sends at most what fits into the base, and some words.
const SENT_MAX: usize = 2 * BLOCKS;
/// The bus that is lied about where it is one.
const BUS: Bus = Bus(1);

/// What the base lies about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// All that it says.
    All,
    /// One bus: the second module's.
    OneBus,
}

struct Line<'a> {
    about: About,
    choices: Choices<'a>,
    session: Session,
    world: World,
    oracle: Oracle,
    wait: Option<Instant>,
    /// Ours of what goes over the line: from the base, and to it.
    heard: Decoder,
    sent: Decoder,
    /// The bus of each lane.
    lanes: BTreeMap<u8, Bus>,
    /// What was held back: it comes behind the next.
    late: Vec<u8>,
}

pub(super) fn run(input: &[u8]) {
    let about =
        if input.first().is_some_and(|first| first % 2 == 1) { About::OneBus } else { About::All };
    update(about, input.get(1..).unwrap_or_default());
}

/// Updates two modules while the base lies about this, as long as `lies` has bytes. Returns how each ended.
///
/// # Panics
/// If it did not, or otherwise than it may.
pub fn update(about: About, lies: &[u8]) -> Vec<String> {
    let (mut setup, recipes) = all_different(2, LEN, Variant::Kb64);
    setup.blocks = BLOCKS;
    (setup.buses[0].first, setup.buses[0].last) = (0x10, 0x11);
    setup.buses.push(setup.buses[0]);
    setup.slots[1].bus = BUS;
    let mut line = Line {
        about,
        choices: Choices::new(&[]),
        session: Session::new(),
        world: World::new(setup.clone()),
        oracle: Oracle::default(),
        wait: None,
        heard: Decoder::new(),
        sent: Decoder::new(),
        lanes: BTreeMap::new(),
        late: Vec::new(),
    };
    setup.modules.iter().for_each(|module| line.oracle.expect_installed(module));
    let images: Vec<_> = recipes.iter().map(Recipe::bytes).collect();
    images.iter().for_each(|image| line.oracle.offer(image, &line.world));
    line.world.run_until(Instant::ZERO + Duration::from_secs(1));
    line.begin(1, &images);
    line.choices = Choices::new(lies);
    if about == About::OneBus {
        line.run_until(OTHER_ENDS_BY, |line| {
            line.world.modules()[0].runs() == Runs::Application(NEW)
        });
    }
    line.run_until(ENDS_BY, Line::is_done);
    let modules = Report::of(&line.session).modules;
    let endings = modules.iter().map(|module| {
        [module.outcome, module.cause.unwrap_or_default()].join(" ").trim().to_owned()
    });
    let endings: Vec<_> = endings.collect();
    line.choices = Choices::new(&[]);
    line.session = Session::new();
    line.oracle.host_begins();
    line.begin(2, &images);
    line.run_until(HONEST_BY, Line::is_done);
    line.oracle.check_after(&line.world, &line.session);
    for module in line.world.modules() {
        assert_eq!(module.runs(), Runs::Application(NEW), "with an honest base");
    }
    endings
}

impl Line<'_> {
    /// Opens the port, finds both modules, and begins to update them.
    fn begin(&mut self, entropy: u32, images: &[Vec<u8>]) {
        for image in images {
            let image = Image::from_binary(image, APPLICATION_START).expect("an image");
            self.session.catalog.add(Offer::new(image).expect("an image with a header"));
        }
        self.session.handle(Input::Opened { entropy }, self.world.now());
        self.drain();
        self.run_until(FOUND_BY, |line| {
            line.session.link_state() == LinkState::Up
                && !line.session.is_detecting()
                && line.session.rack().modules.len() == 2
        });
        self.session.update(&Select::All, self.world.now());
        self.drain();
    }

    fn is_done(&self) -> bool {
        self.session.job().is_none_or(|job| job.ended.is_some())
    }

    fn run_until(&mut self, within: Duration, done: impl Fn(&Self) -> bool) {
        let end = self.world.now() + within;
        let mut idle = 0;
        while !done(self) {
            let before = self.world.now();
            assert!(before < end, "not done within {within:?}: {}", self.standing());
            let until = self.wait.map_or(end, |wait| wait.min(end));
            self.world.run_until_heard(until);
            let mut bytes = Vec::new();
            self.world.read(&mut bytes);
            let bytes = self.change(&bytes);
            let input = if bytes.is_empty() { Input::Wake } else { Input::Link(&bytes) };
            self.session.handle(input, self.world.now());
            self.drain();
            self.oracle.check_during(&self.world);
            idle = if self.world.now() == before { idle + 1 } else { 0 };
            assert!(idle < SENT_MAX, "time stands still");
        }
    }

    fn standing(&self) -> String {
        let (about, session, rack) = (self.about, &self.session, self.session.rack());
        let (link, detecting) = (session.link_state(), session.is_detecting());
        let modules = rack.modules.iter().map(|module| (module.presence, &module.phase));
        let modules: Vec<_> = modules.collect();
        format!("lies about {about:?}, the link is {link:?}, detecting: {detecting}, {modules:?}")
    }

    fn drain(&mut self) {
        for _ in 0..SENT_MAX {
            match self.session.poll(self.world.now()) {
                Output::Send(bytes) => {
                    self.learn(&bytes);
                    self.world.write(&bytes);
                }
                Output::Wait(at) => return self.wait = at,
            }
        }
        panic!("the host sends without end");
    }

    /// Which lane works on which bus.
    fn learn(&mut self, mut bytes: &[u8]) {
        while let Some(frame) = self.sent.next(&mut bytes) {
            let Ok(Frame { kind: Kind::Message, payload, .. }) = frame else { continue };
            if let Ok(ToBase::Open { lane, bus }) = ToBase::parse(payload) {
                self.lanes.insert(lane.0, bus);
            }
        }
    }

    /// What the host hears instead.
    fn change(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        if !self.choices.are_left() && self.late.is_empty() {
            // Half a frame that is left here is sent again.
            return bytes.to_vec();
        }
        let Self { about, choices, heard, lanes, late, oracle, .. } = self;
        let mut said = Vec::new();
        while let Some(frame) = heard.next(&mut bytes) {
            let Ok(frame) = frame else { continue };
            let behind = core::mem::take(late);
            oracle.base_may_lie();
            match about {
                About::All => lie(&frame, choices, &mut said, late),
                About::OneBus => lie_about_one(&frame, choices, lanes, &mut said),
            }
            said.extend(behind);
        }
        said
    }
}

/// Anything.
fn lie(frame: &Frame<'_>, choices: &mut Choices<'_>, said: &mut Vec<u8>, late: &mut Vec<u8>) {
    let mut payload = frame.payload.to_vec();
    match choices.byte() % 16 {
        0 => {}
        1 => (0..2).for_each(|_| emit(frame, said)),
        2 => emit(frame, late),
        3 => {
            said.extend(choices.some_bytes());
            emit(frame, said);
        }
        4 => {
            let (at, byte) = (usize::from(choices.u16()), choices.byte());
            let len = payload.len().max(1);
            if let Some(place) = payload.get_mut(at % len) {
                *place = byte;
            }
            emit(&Frame { payload: &payload, ..*frame }, said);
        }
        5 => emit(&Frame { payload: choices.some_bytes(), ..*frame }, said),
        6 => emit(&Frame { payload: &made_up(choices), ..*frame }, said),
        7 => {
            let done = List::of([(choices.byte(), choices.u32())]);
            let mut payload = [0; 64];
            let len = State { freed: choices.u32(), done }.emit(&mut payload).expect("it fits");
            emit(&Frame { kind: Kind::State, payload: &payload[..len], ..*frame }, said);
        }
        8 => emit(&Frame { seq: Seq(choices.u16()), ..*frame }, said),
        9 => emit(&Frame { ack: Seq(choices.u16()), ..*frame }, said),
        10 => {
            let kind = choices.pick(&[Kind::Hello, Kind::Welcome, Kind::Message, Kind::State]);
            emit(&Frame { kind, ..*frame }, said);
        }
        12 if frame.kind == Kind::Welcome => {
            let Ok(welcome) = Welcome::parse(frame.payload) else { return };
            let busy = choices.byte();
            let len = Welcome { busy, ..welcome }.emit(&mut payload).expect("it is as long");
            emit(&Frame { payload: &payload[..len], ..*frame }, said);
        }
        // A frame without an end.
        11 => said.extend(core::iter::repeat_n(choices.byte() | 1, choices.u16().into())),
        _ => emit(frame, said),
    }
}

/// Only what is about lanes of one bus, and only as a base may say it.
fn lie_about_one(
    frame: &Frame<'_>,
    choices: &mut Choices<'_>,
    lanes: &BTreeMap<u8, Bus>,
    said: &mut Vec<u8>,
) {
    let is_of_it = |lane: Lane| lanes.get(&lane.0) == Some(&BUS);
    let message = ToHost::parse(frame.payload).ok().filter(|_| frame.kind == Kind::Message);
    let lie = match message {
        Some(ToHost::Result { lane, op, data } | ToHost::Halted { lane, op, data, .. })
            if is_of_it(lane) =>
        {
            match choices.byte() % 8 {
                0 => ToHost::Result { lane, op, data: choices.some_bytes() },
                1 => ToHost::Result { lane, op: choices.u32(), data },
                2 => ToHost::Halted { lane, op, cause: choices.pick(Cause::ALL), data },
                3 => ToHost::Halted {
                    lane,
                    op: choices.u32(),
                    cause: choices.pick(Cause::ALL),
                    data: &[],
                },
                4 => presence(choices),
                5 => errors(choices),
                _ => return emit(frame, said),
            }
        }
        Some(ToHost::Presence { bus: BUS, .. }) => presence(choices),
        _ => return emit(frame, said),
    };
    let mut payload = [0; 600];
    let len = lie.emit(&mut payload).expect("it fits");
    emit(&Frame { payload: &payload[..len], ..*frame }, said);
}

fn presence(choices: &mut Choices<'_>) -> ToHost<'static> {
    let here = choices.pick(&[Here::Yes, Here::No, Here::Held]);
    ToHost::Presence { bus: BUS, address: choices.pick(&[0x11, 0x10, 0x00, 0xff]), here }
}

fn errors(choices: &mut Choices<'_>) -> ToHost<'static> {
    let (count, cause) = (choices.u32(), choices.pick(Cause::ALL));
    ToHost::Errors { bus: BUS, address: choices.byte(), count, cause }
}

fn made_up(choices: &mut Choices<'_>) -> Vec<u8> {
    let (lane, op) = (Lane(choices.pick(&[0, 1, 2, 39, 255])), choices.byte().into());
    let message = match choices.byte() % 4 {
        0 => ToHost::Result { lane, op, data: choices.some_bytes() },
        1 => {
            ToHost::Halted { lane, op, cause: choices.pick(Cause::ALL), data: choices.some_bytes() }
        }
        2 => errors(choices),
        _ => {
            let (bus, here) =
                (Bus(choices.byte() % 3), choices.pick(&[Here::Yes, Here::No, Here::Held]));
            ToHost::Presence { bus, address: choices.byte(), here }
        }
    };
    let mut payload = vec![0; 600];
    let len = message.emit(&mut payload).expect("it fits");
    payload.truncate(len);
    payload
}

fn emit(frame: &Frame<'_>, said: &mut Vec<u8>) {
    let mut wire = [0; FRAME_MAX];
    let len = frame.emit(&mut wire).expect("the payload is short");
    said.extend(&wire[..len]);
}
