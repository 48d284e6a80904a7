//! Racks of modules that each want an image of their own. Refuses to put anything wrong into them: a test does that.

use rackflash_core::wire::version::Version;
use rackflash_sim::chip::Variant;
use rackflash_sim::images::{ModuleType, Recipe, TWIN_FILTER};
use rackflash_sim::setup::{Installed, ModuleSetup, Setup};

/// What the modules run before.
pub const OLD: Version = Version::new(1, 0, 0);
/// What they are offered.
pub const NEW: Version = Version::new(1, 1, 0);

/// An image of `len` bytes for the type of this number.
pub fn recipe(number: u16, version: Version, len: usize) -> Recipe {
    Recipe {
        module: ModuleType { number: 0x200 + number, ..TWIN_FILTER },
        hardware: (1, 1),
        version,
        len,
        code: u64::from(number) * 2 + u64::from(version.minor),
        settings: 3,
    }
}

/// A module in a slot that runs the old version of [`recipe`].
pub fn outdated(slot: usize, number: u16, len: usize, variant: Variant) -> ModuleSetup {
    let old = recipe(number, OLD, len);
    ModuleSetup::new(slot, old.module, 1, variant, Installed::Image(old.bytes()))
}

/// As many modules as there are images, each of a type of its own so that each gets its own image of `len` bytes.
pub fn all_different(modules: u16, len: usize, variant: Variant) -> (Setup, Vec<Recipe>) {
    let setups = (0..modules).map(|number| outdated(number.into(), number, len, variant));
    let setup = Setup::empty(1, modules.into()).with(setups.collect());
    (setup, (0..modules).map(|number| recipe(number, NEW, len)).collect())
}
