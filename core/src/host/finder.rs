//! Finds the modules of one bus, and gives each an address by its unique id, as SMBus ARP does (SMBus 3.1, 6.6).
//!
//! Modules without an address answer at [`Address::ENUMERATION`], all at once: each drops out at the first bit where it
//! is not the lowest, so that one whole identity is read. That one is given an address and leaves; then the next is read.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::future::poll_fn;
use core::task::Poll;

use super::lane::Lane;
use super::rack::{LinkProblem, Rack};
use super::target::{LastTag, Target, TargetError};
use crate::wire::check::Address;
use crate::wire::identity::Identity;
use crate::wire::message::{Bus, BusInfo, Here};
use crate::wire::module::{Request, Session, Uid};

/// The most modules one enumeration finds: more than any bus has addresses. Ends one that says each time that it is another.
const ROUNDS_MAX: usize = 128;
/// How often an address is assigned before the module counts as one that does not take it.
const ASSIGN_TRIES: usize = 3;
/// How many addresses in a row may be given in vain: to one that does not take it, or that asks at once for another. It may be reset
/// meanwhile, and where only its update asks nobody looks whether it has taken it.
const VAIN_MAX: usize = 3;

/// Of so many looks at a bus on which nothing is updated one is at a module that is known: every two seconds.
const LOOKS_PER_REMINDER: u32 = 4;

/// What the finder has yet to look at, and what it knows.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    /// Sets of addresses, a bit each.
    fresh: u128,
    answering: u128,
    known: u128,
    /// The bus is held low: nobody can be asked.
    held: bool,
    busy: bool,
    /// Whom the finder asks something just now.
    asking: Option<Address>,
    /// How often it was looked again.
    looks: u32,
    /// The address whose module was reminded last.
    reminded: u32,
}

impl Sightings {
    /// The base has reported an address.
    pub(super) fn report(&mut self, address: u8, here: Here) {
        let bit = 1 << (address & 0x7f);
        self.held = here == Here::Held;
        self.known |= bit;
        match here {
            Here::Held => {}
            Here::Yes => {
                self.answering |= bit;
                self.fresh |= bit;
            }
            Here::No => {
                self.answering &= !bit;
                self.fresh &= !bit;
            }
        }
    }

    /// Looks again where what the base saw and what the `rack` knows differ: modules without an address may have come
    /// while the last was given its own, others may have left before the base looked, or have been swapped.
    pub(super) fn look_again(&mut self, rack: &Rack, bus: Bus) {
        let differing = if self.held { 0 } else { self.answering ^ rack.held(bus) };
        self.fresh |= differing & !rack.updating(bus) & (self.known | self.answering);
        self.looks = self.looks.wrapping_add(1);
        if rack.updating(bus) == 0 && self.looks.is_multiple_of(LOOKS_PER_REMINDER) {
            self.look_at_next(rack.held(bus));
        }
    }

    /// Looks at the next of these addresses, each in its turn.
    fn look_at_next(&mut self, addresses: u128) {
        let behind = addresses & u128::MAX.checked_shl(self.reminded + 1).unwrap_or_default();
        let next = if behind == 0 { addresses } else { behind };
        self.reminded = next.trailing_zeros();
        self.fresh |= next & next.wrapping_neg();
    }

