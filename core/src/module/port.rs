//! A module on its bus, the same in loader and application: where it listens, which requests it takes, what a read
//! returns. Refuses to do anything slow: both ways in are called from the I2C interrupt.

use zerocopy::IntoBytes;

use super::Step;
use crate::wire::check::{Address, Crc32, pec};
use crate::wire::identity::Identity;
use crate::wire::module::{Busy, DATA_LEN_MAX, Outcome, REQUEST_LEN_MAX, Session, Status, Tag};
use crate::wire::put;
use crate::wire::request::{ANY, BODY_WORDS, command};

#[derive(Debug)]
#[repr(C)]
pub(super) struct Port {
    assigned: Option<Address>,
    enumeration: Enumeration,
    exchange: Exchange,
    /// Of the last request.
    session: Session,
    tag: Tag,
    outcome: Outcome,
    /// Over the response's first `checked` bytes: the packet error code. It begins with the status; but behind a status it is 0,
    /// as each is behind data and its own code.
    pec: u8,
    /// And the CRC-32.
    crc: Crc32,
    checked: usize,
    /// How long the last request is.
    request_len: usize,
    /// How long the response's payload is so far.
    len: usize,
    bytes: Buffer,
}

/// The last request, without its CRC. Once it is done its response, as a read returns it behind the status: length, payload,
/// CRC-32 over both, packet error code.
#[derive(Debug)]
#[repr(C, align(4))]
struct Buffer([u8; BUFFER_LEN]);

/// The response begins so that its payload is whole words where a request's body is.
const RESPONSE: usize = 2;
/// Where the one and the other begin.
const BODY: usize = 4;
/// A length before the payload, the checks behind it.
const ENVELOPE_LEN: usize = 2 + 4 + 1;
const BUFFER_LEN: usize = RESPONSE + DATA_LEN_MAX + ENVELOPE_LEN;
const _: () = assert!(REQUEST_LEN_MAX - 4 <= BUFFER_LEN);
/// The response without a payload.
static EMPTY: [u8; ENVELOPE_LEN] = [0, 0, 0xff, 0x12, 0xd9, 0x41, 0x62];

/// Whether it listens at [`Address::ENUMERATION`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enumeration {
    Listens,
    /// A host has given it an address.
    Silent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exchange {
    /// A request is being executed.
    Working,
    /// A request waits.
    Pending,
    /// Its address was given to another: what is read from now on must be the identity.
    Displaced,
    /// The payload is there, its checks are not. A read must not wait for them, so they are made before, a few bytes a step.
    Sealing,
    Answered,
}

/// Bytes that are checked in one step, by both checks: 40 cycles each on a Cortex-M0+.
const SEAL_STEP_LEN: usize = 32;
/// Such a step: to check a byte takes seven times as long as to hash it.
pub(super) const SEALED: Step = Step::Again { bytes: 7 * 32 };

impl Port {
    /// Before the reset's end: [`Self::start`].
    pub(super) const fn new() -> Self {
        Self {
            assigned: None,
            enumeration: Enumeration::Listens,
            exchange: Exchange::Working,
            session: Session(0),
            tag: Tag(0),
            outcome: Outcome::Done,
            pec: 0,
            crc: Crc32::ZERO,
            checked: 0,
            request_len: 0,
            len: 0,
            bytes: Buffer([0; BUFFER_LEN]),
        }
    }

    /// After a reset. The response that nobody asked for is the identity.
    pub(super) fn start(&mut self, assigned: Option<Address>, identity: &Identity) {
        if assigned.is_some() {
            (self.assigned, self.enumeration) = (assigned, Enumeration::Silent);
        }
        self.append(identity.as_bytes());
        self.answer(Outcome::Done);
        while self.seal(identity) {}
    }

    /// Listens where modules without an address do. What is read there must be the identity.
    fn enumerate(&mut self, identity: &Identity) {
        self.enumeration = Enumeration::Listens;
        self.len = 0;
        self.append(identity.as_bytes());
    }

    pub(super) fn assigned(&self) -> Option<Address> {
        self.assigned
    }

    #[inline(never)]
    pub(super) fn listens(&self, address: Address) -> bool {
        self.assigned == Some(address) || address == Address::ENUMERATION && self.enumerates()
    }

    /// Whether it listens at [`Address::ENUMERATION`].
    pub(super) fn enumerates(&self) -> bool {
        self.enumeration == Enumeration::Listens
    }

    /// Takes a request, without its CRC, if the last one is done, and it is new and for this module.
    pub(super) fn hear(&mut self, request: &[u8], identity: &Identity) {
        let Some(&[command, session, tag, argument]) = request.first_chunk() else { return };
        let Some(place) = self.bytes.0.get_mut(..request.len()) else { return };
        if self.exchange != Exchange::Answered {
            return;
        }
        if command == command::ASSIGN && !request.iter().skip(BODY).eq(&identity.uid.0) {
            // Two must not answer at one address: it was given away while this module was not to be heard.
            if self.assigned == Address::new(argument) {
                self.assigned = None;
                (self.enumeration, self.exchange) = (Enumeration::Listens, Exchange::Displaced);
            }
            return;
        }
        if (self.session, self.tag) != (Session(session), Tag(tag)) {
            put(place, request);
            (self.session, self.tag) = (Session(session), Tag(tag));
            self.request_len = request.len();
            self.outcome = Outcome::Done;
            self.exchange = Exchange::Pending;
        }
    }

    /// The command of the request that waits.
    pub(super) fn pending(&self) -> Option<u8> {
        (self.exchange == Exchange::Pending).then_some(self.byte(0))
    }

