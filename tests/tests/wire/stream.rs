//! The decoder on a line: pieces, garbage, missing and spare delimiters, frames that never end.

use rackflash_core::wire::Malformed;
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Kind, PAYLOAD_MAX};
use rackflash_tests::numbers::Numbers;

use crate::frames::{frame, wire};

/// What comes out of a line: payloads, or why not.
fn read<'a>(
    decoder: &mut Decoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Result<Vec<u8>, Malformed>> {
    let mut read = Vec::new();
    for mut piece in pieces {
        while let Some(frame) = decoder.next(&mut piece) {
            read.push(frame.map(|frame| frame.payload.to_vec()));
        }
        assert!(piece.is_empty(), "what is not used up would be lost");
    }
    read
}

fn message(payload: &[u8]) -> Vec<u8> {
    wire(&frame(Kind::Message, payload))
}

#[test]
fn frames_in_any_pieces() {
    let mut numbers = Numbers::new(5);
    for _ in 0..200 {
        let payloads: Vec<_> = (0..5).map(|_| Ok(numbers.bytes(PAYLOAD_MAX))).collect();
        let mut sent = Vec::new();
        for payload in payloads.iter().flatten() {
            sent.extend(message(payload));
        }
        let len = numbers.pick(&[1, 2, 7, 64, 512, 4096]);
        let mut decoder = Decoder::default();
        assert_eq!(read(&mut decoder, sent.chunks(len)), payloads);
    }
}

#[test]
fn back_to_back_in_one_piece() {
    let sent = [message(b"one"), message(b"two"), message(b"three")].concat();
    let read = read(&mut Decoder::new(), [sent.as_slice()]);
    assert_eq!(read, [Ok(b"one".to_vec()), Ok(b"two".to_vec()), Ok(b"three".to_vec())]);
}

#[test]
fn spare_delimiters_are_no_frames() {
    let sent = [&[0, 0], message(b"one").as_slice(), &[0], &message(b"two"), &[0, 0, 0]].concat();
    let read = read(&mut Decoder::new(), sent.chunks(3));
    assert_eq!(read, [Ok(b"one".to_vec()), Ok(b"two".to_vec())]);
}

#[test]
fn a_delimiter_ends_the_garbage_before() {
    let sent = [b"U-Boot 2024.01\r\n", [0].as_slice(), &message(b"one")].concat();
    let read = read(&mut Decoder::new(), [sent.as_slice()]);
    assert_eq!(read, [Err(Malformed::Framing), Ok(b"one".to_vec())]);
}

#[test]
fn garbage_costs_the_frame_it_touches_and_no_other() {
    let mut numbers = Numbers::new(6);
    for _ in 0..300 {
        let garbage: Vec<u8> = (0..=numbers.index(3000)).map(|_| numbers.byte().max(1)).collect();
        let sent = [garbage, message(b"one"), message(b"two")].concat();
        let read = read(&mut Decoder::new(), sent.chunks(64));
        assert_eq!(read.len(), 2);
        assert!(read[0].is_err());
        assert_eq!(read[1], Ok(b"two".to_vec()));
    }
}

#[test]
fn a_missing_delimiter_costs_both_frames() {
    let one = message(b"one");
    let sent = [&one[..one.len() - 1], &message(b"two"), &message(b"three")].concat();
    let read = read(&mut Decoder::new(), sent.chunks(5));
    assert_eq!(read.len(), 2);
    assert!(read[0].is_err());
    assert_eq!(read[1], Ok(b"three".to_vec()));
}

#[test]
fn a_frame_that_never_ends() {
    for len in [FRAME_MAX, FRAME_MAX + 1, 2 * FRAME_MAX, 1 << 20] {
        let sent = [vec![0x55; len], vec![0], message(b"one")].concat();
        let read = read(&mut Decoder::new(), sent.chunks(1000));
        assert_eq!(read, [Err(Malformed::Framing), Ok(b"one".to_vec())], "{len} bytes");
    }
}

#[test]
fn the_longest_frame_behind_one_that_was_cut_off() {
    let long = message(&[9; PAYLOAD_MAX]);
    let sent = [&long[..700], &[0], long.as_slice()].concat();
    let read = read(&mut Decoder::new(), sent.chunks(100));
    assert_eq!(read, [Err(Malformed::Framing), Ok(vec![9; PAYLOAD_MAX])]);
}
