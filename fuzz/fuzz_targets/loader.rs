//! Anything on a module's bus, and a chip that fails.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rackflash_tests::fuzzing::run("loader", input));
