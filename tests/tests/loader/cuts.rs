//! The power cut at every flash operation of an update and of its resumption: before it, within it, after it. And by chance,
//! much more often, with images of all lengths.
//!
//! At each moment the module must be in exactly one of: an image that it was given runs, whole; or the loader waits and says
//! why. The host here judges pages by their digests, as hosts do, and so believes every torn page that happens to read well.

use std::collections::BTreeSet;

use rackflash_core::module::boot::{Asked, Start, decide};
use rackflash_core::module::{Config, Step};
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::module::{Outcome, Request};

use crate::bench::{Bench, Code, PowerLost, RING, install};
use crate::chip::{CUTS, Cut, TestChip};
use crate::{APPLICATION_START, FLASH_START, LOADER_LEN, PAGES, Rng, config, image};

/// What an update sent.
#[derive(Debug, Default)]
struct Sent {
    /// Pages that the loader insisted on although they were whole and right.
    in_vain: usize,
}

/// From the moment the power comes until `image` runs and is confirmed.
fn update(bench: &mut Bench, image: &[u8]) -> Result<Sent, PowerLost> {
    bench.boot(Asked::Nothing)?;
    bench.enter_loader()?;
    let sent = send(bench, image)?;
    let digest = digest(image).to_le_bytes().to_vec();
    assert_eq!(bench.ask(&Request::Commit)?, (Outcome::Done, digest));
    assert_eq!(bench.chip.whole(APPLICATION_START, image.len()), Some(image), "committed");
    let (outcome, _) = bench.ask(&Request::Run)?;
    assert_eq!((outcome, bench.steps.pop()), (Outcome::Done, Some(Step::RestartApplication)));
    let start = bench.boot(Asked::Nothing)?;
    assert!(matches!(start, Start::Application { attempt: Some(_) }), "{start:?}");
    assert_eq!(bench.ask(&Request::Confirm)?.0, Outcome::Done);
    assert!(matches!(bench.code, Code::Application(_)));
    Ok(sent)
}

fn send(bench: &mut Bench, image: &[u8]) -> Result<Sent, PowerLost> {
    let pages = (image.len() / 128) as u16;
    let digests = bench.ask(&Request::PageDigests { first: 0, count: pages as u8 })?.1;
    let differing: Vec<u16> = (1..pages)
        .filter(|page| {
            let at = usize::from(*page);
            digests[at * 4..][..4] != digest(&image[at * 128..][..128]).to_le_bytes()
        })
        .collect();
    let [redo, _] = bench.begin(image)?;
    let is_right = |page: &u16| {
        let at = usize::from(*page) * 128;
        let there = bench.chip.whole(APPLICATION_START + at as u32, 128);
        there == Some(&image[at..at + 128])
    };
    let in_vain = redo.clone().filter(is_right).count();
    let others = differing.into_iter().filter(|page| !redo.contains(page));
    let all: Vec<u16> = redo.clone().chain(others).chain([0]).collect();
    bench.send(image, &all)?;
    Ok(Sent { in_vain })
}

/// After a cut: whatever it reads, what it does next is one of the things it may do.
fn check(config: &Config, chip: &TestChip, images: &[&[u8]]) -> BTreeSet<String> {
    let mut starts = BTreeSet::new();
    for _ in 0..3 {
        let start = decide(config, chip, Asked::Nothing);
        match start {
            Start::Application { .. } => {
                let runs = images
                    .iter()
                    .any(|image| chip.whole(APPLICATION_START, image.len()) == Some(*image));
                assert!(runs, "a whole image runs");
                starts.insert("application".to_owned());
            }
            Start::Loader(why) => {
                assert!(matches!(why, Why::Blank | Why::Interrupted | Why::NeverConfirmed));
                starts.insert(format!("{why:?}"));
            }
        }
    }
    let loader = chip.whole(FLASH_START, LOADER_LEN as usize).unwrap();
    assert!(loader.iter().all(|byte| *byte == 0xb0));
    starts
}

struct Scenario {
    config: Config,
    old: Option<Vec<u8>>,
    new: Vec<u8>,
}

