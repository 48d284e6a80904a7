//! A line that brings anything: bytes, frames that are whole but lie, both ways. What parses reads the same when it is
//! written again; an endpoint sends no more than it was given, and never spins.

use rackflash_core::link::{Endpoint, Pushed, Received};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::Malformed;
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, PAYLOAD_MAX, Seq, SessionId};
use rackflash_core::wire::message::{Hello, State, ToBase, ToHost, Welcome};

use super::choices::Choices;

/// Few, so that it fills up.
const SLOTS: usize = 4;
const LEN: usize = 32;
const SESSION: SessionId = SessionId(1);

struct Line {
    decoder: Decoder,
    endpoint: Endpoint<SLOTS, LEN>,
    now: Instant,
}

pub(super) fn run(input: &[u8]) {
    let mut choices = Choices::new(input);
    let now = Instant::ZERO;
    let mut line = Line { decoder: Decoder::new(), endpoint: Endpoint::new(SESSION), now };
    while choices.are_left() {
        match choices.byte() % 6 {
            0 => drop(line.hear(choices.some_bytes())),
            1..4 => {
                let frame = frame(&mut choices);
                // What stood on the line before ends with a delimiter.
                line.hear(&[0]);
                assert_eq!(line.hear(&emitted(&frame)), 1, "a whole frame arrives");
            }
            4 => line.push(choices.some_bytes()),
            _ => line.now = line.now + Duration::from_millis(choices.u16().into()),
        }
        line.drain();
    }
}

fn frame<'a>(choices: &mut Choices<'a>) -> Frame<'a> {
    Frame {
        kind: choices.pick(&[Kind::Message, Kind::State, Kind::Hello, Kind::Welcome]),
        session: choices.pick(&[SESSION, SessionId(2)]),
        seq: Seq(choices.u16()),
        ack: Seq(choices.u16()),
        payload: choices.some_bytes(),
    }
}

fn emitted(frame: &Frame<'_>) -> Vec<u8> {
    let mut wire = [0; FRAME_MAX];
    let len = frame.emit(&mut wire).expect("the payload is short");
    wire[..len].to_vec()
}

impl Line {
    /// Returns how many frames were whole.
    fn hear(&mut self, mut bytes: &[u8]) -> usize {
        let mut whole = 0;
        while let Some(frame) = self.decoder.next(&mut bytes) {
            let Ok(frame) = frame else { continue };
            whole += 1;
            let mut again = Decoder::new();
            let wire = emitted(&frame);
            assert_eq!(again.next(&mut wire.as_slice()), Some(Ok(frame)));
            read(frame.payload);
            let expected = frame.session == SESSION;
            match self.endpoint.handle(&frame, self.now) {
                Received::Message(payload) | Received::State(payload) => {
                    assert!(expected && payload == frame.payload, "nothing of other sessions");
                }
                Received::Nothing => {}
            }
        }
        assert!(bytes.is_empty(), "what is not used up would be lost");
        whole
    }

    fn push(&mut self, message: &[u8]) {
        let room = self.endpoint.outbox.room();
        let pushed = self.endpoint.outbox.push(|place| {
            place.get_mut(..message.len()).ok_or(Malformed::Short)?.copy_from_slice(message);
            Ok(message.len())
        });
        let fits = room > 0 && message.len() <= LEN;
        assert_eq!(pushed, if fits { Pushed::Yes } else { Pushed::No });
        assert_eq!(self.endpoint.outbox.room(), room - usize::from(fits));
    }

    fn drain(&mut self) {
        let mut sent = 0;
        while let Some(frame) = self.endpoint.poll(self.now) {
            assert!(frame.payload.len() <= LEN);
            sent += 1;
            assert!(sent <= SLOTS, "each message once a moment");
        }
        if self.endpoint.owes_answer() {
            assert_eq!(self.endpoint.state(&[]).kind, Kind::State);
        }
        let deadline = self.endpoint.deadline();
        assert!(deadline.is_none_or(|at| at > self.now), "nothing is left to do now");
    }
}

/// A payload as each side would read it.
fn read(payload: &[u8]) {
    let same = |emit: &dyn Fn(&mut [u8]) -> Result<usize, Malformed>| {
        let mut bytes = [0; PAYLOAD_MAX];
        let len = emit(&mut bytes).expect("it was no longer");
        assert_eq!(&bytes[..len], payload, "it reads the same when it is written again");
    };
    if let Ok(message) = ToBase::parse(payload) {
        same(&|bytes| message.emit(bytes));
        drop(message.to_string());
    }
    if let Ok(message) = ToHost::parse(payload) {
        same(&|bytes| message.emit(bytes));
        drop(message.to_string());
    }
    if let Ok(state) = State::parse(payload) {
        same(&|bytes| state.emit(bytes));
        drop(state.to_string());
    }
    if let Ok(welcome) = Welcome::parse(payload) {
        drop(welcome.to_string());
    }
    let _ = Hello::parse(payload);
}
