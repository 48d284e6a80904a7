//! A module on its bus, the same in loader and application: where it listens, which requests it takes, what a read
//! returns. Refuses to know what a request does, and to do anything slow: both ways in are called from the I2C interrupt.

use super::Config;
use crate::wire::Malformed;
use crate::wire::check::{Address, Crc32, pec_from};
use crate::wire::identity::{Identity, Installed, Why};
use crate::wire::message::PROTOCOL;
use crate::wire::module::{
    Busy, DATA_LEN_MAX, Outcome, REQUEST_LEN_MAX, Request, STATUS_LEN, Session, Status, Tag,
};

#[derive(Debug)]
pub(super) struct Port {
    assigned: Option<Address>,
    enumeration: Enumeration,
    last: Option<(Session, Tag)>,
    outcome: Outcome,
    exchange: Exchange,
    /// The last request until it is taken up, then the payload of its response.
    bytes: [u8; REQUEST_LEN_MAX],
}

/// Whether it listens at [`Address::ENUMERATION`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enumeration {
    Listens,
    /// A host has given it an address.
    Silent,
}

#[derive(Clone, Copy, Debug)]
enum Exchange {
    /// A request waits, so many bytes long, that was written to this address.
    Pending(Address, usize),
    Working,
    /// The response is there: so many bytes, and the CRC-32 that covers them and their number.
    Answered(u16, u32),
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
    /// After a reset. The response that nobody asked for is the identity.
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
            bytes: [0; REQUEST_LEN_MAX],
        }
    }

    pub(super) fn assigned(&self) -> Option<Address> {
        self.assigned
    }

    pub(super) fn listens(&self, address: Address) -> bool {
        self.assigned == Some(address)
            || address == Address::ENUMERATION && self.enumeration == Enumeration::Listens
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
        let Some(place) = self.bytes.get_mut(..frame.len()) else { return Heard::Damaged };
        place.copy_from_slice(frame);
        self.exchange = Exchange::Pending(to, frame.len());
        self.last = Some(header);
        self.outcome = Outcome::Done;
        Heard::Taken
    }

    /// The request that waits.
    pub(super) fn pending(&self) -> Option<Frame> {
        match self.exchange {
            Exchange::Pending(to, len) => Some(Frame { to, len, bytes: self.bytes }),
            Exchange::Working | Exchange::Answered(..) => None,
        }
    }

    /// The request that waited is being executed.
    pub(super) fn take_up(&mut self) {
        self.exchange = Exchange::Working;
    }

    /// Where the response's payload goes, once the request was taken up.
    pub(super) fn payload(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..DATA_LEN_MAX).unwrap_or_default()
    }

    /// The request is done; so many bytes of the payload are its response.
    pub(super) fn answer(&mut self, outcome: Outcome, len: u16) {
        self.outcome = outcome;
        self.exchange = Exchange::Answered(len, self.envelope_crc(len));
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
        match self.exchange {
            Exchange::Pending(..) | Exchange::Working => Busy::Yes,
            Exchange::Answered(..) => Busy::No,
        }
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
            Request::Assign { address: Address::ENUMERATION, .. } => {
                self.answer(Outcome::OutOfArea, 0);
            }
            Request::Assign { address, .. } => {
                self.assigned = Some(address);
                self.enumeration = Enumeration::Silent;
                self.answer(Outcome::Done, 0);
            }
            Request::Enumerate => {
                self.enumeration = Enumeration::Listens;
                self.answer(Outcome::Done, 0);
            }
            _ => return Known::No,
        }
        Known::Yes
    }

    /// Answers with the identity.
    pub(super) fn introduce(&mut self, identity: &Identity) {
        let len = self.fill(&identity.emit());
        self.answer(Outcome::Done, len);
    }

    /// Makes `bytes` the payload; how much of it that is.
    pub(super) fn fill(&mut self, bytes: &[u8]) -> u16 {
        let mut len = 0;
        for (to, from) in self.payload().iter_mut().zip(bytes) {
            *to = *from;
            len = u16::wrapping_add(len, 1);
        }
        len
    }

    /// What a read from `from` returns: as [`crate::wire::module::emit_response`] writes it, cut off where the read ends,
    /// 0xff where it goes on. While a request is being executed the response is empty.
    pub(super) fn read(&self, from: Address, status: &Status, read: &mut [u8]) {
        let (len, crc) = match self.exchange {
            Exchange::Answered(len, crc) => (len, crc),
            Exchange::Pending(..) | Exchange::Working => (0, self.envelope_crc(0)),
        };
        let payload = self.bytes.get(..len.into()).unwrap_or_default();
        let mut rest = &mut *read;
        for part in [&status.emit(from)[..], &len.to_le_bytes(), payload, &crc.to_le_bytes()] {
            let split = part.len().min(rest.len());
            let Some((head, tail)) = rest.split_at_mut_checked(split) else { return };
            for (to, from) in head.iter_mut().zip(part) {
                *to = *from;
            }
            rest = tail;
        }
        rest.fill(0xff);
        let covered = payload.len().saturating_add(ENVELOPE_LEN);
        if let Some((covered, [pec, ..])) = read.split_at_mut_checked(covered) {
            *pec = pec_from(from, covered);
        }
    }

    fn envelope_crc(&self, len: u16) -> u32 {
        let mut crc = Crc32::new();
        crc.update(&len.to_le_bytes());
        crc.update(self.bytes.get(..len.into()).unwrap_or_default());
        crc.finish()
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
    pub(super) redo: (u16, u16),
}

impl Standing {
    pub(super) fn identity(self, config: &Config) -> Identity {
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
            capabilities: 0,
            redo: self.redo,
            home: config.home.get(),
            starts: config.starts,
            name: config.name,
        }
    }
}

/// A response without its payload and its packet error code: status, length, CRC-32.
const ENVELOPE_LEN: usize = STATUS_LEN + 2 + 4;
