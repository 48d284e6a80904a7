//! A rack with the images it is to run, what happens to it after the click, and what physics allows.

use std::collections::BTreeMap;

use rackflash_core::module::record::{self, MARK};
use rackflash_core::module::{Banks, HALF_PAGE_LEN, PAGE_LEN, WORD_LEN};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::header::{HEADER_OFFSET, ImageHeader};
use rackflash_core::wire::message::Bus;
use rackflash_sim::chip::{FLASH_START, FlashTime, Violations};
use rackflash_sim::module::{Module, Runs};
use rackflash_sim::setup::{Incident, Installed, ModuleSetup, Setup};
use rackflash_sim::world::World;

/// A page frame on the bus: the address, 8 bytes around the page, 128, a status read of 5.
const PAGE_BUS_BYTES: f64 = 142.0;
/// What a page's digest adds to the bus where pages are compared.
const DIGEST_BUS_BYTES: f64 = 4.0;
/// 8 and the acknowledge bit.
const BYTE_CLOCKS: f64 = 9.0;
/// An erase and two half-pages.
const PAGE_OPERATIONS: f64 = 3.0;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Rack {
    pub(super) setup: Setup,
    /// One for each type of module.
    pub(super) images: Vec<Vec<u8>>,
    /// What happens, and how long after the click.
    pub(super) incidents: Vec<(Duration, Incident)>,
}

/// A module that will be there to the end, and what it is to run.
#[derive(Debug)]
pub(super) struct Update<'a> {
    /// As in [`Setup::modules`].
    pub(super) module: usize,
    pub(super) image: &'a [u8],
}

impl Rack {
    /// Whether nothing happens to it.
    fn stays(&self, module: usize) -> bool {
        !self.incidents.iter().any(|(_, incident)| match *incident {
            Incident::Pull { module: dies }
            | Incident::Deaf { module: dies, .. }
            | Incident::Stretch { module: dies, .. } => dies == module,
            _ => false,
        })
    }

    /// Lets what happens to the cable happen, from `start` on.
    pub(super) fn stall(&self, world: &mut World, start: Instant) {
        for (after, incident) in &self.incidents {
            if matches!(incident, Incident::Stall(_)) {
                world.schedule(start + *after, *incident);
            }
        }
    }

    /// The modules that stay.
    pub(super) fn staying(&self) -> usize {
        (0..self.setup.modules.len()).filter(|module| self.stays(*module)).count()
    }

    /// What a host has to do that does not ask what a module holds.
    pub(super) fn updates(&self) -> impl Iterator<Item = Update<'_>> {
        let modules = self.setup.modules.iter().enumerate();
        let stays = modules.filter(|(module, _)| self.stays(*module));
        stays.map(|(module, setup)| Update { module, image: self.image(setup) })
    }

    fn image(&self, module: &ModuleSetup) -> &[u8] {
        let is_for = |image: &Vec<u8>| header(image).module_type == module.kind.number;
        self.images.iter().find(|image| is_for(image)).expect("an image for each module")
    }

    /// Whether every module that stays runs its image, confirmed.
    pub(super) fn runs(&self, world: &World) -> bool {
        world.modules().iter().enumerate().filter(|(index, _)| self.stays(*index)).all(
            |(index, module)| {
                let image = self.image(&self.setup.modules[index]);
                module.runs() == Runs::Application(header(image).version) && is_confirmed(module)
            },
        )
    }

    /// # Panics
    /// If a module that stays does not run and hold its image to the last byte.
    pub(super) fn check(&self, world: &World) {
        assert!(self.runs(world), "every module runs its image");
        for (index, module) in world.modules().iter().enumerate() {
            assert_eq!(module.memory().violations(), Violations::default());
            let image = self.image(&self.setup.modules[index]);
            let held = &module.memory().application()[..image.len()];
            assert!(!self.stays(index) || held == image, "module {index} does not hold its image");
        }
    }

    /// The least time in seconds: on the busiest bus every image that differs goes over the bus once, while each module
    /// writes its own; and one page to fill.
    pub(super) fn floor(&self) -> f64 {
        let buses = (0..).zip(&self.setup.buses);
        buses.map(|(bus, info)| self.floor_of(Bus(bus), info.clock_hz.into())).fold(0.0, f64::max)
    }

    fn floor_of(&self, bus: Bus, clock_hz: f64) -> f64 {
        let byte = BYTE_CLOCKS / clock_hz;
        // Identical ones go over the bus once.
        let mut on_bus = BTreeMap::new();
        let mut flash: f64 = 0.0;
        for module in &self.setup.modules {
            if self.setup.slots[module.slot].bus != bus {
                continue;
            }
            let image = self.image(module);
            let (pages, changed) = (image.len().div_ceil(PAGE_LEN), changed(module, image));
            let compared = if changed < pages { pages } else { 0 };
            let time =
                (changed as f64 * PAGE_BUS_BYTES + compared as f64 * DIGEST_BUS_BYTES) * byte;
            let longest: &mut f64 = on_bus.entry(module.kind.number).or_default();
            *longest = longest.max(time);
            flash = flash.max(in_a_row(module, image) as f64 * flash_page(module));
        }
        on_bus.values().sum::<f64>().max(flash) + PAGE_BUS_BYTES * byte
    }
}

/// The flash time of a page, in seconds.
fn flash_page(module: &ModuleSetup) -> f64 {
    assert_eq!(module.flash_time, FlashTime::Typical);
    PAGE_OPERATIONS * module.flash_time.duration().as_secs_f64()
}

fn header(image: &[u8]) -> ImageHeader {
    ImageHeader::parse(&image[HEADER_OFFSET as usize..]).expect("an image with a header")
}

/// How many pages do not hold their bytes.
fn changed(module: &ModuleSetup, image: &[u8]) -> usize {
    changes(module, image).len()
}

/// The pages that do not hold their bytes.
fn changes(module: &ModuleSetup, image: &[u8]) -> Vec<usize> {
    let pages = image.chunks(PAGE_LEN).enumerate();
    let Installed::Image(old) = &module.installed else { return pages.map(|(at, _)| at).collect() };
    let mut before = old.chunks(PAGE_LEN);
    pages.filter(|(_, page)| before.next() != Some(page)).map(|(at, _)| at).collect()
}

/// How many of them are written one after the other: of two banks the one that has more.
fn in_a_row(module: &ModuleSetup, image: &[u8]) -> usize {
    let changes = changes(module, image);
    if module.variant.banks() == Banks::One {
        return changes.len();
    }
    let geometry = module.variant.geometry();
    let before = geometry.application_start - geometry.flash_start;
    let second = (geometry.flash_len / 2 - before) as usize / PAGE_LEN;
    let in_first = changes.iter().filter(|page| **page < second).count();
    in_first.max(changes.len() - in_first)
}

/// Whether any of the words for it is marked. Docs: core's `module/record.rs`.
fn is_confirmed(module: &Module) -> bool {
    let at = (record::address(&module.config().identity.geometry) - FLASH_START) as usize;
    let marks = &module.memory().flash()[at + HALF_PAGE_LEN..at + PAGE_LEN];
    let words = marks.as_chunks::<WORD_LEN>().0;
    words.iter().skip(record::ATTEMPTS_MAX.into()).any(|word| *word == MARK.to_le_bytes())
}
