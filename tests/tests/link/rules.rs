//! Single rules: the wrap of numbers, a stall, gaps, lies, sessions.

use expect_test::expect;
use rackflash_core::link::{Endpoint, Pushed, Received};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::Malformed;
use rackflash_core::wire::link::{Frame, Kind, Seq, SessionId};

use crate::pair::{Line, Pair, SESSION};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn at(micros: u64) -> Instant {
    Instant::from_micros(micros)
}

#[test]
fn numbers_wrap() {
    // 80 slots, as the base has: no power of two, so that a slot is not simply a number's last bits.
    for seed in 0..4 {
        let line = Line { seed, loss_pct: seed * 2, ..Line::GOOD };
        let mut pair = Pair::<80>::new(line, 66_000, 66_000);
        pair.run(ms(600_000));
    }
}

#[test]
fn a_stall_of_a_second() {
    let stall = Some((ms(1010), ms(2010)));
    let mut pair = Pair::<64>::new(Line { stall, ..Line::GOOD }, 1000, 1000);
    let took = pair.run(ms(60_000));
    let frames = (pair.host.frames, pair.base.frames);
    expect!["1.032s, frames (1128, 1128)"].assert_eq(&format!("{took:?}, frames {frames:?}"));
}

#[test]
fn no_loss_no_repetition() {
    for round_trip in [2, 20, 80] {
        let line = Line { delay: ms(round_trip / 2), ..Line::GOOD };
        let mut pair = Pair::<64>::new(line, 2000, 0);
        pair.run(ms(60_000));
        assert_eq!(pair.host.frames, 2000, "over {round_trip} ms");
    }
}

type Small = Endpoint<4, 8>;

fn message(seq: u16, ack: u16) -> Frame<'static> {
    Frame { kind: Kind::Message, session: SESSION, seq: Seq(seq), ack: Seq(ack), payload: b"m" }
}

fn state(seq: u16, ack: u16) -> Frame<'static> {
    Frame { kind: Kind::State, ..message(seq, ack) }
}

fn push(endpoint: &mut Small) -> Pushed {
    endpoint.outbox.push(|bytes| {
        bytes[0] = b'x';
        Ok(1)
    })
}

/// With so many messages sent.
fn with_sent(count: usize, now: Instant) -> Small {
    let mut endpoint = Small::new(SESSION);
    for _ in 0..count {
        assert_eq!(push(&mut endpoint), Pushed::Yes);
        endpoint.poll(now).unwrap();
    }
    endpoint
}

/// The numbers of the messages that are sent now.
fn sent(endpoint: &mut Small, now: Instant) -> Vec<u16> {
    core::iter::from_fn(|| endpoint.poll(now).map(|frame| frame.seq.0)).collect()
}

/// Or it would call for more of itself than the link carries, for ever.
#[test]
fn what_is_sent_again_waits_behind_what_was_sent() {
    let mut endpoint = Endpoint::<64, 1_000>::new(SESSION);
    let push = |endpoint: &mut Endpoint<64, 1_000>| {
        assert_eq!(endpoint.outbox.push(|bytes| Ok(bytes.len())), Pushed::Yes);
    };
    let sent = |endpoint: &mut Endpoint<64, 1_000>, now| {
        core::iter::from_fn(|| endpoint.poll(now).map(|_| ())).count()
    };
    // A round trip of 4 ms; then 60 KB at once, which take the link more than 50.
    push(&mut endpoint);
    assert_eq!(sent(&mut endpoint, at(0)), 1);
    let _ = endpoint.handle(&state(0, 1), at(4_000));
    (0..60).for_each(|_| push(&mut endpoint));
    assert_eq!(sent(&mut endpoint, at(10_000)), 60);
    let repeated = [13, 17, 24, 31, 100, 130, 137, 144, 200].map(|ms| {
        let now = at(ms * 1_000);
        let _ = endpoint.handle(&state(0, 1), now);
        (ms, sent(&mut endpoint, now))
    });
    expect![
        "[(13, 0), (17, 60), (24, 0), (31, 0), (100, 0), (130, 0), (137, 60), (144, 0), (200, 0)]"
    ]
    .assert_eq(&format!("{repeated:?}"));
}

#[test]
fn only_the_expected_message_is_taken() {
    let mut endpoint = Small::new(SESSION);
    assert!(endpoint.is_fresh());
    assert_eq!(endpoint.handle(&message(1, 0), at(0)), Received::Nothing);
    assert!(endpoint.is_fresh(), "nothing has arrived in order");
    assert_eq!(endpoint.handle(&message(0, 0), at(0)), Received::Message(b"m"));
    assert!(!endpoint.is_fresh());
    assert_eq!(endpoint.handle(&message(0, 0), at(0)), Received::Nothing);
    assert_eq!(endpoint.handle(&message(1, 0), at(0)), Received::Message(b"m"));
    assert_eq!(endpoint.state(&[]).ack, Seq(2));
}

#[test]
fn every_message_is_answered_and_a_state_only_if_it_shows_a_gap() {
    let mut endpoint = Small::new(SESSION);
    for (frame, owes, at_once) in [
        (message(0, 0), true, false),
        (message(0, 0), true, true),
        (message(7, 0), true, true),
        (state(1, 0), false, false),
        // It was overtaken: what it says had arrived.
        (state(0, 0), false, false),
        (state(3, 0), true, true),
    ] {
        let _ = endpoint.handle(&frame, at(0));
        assert_eq!(endpoint.owes_answer(), owes, "{frame}");
        assert_eq!(endpoint.owes_answer_at_once(), at_once, "{frame}");
        let _ = endpoint.state(&[]);
        assert!(!endpoint.owes_answer());
    }
    endpoint.owe_answer();
    assert!(endpoint.owes_answer());
    assert_eq!(push(&mut endpoint), Pushed::Yes);
    assert_eq!(endpoint.poll(at(0)).unwrap().ack, Seq(1), "a message answers as well");
    assert!(!endpoint.owes_answer());
}

