//! One module as the driver speaks to it: requests with their answers, pages in a stream. Turns frames into operations of
//! a lane; decides nothing about updates.

use alloc::vec::Vec;
use core::future::poll_fn;
use core::task::Poll;

use super::lane::{Halt, Lane};
use crate::time::Duration;
use crate::wire::Malformed;
use crate::wire::check::Address;
use crate::wire::identity::{IDENTITY_LEN, Identity};
use crate::wire::message::{BLOCK_LEN, Cause};
use crate::wire::module::{
    BUSY_BIT, Outcome, PAGE_OVERHEAD, PageFrame, REQUEST_LEN_MAX, RESPONSE_OVERHEAD, Request, Room,
    STATUS_LEN, Session, State, Status, Tag, parse_response,
};
use crate::wire::op::{Check, Op, Pattern};

/// How often a group of frames is sent in all. At a bit error rate of 1e-4 a group of eight pages arrives whole less than
/// every second time; what arrived stays, so each try has less to do.
const GROUP_TRIES: u8 = 12;
/// How often a request is sent in all.
const REQUEST_TRIES: u8 = 5;
/// The most pages in a group: eight fit a block with their poll.
const GROUP_PAGES_MAX: usize = 8;
/// The bytes of a write around what it writes.
const WRITE_OVERHEAD: usize = 4;
/// The bytes of a group's attempt and poll.
const GROUP_OVERHEAD: usize = 48;
/// From look to look while a request is worked on.
const REQUEST_POLL_US: u32 = 500;
/// From look to look while the ring is full. A quarter of a full ring of 32 pages takes 79 ms, so none runs dry.
const RING_POLL_US: u32 = 10_000;
/// The longest a full ring may take to have room for a group: eight pages of four flash operations of at most 3.94 ms
/// (limits of the STM32L072), ten times over for pages that are tried again.
const RING_TIMEOUT_MS: u16 = 1_500;

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
    /// The user stopped it.
    Stopped,
    /// The base could not read what this host sent. A fault of ours.
    Bug,
}

impl TargetError {
    fn from_halt(from: Address, halt: Halt) -> Self {
        let Halt::Halted { cause, data } = halt else { return Self::LinkLost };
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
            (Cause::Aborted, _) => Self::Stopped,
            (Cause::BadOperation, _) => Self::Bug,
        }
    }
}

impl From<Malformed> for TargetError {
    fn from(_: Malformed) -> Self {
        Self::BadData
    }
}

/// A module at an address.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) lane: Lane,
    pub(super) address: Address,
    session: Session,
    tag: Tag,
}

impl Target {
    /// Speaks to `address` over `lane`. `session` tells this host's frames from those of one before.
    pub(super) fn new(lane: Lane, address: Address, session: Session) -> Self {
        Self { lane, address, session, tag: Tag::default() }
    }

    /// Reads the identity as the response that stands there, and learns which tag is free.
    pub(super) async fn listen(&mut self) -> Result<(Status, Identity), TargetError> {
        self.push_read(IDENTITY_LEN);
        let read = self.result().await?;
        let (status, payload) = parse_response(self.address, &read)?;
        self.tag = status.tag.next();
        Ok((status, Identity::parse(payload)?))
    }

    /// Asks for the identity. Before anything else is asked, so that the tag is one the module has not seen last.
    pub(super) async fn identify(&mut self) -> Result<(Status, Identity), TargetError> {
        self.push_read_of(STATUS_LEN);
        let read = self.result().await?;
        self.tag = Status::parse(self.address, &read)?.tag.next();
        self.push_request(&Request::Identify, Duration::from_millis(500));
        self.push_read(IDENTITY_LEN);
        let read = self.result().await?;
        let (status, payload) = parse_response(self.address, &read)?;
        Ok((status, Identity::parse(payload)?))
    }

    /// Asks for something and waits until it is done; returns the response, of exactly `len` bytes.
    pub(super) fn request(
        &mut self,
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
        self.lane.push(&[Op::Read { from: self.address, check: Check::Pec, len }]);
    }

