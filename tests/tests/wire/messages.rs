//! What link frames carry: hello, welcome, the messages both ways, the state.

use expect_test::{Expect, expect};
use rackflash_core::wire::message::{
    BLOCK_LEN, BUSES_MAX, Bus, BusInfo, Cause, Hello, Here, LANES_MAX, Lane, List, PROTOCOL,
    RESULT_LEN_MAX, SLOTS_MAX, SlotInfo, State, ToBase, ToHost, Welcome, is_watched,
};
use rackflash_core::wire::op::{Level, Op};
use rackflash_core::wire::version::Version;
use rackflash_core::wire::{Field, Malformed};

use crate::{emitted, golden, refuses_truncations};

/// `head` is how many bytes the message has before those that may be any number.
fn to_base(message: ToBase<'_>, head: usize, expect: Expect) {
    let bytes = emitted(|bytes| message.emit(bytes));
    golden(&message, &bytes, ToBase::parse(&bytes), &expect);
    refuses_truncations(&bytes, head, |bytes| ToBase::parse(bytes).map(|_| ()));
    for room in 0..bytes.len() {
        assert_eq!(message.emit(&mut vec![0; room]), Err(Malformed::Short));
    }
}

fn to_host(message: ToHost<'_>, head: usize, expect: Expect) {
    let bytes = emitted(|bytes| message.emit(bytes));
    golden(&message, &bytes, ToHost::parse(&bytes), &expect);
    refuses_truncations(&bytes, head, |bytes| ToHost::parse(bytes).map(|_| ()));
    for room in 0..bytes.len() {
        assert_eq!(message.emit(&mut vec![0; room]), Err(Malformed::Short));
    }
}

