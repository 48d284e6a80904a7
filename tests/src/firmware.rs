//! Firmware files as tools write them, for tests to break: Intel HEX, Motorola S-record, ELF. Reads none.

use core::fmt::Write;

/// One Intel HEX record and its line end.
pub fn hex_record(kind: u8, offset: u16, data: &[u8]) -> String {
    let [high, low] = offset.to_be_bytes();
    let mut bytes = vec![u8::try_from(data.len()).expect("a short record"), high, low, kind];
    bytes.extend(data);
    bytes.push(bytes.iter().fold(0, |sum, byte| sum.wrapping_sub(*byte)));
    line(":", &bytes)
}

/// One S-record and its line end. What counts or ends has its number as `address`, and no data.
pub fn s_record(kind: u8, address: u32, data: &[u8]) -> String {
    let address = address.to_be_bytes();
    let address = match kind {
        2 | 6 | 8 => &address[1..],
        3 | 7 => &address,
        _ => &address[2..],
    };
    let len = address.len() + data.len() + 1;
    let mut bytes = vec![u8::try_from(len).expect("a short record")];
    bytes.extend(address.iter().chain(data));
    bytes.push(!bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
    line(&format!("S{kind}"), &bytes)
}

fn line(start: &str, bytes: &[u8]) -> String {
    let mut text = start.to_owned();
    for byte in bytes {
        write!(text, "{byte:02X}").expect("a string takes all");
    }
    text + "\n"
}

/// Where a field is in an ELF file of 32 bits.
pub mod field {
    /// Addresses of 32 bits, or of 64.
    pub const CLASS: usize = 4;
    /// Which byte comes first.
    pub const ORDER: usize = 5;
    /// Linked, or not.
    pub const KIND: usize = 16;
    /// What it runs on.
    pub const MACHINE: usize = 18;
    /// Where the program header table begins.
    pub const SEGMENTS_AT: usize = 28;
    /// Where the section header table begins.
    pub const SECTIONS_AT: usize = 32;
    /// How long an entry of the program header table is.
    pub const SEGMENT_LEN: usize = 42;
    /// How many there are.
    pub const SEGMENTS: usize = 44;
    /// How long an entry of the section header table is.
    pub const SECTION_LEN: usize = 46;
    /// How many there are.
    pub const SECTIONS: usize = 48;

    /// In the first program header: where its bytes are.
    pub const OFFSET: usize = super::HEADER_LEN + 4;
    /// Where they are loaded.
    pub const PHYSICAL: usize = super::HEADER_LEN + 12;
    /// How many they are.
    pub const FILE_LEN: usize = super::HEADER_LEN + 16;
    /// How many bytes they are in memory.
    pub const MEMORY_LEN: usize = super::HEADER_LEN + 20;
}

/// A linked program for an ARM chip. Each piece is a segment, and a section of its own; it runs elsewhere than it is loaded.
/// The section header table comes last.
pub fn elf(pieces: &[(u32, &[u8])]) -> Vec<u8> {
    let count = u16::try_from(pieces.len()).expect("some pieces");
    let mut at = HEADER_LEN + pieces.len() * SEGMENT_LEN;
    let (mut segments, mut sections) = (Vec::new(), vec![0; SECTION_LEN]);
    for (address, bytes) in pieces {
        let [offset, len] = [at, bytes.len()].map(|it| u32::try_from(it).expect("a short file"));
        let runs_at = address ^ 0x2000_0000;
        push(&mut segments, &[PT_LOAD, offset, runs_at, *address, len, len, 7, 4]);
        push(&mut sections, &[0, PROGBITS, ALLOCATED, runs_at, offset, len, 0, 0, 4, 0]);
        at += bytes.len();
    }
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    // A linked program; ARM.
    file.extend([2, 0, 40, 0]);
    let sections_at = u32::try_from(at).expect("a short file");
    push(&mut file, &[1, 0, 52, sections_at, 0x0500_0000]);
    for half in [52, 32, count, 40, count + 1, 0] {
        file.extend(half.to_le_bytes());
    }
    file.extend(segments);
    pieces.iter().for_each(|(_, bytes)| file.extend(*bytes));
    file.extend(sections);
    file
}

fn push(to: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| to.extend(word.to_le_bytes()));
}

/// Bytes of an ELF file's header.
const HEADER_LEN: usize = 52;
/// Bytes of one entry of its program header table.
pub const SEGMENT_LEN: usize = 32;
/// Bytes of one entry of its section header table.
pub const SECTION_LEN: usize = 40;
const PT_LOAD: u32 = 1;
const PROGBITS: u32 = 1;
const ALLOCATED: u32 = 2;
