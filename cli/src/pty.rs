//! The virtual rack on a pseudo-terminal, in real time: for the page, other programs and people without a rack.
//!
//! What the rack says while nobody has the terminal open is lost, as on hardware.

use core::sync::atomic::{AtomicBool, Ordering};
use std::fs;
use std::io::{BufRead, ErrorKind, Read, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant as Clock;

use anyhow::{Context, Result};
use rackflash_core::module::record::Record;
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::Installed;
use rackflash_sim::images;
use rackflash_sim::module::Runs;
use rackflash_sim::setup::Setup;
use rackflash_sim::world::World;
use serde_json::json;
use serialport::{SerialPort, TTYPort};

use crate::Speed;

/// What was asked for.
pub(crate) struct Wanted<'a> {
    pub(crate) path: &'a Path,
    pub(crate) modules: Option<usize>,
    pub(crate) seed: u64,
    pub(crate) speed: Speed,
    pub(crate) images: Option<&'a Path>,
}

/// How often the reading thread looks whether it shall end, or whether somebody has opened the terminal.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// The longest the loop sleeps.
const SLEEP_MAX: Duration = Duration::from_millis(100);
/// How much faster than real time `max` runs: a USB round trip of 4 ms takes 4 us.
const FAST: u32 = 1000;
/// How far the rack's time moves in one step at the most: a few milliseconds' work.
const STEP_MAX: Duration = Duration::from_millis(100);
/// How long power is off when it is cut.
const POWER_OFF: Duration = Duration::from_millis(200);

/// The answer to a command that was carried out.
const OK: &str = "ok";

/// What the threads tell the loop.
enum Event {
    Bytes(Vec<u8>),
    Opened,
    Closed,
    Command(String),
}

/// Runs until `quit` or the end of standard input.
pub(crate) fn run(wanted: &Wanted<'_>) -> Result<ExitCode> {
    if let Some(folder) = wanted.images {
        fs::create_dir_all(folder)?;
        for image in images::new() {
            let file = folder.join(&image.file);
            fs::write(&file, image.hex).with_context(|| file.display().to_string())?;
        }
    }
    let setup = wanted.modules.map_or_else(Setup::demo, Setup::rack);
    let mut world = World::new(Setup { seed: wanted.seed, ..setup });
    let (tell, events) = channel();
    listen_for_commands(tell.clone());
    let mut cable = Some(Cable::plug(wanted.path, tell.clone())?);
    println!("ready {}", wanted.path.display());

    let mut pace = Pace::new(if wanted.speed == Speed::Max { FAST } else { 1 });
    let mut open = false;
    loop {
        let now = pace.next(world.now());
        world.run_until(now);
        let mut said = Vec::new();
        world.read(&mut said);
        if let Some(cable) = cable.as_mut().filter(|_| open && !said.is_empty()) {
            cable.say(&said);
        }
        let sleep = world.next_event().map_or(SLEEP_MAX, |at| at.since(now) / pace.speed);
        match next(&events, sleep.min(SLEEP_MAX)) {
            None => {}
            Some(Event::Bytes(bytes)) => world.write(&bytes),
            Some(Event::Opened) => open = true,
            Some(Event::Closed) => open = false,
            Some(Event::Command(command)) => {
                let answer = match command.split_whitespace().collect::<Vec<_>>()[..] {
                    [] | ["quit"] => return Ok(ExitCode::SUCCESS),
                    ["cable", "out"] => {
                        cable = None;
                        open = false;
                        world.unplug_cable();
                        OK.to_owned()
                    }
                    ["cable", "in"] => {
                        world.plug_cable();
                        // The old one goes first: it takes the terminal's name with it.
                        drop(cable.take());
                        cable = Some(Cable::plug(wanted.path, tell.clone())?);
                        OK.to_owned()
                    }
                    ["modules"] => modules(&world).to_string(),
                    ["pull", module] => act(module, |module| world.pull(module)),
                    ["insert", module] => act(module, |module| world.insert(module)),
                    ["power", module] => act(module, |module| world.cut_power(module, POWER_OFF)),
                    _ => format!("unknown command: {command}"),
                };
                println!("{answer}");
            }
        }
    }
}

/// What time it is in the rack.
struct Pace {
    speed: u32,
    /// When it was what time.
    since: (Clock, Instant),
}

impl Pace {
    fn new(speed: u32) -> Self {
        Self { speed, since: (Clock::now(), Instant::ZERO) }
    }

