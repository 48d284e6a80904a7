//! The rack as it is shown: a picture of the moment, for a page or a terminal. Numbers and codes, no sentences.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::estimate;
use super::image::ImageError;
use super::rack::{Ended, Module, Phase, Presence, Problem, text};
use super::session::{LinkState, Session};
use crate::time::Instant;
use crate::wire::identity::{Trial, Why};
use crate::wire::module::State;

/// Shows a struct as a map of all its fields. Not as a struct: serde-wasm-bindgen would bring a hash table for the names of
/// structs' fields, 1 % of the page.
macro_rules! as_map {
    ($type:ident { $($name:literal: $field:ident),+ }) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Self { $($field),+ } = self;
                let mut map = serializer.serialize_map(None)?;
                $(map.serialize_entry($name, $field)?;)+
                map.end()
            }
        }
    };
}
pub(super) use as_map;

/// The whole picture.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// How the link stands.
    pub link: LinkView,
    /// The base, once it has answered.
    pub base: Option<BaseView>,
    /// The slots in the order they sit in the rack, then the modules that sit at none.
    pub slots: Vec<SlotView>,
    /// The updates asked for last.
    pub job: Option<JobView>,
    /// Whether it is still being found out who is there.
    pub detecting: bool,
    /// How long an update of all will take at the most, in seconds; nothing where there is none to be asked for.
    pub estimate: Option<f32>,
}

as_map!(View { "link": link, "base": base, "slots": slots, "job": job, "detecting": detecting, "estimate": estimate });

/// How the link stands.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkView {
    /// `serial`, `demo` or nothing: what the shell opened. The session does not know.
    pub kind: Option<&'static str>,
    /// `closed`, `connecting`, `finishing`, `connected` or `lost`.
    pub state: &'static str,
    /// What is wrong, if anything is.
    pub problem: Option<ProblemView>,
}

as_map!(LinkView { "kind": kind, "state": state, "problem": problem });

/// A problem, by its code and its place. Words for it are the shell's.
#[derive(Clone, Debug, PartialEq)]
pub struct ProblemView {
    /// Never changes.
    pub code: &'static str,
    /// The line of a file that is wrong, counted from 1.
    pub line: Option<u32>,
    /// The address where an image is wrong.
    pub address: Option<u32>,
    /// The slots of a bus that is wrong, counted from 1.
    pub slots: Vec<u8>,
}

as_map!(ProblemView { "code": code, "line": line, "address": address, "slots": slots });

/// The base.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseView {
    /// What it is called.
    pub name: String,
    /// Its firmware.
    pub firmware: String,
}

as_map!(BaseView { "name": name, "firmware": firmware });

/// A slot, or a module without one.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotView {
    /// Counted from 1.
    pub slot: Option<u8>,
    /// Who sits there.
    pub module: Option<ModuleView>,
}

as_map!(SlotView { "slot": slot, "module": module });

/// A module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleView {
    /// Its unique id.
    pub uid: String,
    /// The name of its type.
    pub name: String,
    /// Its type.
    pub module_type: u16,
    /// Its unique id as people read it out.
    pub serial: String,
    /// `application` or `loader`.
    pub state: &'static str,
    /// Why it waits in its loader, if it does.
    pub why: Option<&'static str>,
    /// What it holds.
    pub installed: Option<String>,
    /// What there is for it.
    pub available: Option<String>,
    /// How far its update is.
    pub phase: &'static str,
    /// 0 to 1.
    pub progress: f32,
    /// Why its update ended otherwise.
    pub problem: Option<ProblemView>,
    /// It was there, and is no more.
    pub gone: bool,
}

as_map!(ModuleView { "uid": uid, "name": name, "type": module_type, "serial": serial, "state": state, "why": why, "installed": installed, "available": available, "phase": phase, "progress": progress, "problem": problem, "gone": gone });

/// The updates asked for last.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    /// `running` or `finished`.
    pub state: &'static str,
    /// 0 to 1.
    pub progress: f32,
    /// By the pace so far; nothing if all that is left are modules that were pulled out.
    pub seconds_left: Option<f32>,
    /// Whether the base does the rest without page and cable.
    pub on_base: bool,
}

as_map!(JobView { "state": state, "progress": progress, "secondsLeft": seconds_left, "onBase": on_base });

/// Shares of an update's time, of a 64 KB image on one module: nearly all of it is writing.
const COMPARED: f32 = 0.02;
const WRITTEN: f32 = 0.96;

impl View {
    /// Of a session, at `now`.
    pub fn of(session: &Session, now: Instant) -> Self {
        let rack = session.rack();
        let mut slots: Vec<SlotView> = Vec::new();
        for (number, _) in (1..).zip(rack.base.iter().flat_map(|base| base.slots.iter())) {
            // A module that left its slot is shown there until another takes it.
            let at = |m: &&Module| rack.slot_of(m) == Some(number - 1);
            let here = rack.modules.iter().filter(at).find(|m| m.presence == Presence::Here);
            let module =
                here.or_else(|| rack.modules.iter().rfind(at)).map(|m| ModuleView::of(m, session));
            slots.push(SlotView { slot: Some(number), module });
        }
        for module in &rack.modules {
            if module.presence == Presence::Here && rack.slot_of(module).is_none() {
                slots.push(SlotView { slot: None, module: Some(ModuleView::of(module, session)) });
            }
        }
        let estimate = estimate::seconds(&rack, &session.catalog);
        let base = rack
            .base
            .map(|base| BaseView { name: text(&base.name), firmware: base.firmware.to_string() });
        Self {
            link: LinkView::of(session),
            base,
            job: JobView::of(session, now),
            detecting: session.is_detecting(),
            estimate,
            slots,
        }
    }
}

