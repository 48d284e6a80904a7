//! The cases and their goals: racks as they are set up, and what each must be measured against. The one list of them.

use rackflash_core::module::PAGE_LEN;
use rackflash_core::time::Duration;
use rackflash_core::wire::message::{Bus, BusInfo};
use rackflash_sim::cable::LinkSetup;
use rackflash_sim::chip::{APPLICATION_START, FLASH_START, Variant};
use rackflash_sim::images::{RECIPES, Recipe};
use rackflash_sim::setup::{Incident, Installed, Setup};

use super::rack::Rack;
use crate::racks::{NEW, OLD, all_different, outdated, recipe};

/// One case.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) rack: fn() -> Rack,
    pub(super) until: Until,
    pub(super) rivals: Rivals,
    pub(super) goals: &'static [Goal],
}

/// When the clock stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// The host says of every module that stays that its update has ended well.
    Told,
    /// The last module runs its confirmed application, as the world sees it.
    Runs,
    /// The same, and nobody is at the host's end of the cable once everything has been handed over.
    RunsAlone,
}

/// Whether other hosts can do this at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rivals {
    Measured,
    None,
}

/// What our time is held against.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// At most so many times the floor.
    Floor(f64),
    /// At most so many times our time in another case.
    AtMost(f64, &'static str),
    /// So many times faster than we are in another case.
    Faster(f64, &'static str),
    /// So many times faster than stop-and-wait.
    FasterThanStopAndWait(f64),
    /// At most so many seconds.
    Seconds(f64),
    /// At most so many operations of the flash.
    FlashOps(u64),
}

use Goal::{AtMost, Faster, FasterThanStopAndWait, FlashOps, Floor, Seconds};

/// All of them. A case that another is held against stands before it.
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { name: "one_64k", rack: one_64k, until: Until::Told, rivals: Rivals::Measured,
        goals: &[Floor(1.05)] },
    Case { name: "one_192k", rack: one_192k, until: Until::Told, rivals: Rivals::Measured,
        goals: &[Floor(1.05)] },
    Case { name: "one_192k_dual_bank", rack: one_192k_dual_bank, until: Until::Told, rivals: Rivals::Measured,
        goals: &[Faster(1.9, "one_192k")] },
    Case { name: "eight_different_64k_1mhz", rack: eight_different_64k_1mhz, until: Until::Told, rivals: Rivals::Measured,
        goals: &[Floor(1.05), FasterThanStopAndWait(8.0)] },
    Case { name: "eight_different_64k_400khz", rack: eight_different_64k_400khz, until: Until::Told, rivals: Rivals::Measured,
        goals: &[Floor(1.05)] },
    Case { name: "sixteen_identical_64k_1mhz", rack: sixteen_identical_64k_1mhz, until: Until::Told, rivals: Rivals::Measured,
        goals: &[AtMost(1.10, "one_64k"), FasterThanStopAndWait(16.0)] },
    Case { name: "sixteen_current", rack: sixteen_current, until: Until::Told, rivals: Rivals::None,
        goals: &[Seconds(0.5), FlashOps(0)] },
    Case { name: "config_change", rack: config_change, until: Until::Told, rivals: Rivals::Measured,
        goals: &[Faster(20.0, "one_192k")] },
    Case { name: "scattered_change", rack: scattered_change, until: Until::Told, rivals: Rivals::None, goals: &[] },
    Case { name: "two_different_192k", rack: two_different_192k, until: Until::Runs, rivals: Rivals::Measured,
        goals: &[Floor(1.05)] },
    Case { name: "rtt_100ms", rack: rtt_100ms, until: Until::Runs, rivals: Rivals::Measured,
        goals: &[AtMost(1.02, "two_different_192k")] },
    Case { name: "stalls_1s", rack: stalls_1s, until: Until::Runs, rivals: Rivals::None,
        goals: &[AtMost(1.02, "two_different_192k")] },
    Case { name: "tab_closed_after_queueing", rack: two_different_192k, until: Until::RunsAlone, rivals: Rivals::None,
        goals: &[AtMost(1.02, "two_different_192k")] },
    Case { name: "noise_1e5", rack: noise_1e5, until: Until::Told, rivals: Rivals::None,
        goals: &[AtMost(1.05, "eight_different_64k_1mhz")] },
    Case { name: "mixed_rack", rack: mixed_rack, until: Until::Told, rivals: Rivals::Measured,
        goals: &[Floor(1.05)] },
];

const LEN_64K: usize = 64 * 1024;
/// The application area of a chip of 192 KB.
const LEN_192K: usize = 192 * 1024 - (APPLICATION_START - FLASH_START) as usize;

