//! Operations: each alone, many in a block, and what a block may hold that no base can do.

use expect_test::{Expect, expect};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::message::RESULT_LEN_MAX;
use rackflash_core::wire::op::{
    CLOCK_MIN_HZ, Check, Level, Op, Ops, POLL_LEN_MAX, POLL_TIMEOUT_MAX_MS, Pattern, WAIT_MAX_US,
};
use rackflash_core::wire::{Field, Malformed};

use crate::{emitted, golden, refuses_truncations};

const TO: Address = Address::new(0x2a).unwrap();

fn check(op: Op<'_>, expect: Expect) {
    let bytes = emitted(|bytes| op.emit(bytes));
    golden(&op, &bytes, Op::parse(&bytes).map(|(op, _)| op), &expect);
    refuses_truncations(&bytes, bytes.len(), |bytes| Op::parse(bytes).map(|_| ()));
    for room in 0..bytes.len() {
        assert_eq!(op.emit(&mut vec![0; room]), Err(Malformed::Short));
    }
    let more = [bytes.as_slice(), &[1, 2, 3]].concat();
    assert_eq!(Op::parse(&more), Ok((op, [1, 2, 3].as_slice())), "it ends where it ends");
}

/// What is made of bytes that are no operation.
fn refused(bytes: &[u8]) -> Malformed {
    Op::parse(bytes).unwrap_err()
}

/// What is made of an operation that no base could read.
fn unwritable(op: Op<'_>) -> Malformed {
    op.emit(&mut [0; 2048]).unwrap_err()
}

