//! Polls: until when, how often, and the ways not to come to an end.

use expect_test::expect;
use rackflash_core::base::BusError;
use rackflash_core::wire::check::pec_from;
use rackflash_core::wire::op::{Check, Op, Pattern};

use crate::bench::{Answer, Bench, address, fails, poll, says};

/// Looks at two bytes: until the first is 7, when the second shall be 0.
fn expecting(every_us: u32, timeout_ms: u16) -> Op<'static> {
    let until = Pattern::any(2).with(0, 0xff, 7);
    let expect = Pattern::any(2).with(1, 0xff, 0);
    Op::Poll { from: address(0x10), check: Check::None, until, expect, every_us, timeout_ms }
}

#[test]
fn as_expected() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([says([6, 1]), says([6, 0]), says([7, 0])]);
    bench.submit(0, 0, &[expecting(500, 10)]);
    bench.run_ms(10);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [1]=00 every 500 us for 10 ms]
             0.000 == bus 0 1000 kHz 0x10 read 2: 0601
             0.527 == bus 0 1000 kHz 0x10 read 2: 0600
             1.054 == bus 0 1000 kHz 0x10 read 2: 0700
    "#]]);
}

#[test]
fn another_end_than_expected() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([says([6, 0]), says([7, 0x0a])]);
    bench.submit(0, 0, &[expecting(500, 10)]);
    bench.run_ms(10);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [1]=00 every 500 us for 10 ms]
             0.000 == bus 0 1000 kHz 0x10 read 2: 0600
             0.527 == bus 0 1000 kHz 0x10 read 2: 070a
             0.554 <- Halted L0 op=0 Unexpected 070a
             0.554 <- State freed=1 L0:0
    "#]]);
}

#[test]
fn never_an_end() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).then(says([6, 5]));
    bench.submit(0, 0, &[expecting(3000, 10)]);
    bench.run_ms(20);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [1]=00 every 3000 us for 10 ms]
             0.000 == bus 0 1000 kHz 0x10 read 2: 0605
             3.027 == bus 0 1000 kHz 0x10 read 2: 0605
             6.054 == bus 0 1000 kHz 0x10 read 2: 0605
             9.081 == bus 0 1000 kHz 0x10 read 2: 0605
             9.108 <- Halted L0 op=0 Timeout 0605
             9.108 <- State freed=1 L0:0
    "#]]);
}

#[test]
fn what_was_read_last_is_told_though_the_last_look_failed() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([says([6, 5])]).then(fails(BusError::Arbitration));
    bench.submit(0, 0, &[expecting(4000, 10)]);
    bench.run_ms(20);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [1]=00 every 4000 us for 10 ms]
             0.000 == bus 0 1000 kHz 0x10 read 2: 0605
             4.027 == bus 0 1000 kHz 0x10 read 2: Arbitration
             8.054 == bus 0 1000 kHz 0x10 read 2: Arbitration
             8.081 <- Halted L0 op=0 Timeout 0605
             8.081 <- State freed=1 L0:0
    "#]]);
}

#[test]
fn nobody_answers() {
    let mut bench = Bench::with_lane();
    bench.unplug(0x10);
    bench.submit(0, 0, &[expecting(4000, 10)]);
    bench.run_ms(20);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [1]=00 every 4000 us for 10 ms]
             0.000 == bus 0 1000 kHz 0x10 read 2: NoAnswer
             4.009 == bus 0 1000 kHz 0x10 read 2: NoAnswer
             8.018 == bus 0 1000 kHz 0x10 read 2: NoAnswer
             8.027 <- Halted L0 op=0 NoAnswer
             8.027 <- State freed=1 L0:0
    "#]]);
}

