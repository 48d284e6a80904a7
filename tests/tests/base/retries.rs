//! What fails is tried again: a transaction four times, an attempt as often as it says.

use expect_test::expect;
use rackflash_core::base::BusError;
use rackflash_core::wire::check::pec_from;
use rackflash_core::wire::op::{Check, Op};

use crate::bench::{Answer, Bench, address, fails, poll, read, says, write};

#[test]
fn a_transaction_that_fails_each_time() {
    let mut bench = Bench::with_lane();
    for error in [BusError::NoAnswer, BusError::NoAck, BusError::Arbitration, BusError::Stuck] {
        bench.module(0x10).then(fails(error));
        bench.submit(0, 0, &[write(0x10, &[1])]);
        bench.run_ms(5);
        bench.open(0, 0);
    }
    bench.run_ms(100);
    bench.check(expect![[r#"
         0.000 -> Message Submit L0 first=0 [write 0x10 01]
         0.000 == bus 0 1000 kHz 0x10 write 01: NoAnswer
         0.268 == bus 0 1000 kHz 0x10 write 01: NoAnswer
         0.786 == bus 0 1000 kHz 0x10 write 01: NoAnswer
         1.804 == bus 0 1000 kHz 0x10 write 01: NoAnswer
         1.822 <- Halted L0 op=0 NoAnswer
         1.822 <- State freed=1 L0:0
         5.000 -> Message Open L0 bus 0
         5.000 -> Message Submit L0 first=0 [write 0x10 01]
         5.000 == bus 0 1000 kHz 0x10 write 01: NoAck
         5.268 == bus 0 1000 kHz 0x10 write 01: NoAck
         5.786 == bus 0 1000 kHz 0x10 write 01: NoAck
         6.804 == bus 0 1000 kHz 0x10 write 01: NoAck
         6.822 <- Halted L0 op=0 NoAck
         6.822 <- State freed=2 L0:0
        10.000 -> Message Open L0 bus 0
        10.000 -> Message Submit L0 first=0 [write 0x10 01]
        10.000 == bus 0 1000 kHz 0x10 write 01: Arbitration
        10.268 == bus 0 1000 kHz 0x10 write 01: Arbitration
        10.786 == bus 0 1000 kHz 0x10 write 01: Arbitration
        11.804 == bus 0 1000 kHz 0x10 write 01: Arbitration
        11.822 <- Halted L0 op=0 Arbitration
        11.822 <- State freed=3 L0:0
        15.000 -> Message Open L0 bus 0
        15.000 -> Message Submit L0 first=0 [write 0x10 01]
        15.000 == bus 0 1000 kHz 0x10 write 01: Stuck
        15.018 <- Halted L0 op=0 BusStuck
        15.018 <- State freed=4 L0:0
        20.000 -> Message Open L0 bus 0
    "#]]);
}

#[test]
fn a_transaction_that_succeeds_at_last() {
    let mut bench = Bench::with_lane();
    let (nobody, noise) = (fails(BusError::NoAnswer), fails(BusError::Arbitration));
    bench.module(0x10).first([nobody.clone(), noise, nobody.clone(), says([1])]);
    // The next has all its tries again.
    bench.module(0x10).first([nobody.clone(), nobody.clone(), nobody, says([2])]);
    bench.submit(0, 0, &[write(0x10, &[1]), read(0x10, 3)]);
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [write 0x10 01; read 0x10 3 bytes None]
             0.000 == bus 0 1000 kHz 0x10 write 01: NoAnswer
             0.268 == bus 0 1000 kHz 0x10 write 01: Arbitration
             0.786 == bus 0 1000 kHz 0x10 write 01: NoAnswer
             1.804 == bus 0 1000 kHz 0x10 write 01: ok
             1.822 == bus 0 1000 kHz 0x10 read 3: NoAnswer
             2.108 == bus 0 1000 kHz 0x10 read 3: NoAnswer
             2.644 == bus 0 1000 kHz 0x10 read 3: NoAnswer
             3.680 == bus 0 1000 kHz 0x10 read 3: 020202
             3.716 <- Result L0 op=1 020202
             3.716 <- State freed=1 L0:2
    "#]]);
}

#[test]
fn a_read_that_does_not_check() {
    let mut bench = Bench::with_lane();
    let good = [0xc0, 0xc1, pec_from(address(0x10), &[0xc0, 0xc1])];
    let checked = Op::Read { from: address(0x10), check: Check::Pec, len: 3 };
    bench.module(0x10).first([says([0xc0, 0xc1, !good[2]]), says(good)]);
    bench.submit(0, 0, &[checked]);
    bench.run_ms(60);
    bench.module(0x10).then(says([0xc0, 0xc1, good[2] ^ 1]));
    bench.submit(0, 1, &[checked]);
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [read 0x10 3 bytes Pec]
             0.000 == bus 0 1000 kHz 0x10 read 3: c0c173
             0.286 == bus 0 1000 kHz 0x10 read 3: c0c18c
             0.322 <- Result L0 op=0 c0c18c
             0.322 <- State freed=1 L0:1
            60.000 -> Message Submit L0 first=1 [read 0x10 3 bytes Pec]
            60.000 == bus 0 1000 kHz 0x10 read 3: c0c18d
            60.286 == bus 0 1000 kHz 0x10 read 3: c0c18d
            60.822 == bus 0 1000 kHz 0x10 read 3: c0c18d
            61.858 == bus 0 1000 kHz 0x10 read 3: c0c18d
            61.894 <- Halted L0 op=1 BadCheck
            61.894 <- State freed=2 L0:1
    "#]]);
}

#[test]
fn an_attempt_starts_again_with_its_first_operation() {
    let mut bench = Bench::with_lane();
    let wrong = Answer::Says(vec![9]);
    // Twice the poll says that something is missing; what had been sent before is sent again.
    bench.module(0x10).first([says([0]), says([0]), wrong.clone(), says([0]), says([0]), wrong]);
    bench.module(0x10).then(says([7]));
    bench.submit(
        0,
        0,
        &[
            write(0x10, &[0xaa]),
            Op::Attempt { ops: 3, tries: 3 },
            write(0x10, &[1]),
            write(0x10, &[2]),
            poll(0x10, 7, 0),
            write(0x10, &[0xbb]),
        ],
    );
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [write 0x10 aa; attempt 3 operations 3 times; write 0x10 01; write 0x10 02; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 0 ms; write 0x10 bb]
             0.000 == bus 0 1000 kHz 0x10 write aa: ok
             0.018 == bus 0 1000 kHz 0x10 write 01: ok
             0.036 == bus 0 1000 kHz 0x10 write 02: ok
             0.054 == bus 0 1000 kHz 0x10 read 1: 00
             0.572 == bus 0 1000 kHz 0x10 write 01: ok
             0.590 == bus 0 1000 kHz 0x10 write 02: ok
             0.608 == bus 0 1000 kHz 0x10 read 1: 07
             0.626 == bus 0 1000 kHz 0x10 write bb: ok
            50.000 <- State freed=1 L0:6
    "#]]);
}

#[test]
fn the_last_try_of_an_attempt_fails() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).then(says([9]));
    bench.submit(
        0,
        0,
        &[
            Op::Attempt { ops: 2, tries: 3 },
            write(0x10, &[1]),
            poll(0x10, 7, 0),
            write(0x10, &[0xbb]),
        ],
    );
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [attempt 2 operations 3 times; write 0x10 01; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 0 ms; write 0x10 bb]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
             0.000 <- State freed=0 L0:1
             0.018 == bus 0 1000 kHz 0x10 read 1: 09
             0.536 == bus 0 1000 kHz 0x10 write 01: ok
             0.554 == bus 0 1000 kHz 0x10 read 1: 09
             1.072 == bus 0 1000 kHz 0x10 write 01: ok
             1.090 == bus 0 1000 kHz 0x10 read 1: 09
             1.108 <- Halted L0 op=2 Timeout 09
             1.108 <- State freed=1 L0:1
    "#]]);
}

#[test]
fn half_an_attempt_does_not_count() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).then(says([9]));
    let slow = Op::Wait { micros: 120_000 };
    bench.submit(
        0,
        0,
        &[
            write(0x10, &[0xaa]),
            Op::Attempt { ops: 4, tries: 2 },
            write(0x10, &[1]),
            slow,
            poll(0x10, 9, 0),
            slow,
            Op::Attempt { ops: 2, tries: 1 },
            slow,
            poll(0x10, 1, 0),
        ],
    );
    bench.run_ms(600);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [write 0x10 aa; attempt 4 operations 2 times; write 0x10 01; wait 120000 us; poll 0x10 until [0]=09 expect [0]=09 every 1000 us for 0 ms; wait 120000 us; attempt 2 operations 1 times; wait 120000 us; poll 0x10 until [0]=01 expect [0]=01 every 1000 us for 0 ms]
             0.000 == bus 0 1000 kHz 0x10 write aa: ok
             0.018 == bus 0 1000 kHz 0x10 write 01: ok
            50.000 <- State freed=0 L0:2
           120.036 == bus 0 1000 kHz 0x10 read 1: 09
           250.000 <- State freed=0 L0:7
           360.054 == bus 0 1000 kHz 0x10 read 1: 09
           360.072 <- Halted L0 op=8 Timeout 09
           360.072 <- State freed=1 L0:7
    "#]]);
}

