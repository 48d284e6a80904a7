//! Random work on several lanes of two buses that fail at random, from a host whose line loses frames at random: each lane
//! does what the reference says, all credit comes back, and nothing stalls.

use std::collections::{BTreeMap, VecDeque};

use expect_test::expect;
use rackflash_core::base::BusError::{Arbitration, Held, NoAck, NoAnswer, Stuck};
use rackflash_core::base::{Base, Block, Direction, Input, Output, Transfer};
use rackflash_core::link::{Endpoint, Pushed, Received};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::pec_from;
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, PAYLOAD_MAX, Seq, SessionId};
use rackflash_core::wire::message::{
    BLOCK_LEN, Bus, Hello, Lane, PROTOCOL, State, ToBase, ToHost, Welcome,
};
use rackflash_core::wire::op::{Check, Op, Ops, Pattern};
use rackflash_tests::numbers::Numbers;

use crate::bench::{BLOCKS, address, config};
use crate::reference::{Given, Told, Transaction, What, follow};

const LANES: u8 = 7;
const SESSION: SessionId = SessionId(0xfeed);
/// How long a frame is under way.
const LATENCY: Duration = Duration::from_millis(1);

/// For everything: some 100 transactions a lane, polls of two seconds, frames that are lost.
const TIME_MAX: Duration = Duration::from_secs(120);

/// A lane as the host and the buses see it.
struct Work {
    bus: u8,
    to_give: VecDeque<(u32, Vec<u8>)>,
    /// By opening.
    given: Vec<Given>,
    transactions: Vec<Transaction>,
    told: Vec<Told>,
    /// How many of its transactions have failed, as the base says.
    failed: u32,
    done: u32,
}

struct World {
    numbers: Numbers,
    fails_pct: u64,
    loses_pct: u64,
    now: Instant,
    base: Base<Vec<Block>>,
    running: [Option<Transaction>; 4],
    host: Endpoint<16, PAYLOAD_MAX>,
    work: BTreeMap<u8, Work>,
    to_base: VecDeque<(Instant, Vec<u8>)>,
    to_host: VecDeque<(Instant, Vec<u8>)>,
    ping_at: Instant,
    credit: u32,
    freed: u32,
    given: u32,
}

fn address_of(lane: u8) -> u8 {
    0x10 + lane
}

/// An operation for a lane, and whether it may stand in an attempt.
fn op<'a>(n: &mut Numbers, lane: u8, bytes: &'a [u8]) -> Op<'a> {
    let at = address(address_of(lane));
    let check = n.pick(&[Check::None, Check::Pec]);
    match n.below(20) {
        0 => Op::Clock { hz: n.pick(&[50_000, 100_000, 400_000, u32::MAX]) },
        1 => Op::Wait { micros: n.pick(&[0, 1, 300, 5000, 40_000]) },
        2..=5 => Op::Read { from: at, check, len: n.below(288) as u16 + 1 },
        6..=9 => {
            let len = n.index(8) + 1;
            // Of what is read every second bit is as it should be.
            let until = Pattern::any(len).with(0, n.pick(&[0, 1, 3]), n.byte());
            let expect = until.with(len - 1, n.pick(&[0, 0, 0, 0x80]), n.byte());
            let (every_us, timeout_ms) = n.pick(&[
                (0, 0),
                (0, 2),
                (100, 5),
                (2000, 0),
                (2000, 20),
                (30_000, 20),
                (90_000, 2000),
            ]);
            Op::Poll { from: at, check, until, expect, every_us, timeout_ms }
        }
        _ => Op::Write { to: at, bytes },
    }
}

