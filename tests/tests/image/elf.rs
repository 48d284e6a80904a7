//! ELF files, made by hand and broken: read, or refused with what is wrong and what to do.

use expect_test::{Expect, expect};
use rackflash_core::host::image::{ELF_LEN_MAX, Image};
use rackflash_tests::firmware::{SECTION_LEN, SEGMENT_LEN, elf, field};

use crate::{reading, told};

/// Code, and behind it what is copied to RAM at the start.
fn file() -> Vec<u8> {
    elf(&[(0x0800_1000, &[1, 2, 3, 4]), (0x0800_1004, &[5, 6])])
}

fn with(changes: &[(usize, u32)]) -> Vec<u8> {
    let mut file = file();
    for (at, value) in changes {
        file[*at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    file
}

fn with_byte(at: usize, byte: u8) -> Vec<u8> {
    let mut file = file();
    file[at] = byte;
    file
}

fn read(file: &[u8], expect: Expect) {
    expect.assert_eq(&reading::told(&Image::parse(file, None).unwrap()));
}

fn refused(file: &[u8], expect: Expect) {
    // Where binaries belong does not matter: it is none.
    let error = Image::parse(file, Some(0)).unwrap_err();
    expect.assert_eq(&told(&error));
}

#[test]
fn each_segment_at_its_physical_address() {
    read(
        &file(),
        expect![[r#"
        08001000: 01 02 03 04 05 06
    "#]],
    );
}

#[test]
fn without_a_section_header_table() {
    let mut file = with(&[(field::SECTIONS_AT, 0)]);
    file[field::SECTIONS..field::SECTIONS + 2].fill(0);
    read(
        &file,
        expect![[r#"
        08001000: 01 02 03 04 05 06
    "#]],
    );
}

/// A linker puts the file's own headers there, where it is not told otherwise.
#[test]
fn what_no_section_has_is_not_the_programs() {
    let headers = u32::try_from(field::OFFSET - 4 + 2 * SEGMENT_LEN).unwrap();
    let file = with(&[
        (field::OFFSET, 0),
        (field::PHYSICAL, 0x0800_1000 - headers),
        (field::FILE_LEN, headers + 4),
        (field::MEMORY_LEN, headers + 4),
    ]);
    read(
        &file,
        expect![[r#"
        08001000: 01 02 03 04 05 06
    "#]],
    );
}

#[test]
fn no_segment_has_bytes() {
    let file = elf(&[(0x2000_0000, &[])]);
    refused(
        &file,
        expect![[r#"
        no-data
        The file holds nothing for a flash. Ask the firmware's maker for a correct file.
    "#]],
    );
    refused(
        &elf(&[]),
        expect![[r#"
        no-data
        The file holds nothing for a flash. Ask the firmware's maker for a correct file.
    "#]],
    );
}

#[test]
fn for_another_machine() {
    refused(
        &with_byte(field::CLASS, 2),
        expect![[r#"
        elf-target
        The ELF file is for a machine of 64 bits, not for a little-endian ARM of 32 bits (number 40). Choose a file made for this module.
    "#]],
    );
    refused(
        &with_byte(field::ORDER, 2),
        expect![[r#"
        elf-target
        The ELF file is for a big-endian machine, not for a little-endian ARM of 32 bits (number 40). Choose a file made for this module.
    "#]],
    );
    refused(
        &with_byte(field::MACHINE, 243),
        expect![[r#"
        elf-target
        The ELF file is for machine number 243, not for a little-endian ARM of 32 bits (number 40). Choose a file made for this module.
    "#]],
    );
}

#[test]
fn not_linked() {
    refused(
        &with_byte(field::KIND, 1),
        expect![[r#"
        elf-kind
        The ELF file is of type 1; a linked program is of type 2. Choose the file that the linker has made.
    "#]],
    );
}

#[test]
fn a_header_that_makes_no_sense() {
    refused(
        &with_byte(field::CLASS, 3),
        expect![[r#"
            elf-form
            The ELF file's header or a table of it is damaged or cut off. Download it again.
        "#]],
    );
    for (at, byte) in [
        (field::ORDER, 3),
        (field::SEGMENT_LEN, 33),
        (field::SECTION_LEN, 39),
        (field::SEGMENTS_AT + 3, 0xff),
        (field::SECTIONS_AT + 3, 0xff),
        (field::SECTIONS, 200),
    ] {
        let error = Image::parse(&with_byte(at, byte), None).unwrap_err();
        assert_eq!(error.code(), "elf-form", "{at}");
    }
}

#[test]
fn counts_of_0xffff() {
    let mut file = file();
    file[field::SEGMENTS..field::SEGMENTS + 2].fill(0xff);
    // The number is to be found in the first section, then: none.
    refused(
        &file,
        expect![[r#"
        no-data
        The file holds nothing for a flash. Ask the firmware's maker for a correct file.
    "#]],
    );
    // Or as many as there can be.
    let first_section = file.len() - 3 * SECTION_LEN;
    file[first_section + 28..first_section + 32].fill(0xff);
    refused(
        &file,
        expect![[r#"
            elf-form
            The ELF file's header or a table of it is damaged or cut off. Download it again.
        "#]],
    );
    file[field::SECTIONS..field::SECTIONS + 2].fill(0xff);
    refused(
        &file,
        expect![[r#"
            elf-form
            The ELF file's header or a table of it is damaged or cut off. Download it again.
        "#]],
    );
}

#[test]
fn more_segments_than_any_program_has() {
    let pieces: Vec<(u32, &[u8])> = (0..65).map(|n| (2 * n, [1].as_slice())).collect();
    assert!(Image::from_elf(&elf(&pieces[..64])).is_ok());
    refused(
        &elf(&pieces),
        expect![[r#"
        elf-segments
        The ELF file loads 65 segments; programs for modules load at most 64. Choose a file made for this module.
    "#]],
    );
}

#[test]
fn a_segment_outside_the_file() {
    for changes in [
        [(field::OFFSET, u32::MAX), (field::FILE_LEN, 4)],
        [(field::OFFSET, u32::MAX - 1), (field::FILE_LEN, u32::MAX)],
        [(field::FILE_LEN, u32::MAX), (field::MEMORY_LEN, u32::MAX)],
    ] {
        let error = Image::parse(&with(&changes), None).unwrap_err();
        assert_eq!(error.code(), "elf-segment", "{changes:?}");
    }
    refused(
        &with(&[(field::OFFSET, u32::MAX)]),
        expect![[r#"
            elf-segment, 0x08001000
            Segment 1 of the ELF file, for 0x08001000, is not as long as the file says. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_segment_longer_in_the_file_than_in_memory() {
    refused(
        &with(&[(field::MEMORY_LEN, 3)]),
        expect![[r#"
            elf-segment, 0x08001000
            Segment 1 of the ELF file, for 0x08001000, is not as long as the file says. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_section_that_reaches_out_of_its_segment() {
    refused(
        &with(&[(field::FILE_LEN, 3)]),
        expect![[r#"
            elf-segment, 0x08001000
            Segment 1 of the ELF file, for 0x08001000, is not as long as the file says. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_segment_past_the_last_address() {
    refused(
        &with(&[(field::PHYSICAL, 0xffff_fffd)]),
        expect![[r#"
            elf-address, 0xfffffffd
            Segment 1 of the ELF file, for 0xfffffffd, reaches past address 0xffffffff. Ask the firmware's maker for a correct file.
        "#]],
    );
    assert!(Image::from_elf(&with(&[(field::PHYSICAL, 0xffff_fffc)])).is_ok());
}

#[test]
fn overlapping_segments() {
    refused(
        &elf(&[(4, &[1, 2, 3, 4]), (2, &[8, 9, 1, 7])]),
        expect![[r#"
            elf-overlap, 0x00000005
            Segments 1 and 2 of the ELF file give address 0x00000005 different bytes. Ask the firmware's maker for a correct file.
        "#]],
    );
    // Nothing contradicts itself.
    read(
        &elf(&[(4, &[1, 2, 3, 4]), (2, &[8, 9, 1, 2])]),
        expect![[r#"
        00000002: 08 09 01 02 03 04
    "#]],
    );
}

/// Each byte of the file may be loaded to many places.
#[test]
fn many_segments_of_the_same_bytes() {
    let (first, second) = (vec![7; 0x0010_0001], vec![7; 0x000f_ffff]);
    assert!(Image::from_elf(&elf(&[(0, &first), (0x0020_0000, &second)])).is_ok());
    let mut file = elf(&[(0, &first), (0x0020_0000, &[])]);
    let (one, two) = file[52..].split_at_mut(SEGMENT_LEN);
    // All but its address.
    two[4..8].copy_from_slice(&one[4..8]);
    two[16..24].copy_from_slice(&one[16..24]);
    refused(
        &file,
        expect![[r#"
        image-too-large
        The image takes 2097154 bytes; the largest flash has 2097152. Choose a file made for this module.
    "#]],
    );
}

#[test]
fn a_file_that_is_too_large() {
    let mut file = file();
    file.resize(ELF_LEN_MAX + 1, 0);
    refused(
        &file,
        expect![[r#"
        file-too-large
        The file has 67108865 bytes; firmware files like it have at most 67108864. Choose a file made for this module.
    "#]],
    );
    // What debuggers want may be longer than any image.
    file.truncate(ELF_LEN_MAX);
    assert!(Image::from_elf(&file).is_ok());
}

#[test]
fn every_truncation() {
    let file = file();
    assert!(Image::from_elf(&file).is_ok());
    for len in 0..file.len() {
        Image::from_elf(&file[..len]).unwrap_err();
    }
}

/// Whatever a byte says, it is an image of the same bytes or none: no byte is read from elsewhere unless the tables say so.
#[test]
fn every_byte_changed() {
    let file = file();
    let (mut read, mut refused) = (0, 0);
    for at in 0..file.len() {
        for byte in [1, 2, 3, 0x7f, 0x80, 0xfe, 0xff].map(|change| file[at] ^ change) {
            let mut changed = file.clone();
            changed[at] = byte;
            match Image::from_elf(&changed) {
                Ok(image) => {
                    read += 1;
                    assert!(image.segments().iter().all(|segment| segment.bytes().len() <= 6));
                }
                Err(_) => refused += 1,
            }
        }
    }
    expect!["1343 read, 351 refused"].assert_eq(&format!("{read} read, {refused} refused"));
}