#[test]
fn transactions_within_an_attempt_have_their_own_tries() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).then(fails(BusError::NoAck));
    bench.submit(0, 0, &[Op::Attempt { ops: 1, tries: 2 }, write(0x10, &[1])]);
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [attempt 1 operations 2 times; write 0x10 01]
             0.000 == bus 0 1000 kHz 0x10 write 01: NoAck
             0.000 <- State freed=0 L0:1
             0.268 == bus 0 1000 kHz 0x10 write 01: NoAck
             0.786 == bus 0 1000 kHz 0x10 write 01: NoAck
             1.804 == bus 0 1000 kHz 0x10 write 01: NoAck
             2.322 == bus 0 1000 kHz 0x10 write 01: NoAck
             2.590 == bus 0 1000 kHz 0x10 write 01: NoAck
             3.108 == bus 0 1000 kHz 0x10 write 01: NoAck
             4.126 == bus 0 1000 kHz 0x10 write 01: NoAck
             4.144 <- Halted L0 op=1 NoAck
             4.144 <- State freed=1 L0:1
    "#]]);
}

#[test]
fn a_read_that_is_attempted_again_has_two_results() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([says([1]), says([9]), says([2]), says([7])]);
    bench.submit(
        0,
        0,
        &[Op::Attempt { ops: 2, tries: 5 }, read(0x10, 1), poll(0x10, 7, 0), read(0x10, 1)],
    );
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [attempt 2 operations 5 times; read 0x10 1 bytes None; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 0 ms; read 0x10 1 bytes None]
             0.000 == bus 0 1000 kHz 0x10 read 1: 01
             0.000 <- State freed=0 L0:1
             0.018 == bus 0 1000 kHz 0x10 read 1: 09
             0.018 <- Result L0 op=1 01
             0.536 == bus 0 1000 kHz 0x10 read 1: 02
             0.554 == bus 0 1000 kHz 0x10 read 1: 07
             0.554 <- Result L0 op=1 02
             0.572 == bus 0 1000 kHz 0x10 read 1: 00
             0.590 <- Result L0 op=3 00
             0.590 <- State freed=1 L0:4
    "#]]);
}

