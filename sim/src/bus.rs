//! An I2C bus, transaction by transaction: 9 clocks a byte, and the AND of all that talk on its lines.
//!
//! Fault model: bits that arrive flipped, or are read as the bit before them, acknowledge and address bits among them (so a
//! frame can reach another module, or turn from a write into a read, or be acknowledged by nobody); two modules on one
//! address, with and without arbitration; another controller that takes the bus; a module that holds a line, stretches the
//! clock, or falls silent in the middle; nobody there.
//!
//! The base's side of the wires is its firmware's: it waits for a line that is held, then gives nine clocks and a stop.
//!
//! Refuses to know what bytes mean. Bits are looked at one by one only where several modules talk at once.

use core::ops::Range;

use rackflash_core::base::{BusError, Direction, Transfer};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::{Address, pec_from};
use rackflash_core::wire::message::{Bus, BusInfo};

use crate::NEVER;
use crate::lines::Hold;
use crate::module::Module;
use crate::rng::Rare;
use crate::setup::Arbitration;
use crate::trace::{Event, Trace};

/// Clocks of a byte and its acknowledge bit.
const BYTE_CLOCKS: usize = 9;
/// The last of them.
const ACK_BIT: usize = 8;
/// A line pulled low by whoever takes the byte; the start condition leaves it low, too.
const ACK: u16 = 0;
const NACK: u16 = 1;
/// Clocks of the start and the stop condition with their set-up and hold times, and of the bus free time between: two and two.
const START_STOP_CLOCKS: usize = 4;
/// What a base gives a bus on which a line is held: nine clocks and a stop, after which no module is in the middle of a byte.
const RECOVERY_CLOCKS: usize = 10;
/// What another controller says when it takes the bus: a short frame.
const OTHER_LEN: usize = 16;
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
    late_bits: Rare,
    taken: Rare,
    pub(crate) counters: BusCounters,
    active: Option<Active>,
    /// What the transaction carries: as the modules hear it, or as the base does.
    bytes: Vec<u8>,
    /// The bits that flip: byte on the wire, bit of it. The acknowledge bit is number 8.
    flips: Vec<(usize, usize)>,
    /// The bits that are read as the bit before them, likewise.
    late: Vec<(usize, usize)>,
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
    pub(crate) fn new(
        index: Bus,
        info: BusInfo,
        noise: Rare,
        late_bits: Rare,
        taken: Rare,
    ) -> Self {
        Self {
            index,
            info,
            noise,
            late_bits,
            taken,
            counters: BusCounters::default(),
            active: None,
            bytes: Vec::new(),
            flips: Vec::new(),
            late: Vec::new(),
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
        let bits = (len + 1) * BYTE_CLOCKS;
        draw(&mut self.noise, bits, &mut self.flips);
        draw(&mut self.late_bits, bits, &mut self.late);
        self.read_late(0, 0..ACK_BIT, first, ACK, ACK);
        let mut heard_first = first;
        for (_, bit) in self.flips.iter().filter(|(byte, bit)| *byte == 0 && *bit < ACK_BIT) {
            heard_first ^= 0x80 >> bit;
        }
        let heard = Address::new(heard_first >> 1);
        let held = self.held(modules, now);
        let mut parties = 0;
        let mut stretch = Duration::ZERO;
        for (index, module) in modules.iter_mut().enumerate() {
            if module.bus() == self.index && heard.is_some_and(|heard| module.hears(heard, now)) {
                parties |= 1 << index;
                stretch = stretch.max(module.lines.stretch());
                if module.lines.stretch() >= STUCK_TIMEOUT && !held {
                    module.lines.hold(Hold::Until(now + module.lines.stretch()));
                }
            }
        }
        let acked = if parties == 0 { NACK } else { ACK };
        self.read_late(0, ACK_BIT..BYTE_CLOCKS, first, acked, ACK);
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
        let mut clocks = START_STOP_CLOCKS;
        let bytes_on_wire = if self.held(modules, now) {
            active.result = Err(if held { BusError::Held } else { BusError::Stuck });
            stretch = STUCK_TIMEOUT;
            clocks = RECOVERY_CLOCKS;
            0
        } else if self.taken.next_within(1).is_some() {
            active.result = Err(BusError::Arbitration);
            self.taken(&transfer.direction, &mut active) + OTHER_LEN
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
        clocks += bytes_on_wire * BYTE_CLOCKS;
        active.ends = now + active.time(clocks) + stretch;
        self.counters.bytes += bytes_on_wire as u64;
        self.active = Some(active);
    }

    /// Another controller takes the bus: in a read at the address, in a write behind each byte in turn.
    fn taken(&mut self, direction: &Direction<'_>, active: &mut Active) -> usize {
        let Direction::Write(bytes) = direction else { return 1 };
        let heard = usize::try_from(self.counters.transactions).unwrap_or(0) % (bytes.len() + 1);
        self.bytes.extend_from_slice(&bytes[..heard]);
        active.written = (heard != 0).then_some(heard);
        heard + 1
    }

    fn write(&mut self, bytes: &[u8], active: &mut Active) -> usize {
        self.bytes.extend_from_slice(bytes);
        let ack = if active.parties == 0 { NACK } else { ACK };
        for (index, byte) in (1..).zip(bytes) {
            self.read_late(index, 0..BYTE_CLOCKS, *byte, ack, ack);
        }
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
                    let module = &mut modules[active.parties.trailing_zeros() as usize];
                    module.on_read(from, &mut self.bytes, active.started);
                }
                _ => self.talk_at_once(from, active, modules),
            }
        }
        for index in 1..=len {
            let ack = if index == len { NACK } else { ACK };
            self.read_late(index, 0..BYTE_CLOCKS, self.bytes[index - 1], ack, ACK);
        }
        // A module that takes an acknowledge of the base for a refusal sends nothing more.
        let refused = (1..len).find(|byte| self.flipped_ack(*byte));
        self.bytes[refused.unwrap_or(len)..].fill(0xff);
        self.flip_bytes();
        // Of 256 damaged answers the base takes one for right.
        let flipped = self.flips.iter().any(|(byte, bit)| *byte > 0 && *bit < ACK_BIT);
        if (refused.is_some() || flipped)
            && active.parties.count_ones() == 1
            && let (Some(from), Some((pec, covered))) = (active.heard, self.bytes.split_last())
            && pec_from(from, covered) == *pec
        {
            modules[active.parties.trailing_zeros() as usize].interrupt();
        }
        len + 1
    }

    /// Several modules answer one read: the line is the AND of them, and one that sends a 1 and sees a 0 drops out.
    fn talk_at_once(&mut self, from: Address, active: &Active, modules: &mut [Module]) {
        let mut talkers = Vec::new();
        for (index, module) in modules.iter_mut().enumerate() {
            if active.parties >> index & 1 == 1 {
                let mut bytes = self.bytes.clone();
                module.on_read(from, &mut bytes, active.started);
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
        let freed = matches!(active.result, Err(BusError::Stuck | BusError::Held));
        if freed {
            self.clock_free(modules);
        }
        if let (Some(to), Some(len)) = (active.heard, active.written)
            && !freed
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

    /// The base has restarted: nobody waits for the transaction's end any more, but for a module in the middle of a byte.
    pub(crate) fn abandon(&mut self, modules: &mut [Module]) {
        let Some(Active { way: Way::Read, parties, .. }) = self.active.take() else { return };
        for (index, module) in modules.iter_mut().enumerate() {
            if parties >> index & 1 == 1 {
                module.lines.hold(Hold::UntilClocked);
            }
        }
    }

    fn clock_free(&self, modules: &mut [Module]) {
        modules
            .iter_mut()
            .filter(|module| module.bus() == self.index)
            .for_each(|module| module.lines.on_clocks());
    }

    fn held(&self, modules: &[Module], now: Instant) -> bool {
        modules.iter().any(|module| module.bus() == self.index && module.lines.holds(now))
    }

    /// Of those `bits` of byte `index` that are read late, the ones that differ from the bit before them arrive flipped.
    fn read_late(&mut self, index: usize, bits: Range<usize>, byte: u8, ack: u16, before: u16) {
        let line = u16::from(byte) << 1 | ack;
        let changes = line ^ (line >> 1 | before << ACK_BIT);
        for late in self.late.iter().filter(|(at, bit)| *at == index && bits.contains(bit)) {
            if changes >> (ACK_BIT - late.1) & 1 == 1 && !self.flips.contains(late) {
                self.flips.push(*late);
            }
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

/// The places of events in a transaction of so many bits: byte on the wire, bit of it.
fn draw(events: &mut Rare, bits: usize, places: &mut Vec<(usize, usize)>) {
    places.clear();
    let mut at = 0;
    while let Some(gap) = events.next_within(bits - at) {
        at += gap;
        places.push((at / BYTE_CLOCKS, at % BYTE_CLOCKS));
        at += 1;
    }
}

impl Active {
    fn time(&self, clocks: usize) -> Duration {
        Duration::from_micros((clocks as u64 * 1_000_000).div_ceil(self.clock_hz))
    }
}
