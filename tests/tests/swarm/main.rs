//! Swarms of faults: a few of those that `cargo xtask soak` runs, and what makes them worth running.

use core::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rackflash_tests::swarm::scenario::{Act, Scenario};
use rackflash_tests::swarm::soak::{replay, soak};

#[test]
fn the_first_hundred() {
    let summary = soak(0..100);
    println!("{summary}");
    assert!(summary.failures.is_empty(), "{summary}");
    assert_eq!(summary.seeds, 100);
}

/// A bus with one bit in 10,000 flipped: an answer whose PEC is right and its CRC is not; digests of pages, read in vain four
/// times in a row.
#[test]
fn what_long_soaks_have_found() {
    for seed in [16_863, 25_881, 28_524] {
        let summary = soak(seed..seed + 1);
        assert!(summary.failures.is_empty(), "{summary}: {:?}", summary.failures);
    }
}

fn transcript(seed: u64) -> Vec<u8> {
    let text = Rc::new(RefCell::new(Vec::new()));
    replay(seed, &(text.clone() as _)).expect("memory takes it");
    text.take()
}

#[test]
fn the_same_seed_is_the_same_to_the_last_byte() {
    for seed in [3, 17, 285] {
        let (once, again) = (transcript(seed), transcript(seed));
        assert!(once == again, "seed {seed}");
        assert!(once.len() > 10_000, "seed {seed}: {} bytes tell little", once.len());
    }
    assert_ne!(transcript(3), transcript(17));
}

/// Whatever can happen happens somewhere: a draw that is never made proves nothing.
#[test]
fn every_fault_is_drawn() {
    let mut drawn = BTreeSet::new();
    for seed in 0..500 {
        let scenario = Scenario::of(seed);
        let lies = scenario.setup.modules.iter().any(|module| module.lie.is_some());
        drawn.extend(lies.then(|| "Lie".to_owned()));
        for (_, act) in scenario.acts {
            let act = match act {
                Act::Rack(incident) => format!("{incident:?}"),
                act => format!("{act:?}"),
            };
            drawn.extend(act.split([' ', '(']).next().map(str::to_owned));
        }
    }
    let drawn: Vec<_> = drawn.iter().map(String::as_str).collect();
    let expected = "Blink BusNoise Close CutAt CutPower Deaf Hold Insert Lie MissClocks Open PlugCable PowerCut Pull Reload Replace ResetBase \
        Stall Stretch Swap UnplugCable Update UpdateAll Wear";
    assert_eq!(drawn.join(" "), expected);
}
