//! Faults 7 to 13: the modules' bus, and who is on it.

use core::fmt::Write;
use std::collections::BTreeMap;

use expect_test::expect;
use rackflash_core::host::report::Report;
use rackflash_core::host::session::Select;
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::message::Bus;
use rackflash_sim::setup::{Faults, Incident, Line};
use rackflash_tests::bench::Bench;
use rackflash_tests::oracle::TRIES;

use crate::recipes::all_different;
use crate::{LEN, all_run_new, took, under_way};

/// A rack with these faults on its way to its end, whichever; how long it took, and how many bytes went over the bus.
fn under(faults: Faults, within: Duration) -> (Bench, Duration, u64) {
    under_seed(1, faults, within)
}

fn under_seed(seed: u64, faults: Faults, within: Duration) -> (Bench, Duration, u64) {
    let (mut setup, recipes) = all_different(3, LEN);
    (setup.seed, setup.faults) = (seed, faults);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    let before = bench.world.bus(Bus(0)).bytes;
    let took = bench.update_all(within);
    bench.check();
    let bytes = bench.world.bus(Bus(0)).bytes - before;
    (bench, took, bytes)
}

/// One bit in ten million to one in a thousand. Below one in ten thousand nothing fails, and what is sent again is what was
/// damaged.
#[test]
fn fault_07_bit_flips_in_data() {
    let within = Duration::from_secs(60);
    let (_, clean, clean_bytes) = under(Faults::default(), within);
    for (flips, time_max, bytes_max) in
        [(100, 1.01, 1.01), (1_000, 1.01, 1.02), (10_000, 1.01, 1.05), (100_000, 1.03, 1.3)]
    {
        let faults = Faults { bus_flips_per_1e9: flips, ..Faults::default() };
        let (bench, took, bytes) = under(faults, within);
        let time = took.as_secs_f64() / clean.as_secs_f64();
        let bytes = bytes as f64 / clean_bytes as f64;
        println!("{flips} in 10^9: {time:.3} times as long, {bytes:.3} times the bytes");
        assert!(time <= time_max && bytes <= bytes_max, "{flips}: {time}, {bytes}");
        all_run_new(&bench.world);
    }
    // No chance makes it much slower: a request that is lost is missed at once.
    let mut times: Vec<_> = (2..22)
        .map(|seed| {
            let faults = Faults { bus_flips_per_1e9: 100_000, ..Faults::default() };
            let (bench, took, _) = under_seed(seed, faults, within);
            all_run_new(&bench.world);
            took.as_secs_f64() / clean.as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("20 seeds: at most {:.3} times as long, mostly {:.3}", times[19], times[10]);
    assert!(times[19] <= 1.05, "{times:?}");
}

/// Of pages and of longer answers every second arrives damaged: all come through. With three in four some updates do, others do
/// not; each ends in time, and what is said in the end is so: also where all was lost that a module said of its new
/// application, and where the last try failed behind the restart that it had begun with.
#[test]
fn fault_07_bit_flips_that_hardly_anything_survives() {
    let [updated, damaged, silent] =
        [("updated", "-"), ("failed", "bad-data"), ("failed", "not-answering")];
    for (flips, time_max, always, also) in
        [(700_000, 5, &[updated][..], &[][..]), (1_000_000, 8, &[updated, damaged], &[silent])]
    {
        let mut said = BTreeMap::new();
        for seed in 1..=80 {
            let (mut setup, recipes) = all_different(3, LEN);
            (setup.seed, setup.faults.bus_flips_per_1e9) = (seed, flips);
            let mut bench = Bench::new(&setup);
            bench.offer_all(&recipes);
            bench.run_until(Duration::from_secs(10), |b| b.session.rack().modules.len() == 3);
            bench.oracle.noise_may_end(TRIES - 1);
            let took = bench.update_all(Duration::from_secs(60));
            assert!(took <= Duration::from_secs(time_max), "{flips}, seed {seed}: {took:?}");
            bench.check();
            for module in Report::of(&bench.session).modules {
                *said.entry((module.outcome, module.cause.unwrap_or("-"))).or_insert(0) += 1;
            }
        }
        println!("{flips} in 10^9: {said:?}");
        assert!(said.keys().all(|what| always.contains(what) || also.contains(what)), "{said:?}");
        assert!(always.iter().all(|what| said.contains_key(what)), "{said:?}");
    }
}

/// Of sixteen modules side by side eight are updated. A frame that noise sends to a neighbour does nothing there.
#[test]
fn fault_08_bit_flips_in_addresses_and_commands() {
    let (mut setup, recipes) = all_different(16, 4_000);
    setup.faults.bus_flips_per_1e9 = 300_000;
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    let even = |slot: usize| slot.is_multiple_of(2);
    let of_slot = |bench: &Bench, wanted: fn(usize) -> bool| {
        let modules = bench.world.modules().iter().filter(|module| wanted(module.slot()));
        modules.map(|module| module.uid()).collect::<Vec<_>>()
    };
    let starts = |bench: &Bench| {
        let modules = bench.world.modules().iter().filter(|module| !even(module.slot()));
        modules.map(|m| (m.starts().len(), m.memory().operations())).collect::<Vec<_>>()
    };
    let before = starts(&bench);
    let chosen = of_slot(&bench, even);
    bench.session.update(&Select::Modules(chosen), bench.world.now());
    bench.run_until(Duration::from_secs(60), Bench::is_done);
    bench.check();
    assert_eq!(starts(&bench), before, "the others were left alone");
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 31/32 pages
        2: Twin Filter nothing -> 1.0.0 runs: untouched
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 31/32 pages
        4: Twin Filter nothing -> 1.0.0 runs: untouched
        5: Twin Filter 1.0.0 -> 1.1.0 runs: updated 31/32 pages
        6: Twin Filter nothing -> 1.0.0 runs: untouched
        7: Twin Filter 1.0.0 -> 1.1.0 runs: updated 32/32 pages
        8: Twin Filter nothing -> 1.0.0 runs: untouched
        9: Twin Filter 1.0.0 -> 1.1.0 runs: updated 32/32 pages
        10: Twin Filter nothing -> 1.0.0 runs: untouched
        11: Twin Filter 1.0.0 -> 1.1.0 runs: updated 31/32 pages
        12: Twin Filter nothing -> 1.0.0 runs: untouched
        13: Twin Filter 1.0.0 -> 1.1.0 runs: updated 32/32 pages
        14: Twin Filter nothing -> 1.0.0 runs: untouched
        15: Twin Filter 1.0.0 -> 1.1.0 runs: updated 31/32 pages
        16: Twin Filter nothing -> 1.0.0 runs: untouched
    "#]]
    .assert_eq(&bench.endings());
}

/// The modules' and the base's hardware reads a bit as the one before it: false acknowledges, wrong bytes. Nothing is
/// taken for done that the status does not show.
#[test]
fn fault_09_bits_read_late() {
    for (late, time_max) in [(10_000, 1.01), (100_000, 1.03), (300_000, 1.1)] {
        let faults = Faults { bus_late_bits_per_1e9: late, ..Faults::default() };
        let (bench, took, _) = under(faults, Duration::from_secs(60));
        println!("{late} in 10^9: {took:?}");
        assert!(took.as_secs_f64() <= clean().as_secs_f64() * time_max, "{late}: {took:?}");
        all_run_new(&bench.world);
    }
}

/// One module does not acknowledge for 3 ms of each 30; then it never does any more. The others need no longer
/// than without it.
#[test]
fn fault_10_a_module_that_does_not_acknowledge() {
    let deaf = |after: u64, lasts: u64| {
        let at = Instant::from_micros(1_000_000 + after * 1_000);
        (at, Incident::Deaf { module: 1, lasts: Duration::from_millis(lasts) })
    };
    let storm: Vec<_> = (0..200).map(|time| deaf(time * 30, 3)).collect();
    let (bench, _, _) =
        under(Faults { incidents: storm, ..Faults::default() }, Duration::from_secs(20));
    all_run_new(&bench.world);
    others_are_as_fast(&bench);

    let for_good = vec![deaf(300, 1_000_000)];
    let (bench, took, _) =
        under(Faults { incidents: for_good, ..Faults::default() }, Duration::from_secs(20));
    others_are_as_fast(&bench);
    assert!(took <= Duration::from_secs(11), "{took:?}");
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed not-answering gone
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// It has missed clocks, and waits for them with its line low: nine clocks and a stop free the bus. That costs a timeout.
#[test]
fn fault_11_sda_is_held_for_want_of_clocks() {
    let holds = |module| {
        let at = Instant::from_micros(1_200_000 + module as u64 * 100_000);
        (at, Incident::MissClocks { module })
    };
    let incidents = (0..3).map(holds).collect();
    let (bench, took, _) =
        under(Faults { incidents, ..Faults::default() }, Duration::from_secs(20));
    let longer = took - clean();
    assert!(longer <= Duration::from_millis(3 * 40), "{longer:?}");
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// No clock frees it: a transistor is through. Everybody on the bus has failed, says why, and waits in its loader. Who it
/// was comes out when modules are unplugged one by one: all others are there again.
#[test]
fn fault_11_sda_is_held_for_good() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.apply(Incident::Hold { module: 1, line: Line::Sda });
    let took = bench.run_until(Duration::from_secs(10), Bench::is_done);
    bench.check();
    let mut told = format!("{took:.1?}\n{}", bench.endings());
    bench.world.pull(0);
    bench.run(Duration::from_secs(1));
    bench.check();
    let _ = write!(told, "without the first\n{}", bench.endings());
    bench.world.insert(0);
    bench.world.pull(1);
    bench.run(Duration::from_secs(2));
    bench.check();
    let _ = write!(told, "without the second\n{}", bench.endings());
    bench.update_all(Duration::from_secs(10));
    bench.check();
    let _ = write!(told, "updated again\n{}", bench.endings());
    expect![[r#"
        6.3s
        1: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        2: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        3: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        without the first
        1: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        2: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        3: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        without the second
        1: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck
        2: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        3: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck
        updated again
        1: Twin Filter nothing -> 1.1.0 runs: updated 57/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        3: Twin Filter nothing -> 1.1.0 runs: updated 57/157 pages
    "#]]
    .assert_eq(&told);
}

/// From the start, on one bus of two: it is named with its slots, the other bus is found and updated as if nothing was, and
/// when whoever holds it is gone, so is the problem, and its modules are found.
#[test]
fn fault_11_one_bus_is_held_from_the_start() {
    let (mut setup, recipes) = all_different(4, LEN);
    setup.buses.push(setup.buses[0]);
    for slot in &mut setup.slots[2..] {
        slot.bus = Bus(1);
    }
    setup.faults.incidents = vec![(Instant::ZERO, Incident::Hold { module: 2, line: Line::Sda })];
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    let mut told = String::new();
    let tell = |bench: &mut Bench, told: &mut String| {
        bench.check();
        let (problem, slots) = (bench.session.link_problem(), bench.session.problem_slots());
        let problem = problem.map_or("no problem".to_owned(), |problem| problem.to_string());
        let _ = writeln!(told, "{problem} {slots:?}\n{}", bench.endings());
        for bus in Report::of(&bench.session).buses {
            let _ = writeln!(told, "reported: {} of slots {:?}", bus.cause, bus.slots);
        }
    };
    tell(&mut bench, &mut told);
    bench.update_all(Duration::from_secs(5));
    tell(&mut bench, &mut told);
    bench.world.pull(2);
    bench.run(Duration::from_secs(1));
    bench.update_all(Duration::from_secs(5));
    tell(&mut bench, &mut told);
    expect![[r#"
        a module holds its bus; unplug the modules of this bus one by one until it is free [3, 4]
        1: Twin Filter nothing -> 1.0.0 runs: untouched
        2: Twin Filter nothing -> 1.0.0 runs: untouched

        reported: bus-stuck of slots [3, 4]
        a module holds its bus; unplug the modules of this bus one by one until it is free [3, 4]
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages

        reported: bus-stuck of slots [3, 4]
        no problem []
        1: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
        4: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages

    "#]]
    .assert_eq(&told);
}

/// Longer than the base waits, each time it is spoken to. It is left alone in the end, and the others finish.
#[test]
fn fault_12_a_module_stretches_the_clock_for_too_long() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.apply(Incident::Stretch { module: 1, by: Duration::from_millis(60) });
    let took = bench.run_until(Duration::from_secs(30), Bench::is_done);
    assert!(took <= Duration::from_secs(4), "{took:?}: the others need 1.7 s alone");
    bench.check();
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck
        3: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

/// For ever: then the bus is as good as cut, until it is unplugged.
#[test]
fn fault_12_a_module_stretches_the_clock_for_ever() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.world.apply(Incident::Stretch { module: 1, by: Duration::MAX });
    let took = bench.run_until(Duration::from_secs(10), Bench::is_done);
    bench.check();
    let mut told = format!("{took:.1?}\n{}", bench.endings());
    bench.world.pull(1);
    bench.run(Duration::from_secs(2));
    bench.update_all(Duration::from_secs(10));
    bench.check();
    let _ = write!(told, "unplugged, and updated again\n{}", bench.endings());
    expect![[r#"
        6.3s
        1: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        2: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        3: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        unplugged, and updated again
        1: Twin Filter nothing -> 1.1.0 runs: updated 57/157 pages
        2: Twin Filter 1.0.0 -> nothing interrupted: failed bus-stuck gone
        3: Twin Filter nothing -> 1.1.0 runs: updated 57/157 pages
    "#]]
    .assert_eq(&told);
}

/// Another controller takes the bus, at the address or behind any byte: what has arrived by then is no frame.
#[test]
fn fault_13_arbitration_is_lost() {
    for (taken, time_max) in [(10_000, 1.01), (100_000, 1.03)] {
        let faults = Faults { bus_taken_per_1e6: taken, ..Faults::default() };
        let (bench, took, _) = under(faults, Duration::from_secs(60));
        println!("{taken} in 10^6: {took:?}");
        assert!(took.as_secs_f64() <= clean().as_secs_f64() * time_max, "{taken}: {took:?}");
        all_run_new(&bench.world);
    }
}

fn clean() -> Duration {
    took(|_| {})
}

/// The first and the third module, against a rack without faults.
fn others_are_as_fast(bench: &Bench) {
    let clean = clean().as_secs_f64();
    let report = Report::of(&bench.session);
    for module in report.modules.iter().filter(|module| module.slot != Some(2)) {
        let seconds = module.proof.as_ref().map_or(f32::MAX, |proof| proof.seconds);
        assert!(f64::from(seconds) <= clean * 1.05, "{seconds} s, without faults {clean} s");
    }
}
