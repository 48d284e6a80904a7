//! Lanes: side by side, each in its order; one that halts is alone in it.

use rackflash_core::time::Duration;

use expect_test::expect;
use rackflash_core::base::BusError;
use rackflash_core::wire::op::{Level, Op};

use crate::bench::{Bench, fails, poll, read, says, write};

const CLOCK: Op<'_> = Op::Clock { hz: 100_000 };

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

#[test]
fn a_lane_that_polls_leaves_the_bus_to_another() {
    let mut bench = Bench::new();
    bench.module(0x10).first([says([0]), says([0]), says([0]), says([7])]);
    bench.module(0x11);
    bench.open(0, 0);
    bench.open(1, 0);
    bench.submit(0, 0, &[poll(0x10, 7, 100), write(0x10, &[0xa0])]);
    bench.submit(1, 0, &[write(0x11, &[1; 50]), write(0x11, &[2; 50]), write(0x11, &[3; 50])]);
    bench.run_ms(10);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Open L1 bus 0
             0.000 <- State freed=0 L0:0 L1:0
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 100 ms; write 0x10 a0]
             0.000 == bus 0 1000 kHz 0x10 read 1: 00
             0.000 -> Message Submit L1 first=0 [write 0x11 01010101010101010101010101010101… (50 bytes); write 0x11 02020202020202020202020202020202… (50 bytes); write 0x11 03030303030303030303030303030303… (50 bytes)]
             0.018 == bus 0 1000 kHz 0x11 write 01010101010101010101010101010101… (50 bytes): ok
             0.477 == bus 0 1000 kHz 0x11 write 02020202020202020202020202020202… (50 bytes): ok
             0.936 == bus 0 1000 kHz 0x11 write 03030303030303030303030303030303… (50 bytes): ok
             1.395 == bus 0 1000 kHz 0x10 read 1: 00
             2.413 == bus 0 1000 kHz 0x10 read 1: 00
             3.431 == bus 0 1000 kHz 0x10 read 1: 07
             3.449 == bus 0 1000 kHz 0x10 write a0: ok
    "#]]);
}

#[test]
fn lanes_take_turns() {
    let mut bench = Bench::new();
    for lane in 0..3 {
        bench.module(0x10 + lane);
        bench.open(lane, 0);
    }
    for lane in [2, 0, 1] {
        let to = 0x10 + lane;
        bench.submit(lane, 0, &[write(to, &[1]), write(to, &[2]), write(to, &[3])]);
    }
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Open L1 bus 0
             0.000 <- State freed=0 L0:0 L1:0
             0.000 -> Message Open L2 bus 0
             0.000 <- State freed=0 L0:0 L1:0 L2:0
             0.000 -> Message Submit L2 first=0 [write 0x12 01; write 0x12 02; write 0x12 03]
             0.000 == bus 0 1000 kHz 0x12 write 01: ok
             0.000 -> Message Submit L0 first=0 [write 0x10 01; write 0x10 02; write 0x10 03]
             0.000 -> Message Submit L1 first=0 [write 0x11 01; write 0x11 02; write 0x11 03]
             0.018 == bus 0 1000 kHz 0x10 write 01: ok
             0.036 == bus 0 1000 kHz 0x11 write 01: ok
             0.054 == bus 0 1000 kHz 0x12 write 02: ok
             0.072 == bus 0 1000 kHz 0x10 write 02: ok
             0.090 == bus 0 1000 kHz 0x11 write 02: ok
             0.108 == bus 0 1000 kHz 0x12 write 03: ok
             0.126 == bus 0 1000 kHz 0x10 write 03: ok
             0.144 == bus 0 1000 kHz 0x11 write 03: ok
    "#]]);
}

