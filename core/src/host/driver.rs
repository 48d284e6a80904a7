//! The driver of our own loader: one update from "what do you run?" to the digest read back, as straight-line code.
//!
//! Nothing is believed that was not read back: what the flash holds is asked of the module, before and after.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::ops::Range;

use super::lane::{Halt, Lane};
use super::plan::Plan;
use super::rack::{Clock, Ended, Phase, Presence, Problem, Proof, Rack};
use super::target::{Target, TargetError};
use crate::time::Duration;
use crate::wire::digest::digest;
use crate::wire::identity::{IDENTITY_LEN, Identity, Trial, Why};
use crate::wire::module::{Outcome, Request, Session, State, Status};

/// How often an update is started in all, for failures that may pass. Each goes on where the last one ended.
const TRIES: usize = 3;
/// How long a module that fell silent is waited for: long enough to plug it in again, or for its own restart.
const AWAY: Duration = Duration::from_secs(5);
/// From look to look meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// A restart with the hashing of a full flash before the application starts, several times over.
const RESTART: Duration = Duration::from_secs(2);
/// Preparing an update: a few erases of at most 4 ms.
const BEGIN: Duration = Duration::from_secs(2);
/// The pages still in the ring, the hashing of a full flash, the record.
const COMMIT: Duration = Duration::from_secs(10);
/// Hashing a full flash.
const DIGEST: Duration = Duration::from_secs(5);
/// Hashing 64 pages.
const PAGE_DIGESTS: Duration = Duration::from_secs(1);
/// Pages asked about at once: their digests fill one response.
const SURVEY_PAGES: u8 = 64;

/// One module's update.
pub(super) struct Update {
    pub(super) plan: Plan,
    pub(super) lane: Lane,
    pub(super) session: Session,
    pub(super) rack: Rc<RefCell<Rack>>,
    pub(super) clock: Rc<Clock>,
    /// In all tries together.
    pub(super) pages_sent: Cell<u16>,
}

impl Update {
    /// Runs to its end, and writes that into the rack. `None`: the link was lost; what is left will be done after.
    pub(super) async fn run(self) -> Option<()> {
        let started = self.clock.get();
        let mut trust = Trust::Survey;
        for attempt in 1.. {
            let outcome = self.once(trust).await;
            let took = self.clock.get().since(started);
            let ended = match outcome {
                Ok(Done { proof, changed: Changed::Yes }) => {
                    Ended::Updated(Proof { took, ..proof })
                }
                Ok(Done { proof, changed: Changed::No }) => Ended::Current(Proof { took, ..proof }),
                Err(Problem::Target(TargetError::LinkLost)) => return None,
                Err(problem) if may_pass(&problem) && attempt < TRIES => {
                    if let Problem::Target(TargetError::Refused(Outcome::DigestMismatch)) = problem
                    {
                        trust = Trust::Nothing;
                    }
                    // A module that gave its new application up is not asked to start it again.
                    if self.wait_for_answer().await? != Some(Why::NeverConfirmed) {
                        continue;
                    }
                    Ended::Failed(Problem::NeverStarted)
                }
                Err(problem) if is_refusal(&problem) => Ended::Refused(problem),
                Err(problem) => Ended::Failed(problem),
            };
            self.rack.borrow_mut().set_phase(self.plan.uid, Phase::Ended(ended));
            return Some(());
        }
        None
    }

