//! How long a rack may take once nothing goes wrong any more: what physics need for all of it, what was drawn, and the waits
//! that the host has names for. Refuses to be generous: a host that is some times slower is to fail.

use rackflash_core::module::PAGE_LEN;
use rackflash_core::time::Duration;
use rackflash_core::wire::message::{Bus, BusInfo};
use rackflash_sim::setup::{Incident, ModuleSetup};

use super::scenario::{Act, Fate, Scenario};

/// A page frame on the bus and the status behind it: 142 bytes of nine clocks.
const PAGE_CLOCKS: u64 = 142 * 9;
/// An erase and two half-pages.
const PAGE_OPERATIONS: u32 = 3;
/// How many times the floor: an update that was cut is begun again, and what was begun is not what is asked for then.
const FLOORS: u32 = 2;
/// A module is found, given its address, asked who it is and updated in so many round trips, with those that are asked again
/// because of what happened to it.
const TRIPS: u32 = 12;
/// The most that a trip loses to stalls: the longest are 100 ms, and the most frequent come each 200 ms.
const STALLED: Duration = Duration::from_millis(25);
/// A message that gets lost on the link comes again after that: core's `link`.
const REPEAT_AFTER: Duration = Duration::from_millis(250);
/// Or sooner, where the next show that it is missing: after one and a half round trips, with what is on its way then; the last
/// of many is missed when the base says where it stands, core's `base`.
const GAP_TRIPS: u32 = 3;
const TOLD_EVERY: Duration = Duration::from_millis(50);
/// So many more get lost than do on average: chance comes in clumps.
const LOST_BY_CHANCE: u32 = 4;
/// A block of pages, and what the base says of an address that it looks at for the first time: a message each.
const BLOCK_BITS: u32 = 1_050 * 8;
const PRESENCE_BITS: u32 = 19 * 8;
/// What was in the middle of something when the faults ended, or is held up by noise on the bus: a silence of 250 ms, which the others of a party wait for, too,
/// a rest of 100 ms, and a round of the base's watch, some of them twice.
const SEEN_AFTER: Duration = Duration::from_millis(1_500);
/// How long one is left alone that has held its bus, and its address unwatched: core's `host/driver.rs` and `base/watch.rs`.
const STUCK: Duration = Duration::from_secs(5);
/// How long a base answers nothing until the host begins anew, and how long a round of its watch and of the finder's takes
/// (core's `host/connection.rs`).
const LOST_AFTER: Duration = Duration::from_secs(5);
/// How long a module that fell silent is waited for, twice: core's `host/driver.rs`.
const AWAY: Duration = Duration::from_secs(10);
/// And one whose update is not under way, since its turn has not come or the link was lost: core's `host/job.rs`.
const AWAY_LONG: Duration = Duration::from_secs(60);
/// Whose address was given to another while it was deaf gives it up when that one is reminded: each in its turn, one in two seconds
/// (core's `host/finder.rs`).
const REMINDED: Duration = Duration::from_secs(2);
/// Three starts of an application that hangs, until the watchdog ends each.
const HANGS: Duration = Duration::from_secs(2);
/// Three tries of at most 3 s with one that lies, and twice 5 s in which it answers nothing that can be: the suite `faults`.
const LIES: Duration = Duration::from_secs(20);

/// What comes together that nobody thought of: half as much again. Who is several times slower has no use for that.
const MARGIN: (u32, u32) = (3, 2);

/// How long everything may take that was begun, or is asked for, when the faults are over.
pub(super) fn patience(scenario: &Scenario) -> Duration {
    let Scenario { setup, acts, calm, .. } = scenario;
    let faults = &setup.faults;
    let drawn = acts.iter().fold(Duration::ZERO, |sum, (_, act)| sum + length(act));
    let any = |is: fn(&Act) -> bool| acts.iter().any(|(at, act)| at < calm && is(act));
    let is_noisy = faults.bus_flips_per_1e9 > 0
        || faults.bus_late_bits_per_1e9 > 0
        || faults.bus_taken_per_1e6 > 0;
    let is_disturbed = is_noisy
        || any(|act| !matches!(act, Act::UpdateAll | Act::Update { .. } | Act::Blink { .. }));
    let is_held = any(|act| {
        matches!(
            act,
            Act::Rack(
                Incident::Hold { .. } | Incident::MissClocks { .. } | Incident::Stretch { .. }
            )
        )
    });
    let is_lost = lost(scenario, BLOCK_BITS) > 0
        || setup.link.stalls.is_some()
        || any(|act| {
            matches!(
                act,
                Act::Rack(Incident::ResetBase | Incident::PowerCut(_) | Incident::Stall(_))
            )
        });
    let is_held_for_good = !scenario.held.is_empty();
    let is_away = is_held_for_good || any(|act| leaves(act).is_some());
    let stays_away = is_held_for_good || (0..setup.modules.len()).any(|m| stays_away(scenario, m));
    let hangs = scenario.fates.contains(&Fate::Hangs);
    let lies = scenario.fates.contains(&Fate::Lies);
    let is_deaf = any(|act| matches!(act, Act::Rack(Incident::Deaf { .. })));
    let waits = [
        (is_disturbed, SEEN_AFTER),
        (is_held, STUCK),
        (is_lost, LOST_AFTER),
        (is_away, AWAY),
        (stays_away, AWAY_LONG),
        (hangs, HANGS),
        (lies, LIES),
        (is_deaf, REMINDED * u32::try_from(setup.modules.len()).unwrap_or(u32::MAX)),
    ];
    let waits = waits.iter().filter(|(waits, _)| *waits).map(|(_, wait)| *wait);
    let reasoned = floor(scenario) * FLOORS + on_the_link(scenario) + drawn;
    waits.fold(reasoned, |sum, wait| sum + wait) * MARGIN.0 / MARGIN.1
}

