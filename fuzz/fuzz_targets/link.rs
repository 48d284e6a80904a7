//! Anything on the line between host and base.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rackflash_tests::fuzzing::run("link", input));
