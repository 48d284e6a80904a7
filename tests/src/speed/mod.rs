//! How fast we are: one list of cases, each measured with our host, with a stop-and-wait host and with ST's ROM loader in
//! the same simulated physics, and held against what the physics allow. Virtual time: the same on every machine.
//!
//! - `cases`: the list, its racks and its goals; `rack`: the floor.
//! - `ours`, `stop_and_wait`, `rom_loader`: the three hosts; `plain`: what the last two have in common.
//!
//! Flash takes 3.28 ms an operation, a round trip over USB 4 ms, where the case does not say otherwise. The modules are known
//! when the clock starts, for all three.

mod cases;
mod ours;
mod plain;
mod rack;
mod rom_loader;
mod stop_and_wait;

use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;

use rackflash_core::time::Duration;
use serde_json::{Value, json};

use cases::{CASES, Case, Goal, Rivals};
use ours::Ours;

/// What was measured: a row for each case.
#[derive(Debug)]
pub struct Table(Vec<Row>);

#[derive(Debug)]
struct Row {
    case: &'static Case,
    floor: f64,
    /// Of all seeds, the fastest first.
    ours: Vec<Ours>,
    stop_and_wait: Option<stop_and_wait::Time>,
    rom_loader: Option<rom_loader::Time>,
}

impl Table {
    /// Measures everything, on all processors.
    ///
    /// # Panics
    /// When a module does not hold its image at the end of a case.
    pub fn measure() -> Self {
        let (next, rows) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some(case) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let row = Row::measure(case);
                        rows.lock().expect("no other case has failed").push(row);
                    }
                });
            }
        });
        let mut rows = rows.into_inner().expect("no case has failed");
        rows.sort_by_key(|row| CASES.iter().position(|case| case.name == row.case.name));
        Self(rows)
    }

    /// The goals that were missed, a line each.
    pub fn missed(&self) -> String {
        let missed = self.0.iter().flat_map(|row| {
            let goals = row.case.goals.iter().filter(|goal| !self.is_met(row, goal));
            goals.map(|goal| format!("{}: {goal}\n", row.case.name))
        });
        missed.collect()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let row = |row: &Row| {
            json!({
                "case": row.case.name,
                "floor_s": row.floor(),
                "ours_s": row.ours(),
                "stop_and_wait_s": row.stop_and_wait.map(|time| time.took.as_secs_f64()),
                "rom_loader_s": row.rom_loader.map(|time| time.took.as_secs_f64()),
                "flash_ops": row.worst().flash_ops,
                "bus_bytes": row.worst().bus_bytes,
            })
        };
        self.0.iter().map(row).collect()
    }

    fn is_met(&self, row: &Row, goal: &Goal) -> bool {
        let measured = self.measured(row, goal);
        // What compares with a case that is not in the table is not a number, and meets nothing.
        match *goal {
            Goal::Floor(times) | Goal::AtMost(times, _) => measured <= times,
            Goal::Faster(times, _) | Goal::FasterThanStopAndWait(times) => measured >= times,
            Goal::Later(seconds, _) | Goal::Seconds(seconds) => measured <= seconds,
            Goal::FlashOps(operations) => row.worst().flash_ops <= operations,
            Goal::Told(_) => measured > 0.0,
        }
    }

    /// What a goal is about.
    fn measured(&self, row: &Row, goal: &Goal) -> f64 {
        let ours = row.ours();
        let other = |name: &str| {
            self.0.iter().find(|row| row.case.name == name).map_or(f64::NAN, Row::ours)
        };
        match *goal {
            Goal::Floor(_) => ours / row.floor,
            Goal::AtMost(_, case) | Goal::Told(case) => ours / other(case),
            Goal::Later(_, case) => ours - other(case),
            Goal::Faster(_, case) => other(case) / ours,
            Goal::FasterThanStopAndWait(_) => row
                .stop_and_wait
                .map_or(f64::NAN, |theirs| theirs.without_trips.as_secs_f64() / ours),
            Goal::Seconds(_) => ours,
            Goal::FlashOps(_) => row.worst().flash_ops as f64,
        }
    }
}

impl Row {
    fn measure(case: &'static Case) -> Self {
        let mut rack = (case.rack)();
        let first = rack.setup.seed;
        let mut ours: Vec<_> = (first..first + case.seeds)
            .map(|seed| {
                rack.setup.seed = seed;
                ours::measure(&rack, case.until)
            })
            .collect();
        ours.sort_by_key(|ours| ours.took);
        rack.setup.seed = first;
        let (waits, has_rom) = match case.rivals {
            Rivals::Both => (true, true),
            Rivals::StopAndWait(_) => (true, false),
            Rivals::None(_) => (false, false),
        };
        Self {
            case,
            floor: rack.floor(),
            ours,
            stop_and_wait: waits.then(|| stop_and_wait::time(&rack)),
            rom_loader: has_rom.then(|| rom_loader::time(&rack)),
        }
    }

