//! Fault 4, all of it: the power cut twice, at every pair of flash operations of an update and of what mends it
//! (`tests/src/cuts.rs`). What the second cut left, a third host mends.
//!
//! A chip that is small enough, and an image of eight pages: journal, record, vectors, and both banks take part. Full updates
//! of the chips there are: `cargo xtask cuts`, which prints these pairs, too.
//!
//! `tests/loader/cuts.rs` does the same with smaller rings, so that notes of the journal follow each other, and with a host
//! that believes every page that happens to read well.

use rackflash_sim::chip::Variant;
use rackflash_tests::cuts::pairs;

#[test]
fn fault_04_power_cut_at_every_pair_of_operations() {
    all_pairs(Variant::Reduced);
}

#[test]
fn fault_04_power_cut_at_every_pair_of_operations_of_two_banks() {
    all_pairs(Variant::DualReduced);
}

fn all_pairs(variant: Variant) {
    for (name, tried) in pairs(variant) {
        println!("{name}: {tried}");
        assert!(tried.states() > 500, "{} states are few", tried.states());
    }
}
