//! Fault 4, all of it: the power cut twice, at every pair of flash operations of an update and of what mends it
//! (`tests/src/cuts.rs`). What the second cut left, a third host mends.
//!
//! A chip that is small enough, and an image of eight pages: journal, record, vectors, and both banks take part. Full updates
//! of the chips there are: `cargo xtask cuts`.
//!
//! `tests/loader/cuts.rs` does the same with smaller rings, so that notes of the journal follow each other, and with a host
//! that believes every page that happens to read well.

use rackflash_core::time::Duration;
use rackflash_sim::chip::{Cut, Variant};
use rackflash_sim::setup::Installed;
use rackflash_tests::cuts::Case;

/// Eight pages. With two banks, half of them lie in each.
const LEN: usize = 1_000;
/// How each operation is cut the first time. It is torn in several ways: early, late, in its middle.
const CUTS: [(Cut, u64); 6] = [
    (Cut::Before, 0),
    (Cut::Torn, 1),
    (Cut::Torn, 2),
    (Cut::Torn, 3),
    (Cut::Torn, 4),
    (Cut::After, 0),
];
/// And the second time: torn differently in each state, so that two ways are enough.
const CUTS_AGAIN: [(Cut, u64); 4] =
    [(Cut::Before, 0), (Cut::Torn, 1), (Cut::Torn, 2), (Cut::After, 0)];
/// An update of so few pages takes 0.1 s.
const BOUND: Duration = Duration::from_secs(1);

#[test]
fn fault_04_power_cut_at_every_pair_of_operations() {
    all_pairs(Variant::Reduced);
}

#[test]
fn fault_04_power_cut_at_every_pair_of_operations_of_two_banks() {
    all_pairs(Variant::DualReduced);
}

fn all_pairs(variant: Variant) {
    let case = Case { variant, len: LEN, bound: BOUND };
    let interrupted = Installed::Interrupted { old: case.old(), new: case.offered(), pages: 3 };
    for (name, installed) in [
        ("blank", Installed::Blank),
        ("an old image", Installed::Image(case.old())),
        ("an interrupted update", interrupted),
    ] {
        let tried = case.cut(&installed, &CUTS, &CUTS_AGAIN);
        println!("{name}: {tried}");
        assert!(tried.states() > 500, "{} states are few", tried.states());
    }
}
