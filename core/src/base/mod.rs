//! The base card's side: a programmable bus executor. It runs operations in lanes and does not know what a bootloader is.
//!
//! Sans-IO: give it what happened with [`Base::handle`], then call [`Base::poll`] until it answers [`Output::Wait`]. Bus
//! work is an output, its end an input. Runs on the chip: no allocator, no panics.

mod answer;
mod errors;
mod failure;
mod io;
mod lane;
mod pool;
mod standing;
mod watch;

pub use io::{BusError, Config, Direction, Input, Output, Transfer};
pub use pool::{Block, Memory};

use crate::link::{Endpoint, Pushed, Received};
use crate::time::Instant;
use crate::wire::check::Address;
use crate::wire::link::{Decoder, FRAME_MAX, Frame, Kind};
use crate::wire::message::{
    self as wire, BUSES_MAX, Bus, Hello, LANES_MAX, RESULT_LEN_MAX, ToBase, ToHost,
};
use crate::wire::op::Level;
use errors::{Errors, Failed};
use failure::cause;
use lane::Lane;
use pool::Pool;
use standing::{State, Want};
use watch::Watch;

/// The executor. `M` is its memory for operations: an array in a chip's RAM, a vector in a simulator.
#[derive(Debug)]
pub struct Base<M> {
    config: Config,
    pool: Pool<M>,
    lanes: [Lane; LANES_MAX as usize],
    /// How many of them may have been opened: from there on none needs a look.
    used: usize,
    buses: [BusState; BUSES_MAX],
    link: Option<Link>,
    decoder: Decoder,
    /// The welcome is due: a hello has come.
    greet: Greet,
    freed: u32,
    freed_told: u32,
    told_at: Instant,
    frame: [u8; FRAME_MAX],
}

/// The most messages to the host on their way: the results of a survey of 40 lanes and as many halts.
const OUTBOX_SLOTS: usize = 80;
const OUTBOX_LEN: usize = RESULT_LEN_MAX + 7;
/// What fails is told while at most so many messages are on their way: it has more time than all others.
const QUIET: usize = OUTBOX_SLOTS / 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Greet {
    No,
    Yes,
}

#[derive(Clone, Copy, Debug)]
struct BusState {
    active: Option<Active>,
    watch: Watch,
    errors: Errors,
    /// The lane that was served last: the search for the next begins behind it.
    served: u8,
}

impl BusState {
    const IDLE: Self =
        Self { active: None, watch: Watch::NOTHING, errors: Errors::NONE, served: 0 };
}

/// What a bus was given to do.
enum Served {
    Lane(usize),
    Watch(Address),
    Pin { pin: u8, level: Level },
    Again,
}

/// Whose transaction is on a bus.
#[derive(Clone, Copy, Debug)]
enum Active {
    Lane { lane: u8, turn: u32 },
    Watch(Address),
}

impl<M: Memory> Base<M> {
    /// After a reset. The host's credit is the number of blocks in `memory`.
    pub fn new(config: Config, memory: M) -> Self {
        Self {
            config,
            pool: Pool::new(memory),
            lanes: [Lane::CLOSED; LANES_MAX as usize],
            used: 0,
            buses: [BusState::IDLE; BUSES_MAX],
            link: None,
            decoder: Decoder::new(),
            greet: Greet::No,
            freed: 0,
            freed_told: 0,
            told_at: Instant::ZERO,
            frame: [0; FRAME_MAX],
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        match input {
            Input::Link(bytes) => self.handle_link(bytes, now),
            Input::Transferred(bus, result) => self.handle_transferred(bus, result, now),
            Input::Wake => {}
        }
    }

    /// What to do next. Call again until it is [`Output::Wait`].
    pub fn poll(&mut self, now: Instant) -> Output<'_> {
        loop {
            self.settle(now);
            let Some((bus, lane)) = self.next_work(now) else { break };
            match self.serve(bus, lane, now) {
                Served::Lane(at) => return Output::Transfer(self.transfer(bus, at)),
                Served::Watch(address) => {
                    let (clock_hz, bus, direction) =
                        (self.clock_hz(bus), Bus(bus), Direction::Read(1));
                    return Output::Transfer(Transfer { bus, clock_hz, address, direction });
                }
                Served::Pin { pin, level } => return Output::Pin { pin, level },
                Served::Again => {}
            }
        }
        if let Some(len) = self.link_frame(now) {
            return Output::Link(self.frame.get(..len).unwrap_or_default());
        }
        Output::Wait(self.deadline(now))
    }