#[test]
fn states_do_not_chase_each_other_over_a_gap() {
    let mut endpoint = Small::new(SESSION);
    let mut answers = Vec::new();
    for millis in 0..100 {
        let _ = endpoint.handle(&state(3, 0), at(millis * 1000));
        if endpoint.owes_answer() {
            answers.push(millis);
            let _ = endpoint.state(&[]);
        }
    }
    assert_eq!(answers, [0, 20, 40, 60, 80]);
}

#[test]
fn a_state_says_what_comes_next() {
    let mut endpoint = with_sent(3, at(0));
    let payload = [1, 2, 3];
    let state = endpoint.state(&payload);
    assert_eq!((state.kind, state.seq, state.ack), (Kind::State, Seq(3), Seq(0)));
    assert_eq!((state.session, state.payload), (SESSION, payload.as_slice()));
    assert_eq!(endpoint.handle(&state, at(0)), Received::State(&payload));
}

#[test]
fn other_sessions_and_greetings_bring_nothing() {
    let mut endpoint = with_sent(2, at(0));
    for kind in [Kind::Message, Kind::State] {
        let stale = Frame { kind, session: SessionId(8), ..message(0, 2) };
        assert_eq!(endpoint.handle(&stale, at(0)), Received::Nothing);
    }
    for kind in [Kind::Hello, Kind::Welcome] {
        assert_eq!(endpoint.handle(&Frame { kind, ..message(0, 2) }, at(0)), Received::Nothing);
    }
    assert!(!endpoint.owes_answer() && !endpoint.outbox.is_empty());
    assert_eq!(endpoint.session(), SESSION);
}

#[test]
fn an_acknowledgement_of_what_was_never_sent_is_a_lie() {
    let mut endpoint = with_sent(2, at(0));
    for ack in [3, 4, 0x7fff, 0x8000, 0xffff] {
        let _ = endpoint.handle(&state(0, ack), at(1));
        assert_eq!(endpoint.outbox.room(), 2, "ack {ack}");
    }
    let _ = endpoint.handle(&state(0, 2), at(1));
    assert!(endpoint.outbox.is_empty());
    assert_eq!(endpoint.deadline(), None);
}

#[test]
fn a_full_outbox_takes_no_more() {
    let mut endpoint = with_sent(4, at(0));
    assert_eq!((endpoint.outbox.room(), push(&mut endpoint)), (0, Pushed::No));
    let _ = endpoint.handle(&state(0, 1), at(1));
    assert_eq!((endpoint.outbox.room(), push(&mut endpoint)), (1, Pushed::Yes));
    // Pushed, but not sent: nobody can have it.
    let _ = endpoint.handle(&state(0, 5), at(2));
    assert_eq!(endpoint.outbox.room(), 0);
    let refused = Small::new(SESSION).outbox.push(|_| Err(Malformed::Short));
    assert_eq!(refused, Pushed::No, "what cannot be written is not sent");
}

#[test]
fn nothing_comes_back_for_a_while() {
    let mut endpoint = with_sent(3, at(0));
    let mut times = Vec::new();
    while times.len() < 6 {
        let due = endpoint.deadline().unwrap();
        let early = Instant::from_micros(due.micros() - 1);
        assert_eq!(sent(&mut endpoint, early), [0u16; 0], "too early");
        assert_eq!(sent(&mut endpoint, due), [0, 1, 2]);
        times.push(due.micros() / 1000);
    }
    expect!["[250, 750, 1750, 3750, 5750, 7750] ms"].assert_eq(&format!("{times:?} ms"));
    // Progress makes it hopeful again.
    let now = at(times[5] * 1000 + 10);
    let _ = endpoint.handle(&state(0, 1), now);
    assert_eq!(endpoint.deadline(), Some(now + ms(250)));
    assert_eq!(sent(&mut endpoint, now + ms(250)), [1, 2]);
}

#[test]
fn a_gap_is_believed_when_it_can_be_known_of() {
    let mut endpoint = with_sent(1, at(0));
    // A round trip of 10 ms is learnt.
    let _ = endpoint.handle(&state(0, 1), at(10_000));
    for _ in 0..3 {
        assert_eq!(push(&mut endpoint), Pushed::Yes);
    }
    assert_eq!(sent(&mut endpoint, at(20_000)), [1, 2, 3]);
    let _ = endpoint.handle(&state(0, 1), at(25_000));
    assert_eq!(
        sent(&mut endpoint, at(25_000)),
        [0u16; 0],
        "it was on its way before they were sent"
    );
    let _ = endpoint.handle(&state(0, 1), at(36_000));
    assert_eq!(sent(&mut endpoint, at(36_000)), [1, 2, 3], "it shows that they are lost");
    let _ = endpoint.handle(&state(0, 1), at(37_000));
    assert_eq!(
        sent(&mut endpoint, at(37_000)),
        [0u16; 0],
        "it was on its way before they were sent again"
    );
}

#[test]
fn what_arrives_after_all_is_not_sent_again() {
    let mut endpoint = with_sent(4, at(0));
    // All are due again; the first is sent, then the acknowledgement of three comes after all.
    assert_eq!(endpoint.poll(at(250_000)).unwrap().seq, Seq(0));
    let _ = endpoint.handle(&state(0, 3), at(251_000));
    assert_eq!(sent(&mut endpoint, at(251_000)), [3]);
}
