//! Cuts the power at every flash operation of full updates of all chips, for `cargo xtask cuts`. Reads no arguments.

use std::time::Instant;

use rackflash_sim::setup::Installed;
use rackflash_tests::cuts::{CHIPS, Case, ONCE};

fn main() {
    for variant in CHIPS {
        let (case, start) = (Case::full(variant), Instant::now());
        let tried = case.cut(&Installed::Image(case.old()), &ONCE, &[]);
        println!("{tried} ({:.1} s)", start.elapsed().as_secs_f64());
    }
}
