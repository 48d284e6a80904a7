//! A host and buses that do anything at any time: the base keeps one transaction on a bus and within the bus's clock, never
//! spins, and has all its blocks in the end.

use rackflash_core::base::{Base, Block, BusError, Config, Direction, Input, Output};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, Seq, SessionId};
use rackflash_core::wire::message::{
    BLOCK_LEN, Bus, BusInfo, Hello, LANES_MAX, Lane, List, PROTOCOL, RESULT_LEN_MAX, SlotInfo,
    ToBase, Welcome,
};
use rackflash_core::wire::version::Version;

use super::choices::Choices;

const BLOCKS: usize = 4;
/// Those that are used, and one that is none.
const LANES: [u8; 5] = [0, 1, 2, LANES_MAX - 1, 255];
const CLOCKS_HZ: [u32; 2] = [1_000_000, 400_000];
/// What a base may say and do at one moment: each operation that it holds is done once, each message is sent once.
const OUTPUTS_MAX: usize = BLOCKS * BLOCK_LEN + 1000;
/// As rounds: an operation that is tried needs a few.
const ROUNDS_MAX: usize = 1_000_000;
/// The most lanes that hold work can take, one after the other: polls of a minute, again and again, in every try of an
/// attempt.
const LAST_MAX: Duration = Duration::from_secs(1_000_000);

struct World {
    base: Base<Vec<Block>>,
    now: Instant,
    wake: Option<Instant>,
    /// How many bytes each bus is to bring, if it is busy.
    running: [Option<usize>; 2],
    session: SessionId,
    seq: u16,
    /// What the base has said: its last welcome.
    welcome: Option<Welcome>,
}

pub(super) fn run(input: &[u8]) {
    let mut choices = Choices::new(input);
    let config = Config {
        name: *b"Bench\0\0\0\0\0\0\0\0\0\0\0",
        firmware: Version::new(0, 1, 0),
        boot: 1,
        buses: List::of(CLOCKS_HZ.map(|clock_hz| BusInfo { clock_hz, first: 0x10, last: 0x2f })),
        slots: List::of([SlotInfo { bus: Bus(0), address: 0x10 }]),
    };
    let mut world = World {
        base: Base::new(config, vec![Block::EMPTY; BLOCKS]),
        now: Instant::ZERO,
        wake: None,
        running: [None; 2],
        session: SessionId(0),
        seq: 0,
        welcome: None,
    };
    world.hello(1);
    while choices.are_left() {
        world.act(&mut choices);
    }
    world.end();
}

impl World {
    fn act(&mut self, choices: &mut Choices<'_>) {
        let lane = |choices: &mut Choices<'_>| Lane(choices.pick(&LANES));
        match choices.byte() % 12 {
            0 => self.handle(Input::Link(choices.some_bytes())),
            1 => {
                let kind = choices.pick(&[Kind::Message, Kind::State, Kind::Welcome]);
                let (seq, ack) = (choices.u16(), choices.u16());
                self.send(kind, seq, ack, choices.some_bytes());
            }
            2 => self.hello(choices.pick(&[1, 2, 3])),
            3 => {
                let (lane, bus) = (lane(choices), Bus(choices.pick(&[0, 1, 2, 255])));
                self.tell(&ToBase::Open { lane, bus });
            }
            4..=6 => {
                let (lane, first) = (lane(choices), choices.byte().into());
                self.tell(&ToBase::Submit { lane, first, ops: choices.some_bytes() });
            }
            7 => self.tell(&ToBase::Abort { lane: lane(choices) }),
            8 => {
                let (bus, mut addresses) = (Bus(choices.pick(&[0, 1, 3, 4])), [0; 16]);
                addresses[usize::from(choices.byte() % 16)] = choices.byte();
                self.tell(&ToBase::Watch { bus, addresses });
            }
            9 => {
                let bus = choices.byte() % 3;
                let errors =
                    [BusError::NoAnswer, BusError::NoAck, BusError::Arbitration, BusError::Stuck];
                let error = choices.pick(&errors);
                self.transferred(bus, Err(error));
            }
            10 => self.transferred(choices.byte() % 3, Ok(choices.some_bytes())),
            _ => {
                let exact = self.wake.filter(|wake| *wake > self.now);
                let passed = self.now + Duration::from_micros(u64::from(choices.u16()) * 16);
                self.now = exact.map_or(passed, |wake| wake.min(passed));
                self.handle(Input::Wake);
            }
        }
    }

