//! An I2C bus, transaction by transaction: 9 clocks a byte, and the AND of all that talk on its lines.
//!
//! Fault model: bits that arrive flipped, acknowledge and address bits among them (so a frame can reach another module,
//! or turn from a write into a read); two modules on one address, with and without arbitration; a module that holds a
//! line, stretches the clock, or falls silent in the middle; nobody there.
//!
//! Refuses to know what bytes mean. Bits are looked at one by one only where several modules talk at once.

use rackflash_core::base::{BusError, Direction, Transfer};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::message::{Bus, BusInfo};

use crate::NEVER;
use crate::module::Module;
use crate::rng::Rare;
use crate::setup::{Arbitration, Line};
use crate::trace::{Event, Trace};

/// Clocks of a byte and its acknowledge bit.
const BYTE_CLOCKS: usize = 9;
/// The last of them.
const ACK_BIT: usize = 8;
/// Clocks of the start and the stop condition with their set-up and hold times, and of the bus free time between: two and two.
const START_STOP_CLOCKS: usize = 4;
/// How long a base waits for a line to be let go: the least that SMBus allows (SMBus 3.1, tTIMEOUT).
pub const STUCK_TIMEOUT: Duration = Duration::from_millis(25);

/// What went over a bus so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusCounters {
    /// Transactions, also those that failed.
    pub transactions: u64,
    /// Bytes on the wire, addresses included.
    pub bytes: u64,
    /// Time in which the bus was not free.
    pub busy: Duration,
}

#[derive(Debug)]
pub(crate) struct Wires {
    index: Bus,
    info: BusInfo,
    pub(crate) noise: Rare,
    pub(crate) counters: BusCounters,
    active: Option<Active>,
    /// What the transaction carries: as the modules hear it, or as the base does.
    bytes: Vec<u8>,
    /// The bits that flip: byte on the wire, bit of it. The acknowledge bit is number 8.
    flips: Vec<(usize, usize)>,
}

#[derive(Debug)]
struct Active {
    started: Instant,
    ends: Instant,
    clock_hz: u64,
    address: Address,
    way: Way,
    /// Modules that take part, one bit each.
    parties: u64,
    /// The address as the modules heard it.
    heard: Option<Address>,
    /// How many bytes they take for written to them.
    written: Option<usize>,
    result: Result<(), BusError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Write,
    Read,
}

impl Wires {
    pub(crate) fn new(index: Bus, info: BusInfo, noise: Rare) -> Self {
        Self {
            index,
            info,
            noise,
            counters: BusCounters::default(),
            active: None,
            bytes: Vec::new(),
            flips: Vec::new(),
        }
    }

    /// When the transaction ends.
    pub(crate) fn ends(&self) -> Instant {
        self.active.as_ref().map_or(NEVER, |active| active.ends)
    }

    pub(crate) fn start(&mut self, transfer: &Transfer<'_>, now: Instant, modules: &mut [Module]) {
        let (way, len, first) = match transfer.direction {
            Direction::Write(bytes) => (Way::Write, bytes.len(), transfer.address.write_byte()),
            Direction::Read(len) => (Way::Read, len, transfer.address.read_byte()),
        };
        self.draw_flips((len + 1) * BYTE_CLOCKS);
        let mut heard_first = first;
        for (_, bit) in self.flips.iter().filter(|(byte, bit)| *byte == 0 && *bit < ACK_BIT) {
            heard_first ^= 0x80 >> bit;
        }
        let heard = Address::new(heard_first >> 1);
        let mut parties = 0;
        let mut stretch = Duration::ZERO;
        for (index, module) in modules.iter_mut().enumerate() {
            if module.bus() == self.index && heard.is_some_and(|heard| module.hears(heard)) {
                parties |= 1 << index;
                stretch = stretch.max(module.stretch());
                if module.stretch() >= STUCK_TIMEOUT {
                    module.hold(Line::Scl);
                }
            }
        }
        let mut active = Active {
            started: now,
            ends: NEVER,
            clock_hz: u64::from(transfer.clock_hz.min(self.info.clock_hz).max(1)),
            address: transfer.address,
            way,
            parties,
            heard,
            written: None,
            result: Ok(()),
        };
        self.bytes.clear();
        let bytes_on_wire = if self.held(modules) {
            active.result = Err(BusError::Stuck);
            stretch = STUCK_TIMEOUT;
            0
        } else if (parties != 0) == self.flipped_ack(0) {
            active.result = Err(BusError::NoAnswer);
            1
        } else {
            match (transfer.direction, heard_first & 1) {
                (Direction::Write(bytes), 0) => self.write(bytes, &mut active),
                (Direction::Read(len), 1) => self.read(len, &active, modules),
                // A module that takes the write for a read talks against the base, which sees it in the first byte.
                (Direction::Write(_), _) => {
                    active.result = Err(BusError::Arbitration);
                    2
                }
                // A module that takes the read for a write hears what the base hears: a line that nobody pulls.
                (Direction::Read(len), _) => {
                    self.bytes.resize(len, 0xff);
                    active.written = Some(len);
                    len + 1
                }
            }
        };
        let clocks = bytes_on_wire * BYTE_CLOCKS + START_STOP_CLOCKS;
        active.ends = now + active.time(clocks) + stretch;
        self.counters.bytes += bytes_on_wire as u64;
        self.active = Some(active);
    }

    fn write(&mut self, bytes: &[u8], active: &mut Active) -> usize {
        self.bytes.extend_from_slice(bytes);
        let acked = active.parties != 0;
        let mut len = bytes.len();
        if let Some(refused) = (1..=len).find(|byte| acked == self.flipped_ack(*byte)) {
            active.result = Err(BusError::NoAck);
            len = refused;
        }
        self.flip_bytes();
        active.written = Some(len);
        len + 1
    }

