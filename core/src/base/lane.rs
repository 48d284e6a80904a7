//! One lane: its queue, the operation it is at, and what an end of a transaction means for it. Decides; [`super::Base`]
//! does.

use super::errors::Doubt;
use super::failure::{Failure, Seen, checked};
use super::pool::{Memory, Pool, Queue};
use super::standing::{Ended, Group, PollUntil, State, Want};
use super::{BusError, Direction, Transfer};
use crate::time::{Duration, Instant};
use crate::wire::message::{Bus, Cause};
use crate::wire::op::{Check, Op};

/// How often a transaction that fails is tried in all before its operation fails. At a bit error rate of 1e-4 a page frame
/// fails one time in nine: four tries fail one in 6,000, and an [`Op::Attempt`] around them starts anew.
const TRANSFER_TRIES: u8 = 4;
/// The rest before the second try of a transaction; it doubles each time, so that a module that is starting is not asked
/// in vain.
const TRANSFER_REST: Duration = Duration::from_micros(250);
/// The rest before a group is attempted again.
const ATTEMPT_REST: Duration = Duration::from_micros(500);
/// How long nothing may answer a poll. A module that restarts is silent while it hashes its flash, 37 ms for 192 KB; what is
/// silent for longer is gone, and no other attempt brings it back. Modules that are updated together wait for each other:
/// this is less than a ring of 32 pages lasts, so that the others' flash does not wait for one that is gone.
const SILENCE_MAX: Duration = Duration::from_millis(250);
/// How long a lane waits for a bus that a module of another lane holds: longer than that one's tries last, so that it falls
/// out and the others go on.
const HELD_MAX: Duration = Duration::from_secs(1);
/// A lane that has set no clock uses its bus's fastest.
const CLOCK_DEFAULT_HZ: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    pub(super) bus: Bus,
    pub(super) state: State,
    /// Changes when what the lane holds is dropped: the end of a transaction from before then means nothing.
    pub(super) turn: u32,
    clock_hz: u32,
    queue: Queue,
    /// Where the next operation stands in the first block.
    offset: u16,
    /// The number of the next operation.
    next: u32,
    group: Option<Group>,
    tries_left: u8,
    doubt: Doubt,
    /// How many of its transactions it must do again.
    behind: u8,
    poll: Option<PollUntil>,
    /// How long it still waits for a bus that is held.
    held: Option<Instant>,
    orphan: bool,
}

/// Whose turn it is on a bus: of those that are due whoever is behind, or else the first behind the one that was served last.
pub(super) fn whose_turn(lanes: &[Lane], bus: Bus, served: u8, now: Instant) -> Option<usize> {
    let mut next = None;
    let mut at = usize::from(served);
    for _ in lanes {
        at = (at + 1) % lanes.len();
        let Some(lane) = lanes.get(at) else { continue };
        if lane.bus == bus && lane.due().is_some_and(|due| due <= now) {
            if lane.is_behind() {
                return Some(at);
            }
            next = next.or(Some(at));
        }
    }
    next
}

impl Lane {
    pub(super) const CLOSED: Self = Self {
        bus: Bus(0),
        state: State::Closed,
        turn: 0,
        clock_hz: CLOCK_DEFAULT_HZ,
        queue: Queue::EMPTY,
        offset: 0,
        next: 0,
        group: None,
        tries_left: TRANSFER_TRIES,
        doubt: Doubt::NONE,
        behind: 0,
        poll: None,
        held: None,
        orphan: false,
    };

    /// How many operations are behind it for good. A group counts when all of it is.
    pub(super) fn done(&self) -> u32 {
        self.group.map_or(self.next, |group| group.first)
    }

