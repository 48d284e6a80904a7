//! A session with a base that has answered: its lanes, its credit, and the tasks that work over them.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::driver::{Job, Update};
use super::finder::{Finder, Sightings};
use super::lane::{Halt, Lane, Lanes};
use super::loan::Loan;
use super::party::{PARTY_MAX, Party};
use super::plan::Plan;
use super::rack::{Clock, Module, Rack};
use super::target::Target;
use crate::link::{Endpoint, Pushed, Received};
use crate::time::{Duration, Instant};
use crate::wire::Malformed;
use crate::wire::check::Address;
use crate::wire::link::{FRAME_MAX, Frame, PAYLOAD_MAX, SessionId};
use crate::wire::message::{self as wire, Bus, Here, State, ToBase, ToHost, Welcome};
use crate::wire::module::{Request, Session as ModuleSession, Uid};

/// Messages to the base on their way: with a round trip of 100 ms still 400 KB/s, what four buses of 1 MHz take, and no more
/// than USB carries in 40 ms, so that what must be sent again comes soon.
const OUTBOX_SLOTS: usize = 32;
/// From question to question while nothing is to be said, so that a base that restarted is noticed.
const PING_EVERY: Duration = Duration::from_secs(1);
/// How long a base may be silent within a session before a new one is started with it.
const LOST_AFTER: Duration = Duration::from_secs(4);
/// How long a module may take to begin to blink.
const BLINK: Duration = Duration::from_secs(1);
/// From look to look at modules without an address.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long a base may keep back whether anybody is at some address: it looks five times a second, and the link sends again what it
/// lost within two seconds. Then nobody is there, as far as anybody knows.
const SETTLED_AFTER: Duration = Duration::from_secs(10);

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// What runs.
struct Running {
    holds: Holds,
    task: Task,
}

/// What is free again when a task ends.
#[derive(Default)]
struct Holds {
    lanes: Vec<wire::Lane>,
    group: Option<(Bus, Address)>,
}

/// A session with a base that has answered.
pub(super) struct Connection {
    endpoint: Endpoint<OUTBOX_SLOTS, PAYLOAD_MAX>,
    lanes: Lanes,
    tasks: Vec<Running>,
    sightings: Vec<(Bus, u32, Rc<RefCell<Sightings>>)>,
    settled: bool,
    /// How long it has not been.
    unsettled: Duration,
    /// The credit: blocks that the base may be given in all, and that it has been given.
    blocks: u32,
    freed: u32,
    given: u32,
    heard_at: Instant,
    ping_at: Instant,
    look_at: Instant,
    ran_at: Instant,
}

impl Connection {
    pub(super) fn new(
        session: SessionId,
        welcome: &Welcome,
        rack: &Rc<RefCell<Rack>>,
        now: Instant,
    ) -> Self {
        let mut up = Self {
            endpoint: Endpoint::new(session),
            lanes: Lanes::new(welcome.lanes),
            tasks: Vec::new(),
            sightings: Vec::new(),
            settled: false,
            unsettled: Duration::ZERO,
            blocks: welcome.blocks.into(),
            freed: 0,
            given: 0,
            heard_at: now,
            ping_at: now + PING_EVERY,
            look_at: now + LOOK_EVERY,
            ran_at: now,
        };
        let module_session = up.module_session();
        for (index, info) in (0..).zip(welcome.buses.iter()) {
            let bus = Bus(index);
            let Some((_, lane)) = up.lanes.take(bus) else { continue };
            let range = (info.first..=info.last).filter_map(Address::new);
            let enumeration = 1u128 << Address::ENUMERATION.get();
            let addresses = range.fold(enumeration, |bits, address| bits | 1 << address.get());
            let watched = addresses.count_ones();
            let watch = ToBase::Watch { bus, addresses: addresses.to_le_bytes() };
            let pushed = up.endpoint.outbox.push(|payload| watch.emit(payload));
            debug_assert_eq!(pushed, Pushed::Yes, "the outbox is empty");
            let sightings = Rc::new(RefCell::new(Sightings::default()));
            up.sightings.push((bus, watched, sightings.clone()));
            let finder = Finder {
                bus,
                info: *info,
                lane,
                session: module_session,
                rack: rack.clone(),
                sightings,
            };
            up.tasks.push(Running { holds: Holds::default(), task: Box::pin(finder.run()) });
        }
        up
    }

    /// Tells this session's frames from those of one before, on the modules' side.
    fn module_session(&self) -> ModuleSession {
        ModuleSession(
            self.endpoint.session().0.to_le_bytes().iter().fold(0, |mix, byte| mix ^ byte),
        )
    }

    pub(super) fn session(&self) -> SessionId {
        self.endpoint.session()
    }

