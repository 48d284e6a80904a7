//! Whole updates: a host, a base and modules on one bench.
//!
//! - [`conversation`]: one small update, every frame of it.
//! - [`racks`]: racks of all kinds, and what they end as.
//! - [`refused`]: images that are not for a module, and what is said before it is touched.
//! - [`interrupted`]: cables, power and modules that go away in the middle.
//! - [`cuts`]: the power goes at every flash operation of an update.
//! - [`noise`]: bits flip, frames are lost, the browser sleeps.
//! - [`liars`]: bases that are none, and bases that lie.

mod conversation;
mod cuts;
mod interrupted;
mod liars;
mod noise;
mod racks;
mod recipes;
mod refused;
