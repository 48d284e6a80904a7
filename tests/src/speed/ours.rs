//! How long our own host takes, from the click, and what that costs the flash and the bus.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use rackflash_core::host::rack::{Ended, Phase};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::link::{Decoder, Kind};
use rackflash_core::wire::message::{BUSES_MAX, Bus, ToBase};
use rackflash_sim::trace::Event;
use rackflash_sim::world::World;

use super::cases::Until;
use super::rack::Rack;
use crate::bench::Bench;

/// Longer than any case takes.
const WITHIN: Duration = Duration::from_secs(120);
/// How exactly the end is seen from outside.
const LOOK: Duration = Duration::from_millis(1);
/// When the host has sent no operations for so long it has none left.
const HANDED_OVER: Duration = Duration::from_millis(200);

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ours {
    pub(super) took: Duration,
    pub(super) flash_ops: u64,
    pub(super) bus_bytes: u64,
}

pub(super) fn measure(rack: &Rack, until: Until) -> Ours {
    let mut bench = Bench::new(&rack.setup);
    rack.images.iter().for_each(|image| bench.offer(image));
    bench.detect();
    let (flash_ops, bus_bytes) = (flash_ops(&bench.world), bus_bytes(&bench.world));
    let click = bench.world.now();
    for (after, incident) in &rack.incidents {
        bench.world.schedule(click + *after, *incident);
    }
    let handed = submits(&mut bench.world);
    bench.click();
    match until {
        Until::Told => drop(bench.run_until(WITHIN, |bench| ended(bench) == rack.staying())),
        Until::Runs => {
            while !rack.runs(&bench.world) {
                bench.run(LOOK);
                assert!(bench.world.now().since(click) < WITHIN, "{}", bench.endings());
            }
        }
        Until::RunsAlone => {
            while !is_writing(&bench) || bench.world.now().since(handed.get()) < HANDED_OVER {
                bench.run(LOOK);
            }
            // Nobody reads or writes any more.
            while !rack.runs(&bench.world) {
                bench.world.run_until(bench.world.now() + LOOK);
                assert!(bench.world.now().since(click) < WITHIN, "the base does not end alone");
            }
        }
    }
    let ours = Ours {
        took: bench.world.now().since(click),
        flash_ops: self::flash_ops(&bench.world) - flash_ops,
        bus_bytes: self::bus_bytes(&bench.world) - bus_bytes,
    };
    rack.check(&bench.world);
    if until == Until::RunsAlone {
        // The host has heard nothing of it.
        bench.ends_in_the_middle();
    } else {
        bench.run_until(WITHIN, |bench| ended(bench) == rack.staying());
        bench.check();
    }
    ours
}

/// How many modules hold their image by what they have proven to the host.
fn ended(bench: &Bench) -> usize {
    let is_well =
        |phase: &Phase| matches!(phase, Phase::Ended(Ended::Updated(_) | Ended::Current(_)));
    bench.session.rack().modules.iter().filter(|module| is_well(&module.phase)).count()
}

/// Whether every module's pages are queued.
fn is_writing(bench: &Bench) -> bool {
    let is_writing = |phase: &Phase| matches!(phase, Phase::Writing { .. } | Phase::Verifying);
    bench.session.rack().modules.iter().all(|module| is_writing(&module.phase))
}

/// When the base was given operations last.
fn submits(world: &mut World) -> Rc<Cell<Instant>> {
    let last = Rc::new(Cell::new(world.now()));
    let (told, decoder) = (last.clone(), RefCell::new(Decoder::new()));
    world.tell(Some(Box::new(move |now, event| {
        let Event::ToBase(mut bytes) = *event else { return };
        while let Some(frame) = decoder.borrow_mut().next(&mut bytes) {
            if let Ok(frame) = frame
                && frame.kind == Kind::Message
                && let Ok(ToBase::Submit { .. }) = ToBase::parse(frame.payload)
            {
                told.set(now);
            }
        }
    })));
    last
}

fn flash_ops(world: &World) -> u64 {
    world.modules().iter().map(|module| module.memory().operations()).sum()
}

fn bus_bytes(world: &World) -> u64 {
    // A bus that the rack does not have has carried nothing.
    (0..).take(BUSES_MAX).map(|bus| world.bus(Bus(bus)).bytes).sum()
}
