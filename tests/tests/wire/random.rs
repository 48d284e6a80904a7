//! Made-up values come back as they were; made-up bytes are refused or come back as they were, and nothing panics.

use rackflash_core::wire::check::Address;
use rackflash_core::wire::header::{Hardware, ImageHeader};
use rackflash_core::wire::identity::{
    Banks, Geometry, IDENTITY_LEN, Identity, Installed, Trial, Why,
};
use rackflash_core::wire::link::{Decoder, Frame, PAYLOAD_MAX, Seq, SessionId};
use rackflash_core::wire::message::{
    BUSES_MAX, Bus, BusInfo, Cause, Hello, Here, LANES_MAX, Lane, List, SLOTS_MAX, SlotInfo,
    State as LaneStates, ToBase, ToHost, Welcome,
};
use rackflash_core::wire::module::{
    Begin, Busy, Outcome, PageFrame, Request, Room, Session, State, Status, Tag, Uid,
    emit_response, parse_response,
};
use rackflash_core::wire::op::{Check, Level, Op, Ops, Pattern};
use rackflash_core::wire::version::Version;
use rackflash_tests::numbers::Numbers;

use crate::emitted;
use crate::frames::{KINDS, wire};

const VALUES: usize = 20_000;
const BYTES: usize = 300_000;

fn address(n: &mut Numbers) -> Address {
    Address::new(n.below(0x70) as u8 + 8).unwrap()
}

fn version(n: &mut Numbers) -> Version {
    Version::from_bytes(n.array())
}

fn pattern(n: &mut Numbers, len: usize) -> Pattern {
    (0..len).fold(Pattern::any(len), |pattern, at| {
        let mask = n.byte() & n.byte();
        pattern.with(at, mask, n.byte())
    })
}

fn op<'a>(n: &mut Numbers, bytes: &'a [u8]) -> Op<'a> {
    let (to, check) = (address(n), n.pick(&[Check::None, Check::Pec]));
    match n.below(8) {
        0 => Op::Clock { hz: n.u32().max(10_000) },
        1 => Op::Write { to, bytes },
        2 => Op::Read { from: to, check, len: n.below(288) as u16 + 1 },
        3 => {
            let len = n.index(8) + 1;
            Op::Poll {
                from: to,
                check,
                until: pattern(n, len),
                expect: pattern(n, len),
                every_us: n.u32(),
                timeout_ms: n.below(60_001) as u16,
            }
        }
        4 => Op::Attempt { ops: n.byte().max(1), tries: n.byte().max(1) },
        6 => Op::Resume { byte: n.below(8) as u8, first: n.byte() },
        5 => Op::Pin { pin: n.byte(), level: n.pick(&[Level::Low, Level::High, Level::Released]) },
        _ => Op::Wait { micros: n.below(10_000_001) as u32 },
    }
}

#[test]
fn operations() {
    let mut n = Numbers::new(10);
    for _ in 0..VALUES {
        let written: [Vec<u8>; 3] = core::array::from_fn(|_| n.bytes(300));
        let ops = written.each_ref().map(|bytes| op(&mut n, bytes));
        let mut block = Vec::new();
        for op in ops {
            block.extend(emitted(|bytes| op.emit(bytes)));
        }
        assert!(Ops(&block).eq(ops.map(Ok)), "{ops:?}");
    }
}

#[test]
fn messages() {
    let mut n = Numbers::new(11);
    for _ in 0..VALUES {
        let data = n.bytes(288);
        let (lane, bus) = (Lane(n.byte()), Bus(n.byte()));
        let message = match n.below(4) {
            0 => ToBase::Open { lane, bus },
            1 => ToBase::Submit { lane, first: n.u32(), ops: &data },
            2 => ToBase::Abort { lane },
            _ => ToBase::Watch { bus, addresses: n.array() },
        };
        let bytes = emitted(|bytes| message.emit(bytes));
        assert_eq!(ToBase::parse(&bytes), Ok(message));

        let message = match n.below(3) {
            0 => ToHost::Result { lane, op: n.u32(), data: &data },
            1 => {
                let cause = n.pick(&[Cause::NoAnswer, Cause::Timeout, Cause::Aborted]);
                ToHost::Halted { lane, op: n.u32(), cause, data: &data }
            }
            _ => ToHost::Presence { bus, address: n.byte(), here: n.pick(&[Here::No, Here::Yes]) },
        };
        let bytes = emitted(|bytes| message.emit(bytes));
        assert_eq!(ToHost::parse(&bytes), Ok(message));

        let lanes = n.index(usize::from(LANES_MAX) + 1);
        let done = List::of((0..lanes).map(|_| (n.byte(), n.u32())));
        let state = LaneStates { freed: n.u32(), done };
        let bytes = emitted(|bytes| state.emit(bytes));
        assert_eq!(LaneStates::parse(&bytes), Ok(state));
    }
}

