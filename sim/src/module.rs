//! A module: its power, its chip, and core's real loader and responder on it.
//!
//! Fault model: power lost at any moment, being pulled out, an application that hangs (its watchdog resets it), a line
//! that is held, a clock that is stretched, an address that is not acknowledged for a while. While a reset runs, and until the code behind it is up, it does not
//! acknowledge its address.
//!
//! The CPU is not simulated. An application "runs" if its image has a header and vectors that can be meant; then core's
//! responder answers for it. A piece of work is done at the start of the time it is charged with.

use rackflash_core::module::boot::{self, Asked};
use rackflash_core::module::loader::Loader;
use rackflash_core::module::responder::Responder;
use rackflash_core::module::{Chip, Config, FlashEnd, FlashOp, Step};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::header::{HEADER_OFFSET, ImageHeader};
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::message::Bus;
use rackflash_core::wire::module::Uid;
use rackflash_core::wire::version::Version;

use crate::NEVER;
use crate::chip::{read_time, step_time, write_time};
use crate::images;
use crate::lines::Lines;
use crate::memory::{Ended, Memory};
use crate::rng::Rng;
#[cfg(feature = "rom")]
use crate::rom::{self, Rom};
use crate::setup::{Arbitration, Incident, Release};
pub use crate::starts::{Runs, Start};

/// Page frames that a loader holds: 4.4 KB of the 20 KB of RAM.
pub const RING: usize = 32;
/// From a reset to the first instruction of the loader, with the clock switched to 32 MHz.
pub const RESTART_TIME: Duration = Duration::from_millis(2);
/// From an application's first instruction until it answers.
pub const APPLICATION_TIME: Duration = Duration::from_millis(5);
/// An application that hangs is reset by its watchdog after so long.
pub const WATCHDOG_TIME: Duration = Duration::from_millis(500);
/// Starts that are remembered, the newest.
const STARTS_MAX: usize = 256;

/// One module of the rack.
#[derive(Debug)]
pub struct Module {
    bus: Bus,
    slot: usize,
    config: Config,
    pub(crate) arbitration: Arbitration,
    pub(crate) hangs: Vec<Release>,
    memory: Memory,
    code: Code,
    /// When the code goes on, the flash ends, or the power comes back.
    wake: Instant,
    starts: Vec<Start>,
    /// Counts what makes the module forget a transaction it is in.
    epoch: u32,
    pub(crate) interruptions: u32,
    pub(crate) lines: Lines,
    blinks_until: Instant,
    longest_hold: Duration,
    rng: Rng,
}

/// What the CPU does.
#[derive(Debug)]
enum Code {
    /// It has no power: cut until `wake`, or pulled out.
    Off,
    Pulled,
    Resetting(Asked),
    Checked(boot::Start),
    CountingAttempt,
    Launching,
    Loader(Box<Loader<RING>>, Why),
    Application(Box<Responder>, Version),
    Hung,
    #[cfg(feature = "rom")]
    Rom(Box<Rom>),
}

impl Module {
    pub(crate) fn new(bus: Bus, slot: usize, config: Config, memory: Memory, rng: Rng) -> Self {
        Self {
            bus,
            slot,
            config,
            arbitration: Arbitration::Works,
            hangs: Vec::new(),
            memory,
            code: Code::Pulled,
            wake: NEVER,
            starts: Vec::new(),
            epoch: 0,
            interruptions: 0,
            lines: Lines::SOUND,
            blinks_until: Instant::ZERO,
            longest_hold: Duration::ZERO,
            rng,
        }
    }

    /// Its flash and EEPROM.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What it runs now.
    pub fn runs(&self) -> Runs {
        match &self.code {
            Code::Off | Code::Pulled => Runs::Nothing,
            Code::Resetting(_) | Code::Checked(_) | Code::CountingAttempt | Code::Launching => {
                Runs::Starting
            }
            Code::Loader(_, why) => Runs::Loader(*why),
            Code::Application(_, version) => Runs::Application(*version),
            Code::Hung => Runs::Hung,
            #[cfg(feature = "rom")]
            Code::Rom(_) => Runs::Rom,
        }
    }

    /// What has begun to run so far, the newest last.
    pub fn starts(&self) -> &[Start] {
        &self.starts
    }

    /// Its silicon's number.
    pub fn uid(&self) -> Uid {
        self.config.identity.uid
    }

    /// What it is.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The slot it belongs to.
    pub fn slot(&self) -> usize {
        self.slot
    }

    /// The bus it is wired to.
    pub fn bus(&self) -> Bus {
        self.bus
    }

    /// Whether it sits in its slot.
    pub fn is_inserted(&self) -> bool {
        !matches!(self.code, Code::Pulled)
    }

    /// Whether its light blinks.
    pub fn is_blinking(&self, now: Instant) -> bool {
        now < self.blinks_until
    }

    /// The longest that it has kept the bus waiting by the time its code takes, as it was counted. It is told, and costs nobody
    /// bus time: the tests hold it against what the loader promises.
    pub fn longest_hold(&self) -> Duration {
        self.longest_hold
    }

