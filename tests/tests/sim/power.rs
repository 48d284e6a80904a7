//! What modules start, and what they do when the power goes.

use rackflash_core::time::Duration;

use expect_test::expect;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::module::Request;
use rackflash_core::wire::op::Op;
use rackflash_sim::chip::{Cut, CutAt};
use rackflash_sim::images::{ENVELOPE, RECIPES};
use rackflash_sim::setup::{Faults, Incident, Installed, ModuleSetup, Release, Setup};

use super::{Bench, FIRST, envelope, rack, read, request};

/// What all modules run, and when it started.
fn starts(setup: &Setup, ms: u64) -> String {
    let mut bench = Bench::new(setup);
    bench.run_ms(ms);
    let modules = bench.world.modules().iter();
    modules
        .map(|m| format!("{:#04x} {:?} {:?}\n", m.config().identity.home, m.runs(), m.starts()))
        .collect()
}

#[test]
fn the_demo_rack_starts() {
    expect![[r#"
        0x10 Application(Version { major: 1, minor: 4, patch: 2 }) [Start { at: Instant { micros: 18862 }, runs: Application(Version { major: 1, minor: 4, patch: 2 }), openings: 0 }]
        0x11 Application(Version { major: 1, minor: 4, patch: 2 }) [Start { at: Instant { micros: 18862 }, runs: Application(Version { major: 1, minor: 4, patch: 2 }), openings: 0 }]
        0x12 Application(Version { major: 1, minor: 4, patch: 2 }) [Start { at: Instant { micros: 25551 }, runs: Application(Version { major: 1, minor: 4, patch: 2 }), openings: 0 }]
        0x14 Loader(Interrupted) [Start { at: Instant { micros: 2112 }, runs: Loader(Interrupted), openings: 0 }]
        0x15 Application(Version { major: 0, minor: 9, patch: 7 }) [Start { at: Instant { micros: 11911 }, runs: Application(Version { major: 0, minor: 9, patch: 7 }), openings: 0 }]
        0x16 Application(Version { major: 1, minor: 0, patch: 0 }) [Start { at: Instant { micros: 12456 }, runs: Application(Version { major: 1, minor: 0, patch: 0 }), openings: 0 }]
        0x18 Application(Version { major: 1, minor: 4, patch: 2 }) [Start { at: Instant { micros: 18862 }, runs: Application(Version { major: 1, minor: 4, patch: 2 }), openings: 0 }]
        0x19 Loader(Blank) [Start { at: Instant { micros: 2130 }, runs: Loader(Blank), openings: 0 }]
    "#]].assert_eq(&starts(&Setup::demo(), 0));
}

#[test]
fn an_application_that_hangs_is_reset_by_its_watchdog_for_ever() {
    let hangs = vec![Release { module_type: ENVELOPE.number, version: RECIPES[5].version }];
    let setup = Setup { faults: Faults { hangs, ..Faults::default() }, ..rack(vec![envelope(0)]) };
    expect![[r#"
        0x10 Hung [Start { at: Instant { micros: 12456 }, runs: Hung, openings: 0 }, Start { at: Instant { micros: 524912 }, runs: Hung, openings: 0 }, Start { at: Instant { micros: 1037368 }, runs: Hung, openings: 0 }, Start { at: Instant { micros: 1549824 }, runs: Hung, openings: 0 }]
    "#]].assert_eq(&starts(&setup, 1_500));
}

#[test]
fn an_image_whose_stack_is_nowhere_hangs() {
    let mut image = RECIPES[5].bytes();
    image[3] ^= 0x40;
    let module = ModuleSetup { installed: Installed::Image(image), ..envelope(0) };
    expect![[r#"
        0x10 Hung [Start { at: Instant { micros: 12456 }, runs: Hung, openings: 0 }]
    "#]]
    .assert_eq(&starts(&rack(vec![module]), 0));
}

#[test]
fn a_module_loses_its_power_and_comes_back() {
    let mut bench = Bench::new(&rack(vec![envelope(0), envelope(1)]));
    bench.world.cut_power(0, Duration::from_millis(5));
    bench.run_ms(10);
    bench.world.pull(1);
    bench.run_ms(10);
    bench.world.insert(1);
    bench.run_ms(100);
    expect![[r#"
        0.000 CutPower { module: 0, off: 5ms }
        0.000 module 0: Nothing
        5.000 module 0: Starting
        10.000 Pull { module: 1 }
        10.000 module 1: Nothing
        17.456 module 0: Application(Version { major: 1, minor: 0, patch: 0 })
        20.000 Insert { module: 1 }
        20.000 module 1: Starting
        32.456 module 1: Application(Version { major: 1, minor: 0, patch: 0 })
    "#]]
    .assert_eq(&bench.told.take());
}

#[test]
fn a_cut_for_the_whole_rack() {
    let mut bench = Bench::new(&rack(vec![envelope(0), envelope(1)]));
    bench.world.power_cut(Duration::from_millis(50));
    bench.run_ms(400);
    expect![[r#"
        0.000 PowerCut(50ms)
        0.000 module 0: Nothing
        0.000 module 1: Nothing
        50.000 module 0: Starting
        50.000 module 1: Starting
        62.456 module 0: Application(Version { major: 1, minor: 0, patch: 0 })
        62.456 module 1: Application(Version { major: 1, minor: 0, patch: 0 })
    "#]]
    .assert_eq(&bench.told.take());
    assert!(bench.world.is_connected());
}

#[test]
fn a_reset_keeps_count_and_a_cut_does_not() {
    let enter = request(FIRST, 1, &Request::EnterLoader);
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    let before = bench.world.modules()[0].config().identity.starts;
    bench.told(&[Op::Write { to: FIRST, bytes: &enter }], 50);
    assert_eq!(bench.world.modules()[0].config().identity.starts, before.wrapping_add(1));
    bench.world.cut_power(0, Duration::ZERO);
    bench.run_ms(50);
    assert_ne!(bench.world.modules()[0].config().identity.starts, before.wrapping_add(2));
}

/// A restart leaves the RAM alone that the address is kept in, a loss of power does not (PROTOCOL.md, 6.5).
#[test]
fn a_reset_keeps_the_address_and_a_cut_does_not() {
    let enter = request(FIRST, 1, &Request::EnterLoader);
    let looks = [read(FIRST, 8), read(Address::ENUMERATION, 8)];
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    bench.told(&[Op::Write { to: FIRST, bytes: &enter }], 50);
    let mut text = format!("restarted\n{}", bench.told(&looks[..1], 50));
    bench.world.cut_power(0, Duration::from_millis(5));
    bench.told(&[], 50);
    text += &format!("without power for a while\n{}", bench.told(&looks[1..], 50));
    text += &bench.told(&looks[..1], 50);
    expect![[r#"
        restarted
        52.322 bus 0 0x10: read Loader tag=0 Done room=0x00 received=0
        without power for a while
        152.322 bus 0 0x61: read Application tag=0 Done room=0x00 received=0
        201.602 bus 0 0x10: read => NoAnswer
        201.982 bus 0 0x10: read => NoAnswer
        202.612 bus 0 0x10: read => NoAnswer
        203.742 bus 0 0x10: read => NoAnswer
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_cut_at_a_certain_flash_operation() {
    let enter = request(FIRST, 1, &Request::EnterLoader);
    let writes = [Op::Write { to: FIRST, bytes: &enter }, Op::Wait { micros: 20_000 }];
    let eeprom = request(FIRST, 2, &Request::EepromWrite { offset: 0, bytes: &[0xff; 12] });
    let mut text = String::new();
    for cut in [Cut::Before, Cut::Torn, Cut::After] {
        let mut bench = Bench::new(&rack(vec![envelope(0)]));
        let at = CutAt { operation: 1, cut, off: Duration::from_millis(5) };
        bench.world.apply(Incident::CutAt { module: 0, at });
        bench.told(&writes, 50);
        text += &format!("{cut:?}\n{}", bench.told(&[Op::Write { to: FIRST, bytes: &eeprom }], 50));
        let memory = bench.world.modules()[0].memory();
        text +=
            &format!("{:02x?} after {} operations\n", &memory.eeprom()[..12], memory.operations());
    }
    expect![[r#"
        Before
        53.782 bus 0 0x10: EepromWrite offset=0 ffffffffffffffffffffffff session=1 tag=2
        60.359 module 0: Nothing
        65.359 module 0: Starting
        77.815 module 0: Application(Version { major: 1, minor: 0, patch: 0 })
        [ff, ff, ff, ff, 62, f3, 6e, 3c, 13, 6d, a6, da] after 2 operations
        Torn
        53.782 bus 0 0x10: EepromWrite offset=0 ffffffffffffffffffffffff session=1 tag=2
        63.639 module 0: Nothing
        68.639 module 0: Starting
        81.095 module 0: Application(Version { major: 1, minor: 0, patch: 0 })
        [ff, ff, ff, ff, 62, f3, 6e, 3c, 13, 6d, a6, da] after 2 operations
        After
        53.782 bus 0 0x10: EepromWrite offset=0 ffffffffffffffffffffffff session=1 tag=2
        66.919 module 0: Nothing
        71.919 module 0: Starting
        84.375 module 0: Application(Version { major: 1, minor: 0, patch: 0 })
        [ff, ff, ff, ff, ff, ff, ff, ff, 13, 6d, a6, da] after 2 operations
    "#]]
    .assert_eq(&text);
}
