//! How many transactions have failed, by address: what counts, when the host is told, and what that may never cost.

use expect_test::expect;
use rackflash_core::base::BusError;
use rackflash_core::wire::check::pec_from;
use rackflash_core::wire::op::{Check, Op, Pattern};

use crate::bench::{Acknowledges, Bench, address, fails, poll, read, says, write};

fn bench() -> Bench {
    let mut bench = Bench::new();
    for at in [0x10, 0x11] {
        bench.module(at);
    }
    bench.open(0, 0);
    bench.skip();
    bench
}

/// The lines that tell failures.
fn told(bench: &mut Bench) -> String {
    let transcript = bench.skip();
    let errors = transcript.lines().filter(|line| line.contains("<- Errors")).map(str::trim);
    errors.collect::<Vec<_>>().join("\n")
}

/// A byte and its check.
fn checked(from: u8, byte: u8) -> [u8; 2] {
    [byte, pec_from(address(from), &[byte])]
}

/// A poll of such a byte that waits until it is 7.
fn waits(from: u8) -> Op<'static> {
    let (from, until) = (address(from), Pattern::any(2).with(0, 0xff, 7));
    let (check, every_us, timeout_ms) = (Check::Pec, 1000, 1000);
    Op::Poll { from, check, until, expect: until, every_us, timeout_ms }
}

