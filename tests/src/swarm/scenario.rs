//! What a seed stands for: a rack, images, and what happens to it. Everything is drawn here, before anything runs.
//!
//! Refuses to let a fault last that nobody could mend without saying so: as a [`Fate`] or a bus that is held.

use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::message::{Bus, BusInfo, SlotInfo};
use rackflash_core::wire::version::Version;
use rackflash_sim::cable::{LinkSetup, Stalls};
use rackflash_sim::chip::{APPLICATION_START, Cut, CutAt, FlashTime, Variant, Wear};
use rackflash_sim::images::{ENVELOPE, ModuleType, QUAD_VCO, Recipe, TWIN_FILTER};
use rackflash_sim::setup::{
    BLOCKS, Faults, Incident, Installed, Lie, Line, ModuleSetup, Release, Setup,
};

use crate::lies::{ANOTHER_SESSION, DIGEST, NEVER_ROOM, TAKEN_ALL, TAKEN_NONE};
use crate::numbers::Numbers;

/// A rack, images, and what happens to it.
#[derive(Debug)]
pub struct Scenario {
    /// The rack as it is at the start.
    pub setup: Setup,
    /// The images that the user offers.
    pub offers: Vec<Recipe>,
    /// What happens, in order of time.
    pub acts: Vec<(Instant, Act)>,
    /// When it is over: what can be mended is mended, and the rack is left alone.
    pub calm: Instant,
    /// What must become of each module of the rack.
    pub fates: Vec<Fate>,
    /// Buses that something holds for good.
    pub held: Vec<Bus>,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Act {
    /// To the rack.
    Rack(Incident),
    /// A module is taken out, and another is put into its slot.
    Swap {
        /// Which.
        module: usize,
        /// By what.
        by: Box<ModuleSetup>,
        /// What must become of that.
        fate: Fate,
    },
    /// The user clicks *Update all*.
    UpdateAll,
    /// The user updates one.
    Update {
        /// Which.
        module: usize,
    },
    /// The user looks for one.
    Blink {
        /// Which.
        module: usize,
    },
    /// The port is closed, by the user or because the cable is out.
    Close,
    /// The port is opened, if a base is there.
    Open,
    /// The page is loaded anew, and the images offered again.
    Reload,
}

/// What a module must be in the end, if it is in its slot and nothing holds its bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It runs the image that is offered for it.
    Updated(Version),
    /// It runs that, or a page that has worn out for good keeps it in its loader.
    Worn(Version),
    /// Its new application hangs, and the loader keeps it.
    Hangs,
    /// None of the images offered is for it.
    NoImage,
    /// It says what is not so: its update ends, and nothing is believed of it that was not proven.
    Lies,
}

/// A rack is on for so long before the host opens the port; see the bench.
const OPENED: Instant = Instant::from_micros(1_000_000);
/// Of these one may be told. Nobody lies about who it is: then nobody could say what must become of it.
const LIES: [Lie; 5] = [NEVER_ROOM, TAKEN_ALL, TAKEN_NONE, ANOTHER_SESSION, DIGEST];
/// Modules that are swapped in: besides 16 of the rack.
const SWAPS_MAX: usize = 3;
/// An image from here on does not fit the smallest chip, and reaches into the second bank of a chip of 128 KB that has two;
/// half of them do so on one of 192 KB.
const LARGE_LEN: usize = 60_000;
/// An image up to here fits the chip that is reduced.
const SMALL_LEN: usize = 9_000;
/// What never ends by itself is held until the module is reset.
const FOR_EVER: u32 = 1_000_000;

impl Scenario {
    /// Of a seed.
    pub fn of(seed: u64) -> Self {
        let mut draw = Draw { numbers: Numbers::new(seed), kinds: Vec::new(), hangs: Vec::new() };
        draw.kinds();
        let setup = draw.rack(seed);
        let offers = draw.offers();
        let fates = setup.modules.iter().map(|module| draw.fate(module, &offers)).collect();
        let (acts, held) = (Vec::new(), Vec::new());
        let mut scenario = Self { setup, offers, acts, calm: OPENED, fates, held };
        draw.acts(&mut scenario);
        draw.oddities(&mut scenario);
        scenario.acts.sort_by_key(|(at, _)| *at);
        scenario
    }

    fn swaps(&self) -> usize {
        self.acts.iter().filter(|(_, act)| matches!(act, Act::Swap { .. })).count()
    }
}

