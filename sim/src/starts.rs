//! What a module runs, and since when. Refuses to decide it.

use rackflash_core::time::Instant;
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::version::Version;

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
}
