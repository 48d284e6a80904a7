//! The virtual rack of the demo, what a visitor breaks in it by hand, and how it is mended. Refuses to know what the host
//! makes of it.

use rackflash_core::time::Duration;
use rackflash_sim::setup::{Incident, Setup};
pub(crate) use rackflash_sim::world::World;

/// How long the power is off: long enough to be seen.
const POWER_OFF: Duration = Duration::from_secs(1);
/// One bit in 10,000: every tenth page frame arrives damaged.
const NOISE_PER_1E9: u32 = 100_000;

/// The rack as a visitor finds it.
pub(crate) fn world() -> World {
    World::new(Setup::demo())
}

/// Does it. Returns how many modules were in the middle of a flash operation, for `power`; for what happens to one module,
/// its slot, counted from 1.
pub(crate) fn harm(world: &mut World, what: &str) -> usize {
    let modules = world.modules();
    let dead = modules.iter().position(|module| !module.is_inserted());
    match what {
        "unplug" => world.unplug_cable(),
        "plug" => world.plug_cable(),
        "power" => {
            let torn = modules.iter().filter(|module| module.memory().is_busy()).count();
            world.power_cut(POWER_OFF);
            return torn;
        }
        "noise" => world.apply(Incident::BusNoise(NOISE_PER_1E9)),
        "quiet" => world.apply(Incident::BusNoise(0)),
        _ => {
            // One that writes, and of those the one that has written most: each time another.
            let alive = (0..modules.len()).filter(|index| Some(*index) != dead);
            let victim = alive.max_by_key(|index| {
                let memory = modules[*index].memory();
                (memory.is_busy(), memory.operations())
            });
            let Some(index) = (if what == "mend" { dead } else { victim }) else { return 0 };
            let slot = modules[index].slot() + 1;
            if what == "kill" {
                world.pull(index);
            } else {
                world.replace(index);
            }
            return slot;
        }
    }
    0
}
