//! Who is there: looks at the watched addresses of a bus now and then, while no lane needs it. Reports changes alone.

use super::BusError;
use crate::time::{Duration, Instant};
use crate::wire::check::Address;
use crate::wire::message::Here;

/// From one round over all watched addresses to the next: a person who plugs a module in sees it appear at once.
const ROUND_EVERY: Duration = Duration::from_millis(200);

/// A bus that lanes never leave free is taken from them for a round after so long: a module that has lost its power waits
/// for an address, and its update for that. A round at 100 kHz is 3 ms for 16 slots.
const OVERDUE_AFTER: Duration = Duration::from_millis(800);

/// How long an address is left alone where the bus got stuck: each look keeps the bus from the lanes for as long as 20 pages
/// take. Who is plugged in meanwhile has no address yet, and is seen at once; unless it was there that the bus got stuck.
const STUCK_REST: Duration = Duration::from_secs(5);

/// So many looks one after the other that find a bus held low are news: one may have met a module that needs time.
const HELD_LOOKS: u8 = 2;

/// Sets of addresses, a bit each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    watched: u128,
    /// Looked at since they are watched.
    looked: u128,
    /// Answered when they were looked at last.
    answered: u128,
    /// Did not, but did the time before: a module that restarts is silent for a moment only.
    missed_once: u128,
    /// What the host was told, and of whom.
    told: u128,
    known: u128,
    /// Not looked at yet in this round.
    left: u128,
    round_at: Option<Instant>,
    /// Where the bus got stuck, and until when nobody looks there.
    stuck: u128,
    stuck_until: Instant,
    /// Looks in a row that found the bus held low, up to [`HELD_LOOKS`]; and whether the host was told.
    held: u8,
    told_held: bool,
}

impl Watch {
    pub(super) const NOTHING: Self = Self {
        watched: 0,
        looked: 0,
        answered: 0,
        missed_once: 0,
        told: 0,
        known: 0,
        left: 0,
        round_at: None,
        stuck: 0,
        stuck_until: Instant::ZERO,
        held: 0,
        told_held: false,
    };

    /// Bit `a % 8` of byte `a / 8` stands for address `a`; what is no address a module can have is left out.
    pub(super) fn set(&mut self, addresses: [u8; 16], now: Instant) {
        let watched = u128::from_le_bytes(addresses) & POSSIBLE;
        // What was known of addresses that stay watched stays known.
        let stay = self.watched & watched;
        (self.looked, self.known) = (self.looked & stay, self.known & stay);
        (self.answered, self.missed_once) = (self.answered & stay, self.missed_once & stay);
        (self.watched, self.left) = (watched, watched);
        self.told_held = false;
        self.round_at = (watched != 0).then_some(now);
    }

    /// When it next wants the bus.
    pub(super) fn due(&self) -> Option<Instant> {
        self.round_at
    }

    /// When it wants the bus before any lane.
    pub(super) fn overdue(&self) -> Option<Instant> {
        self.round_at.map(|at| at + OVERDUE_AFTER)
    }

    /// The address to look at now.
    pub(super) fn start(&mut self, now: Instant) -> Option<Address> {
        let Some(address) = lowest(self.left) else {
            if self.stuck_until <= now {
                self.stuck = 0;
            }
            self.left = self.watched & !self.stuck;
            self.round_at = self.round_at.map(|_| now + ROUND_EVERY);
            return None;
        };
        self.left &= !(1 << address.get());
        Some(address)
    }

    /// What the look brought.
    pub(super) fn looked(&mut self, address: Address, result: Result<(), BusError>, now: Instant) {
        if result == Err(BusError::Held) {
            // Nobody can answer: one look in a round is enough.
            (self.held, self.left) = (HELD_LOOKS.min(self.held.saturating_add(1)), 0);
            return;
        }
        self.held = 0;
        let answers = result.is_ok();
        let bit = 1 << address.get();
        let stuck = result == Err(BusError::Stuck);
        if stuck {
            self.stuck(address, now);
        }
        let doubt = !answers && !stuck && self.answered & bit != 0 && self.missed_once & bit == 0;
        self.missed_once = if doubt { self.missed_once | bit } else { self.missed_once & !bit };
        if !doubt {
            self.answered = if answers { self.answered | bit } else { self.answered & !bit };
        }
        self.looked |= bit;
    }

    /// A transaction there got stuck.
    pub(super) fn stuck(&mut self, address: Address, now: Instant) {
        self.stuck |= 1 << address.get();
        self.left &= !self.stuck;
        self.stuck_until = now + STUCK_REST;
    }

    /// Something the host has not been told: whether an address answers that was looked at for the first time, or a
    /// change. It counts as told from here on.
    pub(super) fn news(&mut self) -> Option<(u8, Here)> {
        let held = self.held == HELD_LOOKS;
        if held != self.told_held {
            self.told_held = held;
            if held {
                // What happens meanwhile nobody sees.
                (self.looked, self.known) = (0, 0);
                return Some((lowest(self.watched)?.get(), Here::Held));
            }
        }
        let news = self.looked & self.watched & (!self.known | self.told ^ self.answered);
        let address = lowest(news)?.get();
        let bit = 1 << address;
        self.known |= bit;
        self.told = self.told & !bit | self.answered & bit;
        Some((address, if self.answered & bit != 0 { Here::Yes } else { Here::No }))
    }
}

/// The addresses that [`Address::new`] takes: 0x08 to 0x77.
const POSSIBLE: u128 = (u128::MAX << 0x08) & (u128::MAX >> (0x80 - 0x78));

pub(super) fn lowest(set: u128) -> Option<Address> {
    // Of the empty set 128, which is no address.
    u8::try_from(set.trailing_zeros()).ok().and_then(Address::new)
}
