//! Firmware files: read, refused, laid out for a flash, and compared with what `srec_cat` and
//! `objcopy` read.
#![expect(clippy::cast_possible_truncation, reason = "made-up numbers are cut to size on purpose")]

use rackflash_core::{
    host::image::{Image, ImageError},
    wire::{
        header::{Hardware, ImageHeader, Name},
        version::Version,
    },
};
use rackflash_tests::firmware::hex_record as record;

mod bad_application;
mod bad_file;
#[cfg(target_os = "linux")]
mod differential;
mod elf;
mod header;
#[cfg(target_os = "linux")]
mod linked;
mod pages;
mod reading;
mod srec;

/// The application area of the module the tests pretend to have, above 4 KiB of loader.
const AREA: core::ops::Range<u32> = 0x0800_1000..0x0803_0000;

/// Its RAM.
const RAM: core::ops::Range<u32> = 0x2000_0000..0x2000_5000;

/// The record every HEX file ends with.
const END: &str = ":00000001FF\n";

/// A valid application of `len` bytes.
fn application(len: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..len).map(|at| (at * 7 + at / 251) as u8).collect();
    bytes[..4].copy_from_slice(&RAM.end.to_le_bytes());
    bytes[4..8].copy_from_slice(&(AREA.start + 0xe0 + 1).to_le_bytes());
    application_header().emit((&mut bytes[0xc0..0xe0]).try_into().unwrap());
    bytes
}

fn application_header() -> ImageHeader {
    ImageHeader {
        vendor: 0x1209,
        module_type: 3,
        hardware: Hardware::new(2, 4).unwrap(),
        version: Version { major: 1, minor: 2, patch: 3 },
        name: Name::new("Envelope").unwrap(),
    }
}

/// An error as the page has it: its code and its place; and in words.
fn told(error: &ImageError) -> String {
    let line = error.line().map_or(String::new(), |line| format!(", line {line}"));
    let address = error.address().map_or(String::new(), |address| format!(", {address:#010x}"));
    format!("{}{line}{address}\n{error}\n", error.code())
}

fn at_area(bytes: &[u8]) -> Image {
    Image::from_binary(bytes, AREA.start).unwrap()
}

/// Numbers that look random and are the same on every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % limit
    }
}