    fn read(&mut self, len: usize, active: &Active, modules: &mut [Module]) -> usize {
        self.bytes.resize(len, 0xff);
        if let Some(from) = active.heard {
            match active.parties.count_ones() {
                0 => {}
                1 => {
                    modules[active.parties.trailing_zeros() as usize].on_read(from, &mut self.bytes)
                }
                _ => self.talk_at_once(from, active.parties, modules),
            }
        }
        // A module that takes an acknowledge of the base for a refusal sends nothing more.
        if let Some(sent) = (1..len).find(|byte| self.flipped_ack(*byte)) {
            self.bytes[sent..].fill(0xff);
        }
        self.flip_bytes();
        len + 1
    }

    /// Several modules answer one read: the line is the AND of them, and one that sends a 1 and sees a 0 drops out.
    fn talk_at_once(&mut self, from: Address, parties: u64, modules: &mut [Module]) {
        let mut talkers = Vec::new();
        for (index, module) in modules.iter_mut().enumerate() {
            if parties >> index & 1 == 1 {
                let mut bytes = self.bytes.clone();
                module.on_read(from, &mut bytes);
                talkers.push((bytes, module.arbitration));
            }
        }
        for (at, line) in self.bytes.iter_mut().enumerate() {
            for bit in [0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1] {
                if talkers.iter().any(|(bytes, _)| bytes[at] & bit == 0) {
                    *line &= !bit;
                    talkers.retain(|(bytes, arbitration)| {
                        bytes[at] & bit == 0 || *arbitration == Arbitration::Missing
                    });
                }
            }
        }
    }

    /// The transaction has ended: the modules hear what was written, the base gets its result.
    pub(crate) fn end(
        &mut self,
        now: Instant,
        modules: &mut [Module],
        trace: &mut Trace,
    ) -> (Bus, Result<&[u8], BusError>) {
        let Some(active) = self.active.take() else { return (self.index, Err(BusError::Stuck)) };
        self.counters.transactions += 1;
        self.counters.busy = self.counters.busy + (now - active.started);
        if let (Some(to), Some(len)) = (active.heard, active.written)
            && active.result != Err(BusError::Stuck)
        {
            for (index, module) in modules.iter_mut().enumerate() {
                if active.parties >> index & 1 == 1 {
                    module.on_write(to, &self.bytes[..len], now);
                }
            }
        }
        let read =
            active.result.map(|()| if active.way == Way::Read { &self.bytes[..] } else { &[] });
        let event = match active.way {
            Way::Write => Event::Write {
                bus: self.index,
                to: active.address,
                bytes: &self.bytes,
                result: active.result,
            },
            Way::Read => Event::Read { bus: self.index, from: active.address, result: read },
        };
        trace.tell(now, &event);
        (self.index, read)
    }

    /// A module that may be taking part has lost its power or restarted.
    pub(crate) fn lose(&mut self, module: usize, now: Instant) {
        let Some(active) = &mut self.active else { return };
        let was = active.parties;
        active.parties &= !(1 << module);
        if active.parties != 0 || was == 0 {
            return;
        }
        let clocks = (now - active.started).as_micros() * active.clock_hz / 1_000_000;
        // The byte on the wire is not acknowledged any more, or ends in ones.
        let bytes_done = usize::try_from(clocks).unwrap_or(usize::MAX) / BYTE_CLOCKS;
        match active.way {
            Way::Write if active.result.is_ok() => {
                let clocks = (bytes_done + 1) * BYTE_CLOCKS + START_STOP_CLOCKS;
                active.ends = active.ends.min(active.started + active.time(clocks)).max(now);
                active.result = Err(BusError::NoAck);
            }
            Way::Write => {}
            Way::Read => {
                let from = bytes_done.saturating_sub(1).min(self.bytes.len());
                self.bytes[from..].fill(0xff);
            }
        }
    }

    /// A module has begun to hold a line.
    pub(crate) fn hold(&mut self, now: Instant) {
        if let Some(active) = &mut self.active {
            active.result = Err(BusError::Stuck);
            active.ends = now + STUCK_TIMEOUT;
        }
    }

    /// The base has restarted: nobody waits for the transaction's end any more.
    pub(crate) fn abandon(&mut self) {
        self.active = None;
    }

    fn held(&self, modules: &[Module]) -> bool {
        modules.iter().any(|module| module.bus() == self.index && module.holds().is_some())
    }

    fn draw_flips(&mut self, bits: usize) {
        self.flips.clear();
        let mut at = 0;
        while let Some(gap) = self.noise.next_within(bits - at) {
            at += gap;
            self.flips.push((at / BYTE_CLOCKS, at % BYTE_CLOCKS));
            at += 1;
        }
    }

    /// Whether the acknowledge bit behind byte `index` on the wire flips.
    fn flipped_ack(&self, index: usize) -> bool {
        self.flips.contains(&(index, ACK_BIT))
    }

    fn flip_bytes(&mut self) {
        for (byte, bit) in &self.flips {
            if *bit < ACK_BIT
                && let Some(place) = self.bytes.get_mut(byte.wrapping_sub(1))
            {
                *place ^= 0x80 >> bit;
            }
        }
    }
}

impl Active {
    fn time(&self, clocks: usize) -> Duration {
        Duration::from_micros((clocks as u64 * 1_000_000).div_ceil(self.clock_hz))
    }
}
