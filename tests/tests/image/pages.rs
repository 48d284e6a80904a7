//! An image laid out for a flash: pages, gaps, the last page, the digest.

use expect_test::{Expect, expect};
use rackflash_core::{
    host::image::{Flash, Image, Vectors},
    wire::digest::digest,
};

use crate::{AREA, END, RAM, application, at_area, record};

/// Lays `(offset, bytes)` out on pages of 8 bytes from 0x100 to 0x140.
fn check(pieces: &[(u16, &[u8])], erased: u8, expect: Expect) {
    let hex: String = pieces.iter().map(|(offset, bytes)| record(0, *offset, bytes)).collect();
    let image = Image::from_hex((hex + END).as_bytes()).unwrap();
    let pages = image
        .pages(&Flash { area: 0x100..0x140, page_len: 8.try_into().unwrap(), erased })
        .unwrap();
    let mut text = String::new();
    let mut bytes = Vec::new();
    for (index, page) in pages.iter() {
        assert_eq!(pages.page(index), Some(page));
        text += &format!("{index}: {page:02x?}\n");
        bytes.extend(page);
    }
    assert_eq!(pages.page(pages.iter().len() as u32), None);
    let range = pages.range();
    assert_eq!(pages.digest(), digest(&bytes[..range.len()]));
    expect.assert_eq(&format!("{text}digest over {:#x} to {:#x}\n", range.start, range.end));
}

#[test]
fn a_whole_page() {
    check(
        &[(0x100, &[1, 2, 3, 4, 5, 6, 7, 8])],
        0,
        expect![[r#"
            0: [01, 02, 03, 04, 05, 06, 07, 08]
            digest over 0x100 to 0x108
        "#]],
    );
}

#[test]
fn one_byte() {
    check(
        &[(0x100, &[1])],
        0xff,
        expect![[r#"
            0: [01, ff, ff, ff, ff, ff, ff, ff]
            digest over 0x100 to 0x104
        "#]],
    );
}

#[test]
fn a_gap_over_more_than_a_page() {
    check(
        &[(0x103, &[1, 2]), (0x107, &[3, 4]), (0x11a, &[5])],
        0,
        expect![[r#"
            0: [00, 00, 00, 01, 02, 00, 00, 03]
            1: [04, 00, 00, 00, 00, 00, 00, 00]
            2: [00, 00, 00, 00, 00, 00, 00, 00]
            3: [00, 00, 05, 00, 00, 00, 00, 00]
            digest over 0x100 to 0x11c
        "#]],
    );
}

#[test]
fn a_gap_where_erased_is_ff() {
    check(
        &[(0x100, &[1]), (0x109, &[2])],
        0xff,
        expect![[r#"
            0: [01, ff, ff, ff, ff, ff, ff, ff]
            1: [ff, 02, ff, ff, ff, ff, ff, ff]
            digest over 0x100 to 0x10c
        "#]],
    );
}

#[test]
fn up_to_the_last_byte_of_the_area() {
    check(
        &[(0x100, &[1]), (0x13f, &[2])],
        0,
        expect![[r#"
            0: [01, 00, 00, 00, 00, 00, 00, 00]
            1: [00, 00, 00, 00, 00, 00, 00, 00]
            2: [00, 00, 00, 00, 00, 00, 00, 00]
            3: [00, 00, 00, 00, 00, 00, 00, 00]
            4: [00, 00, 00, 00, 00, 00, 00, 00]
            5: [00, 00, 00, 00, 00, 00, 00, 00]
            6: [00, 00, 00, 00, 00, 00, 00, 00]
            7: [00, 00, 00, 00, 00, 00, 00, 02]
            digest over 0x100 to 0x140
        "#]],
    );
}

#[test]
fn exactly_as_long_as_the_flash() {
    let application = application(AREA.len());
    let flash = Flash { area: AREA, page_len: 128.try_into().unwrap(), erased: 0 };
    let pages = at_area(&application).pages(&flash).unwrap();
    assert_eq!(pages.iter().len(), AREA.len() / 128);
    assert_eq!(pages.digest(), digest(&application));
    assert!(pages.iter().flat_map(|(_, page)| page).eq(&application));
}

#[test]
fn the_vectors_of_an_application() {
    let vectors = at_area(&application(1000)).vectors(RAM, AREA);
    assert_eq!(vectors, Ok(Vectors { stack_pointer: RAM.end, reset: AREA.start + 0xe1 }));
}

#[test]
fn reads_at_every_place_and_length() {
    let image =
        Image::from_hex((record(0, 4, &[1, 2, 3]) + &record(0, 9, &[4, 5]) + END).as_bytes())
            .unwrap();
    let whole = [9, 9, 9, 9, 1, 2, 3, 9, 9, 4, 5, 9, 9, 9, 9, 9];
    for from in 0..16 {
        for to in from..16 {
            let mut into = vec![7; to - from];
            image.read_padded(from as u32, &mut into, 9);
            assert_eq!(into, whole[from..to]);
            assert_eq!(
                image.covers(from as u32, to - from),
                !whole[from..to].contains(&9),
                "{from} to {to}"
            );
        }
    }
}

#[test]
fn reads_at_the_end_of_the_address_space() {
    let image = Image::from_binary(&[1, 2], 0xffff_fffe).unwrap();
    let mut into = [7; 4];
    image.read_padded(0xffff_ffff, &mut into, 0);
    assert_eq!(into, [2, 0, 0, 0]);
    assert!(image.covers(0xffff_ffff, 1) && !image.covers(0xffff_ffff, 2));
    assert_eq!((image.end(), image.span_len()), (0x1_0000_0000, 2));
}