#[test]
fn clock() {
    check(
        Op::Clock { hz: 1_000_000 },
        expect![[r#"
        clock 1000000 Hz
        0140420f 00
    "#]],
    );
    let slow = CLOCK_MIN_HZ - 1;
    let [a, b, c, d] = slow.to_le_bytes();
    assert_eq!(refused(&[1, a, b, c, d]), Malformed::Range(Field::Clock));
    assert_eq!(unwritable(Op::Clock { hz: slow }), Malformed::Range(Field::Clock));
}

#[test]
fn write() {
    check(
        Op::Write { to: TO, bytes: &[1, 2, 3] },
        expect![[r#"
        write 0x2a 010203
        022a0300 010203
    "#]],
    );
    check(
        Op::Write { to: TO, bytes: &[] },
        expect![[r#"
        write 0x2a 
        022a0000
    "#]],
    );
    check(
        Op::Write { to: TO, bytes: &[0xc3; 139] },
        expect![[r#"
        write 0x2a c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3… (139 bytes)
        022a8b00 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3
        c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3
        c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3
        c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3c3
        c3c3c3c3 c3c3c3c3 c3c3c3c3 c3c3c3
    "#]],
    );
    assert_eq!(
        unwritable(Op::Write { to: TO, bytes: &[0; 0x1_0000] }),
        Malformed::Range(Field::Len)
    );
}

#[test]
fn read() {
    check(
        Op::Read { from: TO, check: Check::None, len: 1 },
        expect![[r#"
        read 0x2a 1 bytes None
        032a0001 00
    "#]],
    );
    check(
        Op::Read { from: TO, check: Check::Pec, len: 288 },
        expect![[r#"
        read 0x2a 288 bytes Pec
        032a0120 01
    "#]],
    );
}

#[test]
fn a_read_of_nothing_or_of_too_much() {
    for len in [0, RESULT_LEN_MAX as u16 + 1, u16::MAX] {
        let [low, high] = len.to_le_bytes();
        assert_eq!(refused(&[3, 0x2a, 0, low, high]), Malformed::Range(Field::Len));
        let read = Op::Read { from: TO, check: Check::None, len };
        assert_eq!(unwritable(read), Malformed::Range(Field::Len));
    }
    assert_eq!(refused(&[3, 0x2a, 2, 1, 0]), Malformed::Unknown(Field::Check, 2));
}

fn poll(until: Pattern, expect: Pattern) -> Op<'static> {
    let (every_us, timeout_ms) = (500, 60_000);
    Op::Poll { from: TO, check: Check::Pec, until, expect, every_us, timeout_ms }
}

#[test]
fn poll_for_a_status() {
    let until = Pattern::any(8).with(0, 0x80, 0).with(1, 0xff, 7);
    check(
        poll(until, until.with(2, 0xff, 0)),
        expect![[r#"
        poll 0x2a until [0]&80=00 [1]=07 expect [0]&80=00 [1]=07 [2]=00 every 500 us for 60000 ms
        042a01f4 01000060 ea0880ff 00000000 00000007 00000000 000080ff ff000000
        00000007 00000000 0000
    "#]],
    );
}

#[test]
fn poll_for_anything() {
    let any = Pattern::any(1);
    check(
        Op::Poll {
            from: TO,
            check: Check::None,
            until: any,
            expect: any,
            every_us: 0,
            timeout_ms: 0,
        },
        expect![[r#"
            poll 0x2a until any expect any every 0 us for 0 ms
            042a0000 00000000 00010000 0000
        "#]],
    );
}

#[test]
fn a_poll_out_of_range() {
    let bytes = emitted(|bytes| poll(Pattern::any(8), Pattern::any(8)).emit(bytes));
    let with = |at: usize, value: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        bytes.extend([0; 64]);
        Op::parse(&bytes).map(|_| ())
    };
    assert_eq!(with(7, &POLL_TIMEOUT_MAX_MS.to_le_bytes()), Ok(()));
    assert_eq!(
        with(7, &(POLL_TIMEOUT_MAX_MS + 1).to_le_bytes()),
        Err(Malformed::Range(Field::Poll))
    );
    assert_eq!(with(9, &[0]), Err(Malformed::Range(Field::Poll)));
    assert_eq!(with(9, &[POLL_LEN_MAX as u8 + 1]), Err(Malformed::Range(Field::Poll)));
    assert_eq!(with(2, &[9]), Err(Malformed::Unknown(Field::Check, 9)));
    // A value with a bit that the mask does not look at could never match.
    assert_eq!(with(18, &[1]), Err(Malformed::Range(Field::Pattern)));
    assert_eq!(with(34, &[1]), Err(Malformed::Range(Field::Pattern)));

    let op = |until, expect, timeout_ms| Op::Poll {
        from: TO,
        check: Check::None,
        until,
        expect,
        every_us: 1,
        timeout_ms,
    };
    let (none, any, long) = (Pattern::any(0), Pattern::any(8), Pattern::any(POLL_LEN_MAX + 1));
    assert_eq!(unwritable(op(none, none, 1)), Malformed::Range(Field::Poll));
    assert_eq!(unwritable(op(long, long, 1)), Malformed::Range(Field::Poll));
    assert_eq!(unwritable(op(any, Pattern::any(7), 1)), Malformed::Range(Field::Poll));
    assert_eq!(unwritable(op(any, any, POLL_TIMEOUT_MAX_MS + 1)), Malformed::Range(Field::Poll));
}

#[test]
fn patterns_match_the_bits_they_name() {
    let pattern = Pattern::any(3).with(0, 0x80, 0).with(2, 0xff, 7).with(0, 0x0f, 5);
    assert!(pattern.matches(&[0x75, 0xee, 7]));
    assert!(pattern.matches(&[0x05, 0x00, 7, 99]), "more was read than it looks at");
    for wrong in [[0xf5, 0, 7], [0x04, 0, 7], [0x05, 0, 6], [0x0d, 0, 7]] {
        assert!(!pattern.matches(&wrong), "{wrong:02x?}");
    }
    assert!(!pattern.matches(&[5, 0]), "too little was read");
    assert!(pattern.with(0, 0x0f, 6).matches(&[6, 0, 7]), "said anew");
    assert_eq!((pattern.len(), pattern.is_empty()), (3, false));
    assert!(Pattern::any(0).is_empty() && Pattern::any(0).matches(&[]));
    assert_eq!(pattern.with(3, 0xff, 1), pattern, "it does not look there");
    assert_eq!(pattern.with(8, 0xff, 1), pattern);
    let long = Pattern::any(POLL_LEN_MAX + 1);
    assert_eq!(long.with(POLL_LEN_MAX, 0xff, 1), long, "nobody can ask for so many");
    expect!["[0]&8f=05 [2]=07"].assert_eq(&format!("{pattern}"));
    expect!["any"].assert_eq(&format!("{}", Pattern::any(8)));
}

#[test]
fn resume() {
    check(
        Op::Resume { byte: 4, first: 0xfe },
        expect![[r#"
        resume at [4]-fe
        0804fe
    "#]],
    );
    assert_eq!(unwritable(Op::Resume { byte: 8, first: 0 }), Malformed::Range(Field::Attempt));
}

#[test]
fn attempt() {
    check(
        Op::Attempt { ops: 9, tries: 12 },
        expect![[r#"
        attempt 9 operations 12 times
        05090c
    "#]],
    );
    assert_eq!(refused(&[5, 0, 1]), Malformed::Range(Field::Attempt));
    assert_eq!(refused(&[5, 1, 0]), Malformed::Range(Field::Attempt));
    assert_eq!(unwritable(Op::Attempt { ops: 0, tries: 1 }), Malformed::Range(Field::Attempt));
    assert_eq!(unwritable(Op::Attempt { ops: 1, tries: 0 }), Malformed::Range(Field::Attempt));
}

#[test]
fn pin() {
    check(
        Op::Pin { pin: 3, level: Level::Low },
        expect![[r#"
        pin 3 Low
        060300
    "#]],
    );
    check(
        Op::Pin { pin: 3, level: Level::High },
        expect![[r#"
        pin 3 High
        060301
    "#]],
    );
    check(
        Op::Pin { pin: 255, level: Level::Released },
        expect![[r#"
        pin 255 Released
        06ff02
    "#]],
    );
    assert_eq!(refused(&[6, 3, 3]), Malformed::Unknown(Field::Level, 3));
}

#[test]
fn wait() {
    check(
        Op::Wait { micros: WAIT_MAX_US },
        expect![[r#"
        wait 10000000 us
        07809698 00
    "#]],
    );
    let [a, b, c, d] = (WAIT_MAX_US + 1).to_le_bytes();
    assert_eq!(refused(&[7, a, b, c, d]), Malformed::Range(Field::Wait));
    assert_eq!(unwritable(Op::Wait { micros: WAIT_MAX_US + 1 }), Malformed::Range(Field::Wait));
}

#[test]
fn addresses_that_i2c_reserves() {
    for code in [2, 3, 4] {
        for address in (0..0x08).chain(0x78..=0xff) {
            let long = [[code, address].as_slice(), &[1; 64]].concat();
            assert_eq!(refused(&long), Malformed::Range(Field::Address));
        }
    }
}

#[test]
fn codes_that_are_none() {
    for code in (9..=255).chain([0]) {
        assert_eq!(refused(&[code]), Malformed::Unknown(Field::Operation, code));
    }
    assert_eq!(refused(&[]), Malformed::Short);
}

#[test]
fn a_block_in_words() {
    let ops = [Op::Clock { hz: 400_000 }, Op::Wait { micros: 7 }, Op::Attempt { ops: 2, tries: 3 }];
    let mut block = Vec::new();
    for op in ops {
        block.extend(emitted(|bytes| op.emit(bytes)));
    }
    assert!(Ops(&block).eq(ops.map(Ok)));
    expect!["[clock 400000 Hz; wait 7 us; attempt 2 operations 3 times]"]
        .assert_eq(&Ops(&block).to_string());
    block.extend([7, 1]);
    assert_eq!(Ops(&block).last(), Some(Err(Malformed::Short)));
    expect!["[clock 400000 Hz; wait 7 us; attempt 2 operations 3 times; too short]"]
        .assert_eq(&Ops(&block).to_string());
    expect!["[unknown operation 0x63]"].assert_eq(&Ops(&[99, 1, 2]).to_string());
    expect![["[]"]].assert_eq(&Ops(&[]).to_string());
}
