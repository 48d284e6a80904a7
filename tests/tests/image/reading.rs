//! Files that are unusual and right: each is read to the same bytes at the same addresses.

use expect_test::{Expect, expect};
use rackflash_core::host::image::{Image, ImageError};

use crate::{END, record};

fn check(file: impl AsRef<[u8]>, expect: Expect) {
    expect.assert_eq(&told(&Image::parse(file.as_ref(), None).unwrap()));
}

/// Where its bytes are, and which.
pub(crate) fn told(image: &Image) -> String {
    let mut text = String::new();
    for segment in image.segments() {
        text += &format!("{:08x}:", segment.address());
        match segment.bytes() {
            bytes if bytes.len() <= 16 => {
                bytes.iter().for_each(|byte| text += &format!(" {byte:02x}"))
            }
            bytes => {
                text += &format!(
                    " {} bytes, {:02x} to {:02x}",
                    bytes.len(),
                    bytes[0],
                    bytes[bytes.len() - 1]
                )
            }
        }
        text += "\n";
    }
    text
}

fn two_records() -> String {
    record(4, 0, &[0x08, 0x00])
        + &record(0, 0x1000, &[0xAB, 2])
        + &record(0, 0x1002, &[0xCD, 4])
        + END
}

#[test]
fn line_ends_of_unix() {
    check(
        two_records(),
        expect![[r#"
        08001000: ab 02 cd 04
    "#]],
    );
}

#[test]
fn line_ends_of_windows() {
    check(
        two_records().replace('\n', "\r\n"),
        expect![[r#"
        08001000: ab 02 cd 04
    "#]],
    );
}

#[test]
fn line_ends_of_an_old_mac() {
    check(
        two_records().replace('\n', "\r"),
        expect![[r#"
        08001000: ab 02 cd 04
    "#]],
    );
}

#[test]
fn no_line_end_after_the_last_record() {
    check(
        two_records().trim_end(),
        expect![[r#"
        08001000: ab 02 cd 04
    "#]],
    );
}

#[test]
fn blank_lines_and_blanks_around_records() {
    check(
        two_records().replace('\n', " \n\n\t"),
        expect![[r#"
        08001000: ab 02 cd 04
    "#]],
    );
}

#[test]
fn lower_case() {
    check(
        two_records().to_lowercase(),
        expect![[r#"
        08001000: ab 02 cd 04
    "#]],
    );
}

#[test]
fn a_byte_order_mark() {
    check(
        "\u{FEFF}".to_owned() + &two_records(),
        expect![[r#"
        08001000: ab 02 cd 04
    "#]],
    );
}

#[test]
fn addresses_of_every_kind() {
    let file = record(0, 0x0000, &[1])
        + &record(2, 0, &[0x12, 0x34])
        + &record(0, 0x0010, &[2])
        + &record(3, 0, &[0, 0, 0x10, 0])
        + &record(4, 0, &[0x12, 0x34])
        + &record(0, 0x0010, &[3])
        + &record(5, 0, &[0x12, 0x34, 0, 0x11])
        + END;
    check(
        file,
        expect![[r#"
        00000000: 01
        00012350: 02
        12340010: 03
    "#]],
    );
}

#[test]
fn a_segment_wraps_at_64_kib() {
    check(
        record(2, 0, &[0x10, 0x00]) + &record(0, 0xFFFE, &[1, 2, 3, 4]) + END,
        expect![[r#"
        00010000: 03 04
        0001fffe: 01 02
    "#]],
    );
}

#[test]
fn linear_addresses_do_not_wrap_at_64_kib() {
    check(
        record(4, 0, &[0x00, 0x01]) + &record(0, 0xFFFE, &[1, 2, 3, 4]) + END,
        expect![[r#"
        0001fffe: 01 02 03 04
    "#]],
    );
}

#[test]
fn no_base_record_does_not_wrap_either() {
    check(
        record(0, 0xFFFE, &[1, 2, 3, 4]) + END,
        expect![[r#"
        0000fffe: 01 02 03 04
    "#]],
    );
}

#[test]
fn descending_order() {
    check(
        record(0, 8, &[5, 6]) + &record(0, 6, &[3, 4]) + &record(0, 4, &[1, 2]) + END,
        expect![[r#"
            00000004: 01 02 03 04 05 06
        "#]],
    );
}

#[test]
fn records_of_14_bytes_at_odd_addresses() {
    let records: String = (0..10).map(|n| record(0, 0x101 + n * 14, &[n as u8; 14])).collect();
    check(
        records + END,
        expect![[r#"
        00000101: 140 bytes, 00 to 09
    "#]],
    );
}

#[test]
fn records_of_255_bytes() {
    check(
        record(0, 0, &[1; 255]) + &record(0, 255, &[2; 255]) + END,
        expect![[r#"
        00000000: 510 bytes, 01 to 02
    "#]],
    );
}

#[test]
fn a_record_without_data() {
    check(
        record(0, 0x7000, &[]) + &record(0, 0, &[1]) + END,
        expect![[r#"
        00000000: 01
    "#]],
    );
}

#[test]
fn a_gap() {
    check(
        record(0, 0, &[1, 2]) + &record(0, 3, &[4]) + END,
        expect![[r#"
        00000000: 01 02
        00000003: 04
    "#]],
    );
}

#[test]
fn overlapping_records_that_agree() {
    let file = record(0, 0, &[1, 2, 3, 4]) + &record(0, 2, &[3, 4, 5]) + &record(0, 1, &[2]) + END;
    check(
        file,
        expect![[r#"
        00000000: 01 02 03 04 05
    "#]],
    );
}

#[test]
fn four_gibibytes_from_the_first_byte_to_the_last() {
    let file = record(0, 0, &[1]) + &record(4, 0, &[0xFF, 0xFF]) + &record(0, 0xFFFF, &[2]) + END;
    check(
        &file,
        expect![[r#"
            00000000: 01
            ffffffff: 02
        "#]],
    );
    // One piece of it is more than any module has.
    let image = Image::parse(file.as_bytes(), None).unwrap();
    assert_eq!(image.to_binary(), Err(ImageError::ImageTooLarge { len: 1 << 32 }));
}

/// Inserting record by record would take minutes here.
#[test]
fn half_a_million_records_in_descending_order_with_gaps() {
    let mut file = String::new();
    for upper in (0..16_u8).rev() {
        file += &record(4, 0, &[0, upper]);
        (0..0x8000).rev().for_each(|half| file += &record(0, half * 2, &[1]));
    }
    let image = Image::from_hex((file + END).as_bytes()).unwrap();
    expect!["524288 segments, end 0xfffff"].assert_eq(&format!(
        "{} segments, end {:#x}",
        image.segments().len(),
        image.end()
    ));
}

#[test]
fn a_binary_takes_the_address_it_is_given() {
    // The stack pointer 0x20003a20 begins with a blank and a colon.
    let image = Image::parse(&[0x20, 0x3A, 0x00, 0x20], Some(0x0800_1000)).unwrap();
    expect!["0x8001000 to 0x8001004"].assert_eq(&format!(
        "{:#x} to {:#x}",
        image.start(),
        image.end()
    ));
}
