//! The virtual rack of the demo, what a visitor breaks in it by hand, and how it is mended. Refuses to know what the host
//! makes of it.

use core::ops::{Deref, DerefMut};

use rackflash_core::time::Duration;
use rackflash_sim::setup::{Incident, Line, Setup};
use rackflash_sim::world::World as Sim;

/// How long the power is off: long enough to be seen.
const POWER_OFF: Duration = Duration::from_secs(1);
/// One bit in 10,000: every tenth page frame arrives damaged.
const NOISE_PER_1E9: u32 = 100_000;

/// The rack, and what lasts of what was done to it.
pub(crate) struct World {
    sim: Sim,
    is_unplugged: bool,
    is_noisy: bool,
    /// Who keeps the bus low.
    holds: Option<usize>,
    /// Who answers nobody.
    dead: Option<usize>,
}

impl World {
    /// As a visitor finds it.
    pub(crate) fn new() -> Self {
        let sim = Sim::new(Setup::demo());
        Self { sim, is_unplugged: false, is_noisy: false, holds: None, dead: None }
    }

    /// Does it. Returns how many modules were in the middle of a flash operation, for `power`; for what happens to one
    /// module, its slot, counted from 1; 0 if there is none to which it could happen.
    pub(crate) fn harm(&mut self, what: &str) -> usize {
        match what {
            "unplug" | "plug" => {
                self.is_unplugged = what == "unplug";
                self.sim.apply(if self.is_unplugged {
                    Incident::UnplugCable
                } else {
                    Incident::PlugCable
                });
            }
            "noise" | "quiet" => {
                self.is_noisy = what == "noise";
                self.sim.apply(Incident::BusNoise(if self.is_noisy { NOISE_PER_1E9 } else { 0 }));
            }
            "power" => {
                let modules = self.sim.modules().iter();
                let torn = modules.filter(|module| module.memory().is_busy()).count();
                self.sim.power_cut(POWER_OFF);
                // What hung starts anew.
                (self.holds, self.dead) = (None, None);
                return torn;
            }
            _ => {
                return self.harm_one(what).map_or(0, |index| self.sim.modules()[index].slot() + 1);
            }
        }
        0
    }

    fn harm_one(&mut self, what: &str) -> Option<usize> {
        let module = match what {
            "free" => self.holds.take(),
            "mend" => self.dead.take(),
            _ => self.victim(),
        }?;
        match what {
            "hold" => {
                self.holds = Some(module);
                self.sim.apply(Incident::Hold { module, line: Line::Sda });
            }
            "free" => self.sim.cut_power(module, Duration::ZERO),
            "kill" => {
                self.dead = Some(module);
                self.sim.apply(Incident::Deaf { module, lasts: Duration::MAX });
            }
            _ => self.sim.replace(module),
        }
        Some(module)
    }

    /// One that writes, and of those the one that has written most: each time another. None that is broken already.
    fn victim(&self) -> Option<usize> {
        let broken = [self.holds, self.dead];
        let modules = self.sim.modules().iter().enumerate();
        let sound = modules.filter(|(index, _)| !broken.contains(&Some(*index)));
        let victim = sound.max_by_key(|(_, module)| {
            let memory = module.memory();
            (memory.is_busy(), memory.operations())
        });
        Some(victim?.0)
    }

    /// What is broken now, by what broke it.
    pub(crate) fn broken(&self) -> impl Iterator<Item = &'static str> {
        let all = [
            ("unplug", self.is_unplugged),
            ("noise", self.is_noisy),
            ("hold", self.holds.is_some()),
            ("kill", self.dead.is_some()),
        ];
        all.into_iter().filter_map(|(what, is_so)| is_so.then_some(what))
    }
}

impl Deref for World {
    type Target = Sim;

    fn deref(&self) -> &Sim {
        &self.sim
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Sim {
        &mut self.sim
    }
}
