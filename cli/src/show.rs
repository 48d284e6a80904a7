//! What a terminal shows: a table of the rack, and a progress bar a module.

use core::fmt::Write;
use std::collections::BTreeMap;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use rackflash_core::host::rack::Module;
use rackflash_core::host::session::Session;
use rackflash_core::host::view::{ModuleView, View};
use rackflash_core::time::Instant;

/// The rack, a line a module.
pub(crate) fn table(session: &Session, now: Instant) -> String {
    let view = View::of(session, now);
    let mut out = String::new();
    if let Some(base) = &view.base {
        let _ = writeln!(out, "{} (firmware {})", base.name, base.firmware);
    }
    for slot in &view.slots {
        let number = slot.slot.map_or("  -".to_owned(), |number| format!("{number:3}"));
        let _ = match &slot.module {
            None => writeln!(out, "{number}  empty"),
            Some(m) => {
                let installed = m.installed.as_deref().unwrap_or("nothing");
                writeln!(
                    out,
                    "{number}  {:12}  {}  {installed:10}  {}",
                    m.name,
                    m.serial,
                    state(m, session)
                )
            }
        };
    }
    let rack = session.rack();
    for (bus, problem) in &rack.bus_problems {
        let slots: Vec<_> = rack.slots_on(*bus).iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "Bus of slots {}: {problem}.", slots.join(", "));
    }
    let mut modules = view.slots.iter().filter_map(|slot| slot.module.as_ref());
    // Of a bus that is not well the cause is told already.
    if rack.bus_problems.is_empty() && modules.all(|module| module.gone) {
        out.push_str(
            "No module answers. Check that the rack has power and that modules sit firmly.\n",
        );
    }
    out
}

fn state(module: &ModuleView, session: &Session) -> String {
    if module.gone {
        return "gone".to_owned();
    }
    let rack = session.rack();
    let known = rack.modules.iter().find(|known| known.identity.uid.to_string() == module.uid);
    if let Some(problem) = known.and_then(Module::problem) {
        return format!("{}: {problem}", module.phase);
    }
    match (module.phase, &module.available, module.why) {
        ("updated", ..) => "updated".to_owned(),
        ("current", ..) => "up to date".to_owned(),
        (_, Some(available), _) => format!("{available} available"),
        (_, None, Some(why)) => format!("waits in its loader ({why})"),
        (_, None, None) => "runs".to_owned(),
    }
}

/// A bar a module that is being updated.
pub(crate) struct Bars {
    all: MultiProgress,
    bars: BTreeMap<String, ProgressBar>,
}

/// Steps of a bar: finer than any terminal is wide.
const STEPS: u16 = 1000;

impl Bars {
    pub(crate) fn new() -> Self {
        Self { all: MultiProgress::new(), bars: BTreeMap::new() }
    }

    pub(crate) fn show(&mut self, view: &View) {
        for slot in &view.slots {
            let Some(module) = slot.module.as_ref().filter(|module| module.phase != "idle") else {
                continue;
            };
            let bar = self.bars.entry(module.uid.clone()).or_insert_with(|| {
                let bar = self.all.add(ProgressBar::new(STEPS.into()));
                bar.set_style(style());
                bar.set_prefix(format!("{} {}", module.name, module.serial));
                bar
            });
            bar.set_position(steps(module.progress));
            bar.set_message(module.phase);
        }
    }

    pub(crate) fn finish(&self) {
        for bar in self.bars.values() {
            bar.abandon();
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "progress is from 0 to 1"
)]
fn steps(progress: f32) -> u64 {
    (progress.clamp(0.0, 1.0) * f32::from(STEPS)) as u64
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{prefix:22} [{bar:40}] {percent:>3} % {msg}");
    style.map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> "))
}
