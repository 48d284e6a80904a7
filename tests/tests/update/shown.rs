//! What a page shows of an update, and what its report says.

use expect_test::expect;
use rackflash_core::host::report::Report;
use rackflash_core::host::view::View;
use rackflash_core::time::Duration;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::message::{Bus, SlotInfo};
use rackflash_sim::chip::Variant;
use rackflash_sim::setup::{Incident, Installed, Line, Setup};
use rackflash_tests::bench::Bench;
use rackflash_tests::racks::{NEW, outdated, recipe};

const LEN: usize = 60_000;

/// Link and job; then, slot by slot, who sits there.
fn shown(bench: &Bench) -> String {
    let View { link, job, slots, detecting, estimate, .. } =
        View::of(&bench.session, bench.world.now());
    let seconds = |seconds: Option<f32>| seconds.map_or("-".to_owned(), |s| format!("{s:.1} s"));
    let mut text = format!("{}, estimate {}", link.state, seconds(estimate));
    if let Some(problem) = link.problem {
        text += &format!(", {} in {:?}", problem.code, problem.slots);
    }
    if detecting {
        text += ", detecting";
    }
    if let Some(job) = job {
        let (progress, left) = (job.progress, seconds(job.seconds_left));
        text += &format!("; {} {progress:.2}, left {left}", job.state);
        text += if job.on_base { ", on base" } else { "" };
    }
    for slot in slots {
        let number = slot.slot.map_or("-".to_owned(), |number| number.to_string());
        text += &slot.module.map_or(format!("\n    {number}: nobody"), |module| {
            let version = |version: Option<String>| version.unwrap_or("nothing".to_owned());
            let (installed, available) = (version(module.installed), version(module.available));
            let why = module.why.map_or(String::new(), |why| format!(" ({why})"));
            let gone = if module.gone { ", gone" } else { "" };
            let problem = module.problem.map_or(String::new(), |it| format!(", {}", it.code));
            let (state, phase, progress) = (module.state, module.phase, module.progress);
            let (name, serial) = (module.name, module.serial);
            format!(
                "\n    {number}: {name} {serial}: {state}{why} {installed}, for it {available}: {phase} {progress:.2}{problem}{gone}"
            )
        });
    }
    text + "\n"
}

