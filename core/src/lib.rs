//! The protocols of Rackflash. No I/O, no clock, no randomness: bytes, time and entropy come in as arguments.
//!
//! [`wire`] is what goes over the cables. [`base`] and [`module`] are the two ends that run on chips, without an
//! allocator; `host` is the one that runs in the page and the command. The three know `wire` and [`link`], never one
//! another.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "host")]
extern crate alloc;

pub mod base;
#[cfg(feature = "host")]
pub mod host;
pub mod link;
pub mod module;
pub mod time;
pub mod wire;
