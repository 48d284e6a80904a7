//! The I2C bus: what a transaction costs, who answers, and what goes wrong on the lines.

use expect_test::{Expect, expect};
use rackflash_core::module::HOLD_MAX;
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::message::Bus;
use rackflash_core::wire::module::{Request, Uid};
use rackflash_core::wire::op::{Check, Op, Pattern};
use rackflash_sim::chip::FLASH_START;
use rackflash_sim::setup::{Arbitration, Incident, Line, ModuleSetup, Setup};

use super::{Bench, FIRST, envelope, rack, read, request};

const NOBODY: Address = Address::new(0x33).unwrap();
/// An identity and everything around it.
const IDENTITY_READ_LEN: u16 = 80 + 15;

fn check(setup: &Setup, ops: &[Op<'_>], expect: Expect) {
    expect.assert_eq(&Bench::new(setup).told(ops, 200));
}

#[test]
fn a_byte_takes_nine_clocks() {
    let frame = request(FIRST, 1, &Request::Identify);
    let ops = |hz| {
        [Op::Clock { hz }, Op::Write { to: FIRST, bytes: &frame }, read(FIRST, 8), read(NOBODY, 8)]
    };
    let mut text = String::new();
    for hz in [100_000, 400_000, 1_000_000, 3_400_000] {
        let mut bench = Bench::new(&rack(vec![envelope(0)]));
        let before = bench.world.bus(Bus(0));
        bench.told(&ops(hz), 100);
        let after = bench.world.bus(Bus(0));
        text += &format!(
            "{hz} Hz: {} transactions, {} bytes in {:?}\n",
            after.transactions - before.transactions,
            after.bytes - before.bytes,
            after.busy - before.busy,
        );
    }
    // 8 bytes written and 9 read, addresses included, and four times a lone address (the base tries again): 9 clocks each,
    // and 4 for each start and stop. The bus is no faster than 1 MHz.
    expect![[r#"
        100000 Hz: 6 transactions, 22 bytes in 2.22ms
        400000 Hz: 6 transactions, 22 bytes in 558µs
        1000000 Hz: 6 transactions, 22 bytes in 222µs
        3400000 Hz: 6 transactions, 22 bytes in 222µs
    "#]]
    .assert_eq(&text);
}

#[test]
fn what_is_said_is_told() {
    let frame = request(FIRST, 1, &Request::Identify);
    let ops = [
        Op::Clock { hz: 1_000_000 },
        Op::Write { to: FIRST, bytes: &frame },
        Op::Wait { micros: 500 },
        read(FIRST, IDENTITY_READ_LEN),
        Op::Write { to: FIRST, bytes: &[1, 2, 3] },
        read(NOBODY, 8),
    ];
    check(
        &rack(vec![envelope(0)]),
        &ops,
        expect![[r#"
            1.587 bus 0 0x10: Identify session=1 tag=1
            2.955 bus 0 0x10: read Application tag=1 Done room=0x00 received=0 1209:0103 hardware 1 0aae3b32790f4223c61ab64a application 1.0.0 Confirmed digest=e37db7f2 Runs
            2.995 bus 0 0x10: write 010203 (too short)
            3.008 bus 0 0x33: read => NoAnswer
            3.271 bus 0 0x33: read => NoAnswer
            3.784 bus 0 0x33: read => NoAnswer
            4.797 bus 0 0x33: read => NoAnswer
        "#]],
    );
}

/// Two modules that say their identities at once.
fn two_at_one_address(arbitration: Arbitration) -> String {
    let module = |slot, uid| ModuleSetup { uid: Some(Uid(uid)), arbitration, ..envelope(slot) };
    let setup = rack(vec![module(0, [0x5a; 12]), module(1, [0x33; 12])]);
    let mut bench = Bench::unassigned(&setup);
    bench.tell();
    let both = Address::ENUMERATION;
    let frame = request(both, 1, &Request::Identify);
    let ops = [
        Op::Write { to: both, bytes: &frame },
        Op::Wait { micros: 500 },
        read(both, IDENTITY_READ_LEN),
    ];
    bench.told(&ops, 100)
}

#[test]
fn of_two_modules_at_one_address_the_lower_id_is_heard() {
    expect![[r#"
        2.337 bus 0 0x61: Identify session=1 tag=1
        11.517 bus 0 0x61: read Application tag=1 Done room=0x00 received=0 1209:0103 hardware 1 5a5a5a5a5a5a5a5a5a5a5a5a application 1.0.0 Confirmed digest=e37db7f2 Runs
    "#]].assert_eq(&two_at_one_address(Arbitration::Works));
}

#[test]
fn two_modules_that_cannot_arbitrate_are_not_understood() {
    expect![[r#"
        2.337 bus 0 0x61: Identify session=1 tag=1
        11.517 bus 0 0x61: read 000100000000007f5000010101000912… (95 bytes) (CRC does not match)
    "#]]
    .assert_eq(&two_at_one_address(Arbitration::Missing));
}

#[test]
fn a_module_pulled_out_in_the_middle_of_a_write() {
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    bench.submit(&[Op::Write { to: FIRST, bytes: &[0; 200] }]);
    // 100 kHz: the write takes 18 ms.
    bench.run_ms(10);
    bench.world.pull(0);
    bench.run_ms(20);
    expect![[r#"
         10.000 Pull { module: 0 }
         10.000 module 0: Nothing
         10.055 bus 0 0x10: write 00000000000000000000000000000000… (200 bytes) (CRC does not match) => NoAck
         10.435 bus 0 0x10: write => NoAnswer
         11.065 bus 0 0x10: write => NoAnswer
         12.195 bus 0 0x10: write => NoAnswer
    "#]].assert_eq(&bench.told.take());
}

#[test]
fn a_module_pulled_out_in_the_middle_of_a_read() {
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    let frame = request(FIRST, 1, &Request::Identify);
    let wait = Op::Wait { micros: 500 };
    bench.submit(&[Op::Write { to: FIRST, bytes: &frame }, wait, read(FIRST, IDENTITY_READ_LEN)]);
    bench.run_ms(6);
    bench.world.pull(0);
    bench.run_ms(20);
    expect![[r#"
        2.337 bus 0 0x10: Identify session=1 tag=1
        6.000 Pull { module: 0 }
        6.000 module 0: Nothing
        11.517 bus 0 0x10: read 00010000000000545000010101000912… (95 bytes) (CRC does not match)
    "#]]
    .assert_eq(&bench.told.take());
}

#[test]
fn a_line_that_is_held_stops_the_whole_bus_until_the_module_is_reset() {
    let mut bench = Bench::new(&rack(vec![envelope(0), envelope(1)]));
    bench.world.apply(Incident::Hold { module: 1, line: Line::Sda });
    let mut text = bench.told(&[read(FIRST, 8)], 40);
    bench.world.cut_power(1, Duration::from_millis(1));
    text += &bench.told(&[], 100);
    expect![[r#"
        0.000 Hold { module: 1, line: Sda }
        26.572 bus 0 0x10: read => Held
        40.000 CutPower { module: 1, off: 1ms }
        40.000 module 1: Nothing
        41.000 module 1: Starting
        51.922 bus 0 0x10: read => Held
        53.022 bus 0 0x10: read Application tag=0 Done room=0x00 received=0
        53.456 module 1: Application(Version { major: 1, minor: 0, patch: 0 })
    "#]]
    .assert_eq(&text);
}

/// Its line is let go at the ninth clock: the next try finds the bus free.
#[test]
fn a_module_that_has_missed_clocks_gets_them() {
    let mut bench = Bench::new(&rack(vec![envelope(0), envelope(1)]));
    bench.world.apply(Incident::MissClocks { module: 1 });
    expect![[r#"
        0.000 MissClocks { module: 1 }
        26.572 bus 0 0x10: read => Held
        27.672 bus 0 0x10: read Application tag=0 Done room=0x00 received=0
    "#]]
    .assert_eq(&bench.told(&[read(FIRST, 8)], 40));
}

/// The module that the base was reading from when it restarted waits for the rest of its byte's clocks.
#[test]
fn a_base_that_restarts_in_the_middle_of_a_read() {
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    bench.submit(&[read(FIRST, IDENTITY_READ_LEN)]);
    bench.run_ms(4);
    bench.world.apply(Incident::ResetBase);
    bench.run_ms(400);
    // To the new session the module is as it was: at its address, and silent until it is clocked.
    bench.connect();
    expect![[r#"
        4.000 ResetBase
        440.572 bus 0 0x10: read => Held
        441.672 bus 0 0x10: read Application tag=0 Done room=0x00 received=0
    "#]]
    .assert_eq(&bench.told(&[read(FIRST, 8)], 60));
}

#[test]
fn a_module_that_is_deaf_for_a_while() {
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    bench.world.apply(Incident::Deaf { module: 0, lasts: Duration::from_millis(2) });
    expect![[r#"
        0.000 Deaf { module: 0, lasts: 2ms }
        1.602 bus 0 0x10: read => NoAnswer
        1.982 bus 0 0x10: read => NoAnswer
        3.332 bus 0 0x10: read Application tag=0 Done room=0x00 received=0
    "#]]
    .assert_eq(&bench.told(&[read(FIRST, 8)], 40));
}

/// Every bit is read as the one before it: an acknowledge as the last bit of its byte. So nobody seems to take what ends in
/// a zero.
#[test]
fn bits_read_late() {
    let mut setup = rack(vec![envelope(0)]);
    setup.faults.bus_late_bits_per_1e9 = 1_000_000_000;
    let mut bench = Bench::unassigned(&setup);
    bench.tell();
    let nobody = Address::new(0x32).expect("an address");
    let ops = [0x54, 0x55].map(|byte| [byte]);
    let ops = ops.each_ref().map(|bytes| Op::Write { to: nobody, bytes });
    expect![[r#"
        1.696 bus 0 0x32: write aa (too short)
        1.916 bus 0 0x32: write aa (too short) => NoAck
        2.386 bus 0 0x32: write aa (too short) => NoAck
        3.106 bus 0 0x32: write aa (too short) => NoAck
        4.326 bus 0 0x32: write aa (too short) => NoAck
    "#]]
    .assert_eq(&bench.told(&ops, 10));
}

/// Behind the address, behind its first byte, behind its second: what has arrived by then is no frame.
#[test]
fn another_controller_takes_the_bus() {
    let mut setup = rack(vec![envelope(0)]);
    setup.faults.bus_taken_per_1e6 = 1_000_000;
    let mut bench = Bench::unassigned(&setup);
    bench.tell();
    let ops = [Op::Write { to: Address::ENUMERATION, bytes: &[1, 2, 3] }];
    expect![[r#"
        3.044 bus 0 0x61: write => Arbitration
        4.954 bus 0 0x61: write 01 (too short) => Arbitration
        7.204 bus 0 0x61: write 0102 (too short) => Arbitration
        10.044 bus 0 0x61: write 010203 (too short) => Arbitration
    "#]]
    .assert_eq(&bench.told(&ops, 40));
}

/// The interrupt before a read of all there is: 700 cycles, and 7 for each byte, of 32 in a microsecond.
#[test]
fn a_read_keeps_the_bus_waiting_by_its_length() {
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    let before = bench.world.modules()[0].longest_hold();
    bench.told(&[read(FIRST, 260)], 100);
    let after = bench.world.modules()[0].longest_hold();
    assert_eq!((before < after, after), (true, Duration::from_micros(79)));
}

/// What is written to the EEPROM is the longest request, and comes while the flash is hashed.
#[test]
fn the_longest_request_keeps_the_bus_waiting_no_longer_than_is_promised() {
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    let hash = Request::Digest { start: FLASH_START, len: 64 * 1024 };
    let frames = [
        request(FIRST, 1, &Request::EnterLoader),
        request(FIRST, 2, &hash),
        request(FIRST, 3, &Request::EepromWrite { offset: 0, bytes: &[0x5a; 256] }),
    ];
    let [enter, hash, write] = frames.each_ref().map(|bytes| Op::Write { to: FIRST, bytes });
    bench.told(&[Op::Clock { hz: 1_000_000 }, enter, Op::Wait { micros: 20_000 }, hash, write], 50);
    let longest = bench.world.modules()[0].longest_hold();
    assert!((Duration::from_micros(210)..=HOLD_MAX).contains(&longest), "{longest:?}");
}

#[test]
fn a_stretched_clock() {
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    bench.world.apply(Incident::Stretch { module: 0, by: Duration::from_millis(3) });
    let ops = [Op::Clock { hz: 1_000_000 }, read(FIRST, 8), read(FIRST, 8)];
    let mut text = bench.told(&ops, 20);
    bench.world.apply(Incident::Stretch { module: 0, by: Duration::MAX });
    text += &bench.told(&ops, 100);
    expect![[r#"
        0.000 Stretch { module: 0, by: 3ms }
        4.566 bus 0 0x10: read Application tag=0 Done room=0x00 received=0
        7.651 bus 0 0x10: read Application tag=0 Done room=0x00 received=0
        20.000 Stretch { module: 0, by: 18446744073709.551615s }
        46.491 bus 0 0x10: read => Stuck
    "#]]
    .assert_eq(&text);
}

#[test]
fn noise_comes_at_its_rate() {
    let mut setup = rack(vec![envelope(0)]);
    setup.faults.bus_flips_per_1e9 = 1_000_000;
    let mut bench = Bench::new(&setup);
    // Never matches: it reads and reads.
    let until = Pattern::any(8).with(0, 0xff, 0x55);
    let ops = [
        Op::Clock { hz: 1_000_000 },
        Op::Poll {
            from: FIRST,
            check: Check::None,
            until,
            expect: until,
            every_us: 0,
            timeout_ms: 1_000,
        },
    ];
    let told = bench.told(&ops, 2_000);
    let good = told.matches("read Application").count();
    let not_heard = told.matches("NoAnswer").count();
    // 9 of each transaction's 81 bits decide whether it is heard; of 64 each spoils the status; 7 times in 81 bits the
    // base's own acknowledge is misheard, and the rest of the read is ones.
    expect!["of 11848 reads 10894 were good, 98 not heard, at one flipped bit in 1000"].assert_eq(
        &format!(
            "of {} reads {good} were good, {not_heard} not heard, at one flipped bit in 1000",
            told.lines().count()
        ),
    );
}

#[test]
fn a_restarting_module_does_not_answer() {
    let frame = request(FIRST, 1, &Request::EnterLoader);
    let mut ops = vec![Op::Clock { hz: 1_000_000 }, Op::Write { to: FIRST, bytes: &frame }];
    ops.extend([Op::Attempt { ops: 2, tries: 10 }, Op::Wait { micros: 500 }, read(FIRST, 8)]);
    check(
        &rack(vec![envelope(0)]),
        &ops,
        expect![[r#"
            1.579 bus 0 0x10: EnterLoader session=1 tag=1
            1.579 module 0: Starting
            2.092 bus 0 0x10: read => NoAnswer
            2.355 bus 0 0x10: read => NoAnswer
            2.868 bus 0 0x10: read => NoAnswer
            3.683 module 0: Loader(Requested)
            3.953 bus 0 0x10: read Loader tag=0 Done room=0x00 received=0
        "#]],
    );
}

#[test]
fn nobody_is_there() {
    let mut bench = Bench::new(&rack(Vec::new()));
    assert_eq!(bench.world.next_event(), None);
    expect![[r#"
          1.602 bus 0 0x10: read => NoAnswer
          1.982 bus 0 0x10: read => NoAnswer
          2.612 bus 0 0x10: read => NoAnswer
          3.742 bus 0 0x10: read => NoAnswer
    "#]]
    .assert_eq(&bench.told(&[read(FIRST, 8)], 10));
    assert!(bench.world.now() > Instant::ZERO);
}
