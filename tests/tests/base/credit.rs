//! Credit and room: what a base can hold, how it says that it can hold more, and a host that does not care.

use rackflash_core::time::Duration;

use expect_test::expect;
use rackflash_core::wire::message::BLOCK_LEN;
use rackflash_core::wire::op::Op;

use crate::bench::{Acknowledges, BLOCKS, Bench, read, write};

const REST: Op<'_> = Op::Wait { micros: 1_000_000 };

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    bench.open(1, 0);
    bench.skip();
    bench
}

#[test]
fn blocks_are_freed_one_by_one() {
    let mut bench = bench();
    for op in 0..6 {
        bench.submit(0, op, &[write(0x10, &[op as u8; 100])]);
    }
    // Once half the memory is free, the host is told so; then after 50 ms.
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [write 0x10 00000000000000000000000000000000… (100 bytes)]
             0.000 == bus 0 1000 kHz 0x10 write 00000000000000000000000000000000… (100 bytes): ok
             0.000 -> Message Submit L0 first=1 [write 0x10 01010101010101010101010101010101… (100 bytes)]
             0.000 -> Message Submit L0 first=2 [write 0x10 02020202020202020202020202020202… (100 bytes)]
             0.000 -> Message Submit L0 first=3 [write 0x10 03030303030303030303030303030303… (100 bytes)]
             0.000 -> Message Submit L0 first=4 [write 0x10 04040404040404040404040404040404… (100 bytes)]
             0.000 -> Message Submit L0 first=5 [write 0x10 05050505050505050505050505050505… (100 bytes)]
             0.909 == bus 0 1000 kHz 0x10 write 01010101010101010101010101010101… (100 bytes): ok
             1.818 == bus 0 1000 kHz 0x10 write 02020202020202020202020202020202… (100 bytes): ok
             2.727 == bus 0 1000 kHz 0x10 write 03030303030303030303030303030303… (100 bytes): ok
             2.727 <- State freed=3 L0:3 L1:0
             3.636 == bus 0 1000 kHz 0x10 write 04040404040404040404040404040404… (100 bytes): ok
             4.545 == bus 0 1000 kHz 0x10 write 05050505050505050505050505050505… (100 bytes): ok
            52.727 <- State freed=6 L0:6 L1:0
    "#]]);
}

#[test]
fn blocks_without_operations_are_freed() {
    let mut bench = bench();
    bench.submit(0, 0, &[]);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.submit(0, 1, &[]);
    bench.submit(0, 1, &[write(0x10, &[2])]);
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 []
             0.000 <- State freed=1 L0:0 L1:0
             0.000 -> Message Submit L0 first=0 [write 0x10 01]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
             0.000 -> Message Submit L0 first=1 []
             0.000 -> Message Submit L0 first=1 [write 0x10 02]
             0.018 == bus 0 1000 kHz 0x10 write 02: ok
            50.000 <- State freed=4 L0:2 L1:0
    "#]]);
}

#[test]
fn a_full_block() {
    let mut bench = bench();
    let writes = vec![write(0x10, &[0x5a; 124]); 10];
    assert_eq!(crate::bench::block(&writes).len(), BLOCK_LEN);
    bench.submit(0, 0, &writes);
    bench.run_ms(100);
    assert_eq!(bench.host.state.freed, 1);
    assert_eq!(bench.host.state.done.first(), Some(&(0, 10)));
}

#[test]
fn the_host_overruns_its_credit() {
    let mut bench = bench();
    for block in 0..BLOCKS as u32 {
        bench.submit(0, block, &[REST]);
    }
    bench.submit(1, 0, &[write(0x10, &[1])]);
    bench.submit(0, BLOCKS as u32, &[REST]);
    bench.run_ms(100);
    // Nothing of it is lost for good.
    bench.open(1, 0);
    for block in 0..BLOCKS as u32 {
        bench.submit(1, 1 + block, &[write(0x10, &[2])]);
    }
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [wait 1000000 us]
             0.000 -> Message Submit L0 first=1 [wait 1000000 us]
             0.000 -> Message Submit L0 first=2 [wait 1000000 us]
             0.000 -> Message Submit L0 first=3 [wait 1000000 us]
             0.000 -> Message Submit L0 first=4 [wait 1000000 us]
             0.000 -> Message Submit L0 first=5 [wait 1000000 us]
             0.000 -> Message Submit L0 first=6 [wait 1000000 us]
             0.000 -> Message Submit L0 first=7 [wait 1000000 us]
             0.000 -> Message Submit L1 first=0 [write 0x10 01]
             0.000 <- Halted L1 op=0 BadOperation
             0.000 <- State freed=1 L0:0 L1:0
             0.000 -> Message Submit L0 first=8 [wait 1000000 us]
             0.000 <- Halted L0 op=0 BadOperation
             0.000 <- State freed=10 L0:0 L1:0
           100.000 -> Message Open L1 bus 0
           100.000 -> Message Submit L1 first=1 [write 0x10 02]
           100.000 == bus 0 1000 kHz 0x10 write 02: ok
           100.000 <- State freed=10 L0:0 L1:1
           100.000 -> Message Submit L1 first=2 [write 0x10 02]
           100.000 -> Message Submit L1 first=3 [write 0x10 02]
           100.000 -> Message Submit L1 first=4 [write 0x10 02]
           100.000 -> Message Submit L1 first=5 [write 0x10 02]
           100.000 -> Message Submit L1 first=6 [write 0x10 02]
           100.000 -> Message Submit L1 first=7 [write 0x10 02]
           100.000 -> Message Submit L1 first=8 [write 0x10 02]
           100.018 == bus 0 1000 kHz 0x10 write 02: ok
           100.036 == bus 0 1000 kHz 0x10 write 02: ok
           100.054 == bus 0 1000 kHz 0x10 write 02: ok
           100.072 == bus 0 1000 kHz 0x10 write 02: ok
           100.072 <- State freed=14 L0:0 L1:5
           100.090 == bus 0 1000 kHz 0x10 write 02: ok
           100.108 == bus 0 1000 kHz 0x10 write 02: ok
           100.126 == bus 0 1000 kHz 0x10 write 02: ok
           100.144 <- State freed=18 L0:0 L1:9
    "#]]);
}