/// A type of module and its images.
struct Kind {
    old: Recipe,
    new: Recipe,
    offered: bool,
}

struct Draw {
    numbers: Numbers,
    kinds: Vec<Kind>,
    hangs: Vec<Release>,
}

impl Draw {
    fn kinds(&mut self) {
        let n = &mut self.numbers;
        let types: [ModuleType; 3] = [QUAD_VCO, TWIN_FILTER, ENVELOPE];
        for module in &types[..1 + n.index(3)] {
            // A seed should be short; some are not, and few are of an image that reaches into the second bank.
            let len = match n.below(1_000) {
                0..=3 => LARGE_LEN + n.index(50_000),
                4..=19 => 30_000 + n.index(25_000),
                20..=199 => 6_000 + n.index(10_000),
                _ => 600 + n.index(5_000),
            };
            let (code, settings) = (n.u64(), n.u64());
            let old = Recipe {
                module: *module,
                hardware: (1, 2),
                version: Version::new(1, 0, 0),
                len: len & !3,
                code,
                settings,
            };
            let mut new = Recipe { version: Version::new(1, 1, 0), settings: settings + 1, ..old };
            // A build moves everything, a setting hardly anything.
            if n.percent(60) {
                new.code += 1;
                new.len = (len + n.index(1_000)) & !3;
            }
            self.kinds.push(Kind { old, new, offered: n.percent(93) });
        }
    }

    fn rack(&mut self, seed: u64) -> Setup {
        let n = &mut self.numbers;
        let modules = match n.below(10) {
            0 => 8 + n.index(9),
            1..=3 => 3 + n.index(5),
            4 => 0,
            _ => 1 + n.index(2),
        };
        let buses = 1 + u8::from(n.percent(20)) + u8::from(n.percent(10));
        let mut setup = Setup::empty(seed, modules + SWAPS_MAX);
        setup.blocks = n.pick(&[BLOCKS, BLOCKS, BLOCKS, 40, 8]);
        let info = setup.buses[0];
        setup.buses = (0..buses)
            .map(|_| BusInfo { clock_hz: n.pick(&[1_000_000, 400_000, 400_000, 100_000]), ..info })
            .collect();
        let slots = setup.slots.iter().map(|slot| slot.address).collect::<Vec<_>>();
        setup.slots = slots
            .iter()
            .map(|address| SlotInfo {
                bus: Bus(u8::try_from(n.below(buses.into())).unwrap_or(0)),
                address: *address,
            })
            .collect();
        setup.link = LinkSetup::round_trip(Duration::from_millis(n.pick(&[2, 4, 4, 10, 100])));
        if n.percent(10) {
            let (every, lasts) = (200 + n.below(2_000), 1 + n.below(100));
            let (every, lasts) = (Duration::from_millis(every), Duration::from_millis(lasts));
            setup.link.stalls = Some(Stalls { every, lasts });
        }
        setup.faults = Faults {
            bus_flips_per_1e9: n.pick(&[0, 0, 0, 1_000, 10_000, 100_000]),
            link_flips_per_1e9: n.pick(&[0, 0, 0, 1_000, 10_000]),
            link_lost_per_1e6: n.pick(&[0, 0, 0, 1_000, 10_000, 50_000]),
            link_doubled_per_1e6: n.pick(&[0, 0, 0, 0, 0, 10_000, 50_000]),
            link_overtaken_per_1e6: n.pick(&[0, 0, 0, 0, 0, 10_000, 50_000]),
            bus_late_bits_per_1e9: n.pick(&[0, 0, 0, 0, 0, 1_000, 10_000]),
            bus_taken_per_1e6: n.pick(&[0, 0, 0, 0, 0, 1_000, 10_000]),
            ..Faults::default()
        };
        if n.percent(4) {
            self.hangs.push(release(&self.kinds[n.index(self.kinds.len())].new));
        }
        setup.faults.hangs.clone_from(&self.hangs);
        for slot in 0..modules {
            let mut module = self.module(slot);
            // A wrong jumper.
            if slot > 0 && self.numbers.percent(2) {
                module.home = Address::new(setup.slots[slot - 1].address);
            }
            setup.modules.push(module);
        }
        setup
    }

