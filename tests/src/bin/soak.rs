//! Runs swarms of faults for `cargo xtask soak` and `cargo xtask replay`. Reads its arguments; refuses to know what they do.

use core::cell::RefCell;
use std::io::{BufWriter, stdout};
use std::process::ExitCode;
use std::rc::Rc;

use rackflash_tests::swarm::run::Transcript;
use rackflash_tests::swarm::soak::{replay, soak};

/// From so many on the speed of the simulator is held: few may happen to be slow ones.
const SEEDS_MIN: u64 = 1_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = arguments.iter().filter_map(|number| number.parse().ok()).collect();
    match numbers[..] {
        [seed] => {
            let output: Transcript = Rc::new(RefCell::new(BufWriter::new(stdout().lock())));
            match replay(seed, &output) {
                Ok(true) => ExitCode::SUCCESS,
                Ok(false) | Err(_) => ExitCode::FAILURE,
            }
        }
        [start, end] => {
            let summary = soak(start..end);
            println!("{summary}");
            if summary.seeds >= SEEDS_MIN && !summary.is_fast() {
                eprintln!("error: the simulator is too slow");
                return ExitCode::FAILURE;
            }
            if summary.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        _ => {
            eprintln!("usage: soak SEED | soak START END");
            ExitCode::FAILURE
        }
    }
}
