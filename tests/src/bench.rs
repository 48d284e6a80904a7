//! A session and a virtual rack on one bench with one clock.

use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::Image;
use rackflash_core::host::problem::Problem;
use rackflash_core::host::report::Report;
use rackflash_core::host::service::{Errand, Wish};
use rackflash_core::host::session::{Input, LinkState, Output, Select, Session};
use rackflash_core::time::{Duration, Instant};
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::Recipe;
use rackflash_sim::setup::{ModuleSetup, Setup};
use rackflash_sim::world::World;

use crate::oracle::Oracle;

/// A host and a rack, joined by the rack's cable.
#[derive(Debug)]
pub struct Bench {
    /// The host.
    pub session: Session,
    /// The rack.
    pub world: World,
    /// The host's timers fire at whole multiples of this alone, as a hidden page's do.
    pub timers_every: Duration,
    /// What must hold.
    pub oracle: Oracle,
    wait: Option<Instant>,
    ends: Ends,
}

/// How a scenario ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// When nothing happens any more: then everything is as it must be.
    Settled,
    InTheMiddle,
}

impl Drop for Bench {
    fn drop(&mut self) {
        if self.ends == Ends::Settled && !std::thread::panicking() {
            self.check();
        }
    }
}

impl Bench {
    /// A rack that has been on for a while, and the port opened.
    pub fn new(setup: &Setup) -> Self {
        let mut world = World::new(setup.clone());
        world.run_until(Instant::ZERO + STARTED);
        let mut oracle = Oracle::default();
        oracle.expect_faults(&setup.faults);
        setup.modules.iter().for_each(|module| oracle.expect_installed(module));
        let mut bench = Self {
            session: Session::new(),
            world,
            timers_every: Duration::from_micros(1),
            oracle,
            wait: None,
            ends: Ends::Settled,
        };
        bench.session.handle(Input::Opened { entropy: 1 }, bench.world.now());
        bench.drain();
        bench
    }

    /// Opens the port.
    pub fn open(&mut self, entropy: u32) {
        self.oracle.host_begins();
        self.session.handle(Input::Opened { entropy }, self.world.now());
        self.drain();
    }

    /// The host's end of the cable is pulled or its port closed.
    pub fn close(&mut self) {
        self.session.handle(Input::Closed, self.world.now());
        self.drain();
    }

