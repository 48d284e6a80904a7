//! Fault 38: bases that do not come to an end with what they were given: busy for ever, silent behind their welcome, or stopped
//! unasked.

use expect_test::expect;
use rackflash_core::host::rack::{Phase, Problem};
use rackflash_core::host::session::{Input, Output, Session};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, Seq};
use rackflash_core::wire::message::{Cause, List, PROTOCOL, Welcome};
use rackflash_core::wire::version::Version;
use rackflash_tests::bench::Bench;
use rackflash_tests::fuzzing::session::{About, update};

use crate::recipes::all_different;
use crate::{LEN, under_way};

/// A base that has done it by the first of these has had much to do.
const MINUTES: [u64; 3] = [4, 2, 600];

/// Nothing but welcomes comes from it.
struct Base {
    welcome: Welcome,
    heard: Decoder,
}

impl Base {
    fn busy() -> Self {
        let welcome = Welcome {
            protocol: PROTOCOL,
            boot: 1,
            firmware: Version::new(1, 0, 0),
            blocks: 400,
            lanes: 40,
            busy: 1,
            name: *b"a liar\0\0\0\0\0\0\0\0\0\0",
            buses: List::new(),
            slots: List::new(),
        };
        Self { welcome, heard: Decoder::new() }
    }

    /// As if it were this one.
    fn silent(bench: &Bench) -> Self {
        let welcome = bench.session.rack().base.expect("it was there");
        Self { welcome, ..Self::busy() }
    }

    /// What it answers to these bytes, in frames.
    fn answers(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut said = Vec::new();
        while let Some(frame) = self.heard.next(&mut bytes) {
            let Ok(Frame { kind: Kind::Hello, session, .. }) = frame else { continue };
            let (mut payload, mut wire) = ([0; 200], [0; FRAME_MAX]);
            let len = self.welcome.emit(&mut payload).expect("it fits");
            let (kind, seq, ack) = (Kind::Welcome, Seq(0), Seq(0));
            let welcome = Frame { kind, session, seq, ack, payload: &payload[..len] };
            let len = welcome.emit(&mut wire).expect("it fits");
            said.extend(&wire[..len]);
        }
        said
    }

    /// Lets time pass; returns how the link stands then.
    fn serves(&mut self, session: &mut Session, now: &mut Instant, duration: Duration) -> String {
        let end = *now + duration;
        while *now < end {
            match session.poll(*now) {
                Output::Send(bytes) => {
                    let answer = self.answers(&bytes);
                    session.handle(Input::Link(&answer), *now);
                }
                Output::Wait(at) => {
                    *now = at.unwrap_or(end).max(*now + Duration::from_micros(1)).min(end);
                    session.handle(Input::Wake, *now);
                }
            }
        }
        let problem = session.link_problem().map(|problem| problem.to_string());
        format!("{:?}: {}\n", session.link_state(), problem.unwrap_or_default())
    }

    /// The same, through all the minutes.
    fn is_waited_for(&mut self, session: &mut Session, now: &mut Instant) -> String {
        let waits = MINUTES.map(|minutes| Duration::from_secs(60 * minutes));
        waits.into_iter().map(|wait| self.serves(session, now, wait)).collect()
    }
}

#[test]
fn fault_38_a_base_that_is_never_done() {
    let (mut base, mut session, mut now) = (Base::busy(), Session::new(), Instant::ZERO);
    session.handle(Input::Opened { entropy: 42 }, now);
    let mut said = base.is_waited_for(&mut session, &mut now);
    base.welcome.busy = 0;
    said += &base.serves(&mut session, &mut now, Duration::from_secs(1));
    expect![[r#"
        Finishing: 
        Greeting: the base does not say what becomes of what it is given; plug its cable in again, then try again
        Greeting: the base does not say what becomes of what it is given; plug its cable in again, then try again
        Up: 
    "#]].assert_eq(&said);
}

/// What was asked for waits for a base that does it, as when the base is gone.
#[test]
fn fault_38_a_base_that_is_never_done_in_the_middle_of_an_update() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.ends_in_the_middle();
    let (mut session, mut now) = (core::mem::take(&mut bench.session), bench.world.now());
    let said = Base::busy().is_waited_for(&mut session, &mut now);
    expect![[r#"
        Finishing: 
        Greeting: the base does not say what becomes of what it is given; plug its cable in again, then try again
        Greeting: the base does not say what becomes of what it is given; plug its cable in again, then try again
    "#]].assert_eq(&said);
    let waits = session.rack().modules.iter().all(|module| module.phase == Phase::Waiting);
    assert!(waits && session.job().is_some_and(|job| job.ended.is_none()));
}

/// It is looked for as often as it takes to say so; and an update ends at last, wherever it is.
#[test]
fn fault_38_a_base_that_falls_silent_behind_its_welcome() {
    let (setup, recipes) = all_different(3, LEN);
    let mut bench = under_way(&setup, &recipes);
    bench.ends_in_the_middle();
    let (mut base, mut now) = (Base::silent(&bench), bench.world.now());
    let mut session = core::mem::take(&mut bench.session);
    let mut said = String::new();
    for seconds in [10, 10, 100] {
        said += &base.serves(&mut session, &mut now, Duration::from_secs(seconds));
        assert!(session.job().is_some_and(|job| job.ended.is_none()));
    }
    said += &base.serves(&mut session, &mut now, Duration::from_secs(120));
    assert!(session.job().is_some_and(|job| job.ended.is_some() && job.modules.len() == 3));
    for module in &session.rack().modules {
        said += &format!("{:?}\n", module.problem().map(Problem::code));
    }
    expect![[r#"
        Up: 
        Up: the base does not say what becomes of what it is given; plug its cable in again, then try again
        Up: the base does not say what becomes of what it is given; plug its cable in again, then try again
        Up: the base does not say what becomes of what it is given; plug its cable in again, then try again
        Some("base-silent")
        Some("base-silent")
        Some("base-silent")
    "#]].assert_eq(&said);
}

/// It says that it was told to stop, or that it cannot read what it was given: nobody here knows of either.
#[test]
fn fault_38_a_base_that_stops_unasked() {
    for cause in [Cause::Aborted, Cause::BadOperation] {
        // Each two bytes say once: instead, that this has halted the lane.
        let at = Cause::ALL.iter().position(|other| *other == cause).expect("one of them");
        let lie = [2, u8::try_from(at).expect("few")];
        let endings = update(About::OneBus, &lie.repeat(300));
        assert_eq!(endings, ["updated", "failed base-silent"], "{cause:?}");
    }
}