    /// Behind `last`, the time it was when this was asked last. What a slow machine, or one that slept, cannot catch up
    /// with in one step is let go: else each step would take longer than the one before.
    fn next(&mut self, last: Instant) -> Instant {
        let (clock, at) = self.since;
        let real = Clock::now();
        let now = at + Duration::from(real.duration_since(clock)) * self.speed;
        if now.since(last) <= STEP_MAX {
            return now;
        }
        self.since = (real, last + STEP_MAX);
        last + STEP_MAX
    }
}

fn act(module: &str, act: impl FnOnce(usize)) -> String {
    match module.parse() {
        Ok(module) => {
            act(module);
            OK.to_owned()
        }
        Err(_) => format!("{module} is no module's number"),
    }
}

fn next(events: &Receiver<Event>, wait: Duration) -> Option<Event> {
    match events.recv_timeout(wait.into()) {
        Ok(event) => Some(event),
        Err(RecvTimeoutError::Timeout) => None,
        // The loop holds a sender itself.
        Err(RecvTimeoutError::Disconnected) => Some(Event::Command("quit".to_owned())),
    }
}

fn listen_for_commands(tell: Sender<Event>) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if tell.send(Event::Command(line)).is_err() {
                return;
            }
        }
        // Without more to listen to it goes on: started from a script, it has nothing from the first.
    });
}

/// What each module's flash and EEPROM hold, to compare a report with.
fn modules(world: &World) -> serde_json::Value {
    let modules = world.modules().iter().map(|module| {
        let (runs, version) = match module.runs() {
            Runs::Application(version) => ("application", Some(version.to_string())),
            Runs::Loader(_) => ("loader", None),
            _ => ("nothing", None),
        };
        let image = Record::read(&module.config().identity, module.memory()).map(|record| {
            // Of the flash itself: a record only claims what is there.
            let held = usize::try_from(record.installed.len).ok();
            let held = held.and_then(|len| module.memory().application().get(..len));
            let digest = held.map(|held| format!("{:08x}", digest(held)));
            let Installed { version, len, .. } = record.installed;
            json!({ "version": version.to_string(), "len": len, "digest": digest })
        });
        json!({
            "uid": module.uid().to_string(),
            "runs": runs,
            "version": version,
            "operations": module.memory().operations(),
            "image": image,
            "eeprom": format!("{:08x}", digest(module.memory().eeprom())),
        })
    });
    modules.collect()
}

/// A plugged-in cable: the terminal, its name, and the thread that reads it.
struct Cable<'a> {
    path: &'a Path,
    master: Option<TTYPort>,
    end: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl<'a> Cable<'a> {
    fn plug(path: &'a Path, tell: Sender<Event>) -> Result<Self> {
        let (mut master, slave) = TTYPort::pair().context("no pseudo-terminal can be had")?;
        let name = slave.name().context("the pseudo-terminal has no name")?;
        drop(slave);
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).context(path.display().to_string());
            }
            _ => symlink(&name, path).with_context(|| path.display().to_string())?,
        }
        master.set_timeout(LOOK_EVERY.into())?;
        let mut reader = master.try_clone_native()?;
        let end = Arc::new(AtomicBool::new(false));
        let ending = end.clone();
        let reader = std::thread::spawn(move || {
            let mut open = false;
            let mut buffer = [0; 4096];
            while !ending.load(Ordering::Relaxed) {
                let now_open = match reader.read(&mut buffer) {
                    Ok(len) if len > 0 => {
                        let _ = tell.send(Event::Opened);
                        let _ = tell.send(Event::Bytes(buffer[..len].to_vec()));
                        open = true;
                        continue;
                    }
                    Err(error) if error.kind() == ErrorKind::TimedOut => true,
                    _ => {
                        std::thread::sleep(LOOK_EVERY.into());
                        false
                    }
                };
                if now_open != open {
                    open = now_open;
                    let _ = tell.send(if open { Event::Opened } else { Event::Closed });
                }
            }
        });
        Ok(Self { path, master: Some(master), end, reader: Some(reader) })
    }

    /// What the terminal does not take at once is lost.
    fn say(&mut self, bytes: &[u8]) {
        if let Some(master) = &mut self.master {
            let _ = master.write_all(bytes);
        }
    }
}

impl Drop for Cable<'_> {
    /// Pulls the plug: whoever has the terminal open learns it at once.
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        self.master = None;
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        let _ = fs::remove_file(self.path);
    }
}
