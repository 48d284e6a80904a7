//! Seeds × losses × delays: everything arrives, once and in order, in bounded time; and how long it takes, as a table.

use core::fmt::Write;
use rackflash_core::time::Duration;

use expect_test::expect;

use crate::pair::{Line, Order, Pair};

const MESSAGES: u32 = 500;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn times_over_losses_and_delays() {
    let mut table = String::from("500 messages, median of 9 seeds: ms, frames per message\n");
    write!(table, "loss").unwrap();
    let round_trips = [2, 20, 100, 400, 1000];
    for round_trip in round_trips {
        write!(table, " | {:>8} ms", round_trip).unwrap();
    }
    for loss_pct in [0, 1, 5, 10, 20] {
        write!(table, "\n{loss_pct:>3}%").unwrap();
        for round_trip in round_trips {
            let mut runs: Vec<_> = (1..=9)
                .map(|seed| {
                    let line = Line { seed, loss_pct, delay: ms(round_trip / 2), ..Line::GOOD };
                    let mut pair = Pair::<64>::new(line, MESSAGES, 0);
                    let took = pair.run(ms(600_000));
                    (took.as_millis(), pair.host.frames)
                })
                .collect();
            runs.sort_unstable();
            let (took, frames) = runs[runs.len() / 2];
            let per_message = f64::from(frames) / f64::from(MESSAGES);
            write!(table, " | {took:>6} {per_message:.1}").unwrap();
        }
    }
    table.push('\n');
    expect![[r#"
        500 messages, median of 9 seeds: ms, frames per message
        loss |        2 ms |       20 ms |      100 ms |      400 ms |     1000 ms
          0% |     16 1.0 |    160 1.0 |    800 1.0 |   3200 2.0 |   8000 4.0
          1% |    338 1.8 |    680 1.8 |   2600 1.8 |   4750 2.0 |   9250 3.3
          5% |   1558 4.3 |   2530 4.3 |   8400 4.3 |  10750 4.7 |  14850 6.0
         10% |   3346 7.6 |   5110 7.6 |  15900 7.4 |  18450 7.5 |  21300 8.4
         20% |  10384 17.1 |  14290 17.1 |  39150 16.4 |  43450 15.9 |  43250 15.8
    "#]]
    .assert_eq(&table);
}

/// Over lines that do everything, each a little else; the longest time, and the most frames for 300 messages.
fn worst(order: Order) -> String {
    let (mut longest, mut frames, mut states) = (Duration::ZERO, 0, 0);
    for seed in 0..200 {
        let line = Line {
            seed,
            loss_pct: seed % 5 * 6,
            twice_pct: seed % 3 * 10,
            delay: ms(1 + seed % 7 * 8),
            jitter: ms(seed % 4 * 5),
            order,
            stall: (seed % 2 == 1).then_some((ms(1500), ms(2500))),
        };
        let mut pair = Pair::<16>::new(line, 300, 200);
        longest = longest.max(pair.run(ms(200_000)));
        frames = frames.max(pair.host.frames);
        states = states.max(pair.host.states.max(pair.base.states));
    }
    format!("{longest:?}, {frames} frames, {states} states")
}

#[test]
fn every_seed_over_a_cable_that_does_everything() {
    expect!["35.685407s, 2232 frames, 1329 states"].assert_eq(&worst(Order::Kept));
}

#[test]
fn every_seed_over_a_line_where_frames_overtake() {
    expect!["92.251588s, 4686 frames, 7574 states"].assert_eq(&worst(Order::Lost));
}
