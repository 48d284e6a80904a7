//! The examples in docs/PROTOCOL.md: the bytes on the left are the words on the right, both ways; and its tables of codes.
//!
//! An example's hex may go on over several lines; `= ` begins its words.

use rackflash_core::wire::Hex;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::identity::{IDENTITY_LEN, Identity};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind};
use rackflash_core::wire::message::{Hello, State, ToBase, ToHost, Welcome};
use rackflash_core::wire::module::{
    Outcome, PageFrame, Request, STATUS_LEN, Status, emit_response, parse_response,
};
use rackflash_core::wire::op::Op;

const PROTOCOL: &str = include_str!("../../../docs/PROTOCOL.md");

/// One example: its block's first line, its bytes, its words.
struct Example {
    block: String,
    bytes: Vec<u8>,
    words: String,
}

fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    let mut block: Option<String> = None;
    let mut hex = String::new();
    for line in PROTOCOL.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            let example =
                ["link", "to-module", "from-module"].iter().any(|kind| fence.starts_with(kind));
            block = example.then(|| fence.to_owned());
            assert!(hex.is_empty(), "an example without words: {hex}");
        } else if let Some(block) = &block {
            let (digits, words) =
                line.split_once("= ").map_or((line, None), |(digits, words)| (digits, Some(words)));
            hex += digits.trim();
            if let Some(words) = words {
                let digits = hex.replace(' ', "");
                let bytes = (0..digits.len() / 2)
                    .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16));
                let bytes = bytes.collect::<Result<_, _>>().expect("hex");
                examples.push(Example { block: block.clone(), bytes, words: words.to_owned() });
                hex.clear();
            }
        }
    }
    examples
}

#[test]
fn every_example_is_its_words_both_ways() {
    let examples = examples();
    for Example { block, bytes, words } in &examples {
        let address = block.split_once(' ').map(|(_, digits)| digits.trim_start_matches("0x"));
        let address = address.and_then(|digits| Address::new(u8::from_str_radix(digits, 16).ok()?));
        let (said, again) = match (block.split(' ').next(), address) {
            (Some("link"), None) => link(bytes),
            (Some("to-module"), Some(to)) => to_module(to, bytes),
            (Some("from-module"), Some(from)) => from_module(from, bytes),
            _ => panic!("no such block: {block}"),
        };
        assert_eq!(&said, words);
        assert_eq!(&again, bytes, "{words}");
    }
    assert!(examples.len() >= 14, "only {} examples", examples.len());
}

fn link(bytes: &[u8]) -> (String, Vec<u8>) {
    let (mut decoder, mut rest) = (Decoder::new(), bytes);
    let frame = decoder.next(&mut rest).expect("a delimiter").expect("a frame");
    let payload = match frame.kind {
        Kind::Hello => {
            format!("protocol {:#06x}", Hello::parse(frame.payload).expect("a hello").protocol)
        }
        Kind::Welcome => Welcome::parse(frame.payload).expect("a welcome").to_string(),
        Kind::State => State::parse(frame.payload).expect("a state").to_string(),
        Kind::Message => match (ToBase::parse(frame.payload), ToHost::parse(frame.payload)) {
            (Ok(message), _) => message.to_string(),
            (_, Ok(message)) => message.to_string(),
            (Err(error), _) => panic!("{error}"),
        },
    };
    let session = frame.session.0;
    let words = format!("{frame} session {session:08x}: {payload}");
    let mut wire = [0; FRAME_MAX];
    let len = Frame { ..frame }.emit(&mut wire).expect("a frame");
    (words, wire[..len].to_vec())
}

fn to_module(to: Address, bytes: &[u8]) -> (String, Vec<u8>) {
    let mut again = vec![0; 300];
    let (words, len) = match (Request::parse(to, bytes), PageFrame::parse(to, bytes)) {
        (Ok((session, tag, request)), _) => {
            let len = request.emit(to, session, tag, &mut again);
            (format!("session {} #{} {request}", session.0, tag.0), len)
        }
        (_, Ok(page)) => (format!("session {} {page}", page.session.0), page.emit(to, &mut again)),
        (Err(error), _) => panic!("{error}"),
    };
    again.truncate(len.expect("room"));
    (words, again)
}

fn from_module(from: Address, bytes: &[u8]) -> (String, Vec<u8>) {
    if bytes.len() == STATUS_LEN {
        let status = Status::parse(from, bytes).expect("a status");
        return (status.to_string(), status.emit(from).to_vec());
    }
    let (status, payload) = parse_response(from, bytes).expect("a response");
    let mut again = vec![0; 300];
    let len = emit_response(from, &status, payload, &mut again).expect("room");
    again.truncate(len);
    let payload = if payload.len() == IDENTITY_LEN {
        Identity::parse(payload).expect("an identity").to_string()
    } else {
        Hex(payload).to_string()
    };
    (format!("{status}; {payload}"), again)
}

/// The codes in the first column of the table whose header has `column` in it.
fn codes(column: &str) -> Vec<u8> {
    let header =
        PROTOCOL.lines().position(|line| line.starts_with("| code |") && line.contains(column));
    let rows = PROTOCOL
        .lines()
        .skip(header.expect("the table") + 2)
        .take_while(|line| line.starts_with('|'));
    let code = |row: &str| {
        let cell = row.split('|').nth(1).expect("a cell").trim().to_owned();
        cell.strip_prefix("0x")
            .map_or_else(|| cell.parse().ok(), |hex| u8::from_str_radix(hex, 16).ok())
            .expect("a code")
    };
    rows.map(code).collect()
}

#[test]
fn the_commands_in_the_table_are_those_that_parse() {
    let to = Address::new(0x10).expect("an address");
    let known = |command: &u8| {
        let mut body = vec![*command, 1, 2];
        // Long enough for every request, and what is too long is another fault than what is unknown.
        body.extend([0x10; 40]);
        let crc = rackflash_core::wire::check::crc32_to(to, &body);
        body.extend(crc.to_le_bytes());
        !matches!(Request::parse(to, &body), Err(rackflash_core::wire::Malformed::Unknown(..)))
    };
    assert_eq!(codes("application answers it"), (0..=255).filter(known).collect::<Vec<u8>>());
}

#[test]
fn the_operations_in_the_table_are_those_that_parse() {
    let known = |code: &u8| {
        let mut block = vec![*code];
        block.extend([0x10, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        !matches!(Op::parse(&block), Err(rackflash_core::wire::Malformed::Unknown(..)))
    };
    assert_eq!(codes("fields"), (0..=255).filter(known).collect::<Vec<u8>>());
}

#[test]
fn as_many_outcomes_as_the_text_names() {
    let text = PROTOCOL
        .split_once("Outcomes: ")
        .expect("the list")
        .1
        .split_once(".\n")
        .expect("its end")
        .0;
    let named: Vec<u8> =
        text.split(';').filter_map(|part| part.split_whitespace().next()?.parse().ok()).collect();
    let known: Vec<u8> = (0..=255).filter(|code| Outcome::from_code(*code).is_some()).collect();
    assert_eq!(named, known);
}
