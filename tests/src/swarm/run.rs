//! One scenario from its start to its end, and what must hold there. A breach is a panic that says what: nobody returns
//! from it as if nothing had been.

use core::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use rackflash_core::host::rack::Presence;
use rackflash_core::host::report::{ModuleReport, Report};
use rackflash_core::host::session::{LinkState, Select};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::identity::Why;
use rackflash_sim::chip::{Cut, CutAt};
use rackflash_sim::module::{Module, Runs};
use rackflash_sim::setup::Incident;

use super::patience::patience;
use super::scenario::{Act, Fate, Scenario};
use crate::bench::{Bench, STARTED};
use crate::numbers::Numbers;
use crate::oracle::TRIES;

/// What happened, a line each, while it happens.
pub type Transcript = Rc<RefCell<dyn Write>>;

/// How much time passed in a scenario.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    /// In all.
    pub all: Duration,
    /// Without that before and behind it, when nothing is to happen.
    pub eventful: Duration,
}

/// Runs the scenario of a seed.
///
/// # Panics
/// If what must hold does not.
pub fn run(seed: u64, transcript: Option<&Transcript>) -> Passed {
    let scenario = Scenario::of(seed);
    let mut run = Run {
        bench: Bench::new(&scenario.setup),
        fates: scenario.fates.clone(),
        numbers: Numbers::new(!seed),
        patience: patience(&scenario),
        is_loud: false,
        transcript: transcript.cloned(),
        scenario,
    };
    if let Some(transcript) = transcript.cloned() {
        run.bench.world.tell(Some(Box::new(move |at, event| {
            let _ = writeln!(transcript.borrow_mut(), "{} {event}", time(at));
        })));
    }
    run.bench.offer_all(&run.scenario.offers);
    run.suffer();
    let ended = run.recover();
    let all = run.bench.world.now().since(Instant::ZERO);
    Passed { all, eventful: ended.since(Instant::ZERO + STARTED) }
}

struct Run {
    scenario: Scenario,
    bench: Bench,
    fates: Vec<Fate>,
    /// For what is drawn while it runs.
    numbers: Numbers,
    /// How long each thing may take that is waited for in the end.
    patience: Duration,
    /// Whether there is so much noise that it ends tries.
    is_loud: bool,
    transcript: Option<Transcript>,
}

/// Flipped bits of 10^9. Of more, so many of the pages are damaged that four times in a row are no rarity.
const QUIET_MAX: u32 = 100_000;

/// Replaces a cut that has not come.
const NO_CUT: CutAt = CutAt { operation: u64::MAX, cut: Cut::Before, off: Duration::ZERO };
/// How long everything must stay as it is.
const STILL_TIME: Duration = Duration::from_secs(3);
/// After so long a base looks again where its bus got stuck, and a little: what held it may have been reset by the way.
const STUCK_TIME: Duration = Duration::from_secs(6);

impl Run {
    /// Everything that goes wrong.
    fn suffer(&mut self) {
        for (at, act) in core::mem::take(&mut self.scenario.acts) {
            while self.bench.world.now() < at {
                self.bench.step(at);
            }
            self.tell(&format!("{act:?}"));
            self.act(act);
        }
    }

    fn act(&mut self, act: Act) {
        if let Act::Rack(Incident::BusNoise(flips)) = act {
            self.is_loud = flips > QUIET_MAX;
        }
        if self.is_loud
            && matches!(act, Act::Rack(Incident::BusNoise(_)) | Act::UpdateAll | Act::Update { .. })
        {
            self.bench.oracle.noise_may_end(TRIES - 1);
        }
        let now = self.bench.world.now();
        let uid_of = |bench: &Bench, module: usize| bench.world.modules()[module].uid();
        match act {
            Act::Rack(incident) => self.bench.world.apply(incident),
            Act::Swap { module, by, fate } => {
                self.bench.world.pull(module);
                self.bench.add(&by);
                self.fates.push(fate);
            }
            Act::UpdateAll => self.bench.session.update(&Select::All, now),
            Act::Update { module } => {
                let select = Select::Modules(vec![uid_of(&self.bench, module)]);
                self.bench.session.update(&select, now);
            }
            Act::Blink { module } => {
                let uid = uid_of(&self.bench, module);
                self.bench.session.blink(uid, 1, now);
            }
            Act::Close => self.bench.close(),
            Act::Open => self.open(),
            Act::Reload => {
                self.bench.reload();
                self.bench.offer_all(&self.scenario.offers);
                self.open();
            }
        }
        self.bench.drain();
    }

    /// Opens the port, if there is one and it is not open.
    fn open(&mut self) {
        let closed = self.bench.session.link_state() == LinkState::Closed;
        if closed && self.bench.world.is_connected() {
            self.bench.open(self.numbers.u32());
        }
    }

