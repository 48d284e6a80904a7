//! Swarms: racks of all kinds with several faults at once, each drawn whole from one number.
//!
//! - [`scenario`]: what a seed stands for.
//! - [`run`]: one scenario from its start to its end, and what must hold there.
//! - `patience`: how long it may take.
//! - [`soak`]: many of them, on all cores.

mod patience;
pub mod run;
pub mod scenario;
pub mod soak;