#[test]
fn a_lane_that_halts_drops_what_is_behind_and_the_others_go_on() {
    let mut bench = Bench::new();
    bench.module(0x11);
    bench.open(0, 0);
    bench.open(1, 0);
    bench.submit(0, 0, &[write(0x10, &[1]), write(0x10, &[2])]);
    bench.submit(0, 2, &[write(0x10, &[3])]);
    bench.submit(1, 0, &[write(0x11, &[1; 90]), write(0x11, &[2; 90]), write(0x11, &[3; 90])]);
    bench.run_ms(60);
    // It takes nothing until it is opened again.
    bench.module(0x10);
    bench.submit(0, 3, &[write(0x10, &[4])]);
    bench.run_ms(60);
    bench.open(0, 0);
    bench.submit(0, 4, &[write(0x10, &[5])]);
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Open L1 bus 0
             0.000 <- State freed=0 L0:0 L1:0
             0.000 -> Message Submit L0 first=0 [write 0x10 01; write 0x10 02]
             0.000 == bus 0 1000 kHz 0x10 write 01: NoAnswer
             0.000 -> Message Submit L0 first=2 [write 0x10 03]
             0.000 -> Message Submit L1 first=0 [write 0x11 01010101010101010101010101010101… (90 bytes); write 0x11 02020202020202020202020202020202… (90 bytes); write 0x11 03030303030303030303030303030303… (90 bytes)]
             0.009 == bus 0 1000 kHz 0x11 write 01010101010101010101010101010101… (90 bytes): ok
             0.828 == bus 0 1000 kHz 0x10 write 01: NoAnswer
             0.837 == bus 0 1000 kHz 0x11 write 02020202020202020202020202020202… (90 bytes): ok
             1.656 == bus 0 1000 kHz 0x10 write 01: NoAnswer
             1.665 == bus 0 1000 kHz 0x11 write 03030303030303030303030303030303… (90 bytes): ok
             2.665 == bus 0 1000 kHz 0x10 write 01: NoAnswer
             2.674 <- Halted L0 op=0 NoAnswer
             2.674 <- State freed=3 L0:0 L1:3
            60.000 -> Message Submit L0 first=3 [write 0x10 04]
            60.000 <- State freed=4 L0:0 L1:3
           120.000 -> Message Open L0 bus 0
           120.000 -> Message Submit L0 first=4 [write 0x10 05]
           120.000 == bus 0 1000 kHz 0x10 write 05: ok
           120.000 <- State freed=4 L0:4 L1:3
           170.000 <- State freed=5 L0:5 L1:3
    "#]]);
}

#[test]
fn opened_again_while_at_work() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    bench.submit(0, 0, &[CLOCK, write(0x10, &[1]), write(0x10, &[2])]);
    bench.submit(0, 3, &[write(0x10, &[3])]);
    bench.run(micros(10));
    // The clock is forgotten too.
    bench.open(0, 0);
    bench.submit(0, 4, &[write(0x10, &[4])]);
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [clock 100000 Hz; write 0x10 01; write 0x10 02]
             0.000 == bus 0 100 kHz 0x10 write 01: ok
             0.000 <- State freed=0 L0:1
             0.000 -> Message Submit L0 first=3 [write 0x10 03]
             0.010 -> Message Open L0 bus 0
             0.010 <- State freed=2 L0:1
             0.010 -> Message Submit L0 first=4 [write 0x10 04]
             0.010 <- State freed=2 L0:4
             0.180 == bus 0 1000 kHz 0x10 write 04: ok
            50.010 <- State freed=3 L0:5
    "#]]);
}

#[test]
fn moved_to_another_bus_while_its_transaction_is_on_the_first() {
    let mut bench = Bench::new();
    bench.module(0x10).first([says([0xee])]);
    bench.module_on(1, 0x30).first([says([0x33])]);
    bench.open(0, 0);
    bench.submit(0, 0, &[CLOCK, read(0x10, 4)]);
    bench.run(micros(10));
    bench.open(0, 1);
    // That on the first bus ends in the middle of this one.
    bench.submit(0, 2, &[read(0x30, 40)]);
    bench.run_ms(60);
    bench.check(expect![[r#"
        0.000 -> Message Open L0 bus 0
        0.000 <- State freed=0 L0:0
        0.000 -> Message Submit L0 first=0 [clock 100000 Hz; read 0x10 4 bytes None]
        0.000 == bus 0 100 kHz 0x10 read 4: eeeeeeee
        0.000 <- State freed=0 L0:1
        0.010 -> Message Open L0 bus 1
        0.010 <- State freed=1 L0:1
        0.010 -> Message Submit L0 first=2 [read 0x30 40 bytes None]
        0.010 == bus 1 400 kHz 0x30 read 40: 33333333333333333333333333333333… (40 bytes)
        0.010 <- State freed=1 L0:2
        0.932 <- Result L0 op=2 33333333333333333333333333333333… (40 bytes)
        0.932 <- State freed=2 L0:3
    "#]]);
}

#[test]
fn aborted() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[1]), write(0x10, &[2]), write(0x10, &[3])]);
    bench.submit(0, 3, &[write(0x10, &[4])]);
    bench.run(micros(25));
    bench.abort(0);
    bench.run_ms(60);
    // There is nothing left to abort.
    bench.abort(0);
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [write 0x10 01; write 0x10 02; write 0x10 03]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
             0.000 -> Message Submit L0 first=3 [write 0x10 04]
             0.018 == bus 0 1000 kHz 0x10 write 02: ok
             0.025 -> Message Abort L0
             0.025 <- Halted L0 op=1 Aborted
             0.025 <- State freed=2 L0:1
            60.025 -> Message Abort L0
    "#]]);
}

