//! A base on a bench: a virtual clock, buses with scripted modules, a host that says what a test has it say.
//!
//! A transcript has a line for each frame to and from the base and for each transaction, with its time in milliseconds. A
//! state is shown when it says something new; what only acknowledges is left out.

use core::fmt::Write;
use std::collections::BTreeMap;

use expect_test::Expect;
use rackflash_core::base::{Base, Block, Config, Input, Output};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, Seq, SessionId};
use rackflash_core::wire::message::{
    Bus, BusInfo, Hello, Lane, List, PROTOCOL, SlotInfo, State, ToBase, ToHost, Welcome,
};
use rackflash_core::wire::op::{Check, Op, Pattern};
use rackflash_core::wire::version::Version;

pub(crate) use crate::module::{Answer, fails, says};
use crate::module::{Module, Running, start};

/// How many blocks the base on the bench has.
pub(crate) const BLOCKS: usize = 8;

pub(crate) struct Bench {
    base: Base<Vec<Block>>,
    pub(crate) now: Instant,
    pub(crate) host: Host,
    modules: BTreeMap<(u8, u8), Module>,
    running: [Option<Running>; 4],
    transcript: String,
}

/// What the host knows and does by itself.
pub(crate) struct Host {
    pub(crate) session: SessionId,
    /// The number of its next message.
    pub(crate) seq: u16,
    /// The number it expects next.
    pub(crate) expected: u16,
    /// What it has told of that.
    acknowledged: u16,
    pub(crate) acknowledges: Acknowledges,
    /// Whether states are shown that only acknowledge.
    pub(crate) shows: Shows,
    /// So many frames from the base are lost from now on.
    pub(crate) loses: u32,
    decoder: Decoder,
    /// The last state that was shown, and the last that came.
    shown: State,
    pub(crate) state: State,
    pub(crate) results: Vec<(u8, u32, Vec<u8>)>,
}

/// Whether the host acknowledges by itself what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acknowledges {
    AtOnce,
    Never,
}

/// Which states are in the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Those that say where the lanes stand, if that is new.
    News,
    /// All, with what they acknowledge.
    All,
}

pub(crate) fn address(address: u8) -> Address {
    Address::new(address).unwrap()
}

pub(crate) fn write(to: u8, bytes: &[u8]) -> Op<'_> {
    Op::Write { to: address(to), bytes }
}

pub(crate) fn read(from: u8, len: u16) -> Op<'static> {
    Op::Read { from: address(from), check: Check::None, len }
}

/// Looks at one byte each millisecond until it is `until`.
pub(crate) fn poll(from: u8, until: u8, timeout_ms: u16) -> Op<'static> {
    let until = Pattern::any(1).with(0, 0xff, until);
    Op::Poll {
        from: address(from),
        check: Check::None,
        until,
        expect: until,
        every_us: 1000,
        timeout_ms,
    }
}

