//! One module as the driver speaks to it: requests with their answers, pages in a stream. Turns frames into operations of
//! a lane; decides nothing about updates.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::future::poll_fn;
use core::task::Poll;

use super::lane::{Halt, Lane};
use crate::time::Duration;
use crate::wire::Malformed;
use crate::wire::check::Address;
use crate::wire::identity::{IDENTITY_LEN, Identity};
use crate::wire::message::Cause;
use crate::wire::module::{
    BUSY_BIT, Outcome, REQUEST_LEN_MAX, RESPONSE_OVERHEAD, Request, Room, STATUS_LEN, Session,
    State, Status, Tag, parse_response,
};
use crate::wire::op::{Check, Op, Pattern};

/// How often a request is sent in all.
const REQUEST_TRIES: u8 = 5;
/// Of a longer one noise of one bit in 10,000 hits every fifth: it is read more often before that ends a try.
const SHORT_READ_MAX: usize = 100;
/// From look to look while a request is worked on.
const REQUEST_POLL_US: u32 = 500;
/// From look to look while the ring is full. A quarter of a full ring of 32 pages takes 79 ms, so none runs dry.
const RING_POLL_US: u32 = 10_000;
/// The longest a full ring may take to have room for a group: four pages of four flash operations of at most 3.94 ms
/// (limits of the STM32L072), three times over for pages that are tried again, is 190 ms. Longer than the base waits for one
/// that is silent, so that this is told as silence; and hardly longer than a ring of 32 pages lasts, so that the others' flash
/// does not wait for one that never has room.
const RING_TIMEOUT_MS: u16 = 300;
/// Saying who it is: at once, or when the ring is empty.
const IDENTIFY: Duration = Duration::from_millis(500);

/// Closing an update: at once, or when the ring is empty.
const CLOSE: Duration = IDENTIFY;

/// What went wrong between host and module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetError {
    /// The module did not do it, and says why.
    Refused(Outcome),
    /// Nothing answers at its address.
    NotAnswering,
    /// It does not come to an end.
    Stalled,
    /// What it says is damaged each time, or contradicts itself.
    BadData,
    /// A line of its bus is held low.
    BusStuck,
    /// The link to the base was lost.
    LinkLost,
    /// The base has taken what it was given, and does not say what became of it, or says what cannot be.
    KeptBack,
}

impl TargetError {
    fn from_halt(from: Address, halt: Halt) -> Self {
        let (cause, data) = match halt {
            Halt::Halted { cause, data } => (cause, data),
            Halt::LinkLost => return Self::LinkLost,
            Halt::KeptBack => return Self::KeptBack,
        };
        let status = Status::parse(from, &data).ok();
        match (cause, status) {
            (Cause::Unexpected | Cause::Timeout, Some(status))
                if status.outcome != Outcome::Done =>
            {
                Self::Refused(status.outcome)
            }
            (Cause::Unexpected | Cause::Timeout, _) => Self::Stalled,
            (Cause::NoAnswer | Cause::NoAck, _) => Self::NotAnswering,
            (Cause::Arbitration | Cause::BadCheck, _) => Self::BadData,
            (Cause::BusStuck, _) => Self::BusStuck,
            // This host stops nothing, and what it pushes can be read: see [`Lane::push`].
            (Cause::Aborted | Cause::BadOperation, _) => Self::KeptBack,
        }
    }
}

impl From<Malformed> for TargetError {
    fn from(_: Malformed) -> Self {
        Self::BadData
    }
}

/// The number of the last request to a module in this session, by whomever.
pub(super) type LastTag = Rc<Cell<Tag>>;

/// A module at an address.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) lane: Lane,
    pub(super) address: Address,
    session: Session,
    last: LastTag,
}

impl Target {
    /// Speaks to `address` over `lane`. `session` tells this host's frames from those of one before.
    pub(super) fn new(lane: Lane, address: Address, session: Session, last: LastTag) -> Self {
        Self { lane, address, session, last }
    }

    pub(super) fn session(&self) -> Session {
        self.session
    }

    /// The same module, over another lane.
    pub(super) fn over(&self, lane: &Lane) -> Self {
        Self { lane: lane.clone(), ..self.clone() }
    }