    /// Nothing goes wrong any more: what was begun ends, all are found, all are updated, and so it stays. Returns when the last
    /// update had ended.
    fn recover(&mut self) -> Instant {
        for module in 0..self.bench.world.modules().len() {
            self.bench.world.apply(Incident::CutAt { module, at: NO_CUT });
        }
        self.wait("a base that can be reached", |run| {
            run.open();
            run.bench.session.link_state() != LinkState::Closed
        });
        self.wait("what was begun has ended", |run| run.bench.is_done());
        self.wait("everyone found", Self::is_complete);
        self.act(Act::UpdateAll);
        self.wait("all updates ended", |run| run.bench.is_done());
        self.tell(&format!("\n{}", self.bench.endings().trim_end()));
        let ended = self.bench.world.now();
        self.bench.run(if self.scenario.held.is_empty() { STILL_TIME } else { STUCK_TIME });
        self.wait("everyone found, or told of", Self::is_told);
        self.bench.check();
        let report = Report::of(&self.bench.session).modules;
        for (index, (module, fate)) in
            self.bench.world.modules().iter().zip(&self.fates).enumerate()
        {
            if !self.is_excused(module) {
                let said = report.iter().find(|said| said.uid == module.uid().to_string());
                let said = said.unwrap_or_else(|| panic!("module {index} was not found"));
                check_fate(index, *fate, module.runs(), said);
            }
        }
        ended
    }

    fn wait(&mut self, what: &str, done: impl Fn(&mut Self) -> bool) {
        let within = self.patience;
        let end = self.bench.world.now() + within;
        while !done(self) {
            assert!(self.bench.world.now() < end, "{what}: not within {within:?}");
            let soon = self.bench.world.now() + LOOK_EVERY;
            self.bench.step(soon.min(end));
        }
        self.tell(what);
    }

    /// Whether all modules are known that anybody could find.
    fn is_complete(&mut self) -> bool {
        let (world, session) = (&self.bench.world, &self.bench.session);
        let is_here = |module: &Module| {
            session.rack().module(module.uid()).is_some_and(|m| m.presence == Presence::Here)
        };
        session.link_state() == LinkState::Up
            && !session.is_detecting()
            && world.modules().iter().all(|module| self.is_excused(module) || is_here(module))
    }

    /// Whether whoever is not known sits on a bus of which is told what is wrong there: one that was held may have been freed
    /// since, by what happened to the module that held it.
    fn is_told(&mut self) -> bool {
        let (world, rack) = (&self.bench.world, self.bench.session.rack());
        let is_known = |module: &Module| rack.module(module.uid()).is_some();
        let is_told = |bus| rack.bus_problems.iter().any(|(told, _)| *told == bus);
        world.modules().iter().all(|m| !m.is_inserted() || is_known(m) || is_told(m.bus()))
    }

    /// Whether nobody could do anything about it.
    fn is_excused(&self, module: &Module) -> bool {
        !module.is_inserted() || self.scenario.held.contains(&module.bus())
    }

    fn tell(&self, what: &str) {
        if let Some(transcript) = &self.transcript {
            let now = time(self.bench.world.now());
            let _ = writeln!(transcript.borrow_mut(), "{now} == {what}");
        }
    }
}

/// From look to look at what is waited for, where nothing else makes one.
const LOOK_EVERY: Duration = Duration::from_millis(100);

fn check_fate(index: usize, fate: Fate, runs: Runs, said: &ModuleReport) {
    let ModuleReport { outcome, cause, .. } = *said;
    let well =
        |version| matches!(outcome, "updated" | "current") && runs == Runs::Application(version);
    let ends_so = match fate {
        Fate::Updated(version) => well(version),
        Fate::Worn(version) => well(version) || (outcome, cause) == ("failed", Some("flash-worn")),
        Fate::Hangs => {
            (outcome, cause) == ("failed", Some("never-started"))
                && runs == Runs::Loader(Why::NeverConfirmed)
        }
        Fate::NoImage => {
            outcome == "refused" && matches!(cause, Some("no-image" | "wrong-hardware"))
        }
        // Whether what was proven is so is the oracle's to say, whoever lies.
        Fate::Lies => match outcome {
            "updated" | "current" => matches!(runs, Runs::Application(_)),
            _ => matches!(outcome, "failed" | "refused") && cause.is_some(),
        },
    };
    let cause = cause.unwrap_or_default();
    assert!(ends_so, "module {index} must end as {fate:?}; it is {outcome} {cause}, and {runs:?}");
}

fn time(at: Instant) -> String {
    let micros = at.micros();
    format!("{:4}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