    fn handle_link(&mut self, mut bytes: &[u8], now: Instant) {
        // The decoder is moved out while its frame is acted on.
        let mut decoder = core::mem::take(&mut self.decoder);
        while let Some(frame) = decoder.next(&mut bytes) {
            // What is damaged is sent again by the host; nobody else needs to know.
            let Ok(frame) = frame else { continue };
            if frame.kind == Kind::Hello {
                self.handle_hello(&frame);
            } else if let Some(link) = &mut self.link {
                match link.handle(&frame, now) {
                    Received::Message(payload) => self.handle_message(payload, now),
                    Received::State(_) => link.owe_answer(),
                    Received::Nothing => {}
                }
            }
        }
        self.decoder = decoder;
    }

    fn handle_hello(&mut self, frame: &Frame<'_>) {
        if Hello::parse(frame.payload).is_err() {
            return;
        }
        self.greet = Greet::Yes;
        let again = self
            .link
            .as_ref()
            .is_some_and(|link| link.session() == frame.session && link.is_fresh());
        if !again {
            self.link = Some(Endpoint::new(frame.session));
            (self.freed, self.freed_told) = (0, 0);
            for lane in &mut self.lanes {
                lane.orphan();
            }
            for bus in &mut self.buses {
                (bus.watch, bus.errors) = (Watch::NOTHING, Errors::NONE);
            }
        }
    }

    fn handle_message(&mut self, payload: &[u8], now: Instant) {
        // What this base does not know a newer host may say; it has read our protocol number and knows.
        let Ok(message) = ToBase::parse(payload) else { return };
        match message {
            ToBase::Open { lane, bus } => {
                let known = usize::from(bus.0) < self.config.buses.len();
                let at = usize::from(lane.0);
                let Some(lane) = self.lanes.get_mut(at) else { return };
                self.used = self.used.max(at + 1);
                self.freed = self.freed.wrapping_add(lane.drop_blocks(&mut self.pool));
                lane.open(bus, now);
                if !known {
                    lane.refuse();
                }
            }
            ToBase::Submit { lane, first, ops } => {
                let free = self.pool.free();
                if let Some(lane) = self.lanes.get_mut(usize::from(lane.0)) {
                    lane.submit(&mut self.pool, first, ops);
                }
                if self.pool.free() == free {
                    // Not taken: the lane is not open, or there is no such lane. The host has spent a block of credit on it
                    // all the same.
                    self.freed = self.freed.wrapping_add(1);
                }
            }
            ToBase::Abort { lane } => {
                if let Some(lane) = self.lanes.get_mut(usize::from(lane.0)) {
                    lane.abort();
                }
            }
            ToBase::Watch { bus, addresses } => {
                if let Some(bus) = self.buses.get_mut(usize::from(bus.0)) {
                    bus.watch.set(addresses, now);
                }
            }
        }
    }

    fn handle_transferred(&mut self, bus: Bus, result: Result<&[u8], BusError>, now: Instant) {
        let Some(state) = self.buses.get_mut(usize::from(bus.0)) else { return };
        match state.active.take() {
            Some(Active::Watch(address)) => {
                // That nobody is there is what it asks, and not asked yet is whoever finds the bus held.
                if let Err(error) = result
                    && !matches!(error, BusError::NoAnswer | BusError::Held)
                {
                    state.errors.count(Failed { address, times: 1, cause: cause(error) }, now);
                }
                state.watch.looked(address, result.map(drop), now);
            }
            Some(Active::Lane { lane, turn }) => {
                let Some(place) =
                    self.lanes.get_mut(usize::from(lane)).filter(|lane| lane.turn == turn)
                else {
                    return;
                };
                if result == Err(BusError::Stuck)
                    && let Some(transfer) = place.transfer(&self.pool, 0)
                {
                    state.watch.stuck(transfer.address, now);
                }
                let ended = place.transferred(&self.pool, result, now);
                let Some(link) = self.link.as_mut().filter(|_| !place.is_orphan()) else { return };
                if let Some(failed) = ended.failed {
                    state.errors.count(failed, now);
                }
                if let (Some(op), Ok(data)) = (ended.result, result) {
                    // There was room when the read was started, and one read is on each bus.
                    let _ = tell(link, ToHost::Result { lane: wire::Lane(lane), op, data });
                }
            }
            None => {}
        }
    }