    /// Reads the identity as the response that stands there, and learns which tag is free.
    pub(super) async fn listen(&self) -> Result<(Status, Identity), TargetError> {
        self.push_read(IDENTITY_LEN);
        let read = self.result().await?;
        self.identity(&read).inspect(|(status, _)| self.last.set(status.tag))
    }

    /// Asks a module that may be any for its identity: first, so that the next request is not one it has seen.
    pub(super) async fn identify(&self) -> Result<(Status, Identity), TargetError> {
        self.last.set(self.status().await?.tag);
        self.push_identify();
        self.identified().await
    }

    /// Queues the question for the identity, and the reading of it.
    pub(super) fn push_identify(&self) {
        self.push_request(&Request::Identify, IDENTIFY);
        self.push_read(IDENTITY_LEN);
    }

    /// What [`Target::push_identify`] has brought.
    pub(super) async fn identified(&self) -> Result<(Status, Identity), TargetError> {
        let read = self.result().await?;
        self.identity(&read)
    }

    fn identity(&self, read: &[u8]) -> Result<(Status, Identity), TargetError> {
        let (status, payload) = parse_response(self.address, read)?;
        Ok((status, Identity::parse(payload)?))
    }

    /// Where it stands.
    pub(super) async fn status(&self) -> Result<Status, TargetError> {
        self.push_status();
        let read = self.result().await?;
        Ok(Status::parse(self.address, &read)?)
    }

    /// Queues the reading of the status.
    pub(super) fn push_status(&self) {
        self.push_read_of(STATUS_LEN);
    }

    /// Whether it takes page frames in this session and could take `room` more.
    pub(super) fn receives(&self, status: &Status, room: usize) -> bool {
        status.state == State::Receiving
            && status.session == self.session
            && status.outcome == Outcome::Done
            && status.room.0 & Room::of(room).0 == Room::of(room).0
    }