    /// What the next [`Target::push_read`] has brought.
    pub(super) fn response(
        &self,
        len: usize,
    ) -> impl Future<Output = Result<Vec<u8>, TargetError>> + use<'_> {
        poll_fn(move |_| {
            self.poll_result().map(|read| {
                let read = read?;
                let (_, payload) = parse_response(self.address, &read)?;
                if payload.len() == len { Ok(payload.to_vec()) } else { Err(TargetError::BadData) }
            })
        })
    }

    /// Queues a request and the poll for its end.
    pub(super) fn push_request(&mut self, request: &Request<'_>, within: Duration) {
        let tag = self.push_send(request);
        let done = Pattern::any(STATUS_LEN).with(0, BUSY_BIT, 0).with(1, 0xff, tag.0);
        let timeout_ms = u16::try_from(within.as_millis()).unwrap_or(u16::MAX);
        self.lane.push(&[self.poll(
            done,
            done.with(2, 0xff, Outcome::Done as u8),
            REQUEST_POLL_US,
            timeout_ms,
        )]);
    }

    /// Queues a request without waiting for more than its arrival.
    fn push_send(&mut self, request: &Request<'_>) -> Tag {
        self.push_frame(request, |target, write| {
            let arrived = Pattern::any(STATUS_LEN).with(1, 0xff, target.tag.0);
            let look = target.poll(arrived, arrived, 0, 0);
            target.lane.push(&[Op::Attempt { ops: 2, tries: REQUEST_TRIES }, write, look]);
        })
    }

    /// Queues a request that the one it is for answers elsewhere.
    pub(super) fn push_write(&mut self, request: &Request<'_>) {
        self.push_frame(request, |target, write| target.lane.push(&[write]));
    }

    /// Hands the write of a request to `push`, and takes the next tag.
    fn push_frame(&mut self, request: &Request<'_>, push: impl FnOnce(&Self, Op<'_>)) -> Tag {
        let mut frame = [0; REQUEST_LEN_MAX];
        let len =
            request.emit(self.address, self.session, self.tag, &mut frame).unwrap_or_default();
        push(self, Op::Write { to: self.address, bytes: frame.get(..len).unwrap_or_default() });
        let next = self.tag.next();
        core::mem::replace(&mut self.tag, next)
    }

    /// Queues a restart, and the poll until the module is in `state`.
    pub(super) fn push_restart(&mut self, request: &Request<'_>, state: State, within: Duration) {
        // It is gone before its status can be read; that it comes back in the other state is the answer. A frame that was
        // damaged leaves it where it is: then the group is tried again.
        let there = Pattern::any(STATUS_LEN).with(0, 0xff, state as u8);
        let timeout_ms = u16::try_from(within.as_millis()).unwrap_or(u16::MAX);
        self.push_frame(request, |target, write| {
            let poll = target.poll(there, there, REQUEST_POLL_US, timeout_ms);
            target.lane.push(&[Op::Attempt { ops: 2, tries: REQUEST_TRIES }, write, poll]);
        });
    }

    /// Queues a rest of the lane.
    pub(super) fn rest(&self, duration: Duration) {
        self.lane
            .push(&[Op::Wait { micros: u32::try_from(duration.as_micros()).unwrap_or(u32::MAX) }]);
    }

    /// Queues all pages in groups, each with its poll; pages are numbered from the start of the application area.
    pub(super) fn push_pages<'p>(&self, pages: impl Iterator<Item = (u16, &'p [u8])>, ring: u8) {
        let mut pages = pages.peekable();
        let page_len = pages.peek().map_or(0, |(_, bytes)| bytes.len());
        let fit_a_block =
            (BLOCK_LEN - GROUP_OVERHEAD) / (page_len + PAGE_OVERHEAD + WRITE_OVERHEAD);
        let group_len = GROUP_PAGES_MAX.min(usize::from(ring / 2)).min(fit_a_block).max(1);
        // A power of two, as the status can show it.
        let group_len = 1 << group_len.ilog2();
        let mut frames: Vec<Vec<u8>> = Vec::new();
        let mut seq = 0u16;
        for (page, bytes) in pages {
            let mut frame = alloc::vec![0; bytes.len() + PAGE_OVERHEAD];
            let emitted = PageFrame { session: self.session, seq, page, bytes }
                .emit(self.address, &mut frame);
            debug_assert!(emitted.is_ok(), "the frame has room for the page");
            frames.push(frame);
            seq = seq.wrapping_add(1);
            if frames.len() == group_len {
                self.push_group(&frames, seq, group_len);
                frames.clear();
            }
        }
        if !frames.is_empty() {
            self.push_group(&frames, seq, group_len);
        }
    }

    fn push_group(&self, frames: &[Vec<u8>], received: u16, room: usize) {
        let [low, high] = received.to_le_bytes();
        let until = Pattern::any(STATUS_LEN).with(3, Room::of(room).0, Room::of(room).0);
        let expect =
            until.with(0, !BUSY_BIT, State::Receiving as u8).with(4, 0xff, low).with(5, 0xff, high);
        let expect = expect.with(6, 0xff, self.session.0);
        let ops = u8::try_from(frames.len() + 1).unwrap_or(u8::MAX);
        let mut group = alloc::vec![Op::Attempt { ops, tries: GROUP_TRIES }];
        for bytes in frames {
            group.push(Op::Write { to: self.address, bytes });
        }
        group.push(self.poll(until, expect, RING_POLL_US, RING_TIMEOUT_MS));
        self.lane.push(&group);
    }

    /// What the next operation that reads has read.
    fn result(&self) -> impl Future<Output = Result<Vec<u8>, TargetError>> + use<'_> {
        poll_fn(|_| self.poll_result())
    }

    fn poll_result(&self) -> Poll<Result<Vec<u8>, TargetError>> {
        self.lane.result().map_err(|halt| TargetError::from_halt(self.address, halt))
    }

    fn poll(&self, until: Pattern, expect: Pattern, every_us: u32, timeout_ms: u16) -> Op<'static> {
        Op::Poll { from: self.address, check: Check::Pec, until, expect, every_us, timeout_ms }
    }
}
