//! Any image for any module.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rackflash_tests::fuzzing::run("plan", input));
