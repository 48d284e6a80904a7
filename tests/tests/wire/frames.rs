//! Link frames: golden bytes, and every way to damage one of them.

use expect_test::{Expect, expect};
use rackflash_core::wire::check::crc32;
use rackflash_core::wire::link::{
    BODY_MAX, Decoder, FRAME_MAX, Frame, Kind, PAYLOAD_MAX, Seq, SessionId,
};
use rackflash_core::wire::{Field, Malformed};
use rackflash_tests::hex::dump;
use rackflash_tests::numbers::Numbers;

pub(crate) const KINDS: [Kind; 4] = [Kind::Hello, Kind::Welcome, Kind::Message, Kind::State];

pub(crate) fn frame(kind: Kind, payload: &[u8]) -> Frame<'_> {
    Frame { kind, session: SessionId(0x5eed_1234), seq: Seq(0x0102), ack: Seq(0x0304), payload }
}

pub(crate) fn wire(frame: &Frame<'_>) -> Vec<u8> {
    let mut wire = [0; FRAME_MAX];
    let len = frame.emit(&mut wire).unwrap();
    wire[..len].to_vec()
}

/// The frame alone on a fresh line, delimiter included.
fn read<T>(wire: &[u8], then: impl FnOnce(Result<Frame<'_>, Malformed>) -> T) -> T {
    let (mut decoder, mut rest) = (Decoder::new(), wire);
    then(decoder.next(&mut rest).expect("a frame ends"))
}

fn check(frame: &Frame<'_>, expect: Expect) {
    let wire = wire(frame);
    expect.assert_eq(&format!("{frame}\n{}", dump(&wire)));
    read(&wire, |read| assert_eq!(read, Ok(*frame)));
}

#[test]
fn a_hello() {
    check(
        &frame(Kind::Hello, &[0, 1]),
        expect![[r#"
        Hello #258 ack 772
        0a013412 ed5e0201 04030601 e01593a8 00
    "#]],
    );
}

#[test]
fn a_welcome() {
    check(
        &frame(Kind::Welcome, &[0, 1, 7]),
        expect![[r#"
        Welcome #258 ack 772
        0a023412 ed5e0201 04030701 07b3d95a 9b00
    "#]],
    );
}

#[test]
fn a_message() {
    check(
        &frame(Kind::Message, &[3, 2]),
        expect![[r#"
        Message #258 ack 772
        10033412 ed5e0201 04030302 58aedb42 00
    "#]],
    );
}

#[test]
fn a_state_without_payload() {
    check(
        &frame(Kind::State, &[]),
        expect![[r#"
        State #258 ack 772
        0e043412 ed5e0201 040336da 743100
    "#]],
    );
}

#[test]
fn zeros_are_stuffed() {
    let zeros =
        Frame { session: SessionId(0), seq: Seq(0), ack: Seq(0), ..frame(Kind::Message, &[0; 6]) };
    check(
        &zeros,
        expect![[r#"
        Message #0 ack 0
        02030101 01010101 01010101 01010105 9e69aec6 00
    "#]],
    );
}

/// COBS as its paper describes it, to compare with.
pub(crate) fn stuffed(body: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    for block in body.split(|byte| *byte == 0) {
        let mut runs = block.chunks(254).peekable();
        if block.is_empty() {
            wire.push(1);
        }
        while let Some(run) = runs.next() {
            wire.push(run.len() as u8 + 1);
            wire.extend(run);
            // A full run that a zero follows is followed by an empty one.
            if run.len() == 254 && runs.peek().is_none() {
                wire.push(1);
            }
        }
    }
    wire.push(0);
    wire
}

pub(crate) fn body(frame: &Frame<'_>) -> Vec<u8> {
    let mut body = vec![frame.kind as u8];
    body.extend(frame.session.0.to_le_bytes());
    body.extend(frame.seq.0.to_le_bytes());
    body.extend(frame.ack.0.to_le_bytes());
    body.extend(frame.payload);
    body.extend(crc32(&body).to_le_bytes());
    body
}

/// Payloads that are hard on COBS, of every length there is.
fn payloads() -> impl Iterator<Item = Vec<u8>> {
    let mut numbers = Numbers::new(3);
    (0..=PAYLOAD_MAX).map(move |len| {
        let zeros = numbers.pick(&[0, 0, 1, 10, 100]);
        (0..len).map(|_| if numbers.percent(zeros) { 0 } else { numbers.byte().max(1) }).collect()
    })
}

#[test]
fn every_length_of_payload() {
    for payload in payloads() {
        for kind in KINDS {
            let frame = frame(kind, &payload);
            let wire = wire(&frame);
            assert!(wire.len() <= FRAME_MAX);
            assert!(!wire[..wire.len() - 1].contains(&0), "zero within a frame");
            read(&wire, |read| assert_eq!(read, Ok(frame)));
            // An encoder may end in an empty run or not where the last is full: both are read alike.
            read(&stuffed(&body(&frame)), |read| assert_eq!(read, Ok(frame)));
        }
    }
}

#[test]
fn a_payload_that_is_too_long() {
    let payload = [7; PAYLOAD_MAX + 1];
    let frame = frame(Kind::Message, &payload);
    assert_eq!(frame.emit(&mut [0; FRAME_MAX]), Err(Malformed::Short));
    assert_eq!(Frame::parse(&body(&frame)), Err(Malformed::Range(Field::Payload)));
    read(&stuffed(&body(&frame)), |read| {
        read.unwrap_err();
    });
    assert_eq!(body(&frame).len(), BODY_MAX + 1);
}

#[test]
fn kinds_that_are_none() {
    for kind in 0..=255 {
        let mut body = body(&frame(Kind::Hello, &[]));
        body.truncate(body.len() - 4);
        body[0] = kind;
        body.extend(crc32(&body).to_le_bytes());
        match Frame::parse(&body) {
            Ok(frame) => assert_eq!(frame.kind as u8, kind),
            Err(error) => {
                assert!(!(1..=4).contains(&kind));
                assert_eq!(error, Malformed::Unknown(Field::FrameKind, kind));
            }
        }
    }
}

/// Short, with many zeros, and the longest.
fn samples() -> [Vec<u8>; 4] {
    let mut numbers = Numbers::new(4);
    [vec![], vec![0; 20], (0..60).collect(), (0..PAYLOAD_MAX).map(|_| numbers.byte()).collect()]
}

#[test]
fn every_truncation_at_either_end() {
    for payload in samples() {
        let wire = wire(&frame(Kind::Message, &payload));
        for len in 1..wire.len() - 1 {
            let cut = [&wire[..len], &[0]].concat();
            read(&cut, |read| read.map(|_| ()).unwrap_err());
            read(&wire[len..], |read| read.map(|_| ()).unwrap_err());
        }
    }
}

#[test]
fn a_body_too_short_for_its_header() {
    for len in 0..9 {
        let mut body = vec![1; len];
        body.extend(crc32(&body).to_le_bytes());
        assert_eq!(Frame::parse(&body), Err(Malformed::Short));
        assert_eq!(Frame::parse(&body[..len.min(3)]), Err(Malformed::Short));
    }
}

#[test]
fn every_flipped_bit_on_the_line() {
    for payload in samples() {
        let whole = frame(Kind::State, &payload);
        let behind = frame(Kind::Message, b"behind");
        let sent = [wire(&whole), wire(&behind)].concat();
        let first = wire(&whole).len();
        for bit in 0..first * 8 {
            let mut sent = sent.clone();
            sent[bit / 8] ^= 1 << (bit % 8);
            let (mut decoder, mut rest) = (Decoder::new(), sent.as_slice());
            let mut read = 0;
            while let Some(frame) = decoder.next(&mut rest) {
                if let Ok(frame) = frame {
                    assert_eq!(frame, behind, "bit {bit}");
                    read += 1;
                }
            }
            // Where the delimiter is hit the next frame is lost with it.
            assert_eq!(read, u32::from(bit / 8 != first - 1), "bit {bit}");
        }
    }
}
