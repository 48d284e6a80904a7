//! The tables: every code in them is read under its name and with its length, and no other code is read.

use rackflash_core::module::responder::Responder;
use rackflash_core::module::{Chip, Config, FlashOp};
use rackflash_core::wire::Malformed;
use rackflash_core::wire::check::{Address, crc32, crc32_to};
use rackflash_core::wire::identity::Identity;
use rackflash_core::wire::link::Frame;
use rackflash_core::wire::message::{
    Bus, BusInfo, Cause, Here, Lane, List, SlotInfo, ToBase, ToHost, Welcome,
};
use rackflash_core::wire::module::{
    Begin, Outcome, Request, STATUS_LEN, Session, Status, Tag, Uid,
};
use rackflash_core::wire::op::{Check, Level, Op, Pattern};
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::Variant;

use crate::PROTOCOL;

const TO: Address = Address::new(0x10).unwrap();
/// How many bytes the samples have where the text says `…` or `bytes`, and how many a poll looks at.
const BYTES: usize = 4;
const POLLED: usize = 2;

const REQUESTS: &str = "| code | name | argument, body | response |";

/// A row of a table: code, name, the lengths of its fields in all.
#[derive(Debug)]
struct Row {
    code: u8,
    name: String,
    len: usize,
}

/// The cells of all tables whose header begins so.
fn cells(header: &str) -> Vec<Vec<String>> {
    let mut cells = Vec::new();
    let mut inside = false;
    for line in PROTOCOL.lines() {
        if !line.starts_with('|') {
            inside = false;
        } else if line.starts_with(header) {
            inside = true;
        } else if inside && !line.starts_with("| ---") {
            cells.push(line.split('|').map(|cell| cell.trim().to_owned()).skip(1).collect());
        }
    }
    assert!(!cells.is_empty(), "no table {header}");
    cells
}

fn rows(header: &str) -> Vec<Row> {
    let number = |cell: &str| match cell.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).expect("a code"),
        None => cell.parse().expect("a code"),
    };
    let rows = cells(header).into_iter();
    rows.map(|row| Row { code: number(&row[0]), name: row[1].clone(), len: len(&row[2]) }).collect()
}

/// How long a body is: `lane, first (4), data …`. A field has one byte unless it says otherwise.
fn len(fields: &str) -> usize {
    let mut depth = 0;
    let fields = fields.split(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    });
    fields.map(|field| field_len(field.trim())).sum()
}

fn field_len(field: &str) -> usize {
    let (name, length) = field.split_once(" (").unwrap_or((field, ""));
    if name == "–" {
        0
    } else if name.ends_with('…') || name == "bytes" {
        BYTES
    } else if length == "n)" {
        POLLED
    } else {
        length.split([',', ')']).next().and_then(|digits| digits.parse().ok()).unwrap_or(1)
    }
}

/// The sample of a row is emitted under its code, is as long as the row says, and is called as the row says.
fn check(row: &Row, words: &str, emitted: &[u8], around: usize) {
    assert_eq!(emitted[0], row.code, "{row:?}");
    assert_eq!(emitted.len() - around, row.len, "{row:?}");
    let name = words.split(' ').next().unwrap_or_default();
    assert_eq!(name.to_lowercase(), row.name.to_lowercase());
}

fn codes(rows: &[Row]) -> Vec<u8> {
    rows.iter().map(|row| row.code).collect()
}

/// The codes that are not refused as unknown.
fn known<T>(what: &str, parse: impl Fn(u8) -> Result<T, Malformed>) -> Vec<u8> {
    let unknown = |code: u8| match parse(code) {
        Err(Malformed::Unknown(field, value)) if field.to_string() == what && value == code => true,
        Err(Malformed::Unknown(..) | Malformed::Crc) => panic!("{what} {code:#04x}"),
        _ => false,
    };
    (0..=255).filter(|code| !unknown(*code)).collect()
}

#[test]
fn kinds_of_frames() {
    let parse = |code: u8| {
        let covered = [&[code], [0; 8].as_slice()].concat();
        let body = [covered.as_slice(), &crc32(&covered).to_le_bytes()].concat();
        Frame::parse(&body).map(|frame| frame.to_string())
    };
    let rows = cells("| kind | name |");
    let named: Vec<u8> = rows.iter().map(|row| row[0].parse().expect("a code")).collect();
    assert_eq!(named, known("frame kind", parse));
    for (row, code) in rows.iter().zip(named) {
        assert!(parse(code).expect("a frame").starts_with(&format!("{} #", row[1])));
    }
}

#[test]
fn messages() {
    let data = [7; BYTES];
    let (lane, bus) = (Lane(0), Bus(0));
    let to_base = [
        ToBase::Open { lane, bus },
        ToBase::Submit { lane, first: 0, ops: &data },
        ToBase::Abort { lane },
        ToBase::Watch { bus, addresses: [0; 16] },
    ];
    let to_host = [
        ToHost::Result { lane, op: 0, data: &data },
        ToHost::Halted { lane, op: 0, cause: Cause::Timeout, data: &data },
        ToHost::Presence { bus, address: 0x10, here: Here::No },
        ToHost::Errors { bus, address: 0x10, count: 3, cause: Cause::BadCheck },
    ];
    let rows = rows("| code | name | body | meaning |");
    let (down, up) = rows.split_at(to_base.len());
    assert_eq!(codes(down), known("message", |code| ToBase::parse(&[code]).map(|_| ())));
    assert_eq!(codes(up), known("message", |code| ToHost::parse(&[code]).map(|_| ())));
    let mut bytes = [0; 64];
    for (row, message) in down.iter().zip(to_base) {
        let len = message.emit(&mut bytes).expect("room");
        check(row, &message.to_string(), &bytes[..len], 1);
    }
    for (row, message) in up.iter().zip(to_host) {
        let len = message.emit(&mut bytes).expect("room");
        check(row, &message.to_string(), &bytes[..len], 1);
    }
    assert_eq!((down.len(), up.len()), (to_base.len(), to_host.len()));
}

