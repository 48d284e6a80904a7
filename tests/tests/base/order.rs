//! Messages once and in order, both ways, whatever the line does to them.

use rackflash_core::time::Duration;

use expect_test::expect;
use rackflash_core::wire::message::{Bus, Lane, ToBase};
use rackflash_core::wire::op::Op;

use crate::bench::{Acknowledges, Bench, Shows, block, read, says, write};

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    bench.host.shows = Shows::All;
    bench.skip();
    bench
}

/// A write of one byte as the operation of this number.
fn submit(op: u32, byte: u8) -> (u32, Vec<u8>) {
    (op, block(&[write(0x10, &[byte])]))
}

fn tell(bench: &mut Bench, seq: u16, (first, ops): &(u32, Vec<u8>)) {
    bench.tell_as(seq, &ToBase::Submit { lane: Lane(0), first: *first, ops });
}

#[test]
fn a_lost_message_stops_those_behind_it() {
    let mut bench = bench();
    let messages = [submit(0, 0xa0), submit(1, 0xa1), submit(2, 0xa2)];
    tell(&mut bench, 1, &messages[0]);
    tell(&mut bench, 3, &messages[2]);
    bench.run(Duration::from_micros(100));
    tell(&mut bench, 2, &messages[1]);
    tell(&mut bench, 3, &messages[2]);
    bench.run(Duration::from_micros(500));
    bench.check(expect![[r#"
             0.000 -> Message (#1) Submit L0 first=0 [write 0x10 a0]
             0.000 == bus 0 1000 kHz 0x10 write a0: ok
             0.000 <- (ack 2) State freed=0 L0:0
             0.000 -> Message (#3) Submit L0 first=2 [write 0x10 a2]
             0.000 <- (ack 2) State freed=0 L0:0
             0.100 -> Message (#2) Submit L0 first=1 [write 0x10 a1]
             0.100 == bus 0 1000 kHz 0x10 write a1: ok
             0.100 <- (ack 3) State freed=1 L0:1
             0.100 -> Message (#3) Submit L0 first=2 [write 0x10 a2]
             0.100 <- (ack 4) State freed=1 L0:1
             0.118 == bus 0 1000 kHz 0x10 write a2: ok
    "#]]);
}

#[test]
fn a_repeated_message_is_done_once() {
    let mut bench = bench();
    let message = submit(0, 0xa0);
    tell(&mut bench, 1, &message);
    bench.run(Duration::from_micros(100));
    tell(&mut bench, 1, &message);
    tell(&mut bench, 0, &message);
    bench.run(Duration::from_micros(500));
    bench.check(expect![[r#"
             0.000 -> Message (#1) Submit L0 first=0 [write 0x10 a0]
             0.000 == bus 0 1000 kHz 0x10 write a0: ok
             0.000 <- (ack 2) State freed=0 L0:0
             0.100 -> Message (#1) Submit L0 first=0 [write 0x10 a0]
             0.100 <- (ack 2) State freed=1 L0:1
             0.100 -> Message Submit L0 first=0 [write 0x10 a0]
             0.100 <- (ack 2) State freed=1 L0:1
    "#]]);
}

#[test]
fn messages_in_the_wrong_order() {
    let mut bench = bench();
    let messages = [submit(0, 0xa0), submit(1, 0xa1)];
    tell(&mut bench, 2, &messages[1]);
    tell(&mut bench, 1, &messages[0]);
    bench.run(Duration::from_micros(500));
    bench.check(expect![[r#"
             0.000 -> Message (#2) Submit L0 first=1 [write 0x10 a1]
             0.000 <- (ack 1) State freed=0 L0:0
             0.000 -> Message (#1) Submit L0 first=0 [write 0x10 a0]
             0.000 == bus 0 1000 kHz 0x10 write a0: ok
             0.000 <- (ack 2) State freed=0 L0:0
    "#]]);
}

#[test]
fn every_state_from_the_host_is_answered() {
    let mut bench = bench();
    for _ in 0..3 {
        bench.acknowledge();
        bench.run_ms(1);
    }
    bench.check(expect![[r#"
             0.000 <- (ack 1) State freed=0 L0:0
             1.000 <- (ack 1) State freed=0 L0:0
             2.000 <- (ack 1) State freed=0 L0:0
    "#]]);
}

#[test]
fn a_host_that_has_filled_half_the_memory_is_answered_eight_messages_at_a_time() {
    let mut bench = bench();
    for op in 0..5 {
        bench.submit(0, op, &[Op::Wait { micros: 1_000_000 }]);
    }
    bench.run_ms(100);
    bench.skip();
    for _ in 0..10 {
        bench.abort(1);
    }
    bench.run_ms(30);
    bench.check(expect![[r#"
           100.000 -> Message Abort L1
           100.000 <- (ack 7) State freed=0 L0:0
           100.000 -> Message Abort L1
           100.000 -> Message Abort L1
           100.000 -> Message Abort L1
           100.000 -> Message Abort L1
           100.000 -> Message Abort L1
           100.000 -> Message Abort L1
           100.000 -> Message Abort L1
           100.000 -> Message Abort L1
           100.000 <- (ack 15) State freed=0 L0:0
           100.000 -> Message Abort L1
           120.000 <- (ack 16) State freed=0 L0:0
    "#]]);
}

#[test]
fn a_result_that_was_lost_comes_again() {
    let mut bench = bench();
    bench.host.shows = Shows::News;
    bench.module(0x10).first([says([1]), says([2]), says([3])]);
    bench.host.loses = 2;
    bench.submit(0, 0, &[read(0x10, 2), read(0x10, 2), read(0x10, 2)]);
    bench.run_ms(400);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [read 0x10 2 bytes None; read 0x10 2 bytes None; read 0x10 2 bytes None]
             0.000 == bus 0 1000 kHz 0x10 read 2: 0101
             0.000 <- State (lost) State freed=0 L0:0
             0.027 == bus 0 1000 kHz 0x10 read 2: 0202
             0.027 <- Message (lost) Result L0 op=0 0101
             0.054 == bus 0 1000 kHz 0x10 read 2: 0303
             0.054 <- Message (#1) Result L0 op=1 0202
             0.081 <- Message (#2) Result L0 op=2 0303
            50.000 <- State freed=1 L0:3
           250.027 <- Result L0 op=0 0101
           250.027 <- Result L0 op=1 0202
           250.027 <- Result L0 op=2 0303
    "#]]);
    assert_eq!(bench.host.results.len(), 3);
}

#[test]
fn a_host_that_never_acknowledges() {
    let mut bench = bench();
    bench.host.shows = Shows::News;
    bench.host.acknowledges = Acknowledges::Never;
    bench.submit(0, 0, &[read(0x10, 1)]);
    bench.run_ms(10_000);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [read 0x10 1 bytes None]
             0.000 == bus 0 1000 kHz 0x10 read 1: 00
             0.018 <- Result L0 op=0 00
            50.000 <- State freed=1 L0:1
           250.018 <- Message (#0) Result L0 op=0 00
           750.018 <- Message (#0) Result L0 op=0 00
          1750.018 <- Message (#0) Result L0 op=0 00
          3750.018 <- Message (#0) Result L0 op=0 00
          5750.018 <- Message (#0) Result L0 op=0 00
          7750.018 <- Message (#0) Result L0 op=0 00
          9750.018 <- Message (#0) Result L0 op=0 00
    "#]]);
}

#[test]
fn numbers_wrap_both_ways() {
    let mut bench = bench();
    bench.module(0x10);
    for op in 0..66_000 {
        bench.tell(&ToBase::Submit { lane: Lane(0), first: op, ops: &block(&[read(0x10, 1)]) });
        bench.run(Duration::from_micros(40));
        bench.skip();
    }
    assert!(bench.host.results.iter().map(|(_, op, _)| *op).eq(0..66_000));
    assert_eq!((bench.host.seq, bench.host.expected), (66_001u32 as u16, 66_000u32 as u16));
    bench.tell(&ToBase::Open { lane: Lane(1), bus: Bus(0) });
    bench.check(expect![[r#"
          2640.000 -> Message Open L1 bus 0
          2640.000 <- (ack 466) State freed=66000 L0:66000 L1:0
    "#]]);
}
