//! Faults 36, 38 and 16 from the host alone: bases that are none, bases that lie, what stood on the line, and whom it finds.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::Image;
use rackflash_core::host::rack::Presence;
use rackflash_core::host::session::{Input, LinkState, Output, Select, Session};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::identity::{IDENTITY_LEN, Identity};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, Seq, SessionId};
use rackflash_core::wire::message::{
    Bus, BusInfo, Cause, Here, Lane, List, PROTOCOL, State, ToBase, ToHost, Welcome,
};
use rackflash_core::wire::module::{
    Busy, Outcome, RESPONSE_OVERHEAD, Room, Session as ModuleSession, State as Standing, Status,
    Tag, Uid, emit_response,
};
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::world::World;
use rackflash_tests::fuzzing::MEMORY_MAX;
use rackflash_tests::fuzzing::session::{About, update};
use rackflash_tests::numbers::Numbers;

use crate::recipes::{NEW, OLD, envelope, one_envelope};

/// The one module's.
const ADDRESS: Address = Address::new(0x10).unwrap();
/// What the finder asks first of a module, and next: the numbers of what reads among its operations, and how many there are.
const STATUS_OP: u32 = 0;
const IDENTITY_OP: u32 = 5;
const OPS: u32 = 6;
const SESSION: SessionId = SessionId(42);

/// A host whose port is open, and the time.
struct Host {
    session: Session,
    now: Instant,
    seq: Seq,
    sent: Vec<u8>,
}

impl Host {
    fn new() -> Self {
        let mut host =
            Self { session: Session::new(), now: Instant::ZERO, seq: Seq(0), sent: Vec::new() };
        host.session.handle(Input::Opened { entropy: SESSION.0 }, host.now);
        host.drain();
        host
    }

    fn hears(&mut self, bytes: &[u8]) {
        self.session.handle(Input::Link(bytes), self.now);
        self.drain();
    }

    fn hears_frame(&mut self, kind: Kind, payload: &[u8]) {
        let wire = self.frame(kind, payload);
        self.hears(&wire);
    }

    fn frame(&mut self, kind: Kind, payload: &[u8]) -> Vec<u8> {
        let frame = Frame { kind, session: SESSION, seq: self.seq, ack: Seq(0), payload };
        if kind == Kind::Message {
            self.seq = self.seq.next();
        }
        let mut wire = [0; FRAME_MAX];
        let len = frame.emit(&mut wire).expect("a frame");
        wire[..len].to_vec()
    }

    fn says(&mut self, message: &ToHost<'_>) {
        self.says_at_once(&[*message]);
    }

