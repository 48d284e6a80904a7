//! A firmware file that holds anything. What is read is in order and within its limits, and reads the same when it is written
//! anew in each format; what is refused names a line that exists.
//!
//! A file that does not begin as one says what a file's records and tables hold, so that checksums and counts are no obstacle:
//! S-records behind an `s`, ELF behind an `e`, Intel HEX otherwise.

use rackflash_core::host::image::{IMAGE_LEN_MAX, Image, Segment};

use super::choices::Choices;
use crate::firmware::{elf, hex_record, s_record};

pub(super) fn run(input: &[u8]) {
    match input {
        [b':' | b' ' | b'\r' | b'\n' | 0xef, ..] | [b'S', b'0'..=b'9', ..] | [0x7f, ..] => {
            check(input);
            // Any other file is a binary, if somebody says where it belongs.
            drop(Image::parse(input, Some(0xffff_ff00)));
        }
        [b's', rest @ ..] => check(s_records(rest).as_bytes()),
        [b'e', rest @ ..] => check(&linked(rest)),
        _ => check(hex_records(input).as_bytes()),
    }
}

fn check(file: &[u8]) {
    let lines = file.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    match Image::parse(file, None) {
        Ok(image) => {
            let (mut end, mut len) = (None, 0);
            for segment in image.segments() {
                assert!(!segment.bytes().is_empty());
                assert!(end.is_none_or(|end| end < u64::from(segment.address())), "a gap");
                end = Some(segment.end());
                len += segment.bytes().len() as u64;
            }
            assert!(len > 0 && len <= IMAGE_LEN_MAX && image.end() <= 1 << 32);
            for (text, format) in [(as_hex(&image), "HEX"), (as_s_records(&image), "S-record")] {
                assert_eq!(Image::parse(text.as_bytes(), None).as_ref(), Ok(&image), "{format}");
            }
            let pieces: Vec<_> = image.segments().iter().map(piece).collect();
            if pieces.len() <= 64 {
                assert_eq!(Image::parse(&elf(&pieces), None), Ok(image), "ELF");
            }
        }
        Err(error) => {
            assert!(error.line().is_none_or(|line| line as usize <= lines), "{error}");
            assert!(!error.code().is_empty());
        }
    }
}

/// Whole records of any type and contents.
fn hex_records(input: &[u8]) -> String {
    let (mut choices, mut text) = (Choices::new(input), String::new());
    while choices.are_left() {
        let (kind, offset) =
            (choices.pick(&[0, 0, 0, 0, 4, 2, 1, 3, 5, 6]), choices.u16().swap_bytes());
        let len = if kind == 0 { choices.byte() % 40 } else { choices.pick(&[2, 0, 4, 1]) };
        text += &hex_record(kind, offset, choices.bytes(len.into()));
    }
    text + &hex_record(1, 0, &[])
}

/// The same.
fn s_records(input: &[u8]) -> String {
    let (mut choices, mut text, mut data_records) = (Choices::new(input), String::new(), 0);
    while choices.are_left() {
        let kind = choices.pick(&[3, 3, 2, 1, 0, 5, 6, 4, 7, 8, 9]);
        match kind {
            1..=3 => {
                data_records += 1;
                // Near one another, and near the end of all.
                let start = choices.pick(&[0, 0xffff_ff00, 0x0100_0000]);
                let (address, len) = (start | u32::from(choices.byte()), choices.byte() % 40);
                text += &s_record(kind, address, choices.bytes(len.into()));
            }
            5 | 6 => text += &s_record(kind, data_records + u32::from(choices.byte() / 128), &[]),
            _ => text += &s_record(kind, 0, choices.bytes(usize::from(kind == 0))),
        }
    }
    text + &s_record(7, 0, &[])
}

/// A few pieces; then fields of the file, by their place, hold something else.
fn linked(input: &[u8]) -> Vec<u8> {
    let mut choices = Choices::new(input);
    let pieces: Vec<_> = (0..choices.byte() % 5)
        .map(|_| {
            let (address, len) = (choices.u32(), choices.byte() % 40);
            (address, choices.bytes(len.into()))
        })
        .collect();
    let mut file = elf(&pieces);
    while choices.are_left() {
        let at = usize::from(choices.u16()) % file.len();
        let len = choices.pick(&[4, 2, 1]).min(file.len() - at);
        let value = match choices.pick(&[0, 1, 2]) {
            0 => choices.u32(),
            1 => u32::MAX - u32::from(choices.byte()),
            _ => choices.byte().into(),
        };
        file[at..at + len].copy_from_slice(&value.to_le_bytes()[..len]);
    }
    file
}

fn piece(segment: &Segment) -> (u32, &[u8]) {
    (segment.address(), segment.bytes())
}

fn as_hex(image: &Image) -> String {
    let mut text = String::new();
    for (address, bytes) in rows(image) {
        let [top, up, high, low] = address.to_be_bytes();
        text += &hex_record(4, 0, &[top, up]);
        text += &hex_record(0, u16::from_be_bytes([high, low]), bytes);
    }
    text + &hex_record(1, 0, &[])
}

fn as_s_records(image: &Image) -> String {
    let mut text = s_record(0, 0, b"any");
    let mut count = 0;
    for (address, bytes) in rows(image) {
        text += &s_record(3, address, bytes);
        count += 1;
    }
    text + &s_record(6, count, &[]) + &s_record(7, 0, &[])
}

/// Pieces that a record can hold.
fn rows(image: &Image) -> impl Iterator<Item = (u32, &[u8])> {
    image.segments().iter().flat_map(|segment| {
        (segment.address()..=u32::MAX).step_by(16).zip(segment.bytes().chunks(16))
    })
}
