//! What a rack is made of, and what will go wrong in it: plain data, given to [`crate::world::World::new`].
//!
//! Two presets: [`Setup::demo`], the rack that the page shows, and [`Setup::rack`], any number of modules.

use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::message::{Bus, BusInfo, SLOTS_MAX, SlotInfo};
use rackflash_core::wire::module::Uid;
use rackflash_core::wire::version::Version;

use crate::cable::LinkSetup;
use crate::chip::{CutAt, FlashTime, Variant, Wear};
use crate::images::{self, ModuleType};

/// A whole rack.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Everything that is chance follows from it.
    pub seed: u64,
    /// What the base is called; text, zero padded.
    pub name: [u8; 16],
    /// The base's firmware.
    pub firmware: Version,
    /// How many blocks of operations the base holds.
    pub blocks: usize,
    /// Its buses.
    pub buses: Vec<BusInfo>,
    /// Its slots.
    pub slots: Vec<SlotInfo>,
    /// What sits in them.
    pub modules: Vec<ModuleSetup>,
    /// The cable to the host.
    pub link: LinkSetup,
    /// What goes wrong.
    pub faults: Faults,
}

impl Setup {
    /// The rack that the page shows: twelve slots on one bus, eight modules of three types. Most are outdated, one is
    /// current, one blank, and one was left in the middle of an update.
    pub fn demo() -> Self {
        let mut setup = Self::empty(0x1209, 12);
        for (slot, recipe, hardware) in
            [(0, 0, 2), (1, 0, 3), (2, 2, 2), (4, 2, 4), (5, 4, 1), (6, 5, 1), (8, 0, 3), (9, 4, 1)]
        {
            setup.modules.push(ModuleSetup::of(slot, recipe, hardware));
        }
        let (old, new) = (images::RECIPES[2].bytes(), images::RECIPES[3].bytes());
        setup.modules[3].installed = Installed::Interrupted { old, new, pages: 311 };
        setup.modules[7].installed = Installed::Blank;
        setup
    }

    /// A rack of `modules` modules of mixed types, each with its type's old version.
    pub fn rack(modules: usize) -> Self {
        let modules = (0..modules.min(SLOTS_MAX)).map(|slot| match slot % 3 {
            0 => ModuleSetup::of(slot, 0, 2),
            1 => ModuleSetup::of(slot, 2, 3),
            _ => ModuleSetup::of(slot, 4, 1),
        });
        let modules = modules.collect::<Vec<_>>();
        Self::empty(1, modules.len()).with(modules)
    }

    /// A rack of empty slots on one bus at 1 MHz.
    pub fn empty(seed: u64, slots: usize) -> Self {
        let mut setup = Self {
            seed,
            name: *b"Rackflash demo\0\0",
            firmware: Version::new(0, 1, 0),
            blocks: BLOCKS,
            buses: vec![BusInfo { clock_hz: 1_000_000, first: FIRST_ADDRESS, last: LAST_ADDRESS }],
            slots: Vec::new(),
            modules: Vec::new(),
            link: LinkSetup::USB,
            faults: Faults::default(),
        };
        for address in (FIRST_ADDRESS..LAST_ADDRESS).take(slots.min(SLOTS_MAX)) {
            setup.slots.push(SlotInfo { bus: Bus(0), address });
        }
        setup
    }

    /// With these modules in it.
    #[must_use]
    pub fn with(mut self, modules: Vec<ModuleSetup>) -> Self {
        self.modules = modules;
        self
    }
}

/// An STM32H743 has 512 KB of RAM in one piece (AXI SRAM); this many blocks of 1,288 bytes fill it but for 1 %.
pub const BLOCKS: usize = 400;

/// A module and the place it sits in.
#[derive(Clone, Debug)]
pub struct ModuleSetup {
    /// Its slot, counted from 0.
    pub slot: usize,
    /// The address it has, if it is not the one its slot gives: a wrong jumper.
    pub home: Option<Address>,
    /// What it is.
    pub kind: ModuleType,
    /// Its board.
    pub hardware: u8,
    /// Its silicon's number; `None`: drawn.
    pub uid: Option<Uid>,
    /// Its chip.
    pub variant: Variant,
    /// How fast its flash is.
    pub flash_time: FlashTime,
    /// Its loader.
    pub loader: Version,
    /// What its flash holds.
    pub installed: Installed,
    /// Whether its hardware notices that another module talks over it.
    pub arbitration: Arbitration,
    /// How it changes what it says; `None`: it is honest.
    pub lie: Option<Lie>,
}

/// Changes the bytes that a module says at an address: its loader is not the one of this project.
pub type Lie = fn(from: Address, said: &mut [u8]);

impl ModuleSetup {
    /// A module that runs one of the demo's images.
    fn of(slot: usize, recipe: usize, hardware: u8) -> Self {
        let recipe = &images::RECIPES[recipe];
        let variant = match recipe.module {
            images::QUAD_VCO => Variant::Kb128,
            images::TWIN_FILTER => Variant::Kb192,
            _ => Variant::Kb64,
        };
        Self::new(slot, recipe.module, hardware, variant, Installed::Image(recipe.bytes()))
    }