#[test]
fn operations() {
    let any = Pattern::any(POLLED);
    let check_of = Check::None;
    let samples = [
        Op::Clock { hz: 100_000 },
        Op::Write { to: TO, bytes: &[7; BYTES] },
        Op::Read { from: TO, check: check_of, len: 1 },
        Op::Poll { from: TO, check: check_of, until: any, expect: any, every_us: 0, timeout_ms: 0 },
        Op::Attempt { ops: 1, tries: 1 },
        Op::Pin { pin: 0, level: Level::Low },
        Op::Wait { micros: 0 },
        Op::Resume { byte: 0, first: 0 },
    ];
    let rows = rows("| code | name | fields | meaning |");
    assert_eq!(codes(&rows), known("operation", |code| Op::parse(&[code]).map(|_| ())));
    for (row, op) in rows.iter().zip(samples) {
        let mut bytes = [0; 64];
        let len = op.emit(&mut bytes).expect("room");
        check(row, &op.to_string(), &bytes[..len], 1);
    }
    assert_eq!(rows.len(), samples.len());
}

fn requests() -> [Request<'static>; 15] {
    let (start, offset, len, version) = (0, 0, 0, Version::new(1, 0, 0));
    let begin = Begin { version, ..Begin::default() };
    [
        Request::Identify,
        Request::Assign { uid: Uid([0; 12]), address: TO },
        Request::Enumerate,
        Request::EnterLoader,
        Request::Begin(begin),
        Request::Commit,
        Request::Run,
        Request::Confirm,
        Request::PageDigests { first: 0, count: 0 },
        Request::Digest { start, len: 0 },
        Request::Read { start, len },
        Request::EepromRead { offset, len },
        Request::EepromWrite { offset, bytes: &[7; BYTES] },
        Request::Log,
        Request::Blink { seconds: 0 },
    ]
}

#[test]
fn requests_and_their_bodies() {
    let samples = requests();
    let rows = rows(REQUESTS);
    let parse = |code: u8| {
        let covered = [code, 0, 1];
        let frame = [covered.as_slice(), &crc32_to(TO, &covered).to_le_bytes()].concat();
        Request::parse(TO, &frame).map(|_| ())
    };
    assert_eq!(codes(&rows), known("command", parse));
    for (row, request) in rows.iter().zip(samples) {
        let mut frame = [0; 64];
        let len = request.emit(TO, Session(0), Tag(1), &mut frame).expect("room");
        // Command, session and tag before the argument, the CRC behind the body.
        check(row, &request.to_string(), &frame[..len], 3 + 4);
    }
    assert_eq!(rows.len(), samples.len());
}

/// A chip of which everything is erased.
struct Blank;

impl Chip for Blank {
    fn word(&self, _address: u32) -> u32 {
        0
    }

    fn start(&mut self, operation: FlashOp<'_>) {
        panic!("an application without a record has nothing to write: {operation:?}");
    }

    fn eeprom_word(&self, _offset: u32) -> u32 {
        0
    }
}

#[test]
fn what_an_application_answers() {
    let geometry = Variant::Kb64.geometry();
    let config =
        Config { identity: Identity { geometry, ..Identity::default() }, assigned: Some(TO) };
    for (row, request) in cells(REQUESTS).iter().zip(requests()) {
        let mut responder = Responder::new(&config, &Blank);
        let mut frame = [0; 64];
        let len = request.emit(TO, Session(0), Tag(1), &mut frame).expect("room");
        responder.on_write(TO, &frame[..len]);
        for _ in 0..4 {
            let _ = responder.step(&mut Blank);
        }
        let mut read = [0; STATUS_LEN];
        responder.on_read(TO, &mut read);
        let status = Status::parse(TO, &read).expect("a status");
        assert_eq!(status.tag, Tag(1));
        let answers = if status.outcome == Outcome::Unsupported { "no" } else { "yes" };
        assert_eq!(row[4], answers, "{request}: {status}");
    }
}

#[test]
fn the_lengths_in_a_welcome() {
    let (buses, slots) = (2, 3);
    let mut counts = [buses, slots].into_iter();
    let lengths = cells("| bytes | meaning |").into_iter().map(|row| {
        let (fixed, each) = row[0].split_once(" + ").unwrap_or((&row[0], "0 n"));
        let (fixed, each): (usize, usize) = (
            fixed.parse().expect("a length"),
            each.trim_end_matches(" n").parse().expect("a length"),
        );
        fixed + if each == 0 { 0 } else { each * counts.next().expect("a list") }
    });
    let welcome = Welcome {
        protocol: 0,
        boot: 0,
        firmware: Version::default(),
        blocks: 0,
        lanes: 3,
        busy: 0,
        name: [0; 16],
        buses: List::of([BusInfo::default(); 2]),
        slots: List::of([SlotInfo::default(); 3]),
    };
    assert_eq!(welcome.emit(&mut [0; 200]), Ok(lengths.sum()));
}
