//! One small update, every frame of it, as the transcript tells it; and who else speaks to a module.

use core::cell::RefCell;
use std::rc::Rc;

use expect_test::expect;
use rackflash_core::time::Duration;
use rackflash_sim::cable::LinkSetup;
use rackflash_tests::bench::Bench;

use crate::recipes::{NEW, OLD, all_different, envelope, one_envelope};

#[test]
fn five_pages_for_one_module() {
    let mut setup = one_envelope(&envelope(OLD, 600));
    // One address to look at, so that the transcript is about the update.
    (setup.buses[0].first, setup.buses[0].last) = (0x10, 0x10);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[envelope(NEW, 600)]);
    bench.detect();
    bench.update_all(Duration::from_secs(5));
    bench.check();
    // States only acknowledge and tell how far the lanes are; with them the transcript is three times as long.
    let text = bench.session.transcript().to_string();
    let told = text.lines().filter(|line| !line.contains(" State #"));
    // A bar before each line: what begins with blanks would lose them in the expected text.
    let told: String = told.map(|line| format!("|{line}\n")).collect();
    expect![[r#"
        |   1.000000 -> Hello #0 ack 0 protocol 1.1
        |   1.003497 <- Welcome #0 ack 0 protocol 1.1 firmware 0.1.0 400 blocks, 40 lanes, 0 busy
        |   1.003497 -> Message #0 ack 0 Watch bus 0 0x10 0x61
        |   1.007483 <- Message #0 ack 1 Presence bus 0 0x10 No
        |   1.007499 <- Message #1 ack 1 Presence bus 0 0x61 Yes
        |   1.007499 -> Message #1 ack 2 Open L0 bus 0
        |   1.007499 -> Message #2 ack 2 Submit L0 first=0
        |              read 0x61 95 bytes Pec
        |   1.012550 <- Message #2 ack 3 Result L0 op=0 00000000000000565000010101000912… (95 bytes)
        |              0x61 Application tag=0 Done room=0x00 received=0; 1209:0103 hardware 1 24c50855b68dbac1d2d554b1 application 1.0.0 Confirmed digest=e4e069f6 Runs
        |   1.012550 -> Message #3 ack 3 Submit L0 first=1
        |              read 0x10 8 bytes Pec
        |   1.018469 <- Message #3 ack 4 Halted L0 op=1 NoAnswer
        |   1.018469 -> Message #4 ack 4 Open L0 bus 0
        |   1.018469 -> Message #5 ack 4 Submit L0 first=2
        |              write 0x61 #1 Assign 24c50855b68dbac1d2d554b1 0x10
        |              read 0x10 8 bytes Pec
        |   1.023475 <- Message #4 ack 6 Result L0 op=3 0001000000000054
        |              0x10 Application tag=1 Done room=0x00 received=0
        |   1.023475 -> Message #6 ack 5 Submit L0 first=4
        |              attempt 2 operations 5 times
        |              write 0x10 #2 Identify
        |              poll 0x10 until [1]=02 expect [1]=02 every 0 us for 0 ms
        |              poll 0x10 until [0]&80=00 [1]=02 expect [0]&80=00 [1]=02 [2]=00 every 500 us for 500 ms
        |              read 0x10 95 bytes Pec
        |   1.029550 <- Message #5 ack 7 Result L0 op=8 000200000000002f5000010101000912… (95 bytes)
        |              0x10 Application tag=2 Done room=0x00 received=0; 1209:0103 hardware 1 24c50855b68dbac1d2d554b1 application 1.0.0 Confirmed digest=e4e069f6 Runs
        |   1.029550 -> Message #7 ack 6 Submit L0 first=9
        |              read 0x61 95 bytes Pec
        |   1.035469 <- Message #6 ack 8 Halted L0 op=9 NoAnswer
        |   1.035469 -> Message #8 ack 7 Open L1 bus 0
        |   1.035469 -> Message #9 ack 7 Submit L1 first=0
        |              attempt 2 operations 5 times
        |              write 0x10 #3 Assign 24c50855b68dbac1d2d554b1 0x10
        |              poll 0x10 until [1]=03 expect [1]=03 every 0 us for 0 ms
        |              poll 0x10 until [0]&80=00 [1]=03 expect [0]&80=00 [1]=03 [2]=00 every 500 us for 2000 ms
        |              attempt 2 operations 5 times
        |              write 0x10 #4 EnterLoader
        |              poll 0x10 until [0]&80=00 expect [0]=01 every 500 us for 500 ms
        |              attempt 2 operations 5 times
        |              write 0x10 #5 Identify
        |              poll 0x10 until [1]=05 expect [1]=05 every 0 us for 0 ms
        |              poll 0x10 until [0]&80=00 [1]=05 expect [0]&80=00 [1]=05 [2]=00 every 500 us for 500 ms
        |              read 0x10 95 bytes Pec
        |              attempt 2 operations 5 times
        |              write 0x10 #6 PageDigests first=1 count=4
        |              poll 0x10 until [1]=06 expect [1]=06 every 0 us for 0 ms
        |              poll 0x10 until [0]&80=00 [1]=06 expect [0]&80=00 [1]=06 [2]=00 every 500 us for 1000 ms
        |              read 0x10 31 bytes Pec
        |              attempt 2 operations 5 times
        |              write 0x10 #7 Begin 1209:0103 hardware 1 1.1.0 len=600 digest=b40aa43a
        |              poll 0x10 until [1]=07 expect [1]=07 every 0 us for 0 ms
        |              poll 0x10 until [0]&80=00 [1]=07 expect [0]&80=00 [1]=07 [2]=00 every 500 us for 2000 ms
        |              read 0x10 23 bytes Pec
        |   1.044550 <- Message #7 ack 10 Result L1 op=11 010500000000002f5000010101010912… (95 bytes)
        |              0x10 Loader tag=5 Done room=0x00 received=0; 1209:0103 hardware 1 24c50855b68dbac1d2d554b1 application 1.0.0 Confirmed digest=e4e069f6 Requested
        |   1.045495 <- Message #8 ack 10 Result L1 op=16 01060000000000541000046c21471e84… (31 bytes)
        |              0x10 Loader tag=6 Done room=0x00 received=0; 046c21471e845cc965f7a9edccb40fad
        |   1.063488 <- Message #9 ack 10 Result L1 op=21 0207003f000001670800000000000000… (23 bytes)
        |              0x10 Receiving tag=7 Done room=0x3f received=0; 0000000000000000
        |   1.063488 -> Message #10 ack 10 Submit L1 first=22
        |              attempt 6 operations 12 times
        |              resume at [4]-00
        |              write 0x10 Page 1 seq=0 128 bytes
        |              write 0x10 Page 2 seq=1 128 bytes
        |              write 0x10 Page 3 seq=2 128 bytes
        |              write 0x10 Page 4 seq=3 128 bytes
        |              poll 0x10 until [3]&07=07 expect [0]&7f=02 [3]&07=07 [4]=04 [5]=00 [6]=01 every 10000 us for 300 ms
        |              attempt 3 operations 12 times
        |              resume at [4]-04
        |              write 0x10 Page 0 seq=4 128 bytes
        |              poll 0x10 until [3]&07=07 expect [0]&7f=02 [3]&07=07 [4]=05 [5]=00 [6]=01 every 10000 us for 300 ms
        |              attempt 2 operations 5 times
        |              write 0x10 #8 Commit
        |              poll 0x10 until [1]=08 expect [1]=08 every 0 us for 0 ms
        |              poll 0x10 until [0]&80=00 [1]=08 expect [0]&80=00 [1]=08 [2]=00 every 500 us for 1000 ms
        |              read 0x10 19 bytes Pec
        |              attempt 2 operations 5 times
        |              write 0x10 #9 Run
        |              poll 0x10 until [2]&80=00 expect [1]=09 [2]&80=00 every 500 us for 2000 ms
        |              poll 0x10 until [0]=00 expect [0]=00 every 500 us for 2000 ms
        |              attempt 2 operations 5 times
        |              write 0x10 #10 Confirm
        |              poll 0x10 until [1]=0a expect [1]=0a every 0 us for 0 ms
        |              poll 0x10 until [0]&80=00 [1]=0a expect [0]&80=00 [1]=0a [2]=00 every 500 us for 2000 ms
        |              attempt 2 operations 5 times
        |              write 0x10 #11 Identify
        |              poll 0x10 until [1]=0b expect [1]=0b every 0 us for 0 ms
        |              poll 0x10 until [0]&80=00 [1]=0b expect [0]&80=00 [1]=0b [2]=00 every 500 us for 500 ms
        |              read 0x10 95 bytes Pec
        |   1.129484 <- Message #10 ack 11 Result L1 op=37 030800000500019304003aa40ab4d391… (19 bytes)
        |              0x10 Committed tag=8 Done room=0x00 received=5; 3aa40ab4
        |   1.146550 <- Message #11 ack 11 Result L1 op=50 000b0000000000495000010101000912… (95 bytes)
        |              0x10 Application tag=11 Done room=0x00 received=0; 1209:0103 hardware 1 24c50855b68dbac1d2d554b1 application 1.1.0 Confirmed digest=b40aa43a Runs
    "#]].assert_eq(&told);
}

/// *Which one is it?*, and at once *Update*: who makes a module blink and who updates it do not speak to it at the same time.
#[test]
fn blinks_and_is_updated() {
    for round_trip in [4, 20].map(Duration::from_millis) {
        let (mut setup, recipes) = all_different(1, 6_000);
        setup.link = LinkSetup::round_trip(round_trip);
        let took = |blinks_before: Option<Duration>| {
            let mut bench = Bench::new(&setup);
            bench.offer_all(&recipes);
            bench.detect();
            let uid = bench.world.modules()[0].uid();
            if let Some(before) = blinks_before {
                bench.session.blink(uid, 1, bench.world.now());
                bench.drain();
                bench.run(before);
            }
            bench.update_all(Duration::from_secs(20))
        };
        let (alone, most) = (took(None), round_trip * 5);
        for before in (0..30).map(|part| round_trip / 10 * part) {
            let behind = took(Some(before));
            assert!(behind <= alone + most, "{round_trip:?}, {before:?}: {behind:?}, {alone:?}");
        }
    }
}

/// What a base says late of whoever had a lane before is not taken for the next one's.
#[test]
fn a_lane_counts_on() {
    let mut bench = Bench::new(&one_envelope(&envelope(OLD, 600)));
    bench.detect();
    let uid = bench.world.modules()[0].uid();
    for _ in 0..3 {
        bench.session.blink(uid, 1, bench.world.now());
        bench.drain();
        bench.run(Duration::from_millis(50));
    }
    let text = bench.session.transcript().to_string();
    let firsts = text.split(" Submit L1 first=").skip(1).filter_map(|rest| rest.split(' ').next());
    expect![[r#"
        0
         1
         6
         11
         12
         17
         22
         23
         28
    "#]]
    .assert_eq(&firsts.collect::<Vec<_>>().join(" "));
}

/// A module tells this host's frames from those of one before by eight bits: those of two that have drawn different numbers differ as
/// a rule, whichever bits of them do.
#[test]
fn all_that_was_drawn_makes_the_number_of_a_session() {
    let mut bench = Bench::new(&one_envelope(&envelope(OLD, 600)));
    let heard = Rc::new(RefCell::new(String::new()));
    let told = heard.clone();
    bench.world.tell(Some(Box::new(move |_, event| *told.borrow_mut() += &format!("{event}\n"))));
    for entropy in [0xff00_ff01, 0xff00_ff02, 0x0300_00ff, 0xff00_0500] {
        bench.close();
        bench.open(entropy);
        bench.detect();
        *heard.borrow_mut() += "-\n";
    }
    let of_each = heard.borrow();
    let numbers = of_each.split("-\n").filter_map(|heard| {
        let (_, number) = heard.split_once(" session=")?;
        number.split(' ').next()
    });
    expect!["1 2 252 250"].assert_eq(&numbers.collect::<Vec<_>>().join(" "));
}