    /// A module with a fast flash, its own number and hardware that arbitrates.
    pub const fn new(
        slot: usize,
        kind: ModuleType,
        hardware: u8,
        variant: Variant,
        installed: Installed,
    ) -> Self {
        Self {
            slot,
            home: None,
            kind,
            hardware,
            uid: None,
            variant,
            flash_time: FlashTime::Typical,
            loader: Version::new(1, 0, 0),
            installed,
            arbitration: Arbitration::Works,
            lie: None,
        }
    }
}

/// What a module's flash holds at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installed {
    /// Nothing but the loader.
    Blank,
    /// An image with a valid record.
    Image(Vec<u8>),
    /// The first pages of an image that an update did not finish, over an older one.
    Interrupted {
        /// What was there.
        old: Vec<u8>,
        /// What was being written.
        new: Vec<u8>,
        /// How many whole pages of it were, besides the first.
        pages: u16,
    },
}

/// Whether a module that sends a 1 and sees a 0 falls silent until the next transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arbitration {
    /// Yes, as a chip in SMBus mode does.
    Works,
    /// No: the lines carry the AND of all that talk.
    Missing,
}

/// What goes wrong. The rates are those of independent events in a seeded order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Bits that arrive flipped on the modules' buses, of 10^9. 10,000 is a bit error rate of 1e-5.
    pub bus_flips_per_1e9: u32,
    /// Bits on the modules' buses that are read as the bit before them, of 10^9: what an I2C peripheral does whose own
    /// clock is too slow for the bus (STM32L07x errata, ES0292, 2.12.3).
    pub bus_late_bits_per_1e9: u32,
    /// Transactions that another controller takes over, of 10^6: the base loses arbitration.
    pub bus_taken_per_1e6: u32,
    /// Bits that arrive flipped on the link, of 10^9.
    pub link_flips_per_1e9: u32,
    /// Link frames that are lost, of 10^6.
    pub link_lost_per_1e6: u32,
    /// Link frames that arrive twice, of 10^6.
    pub link_doubled_per_1e6: u32,
    /// Link frames that arrive behind the next one, of 10^6.
    pub link_overtaken_per_1e6: u32,
    /// Applications that start and then hang.
    pub hangs: Vec<Release>,
    /// What happens when.
    pub incidents: Vec<(Instant, Incident)>,
}

/// An application by what its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// For which module.
    pub module_type: u16,
    /// Which version.
    pub version: Version,
}

/// Something that happens to the rack at one moment. Modules are counted as in [`Setup::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Incident {
    /// The cable is pulled out.
    UnplugCable,
    /// The cable is put in.
    PlugCable,
    /// Nothing moves on the cable for so long.
    Stall(Duration),
    /// The whole rack loses its power for so long.
    PowerCut(Duration),
    /// The base alone restarts.
    ResetBase,
    /// One module loses its power for so long, or resets for a brown-out.
    CutPower {
        /// Which.
        module: usize,
        /// For how long.
        off: Duration,
    },
    /// One module will lose its power at one flash operation.
    CutAt {
        /// Which.
        module: usize,
        /// Where.
        at: CutAt,
    },
    /// A page of a module wears out.
    Wear {
        /// Which.
        module: usize,
        /// What.
        wear: Wear,
    },
    /// A module is taken out of its slot.
    Pull {
        /// Which.
        module: usize,
    },
    /// A module is put back into its slot.
    Insert {
        /// Which.
        module: usize,
    },
    /// A module is taken out, and another of its kind is put in: another number, and nothing in its flash yet.
    Replace {
        /// Which.
        module: usize,
    },
    /// A module does not let go of a line until it is reset.
    Hold {
        /// Which.
        module: usize,
        /// Which line.
        line: Line,
    },
    /// A module has missed clocks: it holds SDA until it gets the nine that it waits for.
    MissClocks {
        /// Which.
        module: usize,
    },
    /// A module does not acknowledge its address for so long, and forgets nothing.
    Deaf {
        /// Which.
        module: usize,
        /// For how long.
        lasts: Duration,
    },
    /// From now on a module stretches the clock for so long in each transaction. [`Duration::MAX`]: for ever, from the
    /// first transaction with it until it is reset.
    Stretch {
        /// Which.
        module: usize,
        /// For how long.
        by: Duration,
    },
    /// The bit error rate of the buses from now on, as [`Faults::bus_flips_per_1e9`].
    BusNoise(u32),
}

/// A line of a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Data.
    Sda,
    /// Clock.
    Scl,
}

/// Where the slots' addresses begin.
const FIRST_ADDRESS: u8 = 0x10;
/// The last address a module may be given: one for each of 64 modules.
const LAST_ADDRESS: u8 = 0x4f;
