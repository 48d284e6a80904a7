//! What host and base say to each other: the payloads of link frames. A message that parsed can be acted on.
//!
//! Docs: PROTOCOL.md, "Messages".

use core::fmt;

use super::bytes::{Malformed, Reader, Writer};
use super::version::Version;

/// The protocol this crate speaks: major in the high byte. Another major number is another language; a higher minor
/// number only adds.
pub const PROTOCOL: u16 = 0x0100;
/// The most bytes of operations in one [`ToBase::Submit`]: eight 128-byte pages with their poll, the unit in which an
/// [`super::op::Op::Attempt`] repeats, fit.
pub const BLOCK_LEN: usize = 1280;
/// The most bytes that one operation can return: an EEPROM or flash read of 256 bytes with its envelope.
pub const RESULT_LEN_MAX: usize = 288;
/// The most buses a base may have. An STM32H743 has four I2C peripherals.
pub const BUSES_MAX: usize = 4;
/// The most slots a base may have.
pub const SLOTS_MAX: usize = 32;
/// The most lanes a base may have: a lane for each slot and some for the buses themselves.
pub const LANES_MAX: u8 = 40;

/// A queue of operations on the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(pub u8);

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L{}", self.0)
    }
}

/// An I2C bus of the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bus(pub u8);

impl fmt::Display for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bus {}", self.0)
    }
}

/// The payload of a host's [`super::link::Kind::Hello`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The host's [`PROTOCOL`].
    pub protocol: u16,
}

impl Hello {
    /// Reads a payload. What follows the protocol number is left for later versions.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        Ok(Self { protocol: Reader::new(payload).u16()? })
    }

    /// The payload.
    pub fn emit(&self) -> [u8; 2] {
        self.protocol.to_le_bytes()
    }
}

/// The payload of a base's [`super::link::Kind::Welcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The base's [`PROTOCOL`]. In every version these two bytes come first, so that each can name the other's.
    pub protocol: u16,
    /// Drawn when the base started: another number means that it has restarted since.
    pub boot: u32,
    /// The base's own firmware.
    pub firmware: Version,
    /// How many blocks of operations it can hold: the host's credit.
    pub blocks: u16,
    /// How many lanes it has.
    pub lanes: u8,
    /// How many of them still work on what an earlier session gave them.
    pub busy: u8,
    /// What it is called; text, zero padded.
    pub name: [u8; 16],
    /// Its buses.
    pub buses: List<BusInfo, BUSES_MAX>,
    /// Its slots, in the order they sit in the rack.
    pub slots: List<SlotInfo, SLOTS_MAX>,
}

/// One bus of the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusInfo {
    /// Its fastest clock.
    pub clock_hz: u32,
    /// The addresses modules may be given on it, first and last, both included.
    pub first: u8,
    /// See `first`.
    pub last: u8,
}

/// One slot of the rack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotInfo {
    /// The bus it is wired to.
    pub bus: Bus,
    /// The address that the slot's wiring gives to the module in it.
    pub address: u8,
}

/// At most `N` values, without an allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List<T, const N: usize> {
    items: [T; N],
    len: usize,
}

impl<T: Copy + Default, const N: usize> List<T, N> {
    /// With no value.
    pub fn new() -> Self {
        Self { items: [T::default(); N], len: 0 }
    }

    /// The values up to the first that has no room.
    pub fn of(items: impl IntoIterator<Item = T>) -> Self {
        let mut list = Self::new();
        for item in items.into_iter().take(N) {
            let _ = list.push(item);
        }
        list
    }

    /// Adds a value, if there is room.
    pub fn push(&mut self, item: T) -> Result<(), Malformed> {
        *self.items.get_mut(self.len).ok_or(Malformed::Range("list"))? = item;
        self.len = self.len.saturating_add(1);
        Ok(())
    }
}

impl<T: Copy + Default, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> core::ops::Deref for List<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.items.get(..self.len).unwrap_or_default()
    }
}

