//! One link to one base, from its opening to its loss and on after the next. Sans-IO: bytes, time, clicks and the link's
//! fate go in with [`Session::handle`]; then [`Session::poll`] until it answers [`Output::Wait`].
//!
//! Drivers are coroutines that the session polls itself. Nothing here waits, reads a clock or draws a number.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::catalog::{Catalog, Offer};
use super::connection::Connection;
use super::greeting::Greeting;
pub use super::io::{Input, LinkState, Output, Select};
pub use super::job::Job;
use super::loan::Loan;
use super::plan::Plan;
pub use super::problem::LinkProblem;
use super::rack::{Clock, Ended, Module, Phase, Presence, Problem, Rack};
use super::transcript::{Direction, Transcript};
use crate::time::Instant;
use crate::wire::link::{Decoder, FRAME_MAX, Frame, Kind, SessionId};
use crate::wire::message::{PROTOCOL, Welcome};
use crate::wire::module::Uid;

/// See the module's documentation.
pub struct Session {
    rack: Rc<RefCell<Rack>>,
    clock: Rc<Clock>,
    /// The images on offer.
    pub catalog: Catalog,
    transcript: Transcript,
    link: Link,
    problem: Option<LinkProblem>,
    /// How often the link was lost since it was last known who is there.
    losses: u32,
    decoder: Decoder,
    job: Option<Job>,
}

/// How often in a row a base may fall silent behind its welcome, before it is known who is there: what restarts answers the second
/// time, and each time takes four seconds.
const LOSSES_MAX: u32 = 3;

enum Link {
    Closed,
    Greeting(Greeting),
    Up(Box<Connection>),
}

impl Session {
    /// Without a link.
    pub fn new() -> Self {
        Self {
            rack: Rc::default(),
            clock: Rc::default(),
            catalog: Catalog::default(),
            transcript: Transcript::default(),
            link: Link::Closed,
            problem: None,
            losses: 0,
            decoder: Decoder::new(),
            job: None,
        }
    }