    /// Whether every watched address has been looked at once, and whoever answered has said who it is.
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether the base has been silent for so long that it must have forgotten the session.
    pub(super) fn is_lost(&self, now: Instant) -> bool {
        self.lost_at() <= now
    }

    fn lost_at(&self) -> Instant {
        self.heard_at + LOST_AFTER
    }

    /// The link is lost: every task learns it and ends.
    pub(super) fn lose(&mut self) {
        for lane in self.lanes.iter() {
            lane.end(Halt::LinkLost);
        }
        self.poll_tasks();
    }

    /// Whether the base has confirmed all that was queued for it.
    pub(super) fn has_given_all(&self) -> bool {
        self.endpoint.outbox.is_empty() && !self.lanes.iter().any(Lane::has_groups)
    }

    fn sightings_on(&self, bus: Bus) -> Option<&Rc<RefCell<Sightings>>> {
        self.sightings.iter().find(|(other, ..)| *other == bus).map(|(_, _, sightings)| sightings)
    }

    /// How many modules can be updated together with the lanes that are free.
    pub(super) fn room_for_a_party(&self) -> usize {
        self.lanes.free_count().min(PARTY_MAX)
    }

    /// Starts the update of modules on one bus, at most [`Connection::room_for_a_party`].
    pub(super) fn start_updates(
        &mut self,
        plan: Plan,
        bus: Bus,
        modules: &[Uid],
        rack: &Rc<RefCell<Rack>>,
        clock: &Rc<Clock>,
    ) {
        let Some(sightings) = self.sightings_on(bus) else { return };
        let (rack, clock, sightings) = (rack.clone(), clock.clone(), sightings.clone());
        let session = self.module_session();
        let job = Rc::new(Job { plan, session, rack, clock, sightings });
        let group = if modules.len() > 1 { self.free_group(bus) } else { None };
        // Without an address for them all each goes alone.
        for modules in modules.chunks(if group.is_some() { PARTY_MAX } else { 1 }) {
            let mut holds = Holds { lanes: Vec::new(), group: group.map(|group| (bus, group)) };
            let mut members = Vec::new();
            for uid in modules {
                let Some((number, lane)) = self.lanes.take(bus) else { break };
                holds.lanes.push(number);
                members.push(Update::new(job.clone(), *uid, lane));
            }
            let party = Party { job: job.clone(), group, members };
            self.tasks.push(Running { holds, task: Box::pin(party.run()) });
        }
    }

    fn free_group(&self, bus: Bus) -> Option<Address> {
        let held = |group| self.tasks.iter().any(|task| task.holds.group == Some((bus, group)));
        Address::GROUPS.filter_map(Address::new).find(|group| !held(*group))
    }

    /// Makes a module blink, unless somebody speaks to it.
    pub(super) fn start_blink(&mut self, uid: Uid, seconds: u8, rack: &Rc<RefCell<Rack>>) {
        let Some((holds, target, sightings)) = self.borrow(uid, rack, Module::is_free) else {
            return;
        };
        let rack = rack.clone();
        let task = async move {
            Sightings::left_alone(&sightings, target.address).await;
            if target.identify().await.is_ok() {
                let _ = target.request(&Request::Blink { seconds }, 0, BLINK).await;
            }
            rack.borrow_mut().give_back(uid);
        };
        self.tasks.push(Running { holds, task: Box::pin(task) });
    }

    /// Lends a lane for a module.
    pub(super) fn lend(&mut self, uid: Uid, rack: &Rc<RefCell<Rack>>) -> Option<Loan> {
        let (holds, target, sightings) = self.borrow(uid, rack, Module::can_be_lent)?;
        let loan = Loan::new(target.address, self.module_session());
        let task = Box::pin(loan.clone().serve(uid, target, sightings, rack.clone()));
        self.tasks.push(Running { holds, task });
        Some(loan)
    }

    /// A lane for one module, to which nobody else speaks until it is given back.
    fn borrow(
        &mut self,
        uid: Uid,
        rack: &RefCell<Rack>,
        may: fn(&Module) -> bool,
    ) -> Option<(Holds, Target, Rc<RefCell<Sightings>>)> {
        let mut modules = rack.borrow_mut();
        let module = modules.module_mut(uid).filter(|module| may(module))?;
        let sightings = self.sightings_on(module.bus)?.clone();
        let (number, lane) = self.lanes.take(module.bus)?;
        module.is_lent = true;
        let last = module.last_tag.clone();
        let target = Target::new(lane, module.address, self.module_session(), last);
        Some((Holds { lanes: alloc::vec![number], group: None }, target, sightings))
    }

    /// Takes in a frame.
    pub(super) fn handle(&mut self, frame: &Frame<'_>, rack: &Rc<RefCell<Rack>>, now: Instant) {
        if frame.session != self.endpoint.session() {
            return;
        }
        self.heard_at = now;
        match self.endpoint.handle(frame, now) {
            Received::Message(payload) => self.handle_message(payload, rack),
            Received::State(payload) => self.handle_state(payload),
            Received::Nothing => {}
        }
    }

