//! Images of any size, and racks of modules that run them.

use rackflash_core::wire::version::Version;
use rackflash_sim::chip::Variant;
use rackflash_sim::images::{ENVELOPE, QUAD_VCO, Recipe};
use rackflash_sim::setup::{Installed, ModuleSetup, Setup};
use rackflash_tests::racks;
pub(crate) use rackflash_tests::racks::{NEW, OLD};

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

/// A rack with one envelope that runs `installed`.
pub(crate) fn one_envelope(installed: &Recipe) -> Setup {
    let installed = Installed::Image(installed.bytes());
    Setup::empty(1, 1).with(vec![ModuleSetup::new(0, ENVELOPE, 1, Variant::Kb64, installed)])
}

/// As many modules as there are images, each of a type of its own so that each gets its own image of `len` bytes.
pub(crate) fn all_different(modules: u16, len: usize) -> (Setup, Vec<Recipe>) {
    racks::all_different(modules, len, Variant::Kb128)
}

/// An oscillator that runs an image of `len` bytes, in a slot.
pub(crate) fn oscillator(slot: usize, len: usize) -> ModuleSetup {
    let recipe =
        Recipe { module: QUAD_VCO, hardware: (1, 3), version: OLD, len, code: 9, settings: 1 };
    ModuleSetup::new(slot, QUAD_VCO, 2, Variant::Kb128, Installed::Image(recipe.bytes()))
}
