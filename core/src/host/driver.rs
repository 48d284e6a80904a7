//! One module's update, from "what do you run?" to the digest read back, as straight-line code. Its pages are sent by
//! [`super::party`], for one module as for many.
//!
//! Nothing is believed that was not read back: what the flash holds is asked of the module, before and after. And nothing
//! is waited for that need not be: what can be asked without an answer to the last question is asked with it, so that an
//! update takes two round trips, however long they are.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::ops::Range;

use super::finder::Sightings;
use super::lane::{Halt, Lane};
use super::party;
use super::plan::Plan;
use super::rack::{Clock, Ended, Phase, Presence, Problem, Proof, Rack};
use super::target::{Target, TargetError};
use crate::time::{Duration, Instant};
use crate::wire::check::Address;
use crate::wire::digest::digest;
use crate::wire::identity::{Identity, Trial, Why};
use crate::wire::module::{Begin, Outcome, Request, Session, State, Status, Uid};
use crate::wire::op::Op;

/// How often an update is started in all, for failures that may pass. Each goes on where the last one ended.
const TRIES: usize = 3;
/// How long a module that fell silent is waited for: long enough to plug it in again, or for its own restart.
const AWAY: Duration = Duration::from_secs(5);
/// How long a module whose last try has failed is asked what became of it: five times, since noise of one bit in a thousand
/// damages every other answer.
const LAST_LOOK: Duration = Duration::from_millis(500);
/// From look to look meanwhile.
const LOOK_AGAIN_US: u32 = 100_000;
/// How long a module is left alone that has held its bus, before it gets its second chance: a hung one holds it again, for as
/// long as 20 pages take, and by then the others' rings are full.
const STUCK_REST_US: u32 = 3_000_000;
/// A restart with the hashing of a full flash before the application starts, several times over.
pub(super) const RESTART: Duration = Duration::from_secs(2);
/// A restart into the loader: the hashing of a full flash, 37 ms for 192 KB, several times over.
pub(super) const ENTER: Duration = Duration::from_millis(500);
/// Preparing an update: a few erases of at most 4 ms.
pub(super) const BEGIN: Duration = Duration::from_secs(2);
/// Hashing a full flash.
const DIGEST: Duration = Duration::from_secs(5);
/// Hashing 64 pages.
pub(super) const PAGE_DIGESTS: Duration = Duration::from_secs(1);
/// Pages asked about at once: their digests fill one response.
pub(super) const SURVEY_PAGES: u16 = 64;
/// Bytes of the response to Begin: two ranges of pages.
pub(super) const BEGIN_RESPONSE_LEN: usize = 8;

/// What all updates of one party have in common.
pub(super) struct Job {
    pub(super) plan: Plan,
    pub(super) session: Session,
    pub(super) rack: Rc<RefCell<Rack>>,
    pub(super) clock: Rc<Clock>,
    /// Of their bus.
    pub(super) sightings: Rc<RefCell<Sightings>>,
}

/// One module's update.
pub(super) struct Update {
    pub(super) job: Rc<Job>,
    pub(super) uid: Uid,
    pub(super) lane: Lane,
    /// In all tries together.
    pages_sent: Cell<u16>,
    /// Whether the module has hashed its flash since that was last written, and it was right.
    pub(super) proven: Cell<bool>,
    pub(super) standing: RefCell<Standing>,
    /// What the last look at its status brought.
    pub(super) looked: Cell<Result<Status, TargetError>>,
}

/// How far an update is.
pub(super) enum Standing {
    /// It is known what the flash holds, and the module takes pages.
    Ready(Ready),
    /// The last try has ended.
    Tried(Result<Proof, Problem>),
}

/// A module that takes pages.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) target: Target,
    /// How many page frames it can hold.
    pub(super) ring: u8,
    /// Which pages do not hold their bytes.
    pub(super) differ: Vec<bool>,
    /// The pages that it wants again whatever they hold, in each bank.
    pub(super) redo: [Range<u16>; 2],
}

impl Ready {
    /// Whether it may be sent all that is `needed` by somebody: with those that it wants again, no more than a ring of it in
    /// vain.
    pub(super) fn is_spared(&self, needed: &[bool]) -> bool {
        let again = |page: &u16| self.redo.iter().any(|redo| redo.contains(page));
        let pages = (0..).zip(needed.iter().zip(&self.differ));
        let in_vain =
            pages.filter(|(page, (needed, differs))| **needed && !**differs && !again(page));
        let (in_vain, again) =
            (in_vain.count(), self.redo.iter().map(ExactSizeIterator::len).sum::<usize>());
        in_vain == 0 || in_vain + again <= self.ring.into()
    }
}

