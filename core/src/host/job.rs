//! All updates that were asked for together: a wish that holds until the last has ended, also for modules that come meanwhile.
//! Refuses to wait for ever for a module that nobody plugs in again.

use alloc::vec::Vec;
use core::cell::Cell;

use super::io::Select;
use super::rack::{Ended, Module, Phase, Presence, Problem, Rack};
use super::target::TargetError;
use crate::time::{Duration, Instant};
use crate::wire::check::Address;
use crate::wire::module::Uid;

/// How long a module that was unplugged in the middle is waited for when all others are done: a minute to find the right
/// slot again. After that its update has failed, and may be asked for anew.
const AWAY_MAX: Duration = Duration::from_secs(60);
/// How many modules may join that come, or come back, meanwhile: more than anybody plugs in, so that a job also ends where a
/// module says another number each time.
const JOINS_MAX: usize = 32;
/// How often the link may be lost meanwhile: more often than anybody plugs a cable in. With a base that falls silent behind its
/// welcome that takes three minutes.
const LINKS_MAX: usize = 50;

/// All updates that were asked for together.
#[derive(Clone, Debug)]
pub struct Job {
    /// How far it was shown to be: a progress that goes back frightens.
    pub(super) shown: Cell<f32>,
    /// When it was asked for.
    pub started: Instant,
    /// When the last of it ended.
    pub ended: Option<Instant>,
    /// Whom it is about.
    pub modules: Vec<Uid>,
    /// Who may join.
    select: Select,
    /// How many more may.
    joins_left: usize,
    /// How often the link may still be lost.
    links_left: usize,
    /// Since when only modules that are away are left to be updated.
    all_away_since: Option<Instant>,
}

impl Job {
    /// Of nobody yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            shown: Cell::new(0.0),
            started: now,
            ended: None,
            modules: Vec::new(),
            select: Select::Modules(Vec::new()),
            joins_left: JOINS_MAX,
            links_left: LINKS_MAX,
            all_away_since: None,
        }
    }

    /// Takes in more modules: those that are there, if that is `settled`, and all that have been, if it is not. Not those that are
    /// done.
    pub(super) fn ask_for(
        &mut self,
        select: &Select,
        rack: &mut Rack,
        settled: bool,
        is_done: impl Fn(&Module) -> bool,
    ) {
        for module in &mut rack.modules {
            let may_be_here = module.presence == Presence::Here || !settled;
            if select.takes(module) && may_be_here && !is_done(module) {
                self.take(module);
            }
        }
        match (&mut self.select, select) {
            (Select::Modules(chosen), Select::Modules(more)) => chosen.extend(more),
            (chosen, _) => *chosen = Select::All,
        }
    }

    /// Takes in who has come since. Who has failed and left may come back.
    pub(super) fn take_in_newcomers(&mut self, rack: &mut Rack, settled: bool) {
        if self.is_given_up() {
            return;
        }
        for module in &mut rack.modules {
            let uid = module.identity.uid;
            let is_in = self.modules.contains(&uid);
            if module.presence == Presence::Gone {
                if is_in && matches!(module.phase, Phase::Ended(Ended::Failed(_))) {
                    self.modules.retain(|other| *other != uid);
                }
            } else if !is_in && self.joins_left > 0 && self.select.takes(module) {
                self.joins_left -= usize::from(settled);
                self.take(module);
            }
        }
    }

    fn take(&mut self, module: &mut Module) {
        if !module.is_wanted() {
            module.phase = Phase::Waiting;
            module.before = module.installed();
        }
        if !self.modules.contains(&module.identity.uid) {
            self.modules.push(module.identity.uid);
        }
    }

    /// The link was lost: what is left will be done after, unless that has come too often.
    pub(super) fn lose_link(&mut self, rack: &mut Rack) {
        self.links_left = self.links_left.saturating_sub(1);
        if self.is_given_up() {
            for module in rack.modules.iter_mut().filter(|module| module.is_wanted()) {
                module.phase = Phase::Ended(Ended::Failed(TargetError::KeptBack.into()));
            }
        }
    }

    /// Whether the link was lost too often.
    pub(super) fn is_given_up(&self) -> bool {
        self.links_left == 0
    }

    /// Ends the updates of modules that nobody plugs in again, once only they are left: at once where another sits in their
    /// place. Who is there is known if it is `settled`.
    pub(super) fn end_what_stays_away(&mut self, rack: &mut Rack, settled: bool, now: Instant) {
        let is_away = |module: &Module| module.presence == Presence::Gone;
        let mut left = rack.modules.iter().filter(|module| module.is_wanted()).peekable();
        if !settled || left.peek().is_none() || !left.all(is_away) {
            self.all_away_since = None;
            return;
        }
        let waited = now.since(*self.all_away_since.get_or_insert(now)) >= AWAY_MAX;
        let here = || rack.modules.iter().filter(|module| !is_away(module));
        // Who was put into its slot while its address was still its own has another; and if that one is gone, too, who is there
        // now may have the slot's.
        let is_replaced = |module: &Module| {
            let address = (module.bus, module.address);
            let home = || rack.slot(module.bus, Address::new(module.identity.home)?);
            let slot = rack.slot(module.bus, module.address).or_else(home);
            here().any(|other| match slot {
                Some(_) => rack.slot_of(other) == slot,
                None => (other.bus, other.address) == address,
            })
        };
        // Those under way end by themselves.
        let left = rack.modules.iter().filter(|module| module.phase == Phase::Waiting);
        let given_up = left.filter(|module| waited || is_replaced(module));
        let given_up: Vec<_> = given_up.map(|module| module.identity.uid).collect();
        for uid in given_up {
            rack.set_phase(uid, Phase::Ended(Ended::Failed(Problem::Unplugged)));
        }
    }

    /// When [`Job::end_what_stays_away`] has something to do without anything happening. Behind that it is for those that are
    /// still under way to end.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let since = self.all_away_since.filter(|_| self.ended.is_none());
        since.map(|since| since + AWAY_MAX).filter(|at| *at > now)
    }
}

impl Select {
    fn takes(&self, module: &Module) -> bool {
        match self {
            Self::All => true,
            Self::Modules(chosen) => chosen.contains(&module.identity.uid),
        }
    }
}