    fn says_at_once(&mut self, messages: &[ToHost<'_>]) {
        let mut bytes = Vec::new();
        for message in messages {
            let mut payload = [0; 400];
            let len = message.emit(&mut payload).expect("a message");
            bytes.extend(self.frame(Kind::Message, &payload[..len]));
        }
        self.hears(&bytes);
    }

    fn says_here(&mut self, address: u8, here: Here) {
        self.says(&ToHost::Presence { bus: Bus(0), address, here });
    }

    /// What the finder's operation `op` has read, `times` times.
    fn says_read(&mut self, op: u32, data: &[u8], times: usize) {
        self.says_at_once(&vec![ToHost::Result { lane: Lane(0), op, data }; times]);
    }

    /// The finder hears who is there; it has pushed so many operations before.
    fn says_who(&mut self, before: u32, identity: &Identity) {
        self.says_read(before + STATUS_OP, &STATUS.emit(ADDRESS), 1);
        self.says_read(before + IDENTITY_OP, &response(identity), 1);
    }

    /// A host that has found one module and nobody else.
    fn with(identity: &Identity) -> Self {
        let mut host = Self::new();
        host.hears_frame(Kind::Welcome, &welcome_of(PROTOCOL, 40));
        host.says_here(ADDRESS.get(), Here::Yes);
        host.says_who(0, identity);
        for address in [0x11, Address::ENUMERATION.get()] {
            host.says_here(address, Here::No);
        }
        assert!(!host.session.is_detecting());
        host
    }

    /// Waits until it gives the base something to do.
    fn waits_until_it_asks(&mut self) {
        let before = self.submitted();
        for _ in 0..10 {
            if self.submitted() > before {
                return;
            }
            self.waits(Duration::from_millis(500));
            self.hears_frame(Kind::State, &state(0));
        }
        panic!("it asks nothing");
    }

    /// Lets time pass; returns how many frames the host sent.
    fn waits(&mut self, duration: Duration) -> usize {
        let end = self.now + duration;
        let mut sent = 0;
        loop {
            match self.session.poll(self.now) {
                Output::Send(bytes) => {
                    self.sent.extend(bytes);
                    sent += 1;
                }
                Output::Wait(at) => {
                    self.now = at.unwrap_or(end).max(self.now + Duration::from_micros(1)).min(end);
                    if self.now >= end {
                        return sent;
                    }
                    self.session.handle(Input::Wake, self.now);
                }
            }
        }
    }

    fn drain(&mut self) {
        while let Output::Send(bytes) = self.session.poll(self.now) {
            self.sent.extend(bytes);
        }
    }

    /// How many blocks of operations it has submitted so far; what it sends again is none.
    fn submitted(&self) -> usize {
        let (mut decoder, mut rest) = (Decoder::new(), self.sent.as_slice());
        let mut submitted = BTreeSet::new();
        while let Some(frame) = decoder.next(&mut rest) {
            let frame = frame.expect("a frame");
            let message = ToBase::parse(frame.payload);
            let is_submit = matches!(message, Ok(ToBase::Submit { .. }));
            if frame.kind == Kind::Message && is_submit {
                submitted.insert(frame.seq.0);
            }
        }
        submitted.len()
    }

    fn problem(&self) -> String {
        self.session
            .link_problem()
            .map_or("none".to_owned(), |problem| format!("{}: {problem}", problem.code()))
    }
}

/// Of a module whose application runs.
const STATUS: Status = Status {
    state: Standing::Application,
    busy: Busy::No,
    tag: Tag(7),
    outcome: Outcome::Done,
    room: Room(0),
    received: 0,
    session: ModuleSession(0),
};

fn response(identity: &Identity) -> Vec<u8> {
    let mut read = vec![0; RESPONSE_OVERHEAD + IDENTITY_LEN];
    emit_response(ADDRESS, &STATUS, &identity.emit(), &mut read).expect("a response");
    read
}

fn identity() -> Identity {
    let world = World::new(one_envelope(&envelope(OLD, 3_000)));
    world.modules()[0].config().identity
}

fn state(freed: u32) -> Vec<u8> {
    let mut payload = vec![0; 300];
    let len = State { freed, done: List::new() }.emit(&mut payload).expect("a state");
    payload.truncate(len);
    payload
}

fn welcome(protocol: u16) -> Vec<u8> {
    welcome_of(protocol, 4)
}

fn welcome_of(protocol: u16, blocks: u16) -> Vec<u8> {
    let buses = List::of([BusInfo { clock_hz: 400_000, first: 0x10, last: 0x11 }]);
    let welcome = Welcome {
        protocol,
        boot: 1,
        firmware: Version::new(1, 0, 0),
        blocks,
        lanes: 40,
        busy: 0,
        name: *b"a liar\0\0\0\0\0\0\0\0\0\0",
        buses,
        slots: List::new(),
    };
    let mut payload = vec![0; 200];
    let len = welcome.emit(&mut payload).expect("a welcome");
    payload.truncate(len);
    payload
}

#[test]
fn fault_38_nothing_answers() {
    let mut host = Host::new();
    host.waits(Duration::from_secs(3));
    expect!["silent-port: nothing answers on this port; check that it is the base card's, and that the rack has power"].assert_eq(&host.problem());
}

#[test]
fn fault_38_something_else_answers() {
    let mut host = Host::new();
    host.hears(b"login: ");
    host.waits(Duration::from_secs(3));
    expect![
        "not-a-base: what answers on this port is not a Rackflash base; choose the base card's port"
    ]
    .assert_eq(&host.problem());
}

#[test]
fn fault_36_a_newer_base_and_an_older_one() {
    let mut said = String::new();
    for protocol in [PROTOCOL + 0x100, PROTOCOL - 0x100] {
        let mut host = Host::new();
        host.hears_frame(Kind::Welcome, &welcome(protocol));
        host.waits(Duration::from_secs(3));
        said += &format!("{}\n", host.problem());
    }
    expect![[r#"
        base-newer: the base speaks protocol 2.1; use a newer version of this program
        base-older: the base speaks protocol 0.1; update the base card first
    "#]]
    .assert_eq(&said);
}

#[test]
fn fault_36_a_higher_minor_number_only_adds() {
    let mut host = Host::new();
    host.hears_frame(Kind::Welcome, &welcome(PROTOCOL + 1));
    host.says(&ToHost::Presence { bus: Bus(0), address: 0x10, here: Here::No });
    host.hears_frame(Kind::Message, &[0x99, 1, 2, 3]);
    assert_eq!(host.problem(), "none");
}

/// Whatever it says, the host neither panics nor believes it nor stops sending hellos and pings at its own pace.
#[test]
fn fault_38_a_base_that_says_anything() {
    for seed in 0..300 {
        let mut numbers = Numbers::new(seed);
        let mut host = Host::new();
        host.hears_frame(Kind::Welcome, &welcome(PROTOCOL));
        for _ in 0..60 {
            let lane = Lane(numbers.pick(&[0, 1, 2, 7, 39, 40, 47, 255]));
            let op = numbers.pick(&[0, 1, 2, 3, 5, 8, 11, u32::MAX]);
            let address = numbers.pick(&[0x00, 0x07, 0x10, 0x11, 0x12, 0x61, 0x77, 0xff]);
            let data: Vec<u8> =
                (0..numbers.below(120)).map(|_| numbers.u64().to_le_bytes()[0]).collect();
            match numbers.below(5) {
                0 => host.says(&ToHost::Result { lane, op, data: &data }),
                1 => host.says(&ToHost::Halted { lane, op, cause: Cause::NoAnswer, data: &[] }),
                2 => host.says(&ToHost::Presence { bus: Bus(0), address, here: Here::Yes }),
                3 => {
                    let state = State { freed: op.wrapping_neg(), done: List::of([(lane.0, op)]) };
                    let mut payload = [0; 300];
                    let len = state.emit(&mut payload).expect("a state");
                    host.hears_frame(Kind::State, &payload[..len]);
                }
                _ => host.hears(&data),
            }
            let sent = host.waits(Duration::from_millis(50));
            assert!(sent < 200, "seed {seed}: {sent} frames in 50 ms");
        }
        assert!(host.session.rack().modules.is_empty(), "seed {seed}: nobody proved to be there");
    }
}

/// In the middle of an update, about all or about one of two buses: `tests/src/fuzzing/session.rs` says how, and what must hold
/// meanwhile. Each job ends, each module's update with a word for why, and the other bus's module is updated.
#[test]
fn fault_38_a_base_that_says_anything_in_the_middle_of_an_update() {
    let mut said = String::new();
    for about in [About::All, About::OneBus] {
        let mut endings = BTreeMap::<String, usize>::new();
        for seed in 0..200 {
            let mut numbers = Numbers::new(seed);
            let len = 1 << numbers.below(11);
            let lies = numbers.bytes(len);
            // The last of these is what failed.
            println!("{about:?}, seed {seed}");
            let used = allocation_counter::measure(|| {
                let ended = update(about, &lies).join(", ");
                *endings.entry(ended).or_default() += 1;
            });
            assert!(used.bytes_max <= MEMORY_MAX, "{} bytes at once", used.bytes_max);
        }
        for (ended, times) in endings {
            said += &format!("{about:?}: {ended}: {times}\n");
        }
    }
    expect![[r#"
        All: updated, updated: 200
        OneBus: updated, failed bad-data: 29
        OneBus: updated, failed base-silent: 9
        OneBus: updated, failed not-answering: 4
        OneBus: updated, updated: 158
    "#]]
    .assert_eq(&said);
}

/// It says that all is done, and never what was read: each result on one bus is swallowed.
#[test]
fn fault_38_a_base_that_keeps_back_what_it_read() {
    // Each byte says once: instead, that the module is there.
    let endings = update(About::OneBus, &[12; 300]);
    assert_eq!(endings, ["updated", "failed base-silent"]);
}

/// It never says whether anybody is at an address: nobody is, as far as anybody knows.
#[test]
fn fault_38_a_base_that_keeps_back_who_is_there() {
    let mut host = Host::new();
    host.hears_frame(Kind::Welcome, &welcome(PROTOCOL));
    let mut seconds = 0;
    while host.session.is_detecting() && seconds < 20 {
        host.waits(Duration::from_secs(1));
        host.hears_frame(Kind::State, &state(0));
        seconds += 1;
    }
    assert_eq!(seconds, 10);
}

/// What is told twice is not taken for what is read next.
#[test]
fn fault_38_a_base_that_says_twice_what_it_read() {
    let mut host = Host::new();
    host.hears_frame(Kind::Welcome, &welcome(PROTOCOL));
    host.says_here(ADDRESS.get(), Here::Yes);
    host.says_read(STATUS_OP, &STATUS.emit(ADDRESS), 2);
    host.says_read(IDENTITY_OP, &response(&identity()), 2);
    assert_eq!(host.session.rack().modules.len(), 1);
}

/// Where another answers, whom another host has put there, the one that was known is not.
#[test]
fn whose_address_another_has_is_gone() {
    let first = identity();
    let mut host = Host::with(&first);
    host.waits_until_it_asks();
    // Before it asks who is there, it reminds all of whom it knows there.
    host.says_who(OPS + 1, &Identity { uid: Uid([0x5a; 12]), ..first });
    let rack = host.session.rack();
    let presence = rack.modules.iter().map(|module| module.presence).collect::<Vec<_>>();
    assert_eq!(presence, [Presence::Gone, Presence::Here]);
}

/// Both number their requests from what the module's status shows: the answer to one would be taken for the other's.
#[test]
fn an_update_waits_until_the_finder_has_its_answer() {
    let mut host = Host::with(&identity());
    let image = Image::from_binary(&envelope(NEW, 3_000).bytes(), APPLICATION_START);
    let offer = Offer::new(image.expect("an image")).expect("an image with a header");
    host.session.catalog.add(offer);
    host.waits_until_it_asks();
    let before = host.submitted();
    host.session.update(&Select::All, host.now);
    host.drain();
    assert_eq!(host.submitted(), before, "it asks while the finder does");
    host.says_who(OPS + 1, &identity());
    assert_eq!(
        host.submitted(),
        before + 2,
        "the finder asks who it is, and then the update begins"
    );
}

/// Else the host would think that the base holds what it has long done, and give it nothing.
#[test]
fn a_state_that_was_overtaken_takes_no_credit_back() {
    let mut host = Host::new();
    host.hears_frame(Kind::Welcome, &welcome_of(PROTOCOL, 1));
    host.says(&ToHost::Presence { bus: Bus(0), address: 0x10, here: Here::Yes });
    for freed in [1, 0] {
        host.hears_frame(Kind::State, &state(freed));
    }
    assert_eq!(host.submitted(), 1);
    let (lane, op) = (Lane(0), 0);
    host.says(&ToHost::Halted { lane, op, cause: Cause::NoAnswer, data: &[] });
    host.says(&ToHost::Presence { bus: Bus(0), address: 0x11, here: Here::Yes });
    assert_eq!(host.submitted(), 2, "there is credit for what it asks next");
}

#[test]
fn fault_16_hellos_end_what_stood_on_the_line() {
    let mut session = Session::new();
    session.handle(Input::Opened { entropy: 7 }, Instant::ZERO);
    let Output::Send(bytes) = session.poll(Instant::ZERO) else { panic!("a hello is due") };
    let mut decoder = Decoder::new();
    let mut line = b"half a fra".to_vec();
    line.extend(bytes);
    let mut rest = line.as_slice();
    assert!(decoder.next(&mut rest).expect("what stood there").is_err());
    assert_eq!(decoder.next(&mut rest).expect("the hello").expect("whole").kind, Kind::Hello);
}

/// Somebody else had the port before.
#[test]
fn fault_38_a_welcome_to_another_session() {
    let mut host = Host::new();
    let wire = host.frame(Kind::Welcome, &welcome_of(PROTOCOL, 40));
    host.session.handle(Input::Opened { entropy: SESSION.0 + 1 }, host.now);
    host.hears(&wire);
    assert_eq!(host.session.link_state(), LinkState::Greeting);
}