    /// Waits until the finder asks nothing at an address: a request of its that is on its way would be taken for another's.
    pub(super) async fn left_alone(sightings: &RefCell<Self>, address: Address) {
        let is_left_alone = || sightings.borrow().asking != Some(address);
        poll_fn(|_| if is_left_alone() { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Whether every one of `watched` addresses is known and looked at, or none can be: one bus must not keep the others
    /// waiting.
    pub(super) fn is_settled(&self, watched: u32) -> bool {
        self.held || !self.busy && self.fresh == 0 && self.known.count_ones() >= watched
    }

    /// The next address to look at. Modules without an address first: they may explain the others.
    fn next(&mut self) -> Option<Address> {
        if self.held {
            self.busy = false;
            return None;
        }
        let first = if self.fresh & ENUMERATION != 0 { ENUMERATION } else { self.fresh };
        let address = u8::try_from(first.trailing_zeros()).ok().and_then(Address::new);
        // An address that none can have is passed over, too.
        self.fresh &= !(first & first.wrapping_neg());
        self.busy = address.is_some();
        address
    }
}

const ENUMERATION: u128 = 1 << Address::ENUMERATION.get();

/// Runs as long as the link does.
pub(super) struct Finder {
    pub(super) bus: Bus,
    pub(super) info: BusInfo,
    pub(super) lane: Lane,
    pub(super) session: Session,
    pub(super) rack: Rc<RefCell<Rack>>,
    pub(super) sightings: Rc<RefCell<Sightings>>,
}

impl Finder {
    pub(super) async fn run(self) {
        loop {
            let seen = self.next().await;
            let ended = if seen == Address::ENUMERATION {
                self.enumerate().await
            } else if self.is_busy(seen) {
                Ok(())
            } else {
                self.remind(seen);
                self.ask(seen).await.map(drop)
            };
            if ended == Err(TargetError::LinkLost) {
                return;
            }
        }
    }

    async fn next(&self) -> Address {
        poll_fn(|_| self.sightings.borrow_mut().next().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Whether an update is under way at an address: then only that asks there.
    fn is_busy(&self, address: Address) -> bool {
        self.rack.borrow().updating(self.bus) & 1 << address.get() != 0
    }

    /// Whoever else listens there since before the address was given to the one that is known shall give it up.
    fn remind(&self, address: Address) {
        if let Some(uid) = self.rack.borrow().holder(self.bus, address) {
            let (lane, last) = (self.lane.clone(), LastTag::default());
            let all = Target::new(lane, address, self.session, last);
            all.push_write(&Request::Assign { uid, address });
        }
    }

    /// Asks who is there, and tells the rack.
    async fn ask(&self, address: Address) -> Result<Option<Uid>, TargetError> {
        let last = LastTag::default();
        let target = Target::new(self.lane.clone(), address, self.session, last.clone());
        self.sightings.borrow_mut().asking = Some(address);
        let found = target.identify().await;
        self.sightings.borrow_mut().asking = None;
        let mut rack = self.rack.borrow_mut();
        match found {
            Ok((status, identity)) => {
                rack.found(self.bus, address, (status.state, identity), last);
                Ok(Some(identity.uid))
            }
            Err(TargetError::NotAnswering) => {
                rack.gone(self.bus, address);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives every module without an address one.
    async fn enumerate(&self) -> Result<(), TargetError> {
        let problem = self.assign_all().await?;
        self.rack.borrow_mut().set_bus_problem(self.bus, problem);
        Ok(())
    }

    /// Returns what keeps some of them from getting one.
    async fn assign_all(&self) -> Result<Option<LinkProblem>, TargetError> {
        let (mut before, mut vain) = (None, 0);
        for _ in 0..ROUNDS_MAX {
            let (lane, last) = (self.lane.clone(), LastTag::default());
            let all = Target::new(lane, Address::ENUMERATION, self.session, last);
            let identity = match all.listen().await {
                Ok((_, identity)) => identity,
                Err(TargetError::NotAnswering) => return Ok(None),
                // Modules that talk over each other instead of dropping out.
                Err(TargetError::BadData) => return Ok(Some(LinkProblem::AddressConflict)),
                Err(error) => return Err(error),
            };
            let Some(address) = self.address_for(&identity).await? else {
                return Ok(Some(LinkProblem::NoFreeAddress));
            };
            let is_taken = self.assign(&all, identity.uid, address).await?;
            let is_again = before.replace(identity.uid) == Some(identity.uid);
            vain = if is_taken && !is_again { 0 } else { vain + 1 };
            // It tells a unique id that is not its own: nobody hears those behind it.
            if vain == VAIN_MAX {
                break;
            }
        }
        Ok(Some(LinkProblem::AddressConflict))
    }

    /// Gives one of those at `all` an address. Returns whether it has taken it, as far as is known.
    async fn assign(&self, all: &Target, uid: Uid, address: Address) -> Result<bool, TargetError> {
        for _ in 0..ASSIGN_TRIES {
            all.push_write(&Request::Assign { uid, address });
            if self.is_busy(address) {
                return Ok(true);
            }
            match self.ask(address).await {
                Ok(Some(found)) if found == uid => return Ok(true),
                Err(error @ (TargetError::LinkLost | TargetError::BusStuck)) => return Err(error),
                _ => {}
            }
        }
        Ok(false)
    }

    /// Where it was before, or the address of its slot, or a free one, if there is any.
    async fn address_for(&self, identity: &Identity) -> Result<Option<Address>, TargetError> {
        let before = {
            let rack = self.rack.borrow();
            rack.module(identity.uid).filter(|m| m.bus == self.bus).map(|m| m.address)
        };
        let mut candidates: Vec<_> = before.into_iter().collect();
        candidates.extend(Address::new(identity.home));
        for without_slot in [true, false] {
            for address in (self.info.first..=self.info.last).filter_map(Address::new) {
                if self.rack.borrow().slot(self.bus, address).is_none() == without_slot {
                    candidates.push(address);
                }
            }
        }
        for address in candidates {
            if self.is_busy(address) {
                // At its own its update asks, and waits for it.
                let holder = self.rack.borrow().holder(self.bus, address);
                if before == Some(address) && holder.is_none_or(|uid| uid == identity.uid) {
                    return Ok(Some(address));
                }
                continue;
            }
            // Outside the range nobody would see it leave.
            let is_watched = (self.info.first..=self.info.last).contains(&address.get());
            if !is_watched || !address.is_a_module_s() {
                continue;
            }
            // Only the bus knows who is there: the rack may have been changed since it was looked at.
            match self.ask(address).await {
                Ok(None) => return Ok(Some(address)),
                Err(error @ (TargetError::LinkLost | TargetError::BusStuck)) => return Err(error),
                _ => {}
            }
        }
        Ok(None)
    }
}
