//! Attempts that go on where the module's counter stands.

use expect_test::expect;
use rackflash_core::wire::op::{Check, Op, Pattern};

use crate::bench::{Bench, address, poll, says, write};

#[test]
fn an_attempt_goes_on_where_the_counter_stands() {
    let mut bench = Bench::with_lane();
    // Of three writes it has one, then two; a count that cannot be means none.
    let tries = [
        [says([0]), says([0]), says([0]), says([6])],
        [says([0]), says([0]), says([3]), says([0])],
    ];
    bench.module(0x10).first(tries.into_iter().flatten());
    bench.module(0x10).then(says([7]));
    // It has room each time, and has not taken all.
    let taken = Op::Poll {
        from: address(0x10),
        check: Check::None,
        until: Pattern::any(1),
        expect: Pattern::any(1).with(0, 0xff, 7),
        every_us: 1000,
        timeout_ms: 0,
    };
    bench.submit(
        0,
        0,
        &[
            Op::Attempt { ops: 5, tries: 4 },
            Op::Resume { byte: 0, first: 5 },
            write(0x10, &[1]),
            write(0x10, &[2]),
            write(0x10, &[3]),
            taken,
            write(0x10, &[0xbb]),
        ],
    );
    bench.run_ms(60);
    bench.check(expect![[r#"
         0.000 -> Message Submit L0 first=0 [attempt 5 operations 4 times; resume at [0]-05; write 0x10 01; write 0x10 02; write 0x10 03; poll 0x10 until any expect [0]=07 every 1000 us for 0 ms; write 0x10 bb]
         0.000 == bus 0 1000 kHz 0x10 write 01: ok
         0.000 <- State freed=0 L0:1
         0.018 == bus 0 1000 kHz 0x10 write 02: ok
         0.036 == bus 0 1000 kHz 0x10 write 03: ok
         0.054 == bus 0 1000 kHz 0x10 read 1: 06
         0.572 == bus 0 1000 kHz 0x10 write 02: ok
         0.590 == bus 0 1000 kHz 0x10 write 03: ok
         0.608 == bus 0 1000 kHz 0x10 read 1: 03
         1.126 == bus 0 1000 kHz 0x10 write 01: ok
         1.144 == bus 0 1000 kHz 0x10 write 02: ok
         1.162 == bus 0 1000 kHz 0x10 write 03: ok
         1.180 == bus 0 1000 kHz 0x10 read 1: 07
         1.198 == bus 0 1000 kHz 0x10 write bb: ok
        50.000 <- State freed=1 L0:7
    "#]]);
}

/// What it says it has taken is more than it was sent: whether it has is asked all the same.
#[test]
fn an_attempt_that_counts_leaves_no_poll_out_and_nothing_before() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).first([0, 0, 1].map(|count| says([count])));
    bench.module(0x10).then(says([7]));
    bench.submit(
        0,
        0,
        &[
            Op::Attempt { ops: 5, tries: 2 },
            write(0x10, &[0xaa]),
            Op::Resume { byte: 0, first: 0xff },
            write(0x10, &[1]),
            poll(0x10, 7, 0),
            write(0x10, &[0xbb]),
        ],
    );
    bench.run_ms(60);
    bench.check(expect![[r#"
         0.000 -> Message Submit L0 first=0 [attempt 5 operations 2 times; write 0x10 aa; resume at [0]-ff; write 0x10 01; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 0 ms; write 0x10 bb]
         0.000 == bus 0 1000 kHz 0x10 write aa: ok
         0.000 <- State freed=0 L0:1
         0.018 == bus 0 1000 kHz 0x10 write 01: ok
         0.036 == bus 0 1000 kHz 0x10 read 1: 01
         0.554 == bus 0 1000 kHz 0x10 write aa: ok
         0.572 == bus 0 1000 kHz 0x10 read 1: 07
         0.590 == bus 0 1000 kHz 0x10 write bb: ok
        50.000 <- State freed=1 L0:6
    "#]]);
}

/// All has arrived, and there is no room for more: sending it again makes none.
#[test]
fn an_attempt_that_counts_waits_once() {
    let mut bench = Bench::with_lane();
    bench.module(0x10).then(says([9]));
    let ops = [
        Op::Attempt { ops: 3, tries: 4 },
        Op::Resume { byte: 0, first: 8 },
        write(0x10, &[1]),
        poll(0x10, 7, 2),
    ];
    bench.submit(0, 0, &ops);
    bench.run_ms(60);
    bench.check(expect![[r#"
        0.000 -> Message Submit L0 first=0 [attempt 3 operations 4 times; resume at [0]-08; write 0x10 01; poll 0x10 until [0]=07 expect [0]=07 every 1000 us for 2 ms]
        0.000 == bus 0 1000 kHz 0x10 write 01: ok
        0.000 <- State freed=0 L0:1
        0.018 == bus 0 1000 kHz 0x10 read 1: 09
        1.036 == bus 0 1000 kHz 0x10 read 1: 09
        1.054 <- Halted L0 op=3 Timeout 09
        1.054 <- State freed=1 L0:1
    "#]]);
}