#[test]
fn aborted_at_rest_and_without_work_and_never_opened() {
    let mut bench = Bench::new();
    bench.open(0, 0);
    bench.submit(0, 0, &[Op::Wait { micros: 1_000_000 }, write(0x10, &[1])]);
    bench.open(1, 0);
    bench.run_ms(1);
    bench.abort(0);
    bench.abort(1);
    bench.abort(2);
    bench.abort(200);
    bench.run_ms(2000);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [wait 1000000 us; write 0x10 01]
             0.000 -> Message Open L1 bus 0
             0.000 <- State freed=0 L0:0 L1:0
             1.000 -> Message Abort L0
             1.000 <- Halted L0 op=0 Aborted
             1.000 <- State freed=1 L0:0 L1:0
             1.000 -> Message Abort L1
             1.000 <- Halted L1 op=0 Aborted
             1.000 -> Message Abort L2
             1.000 -> Message Abort L200
    "#]]);
}

#[test]
fn two_buses_at_once() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.module_on(1, 0x10);
    bench.open(0, 0);
    bench.open(1, 1);
    bench.submit(0, 0, &[write(0x10, &[1; 9]), write(0x10, &[2; 9]), write(0x10, &[3; 9])]);
    bench.submit(1, 0, &[write(0x10, &[4; 9]), write(0x10, &[5; 9])]);
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Open L1 bus 1
             0.000 <- State freed=0 L0:0 L1:0
             0.000 -> Message Submit L0 first=0 [write 0x10 010101010101010101; write 0x10 020202020202020202; write 0x10 030303030303030303]
             0.000 == bus 0 1000 kHz 0x10 write 010101010101010101: ok
             0.000 -> Message Submit L1 first=0 [write 0x10 040404040404040404; write 0x10 050505050505050505]
             0.000 == bus 1 400 kHz 0x10 write 040404040404040404: ok
             0.090 == bus 0 1000 kHz 0x10 write 020202020202020202: ok
             0.180 == bus 0 1000 kHz 0x10 write 030303030303030303: ok
             0.225 == bus 1 400 kHz 0x10 write 050505050505050505: ok
    "#]]);
}

#[test]
fn a_clock_is_the_lanes_own_and_no_faster_than_the_bus() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.module_on(1, 0x30);
    for (lane, bus) in [(0, 0), (1, 0), (2, 1)] {
        bench.open(lane, bus);
    }
    bench.submit(0, 0, &[CLOCK, write(0x10, &[1]), write(0x10, &[2])]);
    bench.submit(1, 0, &[write(0x10, &[3]), Op::Clock { hz: u32::MAX }, write(0x10, &[4])]);
    bench.submit(2, 0, &[write(0x30, &[5]), Op::Clock { hz: 1_000_000 }, write(0x30, &[6])]);
    bench.submit(0, 3, &[write(0x10, &[7])]);
    bench.run_ms(2);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Open L1 bus 0
             0.000 <- State freed=0 L0:0 L1:0
             0.000 -> Message Open L2 bus 1
             0.000 <- State freed=0 L0:0 L1:0 L2:0
             0.000 -> Message Submit L0 first=0 [clock 100000 Hz; write 0x10 01; write 0x10 02]
             0.000 == bus 0 100 kHz 0x10 write 01: ok
             0.000 <- State freed=0 L0:1 L1:0 L2:0
             0.000 -> Message Submit L1 first=0 [write 0x10 03; clock 4294967295 Hz; write 0x10 04]
             0.000 -> Message Submit L2 first=0 [write 0x30 05; clock 1000000 Hz; write 0x30 06]
             0.000 == bus 1 400 kHz 0x30 write 05: ok
             0.000 -> Message Submit L0 first=3 [write 0x10 07]
             0.045 == bus 1 400 kHz 0x30 write 06: ok
             0.090 <- State freed=1 L0:1 L1:0 L2:3
             0.180 == bus 0 1000 kHz 0x10 write 03: ok
             0.198 == bus 0 100 kHz 0x10 write 02: ok
             0.378 == bus 0 100 kHz 0x10 write 07: ok
             0.558 == bus 0 1000 kHz 0x10 write 04: ok
    "#]]);
}

