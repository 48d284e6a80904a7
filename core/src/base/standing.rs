//! Where a lane stands between two transactions: plain data, no behaviour.

use super::errors::Failed;
use super::failure::{Failure, Seen};
use crate::time::Instant;
use crate::wire::op::Level;

#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    /// Never opened in this session.
    Closed,
    /// The next operation, if any, may start from this time on.
    Ready(Instant),
    /// It is at an [`crate::wire::op::Op::Wait`] that is over at this time.
    Resting(Instant),
    /// Its transaction is on the bus.
    OnBus,
    /// It failed, and the host has not been told yet.
    Failed(Failure),
    /// It failed, and waits to be opened again.
    Halted,
}

/// Operations that are tried together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// Where its first operation stands, and its number.
    pub(super) offset: u16,
    pub(super) first: u32,
    /// The number of the first operation behind it.
    pub(super) end: u32,
    pub(super) tries_left: u8,
    /// The byte that counts, and what it said before. None before the [`crate::wire::op::Op::Resume`].
    pub(super) counter: Option<(u8, u8)>,
    /// How many operations behind that are not done again, up to a poll.
    pub(super) skip: u8,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct PollUntil {
    pub(super) deadline: Instant,
    /// When nothing has answered for too long.
    pub(super) silence: Instant,
    /// What came through last: tells a module that says no from one that says nothing.
    pub(super) last: Option<Seen>,
}

/// What the lane wants now.
#[derive(Debug)]
pub(super) enum Want {
    /// [`super::lane::Lane::transfer`].
    Transfer,
    Pin {
        pin: u8,
        level: Level,
    },
    /// It went on by itself, or failed; ask again.
    Again,
}

/// What the end of a transaction gave.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// The operation whose result the bytes are that were read.
    pub(super) result: Option<u32>,
    pub(super) failed: Option<Failed>,
}