/// One block: operations and attempts as they come.
fn block(n: &mut Numbers, lane: u8) -> (u32, Vec<u8>) {
    let mut block = vec![0; BLOCK_LEN];
    let (mut len, mut ops, mut attempt_left) = (0, 0, 0);
    for _ in 0..n.index(12) {
        let bytes = n.bytes(90);
        let op = if attempt_left == 0 && n.percent(20) {
            attempt_left = n.below(4) as u8 + 1;
            Op::Attempt { ops: attempt_left, tries: n.below(4) as u8 + 1 }
        } else {
            attempt_left = attempt_left.saturating_sub(1);
            op(n, lane, &bytes)
        };
        match op.emit(&mut block[len..]) {
            Ok(more) => len += more,
            Err(_) => break,
        }
        ops += 1;
    }
    block.truncate(len);
    (ops, block)
}

impl World {
    fn new(seed: u64) -> Self {
        let mut numbers = Numbers::new(seed);
        let mut work = BTreeMap::new();
        for lane in 0..LANES {
            let (mut to_give, mut first) = (VecDeque::new(), 0);
            for _ in 0..numbers.index(20) {
                let (ops, block) = block(&mut numbers, lane);
                to_give.push_back((first, block));
                first += ops;
            }
            let (given, transactions, told) = (Vec::new(), Vec::new(), Vec::new());
            let bus = lane % 2;
            work.insert(lane, Work { bus, to_give, given, transactions, told, failed: 0, done: 0 });
        }
        Self {
            fails_pct: numbers.pick(&[0, 5, 30, 70]),
            loses_pct: numbers.pick(&[0, 0, 3, 20]),
            numbers,
            now: Instant::ZERO,
            base: Base::new(config(), vec![Block::EMPTY; BLOCKS]),
            running: [const { None }; 4],
            host: Endpoint::new(SESSION),
            work,
            to_base: VecDeque::new(),
            to_host: VecDeque::new(),
            ping_at: Instant::ZERO,
            credit: 0,
            freed: 0,
            given: 0,
        }
    }

    /// Until the host has heard of the end of every lane.
    fn run(&mut self, seed: u64) {
        let mut done_at = None;
        // What is left to say is said within some repetitions.
        while done_at.is_none_or(|at| self.now < at + Duration::from_secs(20)) {
            assert!(self.now < Instant::ZERO + TIME_MAX, "seed {seed} stalls");
            self.step();
            done_at = done_at.or(self.is_done().then_some(self.now));
        }
        // The base is as it was.
        self.base.handle(Input::Link(&hello(SessionId(1))), self.now);
        let Output::Link(welcome) = self.base.poll(self.now) else { panic!("no welcome") };
        let mut decoder = Decoder::new();
        let frame = decoder.next(&mut &welcome[..]).unwrap().unwrap();
        let welcome = Welcome::parse(frame.payload).unwrap();
        assert_eq!((usize::from(welcome.blocks), welcome.busy), (BLOCKS, 0));
    }

    fn is_done(&self) -> bool {
        let idle = self.running.iter().all(Option::is_none);
        let heard = self.host.outbox.is_empty() && self.freed == self.given && idle;
        heard && self.credit > 0 && self.work.values().all(|work| work.to_give.is_empty())
    }

    fn step(&mut self) {
        let wake = self.drain_base();
        let deadline = self.drain_host();
        let arrivals = [&self.to_base, &self.to_host].map(|line| line.front().map(|next| next.0));
        let ends = self.running.iter().flatten().map(|running| running.ends);
        let next = arrivals.into_iter().flatten().chain(wake).chain([deadline]).chain(ends).min();
        self.now = next.unwrap_or(deadline).max(self.now);
        for bus in 0..self.running.len() {
            if self.running[bus].as_ref().is_some_and(|running| running.ends <= self.now) {
                let running = self.running[bus].take().unwrap();
                let outcome = running.outcome.as_deref().map_err(|error| *error);
                self.base.handle(Input::Transferred(Bus(bus as u8), outcome), self.now);
            }
        }
        while let Some((_, bytes)) = self.to_base.pop_front_if(|(at, _)| *at <= self.now) {
            self.base.handle(Input::Link(&bytes), self.now);
        }
        while let Some((_, bytes)) = self.to_host.pop_front_if(|(at, _)| *at <= self.now) {
            self.heard(&bytes);
        }
        self.base.handle(Input::Wake, self.now);
    }