#[test]
fn pins_and_rests() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    bench.submit(
        0,
        0,
        &[
            Op::Pin { pin: 3, level: Level::Low },
            Op::Wait { micros: 10_000 },
            Op::Pin { pin: 3, level: Level::Released },
            write(0x10, &[1]),
            Op::Pin { pin: 4, level: Level::High },
            Op::Wait { micros: 0 },
            Op::Wait { micros: 70_000 },
        ],
    );
    // The last rest is no operation behind it before it is over.
    bench.run_ms(200);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [pin 3 Low; wait 10000 us; pin 3 Released; write 0x10 01; pin 4 High; wait 0 us; wait 70000 us]
             0.000 == pin 3 Low
             0.000 <- State freed=0 L0:1
            10.000 == pin 3 Released
            10.000 == bus 0 1000 kHz 0x10 write 01: ok
            10.018 == pin 4 High
            50.000 <- State freed=0 L0:6
           100.000 <- State freed=1 L0:7
    "#]]);
}

#[test]
fn operations_that_nobody_can_read() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    let good = crate::bench::block(&[write(0x10, &[1])]);
    bench.submit_bytes(0, 0, &[good.as_slice(), &[99], good.as_slice()].concat());
    bench.run_ms(60);
    bench.open(0, 0);
    bench.submit_bytes(0, 3, &good[..4]);
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [write 0x10 01; unknown operation 0x63]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
             0.018 <- Halted L0 op=1 BadOperation
             0.018 <- State freed=1 L0:1
            60.000 -> Message Open L0 bus 0
            60.000 -> Message Submit L0 first=3 [too short]
            60.000 <- Halted L0 op=3 BadOperation
            60.000 <- State freed=2 L0:3
    "#]]);
}

#[test]
fn a_bus_and_lanes_that_are_not_there() {
    let mut bench = Bench::new();
    bench.open(0, 2);
    bench.open(1, 200);
    bench.open(40, 0);
    bench.submit(40, 0, &[write(0x10, &[1])]);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.submit(5, 0, &[write(0x10, &[1])]);
    bench.watch(2, &[0x10]);
    bench.watch(77, &[0x10]);
    bench.run_ms(1000);
    // The lane lives on: on a bus that is there.
    bench.module(0x10);
    bench.open(0, 0);
    bench.submit(0, 1, &[write(0x10, &[1])]);
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 2
             0.000 <- Halted L0 op=0 BadOperation
             0.000 <- State freed=0 L0:0
             0.000 -> Message Open L1 bus 200
             0.000 <- Halted L1 op=0 BadOperation
             0.000 <- State freed=0 L0:0 L1:0
             0.000 -> Message Open L40 bus 0
             0.000 -> Message Submit L40 first=0 [write 0x10 01]
             0.000 <- State freed=1 L0:0 L1:0
             0.000 -> Message Submit L0 first=0 [write 0x10 01]
             0.000 <- State freed=2 L0:0 L1:0
             0.000 -> Message Submit L5 first=0 [write 0x10 01]
             0.000 <- State freed=3 L0:0 L1:0
             0.000 -> Message Watch bus 2 0x10
             0.000 -> Message Watch bus 77 0x10
          1000.000 -> Message Open L0 bus 0
          1000.000 -> Message Submit L0 first=1 [write 0x10 01]
          1000.000 == bus 0 1000 kHz 0x10 write 01: ok
          1000.000 <- State freed=3 L0:1 L1:0
          1050.000 <- State freed=4 L0:2 L1:0
    "#]]);
}

#[test]
fn a_stuck_bus_stops_nothing_on_the_other() {
    let mut bench = Bench::new();
    bench.module(0x10).then(fails(BusError::Stuck));
    bench.module_on(1, 0x30);
    bench.open(0, 0);
    bench.open(1, 1);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.submit(1, 0, &[write(0x30, &[1; 30]), write(0x30, &[2; 30]), write(0x30, &[3; 30])]);
    bench.run_ms(60);
    bench.check(expect![[r#"
         0.000 -> Message Open L0 bus 0
         0.000 <- State freed=0 L0:0
         0.000 -> Message Open L1 bus 1
         0.000 <- State freed=0 L0:0 L1:0
         0.000 -> Message Submit L0 first=0 [write 0x10 01]
         0.000 == bus 0 1000 kHz 0x10 write 01: Stuck
         0.000 -> Message Submit L1 first=0 [write 0x30 01010101010101010101010101010101… (30 bytes); write 0x30 02020202020202020202020202020202… (30 bytes); write 0x30 03030303030303030303030303030303… (30 bytes)]
         0.000 == bus 1 400 kHz 0x30 write 01010101010101010101010101010101… (30 bytes): ok
         0.018 <- Halted L0 op=0 BusStuck
         0.018 <- State freed=1 L0:0 L1:0
         0.697 == bus 1 400 kHz 0x30 write 02020202020202020202020202020202… (30 bytes): ok
         1.394 == bus 1 400 kHz 0x30 write 03030303030303030303030303030303… (30 bytes): ok
        50.018 <- State freed=2 L0:0 L1:3
    "#]]);
}
