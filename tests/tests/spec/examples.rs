//! The examples: the bytes are the words below them, and the words' values are the bytes again.
//!
//! An example's hex may go on over several lines; `= ` begins its words, which go on where a line begins with four spaces.

use rackflash_core::wire::Hex;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::header::{HEADER_LEN, ImageHeader};
use rackflash_core::wire::identity::{IDENTITY_LEN, Identity};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind};
use rackflash_core::wire::message::{Hello, State, ToBase, ToHost, Welcome};
use rackflash_core::wire::module::{
    PageFrame, Request, STATUS_LEN, Status, emit_response, parse_response,
};
use rackflash_core::wire::op::Ops;
use rackflash_tests::hex;

use crate::PROTOCOL;

/// Of every kind of frame and request there is one at least.
const EXAMPLES_MIN: usize = 30;

/// One example: its block's first line, its bytes, its words.
struct Example {
    block: String,
    bytes: Vec<u8>,
    words: String,
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut block = None;
    let mut digits = String::new();
    for line in PROTOCOL.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            let kinds = ["link", "to-module ", "from-module ", "image"];
            let example = kinds.iter().any(|kind| fence.starts_with(kind));
            block = example.then(|| fence.to_owned());
            assert!(digits.is_empty(), "an example without words: {digits}");
            continue;
        }
        let Some(block) = &block else { continue };
        if let Some(words) = line.trim_start().strip_prefix("= ") {
            let bytes = hex::bytes(&core::mem::take(&mut digits));
            examples.push(Example { block: block.clone(), bytes, words: words.to_owned() });
        } else if let Some(more) = line.strip_prefix("    ") {
            examples.last_mut().expect("words to go on with").words += &format!(" {more}");
        } else {
            digits += line;
        }
    }
    examples
}

#[test]
fn every_example_is_its_words_both_ways() {
    let examples = examples();
    for Example { block, bytes, words } in &examples {
        let address = || {
            let digits = block.split_once(" 0x").expect("an address").1;
            Address::new(u8::from_str_radix(digits, 16).expect("hex")).expect("an address")
        };
        let (said, again) = match block.split(' ').next() {
            Some("link") => link(bytes),
            Some("to-module") => to_module(address(), bytes),
            Some("from-module") => from_module(address(), bytes),
            Some("image") => image(bytes),
            _ => panic!("no such block: {block}"),
        };
        assert_eq!(said.trim_end(), words);
        assert_eq!(hex::dump(&again), hex::dump(bytes), "{words}");
    }
    assert!(examples.len() >= EXAMPLES_MIN, "only {} examples", examples.len());
}

fn link(bytes: &[u8]) -> (String, Vec<u8>) {
    let (mut decoder, mut rest) = (Decoder::new(), bytes);
    let frame = decoder.next(&mut rest).expect("a delimiter").expect("a frame");
    assert!(rest.is_empty(), "one frame");
    let (words, payload) = payload(&frame);
    let session = frame.session.0;
    let mut wire = [0; FRAME_MAX];
    let len = Frame { payload: &payload, ..frame }.emit(&mut wire).expect("a frame");
    (format!("{frame} session {session:08x}: {words}"), wire[..len].to_vec())
}

fn payload(frame: &Frame<'_>) -> (String, Vec<u8>) {
    let mut again = vec![0; 1400];
    let (words, len) = match frame.kind {
        Kind::Hello => {
            let hello = Hello::parse(frame.payload).expect("a hello");
            return (hello.to_string(), hello.emit().to_vec());
        }
        Kind::Welcome => {
            let welcome = Welcome::parse(frame.payload).expect("a welcome");
            (welcome.to_string(), welcome.emit(&mut again))
        }
        // A host's says no more than its numbers.
        Kind::State if frame.payload.is_empty() => return (String::new(), Vec::new()),
        Kind::State => {
            let state = State::parse(frame.payload).expect("a state");
            (state.to_string(), state.emit(&mut again))
        }
        Kind::Message => match ToHost::parse(frame.payload) {
            Ok(message) => (message.to_string(), message.emit(&mut again)),
            Err(_) => {
                let message = ToBase::parse(frame.payload).expect("a message");
                let ToBase::Submit { lane, first, ops } = message else {
                    let len = message.emit(&mut again).expect("room");
                    return (message.to_string(), again[..len].to_vec());
                };
                let mut block = Vec::new();
                for op in Ops(ops) {
                    let mut bytes = [0; 300];
                    let len = op.expect("an operation").emit(&mut bytes).expect("room");
                    block.extend(&bytes[..len]);
                }
                let submit = ToBase::Submit { lane, first, ops: &block };
                (message.to_string(), submit.emit(&mut again))
            }
        },
    };
    again.truncate(len.expect("room"));
    (words, again)
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
    let (words, payload) = if payload.len() == IDENTITY_LEN {
        let identity = Identity::parse(payload).expect("an identity");
        (identity.to_string(), identity.emit().to_vec())
    } else {
        (Hex(payload).to_string(), payload.to_vec())
    };
    let mut again = vec![0; 300];
    let len = emit_response(from, &status, &payload, &mut again).expect("room");
    again.truncate(len);
    (format!("{status}; {words}"), again)
}

fn image(bytes: &[u8]) -> (String, Vec<u8>) {
    let header = ImageHeader::parse(bytes).expect("a header");
    let mut again = [0; HEADER_LEN];
    header.emit(&mut again);
    (header.to_string(), again.to_vec())
}
