//! What the fuzzers call, one function each: bytes decide what happens, a panic is a finding. Refuses bytes that are not
//! cheap: each run is milliseconds.
//!
//! `fuzz/` has the fuzzers themselves, and what they have found so far; `tests/fuzzing` replays that.
#![expect(clippy::cast_possible_truncation, reason = "made-up numbers are cut to size on purpose")]

mod base;
mod chip;
mod choices;
mod hex;
mod link;
mod loader;
mod plan;
mod release;
pub mod session;

/// More memory at once than any input takes: the largest is an image as long as a chip's flash, some 1 MB. What
/// hoards what it is told comes above that, however short an input is.
pub const MEMORY_MAX: u64 = 4 << 20;

/// One fuzzer.
pub type Target = fn(&[u8]);

/// Each fuzzer by its name.
pub const TARGETS: [(&str, Target); 7] = [
    ("link", link::run),
    ("base", base::run),
    ("loader", loader::run),
    ("hex", hex::run),
    ("plan", plan::run),
    ("release", release::run),
    ("session", session::run),
];

/// Runs the fuzzer of this name.
///
/// # Panics
/// If it has found something, or if there is no such fuzzer.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|(target, _)| *target == name);
    target.expect("a fuzzer of this name").1(input);
}
