//! What a module runs, since when, and what was begun since. Refuses to decide it.

use rackflash_core::module::{PAGE_LEN, record};
use rackflash_core::time::Instant;
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::version::Version;

use crate::module::Module;

/// What a module runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Nothing: it has no power.
    Nothing,
    /// Its boot code decides, or what it has started is not up yet.
    Starting,
    /// The loader, and why.
    Loader(Why),
    /// The application of this version.
    Application(Version),
    /// Something that does not answer.
    Hung,
    /// ST's loader from the chip's ROM.
    Rom,
}

/// Something began to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// When.
    pub at: Instant,
    /// What.
    pub runs: Runs,
    /// How often an update had been opened by then: see [`Module::openings`](crate::module::Module::openings).
    pub openings: u32,
}

impl Module {
    /// How often an update of it was opened: each erases the page of the record.
    pub fn openings(&self) -> u32 {
        let geometry = &self.config().identity.geometry;
        let page = (record::address(geometry) - geometry.flash_start) as usize / PAGE_LEN;
        self.memory().erases()[page]
    }
}
