//! A module on its bus, the same in loader and application: where it listens, which requests it takes, what a read
//! returns. Refuses to know what a request does, and to do anything slow: both ways in are called from the I2C interrupt.

use super::{Banks, Config};
use crate::wire::check::{Address, Crc32, pec};
use crate::wire::identity::{Identity, Installed, PARALLEL_BANKS, Why};
use crate::wire::message::PROTOCOL;
use crate::wire::module::{
    Busy, DATA_LEN_MAX, Outcome, REQUEST_LEN_MAX, Request, Session, Status, Tag,
};
use crate::wire::{Malformed, put};

#[derive(Debug)]
#[repr(C)]
pub(super) struct Port {
    assigned: Option<Address>,
    enumeration: Enumeration,
    last: Option<(Session, Tag)>,
    outcome: Outcome,
    exchange: Exchange,
    /// How long the response's payload is so far.
    len: usize,
    /// The last request until it is taken up. Then its response as a read returns it behind the status: length, payload,
    /// CRC-32 over both, packet error code.
    bytes: [u8; REQUEST_LEN_MAX],
}

const _: () = assert!(LEN_LEN + DATA_LEN_MAX + CHECKS_LEN <= REQUEST_LEN_MAX);
/// Bytes of the length before the payload.
const LEN_LEN: usize = 2;
/// Bytes of the checks behind it.
const CHECKS_LEN: usize = 4 + 1;
/// The response without a payload.
const EMPTY: [u8; LEN_LEN + CHECKS_LEN] = [0, 0, 0xff, 0x12, 0xd9, 0x41, 0x62];

/// Whether it listens at [`Address::ENUMERATION`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enumeration {
    Listens,
    /// A host has given it an address.
    Silent,
}

#[derive(Debug)]
enum Exchange {
    /// A request waits, so many bytes long, that was written to this address.
    Pending(Address, usize),
    Working,
    /// The payload is there, its checks are not.
    Sealing(Seal),
    Answered,
}

/// The checks of a response, over its first `done` bytes. A read must not wait for them, so they are made before, a few bytes
/// a step. That works for the packet error code, too, which begins with the status: behind a status it is 0, as each is
/// behind data and its own code.
#[derive(Debug)]
struct Seal {
    done: usize,
    crc: Crc32,
    pec: u8,
}

/// Bytes that are checked in one step: 180 cycles each on a Cortex-M0+, 180 µs at 32 MHz.
const SEAL_STEP_LEN: usize = 32;

impl Seal {
    const NOTHING: Self = Self { done: 0, crc: Crc32::new(), pec: 0 };
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It is to be executed.
    Taken,
    /// It says nothing new, or it is not for this module, or the last request is not done yet.
    Ignored,
    /// It did not verify.
    Damaged,
}

/// A request that was taken up.
#[derive(Debug)]
pub(super) struct Frame {
    to: Address,
    len: usize,
    bytes: [u8; REQUEST_LEN_MAX],
}

impl Frame {
    /// The request in it, if this version knows it.
    pub(super) fn request(&self) -> Option<(Session, Request<'_>)> {
        let frame = self.bytes.get(..self.len)?;
        let (session, _, request) = Request::parse(self.to, frame).ok()?;
        Some((session, request))
    }
}

impl Port {
    /// After a reset. The response that nobody asked for is the identity: [`Self::greet`].
    pub(super) fn new(config: &Config) -> Self {
        Self {
            assigned: config.assigned,
            enumeration: if config.assigned.is_some() {
                Enumeration::Silent
            } else {
                Enumeration::Listens
            },
            last: None,
            outcome: Outcome::Done,
            exchange: Exchange::Working,
            len: 0,
            bytes: [0; REQUEST_LEN_MAX],
        }
    }

    pub(super) fn assigned(&self) -> Option<Address> {
        self.assigned
    }

    pub(super) fn listens(&self, address: Address) -> bool {
        self.assigned == Some(address) || address == Address::ENUMERATION && self.enumerates()
    }

    /// Whether it listens at [`Address::ENUMERATION`].
    pub(super) fn enumerates(&self) -> bool {
        self.enumeration == Enumeration::Listens
    }

    /// Takes a request, if it is whole, new, and the last one is done.
    pub(super) fn hear(&mut self, to: Address, frame: &[u8], config: &Config) -> Heard {
        let header = match Request::parse(to, frame) {
            Ok((_, _, Request::Assign { uid, .. })) if uid != config.uid => return Heard::Ignored,
            Ok((session, tag, _)) => (session, tag),
            // It arrived whole, but belongs to a later protocol: its host is owed an answer.
            Err(Malformed::Unknown(..) | Malformed::Range(_) | Malformed::Trailing) => {
                let Some(&[_, session, tag]) = frame.first_chunk() else { return Heard::Damaged };
                (Session(session), Tag(tag))
            }
            Err(_) => return Heard::Damaged,
        };
        if self.last == Some(header) || self.busy() == Busy::Yes {
            return Heard::Ignored;
        }
        if frame.len() > self.bytes.len() {
            return Heard::Damaged;
        }
        put(&mut self.bytes, frame);
        self.exchange = Exchange::Pending(to, frame.len());
        self.last = Some(header);
        self.outcome = Outcome::Done;
        Heard::Taken
    }

