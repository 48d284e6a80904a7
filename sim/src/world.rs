//! The rack as a world with one clock: what happens next happens next, and the same seed happens the same way.
//!
//! The shell that owns the world decides how fast its clock runs: a test jumps from event to event, the page calls
//! [`World::run_until`] with the time that has passed on the wall.
//!
//! Fault model: [`Faults`](crate::setup::Faults) from the start, [`Incident`]s at any time. Refuses to see the host's side of
//! the cable: bytes go in and out, and nothing here knows a session.

use core::mem;

use rackflash_core::base::{Base, Block, Config as BaseConfig, Input, Output};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::message::{Bus, List};

use crate::NEVER;
use crate::bus::{BusCounters, Wires};
use crate::cable::{Cable, Dropped, Noise, Plugged};
use crate::memory::Memory;
use crate::module::Module;
use crate::rng::{Rare, Rng};
use crate::setup::{Incident, ModuleSetup, Setup};
use crate::trace::{Event, Tell, Trace};

/// From a base's reset until it answers on USB: the host must find the port again.
pub const BASE_START_TIME: Duration = Duration::from_millis(300);
/// The most modules of a world: the sets of modules on a bus are 64 bits. Twice what a base has slots for.
pub const MODULES_MAX: usize = 64;
/// A base that has more to say at one moment than this never comes to an end.
const OUTPUTS_MAX: usize = 100_000;
const BITS: u64 = 1_000_000_000;
const MILLION: u64 = 1_000_000;

/// A rack with its cable, its power and its faults.
#[derive(Debug)]
pub struct World {
    now: Instant,
    setup: Setup,
    rng: Rng,
    base: Card,
    cable: Cable,
    buses: Vec<Wires>,
    modules: Vec<Module>,
    /// What will happen.
    incidents: Vec<(Instant, Incident)>,
    trace: Trace,
}

/// The base card.
#[derive(Debug)]
enum Card {
    /// Until then it has no power, or starts.
    Off {
        until: Instant,
    },
    On {
        base: Box<Base<Vec<Block>>>,
        wake: Instant,
    },
}

impl World {
    /// Power on, at [`Instant::ZERO`]. The modules need some 100 ms until their applications answer.
    pub fn new(mut setup: Setup) -> Self {
        let rng = Rng::new(setup.seed);
        let faults = &mut setup.faults;
        let noise = |purpose: u64| Noise {
            lost_frames: Rare::new(rng.fork(purpose), faults.link_lost_per_1e6, MILLION),
            flipped_bits: Rare::new(rng.fork(purpose + 1), faults.link_flips_per_1e9, BITS),
            doubled_frames: Rare::new(rng.fork(purpose + 4), faults.link_doubled_per_1e6, MILLION),
            overtaken: Rare::new(rng.fork(purpose + 8), faults.link_overtaken_per_1e6, MILLION),
        };
        let cable = Cable::new(setup.link, noise(1), noise(3));
        let mut buses = Vec::new();
        for (index, info) in (0..).zip(&setup.buses) {
            let fork = |purpose: u64| rng.fork(purpose + u64::from(index));
            let noise = Rare::new(fork(0x100), faults.bus_flips_per_1e9, BITS);
            let late = Rare::new(fork(0x110), faults.bus_late_bits_per_1e9, BITS);
            let taken = Rare::new(fork(0x120), faults.bus_taken_per_1e6, MILLION);
            buses.push(Wires::new(Bus(index), *info, noise, late, taken));
        }
        let incidents = mem::take(&mut faults.incidents);
        let modules = mem::take(&mut setup.modules);
        let mut world = Self {
            now: Instant::ZERO,
            setup,
            base: Card::Off { until: Instant::ZERO },
            cable,
            buses,
            modules: Vec::new(),
            incidents,
            trace: Trace::default(),
            rng,
        };
        for module in modules {
            world.add(&module);
        }
        world.run_until(Instant::ZERO);
        world
    }

    /// Where the clock stands.
    pub fn now(&self) -> Instant {
        self.now
    }

    // The host's end of the cable.

    /// Sends bytes to the base.
    pub fn write(&mut self, bytes: &[u8]) {
        if self.is_connected() {
            self.cable.host_sends(bytes, self.now);
        }
    }

    /// Appends the bytes that have arrived at the host.
    pub fn read(&mut self, bytes: &mut Vec<u8>) {
        bytes.append(&mut self.cable.received);
    }

    /// Whether bytes have arrived at the host.
    pub fn has_arrived(&self) -> bool {
        !self.cable.received.is_empty()
    }

    /// Whether the host sees a port: the cable is in and the base runs.
    pub fn is_connected(&self) -> bool {
        self.cable.plugged == Plugged::In && matches!(self.base, Card::On { .. })
    }

    // The clock.

    /// When something happens next; `None`: nothing ever, if nothing comes from outside.
    pub fn next_event(&self) -> Option<Instant> {
        Some(self.next().0).filter(|at| *at != NEVER)
    }

