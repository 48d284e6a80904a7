//! What a module says: its status, and behind it the response to the last request.

use expect_test::{Expect, expect};
use rackflash_core::wire::check::{Address, pec_from};
use rackflash_core::wire::module::{
    BUSY_BIT, Busy, DATA_LEN_MAX, Outcome, RESPONSE_OVERHEAD, Room, STATUS_LEN, Session, State,
    Status, Tag, emit_response, parse_response,
};
use rackflash_core::wire::{Field, Malformed};

use crate::{emitted, golden, refuses_flips};

const TO: Address = Address::new(0x10).unwrap();

const STATUS: Status = Status {
    state: State::Receiving,
    busy: Busy::Yes,
    tag: Tag(7),
    outcome: Outcome::FlashWorn,
    room: Room(0x3f),
    received: 0x0102,
    session: Session(0xa5),
};

fn check_status(status: Status, expect: Expect) {
    let bytes = status.emit(TO);
    golden(&status, &bytes, Status::parse(TO, &bytes), &expect);
    assert_eq!(bytes[STATUS_LEN - 1], pec_from(TO, &bytes[..STATUS_LEN - 1]));
    refuses_flips(&bytes, |bytes| Status::parse(TO, bytes));
    for len in 0..bytes.len() {
        assert_eq!(Status::parse(TO, &bytes[..len]), Err(Malformed::Short));
    }
    for other in (0x08..0x78).filter_map(Address::new).filter(|other| *other != TO) {
        assert_eq!(Status::parse(other, &bytes), Err(Malformed::Crc), "read from {other}");
    }
}

#[test]
fn status_while_busy() {
    check_status(
        STATUS,
        expect![[r#"
        Receiving busy tag=7 FlashWorn room=0x3f received=258
        8207083f 0201a542
    "#]],
    );
}

#[test]
fn status_of_an_application() {
    let status = Status {
        state: State::Application,
        busy: Busy::No,
        tag: Tag(0),
        outcome: Outcome::Done,
        room: Room(0),
        received: 0,
        session: Session(0),
    };
    check_status(
        status,
        expect![[r#"
        Application tag=0 Done room=0x00 received=0
        00000000 0000007d
    "#]],
    );
}

#[test]
fn every_state_and_outcome() {
    let states =
        [State::Application, State::Loader, State::Receiving, State::Committed, State::Failed];
    for (code, state) in (0..).zip(states) {
        for busy in [Busy::No, Busy::Yes] {
            let bytes = Status { state, busy, ..STATUS }.emit(TO);
            assert_eq!(bytes[0], code | if busy == Busy::Yes { BUSY_BIT } else { 0 });
            assert_eq!(Status::parse(TO, &bytes), Ok(Status { state, busy, ..STATUS }));
        }
    }
    for code in 0..=255 {
        let mut bytes = STATUS.emit(TO);
        bytes[2] = code;
        bytes[7] = pec_from(TO, &bytes[..7]);
        let outcome = Outcome::parse(code);
        assert_eq!(Status::parse(TO, &bytes).map(|status| status.outcome), outcome);
        assert_eq!(outcome.map(|outcome| outcome as u8).ok(), (code <= 10).then_some(code));

        let mut bytes = STATUS.emit(TO);
        bytes[0] = code;
        bytes[7] = pec_from(TO, &bytes[..7]);
        let state = code & 0x7f;
        let unknown = (state > 4).then_some(Malformed::Unknown(Field::State, state));
        assert_eq!(Status::parse(TO, &bytes).err(), unknown);
    }
}

#[test]
fn room_in_powers_of_two() {
    for frames in 0..=300 {
        for bit in 0..8 {
            let says = Room::of(frames).0 >> bit & 1 == 1;
            assert_eq!(says, frames >= 1 << bit, "room for {frames}, bit {bit}");
        }
    }
}

/// A response as one line: the status, then the payload.
fn response(payload: &[u8], expect: Expect) {
    let read = emitted(|read| emit_response(TO, &STATUS, payload, read));
    expect.assert_eq(&rackflash_tests::hex::dump(&read));
    assert_eq!(parse_response(TO, &read), Ok((STATUS, payload)));
    assert_eq!(read.len(), payload.len() + RESPONSE_OVERHEAD);
    // The last byte is for the base, which checks the whole read with it.
    let (pec, covered) = read.split_last().unwrap();
    assert_eq!(*pec, pec_from(TO, covered));
    refuses_flips(covered, |read| parse_response(TO, read).map(|_| ()));
    refuses_flips(&read, |read| match read.split_last() {
        Some((pec, covered)) if pec_from(TO, covered) == *pec => {
            parse_response(TO, read).map(|_| ())
        }
        _ => Err(Malformed::Crc),
    });
    for len in 0..covered.len() {
        parse_response(TO, &read[..len]).unwrap_err();
    }
    for len in 0..read.len() {
        assert_eq!(emit_response(TO, &STATUS, payload, &mut vec![0; len]), Err(Malformed::Short));
    }
}

#[test]
fn a_response() {
    response(
        &[1, 2, 3, 4],
        expect![[r#"
        8207083f 0201a542 04000102 030464c7 2bbd6c
    "#]],
    );
}

#[test]
fn a_response_without_payload() {
    response(
        &[],
        expect![[r#"
        8207083f 0201a542 0000ff12 d94162
    "#]],
    );
}

#[test]
fn the_longest_response() {
    response(
        &[0x77; DATA_LEN_MAX],
        expect![[r#"
        8207083f 0201a542 00017777 77777777 77777777 77777777 77777777 77777777
        77777777 77777777 77777777 77777777 77777777 77777777 77777777 77777777
        77777777 77777777 77777777 77777777 77777777 77777777 77777777 77777777
        77777777 77777777 77777777 77777777 77777777 77777777 77777777 77777777
        77777777 77777777 77777777 77777777 77777777 77777777 77777777 77777777
        77777777 77777777 77777777 77777777 77777777 77777777 77777777 77777777
        77777777 77777777 77777777 77777777 77777777 77777777 77777777 77777777
        77777777 77777777 77777777 77777777 77777777 77777777 77777777 77777777
        77777777 77777777 7777721b a6d365
    "#]],
    );
}

#[test]
fn a_response_that_says_it_is_longer_than_the_read() {
    let mut read = emitted(|read| emit_response(TO, &STATUS, &[0; 8], read));
    read[STATUS_LEN..STATUS_LEN + 2].copy_from_slice(&u16::MAX.to_le_bytes());
    assert_eq!(parse_response(TO, &read), Err(Malformed::Short));
    // A longer read than the response is no fault: nobody knows its length beforehand.
    let mut read = emitted(|read| emit_response(TO, &STATUS, &[1, 2], read));
    read.extend([0; 9]);
    assert_eq!(parse_response(TO, &read), Ok((STATUS, [1, 2].as_slice())));
}
