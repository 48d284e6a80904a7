//! What an earlier session gave: it is done to the end, and nobody is told.

use expect_test::expect;
use rackflash_core::wire::op::Op;

use crate::bench::{Bench, poll, read, says, write};

/// Three lanes with work for about 100 ms, the last without any left.
fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.module(0x10).then(says([7]));
    for lane in 0..3 {
        bench.open(lane, 0);
    }
    let rest = Op::Wait { micros: 50_000 };
    bench.submit(0, 0, &[write(0x10, &[0xa0]), rest, write(0x10, &[0xa1])]);
    bench.submit(0, 3, &[rest, read(0x10, 2), write(0x10, &[0xa2])]);
    bench.submit(1, 0, &[rest, write(0x11, &[0xb0]), write(0x11, &[0xb1])]);
    bench.submit(2, 0, &[write(0x10, &[0xc0])]);
    bench.run_ms(10);
    bench.skip();
    bench
}

#[test]
fn they_finish_and_tell_nobody() {
    let mut bench = bench();
    bench.hello(2);
    bench.run_ms(75);
    bench.hello(3);
    bench.run_ms(75);
    bench.hello(4);
    bench.check(expect![[r#"
            10.000 -> Hello (session 2) protocol 1.1
            10.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 5 blocks, 40 lanes, 2 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
            50.018 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            50.036 == bus 0 1000 kHz 0x10 write a1: ok
            50.054 <- State freed=1
            50.277 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            50.786 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            51.795 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            85.000 -> Hello (session 3) protocol 1.1
            85.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 7 blocks, 40 lanes, 1 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
           100.054 == bus 0 1000 kHz 0x10 read 2: 0707
           100.081 == bus 0 1000 kHz 0x10 write a2: ok
           100.099 <- State freed=1
           160.000 -> Hello (session 4) protocol 1.1
           160.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
    "#]]);
}

#[test]
fn the_credit_is_the_same_whichever_welcome_the_host_has_read() {
    let mut bench = bench();
    // The first welcome is lost; the hello is said again when blocks have been freed.
    bench.host.loses = 1;
    bench.hello(2);
    bench.run_ms(75);
    bench.say_hello(2);
    bench.run_ms(75);
    bench.say_hello(2);
    bench.run_ms(75);
    bench.acknowledge();
    bench.check(expect![[r#"
            10.000 -> Hello (session 2) protocol 1.1
            10.000 <- Welcome (lost) protocol 1.1 boot=b0070001 firmware 0.3.1 5 blocks, 40 lanes, 2 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
            50.018 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            50.036 == bus 0 1000 kHz 0x10 write a1: ok
            50.054 <- State freed=1
            50.277 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            50.786 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            51.795 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            85.000 -> Hello (session 2) protocol 1.1
            85.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 5 blocks, 40 lanes, 1 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
           100.054 == bus 0 1000 kHz 0x10 read 2: 0707
           100.054 <- State freed=2
           100.081 == bus 0 1000 kHz 0x10 write a2: ok
           150.054 <- State freed=3
           160.000 -> Hello (session 2) protocol 1.1
           160.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 5 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
    "#]]);
}

#[test]
fn a_block_that_ends_as_the_hello_comes_counts_once() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    // Its block is freed when the base is polled next, which is after the hello.
    bench.tell_and_hello(0, 2);
    bench.acknowledge();
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [], Hello (session 2)
             0.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 7 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
             0.000 <- State freed=1
    "#]]);
}

#[test]
fn opened_again_by_the_new_session() {
    let mut bench = bench();
    bench.hello(2);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[0xd0])]);
    bench.open(1, 0);
    bench.run_ms(200);
    bench.check(expect![[r#"
            10.000 -> Hello (session 2) protocol 1.1
            10.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 5 blocks, 40 lanes, 2 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
            10.000 -> Message Open L0 bus 0
            10.000 <- State freed=2 L0:0
            10.000 -> Message Submit L0 first=0 [write 0x10 d0]
            10.000 == bus 0 1000 kHz 0x10 write d0: ok
            10.000 -> Message Open L1 bus 0
            10.000 <- State freed=3 L0:0 L1:0
            60.000 <- State freed=4 L0:1 L1:0
    "#]]);
}

#[test]
fn they_take_nothing_from_the_new_session_until_they_are_opened() {
    let mut bench = bench();
    bench.hello(2);
    bench.submit(0, 0, &[write(0x10, &[0xd0])]);
    bench.run_ms(200);
    bench.submit(0, 1, &[write(0x10, &[0xd1])]);
    bench.run_ms(200);
    bench.check(expect![[r#"
            10.000 -> Hello (session 2) protocol 1.1
            10.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 5 blocks, 40 lanes, 2 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
            10.000 -> Message Submit L0 first=0 [write 0x10 d0]
            10.000 <- State freed=1
            50.018 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            50.036 == bus 0 1000 kHz 0x10 write a1: ok
            50.277 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            50.786 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            51.795 == bus 0 1000 kHz 0x11 write b0: NoAnswer
            60.000 <- State freed=3
           100.054 == bus 0 1000 kHz 0x10 read 2: 0707
           100.081 == bus 0 1000 kHz 0x10 write a2: ok
           110.000 <- State freed=4
           210.000 -> Message Submit L0 first=1 [write 0x10 d1]
           210.000 <- State freed=5
    "#]]);
}

#[test]
fn they_can_be_aborted() {
    let mut bench = bench();
    bench.hello(2);
    bench.abort(0);
    bench.abort(1);
    bench.run_ms(200);
    bench.hello(3);
    bench.check(expect![[r#"
            10.000 -> Hello (session 2) protocol 1.1
            10.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 5 blocks, 40 lanes, 2 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
            10.000 -> Message Abort L0
            10.000 <- State freed=2
            10.000 -> Message Abort L1
            10.000 <- State freed=3
           210.000 -> Hello (session 3) protocol 1.1
           210.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
    "#]]);
}

#[test]
fn a_closed_tab_costs_nothing_that_is_queued() {
    let mut bench = Bench::new();
    bench.module(0x10).then(says([7]));
    bench.open(0, 0);
    for page in 0..4 {
        bench.submit(
            0,
            page * 3,
            &[Op::Attempt { ops: 2, tries: 3 }, write(0x10, &[page as u8; 64]), poll(0x10, 7, 100)],
        );
    }
    // Nothing is said any more, and nothing read.
    bench.host.loses = u32::MAX;
    bench.run_ms(5000);
    let transcript = bench.skip();
    assert_eq!(transcript.matches("kHz 0x10 write").count(), 4, "{transcript}");
    assert_eq!(transcript.matches("read 1: 07").count(), 4, "{transcript}");
}