    fn module(&mut self, slot: usize) -> ModuleSetup {
        let n = &mut self.numbers;
        let Kind { old, new, .. } = &self.kinds[n.index(self.kinds.len())];
        let installed = match n.below(100) {
            // Nobody ships a module that hangs.
            60..=74 if !self.hangs.contains(&release(new)) => Installed::Image(new.bytes()),
            0..=74 => Installed::Image(old.bytes()),
            75..=84 => Installed::Blank,
            _ => {
                let pages = u16::try_from(n.index(new.len / 128)).unwrap_or(0);
                Installed::Interrupted { old: old.bytes(), new: new.bytes(), pages }
            }
        };
        let (dual128, dual192) = (Variant::Dual128, Variant::Dual192);
        let variant = match new.len {
            // Hardly any chip, but its second bank begins after four pages.
            0..SMALL_LEN if n.percent(10) => Variant::DualReduced,
            0..LARGE_LEN => {
                n.pick(&[Variant::Kb64, Variant::Kb128, Variant::Kb192, dual128, dual192])
            }
            _ => n.pick(&[Variant::Kb128, Variant::Kb192, dual128, dual192]),
        };
        // Few are of a board that no image is for.
        let hardware = n.pick(&[1, 1, 1, 1, 1, 2, 2, 2, 2, 3]);
        let mut module = ModuleSetup::new(slot, old.module, hardware, variant, installed);
        module.flash_time = n.pick(&[FlashTime::Typical, FlashTime::Maximum]);
        module
    }

    fn offers(&mut self) -> Vec<Recipe> {
        let n = &mut self.numbers;
        let mut offers = Vec::new();
        for kind in &self.kinds {
            if kind.offered {
                // The newest counts, whatever else is offered.
                offers.extend(n.percent(20).then_some(kind.old));
                offers.push(kind.new);
            }
        }
        // One for nobody.
        if n.percent(20) {
            let module = ModuleType { number: 0x0999, ..QUAD_VCO };
            offers.push(Recipe { module, ..self.kinds[0].new });
        }
        offers
    }

    fn fate(&self, module: &ModuleSetup, offers: &[Recipe]) -> Fate {
        let fits = |recipe: &&Recipe| {
            recipe.module == module.kind
                && (recipe.hardware.0..=recipe.hardware.1).contains(&module.hardware)
        };
        match offers.iter().filter(fits).max_by_key(|recipe| recipe.version) {
            None => Fate::NoImage,
            Some(best) if self.hangs.contains(&release(best)) => Fate::Hangs,
            Some(best) => Fate::Updated(best.version),
        }
    }

    /// What happens, from the opening of the port on.
    fn acts(&mut self, scenario: &mut Scenario) {
        let span = self.numbers.pick(&[300, 1_000, 1_000, 3_000]);
        let start = OPENED + Duration::from_millis(100 + self.numbers.below(500));
        scenario.acts.push((start, Act::UpdateAll));
        for _ in 0..self.numbers.index(7) {
            let at = start + Duration::from_micros(self.numbers.below(span * 1_000));
            self.act(at, scenario);
        }
        let last = scenario.acts.iter().map(|(at, _)| *at).max().unwrap_or(start);
        scenario.calm = last + Duration::from_millis(1 + self.numbers.below(500));
        let silence = Incident::BusNoise(0);
        scenario.acts.push((scenario.calm, Act::Rack(silence)));
        scenario.acts.push((scenario.calm, Act::Rack(Incident::PlugCable)));
        scenario.acts.push((scenario.calm, Act::Open));
    }

    fn act(&mut self, at: Instant, scenario: &mut Scenario) {
        let later = at + Duration::from_micros(self.numbers.below(1_500_000));
        let n = &mut self.numbers;
        let mut put = |at: Instant, act: Act| scenario.acts.push((at, act));
        let mut rack = |at: Instant, incident: Incident| put(at, Act::Rack(incident));
        let off = Duration::from_micros(n.pick(&[100, 20_000, 300_000, 1_500_000]));
        match n.below(18) {
            0 | 1 => {
                rack(at, Incident::UnplugCable);
                rack(later, Incident::PlugCable);
                put(at, Act::Close);
                put(later, Act::Open);
            }
            2 => rack(at, Incident::Stall(off)),
            3 => {
                rack(at, Incident::PowerCut(off));
                put(at, Act::Close);
                put(later + off, Act::Open);
            }
            4 => {
                rack(at, Incident::ResetBase);
                // A page may notice, or not.
                if n.percent(50) {
                    put(at, Act::Close);
                    put(later, Act::Open);
                }
            }
            5 => rack(at, Incident::BusNoise(n.pick(&[0, 10_000, 100_000, 1_000_000]))),
            6 => put(at, Act::UpdateAll),
            7 => {
                put(at, Act::Close);
                put(later, Act::Open);
            }
            8 => put(at, Act::Reload),
            _ if scenario.setup.modules.is_empty() => {}
            what => {
                let module = n.index(scenario.setup.modules.len());
                self.happens_to(what, module, at, later, scenario);
            }
        }
    }

