//! A virtual rack: core's real base and loader code in a world with physics, for the tests and for the page's demo.
//!
//! [`world::World`] is the rack, [`setup::Setup`] what it is made of and what goes wrong in it. One virtual clock, everything seeded:
//! the same set-up and the same bytes from the host at the same times give the same world, bit for bit. It runs as
//! fast as it is asked to; in real time, a shell calls [`world::World::run_until`] with the time on its wall.
//!
//! It never sees core's host side, so it cannot cheat.
#![forbid(unsafe_code)]

pub mod bus;
pub mod cable;
pub mod chip;
pub mod images;
mod install;
mod lines;
pub mod memory;
pub mod module;
pub mod rng;
#[cfg(feature = "rom")]
pub mod rom;
pub mod setup;
mod starts;
mod tear;
pub mod trace;
pub mod world;

use rackflash_core::time::Instant;

/// A time that does not come.
const NEVER: Instant = Instant::NEVER;
