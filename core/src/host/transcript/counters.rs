//! What a record says in numbers: frames, what was sent again or arrived damaged, and of each slot what went wrong there.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Direction, kind, split};
use crate::host::view::as_map;
use crate::wire::check::Address;
use crate::wire::link::{Decoder, Frame, Kind, Seq};
use crate::wire::message::{Bus, Here, Lane, SlotInfo, ToBase, ToHost, Welcome};
use crate::wire::module::{PageFrame, Request};
use crate::wire::op::{Op, Ops};

/// Counts what [`super::Transcript::bytes`] gave, piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    counts: Counts,
    wiring: Vec<SlotInfo>,
    occupants: Vec<Occupant>,
    lanes: Vec<LaneUse>,
    /// The numbers that the next messages have, to the base and from it.
    next: [Seq; 2],
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Frames to the base.
    pub sent: u32,
    /// Frames from the base.
    pub received: u32,
    /// Of the messages to the base those that were sent again.
    pub sent_again: u32,
    /// Of the base's messages those that came again.
    pub received_again: u32,
    /// What arrived and is no frame.
    pub damaged: u32,
    /// Entries that were dropped before they were read here.
    pub missed: u32,
    /// The slots, in rack order.
    pub slots: Vec<SlotCounts>,
}

as_map!(Counts { "sent": sent, "received": received, "sentAgain": sent_again, "receivedAgain": received_again, "damaged": damaged, "missed": missed, "slots": slots });

/// What went over a slot's bus for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlotCounts {
    /// Frames that were written to it, alone or with others.
    pub writes: u32,
    /// Times it was to be read; while it works it is read again and again, which is one.
    pub reads: u32,
    /// Transactions with it that failed in this session, as the base counts them.
    pub failures: u32,
    /// How often a lane halted at it: all its tries had failed, or it answered otherwise than it should.
    pub halts: u32,
    /// Why, the last time that one of both happened.
    pub cause: Option<String>,
}

as_map!(SlotCounts { "writes": writes, "reads": reads, "failures": failures, "halts": halts, "cause": cause });

/// What is known of a slot's module.
#[derive(Clone, Debug, Default)]
struct Occupant {
    /// Whether somebody is there: an address that nobody has yet is asked, and has no trouble.
    is_here: bool,
    /// Of its update that was opened last.
    group: Option<Address>,
    pages: Vec<u16>,
}

/// A lane: its bus, and whom it speaks to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct LaneUse {
    bus: Bus,
    address: u8,
}

impl Counter {
    /// What was counted so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Counts what was recorded; returns how many entries it is, those that were dropped included.
    pub fn count(&mut self, record: &[u8]) -> u32 {
        let (mut rest, mut entries) = (record, 0);
        while let Some((_, kind, bytes, behind)) = split(rest) {
            rest = behind;
            entries += 1;
            match kind {
                kind::TO_BASE => self.frame(Direction::ToBase, bytes),
                kind::TO_HOST => self.frame(Direction::ToHost, bytes),
                kind::DAMAGED => self.counts.damaged += 1,
                _ => {
                    let missed = str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
                    let missed: u32 = missed.unwrap_or_default();
                    self.counts.missed += missed;
                    entries += missed.saturating_sub(1);
                }
            }
        }
        entries
    }

    /// The pages that were sent to a slot since its update was opened, in the order they were.
    pub fn pages(&self, slot: usize) -> &[u16] {
        self.occupants.get(slot).map_or(&[], |occupant| &occupant.pages)
    }

    fn frame(&mut self, direction: Direction, mut wire: &[u8]) {
        let mut decoder = Decoder::new();
        let Some(Ok(frame)) = decoder.next(&mut wire) else { return };
        match direction {
            Direction::ToBase => self.counts.sent += 1,
            Direction::ToHost => self.counts.received += 1,
        }
        match frame.kind {
            Kind::Hello => self.next = [Seq(0); 2],
            Kind::Welcome => {
                if let Ok(welcome) = Welcome::parse(frame.payload) {
                    self.wired(&welcome);
                }
            }
            Kind::Message if self.is_new(direction, &frame) => match direction {
                Direction::ToBase => self.told_base(frame.payload),
                Direction::ToHost => self.told_host(frame.payload),
            },
            Kind::Message | Kind::State => {}
        }
    }