#[test]
fn nobody_answers_for_half_a_second() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([says([6, 5]), fails(BusError::NoAnswer), says([6, 4])]);
    bench.module(0x10).then(fails(BusError::NoAnswer));
    bench.submit(0, 0, &[expecting(99_000, 60_000)]);
    bench.run_ms(2000);
    bench.check(expect![[r#"
          0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [1]=00 every 99000 us for 60000 ms]
          0.000 == bus 0 1000 kHz 0x10 read 2: 0605
         99.027 == bus 0 1000 kHz 0x10 read 2: NoAnswer
        198.054 == bus 0 1000 kHz 0x10 read 2: 0604
        297.081 == bus 0 1000 kHz 0x10 read 2: NoAnswer
        396.108 == bus 0 1000 kHz 0x10 read 2: NoAnswer
        495.135 == bus 0 1000 kHz 0x10 read 2: NoAnswer
        495.162 <- Halted L0 op=0 NoAnswer
        495.162 <- State freed=1 L0:0
    "#]]);
}

#[test]
fn looks_more_than_half_a_second_apart() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([says([6, 5]), fails(BusError::NoAck), says([7, 0])]);
    bench.submit(0, 0, &[expecting(700_000, 60_000)]);
    bench.run_ms(3000);
    bench.check(expect![[r#"
           0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [1]=00 every 700000 us for 60000 ms]
           0.000 == bus 0 1000 kHz 0x10 read 2: 0605
         700.027 == bus 0 1000 kHz 0x10 read 2: NoAck
        1400.054 == bus 0 1000 kHz 0x10 read 2: 0700
        1450.000 <- State freed=1 L0:1
        2400.081 <- Errors bus 0 0x10 1, last NoAck
    "#]]);
}

#[test]
fn a_look_that_fails_is_no_answer_yet() {
    let mut bench = Bench::with_lane();
    let bad = fails(BusError::NoAck);
    bench.module(0x10).first(core::iter::repeat_n(bad, 6)).then(says([7, 0]));
    bench.submit(0, 0, &[expecting(500, 10)]);
    bench.run_ms(10);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [1]=00 every 500 us for 10 ms]
             0.000 == bus 0 1000 kHz 0x10 read 2: NoAck
             0.527 == bus 0 1000 kHz 0x10 read 2: NoAck
             1.054 == bus 0 1000 kHz 0x10 read 2: NoAck
             1.581 == bus 0 1000 kHz 0x10 read 2: NoAck
             2.108 == bus 0 1000 kHz 0x10 read 2: NoAck
             2.635 == bus 0 1000 kHz 0x10 read 2: NoAck
             3.162 == bus 0 1000 kHz 0x10 read 2: 0700
    "#]]);
}

#[test]
fn a_look_that_does_not_check() {
    let mut bench = Bench::with_lane();
    let pec = pec_from(address(0x10), &[7]);
    let until = Pattern::any(2).with(0, 0xff, 7);
    let (from, check, expect) = (address(0x10), Check::Pec, until);
    let checked = Op::Poll { from, check, until, expect, every_us: 500, timeout_ms: 1 };
    bench.module(0x10).first([says([7, !pec]), says([7, pec])]).then(says([7, pec ^ 0x80]));
    bench.submit(0, 0, &[checked, checked]);
    bench.run_ms(10);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [0]=07 every 500 us for 1 ms; poll 0x10 until [0]=07 expect [0]=07 every 500 us for 1 ms]
             0.000 == bus 0 1000 kHz 0x10 read 2: 0751
             0.527 == bus 0 1000 kHz 0x10 read 2: 07ae
             0.554 == bus 0 1000 kHz 0x10 read 2: 072e
             1.081 == bus 0 1000 kHz 0x10 read 2: 072e
             1.108 <- Halted L0 op=1 BadCheck
             1.108 <- State freed=1 L0:1
    "#]]);
}

#[test]
fn one_look() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([says([7]), says([6])]);
    bench.submit(0, 0, &[poll(0x10, 7, 0), poll(0x10, 7, 0)]);
    bench.run_ms(10);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 0 ms; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 0 ms]
             0.000 == bus 0 1000 kHz 0x10 read 1: 07
             0.018 == bus 0 1000 kHz 0x10 read 1: 06
             0.036 <- Halted L0 op=1 Timeout 06
             0.036 <- State freed=1 L0:1
    "#]]);
}

#[test]
fn one_look_that_fails_is_tried_again() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([fails(BusError::NoAck), says([7])]).then(fails(BusError::NoAck));
    bench.submit(0, 0, &[poll(0x10, 7, 0), poll(0x10, 7, 0)]);
    bench.run_ms(10);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 0 ms; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 0 ms]
             0.000 == bus 0 1000 kHz 0x10 read 1: NoAck
             0.268 == bus 0 1000 kHz 0x10 read 1: 07
             0.286 == bus 0 1000 kHz 0x10 read 1: NoAck
             0.554 == bus 0 1000 kHz 0x10 read 1: NoAck
             1.072 == bus 0 1000 kHz 0x10 read 1: NoAck
             2.090 == bus 0 1000 kHz 0x10 read 1: NoAck
             2.108 <- Halted L0 op=1 NoAck
             2.108 <- State freed=1 L0:1
    "#]]);
}

#[test]
fn eight_bytes_and_no_more_are_told() {
    let mut bench = Bench::with_lane();
    let status = Answer::Says((1..=20).collect());
    bench.module(0x10).then(status);
    let (until, expect) = (Pattern::any(8).with(7, 0x0f, 8), Pattern::any(8).with(7, 0xff, 9));
    let (from, check) = (address(0x10), Check::None);
    bench.submit(0, 0, &[Op::Poll { from, check, until, expect, every_us: 0, timeout_ms: 1 }]);
    bench.run_ms(10);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [poll 0x10 until [7]&0f=08 expect [7]=09 every 0 us for 1 ms]
             0.000 == bus 0 1000 kHz 0x10 read 8: 0102030405060708
             0.081 <- Halted L0 op=0 Unexpected 0102030405060708
             0.081 <- State freed=1 L0:0
    "#]]);
}

#[test]
fn each_try_of_an_attempt_has_its_time() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).then(says([6]));
    bench.submit(0, 0, &[Op::Attempt { ops: 1, tries: 2 }, poll(0x10, 7, 3)]);
    bench.run_ms(20);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [attempt 1 operations 2 times; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 3 ms]
             0.000 == bus 0 1000 kHz 0x10 read 1: 06
             0.000 <- State freed=0 L0:1
             1.018 == bus 0 1000 kHz 0x10 read 1: 06
             2.036 == bus 0 1000 kHz 0x10 read 1: 06
             2.554 == bus 0 1000 kHz 0x10 read 1: 06
             3.572 == bus 0 1000 kHz 0x10 read 1: 06
             4.590 == bus 0 1000 kHz 0x10 read 1: 06
             4.608 <- Halted L0 op=1 Timeout 06
             4.608 <- State freed=1 L0:1
    "#]]);
}
