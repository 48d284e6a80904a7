//! Who is there: first news of each watched address, then changes alone.

use rackflash_core::time::Duration;

use expect_test::expect;
use rackflash_core::base::BusError;

use rackflash_core::wire::op::Op;

use crate::bench::{Acknowledges, Bench, Shows, fails, poll, read, says, write};

#[test]
fn first_news_of_every_address_and_then_changes() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.watch(0, &[0x10, 0x11, 0x61]);
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Watch bus 0 0x10 0x11 0x61
             0.000 == bus 0 1000 kHz 0x10 read 1: 00
             0.018 == bus 0 1000 kHz 0x11 read 1: NoAnswer
             0.018 <- Presence bus 0 0x10 Yes
             0.027 == bus 0 1000 kHz 0x61 read 1: NoAnswer
             0.027 <- Presence bus 0 0x11 No
             0.036 <- Presence bus 0 0x61 No
    "#]]);
    bench.run_ms(200);
    bench.check(expect![[r#"
        200.036 == bus 0 1000 kHz 0x10 read 1: 00
        200.054 == bus 0 1000 kHz 0x11 read 1: NoAnswer
        200.063 == bus 0 1000 kHz 0x61 read 1: NoAnswer
    "#]]);
    // Plugged in.
    bench.module(0x11);
    bench.run_ms(400);
    // Pulled out: two looks in vain.
    bench.unplug(0x10);
    bench.run_ms(600);
    let transcript = bench.skip();
    let news = transcript.lines().filter(|line| line.contains("<-")).map(str::trim);
    expect![[r#"
        400.108 <- Presence bus 0 0x11 Yes
        1000.207 <- Presence bus 0 0x10 No"#]]
    .assert_eq(&news.collect::<Vec<_>>().join("\n"));
}

#[test]
fn one_look_in_vain_is_no_news() {
    let mut bench = Bench::new();
    let silent = || fails(BusError::NoAnswer);
    bench.module(0x10).first([says([0]), silent(), says([0]), silent(), says([0])]);
    bench.watch(0, &[0x10]);
    bench.run_ms(1000);
    bench.check(expect![[r#"
          0.000 -> Message Watch bus 0 0x10
          0.000 == bus 0 1000 kHz 0x10 read 1: 00
          0.018 <- Presence bus 0 0x10 Yes
        200.018 == bus 0 1000 kHz 0x10 read 1: NoAnswer
        400.036 == bus 0 1000 kHz 0x10 read 1: 00
        600.054 == bus 0 1000 kHz 0x10 read 1: NoAnswer
        800.072 == bus 0 1000 kHz 0x10 read 1: 00
    "#]]);
}

/// Also behind a second wish to watch it.
#[test]
fn one_look_in_vain_is_no_news_of_who_stays_watched() {
    let mut bench = Bench::new();
    bench.module(0x10).first([says([0]), fails(BusError::NoAnswer), says([0])]);
    bench.watch(0, &[0x10]);
    bench.run_ms(1);
    bench.watch(0, &[0x10]);
    bench.run_ms(300);
    bench.check(expect![[r#"
          0.000 -> Message Watch bus 0 0x10
          0.000 == bus 0 1000 kHz 0x10 read 1: 00
          0.018 <- Presence bus 0 0x10 Yes
          1.000 -> Message Watch bus 0 0x10
          1.000 == bus 0 1000 kHz 0x10 read 1: NoAnswer
        201.018 == bus 0 1000 kHz 0x10 read 1: 00
    "#]]);
}

/// Held low once is no news; twice is, of the whole bus, and one look in a round is enough then. When it is free again,
/// every address is told anew.
#[test]
fn a_bus_that_is_held_low() {
    let mut bench = Bench::new();
    let held = || fails(BusError::Held);
    bench.module(0x10).first([says([0]), held(), says([0]), held(), held(), held(), says([0])]);
    bench.watch(0, &[0x10, 0x11]);
    bench.run_ms(1300);
    bench.check(expect![[r#"
           0.000 -> Message Watch bus 0 0x10 0x11
           0.000 == bus 0 1000 kHz 0x10 read 1: 00
           0.018 == bus 0 1000 kHz 0x11 read 1: NoAnswer
           0.018 <- Presence bus 0 0x10 Yes
           0.027 <- Presence bus 0 0x11 No
         200.027 == bus 0 1000 kHz 0x10 read 1: Held
         400.045 == bus 0 1000 kHz 0x10 read 1: 00
         400.063 == bus 0 1000 kHz 0x11 read 1: NoAnswer
         600.072 == bus 0 1000 kHz 0x10 read 1: Held
         800.090 == bus 0 1000 kHz 0x10 read 1: Held
         800.108 <- Presence bus 0 0x10 Held
        1000.108 == bus 0 1000 kHz 0x10 read 1: Held
        1200.126 == bus 0 1000 kHz 0x10 read 1: 00
        1200.144 == bus 0 1000 kHz 0x11 read 1: NoAnswer
        1200.144 <- Presence bus 0 0x10 Yes
        1200.153 <- Presence bus 0 0x11 No
    "#]]);
}

/// A lane has met one that stretches the clock: nobody looks there for 5 s, and the other address as often as ever.
#[test]
fn an_address_where_the_bus_got_stuck_is_left_alone() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.module(0x11);
    bench.open(0, 0);
    bench.watch(0, &[0x10, 0x11]);
    bench.run_ms(300);
    bench.skip();
    bench.module(0x10).then(fails(BusError::Stuck));
    bench.submit(0, 0, &[write(0x10, &[1])]);
    let told = |transcript: &str| {
        let lines = transcript.lines();
        let lines: Vec<_> =
            lines.filter(|line| line.contains("Stuck") || line.contains("Presence")).collect();
        (lines.join("\n"), transcript.matches("0x11 read 1").count())
    };
    bench.run_ms(4_900);
    let before = told(&bench.skip());
    bench.run_ms(5_000);
    let after = told(&bench.skip());
    expect![[r#"
        (
            "   300.000 == bus 0 1000 kHz 0x10 write 01: Stuck\n   300.018 <- Halted L0 op=0 BusStuck\n  1300.018 <- Errors bus 0 0x10 1, last BusStuck",
            24,
        )
        (
            "  5600.540 == bus 0 1000 kHz 0x10 read 1: Stuck\n  5600.558 <- Presence bus 0 0x10 No\n  6600.558 <- Errors bus 0 0x10 2, last BusStuck",
            25,
        )"#]].assert_eq(&format!("{before:#?}\n{after:#?}"));
}

#[test]
fn lanes_come_first() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.module(0x20);
    bench.watch(0, &[0x20, 0x21]);
    bench.open(0, 0);
    bench.submit(0, 0, &[write(0x10, &[1; 9]), write(0x10, &[2; 9]), write(0x10, &[3; 9])]);
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Watch bus 0 0x20 0x21
             0.000 == bus 0 1000 kHz 0x20 read 1: 00
             0.000 -> Message Open L0 bus 0
             0.000 <- State freed=0 L0:0
             0.000 -> Message Submit L0 first=0 [write 0x10 010101010101010101; write 0x10 020202020202020202; write 0x10 030303030303030303]
             0.018 == bus 0 1000 kHz 0x10 write 010101010101010101: ok
             0.018 <- Presence bus 0 0x20 Yes
             0.108 == bus 0 1000 kHz 0x10 write 020202020202020202: ok
             0.198 == bus 0 1000 kHz 0x10 write 030303030303030303: ok
             0.288 == bus 0 1000 kHz 0x21 read 1: NoAnswer
             0.297 <- Presence bus 0 0x21 No
             0.297 <- State freed=1 L0:3
    "#]]);
}

/// A module that has lost its power in the middle of an update of others waits for an address.
#[test]
fn a_bus_that_is_never_free_is_looked_at_all_the_same() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.watch(0, &[0x61]);
    bench.open(0, 0);
    let Op::Poll { from, check, until, expect, timeout_ms, .. } = poll(0x10, 7, 3_000) else {
        panic!("a poll")
    };
    bench.submit(0, 0, &[Op::Poll { from, check, until, expect, every_us: 0, timeout_ms }]);
    bench.run_ms(2_500);
    bench.module(0x61);
    bench.run_ms(2_500);
    let transcript = bench.skip();
    let looks = transcript.lines().filter(|line| line.contains("0x61")).map(str::trim);
    expect![[r#"
        0.000 -> Message Watch bus 0 0x61
        0.000 == bus 0 1000 kHz 0x61 read 1: NoAnswer
        0.009 <- Presence bus 0 0x61 No
        1800.009 == bus 0 1000 kHz 0x61 read 1: NoAnswer
        2800.026 == bus 0 1000 kHz 0x61 read 1: 00
        2800.044 <- Presence bus 0 0x61 Yes
        3000.044 == bus 0 1000 kHz 0x61 read 1: 00
        3200.062 == bus 0 1000 kHz 0x61 read 1: 00
        3400.080 == bus 0 1000 kHz 0x61 read 1: 00
        3600.098 == bus 0 1000 kHz 0x61 read 1: 00
        3800.116 == bus 0 1000 kHz 0x61 read 1: 00
        4000.134 == bus 0 1000 kHz 0x61 read 1: 00
        4200.152 == bus 0 1000 kHz 0x61 read 1: 00
        4400.170 == bus 0 1000 kHz 0x61 read 1: 00
        4600.188 == bus 0 1000 kHz 0x61 read 1: 00
        4800.206 == bus 0 1000 kHz 0x61 read 1: 00"#]]
    .assert_eq(&looks.collect::<Vec<_>>().join("\n"));
}

#[test]
fn watching_others_instead() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.module(0x11);
    bench.module(0x12);
    bench.watch(0, &[0x10, 0x11]);
    bench.run_ms(50);
    // What is known stays known; what is new is told.
    bench.watch(0, &[0x11, 0x12]);
    bench.run_ms(50);
    bench.watch(0, &[]);
    bench.run_ms(1000);
    bench.check(expect![[r#"
             0.000 -> Message Watch bus 0 0x10 0x11
             0.000 == bus 0 1000 kHz 0x10 read 1: 00
             0.018 == bus 0 1000 kHz 0x11 read 1: 00
             0.018 <- Presence bus 0 0x10 Yes
             0.036 <- Presence bus 0 0x11 Yes
            50.000 -> Message Watch bus 0 0x11 0x12
            50.000 == bus 0 1000 kHz 0x11 read 1: 00
            50.018 == bus 0 1000 kHz 0x12 read 1: 00
            50.036 <- Presence bus 0 0x12 Yes
           100.000 -> Message Watch bus 0
    "#]]);
}

#[test]
fn watched_again_after_it_has_gone() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.watch(0, &[0x10]);
    bench.run_ms(50);
    bench.watch(0, &[]);
    bench.unplug(0x10);
    bench.run_ms(50);
    // It is not taken for there only because it was the last time.
    bench.watch(0, &[0x10]);
    bench.run_ms(50);
    bench.check(expect![[r#"
             0.000 -> Message Watch bus 0 0x10
             0.000 == bus 0 1000 kHz 0x10 read 1: 00
             0.018 <- Presence bus 0 0x10 Yes
            50.000 -> Message Watch bus 0
           100.000 -> Message Watch bus 0 0x10
           100.000 == bus 0 1000 kHz 0x10 read 1: NoAnswer
           100.009 <- Presence bus 0 0x10 No
    "#]]);
}

#[test]
fn addresses_that_nobody_can_have() {
    let mut bench = Bench::new();
    bench.module(0x77);
    bench.watch(0, &[0, 3, 7, 0x77, 0x78, 0x7f]);
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Watch bus 0 0x00 0x03 0x07 0x77 0x78 0x7f
             0.000 == bus 0 1000 kHz 0x77 read 1: 00
             0.018 <- Presence bus 0 0x77 Yes
    "#]]);
}

#[test]
fn each_bus_has_its_own() {
    let mut bench = Bench::new();
    bench.module_on(1, 0x30);
    bench.watch(1, &[0x30]);
    bench.watch(0, &[0x30]);
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Watch bus 1 0x30
             0.000 == bus 1 400 kHz 0x30 read 1: 00
             0.000 -> Message Watch bus 0 0x30
             0.000 == bus 0 1000 kHz 0x30 read 1: NoAnswer
             0.009 <- Presence bus 0 0x30 No
             0.045 <- Presence bus 1 0x30 Yes
    "#]]);
}

#[test]
fn a_new_session_watches_nobody_and_is_told_anew() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.watch(0, &[0x10]);
    bench.run_ms(50);
    bench.hello(2);
    bench.run_ms(500);
    bench.watch(0, &[0x10]);
    bench.run_ms(50);
    bench.check(expect![[r#"
             0.000 -> Message Watch bus 0 0x10
             0.000 == bus 0 1000 kHz 0x10 read 1: 00
             0.018 <- Presence bus 0 0x10 Yes
            50.000 -> Hello (session 2) protocol 1.1
            50.000 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
           550.000 -> Message Watch bus 0 0x10
           550.000 == bus 0 1000 kHz 0x10 read 1: 00
           550.018 <- Presence bus 0 0x10 Yes
    "#]]);
}

#[test]
fn a_look_that_ends_in_the_next_session() {
    let mut bench = Bench::new();
    bench.module(0x10);
    bench.watch(0, &[0x10, 0x11]);
    bench.run(Duration::from_micros(5));
    bench.hello(2);
    bench.run(Duration::from_micros(50));
    bench.watch(0, &[0x11]);
    bench.run_ms(1);
    bench.check(expect![[r#"
             0.000 -> Message Watch bus 0 0x10 0x11
             0.000 == bus 0 1000 kHz 0x10 read 1: 00
             0.005 -> Hello (session 2) protocol 1.1
             0.005 <- protocol 1.1 boot=b0070001 firmware 0.3.1 8 blocks, 40 lanes, 0 busy, "Bench", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x30 to 0x3f], slots [bus 0 0x10]
             0.055 -> Message Watch bus 0 0x11
             0.055 == bus 0 1000 kHz 0x11 read 1: NoAnswer
             0.064 <- Presence bus 0 0x11 No
    "#]]);
}

/// Half of what may be on its way to the host is the lanes'.
#[test]
fn news_that_nobody_fetches_leave_room_for_what_is_read() {
    let mut bench = Bench::new();
    bench.host.acknowledges = Acknowledges::Never;
    bench.module(0x10).then(says([7]));
    bench.module_on(1, 0x30).then(says([8]));
    let all: Vec<u8> = (0x08..0x78).collect();
    for bus in [0, 1] {
        bench.open(bus, bus);
        bench.watch(bus, &all);
    }
    bench.run_ms(200);
    let news = bench.skip().matches("Presence").count();
    for (bus, address) in [(0, 0x10), (1, 0x30)] {
        bench.submit(bus, 0, &[read(address, 1)]);
    }
    bench.run_ms(1);
    assert_eq!(bench.host.results, [(0, 0, vec![7]), (1, 0, vec![8])], "behind {news} news");
}

#[test]
fn news_that_nobody_fetches_wait() {
    let mut bench = Bench::new();
    bench.host.acknowledges = Acknowledges::Never;
    bench.host.shows = Shows::News;
    let all: Vec<u8> = (0x08..0x78).collect();
    bench.watch(0, &all);
    bench.run_ms(200);
    // The newest are told when there is room, and all of them in the end.
    bench.module(0x70);
    bench.run_ms(600);
    bench.host.acknowledges = Acknowledges::AtOnce;
    bench.acknowledge();
    bench.run_ms(3000);
    let transcript = bench.skip();
    for address in all {
        let here = if address == 0x70 { "Yes" } else { "No" };
        let news = format!("<- Presence bus 0 {address:#04x} {here}");
        assert_eq!(transcript.matches(&news).count(), 1, "{news}\n{transcript}");
    }
}