    fn drain_base(&mut self) -> Option<Instant> {
        loop {
            match self.base.poll(self.now) {
                Output::Link(bytes) => {
                    let bytes = bytes.to_vec();
                    if !self.numbers.percent(self.loses_pct) {
                        self.to_host.push_back((self.now + LATENCY, bytes));
                    }
                }
                Output::Transfer(Transfer { bus, clock_hz, address, direction }) => {
                    let what = match direction {
                        Direction::Write(bytes) => What::Write(bytes.to_vec()),
                        Direction::Read(len) => What::Read(len),
                    };
                    let lane = address.get() - address_of(0);
                    let work = self.work.get_mut(&lane).unwrap();
                    assert_eq!(bus.0, work.bus);
                    let transaction = transaction(
                        &mut self.numbers,
                        self.fails_pct,
                        (self.now, clock_hz, address.get()),
                        what,
                    );
                    work.transactions.push(transaction.clone());
                    let place = &mut self.running[usize::from(bus.0)];
                    assert!(place.replace(transaction).is_none(), "{bus} is busy");
                }
                Output::Pin { .. } => panic!("nobody set a pin"),
                Output::Wait(wake) => return wake,
            }
        }
    }

    /// The host gives what its credit allows, and says what it has to say.
    fn drain_host(&mut self) -> Instant {
        while self.given < self.credit + self.freed && self.host.outbox.room() > 1 {
            let waiting = self.work.iter().filter(|(_, work)| !work.to_give.is_empty());
            let lanes: Vec<u8> = waiting.map(|(lane, _)| *lane).collect();
            if lanes.is_empty() || self.credit == 0 {
                break;
            }
            let number = self.numbers.pick(&lanes);
            let work = self.work.get_mut(&number).unwrap();
            let halts = work.told.iter().filter(|told| matches!(told, Told::Halted(..))).count();
            let mut messages = Vec::new();
            if work.given.len() == halts {
                work.given.push(Given::new());
                messages.push(ToBase::Open { lane: Lane(number), bus: Bus(work.bus) });
            }
            let (first, ops) = work.to_give.pop_front().unwrap();
            work.given[halts].push((first, ops.clone()));
            messages.push(ToBase::Submit { lane: Lane(number), first, ops: &ops });
            self.given += 1;
            for message in messages {
                assert_eq!(self.host.outbox.push(|bytes| message.emit(bytes)), Pushed::Yes);
            }
        }
        loop {
            let frame = if self.credit == 0 && self.ping_at <= self.now {
                self.ping_at = self.now + Duration::from_secs(1);
                hello(SESSION)
            } else if let Some(frame) = self.host.poll(self.now) {
                encoded(&frame)
            } else if self.host.owes_answer() || self.ping_at <= self.now {
                self.ping_at = self.now + Duration::from_secs(1);
                encoded(&self.host.state(&[]))
            } else {
                break;
            };
            if !self.numbers.percent(self.loses_pct) {
                self.to_base.push_back((self.now + LATENCY, frame));
            }
        }
        self.host.deadline().map_or(self.ping_at, |at| at.min(self.ping_at))
    }