    /// Lets everything happen up to and including `until`.
    pub fn run_until(&mut self, until: Instant) {
        loop {
            let (at, what) = self.next();
            if at > until || at == NEVER {
                break;
            }
            self.happen(at, what);
        }
        self.now = self.now.max(until);
    }

    /// Lets things happen up to and including `until`, or until bytes arrive at the host.
    pub fn run_until_heard(&mut self, until: Instant) {
        while !self.has_arrived() {
            let (at, what) = self.next();
            if at > until || at == NEVER {
                self.now = self.now.max(until);
                break;
            }
            self.happen(at, what);
        }
    }

    // What goes wrong.

    /// Lets something happen at a later time.
    pub fn schedule(&mut self, at: Instant, incident: Incident) {
        self.incidents.push((at, incident));
    }

    /// Pulls the cable out.
    pub fn unplug_cable(&mut self) {
        self.apply(Incident::UnplugCable);
    }

    /// Puts the cable in.
    pub fn plug_cable(&mut self) {
        self.apply(Incident::PlugCable);
    }

    /// Takes the whole rack's power away for so long.
    pub fn power_cut(&mut self, off: Duration) {
        self.apply(Incident::PowerCut(off));
    }

    /// Takes a module's power away for so long.
    pub fn cut_power(&mut self, module: usize, off: Duration) {
        self.apply(Incident::CutPower { module, off });
    }

    /// Takes a module out of its slot.
    pub fn pull(&mut self, module: usize) {
        self.apply(Incident::Pull { module });
    }

    /// Puts a module back into its slot.
    pub fn insert(&mut self, module: usize) {
        self.apply(Incident::Insert { module });
    }

    /// Resets a module with its BOOT0 pin high: ST's ROM loader runs until it is told to go.
    #[cfg(feature = "rom")]
    pub fn start_rom(&mut self, module: usize) {
        self.modules[module].start_rom(self.now);
    }

    /// Puts another module of the same kind into the place of this one.
    pub fn replace(&mut self, module: usize) {
        self.apply(Incident::Replace { module });
    }

    /// Puts a chip with these memories into the place of a module's own.
    pub fn transplant(&mut self, module: usize, memory: Memory) {
        self.modules[module].transplant(memory, self.now);
    }

    /// Puts a new module into the rack; returns its number.
    pub fn add(&mut self, setup: &ModuleSetup) -> usize {
        let index = self.modules.len();
        assert!(index < MODULES_MAX, "a world has at most {MODULES_MAX} modules");
        let rng = self.rng.fork(0x1000 + index as u64);
        let mut module = setup.build(&self.setup, rng);
        module.insert(self.now);
        self.modules.push(module);
        index
    }

    /// Lets something happen now.
    pub fn apply(&mut self, incident: Incident) {
        let now = self.now;
        self.trace.tell(now, &Event::Incident(incident));
        match incident {
            Incident::UnplugCable | Incident::Stall(_) | Incident::ResetBase => {
                self.interrupt(None);
            }
            // That is the end of one.
            Incident::Stretch { by: Duration::ZERO, .. } => {}
            // Who is beside one that holds the bus is not reached either.
            Incident::Hold { module, .. }
            | Incident::MissClocks { module }
            | Incident::Stretch { module, .. } => {
                let bus = self.modules.get(module).map(Module::bus);
                self.interrupt(bus);
            }
            Incident::Deaf { module, .. } => {
                self.modules.get_mut(module).into_iter().for_each(Module::interrupt);
            }
            _ => {}
        }
        match incident {
            Incident::UnplugCable => {
                self.cable.plugged = Plugged::Out;
                self.cable.lose_all();
            }
            Incident::PlugCable => self.cable.plugged = Plugged::In,
            Incident::Stall(lasts) => self.cable.stall(lasts, now),
            Incident::PowerCut(off) => {
                self.reset_base(off);
                for module in 0..self.modules.len() {
                    self.change(module, Some(Incident::CutPower { module, off }));
                }
            }
            Incident::ResetBase => self.reset_base(Duration::ZERO),
            Incident::BusNoise(flips) => {
                for (bus, index) in self.buses.iter_mut().zip(0x200..) {
                    bus.noise = Rare::new(self.rng.fork(index ^ now.micros() << 16), flips, BITS);
                }
            }
            Incident::CutPower { module, .. }
            | Incident::CutAt { module, .. }
            | Incident::Wear { module, .. }
            | Incident::Pull { module }
            | Incident::Insert { module }
            | Incident::Deaf { module, .. }
            | Incident::Replace { module }
            | Incident::Stretch { module, .. } => self.change(module, Some(incident)),
            Incident::Hold { module, .. } | Incident::MissClocks { module } => {
                self.change(module, Some(incident));
                if let Some(bus) = self.bus_of(module) {
                    bus.hold(now);
                }
            }
        }
    }

    // What tests look at.

    /// The modules, in the order of the set-up; those that were added later behind.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// What went over a bus so far.
    pub fn bus(&self, bus: Bus) -> BusCounters {
        self.buses.get(usize::from(bus.0)).map_or_else(BusCounters::default, |bus| bus.counters)
    }

    /// Bytes from the base that were dropped for want of room.
    pub fn dropped(&self) -> Dropped {
        self.cable.dropped
    }