/// Which pages may be left out.
#[derive(Clone, Copy)]
pub(super) enum Trust {
    /// Those whose digest is right.
    Survey,
    /// None: page by page the digests were right, and all together they were not.
    Nothing,
}

/// Who is found where a module fell silent.
enum Found {
    It {
        why: Why,
        /// If it runs what it was given, and has proven its flash.
        proof: Option<Proof>,
    },
    Another,
    Nobody,
    /// Whoever it is holds the bus again.
    Holding,
}

impl Update {
    pub(super) fn new(job: Rc<Job>, uid: Uid, lane: Lane) -> Self {
        let untried = Standing::Tried(Err(Problem::Unplugged));
        Self {
            job,
            uid,
            lane,
            pages_sent: Cell::new(0),
            proven: Cell::new(false),
            standing: RefCell::new(untried),
            looked: Cell::new(Err(TargetError::Stalled)),
        }
    }

    /// Goes on from where it stands to the end, and writes that into the rack. If the link is lost: what is left will be done
    /// after.
    pub(super) async fn go_on(&self, started: Instant) {
        for attempt in 1.. {
            if let Some(ready) = self.ready() {
                party::write(alloc::vec![(self, ready)], None).await;
            }
            let outcome = match &*self.standing.borrow() {
                Standing::Tried(outcome) => outcome.clone(),
                Standing::Ready(_) => return,
            };
            let outcome = match outcome {
                Err(Problem::Target(TargetError::LinkLost)) => return,
                Err(problem) if problem.may_pass() => {
                    let Some(found) = self.look_again(&problem, attempt).await else { return };
                    match found {
                        Found::It { proof: Some(proof), .. } => Ok(proof),
                        // A module that gave its new application up is not asked to start it again.
                        Found::It { why: Why::NeverConfirmed, .. } => Err(Problem::NeverStarted),
                        Found::Another => Err(Problem::Unplugged),
                        Found::It { .. } | Found::Nobody if attempt < TRIES => {
                            let mismatch = TargetError::Refused(Outcome::DigestMismatch);
                            let distrust = problem == Problem::Target(mismatch);
                            let trust = if distrust { Trust::Nothing } else { Trust::Survey };
                            self.prepare(trust, None).await;
                            continue;
                        }
                        Found::It { .. } | Found::Nobody | Found::Holding => Err(problem),
                    }
                }
                outcome => outcome,
            };
            let took = self.job.clock.get().since(started);
            let pages_sent = self.pages_sent.get();
            let outcome = outcome.map(|proof| Proof { took, pages_sent, ..proof });
            let ended = match outcome {
                Ok(proof) if pages_sent > 0 => Ended::Updated(proof),
                Ok(proof) => Ended::Current(proof),
                Err(problem) if problem.is_refusal() => Ended::Refused(problem),
                Err(problem) => Ended::Failed(problem),
            };
            return self.phase(Phase::Ended(ended));
        }
    }

    /// Finds out what the flash holds, and opens an update if there is anything to do.
    pub(super) async fn prepare(&self, trust: Trust, group: Option<Address>) {
        self.queued(false);
        let standing = self.prepared(trust, group).await;
        self.standing.replace(standing.unwrap_or_else(|problem| Standing::Tried(Err(problem))));
    }

    /// Looks at its status.
    pub(super) async fn look(&self, ready: &Ready) {
        self.queued(false);
        self.lane.reset();
        self.looked.set(ready.target.status().await);
    }

    /// Whether an update of it is open.
    pub(super) fn takes_pages(&self) -> bool {
        matches!(*self.standing.borrow(), Standing::Ready(_))
    }

    /// What pages are to be sent to it, if it takes any.
    pub(super) fn ready(&self) -> Option<Ready> {
        match &*self.standing.borrow() {
            Standing::Ready(ready) => Some(ready.clone()),
            Standing::Tried(_) => None,
        }
    }

    /// So many pages more have arrived for good.
    pub(super) fn sent(&self, pages: usize) {
        let pages = u16::try_from(pages).unwrap_or(u16::MAX);
        self.pages_sent.set(self.pages_sent.get().saturating_add(pages));
    }

    /// A try has ended.
    pub(super) fn tried(&self, outcome: Result<Proof, Problem>) {
        self.queued(outcome.is_ok());
        self.standing.replace(Standing::Tried(outcome));
    }