    /// All that follows from what came in.
    pub(super) fn run(&mut self, rack: &RefCell<Rack>, now: Instant) {
        if self.look_at <= now {
            self.look_at = now + LOOK_EVERY;
            for (bus, _, sightings) in &self.sightings {
                sightings.borrow_mut().look_again(&rack.borrow(), *bus);
            }
        }
        // What is longer between two looks was this side's time: what has come meanwhile is still to be read.
        let rested = now.since(self.ran_at).min(LOOK_EVERY);
        self.ran_at = now;
        self.lanes.iter().for_each(|lane| lane.rested(rested));
        self.poll_tasks();
        self.unsettled = self.unsettled + rested;
        self.settled |= self.unsettled >= SETTLED_AFTER
            || self.sightings.iter().all(|(_, watched, seen)| seen.borrow().is_settled(*watched));
        self.give();
    }

    /// When to go on if nothing comes.
    pub(super) fn deadline(&self) -> Instant {
        let next = self.ping_at.min(self.lost_at()).min(self.look_at);
        self.endpoint.deadline().map_or(next, |at| at.min(next))
    }

    /// Polls all tasks; those that ended give their lanes back.
    fn poll_tasks(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let lanes = &mut self.lanes;
        self.tasks.retain_mut(|running| {
            let goes_on = running.task.as_mut().poll(&mut context) == Poll::Pending;
            if !goes_on {
                mem::take(&mut running.holds.lanes).into_iter().for_each(|lane| lanes.free(lane));
            }
            goes_on
        });
    }

    fn handle_message(&self, payload: &[u8], rack: &Rc<RefCell<Rack>>) {
        match ToHost::parse(payload) {
            Ok(ToHost::Result { lane, op, data }) => {
                if let Some(lane) = self.lanes.get(lane) {
                    lane.read(op, data);
                }
            }
            Ok(ToHost::Halted { lane, op, cause, data }) => {
                if let Some(lane) = self.lanes.get(lane) {
                    lane.halted(op, Halt::Halted { cause, data: data.to_vec() });
                }
            }
            Ok(ToHost::Presence { bus, address, here }) => {
                if let Some(sightings) = self.sightings_on(bus) {
                    sightings.borrow_mut().report(address, here);
                }
                rack.borrow_mut().set_held(bus, here);
                if here == Here::No
                    && let Some(address) = Address::new(address)
                {
                    rack.borrow_mut().gone(bus, address);
                }
            }
            // Failures are the transcript's. A newer base may say more than this host knows.
            Ok(ToHost::Errors { .. }) | Err(_) => {}
        }
    }

    fn handle_state(&mut self, payload: &[u8]) {
        let Ok(state) = State::parse(payload) else { return };
        // Only growth counts: a state that was overtaken says less.
        if state.freed.wrapping_sub(self.freed) < u32::MAX / 2 {
            self.freed = state.freed;
        }
        for &(lane, done) in state.done.iter() {
            if let Some(lane) = self.lanes.get(wire::Lane(lane)) {
                lane.reached(done);
            }
        }
    }

    /// Gives the base blocks of operations, lane by lane, as far as its credit and the outbox go.
    fn give(&mut self) {
        loop {
            let credit = self.blocks.wrapping_add(self.freed).wrapping_sub(self.given);
            if credit == 0 || self.endpoint.outbox.room() < 2 {
                return;
            }
            let Some((number, lane)) = self.lanes.next_with_groups() else { return };
            if let Some(bus) = lane.to_open() {
                let opened = self
                    .endpoint
                    .outbox
                    .push(|payload| ToBase::Open { lane: number, bus }.emit(payload));
                debug_assert_eq!(opened, Pushed::Yes, "there is room for two");
                lane.opened();
            }
            let Some((first, ops)) = lane.next_block() else { return };
            let submit = ToBase::Submit { lane: number, first, ops: &ops };
            let given = self.endpoint.outbox.push(|payload| submit.emit(payload));
            debug_assert_eq!(given, Pushed::Yes, "there is room for two");
            self.given = self.given.wrapping_add(1);
        }
    }

    /// The next frame for the base.
    pub(super) fn next_frame(
        &mut self,
        wire: &mut [u8; FRAME_MAX],
        now: Instant,
    ) -> Result<Option<usize>, Malformed> {
        if let Some(frame) = self.endpoint.poll(now) {
            self.ping_at = now + PING_EVERY;
            return frame.emit(wire).map(Some);
        }
        if self.endpoint.owes_answer() || self.ping_at <= now {
            self.ping_at = now + PING_EVERY;
            return self.endpoint.state(&[]).emit(wire).map(Some);
        }
        Ok(None)
    }
}