    /// The interrupt comes when the step that runs has ended, and takes so long.
    fn hold(&mut self, interrupt: Duration, now: Instant) {
        let is_in_step = self.wake != NEVER && self.memory.ends().is_none();
        let step = if is_in_step { self.wake.since(now) } else { Duration::ZERO };
        self.longest_hold = self.longest_hold.max(step + interrupt);
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(crate) fn wake(&self) -> Instant {
        self.wake
    }

    // What the bus does with it.

    pub(crate) fn hears(&self, address: Address, now: Instant) -> bool {
        match &self.code {
            _ if self.lines.is_deaf(now) => false,
            Code::Loader(loader, _) => loader.listens(address),
            Code::Application(responder, _) => responder.listens(address),
            #[cfg(feature = "rom")]
            Code::Rom(_) => address == rom::ADDRESS,
            _ => false,
        }
    }

    pub(crate) fn on_write(&mut self, to: Address, frame: &[u8], now: Instant) {
        self.hold(write_time(frame.len()), now);
        match &mut self.code {
            Code::Loader(loader, _) => loader.on_write(to, frame),
            Code::Application(responder, _) => responder.on_write(to, frame),
            #[cfg(feature = "rom")]
            Code::Rom(rom) => rom.on_write(frame),
            _ => return,
        }
        // An idle CPU looks at once; a busy one when it is done.
        if self.wake == NEVER {
            self.wake = now;
        }
    }

    pub(crate) fn on_read(&mut self, from: Address, bytes: &mut [u8], now: Instant) {
        self.hold(read_time(bytes.len()), now);
        match &mut self.code {
            Code::Loader(loader, _) => loader.on_read(from, bytes),
            Code::Application(responder, _) => responder.on_read(from, bytes),
            #[cfg(feature = "rom")]
            Code::Rom(rom) => rom.on_read(&self.memory, bytes),
            _ => bytes.fill(0xff),
        }
        if let Some(lie) = self.lines.lie {
            lie(from, bytes);
        }
    }

    // What happens to it.

    pub(crate) fn suffer(&mut self, incident: Incident, now: Instant) {
        match incident {
            Incident::CutPower { off, .. } => self.cut_power(off, now),
            Incident::CutAt { at, .. } => self.memory.cut_at(at),
            Incident::Wear { wear, .. } => self.memory.wear(wear),
            Incident::Pull { .. } => {
                self.lose_power();
                (self.code, self.wake) = (Code::Pulled, NEVER);
            }
            Incident::Insert { .. } => self.insert(now),
            Incident::Hold { .. } | Incident::MissClocks { .. } if !self.has_power() => {}
            Incident::Hold { .. }
            | Incident::MissClocks { .. }
            | Incident::Deaf { .. }
            | Incident::Stretch { .. } => self.lines.suffer(incident, now),
            Incident::Replace { .. } => {
                self.lose_power();
                self.memory.renew();
                self.config.identity.uid = Uid(self.rng.array());
                self.starts.clear();
                self.lines = Lines::SOUND;
                self.wake = now;
            }
            // These are not a module's.
            Incident::UnplugCable
            | Incident::PlugCable
            | Incident::Stall(_)
            | Incident::PowerCut(_)
            | Incident::ResetBase
            | Incident::BusNoise(_) => {}
        }
    }

    fn cut_power(&mut self, off: Duration, now: Instant) {
        match self.code {
            Code::Pulled => {}
            // The longer of two cuts counts.
            Code::Off => self.wake = self.wake.max(now + off),
            _ => {
                self.lose_power();
                self.wake = now + off;
            }
        }
    }

    pub(crate) fn insert(&mut self, now: Instant) {
        if !self.is_inserted() {
            (self.code, self.wake) = (Code::Off, now);
        }
    }

    /// A reset with BOOT0 high.
    #[cfg(feature = "rom")]
    pub(crate) fn start_rom(&mut self, now: Instant) {
        self.lose_power();
        self.run(Code::Rom(Box::new(Rom::new(&self.memory))), now);
        self.wake = NEVER;
    }

    /// Its power goes; when it comes back, these are its memories.
    pub(crate) fn transplant(&mut self, memory: Memory, now: Instant) {
        self.cut_power(Duration::ZERO, now);
        self.memory = memory;
    }

    fn has_power(&self) -> bool {
        !matches!(self.code, Code::Off | Code::Pulled)
    }

    fn lose_power(&mut self) {
        self.memory.lose_power();
        self.interrupt();
        self.forget();
        self.code = Code::Off;
    }

    fn forget(&mut self) {
        self.epoch += 1;
        self.lines.reset();
        self.blinks_until = Instant::ZERO;
    }

    fn reset(&mut self, asked: Asked, now: Instant) {
        self.memory.lose_power();
        // These two are kept in RAM that a reset leaves alone.
        match &self.code {
            Code::Loader(loader, _) => self.config.assigned = loader.assigned(),
            Code::Application(responder, _) => self.config.assigned = responder.assigned(),
            _ => {}
        }
        self.config.identity.starts = self.config.identity.starts.wrapping_add(1);
        self.forget();
        self.code = Code::Resetting(asked);
        self.wake = now + RESTART_TIME;
    }

    /// Its time has come: the CPU goes on, the flash ends, or the power is back.
    pub(crate) fn go_on(&mut self, now: Instant) {
        self.memory.now = now;
        self.wake = NEVER;
        if self.memory.ends().is_some() {
            match self.memory.end() {
                Ended::Done(end) => self.flash_ended(end),
                Ended::PowerLost(at) => return self.cut_power(at.off, now),
            }
        }
        match self.code {
            Code::Pulled => {}
            Code::Off => {
                self.reset(Asked::Nothing, now);
                // After a loss of power the RAM holds anything.
                self.config.identity.starts = self.rng.byte();
                self.config.assigned = None;
            }
            Code::Resetting(asked) => {
                self.memory.bytes_read.set(0);
                let start = boot::decide(&self.config, &self.memory, asked);
                self.code = Code::Checked(start);
                self.wake = now + step_time(self.memory.bytes_read.get());
            }
            Code::Checked(boot::Start::Loader(why)) => {
                let mut loader = Box::new(Loader::new());
                loader.start(&self.config, why, &self.memory);
                self.run(Code::Loader(loader, why), now);
                self.step(now);
            }
            Code::Checked(boot::Start::Application { attempt: Some(address) }) => {
                self.memory.start(FlashOp::ProgramWord { address, word: boot::ATTEMPT });
                self.code = Code::CountingAttempt;
                self.wake = self.memory.ends().unwrap_or(now);
            }
            Code::Checked(boot::Start::Application { attempt: None }) | Code::CountingAttempt => {
                self.code = Code::Launching;
                self.wake = now + APPLICATION_TIME;
            }
            Code::Launching => self.launch(now),
            Code::Loader(..) | Code::Application(..) => self.step(now),
            #[cfg(feature = "rom")]
            Code::Rom(ref rom) if rom.has_jumped() => self.launch(now),
            #[cfg(feature = "rom")]
            Code::Rom(_) => self.step(now),
            Code::Hung => self.reset(Asked::Nothing, now),
        }
    }

    fn launch(&mut self, now: Instant) {
        match self.application() {
            Some(version) => {
                let responder = Responder::new(&self.config, &self.memory);
                self.run(Code::Application(Box::new(responder), version), now);
                self.step(now);
            }
            None => {
                self.interrupt();
                self.run(Code::Hung, now);
                self.wake = now + WATCHDOG_TIME;
            }
        }
    }

    /// The version of the application in the flash, if the CPU can run it.
    fn application(&self) -> Option<Version> {
        let image = self.memory.application();
        let header = ImageHeader::parse(image.get(HEADER_OFFSET as usize..)?).ok()?;
        let release = Release { module_type: header.module_type, version: header.version };
        let runs = images::has_plausible_vectors(image) && !self.hangs.contains(&release);
        runs.then_some(header.version)
    }

    fn run(&mut self, code: Code, now: Instant) {
        self.code = code;
        if self.starts.len() == STARTS_MAX {
            self.starts.remove(0);
        }
        self.starts.push(Start { at: now, runs: self.runs(), openings: self.openings() });
    }

    fn flash_ended(&mut self, end: FlashEnd) {
        match &mut self.code {
            Code::Loader(loader, _) => loader.flash_ended(end),
            Code::Application(responder, _) => responder.flash_ended(end),
            #[cfg(feature = "rom")]
            Code::Rom(rom) => rom.flash_ended(),
            _ => {}
        }
    }

    fn step(&mut self, now: Instant) {
        self.wake = NEVER;
        // A `Blink` is the only step that takes no time; two in a row would be a loop.
        for _ in 0..2 {
            let step = match &mut self.code {
                Code::Loader(loader, _) => loader.step(&mut self.memory),
                Code::Application(responder, _) => responder.step(&mut self.memory),
                #[cfg(feature = "rom")]
                Code::Rom(rom) => match rom.step(&mut self.memory) {
                    // Without a reset. Until what it has jumped to is up, its last answer can be read.
                    Step::RestartApplication => return self.wake = now + APPLICATION_TIME,
                    step => step,
                },
                _ => return,
            };
            match step {
                Step::Idle => return,
                Step::Again { bytes } => return self.wake = now + step_time(bytes.into()),
                Step::Flash => return self.wake = self.memory.ends().unwrap_or(now),
                Step::RestartLoader => return self.reset(Asked::Loader, now),
                Step::RestartApplication => return self.reset(Asked::Application, now),
                Step::Blink { seconds } => {
                    self.blinks_until = now + Duration::from_secs(seconds.into());
                }
            }
        }
        self.wake = now + step_time(0);
    }
}