    async fn prepared(&self, trust: Trust, group: Option<Address>) -> Result<Standing, Problem> {
        let plan = &self.job.plan;
        self.lane.reset();
        self.phase(Phase::Comparing);
        let (target, known) = self.target()?;
        Sightings::left_alone(&self.job.sightings, target.address).await;
        // No other module takes this request: whoever is there now, it is the one that is meant.
        target.push_request(&Request::Assign { uid: self.uid, address: target.address }, BEGIN);
        target.push_restart(&Request::EnterLoader, State::Loader, ENTER);
        target.push_identify();
        let is_recorded = |identity| plan.is_recorded(identity, self.proven.get());
        let recorded = is_recorded(&known);
        if recorded {
            target.push_request(&plan.digest_request(), DIGEST);
            target.push_read(4);
        } else {
            self.push_opening(&target, trust, group);
        }
        let (_, identity) = self.same(target.identified().await?)?;
        if recorded {
            let found = target.response(4).await?;
            if found == plan.digest().to_le_bytes() && is_recorded(&identity) {
                self.proven.set(true);
                party::push_start(&[&target]);
                self.queued(true);
                return Ok(Standing::Tried(self.started(&target).await));
            }
            self.push_opening(&target, trust, group);
        }
        let pages = plan.pages();
        let mut differ = alloc::vec![true; pages.into()];
        let first = 1..pages.min(1 + SURVEY_PAGES);
        if let Trust::Survey = trust {
            self.compare(&target, &mut differ, first.clone()).await?;
        }
        let redo = redo(&target.response(BEGIN_RESPONSE_LEN).await?, pages)?;
        self.opened();
        // Images share nearly all of their pages or nearly none (a build moves everything behind a change): where most of
        // the first differ, asking about the rest would cost more than it saves.
        let share = differ.iter().take(first.end.into()).filter(|differs| **differs).count();
        if let Trust::Survey = trust
            && share * 4 <= usize::from(first.end) * 3
        {
            let rest = || {
                let starts = (first.end..pages).step_by(SURVEY_PAGES.into());
                starts.map(|start| start..pages.min(start + SURVEY_PAGES))
            };
            rest().for_each(|some| push_survey(&target, &some));
            for some in rest() {
                self.compare(&target, &mut differ, some).await?;
            }
        }
        Ok(Standing::Ready(Ready { target, ring: identity.ring, differ, redo }))
    }

    /// Queues the question for the first pages' digests, and the opening of the update.
    fn push_opening(&self, target: &Target, trust: Trust, group: Option<Address>) {
        let plan = &self.job.plan;
        if let Trust::Survey = trust {
            push_survey(target, &(1..plan.pages().min(1 + SURVEY_PAGES)));
        }
        target.push_request(&Request::Begin(Begin { group, ..plan.begin }), BEGIN);
        target.push_read(BEGIN_RESPONSE_LEN);
    }

    /// Takes in the answer to [`push_survey`].
    async fn compare(
        &self,
        target: &Target,
        differ: &mut [bool],
        pages: Range<u16>,
    ) -> Result<(), TargetError> {
        let digests = target.response(pages.len() * 4).await?;
        for (page, found) in pages.zip(digests.chunks_exact(4)) {
            if let Some(differs) = differ.get_mut(usize::from(page)) {
                *differs = *found != digest(self.job.plan.page(page)).to_le_bytes();
            }
        }
        Ok(())
    }

    /// What [`party::push_start`] has brought.
    pub(super) async fn started(&self, target: &Target) -> Result<Proof, Problem> {
        self.phase(Phase::Starting);
        let (status, identity) = target.identified().await.map_err(|error| match error {
            TargetError::LinkLost => Problem::Target(error),
            _ => Problem::NeverStarted,
        })?;
        let (status, identity) = self.same((status, identity))?;
        self.proof(&status, &identity).ok_or(Problem::NeverStarted)
    }

    /// What is proven of a module that says this of itself, if it runs what it was given.
    fn proof(&self, status: &Status, identity: &Identity) -> Option<Proof> {
        let plan = &self.job.plan;
        let installed = identity
            .application()
            .filter(|a| a.digest == plan.digest() && identity.trial == Trial::Confirmed)
            .filter(|_| status.state == State::Application)?;
        Some(Proof {
            version: installed.version,
            digest: installed.digest,
            len: plan.begin.len,
            pages_sent: 0,
            pages: plan.pages(),
            took: Duration::ZERO,
        })
    }