pub(crate) fn block(ops: &[Op<'_>]) -> Vec<u8> {
    let mut block = vec![0; 2048];
    let mut len = 0;
    for op in ops {
        len += op.emit(&mut block[len..]).unwrap();
    }
    block.truncate(len);
    block
}

/// A base with two buses: 1 MHz and 400 kHz.
pub(crate) fn config() -> Config {
    let buses = [
        BusInfo { clock_hz: 1_000_000, first: 0x10, last: 0x2f },
        BusInfo { clock_hz: 400_000, first: 0x30, last: 0x3f },
    ];
    Config {
        name: *b"Bench\0\0\0\0\0\0\0\0\0\0\0",
        firmware: Version { major: 0, minor: 3, patch: 1 },
        boot: 0xb007_0001,
        buses: List::of(buses),
        slots: List::of([SlotInfo { bus: Bus(0), address: 0x10 }]),
    }
}

impl Bench {
    /// A base that has just started, and nobody has said hello.
    pub(crate) fn silent() -> Self {
        Self {
            base: Base::new(config(), vec![Block::EMPTY; BLOCKS]),
            now: Instant::ZERO,
            host: Host {
                session: SessionId(1),
                seq: 0,
                expected: 0,
                acknowledged: 0,
                acknowledges: Acknowledges::AtOnce,
                shows: Shows::News,
                loses: 0,
                decoder: Decoder::new(),
                shown: State::default(),
                state: State::default(),
                results: Vec::new(),
            },
            modules: BTreeMap::new(),
            running: [const { None }; 4],
            transcript: String::new(),
        }
    }

    /// A base that has greeted a host; that is not in the transcript.
    pub(crate) fn new() -> Self {
        let mut bench = Self::silent();
        bench.hello(1);
        bench.transcript.clear();
        bench
    }

    /// The module at this address of a bus; there is none before this was called.
    /// A module at 0x10, and lane 0 open on its bus.
    pub(crate) fn with_lane() -> Self {
        let mut bench = Self::new();
        bench.module(0x10);
        bench.open(0, 0);
        bench.skip();
        bench
    }

    pub(crate) fn module_on(&mut self, bus: u8, address: u8) -> &mut Module {
        self.modules.entry((bus, address)).or_insert_with(Module::new)
    }

    pub(crate) fn module(&mut self, address: u8) -> &mut Module {
        self.module_on(0, address)
    }

    pub(crate) fn unplug(&mut self, address: u8) {
        self.modules.remove(&(0, address));
    }

    /// A new session.
    pub(crate) fn hello(&mut self, session: u32) {
        self.host.session = SessionId(session);
        (self.host.seq, self.host.expected, self.host.acknowledged) = (0, 0, 0);
        (self.host.shown, self.host.state) = (State::default(), State::default());
        self.say_hello(session);
    }

    /// A hello alone.
    pub(crate) fn say_hello(&mut self, session: u32) {
        let payload = Hello { protocol: PROTOCOL }.emit();
        self.send(Kind::Hello, session, 0, &payload);
    }

    /// The next message in order.
    pub(crate) fn tell(&mut self, message: &ToBase<'_>) {
        let seq = self.host.seq;
        self.host.seq = seq.wrapping_add(1);
        self.tell_as(seq, message);
    }

    /// A message with any number.
    pub(crate) fn tell_as(&mut self, seq: u16, message: &ToBase<'_>) {
        let mut payload = [0; 1400];
        let len = message.emit(&mut payload).unwrap();
        self.send(Kind::Message, self.host.session.0, seq, &payload[..len]);
    }

    pub(crate) fn open(&mut self, lane: u8, bus: u8) {
        self.tell(&ToBase::Open { lane: Lane(lane), bus: Bus(bus) });
    }

    pub(crate) fn submit(&mut self, lane: u8, first: u32, ops: &[Op<'_>]) {
        self.submit_bytes(lane, first, &block(ops));
    }

    pub(crate) fn submit_bytes(&mut self, lane: u8, first: u32, ops: &[u8]) {
        self.tell(&ToBase::Submit { lane: Lane(lane), first, ops });
    }

    pub(crate) fn abort(&mut self, lane: u8) {
        self.tell(&ToBase::Abort { lane: Lane(lane) });
    }

    pub(crate) fn watch(&mut self, bus: u8, addresses: &[u8]) {
        let mut bits = [0; 16];
        for address in addresses {
            bits[usize::from(address / 8)] |= 1 << (address % 8);
        }
        self.tell(&ToBase::Watch { bus: Bus(bus), addresses: bits });
    }

    /// A frame from the host.
    pub(crate) fn send(&mut self, kind: Kind, session: u32, seq: u16, payload: &[u8]) {
        let ack = Seq(self.host.acknowledged);
        let frame = Frame { kind, session: SessionId(session), seq: Seq(seq), ack, payload };
        let words = match kind {
            Kind::Message => ToBase::parse(payload)
                .map_or_else(|error| error.to_string(), |message| message.to_string()),
            Kind::Hello => Hello::parse(payload)
                .map_or_else(|error| error.to_string(), |hello| hello.to_string()),
            Kind::State | Kind::Welcome => String::new(),
        };
        // The rest is as one expects it.
        let odd = if kind == Kind::Message && seq.wrapping_add(1) != self.host.seq {
            format!("(#{seq}) ")
        } else if frame.session != self.host.session || kind == Kind::Hello {
            format!("(session {session}) ")
        } else {
            String::new()
        };
        self.line(&format!("-> {kind:?} {odd}{words}"));
        self.send_frame(&frame);
    }

    /// A block without operations and a hello in one piece: the block is freed after the hello was read.
    pub(crate) fn tell_and_hello(&mut self, lane: u8, session: u32) {
        let submit = ToBase::Submit { lane: Lane(lane), first: 0, ops: &[] };
        let mut payload = [0; 16];
        let len = submit.emit(&mut payload).unwrap();
        let mut frame = Frame {
            kind: Kind::Message,
            session: self.host.session,
            seq: Seq(self.host.seq),
            ack: Seq(self.host.acknowledged),
            payload: &payload[..len],
        };
        let mut wire = encoded(&frame);
        let hello = Hello { protocol: PROTOCOL }.emit();
        frame.session = SessionId(session);
        (frame.kind, frame.seq, frame.ack, frame.payload) = (Kind::Hello, Seq(0), Seq(0), &hello);
        wire.extend(encoded(&frame));
        self.line(&format!("-> Message {submit}, Hello (session {session})"));
        self.host.session = SessionId(session);
        (self.host.seq, self.host.expected, self.host.acknowledged) = (0, 0, 0);
        (self.host.shown, self.host.state) = (State::default(), State::default());
        self.input(&wire);
    }

    /// A state that says only what has come.
    pub(crate) fn acknowledge(&mut self) {
        self.host.acknowledged = self.host.expected;
        let frame = Frame {
            kind: Kind::State,
            session: self.host.session,
            seq: Seq(self.host.seq),
            ack: Seq(self.host.acknowledged),
            payload: &[],
        };
        self.send_frame(&frame);
    }

    fn send_frame(&mut self, frame: &Frame<'_>) {
        self.input(&encoded(frame));
    }

    /// Any bytes from the host.
    pub(crate) fn input(&mut self, bytes: &[u8]) {
        self.base.handle(Input::Link(bytes), self.now);
        self.drain();
    }

    /// Lets so much time pass; returns whether anything went over a bus.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let wake = self.drain();
            let ends = self.running.iter().flatten().map(|running| running.ends);
            let next = ends.chain(wake).chain([end]).min().unwrap_or(end);
            assert!(next >= self.now, "the base waits for a time that has been");
            self.now = next;
            if next >= end {
                return;
            }
            let ended = self
                .running
                .iter()
                .position(|running| running.as_ref().is_some_and(|running| running.ends <= next));
            match ended.and_then(|bus| Some((bus, self.running[bus].take()?))) {
                Some((bus, running)) => {
                    let result = running.result.as_deref().map_err(|error| *error);
                    let bus = Bus(u8::try_from(bus).unwrap());
                    self.base.handle(Input::Transferred(bus, result), self.now);
                }
                None => self.base.handle(Input::Wake, self.now),
            }
        }
    }

    pub(crate) fn run_ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    /// All that the base wants done now; returns how long it waits.
    fn drain(&mut self) -> Option<Instant> {
        for _ in 0..10_000 {
            let now = self.now;
            match self.base.poll(now) {
                Output::Link(bytes) => {
                    let bytes = bytes.to_vec();
                    self.heard(&bytes);
                }
                Output::Transfer(transfer) => {
                    let (bus, running, line) = start(&mut self.modules, &transfer, now);
                    let place = &mut self.running[usize::from(bus.0)];
                    assert!(place.is_none(), "{bus} is busy: {line}");
                    *place = Some(running);
                    self.line(&line);
                }
                Output::Pin { pin, level } => self.line(&format!("== pin {pin} {level:?}")),
                Output::Wait(wake) => {
                    assert!(wake.is_none_or(|wake| wake > now), "the base waits for now");
                    return wake;
                }
            }
        }
        panic!("the base never waits:\n{}", self.transcript);
    }

    /// Bytes from the base.
    fn heard(&mut self, bytes: &[u8]) {
        let mut decoder = core::mem::take(&mut self.host.decoder);
        let mut rest = bytes;
        while let Some(frame) = decoder.next(&mut rest) {
            let frame = frame.expect("the base sends whole frames");
            assert_eq!(frame.session, self.host.session);
            if self.host.loses > 0 {
                self.host.loses -= 1;
                self.line(&format!("<- {:?} (lost) {}", frame.kind, words(&frame)));
                continue;
            }
            match frame.kind {
                Kind::State => {
                    self.host.state = State::parse(frame.payload).unwrap();
                    let news = self.host.state != self.host.shown;
                    self.host.shown = self.host.state;
                    if self.host.shows == Shows::All {
                        self.line(&format!("<- (ack {}) {}", frame.ack.0, words(&frame)));
                    } else if news {
                        self.line(&format!("<- {}", words(&frame)));
                    }
                }
                Kind::Message if frame.seq != Seq(self.host.expected) => {
                    self.line(&format!("<- Message (#{}) {}", frame.seq.0, words(&frame)));
                }
                Kind::Message => {
                    self.host.expected = self.host.expected.wrapping_add(1);
                    self.line(&format!("<- {}", words(&frame)));
                    if let Ok(ToHost::Result { lane, op, data }) = ToHost::parse(frame.payload) {
                        self.host.results.push((lane.0, op, data.to_vec()));
                    }
                    if self.host.acknowledges == Acknowledges::AtOnce {
                        self.acknowledge();
                    }
                }
                Kind::Hello | Kind::Welcome => self.line(&format!("<- {}", words(&frame))),
            }
        }
        self.host.decoder = decoder;
    }

    /// Adds a line to the transcript.
    pub(crate) fn line(&mut self, line: &str) {
        let micros = self.now.micros();
        writeln!(self.transcript, "{:6}.{:03} {}", micros / 1000, micros % 1000, line.trim_end())
            .unwrap();
    }

    /// What has happened since the last time.
    pub(crate) fn check(&mut self, expect: Expect) {
        let transcript = core::mem::take(&mut self.transcript);
        // As the expected text has it: without what all lines begin with.
        let spaces = |line: &str| line.len() - line.trim_start().len();
        let indent = transcript.lines().map(spaces).min().unwrap_or_default();
        let lines = transcript.lines().map(|line| line[indent..].to_owned() + "\n");
        expect.assert_eq(&lines.collect::<String>());
    }

    /// What has happened since the last time does not matter.
    pub(crate) fn skip(&mut self) -> String {
        core::mem::take(&mut self.transcript)
    }
}

fn encoded(frame: &Frame<'_>) -> Vec<u8> {
    let mut wire = [0; FRAME_MAX];
    let len = frame.emit(&mut wire).unwrap();
    wire[..len].to_vec()
}

fn words(frame: &Frame<'_>) -> String {
    match frame.kind {
        Kind::Welcome => Welcome::parse(frame.payload).unwrap().to_string(),
        Kind::Message => ToHost::parse(frame.payload).unwrap().to_string(),
        Kind::State => State::parse(frame.payload).unwrap().to_string(),
        Kind::Hello => unreachable!("a base never says hello"),
    }
}