#[test]
fn greetings() {
    let mut n = Numbers::new(12);
    for _ in 0..VALUES {
        let (buses, slots) = (n.index(BUSES_MAX + 1), n.index(SLOTS_MAX + 1));
        let welcome = Welcome {
            protocol: n.u16(),
            boot: n.u32(),
            firmware: version(&mut n),
            blocks: n.u16(),
            lanes: 5 + n.below(u64::from(LANES_MAX) - 4) as u8,
            busy: n.byte(),
            name: n.array(),
            buses: List::of((0..buses).map(|_| BusInfo {
                clock_hz: n.u32(),
                first: n.byte(),
                last: n.byte(),
            })),
            slots: List::of((0..slots).map(|_| SlotInfo { bus: Bus(n.byte()), address: n.byte() })),
        };
        let bytes = emitted(|bytes| welcome.emit(bytes));
        assert_eq!(Welcome::parse(&bytes), Ok(welcome));
        let hello = Hello { protocol: n.u16() };
        assert_eq!(Hello::parse(&hello.emit()), Ok(hello));
    }
}

#[test]
fn frames() {
    let mut n = Numbers::new(13);
    let mut decoder = Decoder::new();
    for _ in 0..VALUES {
        let payload = n.bytes(PAYLOAD_MAX);
        let frame = Frame {
            kind: n.pick(&KINDS),
            session: SessionId(n.u32()),
            seq: Seq(n.u16()),
            ack: Seq(n.u16()),
            payload: &payload,
        };
        assert_eq!(decoder.next(&mut wire(&frame).as_slice()), Some(Ok(frame)));
    }
}

fn request<'a>(n: &mut Numbers, bytes: &'a [u8]) -> Request<'a> {
    match n.below(15) {
        0 => Request::Identify,
        1 => Request::Assign { uid: Uid(n.array()), address: address(n) },
        2 => Request::Enumerate,
        3 => Request::EnterLoader,
        4 => Request::Begin(Begin {
            vendor: n.u16(),
            module_type: n.u16(),
            hardware: Hardware::new(n.below(9) as u8, 8 + n.below(9) as u8).unwrap(),
            version: version(n),
            len: n.u32(),
            digest: n.u32(),
            group: n.percent(50).then(|| Address::new(0x70 + n.below(8) as u8).unwrap()),
        }),
        5 => Request::Commit,
        6 => Request::Run,
        7 => Request::Confirm,
        8 => Request::PageDigests { first: n.u16(), count: n.byte() },
        9 => Request::Digest { start: n.u32(), len: n.u32() },
        10 => Request::Read { start: n.u32(), len: n.u16() },
        11 => Request::EepromRead { offset: n.u16(), len: n.u16() },
        12 => Request::EepromWrite { offset: n.u16(), bytes },
        13 => Request::Log,
        _ => Request::Blink { seconds: n.byte() },
    }
}

fn status(n: &mut Numbers) -> Status {
    Status {
        state: n.pick(&[
            State::Application,
            State::Loader,
            State::Receiving,
            State::Committed,
            State::Failed,
        ]),
        busy: n.pick(&[Busy::No, Busy::Yes]),
        tag: Tag(n.byte()),
        outcome: Outcome::parse(n.below(11) as u8).unwrap(),
        room: Room(n.byte()),
        received: n.u16(),
        session: Session(n.byte()),
    }
}

#[test]
fn module_frames() {
    let mut n = Numbers::new(14);
    for _ in 0..VALUES {
        let (to, session, tag, bytes) =
            (address(&mut n), Session(n.byte()), Tag(n.byte()), n.bytes(256));
        let request = request(&mut n, &bytes);
        let frame = emitted(|frame| request.emit(to, session, tag, frame));
        assert_eq!(Request::parse(to, &frame), Ok((session, tag, request)));

        let page = PageFrame { session, seq: n.u16(), page: n.u16(), bytes: &bytes };
        let frame = emitted(|frame| page.emit(to, frame));
        assert_eq!(PageFrame::parse(to, &frame), Ok(page));

        let status = status(&mut n);
        assert_eq!(Status::parse(to, &status.emit(to)), Ok(status));
        let read = emitted(|read| emit_response(to, &status, &bytes, read));
        assert_eq!(parse_response(to, &read), Ok((status, bytes.as_slice())));
    }
}

#[test]
fn identities() {
    let mut n = Numbers::new(15);
    for _ in 0..VALUES {
        let installed = Installed { version: version(&mut n), len: n.u32(), digest: n.u32() };
        let identity = Identity {
            protocol: n.u16(),
            vendor: n.u16(),
            module_type: n.u16(),
            hardware: n.byte(),
            why: n.pick(&[Why::Runs, Why::Requested, Why::Blank, Why::NeverConfirmed]),
            uid: Uid(n.array()),
            loader: version(&mut n),
            trial: n.pick(&[Trial::None, Trial::Confirmed, Trial::Pending]),
            installed,
            geometry: Geometry {
                flash_start: n.u32(),
                flash_len: n.u32(),
                application_start: n.u32(),
                page_len: n.u16(),
                program_len: n.u16(),
                erased: n.byte(),
                eeprom_len: n.u16(),
                ram_start: n.u32(),
                ram_len: n.u32(),
                banks: n.pick(&[Banks::One, Banks::Two]),
            },
            ring: n.byte(),
            home: n.byte(),
            starts: n.byte(),
            name: n.array(),
        };
        assert_eq!(Identity::parse(&identity.emit()), Ok(identity));
    }
}