#[test]
fn hello() {
    let hello = Hello { protocol: 0x0102 };
    golden(
        &hello,
        &hello.emit(),
        Hello::parse(&hello.emit()),
        &expect![[r#"
        protocol 1.2
        0201
    "#]],
    );
    refuses_truncations(&hello.emit(), 2, Hello::parse);
    assert_eq!(Hello::parse(&[2, 1, 0xff]), Ok(hello), "a later version may say more");
    assert_eq!(PROTOCOL, 0x0101);
}

fn welcome() -> Welcome {
    Welcome {
        protocol: 0x0100,
        boot: 0x1122_3344,
        firmware: Version { major: 1, minor: 2, patch: 0x0304 },
        blocks: 0x0506,
        lanes: 40,
        busy: 2,
        name: *b"Rack base\0\0\0\0\0\0\0",
        buses: List::of([
            BusInfo { clock_hz: 1_000_000, first: 0x10, last: 0x2f },
            BusInfo { clock_hz: 400_000, first: 8, last: 0x77 },
        ]),
        slots: List::of([
            SlotInfo { bus: Bus(0), address: 0x10 },
            SlotInfo { bus: Bus(1), address: 0x08 },
            SlotInfo { bus: Bus(0), address: 0x11 },
        ]),
    }
}

#[test]
fn welcome_with_buses_and_slots() {
    let bytes = emitted(|bytes| welcome().emit(bytes));
    golden(
        &welcome(),
        &bytes,
        Welcome::parse(&bytes),
        &expect![[r#"
        protocol 1.0 boot=11223344 firmware 1.2.772 1286 blocks, 40 lanes, 2 busy, "Rack base", buses [1000000 Hz 0x10 to 0x2f; 400000 Hz 0x08 to 0x77], slots [bus 0 0x10; bus 1 0x08; bus 0 0x11]
        00014433 22110102 04030605 28025261 636b2062 61736500 00000000 00000240
        420f0010 2f801a06 00087703 00100108 0011
    "#]],
    );
    refuses_truncations(&bytes, bytes.len(), Welcome::parse);
    for room in 0..bytes.len() {
        assert_eq!(welcome().emit(&mut vec![0; room]), Err(Malformed::Short));
    }
    let more = [bytes.as_slice(), &[1, 2, 3]].concat();
    assert_eq!(Welcome::parse(&more), Ok(welcome()), "a later version may say more");
    assert_eq!(Welcome::protocol(&[7, 9]), Ok(0x0907));
    assert_eq!(Welcome::protocol(&[7]), Err(Malformed::Short));
}

#[test]
fn welcome_with_nothing() {
    let nothing =
        Welcome { name: [0xff; 16], buses: List::new(), slots: List::default(), ..welcome() };
    let bytes = emitted(|bytes| nothing.emit(bytes));
    golden(
        &nothing,
        &bytes,
        Welcome::parse(&bytes),
        &expect![[r#"
        protocol 1.0 boot=11223344 firmware 1.2.772 1286 blocks, 40 lanes, 2 busy, "?", buses [], slots []
        00014433 22110102 04030605 2802ffff ffffffff ffffffff ffffffff ffff0000
    "#]],
    );
}

#[test]
fn welcome_with_more_than_there_may_be() {
    let full = Welcome {
        buses: List::of([BusInfo::default(); BUSES_MAX]),
        slots: List::of([SlotInfo::default(); SLOTS_MAX]),
        ..welcome()
    };
    let bytes = emitted(|bytes| full.emit(bytes));
    assert_eq!(Welcome::parse(&bytes), Ok(full));
    let (buses_at, slots_at) = (30, 31 + 6 * BUSES_MAX);
    for (at, value) in [(buses_at, BUSES_MAX + 1), (slots_at, SLOTS_MAX + 1)] {
        let mut more = [bytes.as_slice(), &[0; 200]].concat();
        assert_eq!(usize::from(more[at]), value - 1);
        more[at] = value as u8;
        assert_eq!(Welcome::parse(&more), Err(Malformed::Range(Field::List)));
    }
    let mut more = bytes.clone();
    more[12] = LANES_MAX + 1;
    assert_eq!(Welcome::parse(&more), Err(Malformed::Range(Field::Lanes)));
    let lanes = Welcome { lanes: LANES_MAX + 1, ..full };
    assert_eq!(lanes.emit(&mut more), Err(Malformed::Range(Field::Lanes)));
}

#[test]
fn a_list_takes_what_fits() {
    let mut list = List::<u8, 3>::of(0..9);
    assert_eq!(*list, [0, 1, 2]);
    assert_eq!(list.push(3), Err(Malformed::Range(Field::List)));
    assert_eq!(list, List::of([0, 1, 2]));
}

#[test]
fn open() {
    to_base(
        ToBase::Open { lane: Lane(3), bus: Bus(1) },
        3,
        expect![[r#"
        Open L3 bus 1
        010301
    "#]],
    );
}

#[test]
fn submit() {
    let mut ops = vec![0; 64];
    let mut len = Op::Clock { hz: 400_000 }.emit(&mut ops).unwrap();
    len += Op::Pin { pin: 4, level: Level::High }.emit(&mut ops[len..]).unwrap();
    let message = ToBase::Submit { lane: Lane(39), first: 0x0102_0304, ops: &ops[..len] };
    to_base(
        message,
        6,
        expect![[r#"
        Submit L39 first=16909060 [clock 400000 Hz; pin 4 High]
        02270403 02010180 1a060006 0401
    "#]],
    );
}

#[test]
fn submit_of_nothing() {
    to_base(
        ToBase::Submit { lane: Lane(0), first: 0, ops: &[] },
        6,
        expect![[r#"
        Submit L0 first=0 []
        02000000 0000
    "#]],
    );
}

#[test]
fn submit_of_what_no_base_can_read() {
    to_base(
        ToBase::Submit { lane: Lane(0), first: 0, ops: &[6, 1, 2, 99] },
        6,
        expect![[r#"
        Submit L0 first=0 [pin 1 Released; unknown operation 0x63]
        02000000 00000601 0263
    "#]],
    );
}

#[test]
fn submit_of_more_than_a_block() {
    let ops = [7; BLOCK_LEN + 1];
    let bytes = [&[2, 0, 0, 0, 0, 0], ops.as_slice()].concat();
    assert_eq!(ToBase::parse(&bytes), Err(Malformed::Range(Field::Ops)));
    let more = ToBase::Submit { lane: Lane(0), first: 0, ops: &ops };
    assert_eq!(more.emit(&mut [0; 2048]), Err(Malformed::Range(Field::Ops)));
    let most = ToBase::Submit { lane: Lane(0), first: 0, ops: &ops[1..] };
    assert_eq!(ToBase::parse(&bytes[..bytes.len() - 1]), Ok(most));
}

#[test]
fn abort() {
    to_base(
        ToBase::Abort { lane: Lane(17) },
        2,
        expect![[r#"
        Abort L17
        0311
    "#]],
    );
}

#[test]
fn watch() {
    let mut addresses = [0; 16];
    for address in [0x10, 0x11, 0x2f, 0x61, 0x77] {
        addresses[address / 8] |= 1 << (address % 8);
    }
    to_base(
        ToBase::Watch { bus: Bus(2), addresses },
        18,
        expect![[r#"
        Watch bus 2 0x10 0x11 0x2f 0x61 0x77
        04020000 03000080 00000000 00000200 8000
    "#]],
    );
    let watched = (0..=255).filter(|address| is_watched(&addresses, *address));
    assert!(watched.eq([0x10, 0x11, 0x2f, 0x61, 0x77]));
}

#[test]
fn watch_of_nobody() {
    to_base(
        ToBase::Watch { bus: Bus(0), addresses: [0; 16] },
        18,
        expect![[r#"
        Watch bus 0
        04000000 00000000 00000000 00000000 0000
    "#]],
    );
}

#[test]
fn result() {
    to_host(
        ToHost::Result { lane: Lane(2), op: 0x0a0b_0c0d, data: &[1, 2, 3] },
        6,
        expect![[r#"
            Result L2 op=168496141 010203
            81020d0c 0b0a0102 03
        "#]],
    );
}

#[test]
fn result_that_is_long() {
    to_host(
        ToHost::Result { lane: Lane(2), op: 1, data: &[0xab; 17] },
        6,
        expect![[r#"
        Result L2 op=1 abababababababababababababababab… (17 bytes)
        81020100 0000abab abababab abababab abababab ababab
    "#]],
    );
    let most = [0x11; RESULT_LEN_MAX];
    let bytes = emitted(|bytes| ToHost::Result { lane: Lane(0), op: 0, data: &most }.emit(bytes));
    assert!(ToHost::parse(&bytes).is_ok());
    let more = [bytes.as_slice(), &[0]].concat();
    assert_eq!(ToHost::parse(&more), Err(Malformed::Range(Field::Data)));
    let (lane, op, data) = (Lane(0), 0, [0; RESULT_LEN_MAX + 1].as_slice());
    for more in [
        ToHost::Result { lane, op, data },
        ToHost::Halted { lane, op, cause: Cause::Timeout, data },
    ] {
        assert_eq!(more.emit(&mut [0; 2048]), Err(Malformed::Range(Field::Data)));
    }
}

#[test]
fn halted_for_every_cause() {
    let causes = [
        Cause::NoAnswer,
        Cause::NoAck,
        Cause::Arbitration,
        Cause::BusStuck,
        Cause::BadCheck,
        Cause::Unexpected,
        Cause::Timeout,
        Cause::BadOperation,
        Cause::Aborted,
    ];
    for (code, cause) in (1..).zip(causes) {
        let halted = ToHost::Halted { lane: Lane(1), op: 9, cause, data: &[] };
        let bytes = emitted(|bytes| halted.emit(bytes));
        assert_eq!(bytes, [0x82, 1, 9, 0, 0, 0, code]);
        assert_eq!(ToHost::parse(&bytes), Ok(halted));
    }
    for code in [0, 10, 255] {
        let bytes = [0x82, 1, 9, 0, 0, 0, code];
        assert_eq!(ToHost::parse(&bytes), Err(Malformed::Unknown(Field::Cause, code)));
    }
}

#[test]
fn halted_with_what_was_read() {
    let halted =
        ToHost::Halted { lane: Lane(1), op: 258, cause: Cause::Unexpected, data: &[0x81, 5] };
    to_host(
        halted,
        7,
        expect![[r#"
        Halted L1 op=258 Unexpected 8105
        82010201 00000681 05
    "#]],
    );
}

#[test]
fn presence() {
    let here = ToHost::Presence { bus: Bus(0), address: 0x2a, here: Here::Yes };
    to_host(
        here,
        4,
        expect![[r#"
        Presence bus 0 0x2a Yes
        83002a01
    "#]],
    );
    let gone = ToHost::Presence { bus: Bus(3), address: 0x61, here: Here::No };
    to_host(
        gone,
        4,
        expect![[r#"
        Presence bus 3 0x61 No
        83036100
    "#]],
    );
    let held = ToHost::Presence { bus: Bus(1), address: 0x10, here: Here::Held };
    to_host(
        held,
        4,
        expect![[r#"
        Presence bus 1 0x10 Held
        83011002
    "#]],
    );
    assert_eq!(ToHost::parse(&[0x83, 0, 0x2a, 3]), Err(Malformed::Unknown(Field::Presence, 3)));
}

#[test]
fn errors() {
    let errors =
        ToHost::Errors { bus: Bus(1), address: 0x2a, count: 0x0102_0304, cause: Cause::BadCheck };
    to_host(
        errors,
        8,
        expect![[r#"
        Errors bus 1 0x2a 16909060, last BadCheck
        84012a04 03020105
    "#]],
    );
    let unknown = [0x84, 1, 0x2a, 4, 3, 2, 1, 10];
    assert_eq!(ToHost::parse(&unknown), Err(Malformed::Unknown(Field::Cause, 10)));
}

#[test]
fn bytes_behind_the_end() {
    for bytes in [vec![1, 0, 0, 9], vec![3, 0, 9], [&[4; 18], [9].as_slice()].concat()] {
        assert_eq!(ToBase::parse(&bytes), Err(Malformed::Trailing));
    }
    assert_eq!(ToHost::parse(&[0x83, 0, 0x2a, 1, 9]), Err(Malformed::Trailing));
    assert_eq!(ToHost::parse(&[0x84, 0, 0x2a, 1, 0, 0, 0, 5, 9]), Err(Malformed::Trailing));
}

#[test]
fn codes_that_are_none() {
    for code in 0..=255 {
        let long = [[code].as_slice(), &[0; 17]].concat();
        if !matches!(code, 1..=4) {
            assert_eq!(ToBase::parse(&long), Err(Malformed::Unknown(Field::Message, code)));
        }
        if !matches!(code, 0x81..=0x84) {
            assert_eq!(ToHost::parse(&long), Err(Malformed::Unknown(Field::Message, code)));
        }
    }
    assert_eq!(ToBase::parse(&[]), Err(Malformed::Short));
    assert_eq!(ToHost::parse(&[]), Err(Malformed::Short));
}

#[test]
fn state() {
    let state = State { freed: 0x0102_0304, done: List::of([(0, 5), (39, 0x0a0b_0c0d)]) };
    let bytes = emitted(|bytes| state.emit(bytes));
    golden(
        &state,
        &bytes,
        State::parse(&bytes),
        &expect![[r#"
        State freed=16909060 L0:5 L39:168496141
        04030201 00050000 00270d0c 0b0a
    "#]],
    );
    for len in 0..bytes.len() {
        let whole_lanes = len >= 4 && (len - 4).is_multiple_of(5);
        assert_eq!(State::parse(&bytes[..len]).is_ok(), whole_lanes, "{len} bytes");
    }
}

#[test]
fn state_without_lanes_and_with_too_many() {
    let state = State::default();
    let bytes = emitted(|bytes| state.emit(bytes));
    golden(
        &state,
        &bytes,
        State::parse(&bytes),
        &expect![[r#"
        State freed=0
        00000000
    "#]],
    );
    let lanes = |lanes: u8| (0..lanes).flat_map(|lane| [lane, 0, 0, 0, 0]);
    let full: Vec<u8> = [0; 4].into_iter().chain(lanes(LANES_MAX)).collect();
    assert_eq!(State::parse(&full).unwrap().done.len(), usize::from(LANES_MAX));
    let more: Vec<u8> = [0; 4].into_iter().chain(lanes(LANES_MAX + 1)).collect();
    assert_eq!(State::parse(&more), Err(Malformed::Range(Field::List)));
}
