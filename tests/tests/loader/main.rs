//! The module's loader, its boot decision and its responder, on a chip that exists only here.
//!
//! - `conversation`: each request and its answer, as transcripts; `refusals`: and what is refused.
//! - `pages`: page frames that are lost, repeated, damaged, foreign.
//! - `address`: assignment and enumeration.
//! - `boot`: what starts after a reset, the whole table.
//! - `resume`: what a power cut leaves in doubt, and what the loader then insists on.
//! - `worn`: flash that does not take its bytes.
//! - `memory`: what a port copies, fills and compares bytes with.
//! - `cuts`: the power cut at every flash operation, twice, and by chance much more often.
#![expect(clippy::cast_possible_truncation, reason = "made-up numbers are cut to size on purpose")]

mod address;
mod bench;
mod boot;
mod chip;
mod conversation;
mod cuts;
#[expect(unsafe_code, reason = "bytes are copied by address")]
#[path = "../../../firmware/src/memory.rs"]
mod firmware_memory;
mod memory;
mod pages;
mod refusals;
mod resume;
mod worn;

use rackflash_core::module::record::RECORD_PAGES;
use rackflash_core::module::{Banks, Config};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::{Hardware, ImageHeader, Name};
use rackflash_core::wire::identity::{Geometry, Identity};
use rackflash_core::wire::module::{Begin, Uid};
use rackflash_core::wire::version::Version;

const FLASH_START: u32 = 0x0800_0000;
const LOADER_LEN: u32 = 0x400;
const APPLICATION_START: u32 = FLASH_START + LOADER_LEN + RECORD_PAGES * 128;
/// Pages of the application area.
const PAGES: u32 = 12;
/// The revision of the module's board.
const HARDWARE: u8 = 2;
const HOME: Address = Address::new(0x20).unwrap();

fn config() -> Config {
    let geometry = Geometry {
        flash_start: FLASH_START,
        flash_len: LOADER_LEN + (RECORD_PAGES + PAGES) * 128,
        application_start: APPLICATION_START,
        ram_start: 0x2000_0000,
        ram_len: 0x5000,
        page_len: 128,
        program_len: 64,
        eeprom_len: 64,
        erased: 0,
        banks: Banks::One,
    };
    let identity = Identity {
        vendor: 0x1209,
        module_type: 3,
        hardware: HARDWARE,
        name: *b"Envelope\0\0\0\0",
        uid: Uid(*b"uid of mine!"),
        loader: Version::new(1, 0, 0),
        geometry,
        home: HOME.get(),
        starts: 7,
        ..Identity::default()
    };
    Config { identity, assigned: Some(HOME) }
}

/// The same on a chip of two banks: six pages of the application area in the first, the others in the second.
fn two_banks() -> Config {
    let mut config = config();
    config.identity.geometry.banks = Banks::Two;
    config.identity.geometry.flash_len = 2 * (LOADER_LEN + (RECORD_PAGES + u32::from(SPLIT)) * 128);
    config
}

/// The first page of the second bank.
const SPLIT: u16 = 6;

/// A valid application of so many pages. Images of different seeds differ in every page.
fn image(pages: usize, seed: u8) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        (0..pages * 128).map(|at| (at * 7 + at / 128 + usize::from(seed) * 29) as u8 | 1).collect();
    bytes[..4].copy_from_slice(&0x2000_5000_u32.to_le_bytes());
    bytes[4..8].copy_from_slice(&(APPLICATION_START + 0xe1).to_le_bytes());
    header(seed).emit((&mut bytes[0xc0..0xe0]).try_into().unwrap());
    bytes
}

fn header(seed: u8) -> ImageHeader {
    ImageHeader {
        vendor: 0x1209,
        module_type: 3,
        hardware: Hardware::new(1, 2).unwrap(),
        version: Version::new(1, seed, 0),
        name: Name::new("Envelope").unwrap(),
    }
}

/// What is announced before `image` is sent.
fn begin(image: &[u8]) -> Begin {
    let header = ImageHeader::parse(&image[0xc0..]).unwrap();
    Begin {
        vendor: header.vendor,
        module_type: header.module_type,
        hardware: header.hardware,
        version: header.version,
        len: image.len() as u32,
        digest: digest(image),
        group: None,
    }
}