    /// The module where it was seen last, and what it said of itself then.
    fn target(&self) -> Result<(Target, Identity), Problem> {
        let rack = self.job.rack.borrow();
        let module = rack.module(self.uid).ok_or(Problem::Unplugged)?;
        let last = module.last_tag.clone();
        let target = Target::new(self.lane.clone(), module.address, self.job.session, last);
        Ok((target, module.identity))
    }

    /// Whether it is still the same module; if so, what it says is what is known of it.
    fn same(&self, (status, identity): (Status, Identity)) -> Result<(Status, Identity), Problem> {
        if identity.uid != self.uid {
            return Err(Problem::Unplugged);
        }
        if let Some(module) = self.job.rack.borrow_mut().module_mut(identity.uid) {
            module.renew(status.state, identity);
            module.presence = Presence::Here;
        }
        Ok((status, identity))
    }

    /// Its update is open: what it held is not bootable any more, whatever happens from here on.
    fn opened(&self) {
        self.proven.set(false);
        if let Some(module) = self.job.rack.borrow_mut().module_mut(self.uid) {
            (module.identity.trial, module.identity.why) = (Trial::None, Why::Interrupted);
            module.state = State::Receiving;
        }
    }

    /// What became of a module behind a try that failed; `None`: the link is lost. It is waited for until it answers again, or it
    /// is clear that it does not. It may get another address meanwhile. Behind the last try, too, it is asked: what is said of
    /// it then shall be so.
    async fn look_again(&self, problem: &Problem, attempt: usize) -> Option<Found> {
        let is_last = attempt == TRIES;
        if *problem == Problem::Target(TargetError::BusStuck) {
            if is_last {
                return Some(Found::Holding);
            }
            if !self.rested(STUCK_REST_US).await {
                return None;
            }
        }
        let until = self.job.clock.get() + if is_last { LAST_LOOK } else { AWAY };
        let mut found = Found::Nobody;
        while self.job.clock.get() < until {
            self.lane.reset();
            let Ok((target, _)) = self.target() else { return Some(found) };
            match target.identify().await {
                Ok(answer) => match self.same(answer) {
                    Ok((status, identity)) => {
                        let proof = self.proof(&status, &identity).filter(|_| self.proven.get());
                        return Some(Found::It { why: identity.why, proof });
                    }
                    Err(_) => found = Found::Another,
                },
                Err(TargetError::LinkLost) => return None,
                Err(TargetError::BusStuck) => return Some(Found::Holding),
                // Nobody is there: the finder says so if that changes.
                Err(TargetError::NotAnswering) if is_last => return Some(found),
                Err(_) => {}
            }
            if !self.rested(LOOK_AGAIN_US).await {
                return None;
            }
        }
        Some(found)
    }

    /// Lets the others have the bus; says whether the link is still there.
    async fn rested(&self, micros: u32) -> bool {
        self.lane.reset();
        self.lane.push(&[Op::Wait { micros }]);
        poll_fn(|_| self.lane.drained()).await != Err(Halt::LinkLost)
    }

    /// Whether the rest of it needs no host any more, once the base has what was queued.
    pub(super) fn queued(&self, all: bool) {
        self.job.rack.borrow_mut().set_queued(self.uid, all);
    }

    pub(super) fn phase(&self, phase: Phase) {
        self.job.rack.borrow_mut().set_phase(self.uid, phase);
    }
}

/// Queues the question for the digests of pages, at most [`SURVEY_PAGES`].
fn push_survey(target: &Target, pages: &Range<u16>) {
    let count = u8::try_from(pages.len()).unwrap_or(u8::MAX);
    target.push_request(&Request::PageDigests { first: pages.start, count }, PAGE_DIGESTS);
    target.push_read(usize::from(count) * 4);
}

/// What Begin's response says must be written again, of an image of so many pages: a range in each bank.
pub(super) fn redo(response: &[u8], pages: u16) -> Result<[Range<u16>; 2], TargetError> {
    let ranges: [u8; BEGIN_RESPONSE_LEN] = response.try_into().map_err(|_| TargetError::BadData)?;
    let [a, b, c, d, e, f, g, h] = ranges;
    let page = |low, high| u16::from_le_bytes([low, high]);
    let range = |first: u16, behind: u16| first.max(1)..behind.min(pages);
    Ok([range(page(a, b), page(c, d)), range(page(e, f), page(g, h))])
}
