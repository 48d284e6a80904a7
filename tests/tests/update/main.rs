//! Whole updates: a host, a base and modules on one bench. What goes wrong has a suite of its own: `tests/faults`.
//!
//! - [`conversation`]: one small update, every frame of it.
//! - [`racks`]: racks of all kinds, and what they end as.
//! - [`estimate`]: how long it takes is told before, and is true.
//! - [`interrupted`]: cables, power and modules that go away in the middle.
//! - [`parties`]: modules of one image are updated together.
//! - [`noise`]: bits flip, frames are lost, the browser sleeps.
//! - [`wishes`]: a click counts for whoever comes while it is done.
//! - [`shown`]: what a page shows of it, and when.
//! - [`problems`]: what a terminal is told of each problem.

mod conversation;
mod estimate;
mod interrupted;
mod noise;
mod parties;
mod problems;
mod racks;
mod recipes;
mod shown;
mod wishes;
