//! The cable: how long bytes take, and which are lost.

use core::cell::RefCell;
use std::rc::Rc;

use expect_test::expect;
use rackflash_core::link::Endpoint;
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::link::{Kind, SessionId};
use rackflash_sim::cable::{LinkSetup, Stalls};
use rackflash_sim::setup::{Incident, Setup};
use rackflash_sim::trace::Event;
use rackflash_sim::world::World;

use super::Bench;

fn bench(link: LinkSetup) -> Bench {
    let setup = Setup { link, ..Setup::empty(3, 1) };
    Bench {
        world: World::new(setup),
        endpoint: Endpoint::new(SessionId(1)),
        ops: 0,
        told: Rc::default(),
    }
}

/// How long a hello sent at `at` takes until its welcome is there.
fn round_trip(bench: &mut Bench, at: Instant) -> Duration {
    bench.world.run_until(at);
    bench.world.read(&mut Vec::new());
    bench.hello();
    bench.world.run_until_heard(at + Duration::from_secs(10));
    bench.world.now() - at
}

#[test]
fn a_round_trip_takes_four_milliseconds() {
    let mut bench = bench(LinkSetup::USB);
    let trips: Vec<Duration> =
        (1..=100).map(|i| round_trip(&mut bench, Instant::from_micros(i * 20_010))).collect();
    let mean = trips.iter().fold(Duration::ZERO, |sum, trip| sum + *trip) / 100;
    let (shortest, longest) = (trips.iter().min().unwrap(), trips.iter().max().unwrap());
    expect!["3.992ms on average, 3.497ms to 4.487ms"]
        .assert_eq(&format!("{mean:?} on average, {shortest:?} to {longest:?}"));
}

#[test]
fn a_long_way() {
    let mut bench = bench(LinkSetup::round_trip(Duration::from_millis(100)));
    expect!["99.997ms"]
        .assert_eq(&format!("{:?}", round_trip(&mut bench, Instant::from_micros(10_500))));
}

/// When bytes reach the base, one entry for each arrival.
fn arrivals(world: &mut World) -> Rc<RefCell<Vec<(Instant, usize)>>> {
    let arrivals: Rc<RefCell<Vec<(Instant, usize)>>> = Rc::default();
    let told = arrivals.clone();
    world.tell(Some(Box::new(move |at, event| {
        if let Event::ToBase(bytes) = event {
            told.borrow_mut().push((at, bytes.len()));
        }
    })));
    arrivals
}

fn millis(ms: u64) -> Instant {
    Instant::from_micros(ms * 1_000)
}

#[test]
fn a_megabyte_takes_its_time() {
    let mut bench = bench(LinkSetup::USB);
    let arrivals = arrivals(&mut bench.world);
    bench.world.write(&vec![1; 1_000_000]);
    bench.world.run_until(millis(2_000));
    let arrivals = arrivals.borrow();
    let bytes: usize = arrivals.iter().map(|(_, len)| len).sum();
    let last = arrivals.last().unwrap().0;
    expect!["1000000 bytes, the last after 871.015ms"]
        .assert_eq(&format!("{bytes} bytes, the last after {:?}", last - Instant::ZERO));
}

#[test]
fn a_cut_cable_loses_what_is_on_its_way() {
    let mut bench = bench(LinkSetup::USB);
    let arrivals = arrivals(&mut bench.world);
    bench.world.write(&[1; 10_000]);
    bench.world.run_until(millis(5));
    bench.world.unplug_cable();
    assert!(!bench.world.is_connected());
    bench.world.write(&[2; 100]);
    bench.world.run_until(millis(100));
    bench.world.plug_cable();
    bench.world.run_until(millis(200));
    let bytes: usize = arrivals.borrow().iter().map(|(_, len)| len).sum();
    expect!["3450"].assert_eq(&bytes.to_string());
    expect!["3.497ms"].assert_eq(&format!("{:?}", round_trip(&mut bench, millis(300))));
}

#[test]
fn a_stall_delays_and_loses_nothing() {
    let mut bench = bench(LinkSetup::USB);
    let arrivals = arrivals(&mut bench.world);
    bench.world.write(&[1; 10_000]);
    bench.world.run_until(millis(5));
    bench.world.apply(Incident::Stall(Duration::from_secs(1)));
    bench.world.write(&[1; 5]);
    bench.world.run_until(millis(2_000));
    let bytes: usize = arrivals.borrow().iter().map(|(_, len)| len).sum();
    let last = arrivals.borrow().last().unwrap().0;
    expect!["10005 bytes, the last after 1.01015s"]
        .assert_eq(&format!("{bytes} bytes, the last after {:?}", last - Instant::ZERO));
}

