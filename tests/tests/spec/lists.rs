//! What the text lists in sentences, and the limits it names.

use rackflash_core::wire::Malformed;
use rackflash_core::wire::check::{Address, crc32, pec_from};
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::{HEADER_LEN, HEADER_OFFSET};
use rackflash_core::wire::identity::{IDENTITY_LEN, Identity};
use rackflash_core::wire::link::PAYLOAD_MAX;
use rackflash_core::wire::message::{
    BLOCK_LEN, BUSES_MAX, LANES_MAX, PROTOCOL as VERSION, RESULT_LEN_MAX, SLOTS_MAX, ToHost,
};
use rackflash_core::wire::module::{
    BUSY_BIT, DATA_LEN_MAX, PAGE_COMMAND, PageFrame, STATUS_LEN, Status,
};
use rackflash_core::wire::op::{CLOCK_MIN_HZ, Op, POLL_LEN_MAX, POLL_TIMEOUT_MAX_MS, WAIT_MAX_US};

use crate::{PROTOCOL, between};

/// The numbers that begin the items of a list.
fn numbers(list: &str) -> Vec<u8> {
    let items = list.split([',', ';']).map(str::trim);
    let numbers = items.map(|item| item.split(' ').next().unwrap_or_default().parse());
    numbers.map(|number| number.unwrap_or_else(|error| panic!("{error}: {list}"))).collect()
}

/// The codes that `parse` takes.
fn taken<T>(parse: impl Fn(u8) -> Result<T, Malformed>) -> Vec<u8> {
    (0..=255).filter(|code| parse(*code).is_ok()).collect()
}

#[test]
fn causes() {
    let list = between("Causes: ", ". With 6 and 7");
    let halted = |code| ToHost::parse(&[0x82, 0, 0, 0, 0, 0, code]).map(|_| ());
    assert_eq!(numbers(&list.replace(", or the", " or the")), taken(halted));
}

const FROM: Address = Address::new(0x10).unwrap();

fn status(mut status: [u8; STATUS_LEN]) -> Result<Status, Malformed> {
    status[STATUS_LEN - 1] = pec_from(FROM, &status[..STATUS_LEN - 1]);
    Status::parse(FROM, &status)
}

#[test]
fn outcomes() {
    let list = between("Outcomes: ", ".").replace("header is missing or", "");
    assert_eq!(numbers(&list), taken(|code| status([0, 0, code, 0, 0, 0, 0, 0])));
}

#[test]
fn states() {
    let list = between("**state** (bits 0–6): ", ".");
    let parse = |code: u8| status([code, 0, 0, 0, 0, 0, 0, 0]);
    let idle: Vec<_> = taken(parse).into_iter().filter(|code| code & BUSY_BIT == 0).collect();
    assert_eq!(numbers(&list), idle);
    for (item, code) in list.split(", ").zip(idle) {
        let state = parse(code).expect("a state").state;
        assert_eq!(item, format!("{code} {state:?}").to_lowercase());
    }
    assert_eq!(BUSY_BIT, 1 << 7);
    assert!(PROTOCOL.contains("**busy** (bit 7)"));
}

#[test]
fn checks_and_levels() {
    let list = between("Check: ", "the last byte").replace("; 1", ", 1");
    assert_eq!(numbers(&list), taken(|code| Op::parse(&[3, 0x10, code, 1, 0]).map(|_| ())));
    let list = between("sets a pin: ", " |");
    assert_eq!(numbers(&list), taken(|code| Op::parse(&[6, 0, code]).map(|_| ())));
    let list = between("| 0x83 | Presence | bus, address, ", " |").replace(" or ", ", ");
    assert_eq!(numbers(&list), taken(|code| ToHost::parse(&[0x83, 0, 0, code]).map(|_| ())));
}

/// An identity with one byte changed.
fn identity(at: usize, code: u8) -> Result<Identity, Malformed> {
    let mut payload = [0; IDENTITY_LEN];
    payload[at] = code;
    Identity::parse(&payload)
}

