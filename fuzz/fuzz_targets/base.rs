//! Any host and any modules, to a base.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| rackflash_tests::fuzzing::run("base", input));
