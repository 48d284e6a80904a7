//! Many scenarios, on all cores, and what came of them. Refuses to stop at the first failure.

use core::any::Any;
use core::cell::RefCell;
use core::fmt;
use core::ops::Range;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::BTreeMap;
use std::io;
use std::panic;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use rackflash_core::time::Duration;

use super::run::{Passed, Transcript, run};

/// How many times real time a core is to simulate: two of them 2,000 times. By the time that the threads have a processor,
/// which other work on the machine hardly changes.
const GOAL: f64 = 1_000.0;

/// What came of many scenarios.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many were run.
    pub seeds: u64,
    /// Those that failed, and why: a line each.
    pub failures: BTreeMap<u64, String>,
    /// The time that passed in all of them together.
    pub simulated: Duration,
    /// Of it, without the waits in which nothing is to happen.
    pub eventful: Duration,
    /// The time that passed outside.
    pub took: core::time::Duration,
    /// The time that all threads together had a processor.
    pub computed: core::time::Duration,
}

impl Summary {
    /// Whether a core simulates as fast as it is to.
    pub fn is_fast(&self) -> bool {
        self.times() >= GOAL
    }

    /// How many times real time a core simulates.
    fn times(&self) -> f64 {
        self.simulated.as_secs_f64() / self.computed.as_secs_f64()
    }
}

/// Runs the scenarios of these seeds, on all cores.
pub fn soak(seeds: Range<u64>) -> Summary {
    let (next, start, before) = (AtomicU64::new(seeds.start), Instant::now(), on_processor());
    let summary = Mutex::new(Summary::default());
    let quiet = Quiet::new();
    thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let outcome = attempt(seed, None);
                    let mut summary =
                        summary.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    summary.seeds += 1;
                    match outcome {
                        Ok(passed) => {
                            summary.simulated = summary.simulated + passed.all;
                            summary.eventful = summary.eventful + passed.eventful;
                        }
                        Err(why) => {
                            // At once, and whole lines are flushed: a million of them takes a night.
                            println!("seed {seed}: {why}");
                            summary.failures.insert(seed, why);
                        }
                    }
                }
            });
        }
    });
    drop(quiet);
    let mut summary = summary.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    summary.took = start.elapsed();
    summary.computed = on_processor().saturating_sub(before);
    summary
}

/// How long this process has computed; only Linux is asked. Elsewhere it is not known, and no speed is too little.
fn on_processor() -> core::time::Duration {
    #[cfg(target_os = "linux")]
    return core::time::Duration::try_from(rustix::time::clock_gettime(
        rustix::time::ClockId::ProcessCPUTime,
    ))
    .expect("no time is negative");
    #[cfg(not(target_os = "linux"))]
    core::time::Duration::ZERO
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Writes the transcript of one scenario while it runs, to its end or its failure: the same bytes each time. Says whether it
/// passed.
pub fn replay(seed: u64, to: &Transcript) -> io::Result<bool> {
    let quiet = Quiet::new();
    let outcome = attempt(seed, Some(to));
    drop(quiet);
    let mut to = to.borrow_mut();
    match &outcome {
        Ok(passed) => writeln!(to, "passed after {:?}", passed.all)?,
        Err(why) => writeln!(to, "FAILED: {why}")?,
    }
    to.flush()?;
    Ok(outcome.is_ok())
}

fn attempt(seed: u64, transcript: Option<&Transcript>) -> Result<Passed, String> {
    panic::catch_unwind(AssertUnwindSafe(|| run(seed, transcript)))
        .map_err(|why| format!("{}: {}", PLACE.take(), in_a_line(&*why)))
}

thread_local! {
    /// Where this thread panicked.
    static PLACE: RefCell<String> = RefCell::default();
}

fn in_a_line(why: &(dyn Any + Send)) -> String {
    let text = why.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| why.downcast_ref().copied()).unwrap_or("a panic without words");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

type Hook = Box<dyn Fn(&panic::PanicHookInfo<'_>) + Sync + Send>;

/// While it lives, a panic says nothing by itself: it is a failure of its seed.
struct Quiet(Option<Hook>);

impl Quiet {
    fn new() -> Self {
        let before = panic::take_hook();
        panic::set_hook(Box::new(|panic| {
            PLACE.set(panic.location().map(ToString::to_string).unwrap_or_default());
        }));
        Self(Some(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(hook) = self.0.take() {
            panic::set_hook(hook);
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (seed, why) in &self.failures {
            writeln!(f, "seed {seed}: {why}")?;
        }
        let failed = self.failures.len() as u64;
        let (wall, simulated) = (self.took.as_secs_f64(), self.simulated.as_secs_f64());
        let eventful = self.eventful.as_secs_f64();
        writeln!(f, "{} passed, {failed} failed", self.seeds - failed)?;
        writeln!(
            f,
            "{wall:.1} s for {simulated:.0} simulated seconds: {:.0} seeds/s, {:.0} times real time on {} cores",
            self.seeds as f64 / wall,
            simulated / wall,
            cores(),
        )?;
        write!(
            f,
            "{:.0} times real time for each core's second; {:.0} without the waits in which nothing is to happen; at least {GOAL}",
            self.times(),
            eventful / self.computed.as_secs_f64(),
        )
    }
}
