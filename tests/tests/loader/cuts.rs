//! The power cut at every flash operation of an update and of its resumption: before it, within it, after it. And by chance,
//! much more often, with images of all lengths.
//!
//! At each moment the module must be in exactly one of: an image that it was given runs, whole; or the loader waits and says
//! why. The host here judges pages by their digests, as hosts do, and so believes every torn page that happens to read well.

use std::collections::BTreeSet;

use rackflash_core::module::boot::{Asked, Start, decide};
use rackflash_core::module::{Banks, Config, Step};
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::module::{Outcome, Request};
use rackflash_tests::numbers::Numbers;

use crate::bench::{Bench, Code, PowerLost, RING, install};
use crate::chip::{CUTS, Cut, TestChip};
use crate::{
    APPLICATION_START, FLASH_START, LOADER_LEN, PAGES, SPLIT, begin, config, image, two_banks,
};

/// In which order a host sends the pages of two banks, each bank's upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// In turn, from the second bank first.
    InTurn,
    /// One bank after the other.
    BankByBank,
    /// By chance.
    Mixed(u64),
}

impl Order {
    fn by_chance(rng: &mut Numbers) -> Self {
        match rng.below(4) {
            0 => Self::InTurn,
            1 => Self::BankByBank,
            _ => Self::Mixed(rng.u64()),
        }
    }

    fn of(self, [first, second]: [Vec<u16>; 2]) -> Vec<u16> {
        let mut rng = Numbers::new(if let Self::Mixed(seed) = self { seed } else { 0 });
        let (mut first, mut second) = (first.into_iter().peekable(), second.into_iter().peekable());
        let mut pages: Vec<u16> = Vec::new();
        while first.peek().is_some() || second.peek().is_some() {
            let from_first = match self {
                Self::InTurn => pages.len() % 2 == 1,
                Self::BankByBank => first.peek().is_some(),
                Self::Mixed(_) => rng.below(2) == 0,
            };
            let next = if from_first { first.next() } else { second.next() };
            pages.extend(next.or_else(|| first.next()).or_else(|| second.next()));
        }
        pages
    }
}

/// What an update sent.
#[derive(Debug, Default)]
struct Sent {
    /// Pages that the loader insisted on although they were whole and right.
    in_vain: usize,
}

/// From the moment the power comes until `image` runs and is confirmed.
fn update<const FRAMES: usize>(
    bench: &mut Bench<FRAMES>,
    image: &[u8],
    order: Order,
) -> Result<Sent, PowerLost> {
    bench.boot(Asked::Nothing)?;
    bench.enter_loader()?;
    let sent = send(bench, image, order)?;
    let digest = digest(image).to_le_bytes().to_vec();
    assert_eq!(bench.ask(&Request::Commit)?, (Outcome::Done, digest));
    assert_eq!(bench.chip.whole(APPLICATION_START, image.len()), Some(image), "committed");
    let (outcome, _) = bench.ask(&Request::Run)?;
    assert_eq!((outcome, bench.steps.pop()), (Outcome::Done, Some(Step::RestartApplication)));
    let start = bench.boot(Asked::Application)?;
    assert!(matches!(start, Start::Application { attempt: Some(_) }), "{start:?}");
    assert_eq!(bench.ask(&Request::Confirm)?.0, Outcome::Done);
    assert!(matches!(bench.code, Code::Application(_)));
    Ok(sent)
}