impl LinkView {
    fn of(session: &Session) -> Self {
        let state = match session.link_state() {
            LinkState::Closed => "closed",
            LinkState::Greeting => "connecting",
            LinkState::Finishing => "finishing",
            LinkState::Up => "connected",
        };
        let problem = session.link_problem().map(|problem| ProblemView {
            slots: session.problem_slots(),
            ..ProblemView::new(problem.code())
        });
        Self { kind: None, state, problem }
    }
}

impl ProblemView {
    /// Of no place in particular.
    pub const fn new(code: &'static str) -> Self {
        Self { code, line: None, address: None, slots: Vec::new() }
    }
}

impl From<&Problem> for ProblemView {
    fn from(problem: &Problem) -> Self {
        let place = match problem {
            Problem::Image(error) => Self::from(&**error),
            _ => Self::new(""),
        };
        Self { code: problem.code(), ..place }
    }
}

impl From<&ImageError> for ProblemView {
    fn from(error: &ImageError) -> Self {
        Self { line: error.line(), address: error.address(), ..Self::new(error.code()) }
    }
}

impl ModuleView {
    fn of(module: &Module, session: &Session) -> Self {
        let identity = &module.identity;
        let available = session.catalog.best_for(identity).ok().map(|offer| offer.header.version);
        // While it is being updated, what it is updated from.
        let installed = module.before.filter(|_| module.is_updating()).or(module.installed());
        let phase = match &module.phase {
            Phase::Idle
                if available.is_some() && available == installed && identity.why == Why::Runs =>
            {
                "current"
            }
            Phase::Idle => "idle",
            Phase::Waiting => "waiting",
            Phase::Comparing => "comparing",
            Phase::Writing { .. } => "writing",
            Phase::Verifying => "verifying",
            Phase::Starting => "starting",
            Phase::Ended(Ended::Updated(_)) => "updated",
            Phase::Ended(Ended::Current(_)) => "current",
            Phase::Ended(Ended::Refused(_)) => "refused",
            Phase::Ended(Ended::Failed(_)) => "failed",
        };
        Self {
            uid: identity.uid.to_string(),
            name: text(&identity.name),
            module_type: identity.module_type,
            serial: module.serial(),
            state: if module.state == State::Application { "application" } else { "loader" },
            why: (identity.why != Why::Runs).then(|| why_code(identity.why)),
            installed: installed.map(|version| version.to_string()),
            available: available.map(|version| version.to_string()),
            phase,
            progress: if phase == "current" { 1.0 } else { progress(&module.phase) },
            problem: module.problem().map(ProblemView::from),
            gone: module.presence == Presence::Gone,
        }
    }
}

/// How much of an update's time is over.
fn progress(phase: &Phase) -> f32 {
    match phase {
        Phase::Idle | Phase::Waiting | Phase::Comparing => 0.0,
        Phase::Writing { progress } => COMPARED + progress * (WRITTEN - COMPARED),
        Phase::Verifying => WRITTEN,
        Phase::Starting => 0.99,
        Phase::Ended(Ended::Updated(_) | Ended::Current(_)) => 1.0,
        Phase::Ended(Ended::Refused(_) | Ended::Failed(_)) => 0.0,
    }
}

/// What the page and the report call it.
pub(super) fn why_code(why: Why) -> &'static str {
    match why {
        Why::Runs => "runs",
        Why::Requested => "requested",
        Why::Blank => "blank",
        Why::Interrupted => "interrupted",
        Why::Damaged => "damaged",
        Why::NeverConfirmed => "never-confirmed",
    }
}

impl JobView {
    fn of(session: &Session, now: Instant) -> Option<Self> {
        let job = session.job()?;
        let rack = session.rack();
        let (mut done, mut count) = (0.0, 0.0);
        // Who was pulled out is waited for, nobody knows how long.
        let mut works = false;
        for module in job.modules.iter().filter_map(|uid| rack.module(*uid)) {
            done += match &module.phase {
                // Nothing was to be done: as a share of the work it would let the bar leap, and then crawl.
                Phase::Ended(Ended::Current(_)) => continue,
                Phase::Ended(_) => 1.0,
                phase => {
                    works |= module.presence == Presence::Here;
                    progress(phase)
                }
            };
            count += 1.0;
        }
        let progress = if count == 0.0 { 1.0 } else { done / count };
        let progress = progress.max(job.shown.get());
        job.shown.set(progress);
        let spent = job.ended.unwrap_or(now).since(job.started).as_secs_f32();
        let known = works && progress > COMPARED;
        Some(Self {
            state: if job.ended.is_some() { "finished" } else { "running" },
            progress,
            seconds_left: known.then(|| spent / progress * (1.0 - progress)),
            on_base: session.base_has_all(),
        })
    }
}

/// Whether a trial has been confirmed, in a word.
pub(super) fn trial_code(trial: Trial) -> &'static str {
    match trial {
        Trial::Confirmed => "confirmed",
        Trial::Pending => "pending",
        Trial::None => "none",
    }
}