#[test]
fn dropped_blocks_are_freed_however_they_are_dropped() {
    let mut bench = bench();
    for op in 0..3 {
        bench.submit(0, op, &[REST]);
        bench.submit(1, op, &[REST]);
    }
    bench.run_ms(1);
    bench.abort(0);
    bench.open(1, 0);
    bench.run_ms(1);
    bench.submit(0, 3, &[REST]);
    bench.submit(39, 0, &[REST]);
    bench.submit(77, 0, &[REST]);
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Message Submit L0 first=0 [wait 1000000 us]
             0.000 -> Message Submit L1 first=0 [wait 1000000 us]
             0.000 -> Message Submit L0 first=1 [wait 1000000 us]
             0.000 -> Message Submit L1 first=1 [wait 1000000 us]
             0.000 -> Message Submit L0 first=2 [wait 1000000 us]
             0.000 -> Message Submit L1 first=2 [wait 1000000 us]
             1.000 -> Message Abort L0
             1.000 <- Halted L0 op=0 Aborted
             1.000 <- State freed=3 L0:0 L1:0
             1.000 -> Message Open L1 bus 0
             1.000 <- State freed=6 L0:0 L1:0
             2.000 -> Message Submit L0 first=3 [wait 1000000 us]
             2.000 <- State freed=7 L0:0 L1:0
             2.000 -> Message Submit L39 first=0 [wait 1000000 us]
             2.000 <- State freed=8 L0:0 L1:0
             2.000 -> Message Submit L77 first=0 [wait 1000000 us]
             2.000 <- State freed=9 L0:0 L1:0
    "#]]);
    assert_eq!(bench.host.state.freed, 9);
}

#[test]
fn results_that_nobody_fetches_stop_the_lanes_and_none_is_lost() {
    let mut bench = bench();
    bench.open(2, 1);
    bench.module_on(1, 0x30);
    bench.host.acknowledges = Acknowledges::Never;
    for block in 0..3 {
        bench.submit(0, block * 20, &[read(0x10, 1); 20]);
        bench.submit(2, block * 20, &[read(0x30, 1); 20]);
    }
    bench.submit(1, 0, &[write(0x10, &[1]), REST, write(0x10, &[2])]);
    bench.run_ms(200);
    let before = bench.host.results.len();
    bench.host.acknowledges = Acknowledges::AtOnce;
    bench.acknowledge();
    bench.run_ms(2000);
    expect!["77 before, 120 in all"]
        .assert_eq(&format!("{before} before, {} in all", bench.host.results.len()));
    let of = |lane| bench.host.results.iter().filter(move |(of, ..)| *of == lane);
    assert!(of(0).map(|(_, op, _)| *op).eq(0..60) && of(2).map(|(_, op, _)| *op).eq(0..60));
    assert_eq!(*bench.host.state.done, [(0, 60), (1, 3), (2, 60)]);
    assert_eq!(bench.host.state.freed, 7);
}

#[test]
fn halts_leave_room_for_the_results_of_reads_on_their_way() {
    let mut bench = bench();
    bench.module_on(1, 0x30);
    for lane in 2..40 {
        bench.open(lane, 1);
    }
    bench.host.acknowledges = Acknowledges::Never;
    // 75 results: one more read is started, and then none.
    bench.submit(0, 0, &[read(0x10, 1); 75]);
    bench.run_ms(10);
    bench.submit(0, 75, &[read(0x10, 200)]);
    bench.submit(2, 0, &[read(0x30, 100)]);
    bench.run(Duration::from_micros(100));
    bench.skip();
    // Now both buses read, and 36 lanes have something to say besides.
    for lane in 3..40 {
        bench.abort(lane);
    }
    bench.run_ms(20);
    bench.host.acknowledges = Acknowledges::AtOnce;
    bench.acknowledge();
    bench.run_ms(1000);
    let transcript = bench.skip();
    let last = |lane| bench.host.results.iter().rfind(|(of, ..)| *of == lane).map(|read| read.1);
    assert_eq!((last(0), last(2)), (Some(75), Some(0)), "{transcript}");
    assert_eq!(transcript.matches("<- Halted").count(), 37, "{transcript}");
}

#[test]
fn a_halt_that_cannot_be_told_yet_keeps_its_cause() {
    let mut bench = bench();
    bench.host.acknowledges = Acknowledges::Never;
    bench.submit(0, 0, &[read(0x10, 1); 80]);
    bench.run_ms(20);
    for lane in 2..40 {
        bench.open(lane, 9);
        bench.abort(lane);
    }
    bench.run_ms(20);
    bench.host.acknowledges = Acknowledges::AtOnce;
    bench.acknowledge();
    bench.run_ms(3000);
    let transcript = bench.skip();
    assert_eq!(transcript.matches("BadOperation").count(), 38, "{transcript}");
    assert_eq!(transcript.matches("Aborted").count(), 0, "{transcript}");
}