fn send<const FRAMES: usize>(
    bench: &mut Bench<FRAMES>,
    image: &[u8],
    order: Order,
) -> Result<Sent, PowerLost> {
    let pages = (image.len() / 128) as u16;
    let digests = bench.ask(&Request::PageDigests { first: 0, count: pages as u8 })?.1;
    let redo = bench.begin(image)?;
    let is_right = |page: &u16| {
        let at = usize::from(*page) * 128;
        let there = bench.chip.whole(APPLICATION_START + at as u32, 128);
        there == Some(&image[at..at + 128])
    };
    let in_vain = redo.iter().cloned().flatten().filter(is_right).count();
    let others = |first: u16, behind: u16| -> Vec<u16> {
        let differs = |page: &u16| {
            let at = usize::from(*page);
            digests[at * 4..][..4] != digest(&image[at * 128..][..128]).to_le_bytes()
        };
        let redo = |page: &u16| redo.iter().any(|redo| redo.contains(page));
        (first..behind).filter(|page| differs(page) && !redo(page)).collect()
    };
    let split =
        if bench.config.identity.geometry.banks == Banks::Two { SPLIT.min(pages) } else { pages };
    let all = [
        order.of(redo.clone().map(Iterator::collect)),
        order.of([others(1, split), others(split, pages)]),
        vec![0],
    ];
    bench.send(image, &all.concat())?;
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

struct Scenario<const FRAMES: usize> {
    config: Config,
    old: Option<Vec<u8>>,
    new: Vec<u8>,
}

impl<const FRAMES: usize> Scenario<FRAMES> {
    fn new(config: Config, old: Option<usize>, new: usize) -> Self {
        Self { config, old: old.map(|pages| image(pages, 1)), new: image(new, 2) }
    }

    fn chip(&self) -> TestChip {
        let mut chip = TestChip::new(&self.config, 1);
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
        let order = Order::by_chance(&mut Numbers::new(seed));
        let mut chip = chip.clone();
        chip.reseed(seed);
        chip.power_on();
        chip.cut_at = at;
        let mut bench = Bench::<FRAMES>::of(self.config, chip, Why::Requested);
        match update(&mut bench, &self.new, order) {
            Ok(sent) => {
                assert!(sent.in_vain <= FRAMES || self.old.is_none(), "no more than a ring again");
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
            let mut scenario = Scenario::<RING>::new(config(), old, 6);
            scenario.config.identity.geometry.erased = erased;
            for seed in 0..20 {
                cuts += scenario.every_cut(&scenario.chip(), 1, &mut (seed * 1000));
            }
        }
    }
    println!("{cuts} cuts");
    assert!(cuts > 10_000);
}

#[test]
fn the_power_cut_at_every_flash_operation_of_two_banks() {
    let mut cuts = 0;
    for old in [None, Some(4), Some(11), Some(14), Some(20)] {
        for erased in [0x00, 0xff] {
            for new in [11, 14, 20] {
                let mut scenario = Scenario::<FRAMES_OF_TWO>::new(two_banks(), old, new);
                scenario.config.identity.geometry.erased = erased;
                for seed in 0..8 {
                    cuts += scenario.every_cut(&scenario.chip(), 1, &mut (seed * 1000));
                }
            }
        }
    }
    println!("{cuts} cuts");
    assert!(cuts > 20_000);
}

#[test]
fn the_power_cut_at_every_flash_operation_and_again_at_every_one_after() {
    let mut cuts = 0;
    for old in [None, Some(3), Some(6), Some(7)] {
        let scenario = Scenario::<RING>::new(config(), old, 6);
        cuts += scenario.every_cut(&scenario.chip(), 2, &mut 1);
    }
    println!("{cuts} cuts");
    assert!(cuts > 10_000);
}

#[test]
fn the_power_cut_twice_with_two_banks() {
    let mut cuts = 0;
    for old in [None, Some(5), Some(13), Some(15)] {
        let scenario = Scenario::<FRAMES_OF_TWO>::new(two_banks(), old, 13);
        cuts += scenario.every_cut(&scenario.chip(), 2, &mut 1);
    }
    println!("{cuts} cuts");
    assert!(cuts > 10_000);
}

#[test]
fn the_power_cut_again_and_again_while_images_change() {
    again_and_again::<RING>(config(), u64::from(PAGES), 3_000);
}

#[test]
fn the_power_cut_again_and_again_with_two_banks() {
    again_and_again::<FRAMES_OF_TWO>(two_banks(), 24, 3_000);
}

fn again_and_again<const FRAMES: usize>(config: Config, pages: u64, seeds: u64) {
    for seed in 0..seeds {
        let mut rng = Numbers::new(seed);
        let mut given: Vec<Vec<u8>> =
            (0..8).map(|i| image(2 + rng.below(pages - 1) as usize, i + 1)).collect();
        given.push(image(6, 9));
        let mut chip = TestChip::new(&config, seed);
        if rng.below(4) > 0 {
            install(&mut chip, &config, &given[8]);
        }
        let images: Vec<&[u8]> = given.iter().map(Vec::as_slice).collect();
        let mut bench = Bench::<FRAMES>::of(config, chip, Why::Requested);
        let mut wanted = images[0];
        for _ in 0..12 {
            if rng.below(3) == 0 {
                wanted = images[rng.below(8) as usize];
            }
            bench.chip.power_on();
            // Early in the update mostly: there it is that cut follows on cut.
            let span = if rng.below(2) == 0 { 8 } else { 60 };
            bench.chip.cut_at = Some((rng.below(span) as usize, CUTS[rng.below(3) as usize]));
            let order = Order::by_chance(&mut rng);
            let fails = rng.below(8).saturating_sub(4);
            let tried = begin_in_vain(&mut bench, fails, wanted);
            if tried.and_then(|()| update(&mut bench, wanted, order)).is_err() {
                bench.chip.power_on();
                check(&config, &bench.chip, &images);
            }
        }
        bench.chip.power_on();
        update(&mut bench, wanted, Order::InTurn).unwrap();
    }
}

/// The supply is low: what is to be noted is not taken, so many updates long.
fn begin_in_vain<const FRAMES: usize>(
    bench: &mut Bench<FRAMES>,
    updates: u64,
    image: &[u8],
) -> Result<(), PowerLost> {
    if updates > 0 {
        bench.boot(Asked::Nothing)?;
        bench.enter_loader()?;
    }
    for _ in 0..updates {
        bench.chip.errors = 3;
        assert_eq!(bench.ask(&Request::Begin(begin(image)))?.0, Outcome::FlashWorn);
    }
    Ok(())
}

/// So that a window has two pages of the first bank and four of the second.
const FRAMES_OF_TWO: usize = 6;
