//! Why a lane halted, and what it had read.

use super::BusError;
use crate::wire::check::{Address, pec_from};
use crate::wire::message::Cause;
use crate::wire::op::{Check, POLL_LEN_MAX};
use crate::wire::put;

/// What [`crate::wire::message::ToHost::Halted`] says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    pub(super) op: u32,
    pub(super) cause: Cause,
    pub(super) read: Seen,
}

/// The first bytes of a read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    bytes: [u8; POLL_LEN_MAX],
    len: usize,
}

impl Seen {
    pub(super) const NOTHING: Self = Self { bytes: [0; POLL_LEN_MAX], len: 0 };

    pub(super) fn of(read: &[u8]) -> Self {
        let mut seen = Self::NOTHING;
        let left = put(&mut seen.bytes, read).len();
        seen.len = POLL_LEN_MAX.saturating_sub(left);
        seen
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// What the host is told of it.
pub(super) fn cause(error: BusError) -> Cause {
    match error {
        BusError::NoAnswer => Cause::NoAnswer,
        BusError::NoAck => Cause::NoAck,
        BusError::Arbitration => Cause::Arbitration,
        BusError::Stuck | BusError::Held => Cause::BusStuck,
    }
}

/// What was read, if it came through and its check is right.
pub(super) fn checked(
    from: Address,
    check: Check,
    result: Result<&[u8], BusError>,
) -> Result<&[u8], Cause> {
    let read = result.map_err(cause)?;
    match (check, read.split_last()) {
        (Check::None, _) => Ok(read),
        (Check::Pec, Some((pec, covered))) if pec_from(from, covered) == *pec => Ok(read),
        (Check::Pec, _) => Err(Cause::BadCheck),
    }
}