    pub(super) fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed)
    }

    /// Whether it works on what an earlier session gave it.
    pub(super) fn is_orphan(&self) -> bool {
        self.orphan
    }

    /// A new session has started: what the lane holds it still does, and tells nobody.
    pub(super) fn orphan(&mut self) {
        if self.has_work() {
            self.orphan = true;
        } else {
            self.close();
        }
    }

    pub(super) fn halt(&mut self) {
        self.state = State::Halted;
    }

    pub(super) fn has_work(&self) -> bool {
        !self.queue.is_empty() || matches!(self.state, State::OnBus)
    }

    /// Whether noise has set it back. What it must do again is not its turn: on a bus that is full, modules would end one
    /// after the other by their luck, and the last would have the bus for itself and a flash that needs as long as ever.
    pub(super) fn is_behind(&self) -> bool {
        self.behind > 0
    }

    /// When it can next use its bus.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.state {
            State::Ready(from) | State::Resting(from) if !self.queue.is_empty() => Some(from),
            _ => None,
        }
    }

    /// Works on `bus` from now on. What it held must have been dropped.
    pub(super) fn open(&mut self, bus: Bus, now: Instant) {
        // An earlier session's numbers mean nothing in this one.
        let next = if self.orphan { 0 } else { self.next };
        self.close();
        (self.bus, self.state, self.next) = (bus, State::Ready(now), next);
    }

    fn close(&mut self) {
        *self = Self { turn: self.turn.wrapping_add(1), ..Self::CLOSED };
    }

    pub(super) fn submit<M: Memory>(&mut self, pool: &mut Pool<M>, first: u32, ops: &[u8]) {
        if self.orphan || !self.is_running() {
            return;
        }
        let was_empty = self.queue.is_empty();
        if !pool.push(&mut self.queue, first, ops) {
            // The host overran its credit.
            self.fail(Cause::BadOperation, Seen::NOTHING);
        } else if was_empty && !matches!(self.state, State::OnBus) {
            self.next = first;
        }
    }

    /// Halts, unless it has already.
    pub(super) fn abort(&mut self) {
        if self.is_running() {
            self.fail(Cause::Aborted, Seen::NOTHING);
        }
    }

    /// Halts: its bus is not there.
    pub(super) fn refuse(&mut self) {
        self.fail(Cause::BadOperation, Seen::NOTHING);
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Ready(_) | State::Resting(_) | State::OnBus)
    }

    /// Halts, and says so to the host.
    fn fail(&mut self, cause: Cause, read: Seen) {
        self.state = State::Failed(Failure { op: self.next, cause, read });
        self.turn = self.turn.wrapping_add(1);
        self.next = self.done();
        self.group = None;
        (self.doubt, self.behind) = (Doubt::NONE, 0);
        self.poll = None;
        self.held = None;
    }

    /// Frees all blocks that it holds; returns how many.
    pub(super) fn drop_blocks<M: Memory>(&mut self, pool: &mut Pool<M>) -> u32 {
        self.offset = 0;
        let mut freed = 0;
        while pool.pop(&mut self.queue) {
            freed += 1;
        }
        freed
    }

    /// Starts the next operation. Call when [`Lane::due`] has come and the bus is free.
    pub(super) fn start<M: Memory>(&mut self, pool: &Pool<M>, now: Instant) -> Want {
        let Some((op, len)) = self.op(pool) else {
            self.fail(Cause::BadOperation, Seen::NOTHING);
            return Want::Again;
        };
        if let Some(group) = &mut self.group
            && group.counter.is_some()
            && group.skip > 0
        {
            // What a poll counts was done before it.
            let is_poll = matches!(op, Op::Poll { .. });
            group.skip = if is_poll { 0 } else { group.skip.saturating_sub(1) };
            if !is_poll {
                self.stepped(len, now);
                return Want::Again;
            }
        }
        match op {
            Op::Write { .. } | Op::Read { .. } => {}
            Op::Resume { byte, first } => {
                self.group =
                    self.group.map(|group| Group { counter: Some((byte, first)), ..group });
                self.stepped(len, now);
                return Want::Again;
            }
            Op::Poll { timeout_ms, .. } => {
                let deadline = now + Duration::from_millis(timeout_ms.into());
                let silence = now + SILENCE_MAX;
                self.poll = self.poll.or(Some(PollUntil { deadline, silence, last: None }));
            }
            Op::Clock { hz } => {
                self.clock_hz = hz;
                self.stepped(len, now);
                return Want::Again;
            }
            // Which of the two would start again?
            Op::Attempt { .. } if self.group.is_some() => {
                self.fail(Cause::BadOperation, Seen::NOTHING);
                return Want::Again;
            }
            Op::Attempt { ops, tries } => {
                self.stepped(len, now);
                let end = self.next.wrapping_add(ops.into());
                let (offset, first, counter) = (self.offset, self.next, None);
                self.group =
                    Some(Group { offset, first, end, tries_left: tries, counter, skip: 0 });
                return Want::Again;
            }
            Op::Wait { micros } => {
                if matches!(self.state, State::Resting(_)) {
                    self.stepped(len, now);
                } else {
                    self.state = State::Resting(now + Duration::from_micros(micros.into()));
                }
                return Want::Again;
            }
            Op::Pin { pin, level } => {
                self.stepped(len, now);
                return Want::Pin { pin, level };
            }
        }
        self.behind = self.behind.saturating_sub(1);
        self.state = State::OnBus;
        Want::Transfer
    }

    /// The transaction of the operation it is at, if it has one.
    pub(super) fn transfer<'a, M: Memory>(
        &self,
        pool: &'a Pool<M>,
        clock_max_hz: u32,
    ) -> Option<Transfer<'a>> {
        let (address, direction) = match self.op(pool)?.0 {
            Op::Write { to, bytes } => (to, Direction::Write(bytes)),
            Op::Read { from, len, .. } => (from, Direction::Read(len.into())),
            Op::Poll { from, until, .. } => (from, Direction::Read(until.len())),
            _ => return None,
        };
        Some(Transfer {
            bus: self.bus,
            clock_hz: self.clock_hz.min(clock_max_hz),
            address,
            direction,
        })
    }

    /// The lane's transaction has ended. The bytes of a read are in `result`.
    pub(super) fn transferred<M: Memory>(
        &mut self,
        pool: &Pool<M>,
        result: Result<&[u8], BusError>,
        now: Instant,
    ) -> Ended {
        let mut ended = Ended::default();
        if !matches!(self.state, State::OnBus) {
            return ended;
        }
        self.state = State::Ready(now);
        // Opened again meanwhile: the operation is gone.
        let Some((op, len)) = self.op(pool) else { return ended };
        let (address, check, waits) = match op {
            Op::Write { to, .. } => (to, Check::None, false),
            Op::Read { from, check, .. } => (from, check, false),
            Op::Poll { from, check, timeout_ms, .. } => (from, check, timeout_ms > 0),
            _ => return ended,
        };
        let read = checked(address, check, result);
        // Who finds the bus held has no part in it.
        if result != Err(BusError::Held) {
            ended.failed = self.doubt.ended(address, waits, read.err());
        }
        match result {
            Err(BusError::Held) if now < *self.held.get_or_insert(now + HELD_MAX) => {
                self.state = State::Ready(now + TRANSFER_REST);
                return ended;
            }
            // No try from here brings a bus back that a module does not let go of, and one that stretches the clock for so
            // long has kept the bus from everybody for as long as 20 pages take.
            Err(BusError::Held | BusError::Stuck) => {
                self.fail(Cause::BusStuck, Seen::NOTHING);
                return ended;
            }
            _ => self.held = None,
        }
        match op {
            Op::Write { .. } | Op::Read { .. } => match read {
                Ok(_) => {
                    ended.result = matches!(op, Op::Read { .. }).then_some(self.next);
                    self.stepped(len, now);
                }
                Err(cause) => self.try_again(cause, now),
            },
            Op::Poll { until, expect, every_us, timeout_ms, .. } => match read {
                Ok(read) if until.matches(read) && expect.matches(read) => self.stepped(len, now),
                Ok(read) if until.matches(read) => {
                    self.group_failed(Cause::Unexpected, Seen::of(read), now)
                }
                other => {
                    self.look_again(other, Duration::from_micros(every_us.into()), timeout_ms, now)
                }
            },
            _ => {}
        }
        ended
    }

    fn look_again(
        &mut self,
        read: Result<&[u8], Cause>,
        every: Duration,
        timeout_ms: u16,
        now: Instant,
    ) {
        if let (0, Err(cause)) = (timeout_ms, read) {
            return self.try_again(cause, now);
        }
        let Some(poll) = &mut self.poll else { return };
        poll.last = read.ok().map(Seen::of).or(poll.last);
        // Any answer breaks the silence, even one that is damaged.
        if read != Err(Cause::NoAnswer) {
            poll.silence = now + SILENCE_MAX;
        }
        let (next, silent) = (now + every, now >= poll.silence);
        match (read, poll.last) {
            _ if next <= poll.deadline && !silent => self.state = State::Ready(next),
            (_, Some(last)) if !silent => {
                // What counts what has arrived has waited for room: sending it again makes none.
                let counts = self.group.is_some_and(|group| group.counter.is_some());
                if counts && timeout_ms > 0 {
                    self.fail(Cause::Timeout, last);
                } else {
                    self.group_failed(Cause::Timeout, last, now);
                }
            }
            (Err(cause), _) if silent => self.fail(cause, Seen::NOTHING),
            (Err(cause), _) => self.group_failed(cause, Seen::NOTHING, now),
            (Ok(_), _) => {}
        }
    }

    fn try_again(&mut self, cause: Cause, now: Instant) {
        self.tries_left = self.tries_left.saturating_sub(1);
        if self.tries_left == 0 {
            return self.group_failed(cause, Seen::NOTHING, now);
        }
        let tried = TRANSFER_TRIES.saturating_sub(self.tries_left);
        let rest = TRANSFER_REST * (1 << u32::from(tried.saturating_sub(1).min(8)));
        self.behind = self.behind.saturating_add(1);
        self.state = State::Ready(now + rest);
    }

    fn group_failed(&mut self, cause: Cause, read: Seen, now: Instant) {
        (self.tries_left, self.doubt) = (TRANSFER_TRIES, Doubt::NONE);
        self.poll = None;
        match &mut self.group {
            Some(group) if group.tries_left > 1 => {
                group.tries_left = group.tries_left.saturating_sub(1);
                let count = |(byte, first): (u8, u8)| {
                    Some(read.bytes().get(usize::from(byte))?.wrapping_sub(first))
                };
                // What counts otherwise than the group is long starts from its beginning.
                let skip = group.counter.and_then(count).unwrap_or(0);
                let len = group.end.wrapping_sub(group.first);
                group.skip = if u32::from(skip) < len { skip } else { 0 };
                group.counter = None;
                let again = self.next.wrapping_sub(group.first).saturating_sub(group.skip.into());
                self.behind = self.behind.saturating_add(u8::try_from(again).unwrap_or(u8::MAX));
                (self.offset, self.next) = (group.offset, group.first);
                self.state = State::Ready(now + ATTEMPT_REST);
            }
            _ => self.fail(cause, read),
        }
    }

    /// The operation it is at, and its length in the block.
    fn op<'a, M: Memory>(&self, pool: &'a Pool<M>) -> Option<(Op<'a>, u16)> {
        let rest = pool.head(&self.queue)?.ops().get(usize::from(self.offset)..)?;
        let (op, behind) = Op::parse(rest).ok()?;
        Some((op, u16::try_from(rest.len().saturating_sub(behind.len())).ok()?))
    }

    /// The operation of `len` bytes is behind it; the next may start at `from`.
    fn stepped(&mut self, len: u16, from: Instant) {
        self.offset = self.offset.saturating_add(len);
        self.next = self.next.wrapping_add(1);
        self.group = self.group.filter(|group| group.end != self.next);
        self.tries_left = TRANSFER_TRIES;
        self.poll = None;
        self.state = State::Ready(from);
    }

    /// Frees the first block if all its operations are behind the lane; returns whether it did.
    pub(super) fn finish_block<M: Memory>(&mut self, pool: &mut Pool<M>) -> bool {
        let finished = pool
            .head(&self.queue)
            .is_some_and(|block| usize::from(self.offset) >= block.ops().len());
        if !finished || matches!(self.state, State::OnBus) || !pool.pop(&mut self.queue) {
            return false;
        }
        // A group that says it is longer than its block ends with it.
        self.group = None;
        self.offset = 0;
        if let Some(block) = pool.head(&self.queue) {
            self.next = block.first();
        }
        true
    }
}
