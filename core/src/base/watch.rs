//! Who is there: looks at the watched addresses of a bus now and then, while no lane needs it. Reports changes alone.

use core::time::Duration;

use crate::time::Instant;
use crate::wire::check::Address;
use crate::wire::message::{Here, is_watched};

/// From one round over all watched addresses to the next: a person who plugs a module in sees it appear at once.
const ROUND_EVERY: Duration = Duration::from_millis(200);
/// Looks in vain until a module counts as gone: a module that restarts is silent for a few milliseconds only.
const MISSES: u8 = 2;

#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    addresses: [u8; 16],
    /// Rounds in vain, for each address that answered last; [`GONE`] for those that did not.
    misses: [u8; 128],
    told: [u8; 16],
    next: u8,
    round_at: Option<Instant>,
}

const GONE: u8 = MISSES;

impl Watch {
    pub(super) const NOTHING: Self =
        Self { addresses: [0; 16], misses: [GONE; 128], told: [0; 16], next: 0, round_at: None };

    pub(super) fn set(&mut self, addresses: [u8; 16], now: Instant) {
        // What was known of addresses that stay watched stays known.
        for (told, (old, new)) in self.told.iter_mut().zip(self.addresses.iter().zip(&addresses)) {
            *told &= old & new;
        }
        self.addresses = addresses;
        self.next = 0;
        self.round_at = addresses.iter().any(|byte| *byte != 0).then_some(now);
    }

    /// When it next wants the bus.
    pub(super) fn due(&self) -> Option<Instant> {
        self.round_at
    }

    /// The address to look at now.
    pub(super) fn start(&mut self, now: Instant) -> Option<Address> {
        let next = (self.next..128).find(|address| is_watched(&self.addresses, *address));
        let Some(address) = next.and_then(Address::new) else {
            self.next = 0;
            self.round_at = self.round_at.map(|_| now + ROUND_EVERY);
            return None;
        };
        self.next = address.get() + 1;
        Some(address)
    }

    /// What the look brought.
    pub(super) fn looked(&mut self, address: Address, answered: bool, _now: Instant) {
        if let Some(misses) = self.misses.get_mut(usize::from(address.get())) {
            *misses = if answered { 0 } else { misses.saturating_add(1).min(GONE) };
        }
    }

    /// A change not told yet; it counts as told from here on.
    pub(super) fn news(&mut self) -> Option<(u8, Here)> {
        let here = |misses: &[u8; 128], address: u8| {
            misses.get(usize::from(address)).is_some_and(|m| *m < GONE)
        };
        let address = (0..128).find(|address| {
            is_watched(&self.addresses, *address)
                && here(&self.misses, *address) != is_watched(&self.told, *address)
        })?;
        let byte = self.told.get_mut(usize::from(address >> 3))?;
        *byte ^= 1 << (address & 7);
        Some((address, if here(&self.misses, address) { Here::Yes } else { Here::No }))
    }
}
