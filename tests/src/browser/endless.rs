//! The other end of a terminal, as fast as it can be: a rack whose time jumps ahead whenever it waits for nothing but time, or
//! an echo. So all the time that passes is the browser's and the terminal's.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant as Clock;

use rackflash_core::time::Duration as RackTime;
use rackflash_core::wire::link::{Decoder, Frame, Kind, Seq};
use rackflash_sim::setup::Setup;
use rackflash_sim::world::World;
use serialport::{SerialPort, TTYPort};

/// A terminal and what is behind it. Ends when it is dropped.
pub struct Endless {
    path: PathBuf,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Held open: a terminal that nobody has open hangs up.
    _slave: TTYPort,
}

#[derive(Default)]
struct Shared {
    end: AtomicBool,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    /// What is to be put behind the terminal.
    next: Option<Behind>,
    traffic: Traffic,
}

/// What is behind the terminal.
#[derive(Debug)]
pub enum Behind {
    /// A rack.
    Rack(Box<Setup>),
    /// Of so many bytes that come, so many go back.
    Echo {
        /// That come.
        of: u64,
        /// That go back.
        back: u64,
        /// How long the echo computes for all of it, on the processor.
        busy: Duration,
    },
}

/// What went over the terminal since [`Endless::put`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    /// Bytes from the browser.
    pub heard: u64,
    /// Bytes to the browser.
    pub said: u64,
    /// How long the rack itself computed, on the processor, while something came or went.
    pub rack: Duration,
}

impl Endless {
    /// A terminal with nothing behind it.
    pub fn new() -> Self {
        let (master, slave) = TTYPort::pair().expect("a pseudo-terminal");
        let path = slave.name().expect("a terminal has a name").into();
        let shared = Arc::<Shared>::default();
        let thread = std::thread::spawn({
            let shared = shared.clone();
            move || shared.live(master)
        });
        Self { path, shared, thread: Some(thread), _slave: slave }
    }

    /// The terminal.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts something else behind it, and counts anew.
    pub fn put(&self, behind: Behind) {
        *self.shared.line() = Line { next: Some(behind), traffic: Traffic::default() };
    }

    /// What went over it so far.
    pub fn traffic(&self) -> Traffic {
        self.shared.line().traffic
    }
}

impl Default for Endless {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.shared.end.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl core::fmt::Debug for Endless {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Endless").field(&self.path).finish()
    }
}

/// How much faster than real time the rack's runs while it waits for nothing from the host: work of a second is done in five
/// milliseconds, if the machine can.
const FAST: u32 = 200;
/// How far the rack's time runs at that pace while the host has something to acknowledge. Less than the 250 ms after which a base
/// says it again: the host's time does not run faster.
const UNHEARD_MAX: RackTime = RackTime::from_millis(200);
/// How long the terminal is waited for when there is nothing else to do.
const IDLE: Duration = Duration::from_millis(1);
/// How long the browser may take to read.
const WRITE: Duration = Duration::from_secs(20);

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self, mut from: TTYPort) {
        let mut to = from.try_clone_native().expect("a second handle");
        to.set_timeout(WRITE).expect("a terminal has a time-out");
        let (mut buffer, mut busy, mut live) = ([0; 65536], false, Live::Nothing);
        while !self.end.load(Ordering::Relaxed) {
            let wait = if busy { Duration::ZERO } else { IDLE };
            from.set_timeout(wait).expect("a terminal has a time-out");
            let len = from.read(&mut buffer).unwrap_or(0);
            let start = Clock::now();
            let mut line = self.line();
            match line.next.take() {
                None => {}
                Some(Behind::Rack(setup)) => live = Live::Rack(Box::new(Rack::new(*setup))),
                Some(Behind::Echo { of, back, busy }) => live = Live::Echo { of, back, busy },
            }
            line.traffic.heard += len as u64;
            let said = match &mut live {
                Live::Nothing => Vec::new(),
                Live::Echo { of, back, busy } => {
                    let until = on_processor() + busy.mul_f64(len as f64 / *of as f64);
                    while on_processor() < until {}
                    let due = line.traffic.heard * *back / *of - line.traffic.said;
                    vec![0x55; usize::try_from(due).expect("what came")]
                }
                Live::Rack(rack) => {
                    let before = on_processor();
                    let said = rack.live(&buffer[..len], start);
                    if len > 0 || !said.is_empty() {
                        line.traffic.rack += on_processor() - before;
                    }
                    said
                }
            };
            line.traffic.said += said.len() as u64;
            drop(line);
            busy = len > 0 || !said.is_empty();
            // What a browser does not take is lost, as on hardware.
            let _ = to.write_all(&said);
        }
    }
}

/// How long this thread has computed. Not what the clock says: on a machine with other work to do that is longer.
fn on_processor() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("no time is negative")
}

/// What is behind the terminal now.
enum Live {
    Nothing,
    Rack(Box<Rack>),
    Echo { of: u64, back: u64, busy: Duration },
}

/// A rack and what tells how fast its time may run.
struct Rack {
    world: World,
    clock: Clock,
    from_host: Decoder,
    from_base: Decoder,
    /// The number that the host expects next, and the one that the base's next message has.
    ack: Seq,
    next: Seq,
    /// How far the rack's time has run while the two differ.
    unheard: RackTime,
}

impl Rack {
    fn new(setup: Setup) -> Self {
        Self {
            world: World::new(setup),
            clock: Clock::now(),
            from_host: Decoder::new(),
            from_base: Decoder::new(),
            ack: Seq(0),
            next: Seq(0),
            unheard: RackTime::ZERO,
        }
    }

    /// Hears what the host said, lives on until it has an answer or its time is up, and returns the answer.
    fn live(&mut self, mut heard: &[u8], now: Clock) -> Vec<u8> {
        self.world.write(heard);
        let before = self.ack;
        while let Some(frame) = self.from_host.next(&mut heard) {
            self.ack = frame.map_or(self.ack, |frame| frame.ack);
        }
        if self.ack == self.next || self.ack != before {
            self.unheard = RackTime::ZERO;
        }
        let real = RackTime::from(now.duration_since(self.clock));
        self.clock = now;
        let mut time = real * FAST;
        if self.ack != self.next {
            time = time.min((UNHEARD_MAX - self.unheard.min(UNHEARD_MAX)).max(real));
        }
        let start = self.world.now();
        self.world.run_until_heard(start + time);
        self.unheard = self.unheard + (self.world.now() - start);
        let mut said = Vec::new();
        self.world.read(&mut said);
        let mut bytes = &said[..];
        while let Some(frame) = self.from_base.next(&mut bytes) {
            if let Ok(Frame { kind, seq, .. }) = frame {
                self.next = if kind == Kind::Message { seq.next() } else { seq };
            }
        }
        said
    }
}
