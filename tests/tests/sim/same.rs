//! The same seed and the same input are the same world, whatever steps it is run in.

use core::cell::RefCell;
use core::fmt::Write;
use std::rc::Rc;

use rackflash_core::link::Endpoint;
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::link::SessionId;
use rackflash_core::wire::message::{Bus, Lane, ToBase};
use rackflash_core::wire::op::Op;
use rackflash_sim::setup::{Incident, Setup};
use rackflash_sim::world::World;

use super::{Bench, read};

/// All that happens in a noisy demo rack within a second, with a power cut in it.
fn transcript(seed: u64, step: Duration) -> String {
    let mut setup = Setup { seed, ..Setup::demo() };
    setup.faults.bus_flips_per_1e9 = 300_000;
    setup.faults.link_lost_per_1e6 = 5_000;
    setup.faults.link_flips_per_1e9 = 10_000;
    let cut = Incident::CutPower { module: 0, off: Duration::from_millis(20) };
    setup.faults.incidents.push((Instant::from_micros(300_000), cut));
    let mut bench = Bench {
        world: World::new(setup),
        endpoint: Endpoint::new(SessionId(1)),
        ops: 0,
        told: Rc::default(),
    };
    let told: Rc<RefCell<String>> = Rc::default();
    let tell = told.clone();
    bench.world.tell(Some(Box::new(move |at, event| {
        writeln!(tell.borrow_mut(), "{} {event}", at.micros()).unwrap();
    })));
    bench.hello();
    bench.say(&ToBase::Open { lane: Lane(0), bus: Bus(0) });
    let mut addresses = [0xff; 16];
    // Reserved.
    (addresses[0], addresses[15]) = (0, 0);
    bench.say(&ToBase::Watch { bus: Bus(0), addresses });
    for _ in 0..10 {
        bench.submit(&[Op::Attempt { ops: 1, tries: 100 }, read(Address::ENUMERATION, 99)]);
    }
    let end = Instant::from_micros(1_000_000);
    while bench.world.now() < end {
        bench.world.run_until((bench.world.now() + step).min(end));
    }
    drop(bench);
    told.take()
}

#[test]
fn the_same_seed() {
    let first = transcript(5, Duration::from_secs(1));
    assert!(first.lines().count() > 100, "{first}");
    assert_eq!(first, transcript(5, Duration::from_secs(1)));
}

#[test]
fn in_other_steps() {
    assert_eq!(transcript(5, Duration::from_secs(1)), transcript(5, Duration::from_micros(777)));
}

#[test]
fn another_seed() {
    assert_ne!(transcript(5, Duration::from_secs(1)), transcript(6, Duration::from_secs(1)));
}
