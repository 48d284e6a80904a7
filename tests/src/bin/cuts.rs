//! Cuts the power at every flash operation of full updates of all chips, and at every pair of them of small ones, for `cargo
//! xtask cuts`. Reads no arguments.

use std::time::Instant;

use rackflash_sim::chip::Variant;
use rackflash_sim::setup::Installed;
use rackflash_tests::cuts::{CHIPS, Case, ONCE, pairs};

fn main() {
    for variant in CHIPS {
        let (case, start) = (Case::full(variant), Instant::now());
        let tried = case.cut(&Installed::Image(case.old()), &ONCE, &[]);
        println!("{tried} ({:.1} s)", start.elapsed().as_secs_f64());
    }
    for variant in [Variant::Reduced, Variant::DualReduced] {
        for (name, tried) in pairs(variant) {
            println!("every pair, {name}: {tried}");
        }
    }
}