#[test]
fn an_attempt_ends_with_its_block() {
    let mut bench = Bench::with_lane();
    bench.submit(0, 0, &[Op::Attempt { ops: 9, tries: 9 }, write(0x10, &[1])]);
    bench.module(0x10).first([says([0])]).then(fails(BusError::NoAck));
    bench.submit(0, 2, &[write(0x10, &[2])]);
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [attempt 9 operations 9 times; write 0x10 01]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
             0.000 <- State freed=0 L0:1
             0.000 -> Message Submit L0 first=2 [write 0x10 02]
             0.018 == bus 0 1000 kHz 0x10 write 02: ok
            50.000 <- State freed=2 L0:3
    "#]]);
}

#[test]
fn an_attempt_within_an_attempt() {
    let mut bench = Bench::with_lane();
    bench.submit(
        0,
        0,
        &[
            Op::Attempt { ops: 3, tries: 2 },
            write(0x10, &[1]),
            Op::Attempt { ops: 1, tries: 2 },
            write(0x10, &[2]),
        ],
    );
    bench.run_ms(60);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [attempt 3 operations 2 times; write 0x10 01; attempt 1 operations 2 times; write 0x10 02]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
             0.000 <- State freed=0 L0:1
             0.018 <- Halted L0 op=2 BadOperation
             0.018 <- State freed=1 L0:1
    "#]]);
}

