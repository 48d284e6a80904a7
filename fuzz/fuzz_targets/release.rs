//! Any release, and any signature.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rackflash_tests::fuzzing::run("release", input));
