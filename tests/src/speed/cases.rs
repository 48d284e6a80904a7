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
    /// How many seeds: the worst counts.
    pub(super) seeds: u64,
    pub(super) goals: &'static [Goal],
}

/// When the clock stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// The host says of every module that lives that its update has ended well.
    Told,
    /// The last module runs its confirmed application, as the world sees it.
    Runs,
    /// The same, and nobody is at the host's end of the cable once everything has been handed over.
    RunsAlone,
}

/// Which other hosts can do this at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rivals {
    Both,
    /// Why the ROM loader cannot.
    StopAndWait(&'static str),
    /// Why neither can.
    None(&'static str),
}

/// What our time is held against.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// At most so many times the floor.
    Floor(f64),
    /// At most so many times our time in another case.
    AtMost(f64, &'static str),
    /// At most so many seconds later than in another case.
    Later(f64, &'static str),
    /// So many times faster than we are in another case.
    Faster(f64, &'static str),
    /// So many times faster than stop-and-wait, even if that had no cable between.
    FasterThanStopAndWait(f64),
    /// At most so many seconds.
    Seconds(f64),
    /// At most so many operations of the flash.
    FlashOps(u64),
    /// None: how many times as long as another case it takes.
    Told(&'static str),
}

use Goal::{AtMost, Faster, FasterThanStopAndWait, FlashOps, Floor, Later, Seconds, Told};

/// What comes back is one byte, ACK or not; where it is damaged, nobody can tell where the two stand.
const NO_REPEATS: Rivals = Rivals::StopAndWait("its protocol has no way to ask again");
const NOBODY_THERE: Rivals = Rivals::None("each waits for its host after every page");

/// All of them. A case that another is held against stands before it.
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case::new("one_64k", one_64k, &[Floor(1.05)]),
    Case::new("one_192k", one_192k, &[Floor(1.05)]),
    Case::new("one_192k_dual_bank", one_192k_dual_bank, &[Faster(1.9, "one_192k")]),
    Case::new("eight_different_64k_1mhz", eight_different_64k_1mhz, &[Floor(1.05), FasterThanStopAndWait(8.0)]),
    Case::new("eight_different_64k_400khz", eight_different_64k_400khz, &[Floor(1.05)]),
    Case::new("sixteen_identical_64k_1mhz", sixteen_identical_64k_1mhz,
        &[AtMost(1.10, "one_64k"), FasterThanStopAndWait(16.0)]),
    Case::new("sixteen_current", sixteen_current, &[Seconds(0.5), FlashOps(0)]),
    Case::new("config_change", config_change, &[Faster(20.0, "one_192k")]),
    // For each page the journal writes a note, which the other one needs for a ring of them.
    Case::new("scattered_change", scattered_change, &[Faster(18.0, "one_192k")]),
    Case::new("two_different_192k", two_different_192k, &[Floor(1.05)]).until(Until::Runs),
    Case::new("rtt_100ms", || far(two_different_192k()), &[AtMost(1.02, "two_different_192k")]).until(Until::Runs),
    Case::new("two_different_64k", two_different_64k, &[Floor(1.05)]).until(Until::Runs),
    Case::new("rtt_100ms_64k", || far(two_different_64k()), &[Told("two_different_64k")]).until(Until::Runs),
    // While nothing moves nothing can be queued: before the first pages a stall costs what it lasts.
    Case::new("stalls_1s_from_0ms", || stalls_from(0), &[Later(1.0, "two_different_192k")]).until(Until::Runs),
    Case::new("stalls_1s_from_10ms", || stalls_from(10), &[Later(1.0, "two_different_192k")]).until(Until::Runs),
    Case::new("stalls_1s_from_50ms", || stalls_from(50), &[Later(1.0, "two_different_192k")]).until(Until::Runs),
    // In the middle of the upload, which takes 400 ms: each module has work for longer.
    Case::new("stalls_1s", || stalls_from(100), &[AtMost(1.02, "two_different_192k")]).until(Until::Runs),
    Case::new("tab_closed_after_queueing", two_different_192k, &[AtMost(1.02, "two_different_192k")])
        .until(Until::RunsAlone).rivals(NOBODY_THERE),
    Case::new("noise_1e5", noise_1e5, &[AtMost(1.05, "eight_different_64k_1mhz")])
        .rivals(NO_REPEATS).seeds(24),
    Case::new("mixed_rack_without", || mixed_rack(None), &[Floor(1.05)]),
    Case::new("mixed_rack", || mixed_rack(Some((3, PULLED))), &[Floor(1.05), AtMost(1.01, "mixed_rack_without")]),
    Case::new("mixed_rack_silent", || mixed_rack(Some((0, DEAF))), &[Floor(1.05), AtMost(1.01, "mixed_rack_without")]),
    Case::new("mixed_rack_deaf_at_3s", || mixed_rack(Some((3, DEAF))), &[Floor(1.05), AtMost(1.01, "mixed_rack_without")]),
    // Nobody knows before: that costs all on its bus one stretch, before any ring is filled.
    Case::new("mixed_rack_hung", || mixed_rack(Some((0, HUNG))), &[Floor(1.05), AtMost(1.02, "mixed_rack_without")]),
    Case::new("mixed_rack_hung_at_3s", || mixed_rack(Some((3, HUNG))), &[Floor(1.05), AtMost(1.01, "mixed_rack_without")]),
];

impl Case {
    const fn new(name: &'static str, rack: fn() -> Rack, goals: &'static [Goal]) -> Self {
        Self { name, rack, until: Until::Told, rivals: Rivals::Both, seeds: 1, goals }
    }

    const fn until(self, until: Until) -> Self {
        Self { until, ..self }
    }

    const fn rivals(self, rivals: Rivals) -> Self {
        Self { rivals, ..self }
    }

    const fn seeds(self, seeds: u64) -> Self {
        Self { seeds, ..self }
    }
}

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

fn two_different_64k() -> Rack {
    rewritten(all_different(2, LEN_64K, Variant::Kb128))
}

fn far(mut rack: Rack) -> Rack {
    rack.setup.link = LinkSetup::round_trip(Duration::from_millis(100));
    rack
}

/// Of every three seconds one, from so many milliseconds after the click to long after the end of the slowest host.
fn stalls_from(millis: u64) -> Rack {
    let mut rack = two_different_192k();
    let stall = Incident::Stall(Duration::from_secs(1));
    let starts = (millis..300_000).step_by(3_000);
    rack.incidents = starts.map(|at| (Duration::from_millis(at), stall)).collect();
    rack
}

fn noise_1e5() -> Rack {
    let mut rack = eight_different_64k_1mhz();
    rack.setup.faults.bus_flips_per_1e9 = 10_000;
    rack.setup.faults.link_lost_per_1e6 = 10_000;
    rack
}

/// The module of [`mixed_rack`] that dies.
const VICTIM: usize = 10;
const PULLED: Incident = Incident::Pull { module: VICTIM };
/// It answers nothing any more, and is not gone.
const DEAF: Incident = Incident::Deaf { module: VICTIM, lasts: Duration::from_secs(1_000) };
/// It hangs in the middle of a byte each time it is spoken to, for longer than the base waits.
const HUNG: Incident = Incident::Stretch { module: VICTIM, by: Duration::from_millis(60) };

/// Three types on a fast and a slow bus. One module is current; one dies so many seconds after the click (about a third of its
/// image is written after three), or is not there at all.
fn mixed_rack(death: Option<(u64, Incident)>) -> Rack {
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
    match death {
        Some((secs, death)) => rack.incidents = vec![(Duration::from_secs(secs), death)],
        None => drop(rack.setup.modules.remove(VICTIM)),
    }
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