    fn heard(&mut self, bytes: &[u8]) {
        let mut decoder = Decoder::new();
        let frame = decoder.next(&mut &bytes[..]).unwrap().unwrap();
        if frame.kind == Kind::Welcome {
            self.credit = Welcome::parse(frame.payload).unwrap().blocks.into();
            return;
        }
        match self.host.handle(&frame, self.now) {
            Received::Message(payload) => {
                let (lane, told) = match ToHost::parse(payload).unwrap() {
                    ToHost::Result { lane, op, data } => (lane, Told::Result(op, data.to_vec())),
                    ToHost::Halted { lane, op, cause, data } => {
                        (lane, Told::Halted(op, cause, data.to_vec()))
                    }
                    ToHost::Presence { .. } => panic!("nobody watches"),
                    ToHost::Errors { bus, address, count, .. } => {
                        let work = self.work.get_mut(&(address - address_of(0))).unwrap();
                        assert_eq!(bus.0, work.bus);
                        assert!(count > work.failed, "it is told what is new");
                        work.failed = count;
                        return;
                    }
                };
                self.work.get_mut(&lane.0).unwrap().told.push(told);
            }
            Received::State(payload) => {
                let state = State::parse(payload).unwrap();
                assert!((self.freed..=self.given).contains(&state.freed), "credit");
                self.freed = state.freed;
                for (lane, done) in state.done.iter() {
                    let work = self.work.get_mut(lane).unwrap();
                    assert!(work.done <= *done, "what is done stays done");
                    work.done = *done;
                }
            }
            Received::Nothing => {}
        }
    }
}

fn transaction(
    n: &mut Numbers,
    fails_pct: u64,
    (starts, clock_hz, at): (Instant, u32, u8),
    what: What,
) -> Transaction {
    let (len, mut read) = match &what {
        What::Write(bytes) => (bytes.len(), Vec::new()),
        What::Read(len) => (*len, (0..*len).map(|_| n.byte()).collect()),
    };
    // Most reads check.
    if let Some((pec, covered)) = read.split_last_mut()
        && !n.percent(fails_pct)
    {
        *pec = pec_from(address(at), covered);
    }
    let errors = [NoAnswer, NoAck, Arbitration, Stuck, Held];
    let outcome = if n.percent(fails_pct) { Err(n.pick(&errors)) } else { Ok(read) };
    let clocks = 9 * (len as u64 + 1);
    let ends = starts + Duration::from_micros(1 + clocks * 1_000_000 / u64::from(clock_hz));
    Transaction { starts, ends, address: at, clock_hz, what, outcome }
}

fn hello(session: SessionId) -> Vec<u8> {
    let payload = Hello { protocol: PROTOCOL }.emit();
    let (kind, seq, ack) = (Kind::Hello, Seq(0), Seq(0));
    encoded(&Frame { kind, session, seq, ack, payload: &payload })
}

fn encoded(frame: &Frame<'_>) -> Vec<u8> {
    let mut wire = [0; FRAME_MAX];
    let len = frame.emit(&mut wire).unwrap();
    wire[..len].to_vec()
}

#[test]
fn every_seed() {
    let (mut transactions, mut failures, mut results, mut halts) = (0, 0, 0, 0);
    for seed in 0..300 {
        let mut world = World::new(seed);
        world.run(seed);
        for (lane, work) in &world.work {
            let clock_hz = config().buses[usize::from(work.bus)].clock_hz;
            let (told, failed) = follow(&work.given, &work.transactions, clock_hz);
            let same = told.iter().zip(&work.told).take_while(|(shall, is)| shall == is).count();
            let (shall, is) = (told.get(same), work.told.get(same));
            assert_eq!(shall, is, "seed {seed}, lane {lane}: number {same} of what is told");
            assert_eq!(failed, work.failed, "seed {seed}, lane {lane}: how many have failed");
            if let Some((first, ops)) = work.given.last().and_then(|given| given.last())
                && !matches!(told.last(), Some(Told::Halted(..)))
            {
                assert_eq!(work.done, first + Ops(ops).count() as u32, "seed {seed}, lane {lane}");
            }
            transactions += work.transactions.len();
            failures += failed;
            results += told.iter().filter(|told| matches!(told, Told::Result(..))).count();
            halts += told.iter().filter(|told| matches!(told, Told::Halted(..))).count();
        }
    }
    // Enough of everything.
    expect!["60804 transactions, 10455 failures, 8009 results, 5178 halts"].assert_eq(&format!(
        "{transactions} transactions, {failures} failures, {results} results, {halts} halts"
    ));
}
