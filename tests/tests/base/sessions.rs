//! Hello and welcome: who is greeted, what a new session ends, what is stale.

use expect_test::expect;
use rackflash_core::wire::link::Kind;

use crate::bench::{Bench, Shows, write};

#[test]
fn hello_and_welcome() {
    let mut bench = Bench::silent();
    bench.run_ms(1000);
    bench.hello(0x5eed);
    bench.run_ms(1000);
    bench.check(expect![[r#"
          1000.000 -> Hello (session 24301) protocol 1.1
          1000.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
    "#]]);
}

#[test]
fn nothing_is_done_before_a_hello() {
    let mut bench = Bench::silent();
    bench.module(0x10);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.watch(0, &[0x10]);
    bench.acknowledge();
    bench.run_ms(1000);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 -> Message Submit L0 first=0 [write 0x10 01]
             0.000 -> Message Watch bus 0 0x10
    "#]]);
}

#[test]
fn a_hello_said_twice_before_anything_else_changes_nothing() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.say_hello(1);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Hello (session 1) protocol 1.1
             0.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [write 0x10 01]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
            50.000 <- State freed=1 L0:1
    "#]]);
}

#[test]
fn a_hello_with_the_same_number_later_starts_anew() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.run_ms(100);
    bench.hello(1);
    bench.submit(0, 0, &[write(0x10, &[2])]);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[3])]);
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [write 0x10 01]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
            50.000 <- State freed=1 L0:1
           100.000 -> Hello (session 1) protocol 1.1
           100.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
           100.000 -> Message Submit L0 first=0 [write 0x10 02]
           100.000 <- State freed=1
           100.000 -> Message Open L0 bus 0
           100.000 <- State freed=1 L0:0
           100.000 -> Message Submit L0 first=0 [write 0x10 03]
           100.000 == bus 0 1000 kHz 0x10 write 03: ok
           150.000 <- State freed=2 L0:1
    "#]]);
}

#[test]
fn frames_of_an_earlier_session_are_stale() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    bench.hello(2);
    bench.host.shows = Shows::All;
    // What the page before this one had still in its pipe: Open L0 bus 0.
    bench.send(Kind::Message, 1, 0, &[1, 0, 0]);
    bench.send(Kind::State, 1, 1, &[]);
    bench.run_ms(100);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Hello (session 2) protocol 1.1
             0.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
             0.000 -> Message (#0) Open L0 bus 0
             0.000 -> State (session 1)
           100.000 -> Message Open L0 bus 0
           100.000 <- (ack 1) State freed=0 L0:0
           100.000 -> Message Submit L0 first=0 [write 0x10 01]
           100.000 == bus 0 1000 kHz 0x10 write 01: ok
           100.000 <- (ack 2) State freed=0 L0:0
    "#]]);
}

#[test]
fn a_host_of_another_version_is_answered() {
    let mut bench = Bench::silent();
    bench.send(Kind::Hello, 1, 0, &[0x00, 0x02, 1, 2, 3]);
    bench.check(expect![[r#"
             0.000 -> Hello (session 1) protocol 2.0
             0.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
    "#]]);
}

#[test]
fn a_hello_that_says_nothing_is_none() {
    let mut bench = Bench::silent();
    bench.send(Kind::Hello, 1, 0, &[0]);
    bench.run_ms(100);
    bench.check(expect![[r#"
             0.000 -> Hello (session 1) too short
    "#]]);
}

#[test]
fn a_lost_welcome_is_asked_for_again() {
    let mut bench = Bench::silent();
    bench.host.loses = 1;
    bench.hello(1);
    bench.run_ms(500);
    bench.say_hello(1);
    bench.run_ms(500);
    bench.check(expect![[r#"
             0.000 -> Hello (session 1) protocol 1.1
             0.000 <- Welcome (lost) protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
           500.000 -> Hello (session 1) protocol 1.1
           500.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
    "#]]);
}

#[test]
fn a_host_that_plays_the_base() {
    let mut bench = Bench::new();
    bench.send(Kind::Welcome, 1, 0, &[0, 1]);
    bench.send(Kind::Message, 1, 0, &[0x81, 0, 0, 0, 0, 0]);
    bench.host.seq += 1;
    bench.run_ms(100);
    bench.host.shows = Shows::All;
    bench.open(0, 0);
    bench.check(expect![[r#"
             0.000 -> Welcome
             0.000 -> Message (#0) unknown message 0x81
           100.000 -> Message Open L0 bus 0
           100.000 <- (ack 2) State freed=0 L0:0
    "#]]);
}

#[test]
fn noise_on_the_line() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.open(0, 0);
    bench.input(b"\0AT+CGMI\r\n\0");
    bench.input(&[0x55; 5000]);
    bench.input(&[0]);
    bench.submit(0, 0, &[write(0x10, &[1])]);
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [write 0x10 01]
             0.000 == bus 0 1000 kHz 0x10 write 01: ok
    "#]]);
}
