//! What goes into the base and what comes out: inputs, outputs, transactions, its wiring. No behaviour.

use crate::time::Instant;
use crate::wire::check::Address;
use crate::wire::message::{BUSES_MAX, Bus, BusInfo, List, SLOTS_MAX, SlotInfo};
use crate::wire::op::Level;
use crate::wire::version::Version;

/// What happened to the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Bytes came over the USB link.
    Link(&'a [u8]),
    /// A transaction that [`Output::Transfer`] started on this bus has ended. Of a read the bytes, of a write none.
    Transferred(Bus, Result<&'a [u8], BusError>),
    /// The time of [`Output::Wait`] has come.
    Wake,
}

/// What the base wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Output<'a> {
    /// Send bytes over the USB link. If there is no room for all of them, drop them all: they are sent again.
    Link(&'a [u8]),
    /// Start a transaction. A bus has one at a time.
    Transfer(Transfer<'a>),
    /// Set a pin.
    Pin {
        /// Which.
        pin: u8,
        /// To what.
        level: Level,
    },
    /// Nothing until the next input, or until this time.
    Wait(Option<Instant>),
}

/// A transaction on a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// Which bus.
    pub bus: Bus,
    /// At which clock.
    pub clock_hz: u32,
    /// With whom.
    pub address: Address,
    /// Which way.
    pub direction: Direction<'a>,
}

/// Which way a transaction goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction<'a> {
    /// These bytes to the module.
    Write(&'a [u8]),
    /// So many bytes from it, at most [`crate::wire::message::RESULT_LEN_MAX`].
    Read(usize),
}

/// Why a transaction came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusError {
    /// Nothing acknowledged the address.
    NoAnswer,
    /// A byte was not acknowledged.
    NoAck,
    /// Arbitration was lost.
    Arbitration,
    /// SDA or SCL stayed low past the peripheral's timeout, in the middle of the transaction. Whoever starts transactions
    /// gives nine clocks and a stop before the next, so that a module that has missed clocks lets go.
    Stuck,
    /// The same, but before the transaction could begin: the module that it was for has no part in it.
    Held,
}

/// What the base is: its wiring, constants of its firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// What it is called; text, zero padded.
    pub name: [u8; 16],
    /// Its firmware.
    pub firmware: Version,
    /// Drawn at each start, so that a host sees that it has restarted.
    pub boot: u32,
    /// Its buses.
    pub buses: List<BusInfo, BUSES_MAX>,
    /// Its slots.
    pub slots: List<SlotInfo, SLOTS_MAX>,
}
