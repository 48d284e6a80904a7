//! What host and base say to each other: the payloads of link frames. A message that parsed can be acted on.
//!
//! Docs: PROTOCOL.md, "Messages".

use core::fmt;

pub use super::hello::{BusInfo, Hello, List, SlotInfo, Welcome};

use super::bytes::{Field, Fields, Malformed, codes};

/// The protocol this crate speaks: major in the high byte. Another major number is another language; a higher minor
/// number only adds.
pub const PROTOCOL: u16 = 0x0101;
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
        let (mut message, mut f) = (Self::Abort { lane: Lane(0) }, Fields::of(payload));
        f.code(0, &mut message, Self::blank);
        message.fields(&mut f);
        f.end().map(|()| message)
    }

    /// Writes the payload; returns its length.
    pub fn emit(&self, payload: &mut [u8]) -> Result<usize, Malformed> {
        let mut f = Fields::to(payload);
        f.put(&[self.code()]);
        self.clone().fields(&mut f);
        f.written()
    }

    fn fields(&mut self, f: &mut Fields<'a>) {
        match self {
            Self::Open { lane, bus } => {
                f.u8(&mut lane.0);
                f.u8(&mut bus.0);
            }
            Self::Submit { lane, first, ops } => {
                f.u8(&mut lane.0);
                f.u32(first);
                f.rest_up_to(ops, BLOCK_LEN, Field::Ops);
            }
            Self::Abort { lane } => f.u8(&mut lane.0),
            Self::Watch { bus, addresses } => {
                f.u8(&mut bus.0);
                f.bytes(addresses);
            }
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Open { .. } => 1,
            Self::Submit { .. } => 2,
            Self::Abort { .. } => 3,
            Self::Watch { .. } => 4,
        }
    }

    /// A message before its fields are read.
    fn blank(code: u8) -> Result<Self, Malformed> {
        let (lane, bus) = (Lane(0), Bus(0));
        Ok(match code {
            1 => Self::Open { lane, bus },
            2 => Self::Submit { lane, first: 0, ops: &[] },
            3 => Self::Abort { lane },
            4 => Self::Watch { bus, addresses: [0; 16] },
            _ => return Err(Malformed::Unknown(Field::Message, code)),
        })
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

/// Why a lane halted, or a transaction failed.
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

codes!(
    Cause,
    Cause,
    NoAnswer,
    NoAck,
    Arbitration,
    BusStuck,
    BadCheck,
    Unexpected,
    Timeout,
    BadOperation,
    Aborted
);

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
    /// How many transactions with an address have failed. Since protocol 1.1.
    Errors {
        /// Which bus.
        bus: Bus,
        /// Which address.
        address: u8,
        /// How many, since the session began.
        count: u32,
        /// Why the last did.
        cause: Cause,
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
    /// Nobody knows: the bus is held low. It holds for all of the bus, until any of its addresses is told otherwise; then all
    /// are.
    Held = 2,
}

codes!(Here, Presence, No, Yes, Held);

impl<'a> ToHost<'a> {
    /// Reads a payload.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut message = Self::Result { lane: Lane(0), op: 0, data: &[] };
        let mut f = Fields::of(payload);
        f.code(0, &mut message, Self::blank);
        message.fields(&mut f);
        f.end().map(|()| message)
    }

    /// Writes the payload; returns its length.
    pub fn emit(&self, payload: &mut [u8]) -> Result<usize, Malformed> {
        let mut f = Fields::to(payload);
        f.put(&[self.code()]);
        self.clone().fields(&mut f);
        f.written()
    }

    fn fields(&mut self, f: &mut Fields<'a>) {
        match self {
            Self::Result { lane, op, data } => {
                f.u8(&mut lane.0);
                f.u32(op);
                f.rest_up_to(data, RESULT_LEN_MAX, Field::Data);
            }
            Self::Halted { lane, op, cause, data } => {
                f.u8(&mut lane.0);
                f.u32(op);
                f.code(*cause as u8, cause, Cause::parse);
                f.rest_up_to(data, RESULT_LEN_MAX, Field::Data);
            }
            Self::Presence { bus, address, here } => {
                f.u8(&mut bus.0);
                f.u8(address);
                f.code(*here as u8, here, Here::parse);
            }
            Self::Errors { bus, address, count, cause } => {
                f.u8(&mut bus.0);
                f.u8(address);
                f.u32(count);
                f.code(*cause as u8, cause, Cause::parse);
            }
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Result { .. } => 0x81,
            Self::Halted { .. } => 0x82,
            Self::Presence { .. } => 0x83,
            Self::Errors { .. } => 0x84,
        }
    }

    /// A message before its fields are read.
    fn blank(code: u8) -> Result<Self, Malformed> {
        Ok(match code {
            0x81 => Self::Result { lane: Lane(0), op: 0, data: &[] },
            0x82 => Self::Halted { lane: Lane(0), op: 0, cause: Cause::NoAnswer, data: &[] },
            0x83 => Self::Presence { bus: Bus(0), address: 0, here: Here::No },
            0x84 => Self::Errors { bus: Bus(0), address: 0, count: 0, cause: Cause::NoAnswer },
            _ => return Err(Malformed::Unknown(Field::Message, code)),
        })
    }
}

impl fmt::Display for ToHost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Result { lane, op, data } => {
                write!(f, "Result {lane} op={op} {}", super::Hex(data))
            }
            Self::Halted { lane, op, cause, data } => {
                write!(f, "Halted {lane} op={op} {cause}")?;
                if data.is_empty() { Ok(()) } else { write!(f, " {}", super::Hex(data)) }
            }
            Self::Presence { bus, address, here } => {
                write!(f, "Presence {bus} {address:#04x} {here}")
            }
            Self::Errors { bus, address, count, cause } => {
                write!(f, "Errors {bus} {address:#04x} {count}, last {cause}")
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
        let (mut state, mut f) = (Self::default(), Fields::of(payload));
        f.u32(&mut state.freed);
        while f.has_more() {
            let (mut lane, mut done) = (0, 0);
            f.u8(&mut lane);
            f.u32(&mut done);
            if let Err(fault) = state.done.push((lane, done)) {
                f.fault(fault);
            }
        }
        f.end().map(|()| state)
    }

    /// Writes the payload; returns its length.
    pub fn emit(&self, payload: &mut [u8]) -> Result<usize, Malformed> {
        let mut f = Fields::to(payload);
        f.put(&self.freed.to_le_bytes());
        for (lane, done) in self.done.iter() {
            f.put(&[*lane]);
            f.put(&done.to_le_bytes());
        }
        f.written()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State freed={}", self.freed)?;
        self.done.iter().try_for_each(|(lane, done)| write!(f, " L{lane}:{done}"))
    }
}