    /// Offers images as their makers' files would.
    pub fn offer_all<'r>(&mut self, recipes: impl IntoIterator<Item = &'r Recipe>) {
        for recipe in recipes {
            self.offer(&recipe.bytes());
        }
    }

    /// The page is loaded anew: it knows nothing.
    pub fn reload(&mut self) {
        (self.session, self.wait) = (Session::new(), None);
    }

    /// Offers an image.
    pub fn offer(&mut self, bytes: &[u8]) {
        let image = Image::from_binary(bytes, APPLICATION_START).expect("an image");
        self.put(Offer::new(image).expect("an image with a header"));
    }

    /// Offers an image on its own terms.
    pub fn put(&mut self, offer: Offer) {
        for segment in offer.image.segments() {
            self.oracle.offer(segment.bytes(), &self.world);
        }
        self.session.catalog.add(offer);
    }

    /// How each module's update ended, a line each, in the order of the slots.
    pub fn endings(&self) -> String {
        let mut modules = Report::of(&self.session).modules;
        modules.sort_by_key(|module| (module.slot.is_none(), module.slot, module.address));
        let mut lines = String::new();
        for module in &modules {
            let slot = module.slot.map_or("-".to_owned(), |slot| slot.to_string());
            let version =
                |version: &Option<String>| version.clone().unwrap_or("nothing".to_owned());
            let (from, to) = (version(&module.from), version(&module.to));
            let sent = module
                .proof
                .as_ref()
                .map_or(String::new(), |p| format!(" {}/{} pages", p.pages_sent, p.pages));
            let cause = module.cause.map_or(String::new(), |cause| format!(" {cause}"));
            let gone = if module.present { "" } else { " gone" };
            let (name, state, outcome) = (&module.name, module.state, module.outcome);
            lines +=
                &format!("{slot}: {name} {from} -> {to} {state}: {outcome}{cause}{sent}{gone}\n");
        }
        lines
    }

    /// Whether everything is as it must be when nothing happens any more: see [`Oracle`].
    ///
    /// # Panics
    /// If it is not.
    pub fn check(&mut self) {
        self.oracle.check_after(&self.world, &self.session);
    }

    /// What is looked at happens in the middle, and nobody waits for the end: only what holds at every moment is checked.
    pub fn ends_in_the_middle(&mut self) {
        self.ends = Ends::InTheMiddle;
    }

    /// Puts a new module into the rack; returns its number.
    pub fn add(&mut self, module: &ModuleSetup) -> usize {
        self.oracle.expect_installed(module);
        self.world.add(module)
    }

    /// Runs until every module is known.
    pub fn detect(&mut self) -> Duration {
        self.run_until(Duration::from_secs(10), |bench| {
            bench.session.link_state() == LinkState::Up && !bench.session.is_detecting()
        })
    }

    /// The click on **Update all**.
    pub fn click(&mut self) {
        self.session.update(&Select::All, self.world.now());
        self.drain();
    }

    /// Updates all, and runs until the last has ended.
    pub fn update_all(&mut self, within: Duration) -> Duration {
        self.click();
        self.run_until(within, Self::is_done)
    }

    /// Begins with what an engineer asks of a module.
    pub fn ask(&mut self, module: usize, wish: Wish) -> Errand {
        let uid = self.world.modules()[module].uid();
        let loan = self.session.lend(uid).expect("the module is free");
        let mut errand = Errand::new(loan, uid, wish);
        self.go_on(&mut errand);
        errand
    }

    /// The session does what is asked next, if anything is.
    pub fn go_on(&mut self, errand: &mut Errand) {
        if errand.go_on() {
            self.session.handle(Input::Wake, self.world.now());
            self.drain();
        }
    }

    /// What an engineer asks of a module, and its answer.
    pub fn serve(&mut self, module: usize, wish: Wish) -> Result<Vec<u8>, Problem> {
        let errand = self.ask(module, wish);
        self.wait_for(errand)
    }

    /// The answer to what an engineer has asked.
    pub fn wait_for(&mut self, mut errand: Errand) -> Result<Vec<u8>, Problem> {
        let start = self.world.now();
        while !errand.is_over() {
            assert!(self.world.now().since(start) < SERVED, "not done:\n{}", tail(&self.session));
            self.step(start + SERVED);
            self.go_on(&mut errand);
        }
        errand.into_answer().expect("it is there")
    }

    /// Whether no update is under way.
    pub fn is_done(&self) -> bool {
        self.session.job().is_none_or(|job| job.ended.is_some())
    }

    /// Runs until `done`; returns how long that took.
    ///
    /// # Panics
    /// If it takes longer than `within`.
    pub fn run_until(&mut self, within: Duration, done: impl Fn(&Self) -> bool) -> Duration {
        let start = self.world.now();
        while !done(self) {
            let took = self.world.now().since(start);
            assert!(took <= within, "not done within {within:?}:\n{}", tail(&self.session));
            self.step(start + within + Duration::from_millis(1));
        }
        self.world.now().since(start)
    }

    /// Runs for so long.
    pub fn run(&mut self, duration: Duration) {
        let end = self.world.now() + duration;
        while self.world.now() < end {
            self.step(end);
        }
    }

    /// Up to the next thing that concerns the host, or to `end`.
    pub fn step(&mut self, end: Instant) {
        let until = self.wait.map_or(end, |wait| wait.min(end));
        self.world.run_until_heard(until);
        self.hear();
    }

    /// The same, and looks at the world after each thing that happens.
    pub fn step_watched(&mut self, end: Instant, mut watch: impl FnMut(&World)) {
        let until = self.wait.map_or(end, |wait| wait.min(end));
        while !self.world.has_arrived() && self.world.now() < until {
            let next = self.world.next_event().unwrap_or(until);
            self.world.run_until_heard(next.min(until));
            watch(&self.world);
        }
        self.hear();
    }

    /// The host takes in what has arrived, or that time has passed.
    fn hear(&mut self) {
        let mut bytes = Vec::new();
        self.world.read(&mut bytes);
        let input = if bytes.is_empty() { Input::Wake } else { Input::Link(&bytes) };
        self.session.handle(input, self.world.now());
        self.drain();
        self.oracle.check_during(&self.world);
    }

    /// Sends what the session has to say.
    pub fn drain(&mut self) {
        loop {
            match self.session.poll(self.world.now()) {
                Output::Send(bytes) => self.world.write(&bytes),
                Output::Wait(at) => {
                    let every = self.timers_every.as_micros();
                    self.wait =
                        at.map(|at| Instant::from_micros(at.micros().next_multiple_of(every)));
                    return;
                }
            }
        }
    }
}

/// Writing all pages of the largest chip takes 20 s.
const SERVED: Duration = Duration::from_secs(60);

/// When every application runs.
pub(crate) const STARTED: Duration = Duration::from_secs(1);

fn tail(session: &Session) -> String {
    let text = session.transcript().to_string();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
