//! Images of any size, and racks of modules that run them.

use rackflash_core::wire::version::Version;
use rackflash_sim::chip::Variant;
use rackflash_sim::images::{ENVELOPE, QUAD_VCO, Recipe, TWIN_FILTER};
use rackflash_sim::setup::{Installed, ModuleSetup, Setup};

/// An image for an envelope, of `len` bytes.
pub(crate) fn envelope(version: Version, len: usize) -> Recipe {
    Recipe {
        module: ENVELOPE,
        hardware: (1, 1),
        version,
        len,
        code: u64::from(version.minor),
        settings: 1,
    }
}

pub(crate) const OLD: Version = Version::new(1, 0, 0);
pub(crate) const NEW: Version = Version::new(1, 1, 0);

/// A rack with one envelope that runs `installed`.
pub(crate) fn one_envelope(installed: &Recipe) -> Setup {
    let installed = Installed::Image(installed.bytes());
    Setup::empty(1, 1).with(vec![ModuleSetup::new(0, ENVELOPE, 1, Variant::Kb64, installed)])
}

/// As many modules as there are images, each of a type of its own so that each gets its own image of `len` bytes.
pub(crate) fn all_different(modules: u16, len: usize) -> (Setup, Vec<Recipe>) {
    let recipe = |number: u16, version: Version| Recipe {
        module: rackflash_sim::images::ModuleType { number: 0x200 + number, ..TWIN_FILTER },
        hardware: (1, 1),
        version,
        len,
        code: u64::from(number) * 2 + u64::from(version.minor),
        settings: 3,
    };
    let setups = (0..modules).map(|number| {
        let old = recipe(number, OLD);
        ModuleSetup::new(
            number.into(),
            old.module,
            1,
            Variant::Kb128,
            Installed::Image(old.bytes()),
        )
    });
    let setup = Setup::empty(1, modules.into()).with(setups.collect());
    (setup, (0..modules).map(|number| recipe(number, NEW)).collect())
}

/// An oscillator that runs an image of `len` bytes, in a slot.
pub(crate) fn oscillator(slot: usize, len: usize) -> ModuleSetup {
    let recipe =
        Recipe { module: QUAD_VCO, hardware: (1, 3), version: OLD, len, code: 9, settings: 1 };
    ModuleSetup::new(slot, QUAD_VCO, 2, Variant::Kb128, Installed::Image(recipe.bytes()))
}
