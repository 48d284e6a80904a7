//! A file that holds anything. What is read is in order and within its limits, and reads the same when it is written anew;
//! what is refused names a line that exists.
//!
//! A file that does not begin as one is taken for the contents of records, so that checksums are no obstacle.

use core::fmt::Write;

use rackflash_core::host::image::{IMAGE_LEN_MAX, Image};

use super::choices::Choices;

pub(super) fn run(input: &[u8]) {
    if matches!(input.first(), Some(b':' | b' ' | b'\r' | b'\n' | 0xef)) {
        check(input);
        // Any other file is a binary, if somebody says where it belongs.
        drop(Image::parse(input, Some(0xffff_ff00)));
    } else {
        check(records(input).as_bytes());
    }
}

fn check(text: &[u8]) {
    let lines = text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    match Image::from_hex(text) {
        Ok(image) => {
            let (mut end, mut len) = (None, 0);
            for segment in image.segments() {
                assert!(!segment.bytes().is_empty());
                assert!(end.is_none_or(|end| end < u64::from(segment.address())), "a gap");
                end = Some(segment.end());
                len += segment.bytes().len() as u64;
            }
            assert!(len > 0 && len <= IMAGE_LEN_MAX && image.end() <= 1 << 32);
            assert_eq!(Image::from_hex(written(&image).as_bytes()), Ok(image));
        }
        Err(error) => {
            assert!(error.line().is_none_or(|line| line as usize <= lines), "{error}");
            assert!(!error.code().is_empty());
        }
    }
}

/// Whole records of any type and contents.
fn records(input: &[u8]) -> String {
    let (mut choices, mut text) = (Choices::new(input), String::new());
    while choices.are_left() {
        let (kind, offset) =
            (choices.pick(&[0, 0, 0, 0, 4, 2, 1, 3, 5, 6]), choices.u16().to_le_bytes());
        let len = if kind == 0 { choices.byte() % 40 } else { choices.pick(&[2, 0, 4, 1]) };
        record(&mut text, kind, offset, choices.bytes(len.into()));
    }
    record(&mut text, 1, [0; 2], &[]);
    text
}

fn written(image: &Image) -> String {
    let mut text = String::new();
    for segment in image.segments() {
        // The last address may be the last there is.
        for (address, byte) in (u64::from(segment.address())..).zip(segment.bytes()) {
            let [.., top, up, high, low] = address.to_be_bytes();
            record(&mut text, 4, [0; 2], &[top, up]);
            record(&mut text, 0, [high, low], &[*byte]);
        }
    }
    record(&mut text, 1, [0; 2], &[]);
    text
}

fn record(text: &mut String, kind: u8, [high, low]: [u8; 2], data: &[u8]) {
    let (mut sum, len) = (0_u8, u8::try_from(data.len()).expect("a short record"));
    text.push(':');
    for byte in [len, high, low, kind].iter().chain(data) {
        sum = sum.wrapping_sub(*byte);
        write!(text, "{byte:02X}").expect("a string takes all");
    }
    writeln!(text, "{sum:02X}").expect("a string takes all");
}
