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
    ours: Ours,
    stop_and_wait: Option<f64>,
    rom_loader: Option<f64>,
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
                "stop_and_wait_s": row.stop_and_wait,
                "rom_loader_s": row.rom_loader,
                "flash_ops": row.ours.flash_ops,
                "bus_bytes": row.ours.bus_bytes,
            })
        };
        self.0.iter().map(row).collect()
    }

    fn is_met(&self, row: &Row, goal: &Goal) -> bool {
        let ours = row.ours();
        // A case that is not in the table meets nothing.
        let other = |name: &str| {
            self.0.iter().find(|row| row.case.name == name).map_or(f64::NAN, Row::ours)
        };
        match *goal {
            Goal::Floor(times) => ours <= times * row.floor,
            Goal::AtMost(times, case) => ours <= times * other(case),
            Goal::Faster(times, case) => ours * times <= other(case),
            Goal::FasterThanStopAndWait(times) => {
                row.stop_and_wait.is_some_and(|theirs| ours * times <= theirs)
            }
            Goal::Seconds(seconds) => ours <= seconds,
            Goal::FlashOps(operations) => row.ours.flash_ops <= operations,
        }
    }
}

impl Row {
    fn measure(case: &'static Case) -> Self {
        let rack = (case.rack)();
        let rival = |time: fn(&rack::Rack) -> rackflash_core::time::Duration| {
            (case.rivals == Rivals::Measured).then(|| time(&rack).as_secs_f64())
        };
        Self {
            case,
            floor: rack.floor(),
            ours: ours::measure(&rack, case.until),
            stop_and_wait: rival(stop_and_wait::time),
            rom_loader: rival(rom_loader::time),
        }
    }

    fn ours(&self) -> f64 {
        self.ours.took.as_secs_f64()
    }

    /// Where there is nothing to write physics allow anything.
    fn floor(&self) -> Option<f64> {
        (self.ours.flash_ops > 0).then_some(self.floor)
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
            "ROM loader",
            "",
            "flash ops",
            "bus bytes",
            "goal",
        ];
        line(f, head.map(str::to_owned))?;
        for row in &self.0 {
            let seconds = |time: Option<f64>| time.map_or("-".into(), |time| format!("{time:.3}"));
            let times = |time: Option<f64>, of: f64, digits: usize| {
                time.map_or(String::new(), |time| format!("{:.digits$}x", time / of))
            };
            let goals = row.case.goals.iter().map(|goal| {
                let met = if self.is_met(row, goal) { "met" } else { "MISSED" };
                format!("{goal}: {met}")
            });
            let (floor, ours) = (row.floor(), row.ours());
            line(
                f,
                [
                    row.case.name.to_owned(),
                    seconds(floor),
                    seconds(Some(ours)),
                    floor.map_or(String::new(), |floor| times(Some(ours), floor, 3)),
                    seconds(row.stop_and_wait),
                    times(row.stop_and_wait, ours, 1),
                    seconds(row.rom_loader),
                    times(row.rom_loader, ours, 1),
                    row.ours.flash_ops.to_string(),
                    row.ours.bus_bytes.to_string(),
                    goals.collect::<Vec<_>>().join("; "),
                ],
            )?;
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, cells: [String; 11]) -> fmt::Result {
    let [case, floor, ours, of_floor, wait, of_wait, rom, of_rom, ops, bytes, goal] = cells;
    write!(f, "{case:26} {floor:>8} {ours:>8} {of_floor:>6} {wait:>9} {of_wait:>6} ")?;
    writeln!(f, "{rom:>10} {of_rom:>6} {ops:>9} {bytes:>9}  {goal}")
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Floor(times) => write!(f, "at most {times:.2} x floor"),
            Self::AtMost(times, case) => write!(f, "at most {times:.2} x {case}"),
            Self::Faster(times, case) => write!(f, "{times} x faster than {case}"),
            Self::FasterThanStopAndWait(times) => write!(f, "{times} x faster than stop+wait"),
            Self::Seconds(seconds) => write!(f, "at most {seconds} s"),
            Self::FlashOps(operations) => write!(f, "at most {operations} flash ops"),
        }
    }
}