    async fn once(&self, trust: Trust) -> Result<Done, Problem> {
        let (plan, uid) = (&self.plan, self.plan.uid);
        self.lane.reset();
        self.phase(Phase::Comparing);
        let mut target = self.target()?;
        let (status, mut identity) = self.same(target.identify().await?)?;
        if status.state != State::Loader {
            if status.state == State::Application {
                target.push_restart(&Request::EnterLoader, State::Loader, RESTART);
            } else {
                target.push_request(&Request::EnterLoader, BEGIN);
            }
            identity = self.same(target.identify().await?)?.1;
        }

        let mut pages = 0..0;
        if !self.is_current(&mut target, &identity).await? {
            let differing = match trust {
                Trust::Survey => self.survey(&mut target).await?,
                Trust::Nothing => (1..plan.pages()).collect(),
            };
            let redo = target.request(&Request::Begin(plan.begin), 8, BEGIN).await?;
            let sent = self.pages_to_send(&differing, &redo)?;
            let first = target.lane.pushed();
            target.push_pages(sent.iter().map(|page| (*page, plan.page(*page))), identity.ring);
            pages = first..target.lane.pushed();
            let count = u16::try_from(sent.len()).unwrap_or(u16::MAX);
            self.pages_sent.set(self.pages_sent.get().saturating_add(count));
            target.push_request(&Request::Commit, COMMIT);
        }
        // The rest is queued behind the pages: once the base has it, neither page nor cable is needed.
        target.push_request(&Request::Digest { start: plan.start, len: plan.begin.len }, DIGEST);
        target.push_read(4);
        target.push_restart(&Request::Run, State::Application, RESTART);
        target.push_request(&Request::Confirm, BEGIN);
        target.push_request(&Request::Identify, BEGIN);
        target.push_read(IDENTITY_LEN);

        let digest = self.telling(pages, target.response(4)).await?;
        let digest = <[u8; 4]>::try_from(digest.as_slice())
            .map(u32::from_le_bytes)
            .map_err(|_| TargetError::BadData)?;
        if digest != plan.digest() {
            return Err(Problem::Target(TargetError::Refused(Outcome::DigestMismatch)));
        }
        self.phase(Phase::Starting);
        let running = target.response(IDENTITY_LEN).await.map_err(|error| match error {
            TargetError::LinkLost => Problem::Target(error),
            _ => Problem::NeverStarted,
        })?;
        let identity = Identity::parse(&running).map_err(TargetError::from)?;
        let installed =
            identity.application.filter(|a| a.digest == digest && a.trial == Trial::Confirmed);
        let installed = installed.ok_or(Problem::NeverStarted)?;
        if let Some(module) = self.rack.borrow_mut().module_mut(uid) {
            (module.identity, module.state) = (identity, State::Application);
        }
        let pages_sent = self.pages_sent.get();
        let proof = Proof {
            version: installed.version,
            digest,
            len: plan.begin.len,
            pages_sent,
            pages: plan.pages(),
            took: Duration::ZERO,
        };
        Ok(Done { proof, changed: if pages_sent == 0 { Changed::No } else { Changed::Yes } })
    }

    /// Whether the record and the flash say that the image is there already, with nothing left to write again.
    async fn is_current(&self, target: &mut Target, identity: &Identity) -> Result<bool, Problem> {
        let plan = &self.plan;
        // A record that led nowhere is written anew, so that its image is tried anew.
        let recorded = identity.why != Why::NeverConfirmed
            && identity
                .application
                .is_some_and(|a| (a.digest, a.len) == (plan.digest(), plan.begin.len));
        if !recorded || identity.why == Why::Damaged {
            return Ok(false);
        }
        let digest = target
            .request(&Request::Digest { start: plan.start, len: plan.begin.len }, 4, DIGEST)
            .await?;
        Ok(digest == plan.digest().to_le_bytes())
    }

    /// The pages that do not hold their bytes. Page 0 is sent always.
    async fn survey(&self, target: &mut Target) -> Result<Vec<u16>, Problem> {
        let pages = self.plan.pages();
        let mut differing = Vec::new();
        let mut page = 1;
        while page < pages {
            let count = u8::try_from(pages - page).unwrap_or(u8::MAX).min(SURVEY_PAGES);
            let request = Request::PageDigests { first: page, count };
            let digests = target.request(&request, usize::from(count) * 4, PAGE_DIGESTS).await?;
            let before = differing.len();
            for (at, found) in (page..).zip(digests.chunks_exact(4)) {
                if *found != digest(self.plan.page(at)).to_le_bytes() {
                    differing.push(at);
                }
            }
            page += u16::from(count);
            // Images share nearly all of their pages or nearly none (a build moves everything behind a change): where most
            // of these differ, asking about the rest would cost more than it saves.
            if (differing.len() - before) * 4 > usize::from(count) * 3 {
                differing.extend(page..pages);
                break;
            }
        }
        Ok(differing)
    }