    /// The request that waited is being executed; its command, or 0 if this version does not know it as it is.
    pub(super) fn take_up(&mut self) -> u8 {
        self.exchange = Exchange::Working;
        self.len = 0;
        let command = self.byte(0);
        let body_len = self.request_len.wrapping_sub(BODY);
        let is_known = match BODY_WORDS.get(usize::from(command)) {
            Some(&ANY) => body_len >= 4 && body_len.is_multiple_of(4),
            Some(words) => body_len == usize::from(*words).wrapping_mul(4),
            None => false,
        };
        if is_known { command } else { 0 }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.0.get(at).copied().unwrap_or_default()
    }

    /// The request's session.
    pub(super) fn session(&self) -> Session {
        self.session
    }

    /// The byte of the request that stands before its body.
    pub(super) fn argument(&self) -> u8 {
        self.byte(3)
    }

    /// This word of the request's body.
    #[inline(always)]
    pub(super) fn word(&self, at: usize) -> u32 {
        let at = BODY.wrapping_add(at.wrapping_mul(4));
        let bytes = self.bytes.0.get(at..).and_then(<[u8]>::first_chunk);
        bytes.copied().map_or(0, u32::from_le_bytes)
    }

    /// How many words its body has.
    pub(super) fn words(&self) -> usize {
        self.request_len.wrapping_sub(BODY) >> 2
    }

    /// More of the payload. What has no room is left out.
    #[inline(never)]
    pub(super) fn append(&mut self, bytes: &[u8]) {
        let place = self.bytes.0.get_mut(BODY.wrapping_add(self.len)..).unwrap_or_default();
        put(place, bytes);
        self.len = self.len.wrapping_add(bytes.len()).min(DATA_LEN_MAX);
    }

    /// The same, of a word: in a tenth of the time.
    #[inline(never)]
    pub(super) fn append_word(&mut self, word: u32) {
        let place = self.bytes.0.get_mut(BODY.wrapping_add(self.len)..);
        if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
            *place = word.to_le_bytes();
            self.len = self.len.wrapping_add(4);
        }
    }

    /// The request is done. Only if it was is there a payload.
    #[inline(never)]
    pub(super) fn answer(&mut self, outcome: Outcome) {
        self.outcome = outcome;
        if outcome != Outcome::Done {
            self.len = 0;
        }
        let [low, high, ..] = self.len.to_le_bytes();
        if let Some([_, _, len @ ..]) = self.bytes.0.first_chunk_mut::<BODY>() {
            *len = [low, high];
        }
        (self.checked, self.crc, self.pec) = (RESPONSE, Crc32::new(), 0);
        self.exchange = Exchange::Sealing;
    }

    /// Does the next part of the response's checks; `false`: there is none.
    #[inline(never)]
    pub(super) fn seal(&mut self, identity: &Identity) -> bool {
        if self.exchange == Exchange::Displaced {
            self.enumerate(identity);
            self.answer(Outcome::Done);
        }
        if self.exchange != Exchange::Sealing {
            return false;
        }
        let (covered, checks) =
            self.bytes.0.split_at_mut_checked(BODY.wrapping_add(self.len)).unwrap_or_default();
        let left = covered.get(self.checked..).unwrap_or_default();
        if let Some(piece) = left.chunks(SEAL_STEP_LEN).next() {
            self.crc.update(piece);
            self.pec = pec(self.pec, piece);
            self.checked = self.checked.wrapping_add(piece.len());
        } else {
            let [a, b, c, d] = self.crc.finish().to_le_bytes();
            put(checks, &[a, b, c, d, pec(self.pec, &[a, b, c, d])]);
            self.exchange = Exchange::Answered;
        }
        true
    }

    /// Something has happened that the last request's outcome must say.
    pub(super) fn set_outcome(&mut self, outcome: Outcome) {
        if self.exchange == Exchange::Answered {
            self.outcome = outcome;
        }
    }

    /// Whether a request has been taken up and not been answered.
    pub(super) fn is_working(&self) -> bool {
        self.exchange == Exchange::Working
    }

    pub(super) fn busy(&self) -> Busy {
        if self.exchange == Exchange::Answered { Busy::No } else { Busy::Yes }
    }

    pub(super) fn tag(&self) -> Tag {
        self.tag
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Executes what loaders and applications execute alike.
    pub(super) fn execute(&mut self, command: u8, identity: &Identity) -> Outcome {
        match command {
            command::IDENTIFY => self.append(identity.as_bytes()),
            // That it is this module that is meant was checked when it was heard.
            command::ASSIGN => match Address::new(self.argument()) {
                Some(address) if address.is_a_module_s() => {
                    (self.assigned, self.enumeration) = (Some(address), Enumeration::Silent);
                }
                _ => return Outcome::OutOfArea,
            },
            command::ENUMERATE => self.enumerate(identity),
            _ => return Outcome::Unsupported,
        }
        Outcome::Done
    }

    /// What a read from `from` returns: the status, the response, then 0xff. While a request is being executed its response is
    /// empty.
    pub(super) fn read(&self, from: Address, status: &Status, read: &mut [u8]) {
        let end = self.len.wrapping_add(RESPONSE + ENVELOPE_LEN);
        let response = match self.exchange {
            Exchange::Answered => self.bytes.0.get(RESPONSE..end).unwrap_or_default(),
            _ => &EMPTY,
        };
        put(put(read, &status.emit(from)), response).fill(0xff);
    }
}