    /// What is on the bus ends, with as many bytes as it was to bring; what is not there ends, too.
    fn transferred(&mut self, bus: u8, result: Result<&[u8], BusError>) {
        let len = self.running.get_mut(usize::from(bus)).and_then(Option::take).unwrap_or(0);
        let bytes = result.map(|bytes| {
            let mut read = vec![bytes.first().copied().unwrap_or_default(); len];
            read.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            read
        });
        let result = bytes.as_deref().map_err(|error| *error);
        self.handle(Input::Transferred(Bus(bus), result));
    }

    fn hello(&mut self, session: u32) {
        (self.session, self.seq) = (SessionId(session), 0);
        let payload = Hello { protocol: PROTOCOL }.emit();
        self.send(Kind::Hello, 0, 0, &payload);
    }

    fn tell(&mut self, message: &ToBase<'_>) {
        let mut payload = [0; BLOCK_LEN];
        let len = message.emit(&mut payload).expect("a short one");
        self.send(Kind::Message, self.seq, 0, &payload[..len]);
        self.seq = self.seq.wrapping_add(1);
    }

    fn send(&mut self, kind: Kind, seq: u16, ack: u16, payload: &[u8]) {
        let (session, mut wire) = (self.session, [0; FRAME_MAX]);
        let frame = Frame { kind, session, seq: Seq(seq), ack: Seq(ack), payload };
        let len = frame.emit(&mut wire).expect("a short one");
        // What stood on the line before ends with a delimiter.
        self.handle(Input::Link(&[&[0], &wire[..len]].concat()));
    }

    fn handle(&mut self, input: Input<'_>) {
        self.base.handle(input, self.now);
        for _ in 0..OUTPUTS_MAX {
            match self.base.poll(self.now) {
                Output::Link(wire) => {
                    let mut decoder = Decoder::new();
                    let frame = decoder.next(&mut &wire[..]).expect("a frame").expect("whole");
                    if frame.kind == Kind::Welcome {
                        self.welcome = Some(Welcome::parse(frame.payload).expect("a welcome"));
                    }
                }
                Output::Transfer(transfer) => {
                    let bus = usize::from(transfer.bus.0);
                    assert!((1..=CLOCKS_HZ[bus]).contains(&transfer.clock_hz));
                    let len = match transfer.direction {
                        Direction::Write(_) => 0,
                        Direction::Read(len) => len,
                    };
                    assert!(len <= RESULT_LEN_MAX);
                    assert!(self.running[bus].replace(len).is_none(), "a bus has one at a time");
                }
                Output::Pin { .. } => {}
                Output::Wait(wake) => {
                    assert!(wake.is_none_or(|wake| wake > self.now), "nothing is left to do now");
                    self.wake = wake;
                    return;
                }
            }
        }
        panic!("the base spins");
    }

    /// The host goes, and nothing answers any more: the base finishes what it has, and is as it was.
    fn end(&mut self) {
        self.hello(4);
        for lane in LANES {
            self.tell(&ToBase::Abort { lane: Lane(lane) });
        }
        let end = self.now + LAST_MAX;
        let mut rounds = 0;
        while self.running.iter().any(Option::is_some) || self.busy() > 0 {
            for bus in 0..2 {
                self.transferred(bus, Err(BusError::NoAnswer));
            }
            self.now = self.wake.map_or(self.now, |wake| wake.max(self.now));
            rounds += 1;
            assert!(self.now < end && rounds < ROUNDS_MAX, "a lane never ends");
            self.handle(Input::Wake);
        }
        let welcome = self.welcome.as_ref().map(|welcome| usize::from(welcome.blocks));
        assert_eq!(welcome, Some(BLOCKS), "no block is lost");
    }

    /// How many lanes have work, as the base tells a host that comes.
    fn busy(&mut self) -> u8 {
        let next = if self.session.0 == 5 { 6 } else { 5 };
        self.hello(next);
        self.welcome.as_ref().map_or(0, |welcome| welcome.busy)
    }
}