    /// Whether a message goes for the first time; counts it if not.
    fn is_new(&mut self, direction: Direction, frame: &Frame<'_>) -> bool {
        let [to_base, to_host] = &mut self.next;
        let (next, again) = match direction {
            Direction::ToBase => (to_base, &mut self.counts.sent_again),
            Direction::ToHost => (to_host, &mut self.counts.received_again),
        };
        let is_new = frame.seq.0.wrapping_sub(next.0) < u16::MAX / 2;
        if is_new {
            *next = Seq(frame.seq.0.wrapping_add(1));
        } else {
            *again += 1;
        }
        is_new
    }

    fn wired(&mut self, welcome: &Welcome) {
        self.lanes.clear();
        self.wiring = welcome.slots.iter().copied().collect();
        self.counts.slots.resize(self.wiring.len(), SlotCounts::default());
        self.occupants.resize(self.wiring.len(), Occupant::default());
    }

    fn told_base(&mut self, payload: &[u8]) {
        match ToBase::parse(payload) {
            Ok(ToBase::Open { lane, bus }) => self.lane(lane).bus = bus,
            Ok(ToBase::Submit { lane, ops, .. }) => {
                for op in Ops(ops).flatten() {
                    self.op(lane, &op);
                }
            }
            _ => {}
        }
    }

    fn told_host(&mut self, payload: &[u8]) {
        match ToHost::parse(payload) {
            Ok(ToHost::Presence { bus, address, here }) => {
                for (_, _, occupant) in self.at(bus, address) {
                    occupant.is_here = here == Here::Yes;
                }
            }
            Ok(ToHost::Errors { bus, address, count, cause }) => {
                for (slot, ..) in self.at(bus, address) {
                    (slot.failures, slot.cause) = (count, Some(cause.to_string()));
                }
            }
            Ok(ToHost::Halted { lane, cause, .. }) => {
                let LaneUse { bus, address } = *self.lane(lane);
                for (slot, _, occupant) in self.at(bus, address) {
                    if occupant.is_here {
                        slot.halts += 1;
                        slot.cause = Some(cause.to_string());
                    }
                }
            }
            _ => {}
        }
    }

    fn op(&mut self, lane: Lane, op: &Op<'_>) {
        let (address, written) = match *op {
            Op::Write { to, bytes } => (to, Some(bytes)),
            Op::Read { from, .. } | Op::Poll { from, .. } => (from, None),
            _ => return,
        };
        let lane = self.lane(lane);
        lane.address = address.get();
        let bus = lane.bus;
        for (slot, _, occupant) in self.at(bus, address.get()) {
            let Some(bytes) = written else {
                slot.reads += 1;
                continue;
            };
            slot.writes += 1;
            if let Ok(page) = PageFrame::parse(address, bytes) {
                occupant.pages.push(page.page);
            } else if let Ok((.., Request::Begin(begin))) = Request::parse(address, bytes) {
                occupant.group = begin.group;
                occupant.pages.clear();
            }
        }
    }

    /// The slots where an address is heard: the one it is given to, or all that take pages in that group.
    fn at(
        &mut self,
        bus: Bus,
        address: u8,
    ) -> impl Iterator<Item = (&mut SlotCounts, &SlotInfo, &mut Occupant)> {
        let slots = self.counts.slots.iter_mut().zip(&self.wiring).zip(&mut self.occupants);
        slots.map(|((slot, info), occupant)| (slot, info, occupant)).filter(
            move |(_, info, occupant)| {
                let group = occupant.group.map(Address::get);
                info.bus == bus && (info.address == address || group == Some(address))
            },
        )
    }

    fn lane(&mut self, lane: Lane) -> &mut LaneUse {
        let at = usize::from(lane.0);
        if self.lanes.len() <= at {
            self.lanes.resize(at + 1, LaneUse::default());
        }
        &mut self.lanes[at]
    }
}
