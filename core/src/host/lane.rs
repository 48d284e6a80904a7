//! A lane as a driver sees it: push operations, await what they read. Refuses to know the link: [`super::session`] moves
//! what stands here to the base and back.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::task::Poll;

use crate::time::Duration;
use crate::wire::message::{self as wire, BLOCK_LEN, Bus, Cause};
use crate::wire::op::Op;

/// How long what an operation has read may come behind the news that all is done. The link sends again what it lost within
/// two seconds, and a link on which nothing comes for four is lost.
const UNREAD_MAX: Duration = Duration::from_secs(10);
/// How long a base may do nothing at all of what a lane waits for. The longest poll is five seconds; and where forty lanes
/// take turns on one bus, each with the most tries there are of a full group, a turn comes round in half a minute.
const UNMOVED_MAX: Duration = Duration::from_secs(60);

/// Why a lane did not do what was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// The base says why, and what it read last.
    Halted {
        /// Why.
        cause: Cause,
        /// At most eight bytes.
        data: Vec<u8>,
    },
    /// The link was lost. What was queued on the base goes on by itself.
    LinkLost,
    /// The base keeps back what became of it.
    KeptBack,
}

/// A driver's hold on a lane. Clones hold the same lane.
#[derive(Clone, Debug)]
pub(super) struct Lane(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    bus: Bus,
    /// Whether the base must be told to open the lane before it is given anything.
    open: Open,
    /// Operations not yet given to the base, in groups that must share a block: behind a byte that says how many they are.
    groups: Vec<Vec<u8>>,
    /// Given to the base so far.
    given: u32,
    /// Behind the base, for good.
    done: u32,
    /// Pushed so far.
    pushed: u32,
    /// What the base says of operations before this one is stale.
    floor: u32,
    /// What operations have read, with their numbers.
    results: Vec<(u32, Vec<u8>)>,
    halt: Option<Halt>,
    /// How long a driver has waited while nothing came; none if it does not.
    waited: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Needed,
    Done,
}

/// The lanes in use, by number.
#[derive(Debug)]
pub(super) struct Lanes {
    lanes: Vec<Option<Lane>>,
    /// The number of the first operation of whoever takes one next: what the base still says of who had it before has lower ones.
    first: u32,
    /// The one that was given something last: the search for the next begins behind it.
    served: usize,
}

impl Lanes {
    /// Of a base with so many.
    pub(super) fn new(count: u8) -> Self {
        Self { lanes: alloc::vec![None; count.into()], first: 0, served: 0 }
    }

    pub(super) fn free_count(&self) -> usize {
        self.lanes.iter().filter(|place| place.is_none()).count()
    }

    /// Takes a free lane into use.
    pub(super) fn take(&mut self, bus: Bus) -> Option<(wire::Lane, Lane)> {
        let (number, place) = (0..).zip(&mut self.lanes).find(|(_, place)| place.is_none())?;
        Some((wire::Lane(number), place.insert(Lane::new(bus, self.first)).clone()))
    }

    pub(super) fn free(&mut self, number: wire::Lane) {
        if let Some(lane) = self.lanes.get_mut(usize::from(number.0)).and_then(Option::take) {
            self.first = self.first.max(lane.pushed());
        }
    }

    pub(super) fn get(&self, number: wire::Lane) -> Option<&Lane> {
        self.lanes.get(usize::from(number.0))?.as_ref()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.iter().flatten()
    }

    /// The next lane in turn that has something for the base.
    pub(super) fn next_with_groups(&mut self) -> Option<(wire::Lane, &Lane)> {
        let count = self.lanes.len();
        let has_groups =
            |at: &usize| self.lanes.get(*at).and_then(Option::as_ref).is_some_and(Lane::has_groups);
        self.served = (1..=count).map(|step| (self.served + step) % count).find(has_groups)?;
        let number = wire::Lane(u8::try_from(self.served).unwrap_or_default());
        Some((number, self.get(number)?))
    }
}

impl Lane {
    /// Its operations are counted from `first` on.
    pub(super) fn new(bus: Bus, first: u32) -> Self {
        Self(Rc::new(RefCell::new(State {
            bus,
            open: Open::Needed,
            groups: Vec::new(),
            given: first,
            done: first,
            pushed: first,
            floor: first,
            results: Vec::new(),
            halt: None,
            waited: None,
        })))
    }

