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

use super::driver::{BEGIN, Job, RESTART, Ready, Trust, Update};
use super::lane::Lane;
use super::order::order;
use super::rack::{Phase, Problem};
use super::target::{Target, TargetError};
use crate::time::Duration;
use crate::wire::check::Address;
use crate::wire::message::BLOCK_LEN;
use crate::wire::module::{Outcome, PAGE_OVERHEAD, PageFrame, RECEIVED_BYTE, Request, State, Uid};
use crate::wire::op::Op;

/// The most modules in a party: their polls and two pages fit a block.
pub(super) const PARTY_MAX: usize = 20;
/// How often a party starts its pages again after one has fallen out, or after noise that outlasted all attempts; then each
/// goes on alone.
const TOGETHER_TRIES: usize = 8;
/// How often a group of frames is sent in all. At a bit error rate of 1e-4 a group of four pages, 5,000 bits, arrives whole
/// three times of five, and so not at all in twelve tries once in 60,000 groups; what arrived stays, so each try has less to do.
const GROUP_TRIES: u8 = 12;
/// The most pages in a group. What follows a damaged one in its group is sent again, so that on a bus that is full each page
/// more costs 0.6 % at a bit error rate of 1e-5; each question what has arrived costs as much as 0.07 pages.
const GROUP_PAGES_MAX: usize = 4;
/// The bytes of a write around what it writes.
const WRITE_OVERHEAD: usize = 4;
/// The bytes of an attempt and of how it goes on.
const ATTEMPT_LEN: usize = 3 + 3;
/// The bytes of a poll of a whole status.
const POLL_LEN: usize = 42;
/// The pages still in a ring of 32, 16 ms each, the hashing of a full flash, the record: twice as long.
const COMMIT: Duration = Duration::from_secs(1);
/// Once a member is ready for pages and for so long nothing of the party has moved, whoever is left goes alone. What gets lost
/// on the link comes again after 250 ms.
const LATE_AFTER: Duration = Duration::from_millis(300);
/// The base tells twice as often how far its lanes are. What is longer between two looks was the link's time, and no member's.
const LOOK_MAX: Duration = Duration::from_millis(100);

/// Modules on one bus that take the same image.
pub(super) struct Party {
    pub(super) job: Rc<Job>,
    /// Where all of them listen; none if there is only one.
    pub(super) group: Option<Address>,
    pub(super) members: Vec<Update>,
}

impl Party {
    /// Updates all of them, to the end of the last.
    pub(super) async fn run(self) {
        let started = self.job.clock.get();
        let mut late = self.prepare().await;
        let together = self.together();
        let is_together =
            |member: &Update| together.iter().any(|(other, _)| other.uid == member.uid);
        let (with, alone): (Vec<_>, Vec<_>) =
            self.members.iter().partition(|member| is_together(member));
        // Not to hear what the others get: it would count their pages for its own, and take them as long as they come.
        let leaving: Vec<_> = alone.iter().filter_map(|member| member.ready()).collect();
        join(leaving.iter().map(|ready| boxed(ready.target.close()))).await;
        let alone = alone.into_iter().map(|member| {
            let at = late.iter().position(|(uid, _)| *uid == member.uid);
            let prepared = at.map(|at| late.swap_remove(at).1);
            boxed(async move {
                if let Some(prepared) = prepared {
                    prepared.await;
                }
                if member.takes_pages() {
                    member.prepare(Trust::Survey, None).await;
                }
                member.go_on(started).await;
            })
        });
        let all = boxed(async {
            write(together, self.group).await;
            join(with.into_iter().map(|member| boxed(member.go_on(started)))).await;
        });
        join(alone.chain([all])).await;
    }