/// Slot 1 is free, 2 has an update, 3 is current, and what sits in 4 is pulled out in the middle.
#[test]
fn from_the_first_moment_to_the_last() {
    let mut modules: Vec<_> =
        (1..4).map(|slot: u16| outdated(slot.into(), slot, LEN, Variant::Kb192)).collect();
    modules[1].installed = Installed::Image(recipe(2, NEW, LEN).bytes());
    let mut bench = Bench::new(&Setup::empty(1, 4).with(modules));
    (1..4).for_each(|module| bench.offer(&recipe(module, NEW, LEN).bytes()));
    let mut text = shown(&bench);
    bench.detect();
    text += &shown(&bench);
    bench.click();
    for tenths in 0.. {
        if tenths % 10 == 0 {
            text += &format!("after {} s: {}", tenths / 10, shown(&bench));
        }
        if bench.is_done() {
            break;
        }
        if tenths == 7 {
            bench.world.pull(2);
        }
        bench.run(Duration::from_millis(100));
    }
    text += &shown(&bench);
    expect![[r#"
        connecting, estimate -, detecting
        connected, estimate 4.7 s
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.0.0, for it 1.1.0: idle 0.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: application 1.0.0, for it 1.1.0: idle 0.00
        after 0 s: connected, estimate 4.7 s; running 0.00, left -
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.0.0, for it 1.1.0: comparing 0.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: comparing 0.00
            4: Twin Filter 17F3-33EA: application 1.0.0, for it 1.1.0: comparing 0.00
        after 1 s: connected, estimate 4.7 s; running 0.23, left 3.4 s
            1: nobody
            2: Twin Filter D2D5-54B1: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.25
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.20, gone
        after 2 s: connected, estimate 4.7 s; running 0.33, left 4.1 s
            1: nobody
            2: Twin Filter D2D5-54B1: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.45
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.20, gone
        after 3 s: connected, estimate 4.7 s; running 0.43, left 4.0 s
            1: nobody
            2: Twin Filter D2D5-54B1: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.65
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.20, gone
        after 4 s: connected, estimate 4.7 s; running 0.52, left 3.6 s
            1: nobody
            2: Twin Filter D2D5-54B1: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.84
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.20, gone
        after 5 s: connected, estimate -; running 0.60, left -
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.1.0, for it 1.1.0: updated 1.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.20, gone
        after 6 s: connected, estimate -; running 0.60, left -
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.1.0, for it 1.1.0: updated 1.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: writing 0.20, gone
        after 7 s: connected, estimate -; running 0.60, left -
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.1.0, for it 1.1.0: updated 1.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: comparing 0.00, gone
        after 8 s: connected, estimate -; running 0.60, left -
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.1.0, for it 1.1.0: updated 1.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: comparing 0.00, gone
        after 9 s: connected, estimate -; running 0.60, left -
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.1.0, for it 1.1.0: updated 1.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: comparing 0.00, gone
        after 10 s: connected, estimate -; running 0.60, left -
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.1.0, for it 1.1.0: updated 1.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: comparing 0.00, gone
        after 11 s: connected, estimate -; running 0.60, left -
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.1.0, for it 1.1.0: updated 1.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) 1.0.0, for it 1.1.0: comparing 0.00, gone
        connected, estimate -; finished 1.00, left -, on base
            1: nobody
            2: Twin Filter D2D5-54B1: application 1.1.0, for it 1.1.0: updated 1.00
            3: Twin Filter 9A3E-24C2: application 1.1.0, for it 1.1.0: current 1.00
            4: Twin Filter 17F3-33EA: loader (interrupted) nothing, for it 1.1.0: failed 0.00, not-answering, gone
    "#]]
    .assert_eq(&text);
}

/// Each says how long its own took.
#[test]
fn in_the_report() {
    let lens = [(0, 10_000), (1, 60_000)];
    let modules = lens.map(|(number, len)| outdated(number.into(), number, len, Variant::Kb192));
    let mut bench = Bench::new(&Setup::empty(1, 2).with(modules.to_vec()));
    lens.iter().for_each(|(number, len)| bench.offer(&recipe(*number, NEW, *len).bytes()));
    bench.detect();
    bench.update_all(Duration::from_secs(20));
    let proofs = Report::of(&bench.session).modules.into_iter().map(|module| {
        let proof = module.proof.expect("it was updated");
        format!("{} bytes, digest {}, {:.2} s\n", proof.len, proof.digest, proof.seconds)
    });
    expect![[r#"
        10000 bytes, digest 275f934d, 0.86 s
        60000 bytes, digest e8256099, 4.75 s
    "#]]
    .assert_eq(&proofs.collect::<String>());
}

/// Its address is no slot's: it is shown behind the others, and no more once it is gone.
#[test]
fn one_that_sits_in_no_slot() {
    let mut modules: Vec<_> =
        (0..2).map(|slot: u16| outdated(slot.into(), slot, 3_000, Variant::Kb192)).collect();
    modules[0].home = Address::new(0x50);
    let mut bench = Bench::new(&Setup::empty(1, 2).with(modules));
    bench.detect();
    let mut text = shown(&bench);
    bench.world.pull(0);
    bench.run(Duration::from_secs(3));
    text += &shown(&bench);
    expect![[r#"
        connected, estimate -
            1: nobody
            2: Twin Filter 9A3E-24C2: application 1.0.0, for it nothing: idle 0.00
            -: Twin Filter D2D5-54B1: application 1.0.0, for it nothing: idle 0.00
        connected, estimate -
            1: nobody
            2: Twin Filter 9A3E-24C2: application 1.0.0, for it nothing: idle 0.00
    "#]]
    .assert_eq(&text);
}

/// An address is one of a bus: each is there.
#[test]
fn two_of_one_address_on_two_buses() {
    let modules = [0, 1].map(|slot: u16| outdated(slot.into(), slot, 3_000, Variant::Kb192));
    let mut setup = Setup::empty(1, 2).with(modules.into());
    setup.buses = vec![setup.buses[0]; 2];
    setup.slots[1] = SlotInfo { bus: Bus(1), ..setup.slots[0] };
    let mut bench = Bench::new(&setup);
    bench.detect();
    let mut text = shown(&bench);
    bench.run(Duration::from_secs(3));
    text += &shown(&bench);
    // Where it is is told by the slots of its bus.
    bench.world.apply(Incident::Hold { module: 1, line: Line::Sda });
    bench.run(Duration::from_secs(3));
    text += &shown(&bench);
    expect![[r#"
        connected, estimate -
            1: Twin Filter D2D5-54B1: application 1.0.0, for it nothing: idle 0.00
            2: Twin Filter 9A3E-24C2: application 1.0.0, for it nothing: idle 0.00
        connected, estimate -
            1: Twin Filter D2D5-54B1: application 1.0.0, for it nothing: idle 0.00
            2: Twin Filter 9A3E-24C2: application 1.0.0, for it nothing: idle 0.00
        connected, estimate -, bus-stuck in [2]
            1: Twin Filter D2D5-54B1: application 1.0.0, for it nothing: idle 0.00
            2: Twin Filter 9A3E-24C2: application 1.0.0, for it nothing: idle 0.00
    "#]]
    .assert_eq(&text);
}

/// Who left a slot is not shown any more once another is in it.
#[test]
fn another_in_its_place() {
    let modules = [outdated(0, 0, 3_000, Variant::Kb192), outdated(1, 1, 3_000, Variant::Kb192)];
    let mut bench = Bench::new(&Setup::empty(1, 2).with(modules.into()));
    bench.offer(&recipe(2, NEW, 3_000).bytes());
    bench.detect();
    bench.world.pull(0);
    bench.run(Duration::from_secs(3));
    let mut text = shown(&bench);
    bench.add(&outdated(0, 2, 3_000, Variant::Kb192));
    bench.run(Duration::from_secs(3));
    text += &shown(&bench);
    expect![[r#"
        connected, estimate -
            1: Twin Filter D2D5-54B1: application 1.0.0, for it nothing: idle 0.00, gone
            2: Twin Filter 9A3E-24C2: application 1.0.0, for it nothing: idle 0.00
        connected, estimate 0.3 s
            1: Twin Filter 6BE3-15C5: application 1.0.0, for it 1.1.0: idle 0.00
            2: Twin Filter 9A3E-24C2: application 1.0.0, for it nothing: idle 0.00
    "#]]
    .assert_eq(&text);
}