impl Welcome {
    /// Reads a payload of this major version.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(payload);
        let mut welcome = Self {
            protocol: r.u16()?,
            boot: r.u32()?,
            firmware: Version::from_bytes(r.array()?),
            blocks: r.u16()?,
            lanes: r.u8()?,
            busy: r.u8()?,
            name: r.array()?,
            buses: List::new(),
            slots: List::new(),
        };
        for _ in 0..r.u8()? {
            welcome.buses.push(BusInfo { clock_hz: r.u32()?, first: r.u8()?, last: r.u8()? })?;
        }
        for _ in 0..r.u8()? {
            welcome.slots.push(SlotInfo { bus: Bus(r.u8()?), address: r.u8()? })?;
        }
        if welcome.lanes > LANES_MAX {
            return Err(Malformed::Range("lanes"));
        }
        Ok(welcome)
    }

    /// The protocol number alone, which every version can read.
    pub fn protocol(payload: &[u8]) -> Result<u16, Malformed> {
        Reader::new(payload).u16()
    }

    /// Writes the payload; returns its length.
    pub fn emit(&self, payload: &mut [u8]) -> Result<usize, Malformed> {
        let mut w = Writer::new(payload);
        w.u16(self.protocol)?;
        w.u32(self.boot)?;
        w.put(&self.firmware.to_bytes())?;
        w.u16(self.blocks)?;
        w.u8(self.lanes)?;
        w.u8(self.busy)?;
        w.put(&self.name)?;
        w.u8(u8::try_from(self.buses.len()).unwrap_or(u8::MAX))?;
        for bus in self.buses.iter() {
            w.u32(bus.clock_hz)?;
            w.put(&[bus.first, bus.last])?;
        }
        w.u8(u8::try_from(self.slots.len()).unwrap_or(u8::MAX))?;
        for slot in self.slots.iter() {
            w.put(&[slot.bus.0, slot.address])?;
        }
        Ok(w.len())
    }
}

/// A message from host to base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToBase<'a> {
    /// The lane works on `bus` from now on. Ends a halt.
    Open {
        /// Which lane.
        lane: Lane,
        /// Its bus.
        bus: Bus,
    },
    /// Operations to queue. Costs one block of credit.
    Submit {
        /// Which lane.
        lane: Lane,
        /// The number of the first operation. The host numbers a lane's operations from 0 in each session.
        first: u32,
        /// Encoded [`super::op::Op`]s, at most [`BLOCK_LEN`] bytes.
        ops: &'a [u8],
    },
    /// Halts the lane, and drops what it holds.
    Abort {
        /// Which lane.
        lane: Lane,
    },
    /// The addresses on `bus` that the base shall look at now and then: it reports each once, and then its coming and going.
    Watch {
        /// Which bus.
        bus: Bus,
        /// Bit `a % 8` of byte `a / 8` stands for address `a`.
        addresses: [u8; 16],
    },
}

impl<'a> ToBase<'a> {
    /// Reads a payload.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(payload);
        let message = match r.u8()? {
            1 => Self::Open { lane: Lane(r.u8()?), bus: Bus(r.u8()?) },
            2 => {
                let (lane, first, ops) = (Lane(r.u8()?), r.u32()?, r.rest());
                if ops.len() > BLOCK_LEN {
                    return Err(Malformed::Range("ops"));
                }
                Self::Submit { lane, first, ops }
            }
            3 => Self::Abort { lane: Lane(r.u8()?) },
            4 => Self::Watch { bus: Bus(r.u8()?), addresses: r.array()? },
            code => return Err(Malformed::Unknown("message", code)),
        };
        r.end(message)
    }

    /// Writes the payload; returns its length.
    pub fn emit(&self, payload: &mut [u8]) -> Result<usize, Malformed> {
        let mut w = Writer::new(payload);
        match *self {
            Self::Open { lane, bus } => w.put(&[1, lane.0, bus.0])?,
            Self::Submit { lane, first, ops } => {
                w.put(&[2, lane.0])?;
                w.u32(first)?;
                w.put(ops)?;
            }
            Self::Abort { lane } => w.put(&[3, lane.0])?,
            Self::Watch { bus, addresses } => {
                w.put(&[4, bus.0])?;
                w.put(&addresses)?;
            }
        }
        Ok(w.len())
    }
}

impl fmt::Display for ToBase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { lane, bus } => write!(f, "Open {lane} {bus}"),
            Self::Submit { lane, first, ops } => {
                write!(f, "Submit {lane} first={first} {}", super::op::Ops(ops))
            }
            Self::Abort { lane } => write!(f, "Abort {lane}"),
            Self::Watch { bus, addresses } => {
                write!(f, "Watch {bus}")?;
                (0u8..128)
                    .filter(|a| is_watched(addresses, *a))
                    .try_for_each(|a| write!(f, " {a:#04x}"))
            }
        }
    }
}

/// Whether [`ToBase::Watch`] names `address`.
pub fn is_watched(addresses: &[u8; 16], address: u8) -> bool {
    addresses.get(usize::from(address >> 3)).is_some_and(|byte| byte >> (address & 7) & 1 == 1)
}

/// Why a lane halted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cause {
    /// Nothing acknowledged the address.
    NoAnswer = 1,
    /// A byte that was written was not acknowledged.
    NoAck = 2,
    /// Another controller, or noise, took the bus away each time.
    Arbitration = 3,
    /// A line is held low: the bus cannot be used until it is let go.
    BusStuck = 4,
    /// Every read failed its check.
    BadCheck = 5,
    /// A poll or expect came to a definite other end: its data say which.
    Unexpected = 6,
    /// A poll did not come to its end in its time.
    Timeout = 7,
    /// The operations could not be read, or name what this base does not have. A fault of the host.
    BadOperation = 8,
    /// The host said so.
    Aborted = 9,
}