    /// The request that waits.
    pub(super) fn pending(&self) -> Option<Frame> {
        match self.exchange {
            Exchange::Pending(to, len) => Some(Frame { to, len, bytes: self.bytes }),
            _ => None,
        }
    }

    /// The request that waited is being executed.
    pub(super) fn take_up(&mut self) {
        self.exchange = Exchange::Working;
        self.clear();
    }

    /// The payload so far.
    pub(super) fn payload(&self) -> &[u8] {
        self.bytes.get(LEN_LEN..LEN_LEN.saturating_add(self.len)).unwrap_or_default()
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// So many more bytes of the payload, to be filled; `None`: it would be too long.
    pub(super) fn grow(&mut self, len: usize) -> Option<&mut [u8]> {
        let grown = self.len.saturating_add(len);
        let room = self.bytes.get_mut(LEN_LEN..LEN_LEN.saturating_add(DATA_LEN_MAX))?;
        let more = room.get_mut(self.len..grown)?;
        self.len = grown;
        Some(more)
    }

    /// More of the payload.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        if let Some(place) = self.grow(bytes.len()) {
            put(place, bytes);
        }
    }

    /// The request is done. Only if it was is there a payload.
    pub(super) fn answer(&mut self, outcome: Outcome) {
        self.outcome = outcome;
        if outcome != Outcome::Done {
            self.clear();
        }
        let [low, high, ..] = self.len.to_le_bytes();
        put(&mut self.bytes, &[low, high]);
        self.exchange = Exchange::Sealing(Seal::NOTHING);
    }

    /// Does the next part of the response's checks; `false`: there is none.
    pub(super) fn seal(&mut self) -> bool {
        let Exchange::Sealing(seal) = &mut self.exchange else { return false };
        let covered = LEN_LEN.saturating_add(self.len);
        let next = seal.done.saturating_add(SEAL_STEP_LEN).min(covered);
        if let Some(piece) = self.bytes.get(seal.done..next) {
            seal.crc.update(piece);
            seal.pec = pec(seal.pec, piece);
        }
        seal.done = next;
        if next == covered
            && let Some(checks) = self.bytes.get_mut(covered..)
        {
            let crc = seal.crc.clone().finish().to_le_bytes();
            put(put(checks, &crc), &[pec(seal.pec, &crc)]);
            self.exchange = Exchange::Answered;
        }
        true
    }

    /// Something has happened that the last request's outcome must say.
    pub(super) fn set_outcome(&mut self, outcome: Outcome) {
        if self.busy() == Busy::No {
            self.outcome = outcome;
        }
    }

    /// Whether a request has been taken up and not been answered.
    pub(super) fn is_working(&self) -> bool {
        matches!(self.exchange, Exchange::Working)
    }

    pub(super) fn busy(&self) -> Busy {
        if matches!(self.exchange, Exchange::Answered) { Busy::No } else { Busy::Yes }
    }

    pub(super) fn tag(&self) -> Tag {
        self.last.map_or(Tag(0), |(_, tag)| tag)
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Executes what loaders and applications execute alike; `false`: it is another request.
    pub(super) fn execute(
        &mut self,
        request: &Request<'_>,
        identity: impl Fn() -> Identity,
    ) -> Known {
        match *request {
            Request::Identify => self.introduce(&identity()),
            // That it is this module that is meant was checked when it was heard.
            Request::Assign { address, .. }
                if address == Address::ENUMERATION || Address::GROUPS.contains(&address.get()) =>
            {
                self.answer(Outcome::OutOfArea);
            }
            Request::Assign { address, .. } => {
                self.assigned = Some(address);
                self.enumeration = Enumeration::Silent;
                self.answer(Outcome::Done);
            }
            Request::Enumerate => {
                self.enumeration = Enumeration::Listens;
                self.answer(Outcome::Done);
            }
            _ => return Known::No,
        }
        Known::Yes
    }

    /// Answers what nobody has asked yet.
    pub(super) fn greet(&mut self, identity: &Identity) {
        self.introduce(identity);
        while self.seal() {}
    }

    fn introduce(&mut self, identity: &Identity) {
        self.append(&identity.emit());
        self.answer(Outcome::Done);
    }

    /// What a read from `from` returns: the status, the response, then 0xff. While a request is being executed its response is
    /// empty.
    pub(super) fn read(&self, from: Address, status: &Status, read: &mut [u8]) {
        let len = self.len.saturating_add(LEN_LEN + CHECKS_LEN);
        let response = match self.exchange {
            Exchange::Answered => self.bytes.get(..len).unwrap_or_default(),
            _ => &EMPTY,
        };
        put(put(read, &status.emit(from)), response).fill(0xff);
    }
}

/// Whether a request was one that both sides of a module know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Yes,
    No,
}

/// What differs between the identities of a loader and of an application.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) why: Why,
    pub(super) application: Option<Installed>,
    pub(super) ring: u8,
}

impl Standing {
    #[inline(never)]
    pub(super) fn identity(&self, config: &Config) -> Identity {
        Identity {
            protocol: PROTOCOL,
            vendor: config.vendor,
            module_type: config.module_type,
            hardware: config.hardware,
            why: self.why,
            uid: config.uid,
            loader: config.loader,
            application: self.application,
            geometry: config.geometry,
            ring: self.ring,
            capabilities: match config.banks {
                Banks::One => 0,
                Banks::Two => PARALLEL_BANKS,
            },
            home: config.home.get(),
            starts: config.starts,
            name: config.name,
        }
    }
}