    /// What is known of the rack.
    pub fn rack(&self) -> core::cell::Ref<'_, Rack> {
        self.rack.borrow()
    }

    /// What was said on the link.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The updates asked for last.
    pub fn job(&self) -> Option<&Job> {
        self.job.as_ref()
    }

    /// Whether the base has all that is left of the updates: it does it to the end without page and cable.
    pub fn base_has_all(&self) -> bool {
        matches!(&self.link, Link::Up(connection) if connection.has_given_all())
            && self.rack.borrow().is_all_queued()
    }

    /// How the link stands.
    pub fn link_state(&self) -> LinkState {
        match &self.link {
            Link::Closed => LinkState::Closed,
            Link::Greeting(greeting) if greeting.is_busy() && self.problem.is_none() => {
                LinkState::Finishing
            }
            Link::Greeting(_) => LinkState::Greeting,
            Link::Up(_) => LinkState::Up,
        }
    }

    /// What is wrong with the link, if anything is.
    pub fn link_problem(&self) -> Option<LinkProblem> {
        self.problem.or_else(|| Some(self.rack.borrow().bus_problems.first()?.1))
    }

    /// The slots, counted from 1, that [`Session::link_problem`] is about; none if it is about all.
    pub fn problem_slots(&self) -> Vec<u8> {
        let rack = self.rack.borrow();
        let bus = rack.bus_problems.first().filter(|_| self.problem.is_none());
        bus.map(|(bus, _)| rack.slots_on(*bus)).unwrap_or_default()
    }

    /// Whether it is still being found out who is there.
    pub fn is_detecting(&self) -> bool {
        match &self.link {
            Link::Closed => false,
            Link::Greeting(_) => self.problem.is_none(),
            Link::Up(_) => !self.is_settled(),
        }
    }

    /// Whether it is known who is there.
    fn is_settled(&self) -> bool {
        matches!(&self.link, Link::Up(connection) if connection.is_settled())
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        self.clock.set(now);
        match input {
            Input::Opened { entropy } => {
                (self.problem, self.losses) = (None, 0);
                self.decoder = Decoder::new();
                self.greet(SessionId(entropy), now);
            }
            Input::Link(bytes) => self.handle_bytes(bytes, now),
            Input::Closed => {
                self.drop_link();
                self.link = Link::Closed;
            }
            Input::Wake => {}
        }
        self.run(now);
    }

    /// Updates modules, also those that come while it is done. Those for which there is no image are refused at once. Asked for all
    /// again meanwhile, it leaves those that have the newest image by now as they are.
    pub fn update(&mut self, select: &Select, now: Instant) {
        self.clock.set(now);
        let settled = self.is_settled();
        let running = self.job.take().filter(|job| job.ended.is_none());
        let goes_on = running.is_some() && matches!(select, Select::All);
        let job = self.job.insert(running.unwrap_or_else(|| Job::new(now)));
        let is_done = |module: &Module| {
            let newest = || self.catalog.best_for(&module.identity).map(|best| best.header.version);
            goes_on && module.proof().is_some_and(|proof| newest() == Ok(proof.version))
        };
        job.ask_for(select, &mut self.rack.borrow_mut(), settled, is_done);
        self.run(now);
    }

    /// Updates one module with an image that somebody has chosen for it, for this once. One that is not for it, or does not fit, is
    /// refused before anything is done.
    pub fn update_with(&mut self, uid: Uid, offer: Offer, now: Instant) -> Result<(), Problem> {
        let rack = self.rack.borrow();
        let module = rack.module(uid).ok_or(Problem::Unplugged)?;
        Plan::new(&offer, &module.identity)?;
        drop(rack);
        self.catalog.choose(uid, offer);
        self.update(&Select::Modules(alloc::vec![uid]), now);
        Ok(())
    }

    /// Makes a module blink for some seconds.
    pub fn blink(&mut self, uid: Uid, seconds: u8, now: Instant) {
        if let Link::Up(connection) = &mut self.link {
            connection.start_blink(uid, seconds, &self.rack);
        }
        self.run(now);
    }

    /// Whether a module's update waits for who is lent a lane before.
    pub(super) fn hold(&self, uid: Uid, is_held: bool) {
        if let Some(module) = self.rack.borrow_mut().module_mut(uid) {
            module.is_held = is_held;
        }
    }

    /// Nobody updates it as long as this is so.
    pub(super) fn give_up(&self, uid: Uid, problem: Problem) {
        self.hold(uid, false);
        self.rack.borrow_mut().set_phase(uid, Phase::Ended(Ended::Failed(problem)));
    }

    /// Lends a lane to speak to a module; not while it is updated, or lent already.
    pub fn lend(&mut self, uid: Uid) -> Option<Loan> {
        let Link::Up(connection) = &mut self.link else { return None };
        connection.lend(uid, &self.rack)
    }

    /// What to do next. Call again until it is [`Output::Wait`].
    pub fn poll(&mut self, now: Instant) -> Output {
        let mut wire = [0; FRAME_MAX];
        if let Some(len) = self.next_frame(&mut wire, now) {
            let bytes = wire.get(..len).unwrap_or_default().to_vec();
            self.transcript.record(now, Direction::ToBase, &bytes);
            return Output::Send(bytes);
        }
        Output::Wait(self.deadline())
    }

    fn greet(&mut self, session: SessionId, now: Instant) {
        self.drop_link();
        self.link = Link::Greeting(Greeting::new(session, now));
    }

    /// Ends all that runs over the link. Updates stay wanted, unless it was lost too often.
    fn drop_link(&mut self) {
        if let Link::Up(connection) = &mut self.link {
            connection.lose();
            if let Some(job) = &mut self.job {
                job.lose_link(&mut self.rack.borrow_mut());
            }
        }
        let mut rack = self.rack.borrow_mut();
        for module in &mut rack.modules {
            module.presence = Presence::Gone;
            if module.is_wanted() {
                module.phase = Phase::Waiting;
            }
        }
    }

    fn handle_bytes(&mut self, mut bytes: &[u8], now: Instant) {
        let mut decoder = core::mem::take(&mut self.decoder);
        if let Link::Greeting(greeting) = &mut self.link {
            greeting.heard = true;
        }
        while let Some(frame) = decoder.next(&mut bytes) {
            match frame {
                Ok(frame) => {
                    self.transcript.record_frame(now, Direction::ToHost, &frame);
                    self.handle_frame(&frame, now);
                }
                Err(error) => self.transcript.record_damage(now, error),
            }
        }
        self.decoder = decoder;
    }

    fn handle_frame(&mut self, frame: &Frame<'_>, now: Instant) {
        match (&mut self.link, frame.kind) {
            (Link::Greeting(greeting), Kind::Welcome) if frame.session == greeting.session => {
                self.welcomed(frame.payload, now);
            }
            (Link::Up(connection), Kind::Message | Kind::State) => {
                connection.handle(frame, &self.rack, now)
            }
            _ => {}
        }
    }

    fn welcomed(&mut self, payload: &[u8], now: Instant) {
        let Link::Greeting(greeting) = &mut self.link else { return };
        let Ok(protocol) = Welcome::protocol(payload) else { return };
        if protocol >> 8 != PROTOCOL >> 8 {
            let newer = protocol > PROTOCOL;
            self.problem = Some(if newer {
                LinkProblem::BaseNewer { protocol }
            } else {
                LinkProblem::BaseOlder { protocol }
            });
            return;
        }
        let Ok(welcome) = Welcome::parse(payload) else { return };
        if welcome.busy > 0 {
            self.problem = greeting.heard_busy(now);
            return;
        }
        let mut rack = self.rack.borrow_mut();
        let restarted = rack.base.is_some_and(|before| before.boot != welcome.boot);
        let same_wiring =
            rack.base.is_none_or(|b| (b.name, b.slots) == (welcome.name, welcome.slots));
        if !same_wiring {
            *rack = Rack::default();
            self.job = None;
        }
        rack.base = Some(welcome);
        self.problem = if self.losses >= LOSSES_MAX {
            Some(LinkProblem::BaseSilent)
        } else {
            (restarted && rack.is_wanted()).then_some(LinkProblem::BaseRestarted)
        };
        drop(rack);
        let session = greeting.session;
        self.link = Link::Up(Box::new(Connection::new(session, &welcome, &self.rack, now)));
    }

    /// All that follows from what came in: tasks, new tasks, the end of the job.
    fn run(&mut self, now: Instant) {
        self.time_passes(now);
        self.run_tasks(now);
        if self.start_updates() {
            self.run_tasks(now);
        }
        let settled = self.is_settled();
        if settled {
            self.losses = 0;
            self.problem.take_if(|problem| *problem == LinkProblem::BaseSilent);
        }
        if let Some(job) = &mut self.job
            && job.ended.is_none()
        {
            let mut rack = self.rack.borrow_mut();
            job.take_in_newcomers(&mut rack, settled);
            job.end_what_stays_away(&mut rack, settled, now);
            if (settled || job.is_given_up()) && !rack.is_wanted() {
                job.ended = Some(now);
                self.problem = None;
                self.catalog.choose_none();
            }
        } else if settled {
            // Before, those that are there may not have been found again; and who takes part in an update is to be told of.
            self.rack.borrow_mut().forget_one();
        }
    }

    fn run_tasks(&mut self, now: Instant) {
        if let Link::Up(connection) = &mut self.link {
            connection.run(&self.rack, now);
        }
    }

    fn time_passes(&mut self, now: Instant) {
        match &mut self.link {
            Link::Closed => {}
            Link::Greeting(greeting) => {
                let named = matches!(
                    self.problem,
                    Some(LinkProblem::BaseNewer { .. } | LinkProblem::BaseOlder { .. })
                );
                if !named {
                    self.problem = greeting.problem(now).or(self.problem);
                }
            }
            Link::Up(connection) => {
                if connection.is_lost(now) {
                    self.losses += 1;
                    // Derived, not drawn: it only has to differ from the one before.
                    let session = SessionId(connection.session().0.wrapping_add(0x9e37_79b9));
                    self.greet(session, now);
                }
            }
        }
    }

    /// Starts the updates that are wanted and whose modules are there, once it is known who is: of those that take the same
    /// image all together. Returns whether there were any.
    fn start_updates(&mut self) -> bool {
        let mut started = false;
        let Link::Up(connection) = &mut self.link else { return started };
        // A module that is away keeps its wish: it goes on when it comes back.
        let is_next = |module: &Module| {
            let waits = module.phase == Phase::Waiting && !module.is_lent && !module.is_held;
            waits && module.presence == Presence::Here
        };
        while connection.is_settled() {
            let mut rack = self.rack.borrow_mut();
            let room = connection.room_for_a_party();
            let Some(module) = rack.modules.iter_mut().find(|module| is_next(module)) else {
                break;
            };
            if room == 0 {
                break;
            }
            let offer = self.catalog.best_for(&module.identity);
            let plan = offer.and_then(|offer| Ok((offer, Plan::new(offer, &module.identity)?)));
            let (offer, plan) = match plan {
                Ok(plan) => plan,
                Err(problem) => {
                    module.phase = Phase::Ended(Ended::Refused(problem));
                    continue;
                }
            };
            let bus = module.bus;
            let takes_it = |module: &&mut Module| {
                let best = self.catalog.best_for(&module.identity);
                let same = best.is_ok_and(|best| core::ptr::eq(best, offer));
                same && is_next(module) && module.bus == bus && plan.is_for(&module.identity)
            };
            let party = rack.modules.iter_mut().filter(takes_it).take(room).map(|module| {
                module.phase = Phase::Comparing;
                module.identity.uid
            });
            let party: Vec<Uid> = party.collect();
            drop(rack);
            connection.start_updates(plan, bus, &party, &self.rack, &self.clock);
            started = true;
        }
        started
    }

    fn next_frame(&mut self, wire: &mut [u8; FRAME_MAX], now: Instant) -> Option<usize> {
        match &mut self.link {
            Link::Closed => None,
            Link::Greeting(greeting) => greeting.next_hello(wire, now),
            Link::Up(connection) => connection.next_frame(wire, now).ok().flatten(),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.link {
            Link::Closed => None,
            Link::Greeting(greeting) => Some(greeting.deadline(self.clock.get())),
            Link::Up(connection) => {
                let now = self.clock.get();
                let away = self.job.as_ref().and_then(|job| job.deadline(now));
                Some(connection.deadline().min(away.unwrap_or(Instant::NEVER)))
            }
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session")
            .field("link", &self.link_state())
            .field("rack", &self.rack)
            .finish_non_exhaustive()
    }
}