    /// First the pages that the module wants again, then those that differ, the vector page last.
    fn pages_to_send(&self, differing: &[u16], redo: &[u8]) -> Result<Vec<u16>, Problem> {
        let &[first_low, first_high, behind_low, behind_high, ..] = redo else {
            return Err(TargetError::BadData.into());
        };
        let first = u16::from_le_bytes([first_low, first_high]).max(1);
        let redo = first..u16::from_le_bytes([behind_low, behind_high]).min(self.plan.pages());
        let mut pages: Vec<u16> = redo.clone().collect();
        for page in differing {
            if !redo.contains(page) {
                pages.push(*page);
            }
        }
        pages.push(0);
        Ok(pages)
    }

    fn target(&self) -> Result<Target, Problem> {
        let rack = self.rack.borrow();
        let module = rack.module(self.plan.uid).ok_or(Problem::Unplugged)?;
        Ok(Target::new(self.lane.clone(), module.address, self.session))
    }

    /// Whether it is still the same module; if so, what it says is what is known of it.
    fn same(&self, (status, identity): (Status, Identity)) -> Result<(Status, Identity), Problem> {
        if identity.uid != self.plan.uid {
            return Err(Problem::Unplugged);
        }
        if let Some(module) = self.rack.borrow_mut().module_mut(identity.uid) {
            (module.identity, module.state) = (identity, status.state);
            module.presence = Presence::Here;
        }
        Ok((status, identity))
    }

    /// Waits until the module answers again, or it is clear that it does not; returns why it is where it is. It may get
    /// another address meanwhile.
    async fn wait_for_answer(&self) -> Option<Option<Why>> {
        let until = self.clock.get() + AWAY;
        while self.clock.get() < until {
            self.lane.reset();
            let Ok(mut target) = self.target() else { return Some(None) };
            match target.identify().await {
                Ok(found) => {
                    if let Ok((_, identity)) = self.same(found) {
                        return Some(Some(identity.why));
                    }
                }
                Err(TargetError::LinkLost) => return None,
                _ => {}
            }
            target.rest(LOOK_AGAIN);
            if poll_fn(|_| target.lane.drained()).await == Err(Halt::LinkLost) {
                return None;
            }
        }
        Some(None)
    }

    fn phase(&self, phase: Phase) {
        self.rack.borrow_mut().set_phase(self.plan.uid, phase);
    }

    /// Waits for `answer`, and tells meanwhile how many of the operations `pages` are behind the base.
    async fn telling<T>(&self, pages: Range<u32>, answer: impl Future<Output = T>) -> T {
        let mut answer = core::pin::pin!(answer);
        poll_fn(|context| {
            let (done, all) =
                (self.lane.done().wrapping_sub(pages.start), pages.end.wrapping_sub(pages.start));
            self.phase(if done < all {
                Phase::Writing { progress: done as f32 / all as f32 }
            } else {
                Phase::Verifying
            });
            answer.as_mut().poll(context)
        })
        .await
    }
}

struct Done {
    proof: Proof,
    changed: Changed,
}

/// Which pages may be left out.
#[derive(Clone, Copy, Debug)]
enum Trust {
    /// Those whose digest is right.
    Survey,
    /// None: page by page the digests were right, and all together they were not.
    Nothing,
}

enum Changed {
    No,
    Yes,
}

/// Whether trying again may help without anybody doing anything.
fn may_pass(problem: &Problem) -> bool {
    let error = match problem {
        Problem::Target(error) => error,
        // It may have lost its power in the very moment.
        Problem::NeverStarted => return true,
        _ => return false,
    };
    match error {
        TargetError::NotAnswering | TargetError::Stalled | TargetError::BadData => true,
        TargetError::Refused(outcome) => {
            matches!(
                outcome,
                Outcome::Unsupported
                    | Outcome::NotOpen
                    | Outcome::Incomplete
                    | Outcome::DigestMismatch
            )
        }
        _ => false,
    }
}

/// Whether the module refused before it changed anything.
fn is_refusal(problem: &Problem) -> bool {
    let Problem::Target(TargetError::Refused(outcome)) = problem else { return false };
    matches!(outcome, Outcome::WrongType | Outcome::WrongHardware | Outcome::OutOfArea)
}