fn one_64k() -> Rack {
    rewritten(all_different(1, LEN_64K, Variant::Kb128))
}

fn one_192k() -> Rack {
    rewritten(all_different(1, LEN_192K, Variant::Kb192))
}

fn one_192k_dual_bank() -> Rack {
    rewritten(all_different(1, LEN_192K, Variant::Dual192))
}

fn eight_different_64k_1mhz() -> Rack {
    rewritten(all_different(8, LEN_64K, Variant::Kb128))
}

fn eight_different_64k_400khz() -> Rack {
    let mut rack = eight_different_64k_1mhz();
    rack.setup.buses[0].clock_hz = 400_000;
    rack
}

fn sixteen_identical_64k_1mhz() -> Rack {
    let modules = (0..16).map(|slot| outdated(slot, 0, LEN_64K, Variant::Kb128)).collect();
    rewritten((Setup::empty(1, 16).with(modules), vec![recipe(0, NEW, LEN_64K)]))
}

fn sixteen_current() -> Rack {
    let old = RECIPES.into_iter().step_by(2).collect();
    rack((Setup::rack(16), old))
}

/// A new version of the same code with other settings, which stand together: 28 pages, and the header's.
fn config_change() -> Rack {
    changed_at(|pages, change| pages / 2 + change)
}

/// As many pages, each far from the next: each costs the journal a note.
fn scattered_change() -> Rack {
    changed_at(|pages, change| pages * change / 29)
}

/// 2 % of the pages differ: 28 that `page` chooses, and the header's.
fn changed_at(page: impl Fn(usize, usize) -> usize) -> Rack {
    let (mut setup, new) = all_different(1, LEN_192K, Variant::Kb192);
    let old = recipe(0, OLD, LEN_192K);
    setup.modules[0].installed = Installed::Image(old.bytes());
    let mut rack = rack((setup, vec![Recipe { code: old.code, ..new[0] }]));
    let pages = rack.images[0].len() / PAGE_LEN;
    for change in 1..29 {
        rack.images[0][page(pages, change) * PAGE_LEN] ^= 0x5a;
    }
    rack
}

fn two_different_192k() -> Rack {
    rewritten(all_different(2, LEN_192K, Variant::Kb192))
}

fn rtt_100ms() -> Rack {
    let mut rack = two_different_192k();
    rack.setup.link = LinkSetup::round_trip(Duration::from_millis(100));
    rack
}

/// Of every three seconds one, from one second after the click to long after the end.
fn stalls_1s() -> Rack {
    let mut rack = two_different_192k();
    let stall = Incident::Stall(Duration::from_secs(1));
    rack.incidents = (1..60).step_by(3).map(|at| (Duration::from_secs(at), stall)).collect();
    rack
}

fn noise_1e5() -> Rack {
    let mut rack = eight_different_64k_1mhz();
    rack.setup.faults.bus_flips_per_1e9 = 10_000;
    rack.setup.faults.link_lost_per_1e6 = 10_000;
    rack
}

/// Three types on a fast and a slow bus. One module is current; one is pulled out three seconds after the click, when
/// about a third of its image is written.
fn mixed_rack() -> Rack {
    const LENS: [usize; 3] = [490 * PAGE_LEN, 830 * PAGE_LEN, 223 * PAGE_LEN];
    let mut setup = Setup::empty(1, 16);
    setup.buses.push(BusInfo { clock_hz: 400_000, ..setup.buses[0] });
    for (slot, number) in (0..16).zip((0..3).cycle()) {
        let len = LENS[usize::from(number)];
        setup.modules.push(outdated(slot, number, len, Variant::Kb192));
        setup.slots[slot].bus = Bus(u8::from(slot >= 8));
    }
    let images: Vec<_> = (0..3).zip(LENS).map(|(number, len)| recipe(number, NEW, len)).collect();
    let mut rack = rewritten((setup, images));
    rack.setup.modules[5].installed = Installed::Image(rack.images[2].clone());
    rack.incidents = vec![(Duration::from_secs(3), Incident::Pull { module: 10 })];
    rack
}

fn rack((setup, images): (Setup, Vec<Recipe>)) -> Rack {
    Rack { setup, images: images.iter().map(Recipe::bytes).collect(), incidents: Vec::new() }
}

/// The same with no page as it was: images of one length end in equally many zeros.
fn rewritten((mut setup, images): (Setup, Vec<Recipe>)) -> Rack {
    for module in &mut setup.modules {
        let Installed::Image(old) = &mut module.installed else { continue };
        for page in old.chunks_mut(PAGE_LEN).filter(|page| page.iter().all(|byte| *byte == 0)) {
            page.fill(0x5a);
        }
    }
    rack((setup, images))
}
