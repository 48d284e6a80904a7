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
/// What gets lost on the link comes again after that (core's `link`), and one message of so many does where any are lost.
const REPEAT_AFTER: Duration = Duration::from_millis(250);
const LOST_ONE_OF: u32 = 10;
/// What was in the middle of something when the faults ended: a silence of 250 ms, which the others of a party wait for, too,
/// a rest of 100 ms, and a round of the base's watch, some of them twice.
const SEEN_AFTER: Duration = Duration::from_millis(1_500);
/// How long one is left alone that has held its bus, and its address unwatched: core's `host/driver.rs` and `base/watch.rs`.
const STUCK: Duration = Duration::from_secs(5);
/// How long a base answers nothing until the host begins anew, and how long a round of its watch and of the finder's takes
/// (core's `host/connection.rs`).
const LOST_AFTER: Duration = Duration::from_secs(5);
/// How long a module that fell silent is waited for, twice: core's `host/driver.rs`.
const AWAY: Duration = Duration::from_secs(10);
/// And one that was there before the link was lost: core's `host/job.rs`.
const AWAY_LONG: Duration = Duration::from_secs(60);
/// Three starts of an application that hangs, until the watchdog ends each.
const HANGS: Duration = Duration::from_secs(2);

/// How long everything may take that was begun, or is asked for, when the faults are over.
pub(super) fn patience(scenario: &Scenario) -> Duration {
    let Scenario { setup, acts, .. } = scenario;
    let modules = u32::try_from(modules(scenario).count()).unwrap_or(u32::MAX);
    let faults = &setup.faults;
    let is_lossy = faults.link_flips_per_1e9 > 0
        || faults.link_lost_per_1e6 > 0
        || faults.link_overtaken_per_1e6 > 0
        || setup.link.stalls.is_some();
    let repeats = if is_lossy { REPEAT_AFTER / LOST_ONE_OF } else { Duration::ZERO };
    let trips = (setup.link.latency * 2 + repeats) * (TRIPS * (1 + modules));
    let drawn = acts.iter().fold(Duration::ZERO, |sum, (_, act)| sum + length(act));
    let any = |is: fn(&Act) -> bool| acts.iter().any(|(_, act)| is(act));
    let is_held =
        any(|act| matches!(act, Act::Rack(Incident::Hold { .. } | Incident::Stretch { .. })));
    let is_lost = is_lossy
        || any(|act| {
            matches!(
                act,
                Act::Rack(Incident::ResetBase | Incident::PowerCut(_) | Incident::Stall(_))
            )
        });
    let begins_anew = is_lost || any(|act| matches!(act, Act::Open | Act::Reload));
    let is_away = !scenario.held.is_empty()
        || any(|act| {
            let taken = matches!(act, Act::Rack(Incident::Pull { .. } | Incident::Replace { .. }));
            taken || matches!(act, Act::Swap { .. })
        });
    let hangs = scenario.fates.contains(&Fate::Hangs);
    let waits = [
        (true, SEEN_AFTER),
        (is_held, STUCK),
        (is_lost, LOST_AFTER),
        (is_away, AWAY),
        (is_away && begins_anew, AWAY_LONG),
        (hangs, HANGS),
    ];
    let waits = waits.iter().filter(|(waits, _)| *waits).map(|(_, wait)| *wait);
    waits.fold(floor(scenario) * FLOORS + trips + drawn, |sum, wait| sum + wait)
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