/// Whose fault it is that a line is low: the lane that it happened to has four tries and no attempt more; the others wait.
#[test]
fn a_module_that_holds_the_bus_again_and_again() {
    let mut bench = Bench::new();
    bench.module(0x10).then(fails(BusError::Stuck));
    bench.module(0x11).first([fails(BusError::Held), fails(BusError::Held)]);
    bench.open(0, 0);
    bench.open(1, 0);
    bench.submit(0, 0, &[Op::Attempt { ops: 1, tries: 12 }, write(0x10, &[1])]);
    bench.submit(1, 0, &[write(0x11, &[2])]);
    bench.run_ms(60);
    bench.check(expect![[r#"
         0.000 -> Message Open L0 bus 0
         0.000 <- State freed=0 L0:0
         0.000 -> Message Open L1 bus 0
         0.000 <- State freed=0 L0:0 L1:0
         0.000 -> Message Submit L0 first=0 [attempt 1 operations 12 times; write 0x10 01]
         0.000 == bus 0 1000 kHz 0x10 write 01: Stuck
         0.000 <- State freed=0 L0:1 L1:0
         0.000 -> Message Submit L1 first=0 [write 0x11 02]
         0.018 == bus 0 1000 kHz 0x11 write 02: Held
         0.018 <- Halted L0 op=1 BusStuck
         0.018 <- State freed=1 L0:1 L1:0
         0.286 == bus 0 1000 kHz 0x11 write 02: Held
         0.554 == bus 0 1000 kHz 0x11 write 02: ok
        50.018 <- State freed=2 L0:1 L1:1
    "#]]);
}

/// A second, and then it is said.
#[test]
fn a_bus_that_is_held_for_good() {
    let mut bench = Bench::new();
    bench.module(0x10).then(fails(BusError::Held));
    bench.open(0, 0);
    bench.submit(0, 0, &[Op::Attempt { ops: 1, tries: 12 }, write(0x10, &[1])]);
    bench.run_ms(1_100);
    let told = bench.skip();
    let halted: Vec<_> = told.lines().filter(|line| line.contains("Halted")).collect();
    expect!["  1000.194 <- Halted L0 op=1 BusStuck"].assert_eq(&halted.join("\n"));
}

/// Three lanes keep the bus busy. What the first must do again is not its turn: it is as far as the others when they are done.
#[test]
fn what_is_done_again_is_done_out_of_turn() {
    let mut bench = Bench::new();
    for lane in 0..3 {
        bench.module(0x10 + lane);
        bench.open(lane, 0);
    }
    bench.skip();
    bench.module(0x10).first([says([0]), fails(BusError::NoAck)]);
    for lane in 0..3 {
        let to = 0x10 + lane;
        bench.submit(lane, 0, &[write(to, &[1; 20]), write(to, &[2; 20]), write(to, &[3; 20])]);
    }
    bench.run_ms(10);
    bench.check(expect![[r#"
        0.000 -> Message Submit L0 first=0 [write 0x10 01010101010101010101010101010101… (20 bytes); write 0x10 02020202020202020202020202020202… (20 bytes); write 0x10 03030303030303030303030303030303… (20 bytes)]
        0.000 == bus 0 1000 kHz 0x10 write 01010101010101010101010101010101… (20 bytes): ok
        0.000 -> Message Submit L1 first=0 [write 0x11 01010101010101010101010101010101… (20 bytes); write 0x11 02020202020202020202020202020202… (20 bytes); write 0x11 03030303030303030303030303030303… (20 bytes)]
        0.000 -> Message Submit L2 first=0 [write 0x12 01010101010101010101010101010101… (20 bytes); write 0x12 02020202020202020202020202020202… (20 bytes); write 0x12 03030303030303030303030303030303… (20 bytes)]
        0.189 == bus 0 1000 kHz 0x11 write 01010101010101010101010101010101… (20 bytes): ok
        0.378 == bus 0 1000 kHz 0x12 write 01010101010101010101010101010101… (20 bytes): ok
        0.567 == bus 0 1000 kHz 0x10 write 02020202020202020202020202020202… (20 bytes): NoAck
        0.756 == bus 0 1000 kHz 0x11 write 02020202020202020202020202020202… (20 bytes): ok
        0.945 == bus 0 1000 kHz 0x12 write 02020202020202020202020202020202… (20 bytes): ok
        1.134 == bus 0 1000 kHz 0x10 write 02020202020202020202020202020202… (20 bytes): ok
        1.323 == bus 0 1000 kHz 0x10 write 03030303030303030303030303030303… (20 bytes): ok
        1.512 == bus 0 1000 kHz 0x11 write 03030303030303030303030303030303… (20 bytes): ok
        1.701 == bus 0 1000 kHz 0x12 write 03030303030303030303030303030303… (20 bytes): ok
    "#]]);
}