#[test]
fn image_headers() {
    let mut n = Numbers::new(16);
    for _ in 0..VALUES {
        let (one, other, letters) = (n.byte(), n.byte(), n.index(12) + 1);
        let name: String = (0..letters).map(|_| char::from(n.below(95) as u8 + b' ')).collect();
        let header = ImageHeader {
            vendor: n.u16(),
            module_type: n.u16(),
            hardware: Hardware::new(one.min(other), one.max(other)).unwrap(),
            version: version(&mut n),
            name: rackflash_core::wire::header::Name::new(&name).unwrap(),
        };
        let mut bytes = [0; 32];
        header.emit(&mut bytes);
        assert_eq!(ImageHeader::parse(&bytes), Ok(header));
    }
}

/// Random bytes that begin like something, so that the deeper parts of each parser are reached.
fn noise(n: &mut Numbers) -> Vec<u8> {
    let mut bytes = n.bytes(48);
    if let Some(first) = bytes.first_mut()
        && n.percent(75)
    {
        *first = n.pick(&[1, 2, 3, 4, 5, 6, 7, 0x81, 0x82, 0x83, 0x14, 0x50]);
    }
    if n.percent(50) {
        bytes.iter_mut().skip(1).for_each(|byte| *byte &= 0x0f);
    }
    bytes
}

#[test]
fn any_bytes_as_messages_and_operations() {
    let mut n = Numbers::new(17);
    let mut read = 0;
    for _ in 0..BYTES {
        let bytes = noise(&mut n);
        if let Ok(message) = ToBase::parse(&bytes) {
            assert_eq!(emitted(|bytes| message.emit(bytes)), bytes);
            let _ = message.to_string();
            read += 1;
        }
        if let Ok(message) = ToHost::parse(&bytes) {
            assert_eq!(emitted(|bytes| message.emit(bytes)), bytes);
            let _ = message.to_string();
            read += 1;
        }
        if let Ok((op, rest)) = Op::parse(&bytes) {
            let again = emitted(|bytes| op.emit(bytes));
            assert_eq!([again.as_slice(), rest].concat(), bytes);
            read += 1;
        }
        let _ = Ops(&bytes).to_string();
        if let Ok(state) = LaneStates::parse(&bytes) {
            assert_eq!(emitted(|bytes| state.emit(bytes)), bytes);
            let _ = state.to_string();
        }
        if let Ok(welcome) = Welcome::parse(&bytes) {
            let again = emitted(|bytes| welcome.emit(bytes));
            assert!(bytes.starts_with(&again));
            let _ = welcome.to_string();
        }
        let _ = Hello::parse(&bytes);
    }
    assert!(read > BYTES / 10, "only {read} were read: the noise is too far from what there is");
}

#[test]
fn any_bytes_as_module_frames() {
    let mut n = Numbers::new(18);
    for _ in 0..BYTES {
        let (bytes, to) = (noise(&mut n), address(&mut n));
        // None has a CRC that is right; with one that is, it is read or refused, and reads as it was.
        assert!(Request::parse(to, &bytes).is_err() && PageFrame::parse(to, &bytes).is_err());
        assert!(parse_response(to, &bytes).is_err());
        let _ = Status::parse(to, &bytes);
        let crc = rackflash_core::wire::check::crc32_to(to, &bytes).to_le_bytes();
        let sealed = [bytes.as_slice(), &crc].concat();
        if let Ok((session, tag, request)) = Request::parse(to, &sealed) {
            assert_eq!(emitted(|frame| request.emit(to, session, tag, frame)), sealed);
            let _ = request.to_string();
        }
        let identity: [u8; IDENTITY_LEN] = n.array();
        if let Ok(identity) = Identity::parse(&identity) {
            assert_eq!(Identity::parse(&identity.emit()), Ok(identity));
            let _ = identity.to_string();
        }
        assert!(ImageHeader::parse(&identity).is_err());
    }
}

#[test]
fn any_bytes_on_the_line() {
    let mut n = Numbers::new(19);
    let mut decoder = Decoder::new();
    let mut seen = 0;
    for _ in 0..BYTES / 10 {
        let bytes = n.bytes(100);
        let mut rest = bytes.as_slice();
        while let Some(frame) = decoder.next(&mut rest) {
            frame.unwrap_err();
            seen += 1;
        }
        let _ = Frame::parse(&bytes);
    }
    assert!(seen > 1000);
}
