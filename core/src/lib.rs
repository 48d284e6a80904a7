//! The protocols of Rackflash. No I/O, no clock, no randomness: bytes, time and entropy come in as arguments.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