    /// What few modules do. Drawn last: a seed in which none does is what it would be without.
    fn oddities(&mut self, scenario: &mut Scenario) {
        let n = &mut self.numbers;
        let modules = scenario.setup.modules.len();
        if modules > 0 && n.percent(10) {
            let module = n.index(modules);
            scenario.setup.modules[module].lie = Some(n.pick(&LIES));
            scenario.fates[module] = Fate::Lies;
        }
        if modules > 0 && n.percent(10) {
            let module = n.index(modules);
            let at =
                OPENED + Duration::from_micros(n.below(scenario.calm.since(OPENED).as_micros()));
            scenario.acts.push((at, Act::Rack(Incident::MissClocks { module })));
        }
    }

    fn happens_to(
        &mut self,
        what: u64,
        module: usize,
        at: Instant,
        later: Instant,
        scenario: &mut Scenario,
    ) {
        let (swaps, n) = (scenario.swaps(), &mut self.numbers);
        let mut rack = |at: Instant, incident| scenario.acts.push((at, Act::Rack(incident)));
        let off = Duration::from_micros(n.pick(&[100, 20_000, 300_000, 1_500_000]));
        match what {
            9 => rack(at, Incident::CutPower { module, off }),
            10 | 11 => {
                let (operation, cut) =
                    (n.below(200), n.pick(&[Cut::Before, Cut::Torn, Cut::Torn, Cut::After]));
                rack(at, Incident::CutAt { module, at: CutAt { operation, cut, off } });
            }
            12 => {
                let page = n.below(48);
                // The first 4 are the loader's records.
                let address = APPLICATION_START - 4 * 128 + u32::try_from(page * 128).unwrap_or(0);
                let times = match (n.percent(20), scenario.fates[module]) {
                    (true, Fate::Updated(version)) => {
                        scenario.fates[module] = Fate::Worn(version);
                        FOR_EVER
                    }
                    _ => 1,
                };
                let wear = Wear { address, times };
                scenario.acts.push((at, Act::Rack(Incident::Wear { module, wear })));
            }
            13 if n.percent(70) => {
                rack(at, Incident::Pull { module });
                if n.percent(85) {
                    rack(later, Incident::Insert { module });
                }
            }
            13 if swaps < SWAPS_MAX => {
                let by = Box::new(self.module(scenario.setup.modules[module].slot));
                let fate = self.fate(&by, &scenario.offers);
                scenario.acts.push((at, Act::Swap { module, by, fate }));
            }
            13 => {}
            14 if n.percent(50) => {
                let line = n.pick(&[Line::Sda, Line::Scl]);
                rack(at, Incident::Hold { module, line });
                self.let_go(module, later, scenario);
            }
            14 => {
                let by =
                    n.pick(&[Duration::from_micros(90), Duration::from_millis(5), Duration::MAX]);
                rack(at, Incident::Stretch { module, by });
                rack(later, Incident::Stretch { module, by: Duration::ZERO });
                if by == Duration::MAX {
                    self.let_go(module, later, scenario);
                }
            }
            15 => rack(at, Incident::Deaf { module, lasts: off }),
            16 => rack(at, Incident::Replace { module }),
            _ if n.percent(50) => scenario.acts.push((at, Act::Update { module })),
            _ => scenario.acts.push((at, Act::Blink { module })),
        }
    }

    /// Somebody resets a module that holds its bus, or nobody does.
    fn let_go(&mut self, module: usize, later: Instant, scenario: &mut Scenario) {
        if self.numbers.percent(85) {
            let off = Duration::from_millis(50);
            scenario.acts.push((later, Act::Rack(Incident::CutPower { module, off })));
            return;
        }
        let slot = scenario.setup.modules[module].slot;
        scenario.held.push(scenario.setup.slots[slot].bus);
    }
}

fn release(recipe: &Recipe) -> Release {
    Release { module_type: recipe.module.number, version: recipe.version }
}