    /// Asks for something and waits until it is done; returns the response, of exactly `len` bytes.
    pub(super) fn request(
        &self,
        request: &Request<'_>,
        len: usize,
        within: Duration,
    ) -> impl Future<Output = Result<Vec<u8>, TargetError>> + use<'_> {
        self.push_request(request, within);
        self.push_read(len);
        self.response(len)
    }

    /// Queues the reading of a response of `len` bytes.
    pub(super) fn push_read(&self, len: usize) {
        self.push_read_of(RESPONSE_OVERHEAD + len);
    }

    fn push_read_of(&self, bytes: usize) {
        let len = u16::try_from(bytes).unwrap_or(u16::MAX);
        let read = Op::Read { from: self.address, check: Check::Pec, len };
        let ops = [Op::Attempt { ops: 1, tries: REQUEST_TRIES }, read];
        self.lane.push(&ops[usize::from(bytes <= SHORT_READ_MAX)..]);
    }

    /// What the next [`Target::push_read`] has brought.
    pub(super) fn response(
        &self,
        len: usize,
    ) -> impl Future<Output = Result<Vec<u8>, TargetError>> + use<'_> {
        poll_fn(move |_| {
            self.poll_result().map(|read| self.payload(&read?, len).map(<[u8]>::to_vec))
        })
    }

    /// The payload of a response that was read, of exactly `len` bytes.
    pub(super) fn payload<'a>(&self, read: &'a [u8], len: usize) -> Result<&'a [u8], TargetError> {
        let (_, payload) = parse_response(self.address, read)?;
        if payload.len() == len { Ok(payload) } else { Err(TargetError::BadData) }
    }

    /// Queues a request and the poll for its end.
    pub(super) fn push_request(&self, request: &Request<'_>, within: Duration) {
        let tag = self.push_send(request);
        self.push_done(tag, within);
    }

    /// Queues the poll for a request's end.
    pub(super) fn push_done(&self, tag: Tag, within: Duration) {
        let done = Pattern::any(STATUS_LEN).with(0, BUSY_BIT, 0).with(1, 0xff, tag.0);
        let expect = done.with(2, 0xff, Outcome::Done as u8);
        self.lane.push(&[self.poll(done, expect, REQUEST_POLL_US, millis(within))]);
    }

    /// Queues a request without waiting for more than its arrival.
    pub(super) fn push_send(&self, request: &Request<'_>) -> Tag {
        self.push_frame(request, |tag, write| {
            let arrived = Pattern::any(STATUS_LEN).with(1, 0xff, tag.0);
            let look = self.poll(arrived, arrived, 0, 0);
            self.lane.push(&[Op::Attempt { ops: 2, tries: REQUEST_TRIES }, write, look]);
        })
    }

    /// Queues a request that the one it is for answers elsewhere.
    pub(super) fn push_write(&self, request: &Request<'_>) {
        self.push_frame(request, |_, write| self.lane.push(&[write]));
    }

    /// Hands the write of a request to `push`, with its tag.
    fn push_frame(&self, request: &Request<'_>, push: impl FnOnce(Tag, Op<'_>)) -> Tag {
        let tag = self.last.get().next();
        self.last.set(tag);
        let mut frame = [0; REQUEST_LEN_MAX];
        let len = request.emit(self.address, self.session, tag, &mut frame).unwrap_or_default();
        push(tag, Op::Write { to: self.address, bytes: frame.get(..len).unwrap_or_default() });
        tag
    }

    /// Closes the update of a module in its loader: it leaves its group. Whether it did shows when the next is opened.
    pub(super) async fn close(&self) {
        let _ = self.request(&Request::EnterLoader, 0, CLOSE).await;
    }

    /// Queues a restart, and the poll until the module is in `state`.
    pub(super) fn push_restart(&self, request: &Request<'_>, state: State, within: Duration) {
        // It says that it is busy, or it is gone already; that it comes back in the other state is the answer. If it answers
        // where it was, and is not busy, the frame was damaged: then the group is tried again.
        self.push_frame(request, |_, write| {
            let back = Pattern::any(STATUS_LEN).with(0, BUSY_BIT, 0);
            let there = back.with(0, 0xff, state as u8);
            let look = self.poll(back, there, REQUEST_POLL_US, millis(within));
            self.lane.push(&[Op::Attempt { ops: 2, tries: REQUEST_TRIES }, write, look]);
        });
    }

    /// Queues Run, and the poll for its arrival. That shows while the flash is hashed; a small one so fast that the restart may
    /// cut the look short, which ends in ones as no outcome does. Then the next answer is waited for, and if it is the
    /// application's, which has not heard of it, that is asked again, and says that it has.
    pub(super) fn push_run(&self, within: Duration) {
        self.push_frame(&Request::Run, |tag, write| {
            let whole = Pattern::any(STATUS_LEN).with(2, 0x80, 0);
            let arrived = whole.with(1, 0xff, tag.0);
            let look = self.poll(whole, arrived, REQUEST_POLL_US, millis(within));
            self.lane.push(&[Op::Attempt { ops: 2, tries: REQUEST_TRIES }, write, look]);
        });
    }

    /// Queues the poll until the module is in `state`.
    pub(super) fn push_there(&self, state: State, within: Duration) {
        let there = Pattern::any(STATUS_LEN).with(0, 0xff, state as u8);
        self.lane.push(&[self.poll(there, there, REQUEST_POLL_US, millis(within))]);
    }

    /// The poll for room for so many more page frames, when so many were taken.
    pub(super) fn taken(&self, received: u16, room: usize) -> Op<'static> {
        let [low, high] = received.to_le_bytes();
        let until = Pattern::any(STATUS_LEN).with(3, Room::of(room).0, Room::of(room).0);
        let expect =
            until.with(0, !BUSY_BIT, State::Receiving as u8).with(4, 0xff, low).with(5, 0xff, high);
        let expect = expect.with(6, 0xff, self.session.0);
        self.poll(until, expect, RING_POLL_US, RING_TIMEOUT_MS)
    }

    /// What the next operation that reads has read.
    pub(super) fn result(&self) -> impl Future<Output = Result<Vec<u8>, TargetError>> + use<'_> {
        poll_fn(|_| self.poll_result())
    }

    fn poll_result(&self) -> Poll<Result<Vec<u8>, TargetError>> {
        self.lane.result().map_err(|halt| TargetError::from_halt(self.address, halt))
    }

    fn poll(&self, until: Pattern, expect: Pattern, every_us: u32, timeout_ms: u16) -> Op<'static> {
        Op::Poll { from: self.address, check: Check::Pec, until, expect, every_us, timeout_ms }
    }
}

fn millis(duration: Duration) -> u16 {
    u16::try_from(duration.as_millis()).unwrap_or(u16::MAX)
}