    /// All of them find out what their flash holds. Returns those that are late, still at it.
    async fn prepare(&self) -> Vec<(Uid, Task<'_>)> {
        let mut late: Vec<(Uid, Task<'_>)> = Vec::new();
        for member in &self.members {
            late.push((member.uid, boxed(member.prepare(Trust::Survey, self.group))));
        }
        let (mut moved, mut looked_at) = (0, self.job.clock.get());
        let mut still = Duration::ZERO;
        poll_fn(|context| {
            late.retain_mut(|(_, task)| task.as_mut().poll(context) == Poll::Pending);
            let (before, now) = (moved, self.job.clock.get());
            let members = self.members.iter();
            moved = members.fold(0, |sum: u32, member| sum.wrapping_add(member.lane.done()));
            let rested = now.since(looked_at).min(LOOK_MAX);
            still = if moved == before { still + rested } else { Duration::ZERO };
            looked_at = now;
            let one_waits = self.members.iter().any(Update::takes_pages);
            if late.is_empty() || one_waits && still >= LATE_AFTER {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        late
    }

    /// Those that can take the same pages in the same order, as many as possible: pages that one wants first are not welcome
    /// to one that does not, and what the others need is not to cost one more than a ring of pages that it has already.
    fn together(&self) -> Vec<(&Update, Ready)> {
        let ready = self.members.iter().filter_map(|member| Some((member, member.ready()?)));
        let ready: Vec<_> = ready.collect();
        let alike = |one: &Ready, other: &Ready| {
            (&one.redo, one.ring) == (&other.redo, other.ring)
                && one.is_spared(&other.differ)
                && other.is_spared(&one.differ)
        };
        let company = |(_, one): &&(&Update, Ready)| {
            ready.iter().filter(|(_, other)| alike(one, other)).count()
        };
        let Some((_, best)) = ready.iter().rev().max_by_key(company) else { return Vec::new() };
        let mut needed = best.differ.clone();
        let mut together: Vec<(&Update, Ready)> = Vec::new();
        for (update, ready) in ready.iter().filter(|(_, ready)| alike(best, ready)) {
            let mut all = needed.clone();
            unite(&mut all, &ready.differ);
            let others = together.iter().map(|(_, other)| other);
            if others.chain([ready]).all(|member| member.is_spared(&all)) {
                needed = all;
                together.push((update, ready.clone()));
            }
        }
        together
    }
}

/// Sends the pages that any of them needs, and starts what was written. Whoever falls out is left behind.
pub(super) async fn write(mut party: Vec<(&Update, Ready)>, group: Option<Address>) {
    let pages = pages_for(&party);
    let mut from = 0;
    for _ in 0..TOGETHER_TRIES {
        let Some((first, _)) = party.first() else { return };
        let stream = Stream { job: &first.job, lane: first.lane.clone(), group, pages: &pages };
        let began = first.lane.pushed();
        let outcome = stream.run(&party, from).await;
        let sent = stream.sent(&party, from, began);
        party.iter().for_each(|(update, _)| update.sent(sent));
        let Err(failed) = outcome else { return };
        if failed == TargetError::LinkLost {
            return party.iter().for_each(|(update, _)| update.tried(Err(failed.into())));
        }
        // Whoever still takes pages goes on together, from where the slowest of them is.
        let (room, alone) = (group_len(&party), party.len() == 1);
        join(party.iter().map(|(update, ready)| boxed(update.look(ready)))).await;
        // All have said that they have what was sent for good, and nobody can have more than the next group.
        let behind = from + sent;
        let has = |(update, ready): &(&Update, Ready)| {
            let status = update.looked.get().ok()?;
            let received = usize::from(status.received);
            let can_be = (behind..=behind + room).contains(&received);
            (ready.target.receives(&status, room) && can_be).then_some(received)
        };
        let most = party.iter().filter_map(has).max();
        let mut slowest = usize::MAX;
        party.retain(|member| {
            let (update, _) = member;
            let problem = match (update.looked.get(), has(member)) {
                // In all tries it has taken nothing that others took: it holds them up.
                (_, Some(received)) if received > from || most == Some(from) => {
                    slowest = slowest.min(received);
                    return true;
                }
                (Err(error), _) => error,
                (Ok(status), _) if status.outcome != Outcome::Done => {
                    TargetError::Refused(status.outcome)
                }
                (Ok(_), _) if alone => failed,
                // Another's failure: this one has only lost its company.
                (Ok(_), _) => TargetError::Stalled,
            };
            update.tried(Err(problem.into()));
            false
        });
        party.iter().for_each(|(update, _)| update.sent(slowest.saturating_sub(behind)));
        from = slowest;
    }
    party.iter().for_each(|(update, _)| update.tried(Err(TargetError::Stalled.into())));
}

/// Adds the pages that one more needs to those that are needed.
fn unite(needed: &mut [bool], differ: &[bool]) {
    needed.iter_mut().zip(differ).for_each(|(needed, differs)| *needed |= differs);
}

/// What any of them needs, in the order in which all of them take it.
fn pages_for(party: &[(&Update, Ready)]) -> Vec<u16> {
    let Some((update, first)) = party.first() else { return Vec::new() };
    let mut differ = first.differ.clone();
    party.iter().for_each(|(_, ready)| unite(&mut differ, &ready.differ));
    order(&differ, &first.redo, update.job.plan.banks(first.ring))
}

/// How many pages are sent before each is asked what it has: as many as fit a block with the questions, and half a ring at
/// most; a power of two, as the status can show it.
fn group_len(party: &[(&Update, Ready)]) -> usize {
    let Some((update, ready)) = party.first() else { return 1 };
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
    async fn run(&self, party: &[(&Update, Ready)], from: usize) -> Result<(), TargetError> {
        let targets: Vec<Target> =
            party.iter().map(|(_, ready)| ready.target.over(&self.lane)).collect();
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
        party.iter().for_each(|(update, _)| update.queued(true));

        // What is wrong with one's digest is its own affair: all of them are told to start.
        let mut proven = Vec::new();
        for ((update, _), target) in party.iter().zip(&targets) {
            let read = self.telling(party, &pages, target.result()).await?;
            proven.push(target.payload(&read, 4).and_then(|digest| {
                let is_right = digest == self.job.plan.digest().to_le_bytes();
                update.proven.set(is_right);
                is_right.then_some(()).ok_or(TargetError::Refused(Outcome::DigestMismatch))
            }));
        }
        let mut failed = None;
        for (((update, _), target), proven) in party.iter().zip(&targets).zip(proven) {
            // Behind a failure nothing more comes over this lane: the others ask for themselves.
            let outcome = match failed {
                Some(_) => Err(TargetError::Stalled.into()),
                None => update.started(target).await,
            };
            failed = failed.or(outcome.as_ref().err().map(drop));
            update.tried(proven.map_err(Problem::from).and(outcome));
        }
        Ok(())
    }

    /// How many of the pages from number `from` on are behind the base for good; they were pushed from operation `began` on.
    fn sent(&self, party: &[(&Update, Ready)], from: usize, began: u32) -> usize {
        let mut ops = self.lane.done().saturating_sub(began) as usize;
        let mut sent = 0;
        for pages in self.pages.get(from..).unwrap_or_default().chunks(group_len(party)) {
            let Some(left) = ops.checked_sub(2 + pages.len() + party.len()) else { break };
            (ops, sent) = (left, sent + pages.len());
        }
        sent
    }

    fn push_pages(&self, targets: &[&Target], from: usize, group_len: usize) {
        let Some(one) = targets.first() else { return };
        let to = self.group.filter(|_| targets.len() > 1).unwrap_or(one.address);
        let rest = self.pages.get(from..).unwrap_or_default();
        let mut seq = u16::try_from(from).unwrap_or(u16::MAX);
        for pages in rest.chunks(group_len) {
            let [first, _] = seq.to_le_bytes();
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
            let ops = u8::try_from(1 + frames.len() + targets.len()).unwrap_or(u8::MAX);
            let attempt = Op::Attempt { ops, tries: GROUP_TRIES };
            let mut group = alloc::vec![attempt, Op::Resume { byte: RECEIVED_BYTE, first }];
            group.extend(frames.iter().map(|bytes| Op::Write { to, bytes }));
            group.extend(targets.iter().map(|target| target.taken(seq, group_len)));
            self.lane.push(&group);
        }
    }

    /// Waits for `answer`, and tells meanwhile how many of the operations `pages` are behind the base.
    async fn telling<T>(
        &self,
        party: &[(&Update, Ready)],
        pages: &Range<u32>,
        answer: impl Future<Output = T>,
    ) -> T {
        let mut answer = core::pin::pin!(answer);
        poll_fn(|context| {
            let done = self.lane.done().wrapping_sub(pages.start);
            let all = pages.end.wrapping_sub(pages.start);
            for (update, _) in party {
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
        target.push_run(RESTART);
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

type Task<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

fn boxed<'a>(task: impl Future<Output = ()> + 'a) -> Task<'a> {
    Box::pin(task)
}

/// Polls all of them until each has ended.
async fn join<'a>(tasks: impl Iterator<Item = Task<'a>>) {
    let mut running: Vec<_> = tasks.collect();
    poll_fn(|context| {
        running.retain_mut(|task| task.as_mut().poll(context) == Poll::Pending);
        if running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