    /// Tells each event from now on, or no more.
    pub fn tell(&mut self, tell: Option<Tell>) {
        self.trace.to(tell);
    }

    fn next(&self) -> (Instant, What) {
        let mut next = match &self.base {
            Card::Off { until } => (*until, What::Base),
            Card::On { wake, .. } => (*wake, What::Base),
        };
        // Of what happens at one moment the first named happens first.
        let mut consider = |at: Instant, what: What| {
            if at < next.0 {
                next = (at, what);
            }
        };
        consider(self.cable.to_base.next(), What::ToBase);
        consider(self.cable.to_host.next(), What::ToHost);
        for (index, bus) in self.buses.iter().enumerate() {
            consider(bus.ends(), What::Bus(index));
        }
        for (index, module) in self.modules.iter().enumerate() {
            consider(module.wake(), What::Module(index));
        }
        for (index, (at, _)) in self.incidents.iter().enumerate() {
            consider(*at, What::Incident(index));
        }
        next
    }

    fn happen(&mut self, at: Instant, what: What) {
        self.now = self.now.max(at);
        let now = self.now;
        match what {
            What::Base => match &mut self.base {
                Card::Off { .. } => self.start_base(),
                Card::On { base, .. } => base.handle(Input::Wake, now),
            },
            What::ToBase => {
                let bytes = self.cable.to_base.take();
                self.trace.tell(now, &Event::ToBase(bytes));
                if let Card::On { base, .. } = &mut self.base {
                    base.handle(Input::Link(bytes), now);
                }
            }
            What::ToHost => return self.cable.reach_host(),
            What::Bus(index) => {
                let (bus, result) = self.buses[index].end(now, &mut self.modules, &mut self.trace);
                if let Card::On { base, .. } = &mut self.base {
                    base.handle(Input::Transferred(bus, result), now);
                }
            }
            What::Module(index) => return self.change(index, None),
            What::Incident(index) => {
                let (_, incident) = self.incidents.remove(index);
                return self.apply(incident);
            }
        }
        self.drain_base();
    }

    /// Does something to a module, or lets it go on, and tells those who share a bus with it.
    fn change(&mut self, index: usize, incident: Option<Incident>) {
        let now = self.now;
        let Some(module) = self.modules.get_mut(index) else { return };
        let (was, epoch) = (module.runs(), module.epoch());
        match incident {
            Some(incident) => module.suffer(incident, now),
            None => module.go_on(now),
        }
        let (runs, lost) = (module.runs(), module.epoch() != epoch);
        if runs != was {
            self.trace.tell(now, &Event::Runs { module: index, runs });
        }
        if lost && let Some(bus) = self.bus_of(index) {
            bus.lose(index, now);
        }
    }

    /// Something concerns all modules of a bus, or of the whole rack.
    fn interrupt(&mut self, bus: Option<Bus>) {
        let concerned = |module: &&mut Module| bus.is_none_or(|bus| module.bus() == bus);
        self.modules.iter_mut().filter(concerned).for_each(Module::interrupt);
    }

    fn bus_of(&mut self, module: usize) -> Option<&mut Wires> {
        let bus = self.modules.get(module)?.bus();
        self.buses.get_mut(usize::from(bus.0))
    }

    fn reset_base(&mut self, off: Duration) {
        let until = self.now + off + BASE_START_TIME;
        self.base = Card::Off { until };
        self.cable.lose_all();
        for bus in &mut self.buses {
            bus.abandon(&mut self.modules);
        }
    }

    fn start_base(&mut self) {
        let config = BaseConfig {
            name: self.setup.name,
            firmware: self.setup.firmware,
            boot: self.rng.word(),
            buses: List::of(self.setup.buses.iter().copied()),
            slots: List::of(self.setup.slots.iter().copied()),
        };
        let base = Box::new(Base::new(config, vec![Block::EMPTY; self.setup.blocks]));
        self.base = Card::On { base, wake: NEVER };
    }

    /// Does what the base wants until it waits.
    fn drain_base(&mut self) {
        let Card::On { base, wake } = &mut self.base else { return };
        for _ in 0..OUTPUTS_MAX {
            match base.poll(self.now) {
                Output::Link(bytes) => {
                    self.trace.tell(self.now, &Event::ToHost(bytes));
                    self.cable.base_sends(bytes, self.now);
                }
                Output::Transfer(transfer) => {
                    if let Some(bus) = self.buses.get_mut(usize::from(transfer.bus.0)) {
                        bus.start(&transfer, self.now, &mut self.modules);
                    }
                }
                // No pin of this base leads to a module.
                Output::Pin { .. } => {}
                Output::Wait(until) => {
                    // A base that waits for the past is looked at again, a little later.
                    let soon = self.now + Duration::from_micros(1);
                    *wake = until.map_or(NEVER, |until| until.max(soon));
                    return;
                }
            }
        }
        panic!("the base does not come to an end");
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug)]
enum What {
    Base,
    ToBase,
    ToHost,
    Bus(usize),
    Module(usize),
    Incident(usize),
}