/// Six failures of four operations, and a second after the first of them one message; then it is quiet.
#[test]
fn a_noisy_address_counts_and_a_quiet_one_does_not() {
    let mut bench = bench();
    let byte = Op::Read { from: address(0x10), check: Check::Pec, len: 2 };
    let [good, ready] = [0xc0, 7].map(|byte| says(checked(0x10, byte)));
    let (nobody, bad) = (fails(BusError::NoAnswer), says([0xc0, 0]));
    bench.module(0x10).first([fails(BusError::NoAck), fails(BusError::Arbitration), says([0])]);
    bench.module(0x10).first([nobody.clone(), nobody, good.clone(), bad.clone(), good.clone()]);
    bench.module(0x10).first([good, bad, ready]);
    bench.submit(0, 0, &[write(0x11, &[2]), write(0x10, &[1]), byte, byte, waits(0x10)]);
    bench.run_ms(3000);
    bench.check(expect![[r#"
           0.000 -> Message Submit L0 first=0 [write 0x11 02; write 0x10 01; read 0x10 2 bytes Pec; read 0x10 2 bytes Pec; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 1000 ms]
           0.000 == bus 0 1000 kHz 0x11 write 02: ok
           0.018 == bus 0 1000 kHz 0x10 write 01: NoAck
           0.286 == bus 0 1000 kHz 0x10 write 01: Arbitration
           0.804 == bus 0 1000 kHz 0x10 write 01: ok
           0.822 == bus 0 1000 kHz 0x10 read 2: NoAnswer
           1.099 == bus 0 1000 kHz 0x10 read 2: NoAnswer
           1.626 == bus 0 1000 kHz 0x10 read 2: c0f5
           1.653 == bus 0 1000 kHz 0x10 read 2: c000
           1.653 <- Result L0 op=2 c0f5
           1.653 <- State freed=0 L0:3
           1.930 == bus 0 1000 kHz 0x10 read 2: c0f5
           1.957 == bus 0 1000 kHz 0x10 read 2: c0f5
           1.957 <- Result L0 op=3 c0f5
           1.957 <- State freed=0 L0:4
           2.984 == bus 0 1000 kHz 0x10 read 2: c000
           4.011 == bus 0 1000 kHz 0x10 read 2: 07ae
          51.957 <- State freed=1 L0:5
        1000.036 <- Errors bus 0 0x10 6, last BadCheck
    "#]]);
}

#[test]
fn what_is_to_be_expected_is_no_failure() {
    let mut bench = bench();
    bench.watch(0, &[0x10, 0x12, 0x61]);
    let silent = |times| vec![fails(BusError::NoAnswer); times];
    // Somebody asks whether anybody is there, and gives the address to a module, which needs a moment.
    bench.submit(0, 0, &[read(0x12, 8)]);
    bench.run_ms(10);
    bench.open(0, 0);
    bench.module(0x12).first(silent(2));
    bench.submit(0, 1, &[write(0x11, &[0x12]), read(0x12, 8)]);
    // A module that is not ready yet, restarts while it says so, and is not ready yet again.
    let [not_yet, ready] = [0, 7].map(|byte| says(checked(0x10, byte)));
    bench.module(0x10).first([not_yet.clone(), says([0xff, 0xff])]);
    bench.module(0x10).first(silent(40)).first([not_yet, ready]);
    bench.submit(0, 3, &[waits(0x10)]);
    // It is back in the middle of the second attempt.
    bench.module(0x11).first([says([0]), says([0])]).first(silent(6));
    let look = poll(0x11, 0, 0);
    bench.submit(0, 4, &[Op::Attempt { ops: 2, tries: 3 }, write(0x11, &[1]), look]);
    bench.run_ms(5000);
    assert_eq!(bench.host.state.done.first(), Some(&(0, 7)));
    assert_eq!(told(&mut bench), "");
}

/// Whoever holds the line is told, and nobody who waits for it; whoever looks is told as one who works.
#[test]
fn a_line_that_is_held() {
    let mut bench = bench();
    bench.open(1, 0);
    bench.module(0x10).first([fails(BusError::Stuck)]);
    bench.module(0x11).first([fails(BusError::Held), fails(BusError::Held)]);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.submit(1, 0, &[write(0x11, &[1])]);
    bench.run_ms(1500);
    bench.module(0x12).first([fails(BusError::Arbitration), fails(BusError::Stuck), says([0])]);
    bench.watch(0, &[0x12]);
    bench.run_ms(3000);
    expect![[r#"
        1000.018 <- Errors bus 0 0x10 1, last BusStuck
        2500.018 <- Errors bus 0 0x12 2, last BusStuck"#]]
    .assert_eq(&told(&mut bench));
}

/// Two addresses that fail all the time are told once a second each.
#[test]
fn told_once_a_second_however_much_fails() {
    let mut bench = bench();
    bench.open(1, 0);
    for at in [0x10, 0x11] {
        bench.module(at).then(fails(BusError::NoAck));
    }
    for second in 0..100 {
        for lane in [0, 1] {
            bench.submit(lane, second, &[write(0x10 + lane, &[1])]);
        }
        bench.run_ms(40);
        for lane in [0, 1] {
            bench.open(lane, 0);
        }
    }
    bench.run_ms(2000);
    expect![[r#"
        1000.018 <- Errors bus 0 0x10 101, last NoAck
        1000.018 <- Errors bus 0 0x11 100, last NoAck
        2000.036 <- Errors bus 0 0x10 201, last NoAck
        2000.036 <- Errors bus 0 0x11 201, last NoAck
        3000.286 <- Errors bus 0 0x10 302, last NoAck
        3000.286 <- Errors bus 0 0x11 301, last NoAck
        4000.304 <- Errors bus 0 0x10 400, last NoAck
        4000.304 <- Errors bus 0 0x11 400, last NoAck"#]]
    .assert_eq(&told(&mut bench));
}

/// A session counts for itself: from nothing, and not what the one before has left.
#[test]
fn a_session_counts_from_nothing() {
    let mut bench = bench();
    bench.module(0x10).first([fails(BusError::NoAck), says([0]), fails(BusError::NoAck)]);
    let rest = Op::Wait { micros: 20_000 };
    bench.submit(0, 0, &[write(0x10, &[1]), rest, write(0x10, &[2])]);
    bench.run_ms(10);
    bench.hello(2);
    bench.run_ms(3000);
    assert_eq!(told(&mut bench), "");
    bench.module(0x10).first([fails(BusError::NoAck)]);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[3])]);
    bench.run_ms(3000);
    expect!["4010.018 <- Errors bus 0 0x10 1, last NoAck"].assert_eq(&told(&mut bench));
}

/// Every address of a bus has failed, and the host acknowledges nothing: results keep all the room, and come whole and in
/// order. When they are through, every address is told, and once.
#[test]
fn results_come_first() {
    let mut bench = bench();
    bench.open(1, 1);
    bench.module_on(1, 0x30);
    for at in 0x08..=0x77 {
        bench.module(at).first([fails(BusError::NoAck)]);
    }
    bench.host.acknowledges = Acknowledges::Never;
    bench.submit(1, 0, &[read(0x30, 1); 30]);
    bench.run_ms(20);
    let writes: Vec<_> = (0x08..=0x77).map(|at| write(at, &[1])).collect();
    bench.submit(0, 0, &writes);
    bench.run_ms(3000);
    assert_eq!(told(&mut bench), "", "30 results wait");
    for block in 0..3 {
        bench.submit(1, 30 + block * 20, &[read(0x30, 1); 20]);
    }
    bench.run_ms(1000);
    assert_eq!(told(&mut bench), "", "there is no more room");
    bench.host.acknowledges = Acknowledges::AtOnce;
    bench.acknowledge();
    bench.run_ms(10);
    let told = told(&mut bench);
    assert_eq!(told.lines().count(), 112, "{told}");
    for (line, at) in told.lines().zip(0x08..) {
        assert!(line.ends_with(&format!("Errors bus 0 {at:#04x} 1, last NoAck")), "{line}");
    }
    assert!(
        bench.host.results.iter().map(|(lane, op, _)| (*lane, *op)).eq((0..90).map(|op| (1, op)))
    );
}