impl Cause {
    fn parse(byte: u8) -> Result<Self, Malformed> {
        Ok(match byte {
            1 => Self::NoAnswer,
            2 => Self::NoAck,
            3 => Self::Arbitration,
            4 => Self::BusStuck,
            5 => Self::BadCheck,
            6 => Self::Unexpected,
            7 => Self::Timeout,
            8 => Self::BadOperation,
            9 => Self::Aborted,
            _ => return Err(Malformed::Unknown("cause", byte)),
        })
    }
}

/// A message from base to host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToHost<'a> {
    /// What an operation read.
    Result {
        /// Which lane.
        lane: Lane,
        /// Which operation.
        op: u32,
        /// The bytes, at most [`RESULT_LEN_MAX`].
        data: &'a [u8],
    },
    /// A lane halted at an operation and dropped what was behind it.
    Halted {
        /// Which lane.
        lane: Lane,
        /// Which operation.
        op: u32,
        /// Why.
        cause: Cause,
        /// What was read last, if anything was.
        data: &'a [u8],
    },
    /// Whether a watched address answers: when it was looked at first, and whenever that changes.
    Presence {
        /// Which bus.
        bus: Bus,
        /// Which address.
        address: u8,
        /// Whether it answers.
        here: Here,
    },
}

/// Whether something answers at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Here {
    /// Nothing.
    No = 0,
    /// Something.
    Yes = 1,
}

impl<'a> ToHost<'a> {
    /// Reads a payload.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(payload);
        let message = match r.u8()? {
            0x81 => Self::Result { lane: Lane(r.u8()?), op: r.u32()?, data: data(r.rest())? },
            0x82 => Self::Halted {
                lane: Lane(r.u8()?),
                op: r.u32()?,
                cause: Cause::parse(r.u8()?)?,
                data: data(r.rest())?,
            },
            0x83 => Self::Presence {
                bus: Bus(r.u8()?),
                address: r.u8()?,
                here: match r.u8()? {
                    0 => Here::No,
                    1 => Here::Yes,
                    code => return Err(Malformed::Unknown("presence", code)),
                },
            },
            code => return Err(Malformed::Unknown("message", code)),
        };
        r.end(message)
    }

    /// Writes the payload; returns its length.
    pub fn emit(&self, payload: &mut [u8]) -> Result<usize, Malformed> {
        let mut w = Writer::new(payload);
        match *self {
            Self::Result { lane, op, data } => {
                w.put(&[0x81, lane.0])?;
                w.u32(op)?;
                w.put(data)?;
            }
            Self::Halted { lane, op, cause, data } => {
                w.put(&[0x82, lane.0])?;
                w.u32(op)?;
                w.u8(cause as u8)?;
                w.put(data)?;
            }
            Self::Presence { bus, address, here } => w.put(&[0x83, bus.0, address, here as u8])?,
        }
        Ok(w.len())
    }
}

fn data(bytes: &[u8]) -> Result<&[u8], Malformed> {
    if bytes.len() > RESULT_LEN_MAX { Err(Malformed::Range("data")) } else { Ok(bytes) }
}

impl fmt::Display for ToHost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Result { lane, op, data } => {
                write!(f, "Result {lane} op={op} {}", super::Hex(data))
            }
            Self::Halted { lane, op, cause, data } => {
                write!(f, "Halted {lane} op={op} {cause:?} {}", super::Hex(data))
            }
            Self::Presence { bus, address, here } => {
                write!(f, "Presence {bus} {address:#04x} {here:?}")
            }
        }
    }
}

/// The payload of a base's [`super::link::Kind::State`]: where its lanes stand. Every number only grows within a session,
/// so a lost one costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many blocks have been freed in this session: the host may have this many more than [`Welcome::blocks`] sent.
    pub freed: u32,
    /// How many operations each opened lane has behind it, by lane.
    pub done: List<(u8, u32), { LANES_MAX as usize }>,
}

impl State {
    /// Reads a payload.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(payload);
        let mut state = Self { freed: r.u32()?, done: List::new() };
        while !r.is_empty() {
            state.done.push((r.u8()?, r.u32()?))?;
        }
        Ok(state)
    }

    /// Writes the payload; returns its length.
    pub fn emit(&self, payload: &mut [u8]) -> Result<usize, Malformed> {
        let mut w = Writer::new(payload);
        w.u32(self.freed)?;
        for &(lane, done) in self.done.iter() {
            w.u8(lane)?;
            w.u32(done)?;
        }
        Ok(w.len())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State freed={}", self.freed)?;
        self.done.iter().try_for_each(|(lane, done)| write!(f, " L{lane}:{done}"))
    }
}
