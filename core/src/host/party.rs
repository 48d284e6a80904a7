//! Modules that take the same image, updated together: each page goes over the bus once for all of them, to the address of
//! their group, and then each says how much it has. Refuses to wait for one that has fallen out: it goes on alone.
//!
//! A party of one writes to that module's own address; all else is the same.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::ops::Range;
use core::pin::Pin;
use core::task::Poll;

use super::driver::{BEGIN, Done, Job, Prepared, RESTART, Ready, Trust, Update};
use super::lane::Lane;
use super::order::order;
use super::rack::{Phase, Problem};
use super::target::{Target, TargetError};
use crate::time::Duration;
use crate::wire::check::Address;
use crate::wire::message::BLOCK_LEN;
use crate::wire::module::{Outcome, PAGE_OVERHEAD, PageFrame, Request, State};
use crate::wire::op::Op;

/// The most modules in a party: their polls and two pages fit a block.
pub(super) const PARTY_MAX: usize = 20;
/// How often a party starts its pages again after one has fallen out, or after noise that outlasted all attempts; then each
/// goes on alone.
const TOGETHER_TRIES: usize = 8;
/// How often a group of frames is sent in all. At a bit error rate of 1e-4 a group of eight pages arrives whole less than
/// every second time; what arrived stays, so each try has less to do.
const GROUP_TRIES: u8 = 12;
/// The most pages in a group: eight fit a block with their poll.
const GROUP_PAGES_MAX: usize = 8;
/// The bytes of a write around what it writes.
const WRITE_OVERHEAD: usize = 4;
/// The bytes of an attempt.
const ATTEMPT_LEN: usize = 3;
/// The bytes of a poll of a whole status.
const POLL_LEN: usize = 42;
/// The pages still in the ring, the hashing of a full flash, the record.
const COMMIT: Duration = Duration::from_secs(10);

/// Modules on one bus that take the same image.
pub(super) struct Party {
    pub(super) job: Rc<Job>,
    /// Where all of them listen; none if there is only one.
    pub(super) group: Option<Address>,
    pub(super) members: Vec<Update>,
}

/// A member that takes pages.
type Member<'a> = (&'a Update, Ready);

impl Party {
    /// Updates all of them, to the end of the last.
    pub(super) async fn run(self) {
        let started = self.job.clock.get();
        let outcomes = self.together().await;
        let rest = self.members.iter().zip(outcomes);
        join(rest.map(|(member, outcome)| member.go_on(outcome, started))).await;
    }

