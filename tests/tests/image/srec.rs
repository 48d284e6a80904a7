//! Motorola S-records: read, or refused with their line and what to do.

use expect_test::{Expect, expect};
use rackflash_core::host::image::{FILE_LEN_MAX, Image};
use rackflash_tests::firmware::s_record;

use crate::{reading, told};

/// Two lines of data between a header and an end, each of the type with addresses of `address_len` bytes.
fn file(address_len: u8) -> String {
    let (data, end) = (address_len - 1, 11 - address_len);
    s_record(0, 0, b"module")
        + &s_record(data, 0x1000, &[0xAB, 2])
        + &s_record(data, 0x1002, &[0xCD, 4])
        + &s_record(5, 2, &[])
        + &s_record(end, 0x1000, &[])
}

fn read(file: impl AsRef<[u8]>, expect: Expect) {
    expect.assert_eq(&reading::told(&Image::parse(file.as_ref(), None).unwrap()));
}

fn refused(file: impl AsRef<[u8]>, expect: Expect) {
    let error = Image::parse(file.as_ref(), None).unwrap_err();
    expect.assert_eq(&told(&error));
}

#[test]
fn as_tools_write_it() {
    expect![[r#"
        S00900006D6F64756C6570
        S1051000AB023D
        S1051002CD0417
        S5030002FA
        S9031000EC
    "#]]
    .assert_eq(&file(2));
    for address_len in 2..=4 {
        assert_eq!(
            Image::parse(file(address_len).as_bytes(), None),
            Image::parse(file(2).as_bytes(), None)
        );
    }
    read(
        file(2),
        expect![[r#"
        00001000: ab 02 cd 04
    "#]],
    );
}

#[test]
fn addresses_of_16_24_and_32_bits_in_one_file() {
    read(
        s_record(1, 0xffff, &[1, 2])
            + &s_record(2, 0x00ff_ffff, &[3])
            + &s_record(3, 0xffff_ffff, &[4])
            + &s_record(9, 0, &[]),
        expect![[r#"
            0000ffff: 01 02
            00ffffff: 03
            ffffffff: 04
        "#]],
    );
}

#[test]
fn line_ends_blanks_and_lower_case_digits() {
    let wanted = Image::from_srec(file(4).as_bytes());
    assert!(wanted.is_ok());
    let lower = file(4).to_lowercase().replace('s', "S");
    let mark = "\u{FEFF}".to_owned() + &file(4);
    for odd in [
        file(4).replace('\n', "\r\n"),
        file(4).replace('\n', "\r"),
        file(4).replace('\n', " \n\n\t"),
        lower,
        mark,
    ] {
        assert_eq!(Image::parse(odd.as_bytes(), None), wanted, "{odd:?}");
    }
    assert_eq!(Image::parse(file(4).trim_end().as_bytes(), None), wanted);
}

#[test]
fn a_record_of_every_length() {
    let bytes: Vec<u8> = (0..=249).collect();
    let mut text = String::new();
    let mut address = 0x0800_0000;
    for len in 0..=250 {
        text += &s_record(3, address, &bytes[..len]);
        address += u32::try_from(len).unwrap();
    }
    read(
        text + &s_record(6, 251, &[]) + &s_record(7, 0, &[]),
        expect![[r#"
        08000000: 31375 bytes, 00 to f9
    "#]],
    );
}

#[test]
fn a_bad_checksum() {
    refused(
        file(2).replace("023D", "033D"),
        expect![[r#"
            record-checksum, line 2
            Line 2: the checksum is 3D, but the record adds up to 3C. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_letter_that_is_no_digit() {
    refused(
        file(2).replace("023D", "02G3"),
        expect![[r#"
            record-character, line 2
            Line 2: character 13 is not a hexadecimal digit. The file is damaged; download it again.
        "#]],
    );
    refused(
        file(2).replace("023D", "02é"),
        expect![[r#"
            record-character, line 2
            Line 2: character 13 is not a hexadecimal digit. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_line_that_is_cut_or_goes_on() {
    refused(
        file(2).replace("023D", "023"),
        expect![[r#"
            record-digits, line 2
            Line 2 is no whole record: it has too few or too many digits. The file is damaged; download it again.
        "#]],
    );
    refused(
        file(2).replace("023D", "02"),
        expect![[r#"
            record-length, line 2
            Line 2: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
    refused(
        file(2).replace("023D", "023D00"),
        expect![[r#"
            record-length, line 2
            Line 2: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
    refused(
        "S1",
        expect![[r#"
            record-digits, line 1
            Line 1 is no whole record: it has too few or too many digits. The file is damaged; download it again.
        "#]],
    );
    refused(
        "S103",
        expect![[r#"
            record-digits, line 1
            Line 1 is no whole record: it has too few or too many digits. The file is damaged; download it again.
        "#]],
    );
    refused(
        "S1".to_owned() + &"00".repeat(257),
        expect![[r#"
            record-digits, line 1
            Line 1 is no whole record: it has too few or too many digits. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_record_too_short_for_its_address() {
    refused(
        "S102FD00\n",
        expect![[r#"
            record-length, line 1
            Line 1: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
    refused(
        "S70300FFFD\n",
        expect![[r#"
            record-length, line 1
            Line 1: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
    refused(
        "S00100FE\n",
        expect![[r#"
            record-length, line 1
            Line 1: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_count_or_an_end_with_data_behind_it() {
    refused(
        s_record(5, 0, &[1]),
        expect![[r#"
            record-length, line 1
            Line 1: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
    refused(
        s_record(8, 0, &[1]),
        expect![[r#"
            record-length, line 1
            Line 1: the record is not as long as it says, or as its type must be. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_record_type_that_is_reserved() {
    refused(
        s_record(4, 0, &[]),
        expect![[r#"
            record-type, line 1
            Line 1: S4 is not a type of S-record that is used. Ask the firmware's maker for a plain file.
        "#]],
    );
}

#[test]
fn a_line_of_something_else() {
    refused(
        file(2).replace("S5", "Q5"),
        expect![[r#"
            record-start, line 4
            Line 4 does not begin with an S and a digit. The file is damaged; download it again.
        "#]],
    );
    refused(
        file(2).replace("S5", "s5"),
        expect![[r#"
            record-start, line 4
            Line 4 does not begin with an S and a digit. The file is damaged; download it again.
        "#]],
    );
    refused(
        file(2).replace("S5", "SA"),
        expect![[r#"
            record-start, line 4
            Line 4 does not begin with an S and a digit. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn a_line_that_is_missing() {
    refused(
        file(2).replace("S1051002CD0417\n", ""),
        expect![[r#"
            record-count, line 3
            Line 3 counts 2 data records before it; there are 1. The file is damaged; download it again.
        "#]],
    );
    refused(
        s_record(6, 0x1_0000, &[]),
        expect![[r#"
            record-count, line 1
            Line 1 counts 65536 data records before it; there are 0. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn no_end_record() {
    refused(
        file(2).replace("S5030002FA\nS9031000EC", ""),
        expect![[r#"
            record-no-end, line 4
            The file stops after line 4 without an end record. The file is damaged; download it again.
        "#]],
    );
    // As SRecord does: the count says that nothing is missing. Unless something follows.
    assert!(Image::from_srec(file(2).replace("S9031000EC", "").as_bytes()).is_ok());
    refused(
        file(2).replace("S9031000EC", &s_record(1, 0, &[1])),
        expect![[r#"
            record-no-end, line 6
            The file stops after line 6 without an end record. The file is damaged; download it again.
        "#]],
    );
}

#[test]
fn text_after_the_end_record() {
    refused(
        file(2) + &file(2),
        expect![[r#"
            record-after-end, line 6
            Line 6 follows the end record. The file is damaged, or two were joined; download it again.
        "#]],
    );
}

#[test]
fn overlapping_records() {
    let overlapping = |byte| {
        s_record(1, 4, &[1, 2, 3, 4]) + &s_record(2, 6, &[3, byte, 5]) + &s_record(9, 0, &[])
    };
    read(
        overlapping(4),
        expect![[r#"
        00000004: 01 02 03 04 05
    "#]],
    );
    refused(
        overlapping(9),
        expect![[r#"
            record-overlap, line 2, 0x00000007
            Lines 1 and 2 give address 0x00000007 different bytes. Ask the firmware's maker for a correct file.
        "#]],
    );
}

#[test]
fn a_record_past_the_last_address() {
    refused(
        s_record(3, 0xffff_ffff, &[1, 2]) + &s_record(7, 0, &[]),
        expect![[r#"
            record-address, line 1
            Line 1 reaches past address 0xffffffff. Ask the firmware's maker for a correct file.
        "#]],
    );
}

#[test]
fn no_data() {
    refused(
        s_record(0, 0, b"empty") + &s_record(9, 0, &[]),
        expect![[r#"
        no-data
        The file holds nothing for a flash. Ask the firmware's maker for a correct file.
    "#]],
    );
}

#[test]
fn a_file_that_is_too_large() {
    refused(
        "S1".repeat(FILE_LEN_MAX / 2) + "S",
        expect![[r#"
        file-too-large
        The file has 8388609 bytes; firmware files like it have at most 8388608. Choose a file made for this module.
    "#]],
    );
}

/// A checksum sees each of them, but not the type: the same bytes can be another record.
#[test]
fn every_digit_changed() {
    let file = s_record(3, 0x1000, &[1; 16]) + &s_record(7, 0x1000, &[]);
    for at in 0..file.len() {
        let is_type = at > 0 && file.as_bytes()[at - 1] == b'S';
        for digit in b"0123456789ABCDEFG".iter().filter(|digit| **digit != file.as_bytes()[at]) {
            let mut changed = file.clone().into_bytes();
            changed[at] = *digit;
            let seen = Image::from_srec(&changed).is_err_and(|error| error.line().is_some());
            assert!(seen || is_type, "{}", String::from_utf8_lossy(&changed));
        }
    }
}

#[test]
fn every_truncation() {
    let file = file(4);
    let counted = file.find("S7").unwrap();
    for len in 0..file.trim_end().len() {
        let read = Image::from_srec(&file.as_bytes()[..len]);
        assert_eq!(read.is_ok(), (counted - 1..=counted).contains(&len), "{len}");
    }
}

/// But a stack pointer of 0x20315320, which no chip has.
#[test]
fn what_only_looks_like_it_is_a_binary() {
    for (file, is_binary) in
        [(b"S".as_slice(), true), (b"SP", true), (b"S1\0\0", true), (b"\x20S1\x20", false)]
    {
        assert_eq!(Image::parse(file, Some(0x0800_0000)).is_ok(), is_binary, "{file:?}");
    }
}