impl Scenario {
    fn new(old: Option<usize>, new: usize) -> Self {
        Self { config: config(), old: old.map(|pages| image(pages, 1)), new: image(new, 2) }
    }

    fn chip(&self) -> TestChip {
        let mut chip = TestChip::new(&self.config.geometry, 1);
        if let Some(old) = &self.old {
            install(&mut chip, &self.config, old);
        }
        chip
    }

    fn images(&self) -> Vec<&[u8]> {
        self.old.iter().chain([&self.new]).map(Vec::as_slice).collect()
    }

    /// Updates `chip`, the power lost at one operation; the chip then, if it was lost.
    fn cut(&self, chip: &TestChip, at: Option<(usize, Cut)>, seed: u64) -> Option<TestChip> {
        let mut chip = chip.clone();
        chip.reseed(seed);
        chip.power_on();
        chip.cut_at = at;
        let mut bench = Bench::with(self.config, chip, Why::Requested);
        match update(&mut bench, &self.new) {
            Ok(sent) => {
                assert!(sent.in_vain <= RING || self.old.is_none(), "no more than a ring again");
                None
            }
            Err(PowerLost) => {
                bench.chip.power_on();
                check(&self.config, &bench.chip, &self.images());
                Some(bench.chip)
            }
        }
    }

    /// Every cut in an update of `chip`; how many there were.
    fn every_cut(&self, chip: &TestChip, depth: usize, seed: &mut u64) -> usize {
        let mut cuts = 0;
        for operation in 0.. {
            let mut last = true;
            for cut in CUTS {
                *seed += 1;
                let Some(left) = self.cut(chip, Some((operation, cut)), *seed) else { continue };
                last = false;
                cuts += 1;
                if depth > 1 {
                    cuts += self.every_cut(&left, depth - 1, seed);
                } else {
                    assert!(self.cut(&left, None, *seed).is_none());
                }
            }
            if last {
                break;
            }
        }
        cuts
    }
}

#[test]
fn the_power_cut_at_every_flash_operation() {
    let mut cuts = 0;
    for old in [None, Some(3), Some(6), Some(9)] {
        for erased in [0x00, 0xff] {
            let mut scenario = Scenario::new(old, 6);
            scenario.config.geometry.erased = erased;
            for seed in 0..20 {
                cuts += scenario.every_cut(&scenario.chip(), 1, &mut (seed * 1000));
            }
        }
    }
    println!("{cuts} cuts");
    assert!(cuts > 10_000);
}

#[test]
fn the_power_cut_at_every_flash_operation_and_again_at_every_one_after() {
    let mut cuts = 0;
    for old in [None, Some(3), Some(6), Some(7)] {
        let scenario = Scenario::new(old, 6);
        cuts += scenario.every_cut(&scenario.chip(), 2, &mut 1);
    }
    println!("{cuts} cuts");
    assert!(cuts > 10_000);
}

#[test]
fn the_power_cut_again_and_again_while_images_change() {
    for seed in 0..3_000 {
        let mut rng = Rng(seed);
        let config = config();
        let mut given: Vec<Vec<u8>> =
            (0..8).map(|i| image(2 + rng.below(u64::from(PAGES) - 1) as usize, i + 1)).collect();
        given.push(image(6, 9));
        let mut chip = TestChip::new(&config.geometry, seed);
        if rng.below(4) > 0 {
            install(&mut chip, &config, &given[8]);
        }
        let images: Vec<&[u8]> = given.iter().map(Vec::as_slice).collect();
        let mut bench = Bench::with(config, chip, Why::Requested);
        let mut wanted = images[0];
        for _ in 0..12 {
            if rng.below(3) == 0 {
                wanted = images[rng.below(8) as usize];
            }
            bench.chip.power_on();
            // Early in the update mostly: there it is that cut follows on cut.
            let span = if rng.below(2) == 0 { 8 } else { 60 };
            bench.chip.cut_at = Some((rng.below(span) as usize, CUTS[rng.below(3) as usize]));
            if update(&mut bench, wanted).is_err() {
                bench.chip.power_on();
                check(&config, &bench.chip, &images);
            }
        }
        bench.chip.power_on();
        update(&mut bench, wanted).unwrap();
    }
}