    /// The slowest of all seeds.
    fn worst(&self) -> &Ours {
        self.ours.last().expect("a case has a seed")
    }

    fn ours(&self) -> f64 {
        self.worst().took.as_secs_f64()
    }

    /// Where there is nothing to write physics allow anything.
    fn floor(&self) -> Option<f64> {
        (self.worst().flash_ops > 0).then_some(self.floor)
    }

    /// What the numbers do not say.
    fn remark(&self) -> Option<String> {
        let name = self.case.name;
        let missing = match self.case.rivals {
            Rivals::Both => None,
            Rivals::StopAndWait(why) => Some(format!("no ROM loader: {why}")),
            Rivals::None(why) => Some(format!("no others: {why}")),
        };
        let middle = self.ours[self.ours.len() / 2].took.as_secs_f64();
        let seeds = (self.case.seeds > 1)
            .then(|| format!("the worst of {} seeds, median {middle:.3} s", self.case.seeds));
        let remarks: Vec<_> = seeds.into_iter().chain(missing).collect();
        (!remarks.is_empty()).then(|| format!("{name}: {}", remarks.join("; ")))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = [
            "case",
            "floor",
            "ours",
            "",
            "stop+wait",
            "",
            "no trips",
            "ROM loader",
            "",
            "unread",
            "flash ops",
            "bus bytes",
            "goal",
        ];
        line(f, head.map(str::to_owned))?;
        for row in &self.0 {
            let ours = row.ours();
            let seconds = |time: Option<f64>| time.map_or("-".into(), |time| format!("{time:.3}"));
            let times = |time: Option<Duration>| {
                time.map_or(String::new(), |time| format!("{:.1}x", time.as_secs_f64() / ours))
            };
            let took = |time: Option<Duration>| seconds(time.map(Duration::as_secs_f64));
            let goals = row.case.goals.iter().map(|goal| {
                let measured = self.measured(row, goal);
                let met = match goal {
                    Goal::Told(case) => return format!("({measured:.3} x {case})"),
                    _ if self.is_met(row, goal) => "met",
                    _ => "MISSED",
                };
                format!("{goal}: {met}, {measured:.3}")
            });
            let (wait, rom) = (row.stop_and_wait, row.rom_loader);
            line(
                f,
                [
                    row.case.name.to_owned(),
                    seconds(row.floor()),
                    seconds(Some(ours)),
                    row.floor().map_or(String::new(), |floor| format!("{:.3}x", ours / floor)),
                    took(wait.map(|time| time.took)),
                    times(wait.map(|time| time.took)),
                    times(wait.map(|time| time.without_trips)),
                    took(rom.map(|time| time.took)),
                    times(rom.map(|time| time.took)),
                    times(rom.map(|time| time.unread)),
                    row.worst().flash_ops.to_string(),
                    row.worst().bus_bytes.to_string(),
                    goals.collect::<Vec<_>>().join("; "),
                ],
            )?;
        }
        f.write_str(LEGEND)?;
        self.0.iter().filter_map(Row::remark).try_for_each(|remark| writeln!(f, "{remark}"))
    }
}

const LEGEND: &str = "
x: of the floor; of the others how many times as long as ours. no trips: stop-and-wait if the cable took no time.
unread: the ROM loader without reading back what it wrote. Both write the whole image, whatever a module holds.
";

fn line(f: &mut fmt::Formatter<'_>, cells: [String; 13]) -> fmt::Result {
    let [case, floor, ours, x, wait, of_wait, no_trips, rom, of_rom, unread, ops, bytes, goal] =
        cells;
    write!(f, "{case:26} {floor:>7} {ours:>7} {x:>6} {wait:>9} {of_wait:>6} {no_trips:>8} ")?;
    writeln!(f, "{rom:>10} {of_rom:>6} {unread:>6} {ops:>9} {bytes:>9}  {goal}")
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Floor(times) => write!(f, "at most {times:.2} x floor"),
            Self::AtMost(times, case) => write!(f, "at most {times:.2} x {case}"),
            Self::Faster(times, case) => write!(f, "{times} x faster than {case}"),
            Self::Told(case) => write!(f, "compared with {case}"),
            Self::Later(seconds, case) => write!(f, "at most {seconds} s later than {case}"),
            Self::FasterThanStopAndWait(times) => {
                write!(f, "{times} x faster than stop+wait without trips")
            }
            Self::Seconds(seconds) => write!(f, "at most {seconds} s"),
            Self::FlashOps(operations) => write!(f, "at most {operations} flash ops"),
        }
    }
}