#[test]
fn regular_stalls() {
    let stalls = Stalls { every: Duration::from_secs(3), lasts: Duration::from_secs(1) };
    let mut bench = bench(LinkSetup { stalls: Some(stalls), ..LinkSetup::USB });
    let trips: Vec<Duration> =
        (0..8).map(|i| round_trip(&mut bench, millis(500 + 1_000 * i))).collect();
    expect!["[3.497ms, 3.497ms, 3.497ms, 503.497ms, 3.497ms, 3.497ms, 503.497ms, 3.497ms]"]
        .assert_eq(&format!("{trips:?}"));
}

#[test]
fn what_the_base_has_no_room_for_is_dropped_whole() {
    let mut bench = bench(LinkSetup { base_buffer_len: 200, ..LinkSetup::USB });
    for _ in 0..20 {
        bench.hello();
    }
    bench.world.run_until(millis(100));
    let mut bytes = Vec::new();
    bench.world.read(&mut bytes);
    let frames = bytes.iter().filter(|byte| **byte == 0).count();
    expect!["3 welcomes of 55 bytes, Dropped { at_base: 935, at_host: 0 }"].assert_eq(&format!(
        "{frames} welcomes of {} bytes, {:?}",
        bytes.len() / frames,
        bench.world.dropped()
    ));
}

#[test]
fn what_the_host_does_not_read_in_time_is_lost() {
    let mut bench = bench(LinkSetup { host_buffer_len: 100, ..LinkSetup::USB });
    for i in 0..5 {
        bench.hello();
        bench.world.run_until(millis(100 + i * 10));
    }
    let mut bytes = Vec::new();
    bench.world.read(&mut bytes);
    expect!["100 bytes, Dropped { at_base: 0, at_host: 175 }"].assert_eq(&format!(
        "{} bytes, {:?}",
        bytes.len(),
        bench.world.dropped()
    ));
}

#[test]
fn frames_are_lost_and_damaged_at_their_rates() {
    let mut setup = Setup::empty(3, 1);
    setup.faults.link_lost_per_1e6 = 100_000;
    setup.faults.link_flips_per_1e9 = 100_000;
    let mut world = World::new(setup);
    let seen: Rc<RefCell<Vec<u8>>> = Rc::default();
    let told = seen.clone();
    world.tell(Some(Box::new(move |_, event| {
        if let Event::ToBase(bytes) = event {
            told.borrow_mut().extend_from_slice(bytes);
        }
    })));
    for i in 0..10_000 {
        world.write(&[1, 1, 1, 1, 1, 1, 1, 1, 1, 0][..]);
        world.run_until(Instant::from_micros(i * 100));
    }
    world.run_until(millis(2_000));
    let seen = seen.borrow();
    let flipped: u32 = seen
        .chunks(10)
        .flat_map(|frame| frame.iter().zip([1, 1, 1, 1, 1, 1, 1, 1, 1, 0]))
        .map(|(a, b)| (a ^ b).count_ones())
        .sum();
    expect!["8985 of 10000 frames arrived, 85 bits of 718800 flipped"].assert_eq(&format!(
        "{} of 10000 frames arrived, {flipped} bits of {} flipped",
        seen.len() / 10,
        seen.len() * 8
    ));
}

/// Frames come whole, some twice, some behind the next one, none of them lost.
#[test]
fn frames_come_twice_and_in_another_order() {
    let mut setup = Setup::empty(3, 1);
    setup.faults.link_doubled_per_1e6 = 200_000;
    setup.faults.link_overtaken_per_1e6 = 200_000;
    let mut world = World::new(setup);
    let seen: Rc<RefCell<Vec<u8>>> = Rc::default();
    let told = seen.clone();
    world.tell(Some(Box::new(move |_, event| {
        if let Event::ToBase(bytes) = event {
            told.borrow_mut().extend_from_slice(bytes);
        }
    })));
    for number in 1..=20 {
        world.write(&[number, number, 0]);
    }
    world.run_until(millis(100));
    let seen = seen.borrow();
    let frames: Vec<_> = seen.chunks(3).map(|frame| format!("{}", frame[0])).collect();
    assert!(seen.chunks(3).all(|frame| frame[0] == frame[1] && frame[2] == 0));
    expect!["1 2 3 3 4 5 6 7 8 10 9 9 11 12 13 15 14 14 17 17 16 18 18 19 20"]
        .assert_eq(&frames.join(" "));
}

#[test]
fn a_base_that_restarts_is_a_port_that_goes() {
    let mut bench = bench(LinkSetup::USB);
    bench.send(Kind::Hello, &[]);
    bench.world.apply(Incident::ResetBase);
    assert!(!bench.world.is_connected());
    bench.world.run_until(millis(299));
    assert!(!bench.world.is_connected());
    bench.world.run_until(millis(300));
    assert!(bench.world.is_connected());
}
