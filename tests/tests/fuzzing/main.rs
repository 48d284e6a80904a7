//! The fuzzers without a fuzzer: what they have found so far, replayed, and noise. Needs no nightly compiler.

use std::fs;
use std::path::{Path, PathBuf};

use rackflash_tests::fuzzing::{MEMORY_MAX, TARGETS, Target};
use rackflash_tests::numbers::Numbers;

/// Inputs of noise for each fuzzer.
const NOISE: u64 = 300;

/// Of one thread alone: tests run side by side.
fn within_memory(target: Target, input: &[u8]) -> u64 {
    let used = allocation_counter::measure(|| target(input)).bytes_max;
    assert!(used <= MEMORY_MAX, "{used} bytes at once");
    used
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(name)
}

#[test]
fn every_input_of_the_corpus() {
    for (name, target) in TARGETS {
        let corpus = folder("corpus").join(name);
        let (mut inputs, mut used) = (0, 0);
        for entry in fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{name}: {error}")) {
            let path = entry.unwrap().path();
            // Shown when it panics.
            println!("{}", path.display());
            used = within_memory(target, &fs::read(&path).unwrap()).max(used);
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no corpus");
        println!("{name}: {inputs} inputs, at most {used} bytes at once");
    }
}

#[test]
fn noise() {
    for (name, target) in TARGETS {
        for seed in 0..NOISE {
            // Shown when it panics.
            println!("{name} {seed}");
            within_memory(target, &Numbers::new(seed).bytes(600));
        }
    }
}

#[test]
fn every_fuzzer_can_be_run() {
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    let found = fs::read_dir(folder("fuzz_targets")).unwrap().count();
    assert_eq!((found, manifest.matches("[[bin]]").count()), (TARGETS.len(), TARGETS.len()));
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        let main = fs::read_to_string(folder(&format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(main.contains(&format!("run(\"{name}\", input)")), "{name} calls itself");
    }
}
