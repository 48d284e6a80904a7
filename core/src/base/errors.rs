//! How many transactions have failed at each address of a bus: what counts as failed, and when the host is told. It is told
//! numbers that only grow, so that one message does for as many failures as there were since the last.

use core::mem;

use super::watch::lowest;
use crate::time::{Duration, Instant};
use crate::wire::check::Address;
use crate::wire::message::Cause;

/// From the first failure that the host does not know to the telling: it is told what noise does, not of each bit.
const TELL_AFTER: Duration = Duration::from_secs(1);

/// One more than the last address that a module can have. All are counted, 600 bytes a bus, a thousandth of what its blocks
/// take: with fewer, of those that ail most some would not be told.
const ADDRESSES: usize = 0x78;

/// Transactions that count as failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed {
    pub(super) address: Address,
    pub(super) times: u8,
    /// Why the last did.
    pub(super) cause: Cause,
}

/// What a lane has seen fail of which it is not known yet whether it counts. A module that restarts is silent, and cuts short
/// what it says; where the host looks for a free address nobody answers, nor does whoever is just given one. So a silence
/// counts only between two answers, and what a poll has read that waits for something only if no silence follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubt {
    /// Where the transaction before was answered, if it was.
    at: Option<Address>,
    times: u8,
    cause: Cause,
}

impl Doubt {
    pub(super) const NONE: Self = Self { at: None, times: 0, cause: Cause::NoAnswer };

    /// What counts as failed now that a transaction has ended: with a `cause`, or well. A poll's look may be one that `waits`.
    pub(super) fn ended(
        &mut self,
        address: Address,
        waits: bool,
        cause: Option<Cause>,
    ) -> Option<Failed> {
        let before = mem::replace(self, Self::NONE);
        if cause == Some(Cause::NoAnswer) {
            if before.at == Some(address) && !waits {
                *self = Self { times: before.times.saturating_add(1), ..before };
            }
            return None;
        }
        self.at = Some(address);
        let (times, cause) = match cause {
            Some(cause) if waits && cause != Cause::BusStuck => {
                (self.times, self.cause) = (1, cause);
                (before.times, before.cause)
            }
            Some(cause) => (before.times.saturating_add(1), cause),
            None => (before.times, before.cause),
        };
        (times > 0).then_some(Failed { address, times, cause })
    }
}

/// What has failed on a bus in this session. Sets of addresses have a bit each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Errors {
    counts: [u32; ADDRESSES],
    /// Of what the last failed.
    causes: [Cause; ADDRESSES],
    /// What the host does not know yet.
    untold: u128,
    /// What it is being told, as there is room.
    left: u128,
    tell_at: Instant,
}

impl Errors {
    pub(super) const NONE: Self = Self {
        counts: [0; ADDRESSES],
        causes: [Cause::NoAnswer; ADDRESSES],
        untold: 0,
        left: 0,
        tell_at: Instant::ZERO,
    };

    pub(super) fn count(&mut self, failed: Failed, now: Instant) {
        let at = usize::from(failed.address.get());
        let (Some(count), Some(cause)) = (self.counts.get_mut(at), self.causes.get_mut(at)) else {
            return;
        };
        *count = count.saturating_add(failed.times.into());
        *cause = failed.cause;
        if self.untold == 0 {
            self.tell_at = now + TELL_AFTER;
        }
        self.untold |= 1 << failed.address.get();
    }

    /// When the host is to be told.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.untold != 0).then_some(self.tell_at)
    }

    /// An address, how many have failed there, and why the last did, if the host is to be told now. It counts as told from
    /// here on.
    pub(super) fn news(&mut self, now: Instant) -> Option<(u8, u32, Cause)> {
        // What fails meanwhile waits until all others are told.
        if self.left == 0 && self.due().is_some_and(|due| due <= now) {
            self.left = mem::take(&mut self.untold);
        }
        let address = lowest(self.left)?.get();
        let others = !(1 << address);
        (self.left, self.untold) = (self.left & others, self.untold & others);
        let at = usize::from(address);
        Some((address, *self.counts.get(at)?, *self.causes.get(at)?))
    }
}