    /// Queues operations that belong together; they must fit a block.
    pub(super) fn push(&self, ops: &[Op<'_>]) {
        let mut group = alloc::vec![0; 1 + BLOCK_LEN];
        group[0] = u8::try_from(ops.len()).unwrap_or_default();
        let mut len = 1;
        for op in ops {
            match group.get_mut(len..).map(|rest| op.emit(rest)) {
                Some(Ok(more)) => {
                    debug_assert!(Op::parse(&group[len..]).is_ok(), "a base can read it");
                    len += more;
                }
                _ => debug_assert!(false, "a group fits a block"),
            }
        }
        group.truncate(len);
        self.push_group(group);
    }

    /// Queues a group as [`Lane::next_group`] gives it.
    pub(super) fn push_group(&self, group: Vec<u8>) {
        let mut state = self.0.borrow_mut();
        state.pushed = state.pushed.wrapping_add(count(&group));
        state.groups.push(group);
    }

    /// The next group, for another lane that does it in this one's place.
    pub(super) fn next_group(&self) -> Option<Vec<u8>> {
        let mut state = self.0.borrow_mut();
        (!state.groups.is_empty()).then(|| state.groups.remove(0))
    }

    /// What the next operation that reads has read.
    pub(super) fn result(&self) -> Poll<Result<Vec<u8>, Halt>> {
        self.numbered_result().map_ok(|(_, result)| result)
    }

    /// What the next operation that reads has read, and its number.
    pub(super) fn numbered_result(&self) -> Poll<Result<(u32, Vec<u8>), Halt>> {
        let mut state = self.0.borrow_mut();
        if state.results.is_empty() {
            let halt = state.halt.take();
            state.waits(halt.is_none());
            return halt.map_or(Poll::Pending, |halt| Poll::Ready(Err(halt)));
        }
        state.waits(false);
        let (op, result) = state.results.remove(0);
        state.floor = op.wrapping_add(1);
        // What it was told of may come later than what was read.
        let floor = state.floor;
        state.reached(floor);
        Poll::Ready(Ok((op, result)))
    }

    /// All that was pushed is done.
    pub(super) fn drained(&self) -> Poll<Result<(), Halt>> {
        let mut state = self.0.borrow_mut();
        let ended = match state.halt.take() {
            Some(halt) => Poll::Ready(Err(halt)),
            None if state.done == state.pushed => Poll::Ready(Ok(())),
            None => Poll::Pending,
        };
        state.waits(ended.is_pending());
        ended
    }

    /// So long nothing has come. What a driver waits for too long is given up.
    pub(super) fn rested(&self, rested: Duration) {
        let mut state = self.0.borrow_mut();
        let Some(waited) = state.waited.map(|waited| waited + rested) else { return };
        state.waited = Some(waited);
        let most = if state.done == state.pushed { UNREAD_MAX } else { UNMOVED_MAX };
        if waited >= most && state.halt.is_none() {
            drop(state);
            self.end(Halt::KeptBack);
        }
    }

    /// How many operations were pushed so far: the number of the next.
    pub(super) fn pushed(&self) -> u32 {
        self.0.borrow().pushed
    }

    /// How many operations are behind the base for good.
    pub(super) fn done(&self) -> u32 {
        self.0.borrow().done
    }

    /// The bus to open the lane on, if the base must be told first.
    pub(super) fn to_open(&self) -> Option<Bus> {
        let state = self.0.borrow();
        (state.open == Open::Needed && !state.groups.is_empty()).then_some(state.bus)
    }

    /// The base will be told.
    pub(super) fn opened(&self) {
        self.0.borrow_mut().open = Open::Done;
    }

    pub(super) fn has_groups(&self) -> bool {
        !self.0.borrow().groups.is_empty()
    }

    /// The next block for the base: as many groups as fit, and the number of their first operation.
    pub(super) fn next_block(&self) -> Option<(u32, Vec<u8>)> {
        let mut state = self.0.borrow_mut();
        let first = state.given;
        let mut block = Vec::new();
        while let Some(group) = state.groups.first()
            && block.len() + group.len() <= 1 + BLOCK_LEN
        {
            block.extend_from_slice(group.get(1..).unwrap_or_default());
            state.given = state.given.wrapping_add(count(group));
            state.groups.remove(0);
        }
        (!block.is_empty()).then_some((first, block))
    }

    /// The base has read something.
    pub(super) fn read(&self, op: u32, data: &[u8]) {
        let mut state = self.0.borrow_mut();
        if state.is_awaited(op) {
            // Attempted again, it reads again: the last counts.
            state.results.retain(|(other, _)| *other != op);
            state.results.push((op, data.to_vec()));
        }
    }

    /// The base has done so many operations.
    pub(super) fn reached(&self, done: u32) {
        self.0.borrow_mut().reached(done);
    }

    /// The base halted the lane at an operation.
    pub(super) fn halted(&self, op: u32, halt: Halt) {
        let mut state = self.0.borrow_mut();
        if state.is_awaited(op) {
            state.drop_queued();
            (state.done, state.halt) = (op, Some(halt));
        }
    }

    /// It does no more of what was pushed.
    pub(super) fn end(&self, halt: Halt) {
        let mut state = self.0.borrow_mut();
        state.drop_queued();
        state.halt = Some(halt);
    }

    /// Forgets all that was pushed and read: the base drops it when the lane is opened again.
    pub(super) fn reset(&self) {
        let mut state = self.0.borrow_mut();
        if state.halt != Some(Halt::LinkLost) {
            state.drop_queued();
            state.results.clear();
            (state.halt, state.waited) = (None, None);
        }
    }
}

/// How many operations a group has.
fn count(group: &[u8]) -> u32 {
    group.first().copied().unwrap_or_default().into()
}

impl State {
    fn reached(&mut self, done: u32) {
        if self.halt.is_none()
            && done.wrapping_sub(self.done) <= self.pushed.wrapping_sub(self.done)
        {
            if self.done != done {
                self.waited = self.waited.map(|_| Duration::ZERO);
            }
            self.done = done;
        }
    }

    fn waits(&mut self, waits: bool) {
        self.waited = waits.then(|| self.waited.unwrap_or_default());
    }

    fn is_awaited(&self, op: u32) -> bool {
        op.wrapping_sub(self.floor) < self.pushed.wrapping_sub(self.floor)
    }

    fn drop_queued(&mut self) {
        self.groups.clear();
        (self.given, self.done, self.floor) = (self.pushed, self.pushed, self.pushed);
        self.open = Open::Needed;
    }
}