    /// Updates all of them together, as far as that goes.
    async fn together(&self) -> Vec<Result<Done, Problem>> {
        let prepared =
            join(self.members.iter().map(|m| m.prepare(Trust::Survey, self.group))).await;
        let mut outcomes = Vec::new();
        let mut parties: Vec<(Vec<usize>, Vec<Member<'_>>)> = Vec::new();
        for (at, (member, prepared)) in self.members.iter().zip(prepared).enumerate() {
            let ready = match prepared {
                Ok(Prepared::Ready(ready)) => ready,
                Ok(Prepared::Done(done)) => {
                    outcomes.push((at, Ok(done)));
                    continue;
                }
                Err(problem) => {
                    outcomes.push((at, Err(problem)));
                    continue;
                }
            };
            // Pages that one wants first are not welcome to one that does not.
            let alike = parties.iter_mut().find(|(_, party)| {
                party.first().is_some_and(|(_, other)| {
                    (&other.redo, other.ring) == (&ready.redo, ready.ring)
                })
            });
            match alike {
                Some((places, party)) => {
                    places.push(at);
                    party.push((member, ready));
                }
                None => parties.push((alloc::vec![at], alloc::vec![(member, ready)])),
            }
        }
        // There is one address for a group: the largest party has it, the others go one by one.
        parties.sort_by_key(|(_, party)| core::cmp::Reverse(party.len()));
        let mut writes = Vec::new();
        for (index, (places, party)) in parties.into_iter().enumerate() {
            if index == 0 {
                writes.push((places, party, self.group));
                continue;
            }
            for (at, member) in places.into_iter().zip(party) {
                writes.push((alloc::vec![at], alloc::vec![member], None));
            }
        }
        let written = join(writes.into_iter().map(|(places, party, group)| async move {
            let outcomes = write(&self.job, party, group).await;
            places.into_iter().zip(outcomes).collect::<Vec<_>>()
        }))
        .await;
        outcomes.extend(written.into_iter().flatten());
        outcomes.sort_by_key(|(at, _)| *at);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

/// Writes to one module.
pub(super) async fn write_alone(member: &Update, ready: Ready) -> Result<Done, Problem> {
    let outcome = write(&member.job, alloc::vec![(member, ready)], None).await.pop();
    outcome.unwrap_or(Err(Problem::Target(TargetError::Stalled)))
}

/// Sends the pages that any of them needs, and starts what was written. Whoever falls out is left behind.
async fn write(
    job: &Job,
    party: Vec<Member<'_>>,
    group: Option<Address>,
) -> Vec<Result<Done, Problem>> {
    let mut outcomes: Vec<_> = party.iter().map(|_| None).collect();
    let mut left: Vec<(usize, Member<'_>)> = party.into_iter().enumerate().collect();
    let pages = pages_for(job, &left);
    for (_, (update, _)) in &left {
        let count = u16::try_from(pages.len()).unwrap_or(u16::MAX);
        update.pages_sent.set(update.pages_sent.get().saturating_add(count));
    }
    let mut from = 0;
    for _ in 0..TOGETHER_TRIES {
        let Some((_, (first, _))) = left.first() else { break };
        let stream = Stream { job, lane: first.lane.clone(), group, pages: &pages };
        let failed = match stream.run(&left, from).await {
            Ok(done) => {
                for ((at, _), outcome) in left.drain(..).zip(done) {
                    set(&mut outcomes, at, outcome);
                }
                break;
            }
            Err(failed) => failed,
        };
        if failed == TargetError::LinkLost {
            return left.iter().map(|_| Err(failed.into())).collect();
        }
        // Whoever still takes pages goes on together, from where the slowest of them is.
        let room = group_len(&left);
        let looked = join(left.iter().map(|(_, (update, ready))| async move {
            update.lane.reset();
            ready.target.status().await
        }))
        .await;
        let alone = left.len() == 1;
        let mut received = u16::MAX;
        let mut still = Vec::new();
        for ((at, member), status) in left.drain(..).zip(looked) {
            let problem = match status {
                Err(error) => error,
                Ok(status) if member.1.target.receives(&status, room) => {
                    received = received.min(status.received);
                    still.push((at, member));
                    continue;
                }
                Ok(status) if status.outcome != Outcome::Done => {
                    TargetError::Refused(status.outcome)
                }
                Ok(_) if alone => failed,
                // Another's failure: this one has only lost its company.
                Ok(_) => TargetError::Stalled,
            };
            set(&mut outcomes, at, Err(problem.into()));
        }
        (left, from) = (still, received.into());
    }
    outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or(Err(Problem::Target(TargetError::Stalled))))
        .collect()
}

fn set(outcomes: &mut [Option<Result<Done, Problem>>], at: usize, outcome: Result<Done, Problem>) {
    if let Some(place) = outcomes.get_mut(at) {
        *place = Some(outcome);
    }
}

/// What any of them needs, in the order in which all of them take it.
fn pages_for(job: &Job, party: &[(usize, Member<'_>)]) -> Vec<u16> {
    let Some((_, (_, first))) = party.first() else { return Vec::new() };
    let mut differing: Vec<u16> =
        party.iter().flat_map(|(_, (_, ready))| ready.differing.iter().copied()).collect();
    differing.sort_unstable();
    differing.dedup();
    order(&differing, &first.redo, job.plan.banks(first.ring))
}

/// How many pages are sent before each is asked what it has: as many as fit a block with the questions, and half a ring at
/// most; a power of two, as the status can show it.
fn group_len(party: &[(usize, Member<'_>)]) -> usize {
    let Some((_, (update, ready))) = party.first() else { return 1 };
    let page_len = update.job.plan.page(0).len();
    let room = BLOCK_LEN.saturating_sub(ATTEMPT_LEN + party.len() * POLL_LEN);
    let fit_a_block = room / (page_len + PAGE_OVERHEAD + WRITE_OVERHEAD);
    let len = GROUP_PAGES_MAX.min(usize::from(ready.ring / 2)).min(fit_a_block).max(1);
    1 << len.ilog2()
}

/// The pages on their way to a party, over one lane.
struct Stream<'a> {
    job: &'a Job,
    lane: Lane,
    group: Option<Address>,
    pages: &'a [u16],
}

impl Stream<'_> {
    /// Sends the pages from number `from` on and all that follows them. All of it is queued at once: once the base has it,
    /// neither page nor cable is needed.
    async fn run(
        &self,
        party: &[(usize, Member<'_>)],
        from: usize,
    ) -> Result<Vec<Result<Done, Problem>>, TargetError> {
        let targets: Vec<Target> =
            party.iter().map(|(_, (_, ready))| ready.target.over(&self.lane)).collect();
        let targets: Vec<&Target> = targets.iter().collect();
        let first = self.lane.pushed();
        self.push_pages(&targets, from, group_len(party));
        let pages = first..self.lane.pushed();
        let tags: Vec<_> = targets.iter().map(|t| t.push_send(&Request::Commit)).collect();
        for (target, tag) in targets.iter().zip(tags) {
            target.push_done(tag, COMMIT);
            target.push_read(4);
        }
        push_start(&targets);

        for target in &targets {
            let digest = self.telling(party, &pages, target.response(4)).await?;
            if digest != self.job.plan.digest().to_le_bytes() {
                return Err(TargetError::Refused(Outcome::DigestMismatch));
            }
        }
        let mut done = Vec::new();
        for ((_, (update, _)), target) in party.iter().zip(&targets) {
            // Behind a failure nothing more comes over this lane: the others ask for themselves.
            done.push(match done.last() {
                Some(Err(_)) => Err(TargetError::Stalled.into()),
                _ => update.started(target).await,
            });
        }
        Ok(done)
    }

    fn push_pages(&self, targets: &[&Target], from: usize, group_len: usize) {
        let Some(one) = targets.first() else { return };
        let to = self.group.filter(|_| targets.len() > 1).unwrap_or(one.address);
        let rest = self.pages.get(from..).unwrap_or_default();
        let mut seq = u16::try_from(from).unwrap_or(u16::MAX);
        for pages in rest.chunks(group_len) {
            let mut frames: Vec<Vec<u8>> = Vec::new();
            for page in pages {
                let bytes = self.job.plan.page(*page);
                let mut frame = alloc::vec![0; bytes.len() + PAGE_OVERHEAD];
                let frame_of = PageFrame { session: one.session(), seq, page: *page, bytes };
                let emitted = frame_of.emit(to, &mut frame);
                debug_assert!(emitted.is_ok(), "the frame has room for the page");
                frames.push(frame);
                seq = seq.wrapping_add(1);
            }
            let ops = u8::try_from(frames.len() + targets.len()).unwrap_or(u8::MAX);
            let mut group = alloc::vec![Op::Attempt { ops, tries: GROUP_TRIES }];
            group.extend(frames.iter().map(|bytes| Op::Write { to, bytes }));
            group.extend(targets.iter().map(|target| target.taken(seq, group_len)));
            self.lane.push(&group);
        }
    }

    /// Waits for `answer`, and tells meanwhile how many of the operations `pages` are behind the base.
    async fn telling<T>(
        &self,
        party: &[(usize, Member<'_>)],
        pages: &Range<u32>,
        answer: impl Future<Output = T>,
    ) -> T {
        let mut answer = core::pin::pin!(answer);
        poll_fn(|context| {
            let done = self.lane.done().wrapping_sub(pages.start);
            let all = pages.end.wrapping_sub(pages.start);
            for (_, (update, _)) in party {
                update.phase(if done < all {
                    Phase::Writing { progress: done as f32 / all as f32 }
                } else {
                    Phase::Verifying
                });
            }
            answer.as_mut().poll(context)
        })
        .await
    }
}

/// Queues the start of what was written, its confirmation, and the question for what runs then: to all of them at a time, so
/// that they restart at the same time.
pub(super) fn push_start(targets: &[&Target]) {
    for target in targets {
        // It has a flash to hash before it goes: that the request has arrived can be seen.
        target.push_send(&Request::Run);
    }
    for target in targets {
        target.push_there(State::Application, RESTART);
    }
    let tags: Vec<_> = targets.iter().map(|target| target.push_send(&Request::Confirm)).collect();
    for (target, tag) in targets.iter().zip(tags) {
        target.push_done(tag, BEGIN);
        target.push_identify();
    }
}

/// Polls all of them until each has ended; returns what they gave, in order.
pub(super) async fn join<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        let left = running.iter_mut().zip(&mut outputs).filter(|(_, output)| output.is_none());
        for (future, output) in left {
            if let Poll::Ready(ended) = future.as_mut().poll(context) {
                *output = Some(ended);
            }
        }
        if outputs.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