#[test]
fn the_identity() {
    let why = between("why it is in its loader (1: ", ")");
    assert_eq!(numbers(&why), taken(|code| identity(3, code)));
    let application = between("application (1: ", ")");
    assert_eq!(numbers(&application), taken(|code| identity(8, code)));
    let banks = between("[banks](#67-banks) (1: ", ")");
    assert_eq!(numbers(&banks), taken(|code| identity(51, code)));
    let text = between("### 6.4 Identity", "### 6.5");
    assert!(text.starts_with(&format!("{IDENTITY_LEN} bytes:")));
    assert_eq!(lengths(&text), IDENTITY_LEN);
}

#[test]
fn the_image_header() {
    let text = between("## 8 Image header", "```");
    assert!(
        text.starts_with(&format!("{HEADER_LEN} bytes at the image's start + {HEADER_OFFSET:#x}"))
    );
    // "RKFL" and the CRC-32 say their lengths by their names; the two revisions have one byte each.
    assert_eq!(4 + lengths(&text.replace("(1 each)", "(2)")) + 4, HEADER_LEN);
}

/// All lengths in brackets: `(4)`, `(1: 0 none …)`.
fn lengths(text: &str) -> usize {
    let mut depth = 0;
    let mut sum = 0;
    for (at, letter) in text.char_indices() {
        if letter == '(' {
            depth += 1;
        } else if letter == ')' {
            depth -= 1;
        }
        if letter == '(' && depth == 1 {
            let bracket = &text[at + 1..];
            let digits = bracket.split(|letter: char| !letter.is_ascii_digit()).next();
            sum += digits.and_then(|digits| digits.parse::<usize>().ok()).unwrap_or(0);
        }
    }
    sum
}

/// A number as the text writes it.
fn written(number: usize) -> String {
    let digits = number.to_string();
    match digits.split_at_checked(digits.len().wrapping_sub(3)) {
        Some((thousands, rest)) if !thousands.is_empty() => format!("{thousands},{rest}"),
        _ => digits,
    }
}

#[test]
fn limits() {
    let [minor, major] = VERSION.to_le_bytes();
    let text = PROTOCOL.split_whitespace().collect::<Vec<_>>().join(" ");
    for says in [
        format!("# The Rackflash protocol, version {major}.{minor}"),
        format!("A payload has at most {} bytes.", written(PAYLOAD_MAX)),
        format!("(at most {} bytes of operations)", written(BLOCK_LEN)),
        format!("how many lanes it has, at most {LANES_MAX} |"),
        format!("buses: number (at most {BUSES_MAX})"),
        format!("slots in rack order: number (at most {SLOTS_MAX})"),
        format!("A read has 1 to {RESULT_LEN_MAX} bytes."),
        format!("reads n bytes (at most {POLL_LEN_MAX})"),
        format!("at most {POLL_LEN_MAX} bytes."),
        format!("Hz (4, at least {})", written(CLOCK_MIN_HZ as usize)),
        format!("for ms (2, at most {})", written(POLL_TIMEOUT_MAX_MS.into())),
        format!("| 7 | Wait | µs (4) | the lane rests; at most {} s |", WAIT_MAX_US / 1_000_000),
        format!("length (4, at most {DATA_LEN_MAX})"),
        format!("bytes (at most {DATA_LEN_MAX})"),
        format!("listens at {:#04x} alone", Address::ENUMERATION.get()),
        format!("of \"123456789\": {:#010x})", crc32(b"123456789")),
        format!("of \"123456789\": {:#010x})", digest(b"123456789")),
        format!("| {PAGE_COMMAND:#04x} | session | seq |"),
    ] {
        assert!(text.contains(&says), "the text does not say: {says}");
    }
    let addresses = (0..=255).filter(|byte| Address::new(*byte).is_some());
    let (first, last) = (addresses.clone().min().unwrap(), addresses.max().unwrap());
    assert!(text.contains(&format!("Addresses are {first:#04x} to {last:#04x}.")));
}

#[test]
fn what_a_page_frame_has_around_its_bytes() {
    let frame = PageFrame { session: Default::default(), seq: 0, page: 0, bytes: &[] };
    let len = frame.emit(FROM, &mut [0; 32]).unwrap();
    // 0x50, session, seq, page; CRC-32.
    assert_eq!(len, 1 + 1 + 2 + 2 + 4);
}
