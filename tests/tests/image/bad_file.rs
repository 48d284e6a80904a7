//! Files that are no image: each is refused with its place and what to do.

use expect_test::{Expect, expect};
use rackflash_core::host::image::{FILE_LEN_MAX, IMAGE_LEN_MAX, Image};

use crate::{END, record, told};

fn check(file: impl AsRef<[u8]>, expect: Expect) {
    let error = Image::parse(file.as_ref(), None).unwrap_err();
    expect.assert_eq(&told(&error));
}

#[test]
fn an_empty_file() {
    check(
        "",
        expect![[r#"
        file-empty
        The file is empty. Download it again.
    "#]],
    );
}

#[test]
fn a_file_of_blank_lines() {
    for read in [Image::from_hex, Image::from_srec] {
        assert_eq!(read(b"\r\n \r\n").unwrap_err().code(), "file-empty");
    }
    check(
        "\r\n \r\n",
        expect![[r#"
        file-empty
        The file is empty. Download it again.
    "#]],
    );
}

#[test]
fn a_file_of_one_byte() {
    check(
        [0x20],
        expect![[r#"
        file-empty
        The file is empty. Download it again.
    "#]],
    );
    check(
        [0x00],
        expect![[r#"
            no-address
            This is no ELF, Intel HEX or S-record file. If it is a raw binary, say at which address it belongs; else choose another file.
        "#]],
    );
    check(
        ":",
        expect![[r#"
            record-digits, line 1
            Line 1 is no whole record: it has too few or too many digits. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_web_page_saved_instead_of_the_file() {
    check(
        "<!DOCTYPE html>\n",
        expect![[r#"
            no-address
            This is no ELF, Intel HEX or S-record file. If it is a raw binary, say at which address it belongs; else choose another file.
        "#]],
    );
}

#[test]
fn a_bad_checksum() {
    check(
        record(0, 0, &[1]) + ":0100010001FE\n" + END,
        expect![[r#"
            record-checksum, line 2
            Line 2: the checksum is FE, but the record adds up to FD. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_letter_that_is_no_digit() {
    check(
        ":00000001FG\n",
        expect![[r#"
            record-character, line 1
            Line 1: character 11 is not a hexadecimal digit. The file is damaged; download it again.
        "#]],
    );
    check(
        ":0000000é1FF\n",
        expect![[r#"
            record-character, line 1
            Line 1: character 9 is not a hexadecimal digit. The file is damaged; download it again.
        "#]],
    );
    check(
        b":000000\xff1FF\n",
        expect![[r#"
            record-character, line 1
            Line 1: character 8 is not a hexadecimal digit. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn two_records_on_one_line() {
    check(
        ":00000001FF:00000001FF\n",
        expect![[r#"
            record-character, line 1
            Line 1: character 12 is not a hexadecimal digit. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn an_odd_number_of_digits() {
    check(
        ":00000001F\n",
        expect![[r#"
            record-digits, line 1
            Line 1 is no whole record: it has too few or too many digits. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_record_that_is_too_short() {
    check(
        ":00000001\n",
        expect![[r#"
            record-digits, line 1
            Line 1 is no whole record: it has too few or too many digits. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_record_shorter_than_it_says() {
    check(
        ":02000000AA54\n",
        expect![[r#"
            record-length, line 1
            Line 1: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_base_record_of_one_byte() {
    check(
        record(4, 0, &[8]) + END,
        expect![[r#"
            record-length, line 1
            Line 1: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_comment() {
    check(
        record(0, 0, &[1]) + "; made by hand\n" + END,
        expect![[r#"
            record-start, line 2
            Line 2 does not begin with a colon. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_record_type_of_nobody() {
    check(
        record(6, 0, &[1]) + END,
        expect![[r#"
            record-type, line 1
            Line 1: record type 06 is not one of Intel HEX. Ask the firmware's maker for a plain file.
        "#]],
    );
}

#[test]
fn a_universal_hex_for_two_micro_bits() {
    check(
        record(4, 0, &[0, 0]) + ":0400000A9900C0DEBB\n" + END,
        expect![[r#"
            record-type, line 2
            Line 2: record type 0A is not one of Intel HEX. Ask the firmware's maker for a plain file.
        "#]],
    );
}

#[test]
fn no_end_record() {
    check(
        record(0, 0, &[1]) + "\r\n",
        expect![[r#"
            record-no-end, line 2
            The file stops after line 2 without an end record. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn text_after_the_end_record() {
    check(
        record(0, 0, &[1]) + END + "\n" + &record(0, 1, &[1]),
        expect![[r#"
            record-after-end, line 4
            Line 4 follows the end record. The file is damaged, or two were joined; download it again.
        "#]],
    );
}

#[test]
fn two_end_records() {
    check(
        record(0, 0, &[1]) + END + END,
        expect![[r#"
            record-after-end, line 3
            Line 3 follows the end record. The file is damaged, or two were joined; download it again.
        "#]],
    );
}

#[test]
fn no_data() {
    check(
        record(5, 0, &[0, 0, 0, 1]) + END,
        expect![[r#"
            no-data
            The file holds nothing for a flash. Ask the firmware's maker for a correct file.
        "#]],
    );
}

#[test]
fn overlapping_records_that_differ() {
    let bytes = [1, 2, 3, 4];
    let base = record(4, 0, &[0x08, 0x00]);
    let file =
        base + &record(0, 4, &bytes) + &record(0, 0, &bytes) + &record(0, 3, &[4, 1, 2, 9]) + END;
    check(
        file,
        expect![[r#"
            record-overlap, line 4, 0x08000006
            Lines 2 and 4 give address 0x08000006 different bytes. Ask the firmware's maker for a correct file.
        "#]],
    );
}

#[test]
fn a_record_past_the_last_address() {
    check(
        record(4, 0, &[0xFF, 0xFF]) + &record(0, 0xFFFF, &[1, 2]) + END,
        expect![[r#"
            record-address, line 2
            Line 2 reaches past address 0xffffffff. Ask the firmware's maker for a correct file.
        "#]],
    );
}

#[test]
fn a_file_that_is_too_large() {
    check(
        ":".repeat(FILE_LEN_MAX + 1),
        expect![[r#"
            file-too-large
            The file has 8388609 bytes; firmware files like it have at most 8388608. Choose a file made for this module.
        "#]],
    );
}

#[test]
fn a_hex_with_more_data_than_any_flash() {
    let mut file = String::new();
    for upper in 0..=32 {
        file += &record(4, 0, &[8, upper]);
        (0..=255).for_each(|block| file += &record(0, block << 8, &[1; 255]));
    }
    check(
        file + END,
        expect![[r#"
        image-too-large
        The image takes 2154240 bytes; the largest flash has 2097152. Choose a file made for this module.
    "#]],
    );
}

#[test]
fn a_binary_larger_than_any_flash() {
    let error = Image::from_binary(&vec![0; IMAGE_LEN_MAX as usize + 1], 0).unwrap_err();
    expect![[r#"
        The image takes 2097153 bytes; the largest flash has 2097152. Choose a file made for this module.
    "#]].assert_eq(&format!("{}\n", error));
}

#[test]
fn a_binary_past_the_last_address() {
    let error = Image::from_binary(&[1, 2], 0xffff_ffff).unwrap_err();
    expect![[r#"
        binary-address, 0xffffffff
        The binary file, put at 0xffffffff, reaches past address 0xffffffff. Give a lower address.
    "#]]
    .assert_eq(&told(&error));
    assert!(Image::from_binary(&[1], 0xffff_ffff).is_ok());
}

fn small_file() -> Vec<u8> {
    (record(4, 0, &[0x08, 0x00]) + &record(0, 0x1000, &[1; 16]) + &record(0, 0x1010, &[2; 7]) + END)
        .into_bytes()
}

#[test]
fn every_digit_changed() {
    let file = small_file();
    for at in 0..file.len() {
        for digit in b"0123456789ABCDEFG:".iter().filter(|digit| **digit != file[at]) {
            let mut changed = file.clone();
            changed[at] = *digit;
            Image::from_hex(&changed).expect_err(&String::from_utf8_lossy(&changed));
        }
    }
}

#[test]
fn every_truncation() {
    let file = small_file();
    for len in 0..file.trim_ascii_end().len() {
        Image::from_hex(&file[..len]).unwrap_err();
    }
}
