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
    /// Who was there when the host was told last, and of whom it has been told at all.
    told: [u8; 16],
    known: [u8; 16],
    /// Who has been looked at.
    looked: [u8; 16],
    next: u8,
    round_at: Option<Instant>,
}

const GONE: u8 = MISSES;

impl Watch {
    pub(super) const NOTHING: Self = Self {
        addresses: [0; 16],
        misses: [GONE; 128],
        told: [0; 16],
        known: [0; 16],
        looked: [0; 16],
        next: 0,
        round_at: None,
    };

    pub(super) fn set(&mut self, addresses: [u8; 16], now: Instant) {
        // What was known of addresses that stay watched stays known.
        for known in [&mut self.known, &mut self.looked] {
            for (known, (old, new)) in known.iter_mut().zip(self.addresses.iter().zip(&addresses)) {
                *known &= old & new;
            }
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
    pub(super) fn looked(&mut self, address: Address, answered: bool) {
        if let Some(misses) = self.misses.get_mut(usize::from(address.get())) {
            *misses = if answered { 0 } else { misses.saturating_add(1).min(GONE) };
        }
        set_bit(&mut self.looked, address.get(), true);
    }

    /// Something the host has not been told: whether an address answers that was looked at for the first time, or a
    /// change. It counts as told from here on.
    pub(super) fn news(&mut self) -> Option<(u8, Here)> {
        let here = |address: u8| {
            self.misses.get(usize::from(address)).is_some_and(|misses| *misses < GONE)
        };
        let address = (0..128).find(|address| {
            let known = is_watched(&self.known, *address)
                && is_watched(&self.told, *address) == here(*address);
            is_watched(&self.addresses, *address) && is_watched(&self.looked, *address) && !known
        })?;
        let here = here(address);
        set_bit(&mut self.known, address, true);
        set_bit(&mut self.told, address, here);
        Some((address, if here { Here::Yes } else { Here::No }))
    }
}

fn set_bit(bits: &mut [u8; 16], address: u8, to: bool) {
    if let Some(byte) = bits.get_mut(usize::from(address >> 3)) {
        *byte = *byte & !(1 << (address & 7)) | u8::from(to) << (address & 7);
    }
}