    /// What is done without a bus: halting, freeing blocks, news of the watches and of failures.
    fn settle(&mut self, now: Instant) {
        for (index, lane) in (0..).zip(&mut self.lanes).take(self.used) {
            if let State::Failed(failure) = lane.state {
                self.freed = self.freed.wrapping_add(lane.drop_blocks(&mut self.pool));
                let told = match &mut self.link {
                    // Reads that are on the buses have their room.
                    Some(link) if !lane.is_orphan() && link.outbox.room() <= BUSES_MAX => {
                        Pushed::No
                    }
                    Some(link) if !lane.is_orphan() => {
                        let (op, cause, data) = (failure.op, failure.cause, failure.read.bytes());
                        tell(link, ToHost::Halted { lane: wire::Lane(index), op, cause, data })
                    }
                    _ => Pushed::Yes,
                };
                if told == Pushed::Yes {
                    lane.halt();
                }
            }
            while lane.finish_block(&mut self.pool) {
                self.freed = self.freed.wrapping_add(1);
            }
        }
        let Some(link) = &mut self.link else { return };
        for (index, bus) in (0..).zip(&mut self.buses) {
            while link.outbox.room() > OUTBOX_SLOTS / 2
                && let Some((address, here)) = bus.watch.news()
            {
                let _ = tell(link, ToHost::Presence { bus: Bus(index), address, here });
            }
        }
        for (index, bus) in (0..).zip(&mut self.buses) {
            while link.outbox.room() >= OUTBOX_SLOTS - QUIET
                && let Some((address, count, cause)) = bus.errors.news(now)
            {
                let _ = tell(link, ToHost::Errors { bus: Bus(index), address, count, cause });
            }
        }
    }

    /// A bus that is free and has something to do, and the lane whose turn it is there, if one is due.
    fn next_work(&self, now: Instant) -> Option<(u8, Option<usize>)> {
        if !self.has_room() {
            return None;
        }
        let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= now);
        for (index, bus) in (0..).zip(&self.buses).take(self.config.buses.len()) {
            if bus.active.is_some() {
                continue;
            }
            if is_due(bus.watch.overdue()) {
                return Some((index, None));
            }
            let used = self.lanes.get(..self.used).unwrap_or_default();
            let next = lane::whose_turn(used, Bus(index), bus.served, now);
            if next.is_some() {
                return Some((index, next));
            }
            if is_due(bus.watch.due()) {
                return Some((index, None));
            }
        }
        None
    }

    /// Whether every bus may bring a result, and a halt besides.
    fn has_room(&self) -> bool {
        self.link.as_ref().is_none_or(|link| link.outbox.room() > BUSES_MAX)
    }

    fn serve(&mut self, index: u8, lane: Option<usize>, now: Instant) -> Served {
        let Some(bus) = self.buses.get_mut(usize::from(index)) else { return Served::Again };
        let Some(at) = lane else {
            let Some(address) = bus.watch.start(now) else { return Served::Again };
            bus.active = Some(Active::Watch(address));
            return Served::Watch(address);
        };
        let Some(lane) = self.lanes.get_mut(at) else { return Served::Again };
        let number = u8::try_from(at).unwrap_or_default();
        // What is done again leaves the turn where it is.
        if !lane.is_behind() {
            bus.served = number;
        }
        match lane.start(&self.pool, now) {
            Want::Transfer => {
                bus.active = Some(Active::Lane { lane: number, turn: lane.turn });
                Served::Lane(at)
            }
            Want::Pin { pin, level } => Served::Pin { pin, level },
            Want::Again => Served::Again,
        }
    }

    fn transfer(&self, bus: u8, at: usize) -> Transfer<'_> {
        let lane =
            self.lanes.get(at).and_then(|lane| lane.transfer(&self.pool, self.clock_hz(bus)));
        // The lane has just said that it wants one.
        lane.unwrap_or(Transfer {
            bus: Bus(bus),
            clock_hz: self.clock_hz(bus),
            address: Address::ENUMERATION,
            direction: Direction::Read(1),
        })
    }

    fn clock_hz(&self, bus: u8) -> u32 {
        self.config.buses.get(usize::from(bus)).map_or(0, |bus| bus.clock_hz)
    }

    /// The next time something is to do without an input.
    fn deadline(&self, now: Instant) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        let mut at = |due: Option<Instant>| {
            if let Some(due) = due
                && due > now
                && next.is_none_or(|next| due < next)
            {
                next = Some(due);
            }
        };
        for lane in self.lanes.iter().take(self.used) {
            let bus = self.buses.get(usize::from(lane.bus.0));
            if bus.is_some_and(|bus| bus.active.is_none()) && self.has_room() {
                at(lane.due());
            }
        }
        for bus in &self.buses {
            if bus.active.is_none() {
                at(bus.watch.due());
            }
            at(bus.errors.due());
        }
        at(self.link.as_ref().and_then(Endpoint::deadline));
        at(self.tell_at());
        next
    }
}

type Link = Endpoint<OUTBOX_SLOTS, OUTBOX_LEN>;

fn tell(link: &mut Link, message: ToHost<'_>) -> Pushed {
    link.outbox.push(|payload| message.emit(payload))
}
