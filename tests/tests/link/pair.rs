//! Two endpoints and the line between them. The host's end sends a state each second when it has nothing else to say, the
//! base's end answers each and sends one each 50 ms, as a base with lanes at work does.

use std::collections::BTreeMap;

use rackflash_core::link::{Endpoint, Pushed, Received};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, SessionId};
use rackflash_tests::numbers::Numbers;

/// What the line does to frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) seed: u64,
    /// Of a hundred frames so many are lost.
    pub(crate) loss_pct: u64,
    /// So many come twice.
    pub(crate) twice_pct: u64,
    /// How long a frame is under way.
    pub(crate) delay: Duration,
    /// And how much longer at most.
    pub(crate) jitter: Duration,
    pub(crate) order: Order,
    /// Nothing arrives from the first of these times to the second; it all arrives then.
    pub(crate) stall: Option<(Duration, Duration)>,
}

impl Line {
    pub(crate) const GOOD: Self = Self {
        seed: 1,
        loss_pct: 0,
        twice_pct: 0,
        delay: Duration::from_millis(1),
        jitter: Duration::ZERO,
        order: Order::Kept,
        stall: None,
    };
}

/// Whether frames overtake each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// No, as on a cable.
    Kept,
    /// Yes.
    Lost,
}

/// One side: what it has to send, and what has come.
#[derive(Debug)]
pub(crate) struct Side<const SLOTS: usize> {
    pub(crate) endpoint: Endpoint<SLOTS, 8>,
    /// The numbers it sends, from the first on.
    to_send: core::ops::Range<u32>,
    pub(crate) arrived: u32,
    /// How many frames with messages it has sent.
    pub(crate) frames: u32,
    /// How many states.
    pub(crate) states: u32,
    is_base: bool,
    state_every: Duration,
    state_at: Instant,
}

impl<const SLOTS: usize> Side<SLOTS> {
    fn new(to_send: u32, is_base: bool, now: Instant) -> Self {
        Self {
            endpoint: Endpoint::new(SESSION),
            to_send: 0..to_send,
            arrived: 0,
            frames: 0,
            states: 0,
            is_base,
            state_every: Duration::from_millis(if is_base { 50 } else { 1000 }),
            state_at: now,
        }
    }

    fn is_done(&self) -> bool {
        self.to_send.is_empty() && self.endpoint.outbox.is_empty()
    }

    fn handle(&mut self, wire: &[u8], now: Instant) {
        let (mut decoder, mut rest) = (Decoder::new(), wire);
        let frame = decoder.next(&mut rest).unwrap().unwrap();
        match self.endpoint.handle(&frame, now) {
            Received::Message(payload) => {
                assert_eq!(payload, self.arrived.to_le_bytes(), "once, and in order");
                self.arrived += 1;
            }
            Received::State(_) if self.is_base => self.endpoint.owe_answer(),
            Received::State(_) | Received::Nothing => {}
        }
    }

    /// The next frame to send.
    fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        while self.endpoint.outbox.room() > 0
            && let Some(number) = self.to_send.next()
        {
            let pushed = self.endpoint.outbox.push(|bytes| {
                bytes[..4].copy_from_slice(&number.to_le_bytes());
                Ok(4)
            });
            assert_eq!(pushed, Pushed::Yes, "there was room");
        }
        if let Some(frame) = self.endpoint.poll(now) {
            self.frames += 1;
            if !self.is_base {
                self.state_at = now + self.state_every;
            }
            return Some(emit(&frame));
        }
        if self.endpoint.owes_answer() || self.state_at <= now {
            self.states += 1;
            self.state_at = now + self.state_every;
            return Some(emit(&self.endpoint.state(&[])));
        }
        None
    }

    fn deadline(&self) -> Instant {
        self.endpoint.deadline().map_or(self.state_at, |at| at.min(self.state_at))
    }
}

pub(crate) const SESSION: SessionId = SessionId(7);

fn emit(frame: &Frame<'_>) -> Vec<u8> {
    let mut wire = [0; FRAME_MAX];
    let len = frame.emit(&mut wire).unwrap();
    wire[..len].to_vec()
}

/// Which side a frame goes to.
#[derive(Clone, Copy, Debug)]
enum To {
    Host,
    Base,
}

impl To {
    fn index(self) -> usize {
        match self {
            Self::Host => 0,
            Self::Base => 1,
        }
    }
}

pub(crate) struct Pair<const SLOTS: usize> {
    pub(crate) host: Side<SLOTS>,
    pub(crate) base: Side<SLOTS>,
    line: Line,
    numbers: Numbers,
    under_way: BTreeMap<(Instant, u32), (To, Vec<u8>)>,
    sent: u32,
    /// When the last frame each way arrives.
    last: [Instant; 2],
    pub(crate) now: Instant,
}

impl<const SLOTS: usize> Pair<SLOTS> {
    /// Both sides at the start of a session, with so many messages to send.
    pub(crate) fn new(line: Line, to_base: u32, to_host: u32) -> Self {
        let now = Instant::from_micros(1_000_000);
        Self {
            host: Side::new(to_base, false, now),
            base: Side::new(to_host, true, now),
            line,
            numbers: Numbers::new(line.seed),
            under_way: BTreeMap::new(),
            sent: 0,
            last: [now; 2],
            now,
        }
    }

    /// Until both sides have all; returns how long that took.
    pub(crate) fn run(&mut self, within: Duration) -> Duration {
        let start = self.now;
        let (to_base, to_host) = (self.host.to_send.end, self.base.to_send.end);
        while !(self.host.is_done() && self.base.is_done()) {
            self.send();
            let deadline = self.host.deadline().min(self.base.deadline());
            let arrival = self.under_way.keys().next().map_or(deadline, |(at, _)| *at);
            self.now = self.now.max(arrival.min(deadline));
            assert!(
                self.now.since(start) < within,
                "{:?}: {} of {to_base} and {} of {to_host} after {within:?}",
                self.line,
                self.base.arrived,
                self.host.arrived
            );
            while let Some(entry) = self.under_way.first_entry()
                && entry.key().0 <= self.now
            {
                match entry.remove() {
                    (To::Host, wire) => self.host.handle(&wire, self.now),
                    (To::Base, wire) => self.base.handle(&wire, self.now),
                }
            }
        }
        assert_eq!((self.base.arrived, self.host.arrived), (to_base, to_host));
        self.now.since(start)
    }

    fn send(&mut self) {
        while let Some(wire) = self.host.poll(self.now) {
            self.put(To::Base, &wire);
        }
        while let Some(wire) = self.base.poll(self.now) {
            self.put(To::Host, &wire);
        }
    }

    fn put(&mut self, to: To, wire: &[u8]) {
        if self.numbers.percent(self.line.loss_pct) {
            return;
        }
        let copies = 1 + u32::from(self.numbers.percent(self.line.twice_pct));
        for _ in 0..copies {
            let jitter = self.numbers.below(self.line.jitter.as_micros() + 1);
            let mut at = self.now + self.line.delay + Duration::from_micros(jitter);
            if let Some((from, until)) = self.line.stall
                && (Instant::ZERO + from..Instant::ZERO + until).contains(&at)
            {
                at = Instant::ZERO + until;
            }
            if self.line.order == Order::Kept {
                let last = &mut self.last[to.index()];
                at = at.max(*last);
                *last = at;
            }
            self.sent += 1;
            self.under_way.insert((at, self.sent), (to, wire.to_vec()));
        }
    }
}