/// What round trips take, and what is lost meanwhile. The base tells of each address that it watches, too, all at once.
fn on_the_link(scenario: &Scenario) -> Duration {
    let Scenario { setup, .. } = scenario;
    let modules = u32::try_from(modules(scenario).count()).unwrap_or(u32::MAX);
    let (trips, trip) = (TRIPS * (1 + modules), setup.link.latency * 2);
    let stalled = if setup.link.stalls.is_some() { STALLED } else { Duration::ZERO };
    let watched = setup.buses.iter().map(|bus| u32::from(bus.last - bus.first) + 2).sum();
    let repeated = |messages: u32, bits: u32, after: Duration| match lost(scenario, bits) {
        0 => Duration::ZERO,
        lost => after * LOST_BY_CHANCE + after * messages * lost / 1_000_000,
    };
    (trip + stalled) * trips
        + repeated(trips * 2, BLOCK_BITS, REPEAT_AFTER)
        + repeated(watched, PRESENCE_BITS, REPEAT_AFTER.min(trip * GAP_TRIPS + TOLD_EVERY))
}

/// How many messages of a million must be sent again: one that comes behind the next, too.
fn lost(scenario: &Scenario, bits: u32) -> u32 {
    let faults = &scenario.setup.faults;
    faults.link_lost_per_1e6
        + faults.link_overtaken_per_1e6
        + faults.link_flips_per_1e9 / 1_000 * bits
}

/// Which module is taken out by it.
fn leaves(act: &Act) -> Option<usize> {
    match act {
        Act::Rack(Incident::Pull { module } | Incident::Replace { module })
        | Act::Swap { module, .. } => Some(*module),
        _ => None,
    }
}

/// Whether a module is taken out and not put back. That another sits in its slot is seen by its address, unless its jumper was
/// wrong.
fn stays_away(scenario: &Scenario, module: usize) -> bool {
    let last = scenario.acts.iter().rev().find_map(|(_, act)| match act {
        Act::Rack(Incident::Insert { module: other }) => (*other == module).then_some(false),
        Act::Rack(Incident::Pull { module: other }) => (*other == module).then_some(true),
        act => {
            (leaves(act) == Some(module)).then_some(scenario.setup.modules[module].home.is_some())
        }
    });
    last == Some(true)
}

/// How long it lasts, or what the host needs to see that it is over.
fn length(act: &Act) -> Duration {
    match act {
        Act::Rack(
            Incident::Deaf { lasts: off, .. }
            | Incident::CutPower { off, .. }
            | Incident::PowerCut(off)
            | Incident::Stall(off),
        ) => *off,
        Act::Rack(Incident::CutAt { at, .. }) => at.off,
        _ => Duration::ZERO,
    }
}

/// The least time in which all of it can be written, if no page is there already and each module is sent its own: on the
/// slowest bus all of that goes over the bus, while each module writes what it was sent.
fn floor(scenario: &Scenario) -> Duration {
    let floor_of = |(bus, info): (u8, &BusInfo)| {
        let page = Duration::from_micros(PAGE_CLOCKS * 1_000_000 / u64::from(info.clock_hz));
        let (mut on_bus, mut flash) = (Duration::ZERO, Duration::ZERO);
        let is_on = |module: &&ModuleSetup| scenario.setup.slots[module.slot].bus == Bus(bus);
        for module in modules(scenario).filter(is_on) {
            let offers = scenario.offers.iter().filter(|offer| offer.module == module.kind);
            let len = offers.map(|offer| offer.len).max().unwrap_or(0);
            let pages = u32::try_from(len.div_ceil(PAGE_LEN)).unwrap_or(u32::MAX);
            on_bus = on_bus + page * pages;
            flash = flash.max(module.flash_time.duration() * (PAGE_OPERATIONS * pages));
        }
        on_bus.max(flash)
    };
    (0..).zip(&scenario.setup.buses).map(floor_of).max().unwrap_or(Duration::ZERO)
}

/// Those of the rack, and those that are put in.
fn modules(scenario: &Scenario) -> impl Iterator<Item = &ModuleSetup> {
    let put_in = scenario.acts.iter().filter_map(|(_, act)| match act {
        Act::Swap { by, .. } => Some(&**by),
        _ => None,
    });
    scenario.setup.modules.iter().chain(put_in)
}
