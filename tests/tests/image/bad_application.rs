//! Images that are not for this module: each is refused before a page is cut.

use expect_test::{Expect, expect};
use rackflash_core::host::image::{Flash, Image, ImageError};

use crate::{AREA, END, RAM, application, at_area, record, told};

/// Asks all an update asks, in its order.
fn check(image: &Image, expect: Expect) {
    let ask = || -> Result<(), ImageError> {
        image.pages(&Flash { area: AREA, page_len: 128.try_into().unwrap(), erased: 0 })?;
        image.vectors(RAM, AREA)?;
        image.header()?;
        Ok(())
    };
    let error = ask().unwrap_err();
    expect.assert_eq(&told(&error));
}

fn changed(at: usize, bytes: &[u8]) -> Image {
    let mut application = application(1000);
    application[at..at + bytes.len()].copy_from_slice(bytes);
    at_area(&application)
}

#[test]
fn one_that_reaches_into_the_loader() {
    check(
        &Image::from_binary(&application(1000), AREA.start - 4).unwrap(),
        expect![[r#"
            image-start, 0x08000ffc
            The image begins at 0x08000ffc, below the application's first address 0x08001000. Choose a file made for this module.
        "#]],
    );
}

#[test]
fn one_that_leaves_out_the_first_page() {
    check(
        &Image::from_binary(&application(1000), AREA.start + 128).unwrap(),
        expect![[r#"
            image-start, 0x08001080
            The image begins at 0x08001080, above the application's first address 0x08001000. Choose a file made for this module.
        "#]],
    );
}

#[test]
fn one_byte_too_long() {
    check(
        &at_area(&application(AREA.len() + 1)),
        expect![[r#"
            image-end, 0x08030001
            The image ends at 0x08030001, above the application area's end 0x08030000. Choose a file made for this module.
        "#]],
    );
}

#[test]
fn four_gibibytes_wide() {
    let hex = record(4, 0, &[0x08, 0])
        + &record(0, 0x1000, &[1])
        + &record(4, 0, &[0xFF; 2])
        + &record(0, 0xFFFF, &[1]);
    check(
        &Image::from_hex((hex + END).as_bytes()).unwrap(),
        expect![[r#"
        image-end
        The image ends at 0x100000000, above the application area's end 0x08030000. Choose a file made for this module.
    "#]],
    );
}

#[test]
fn four_gibibytes_wide_for_a_module_that_claims_as_much() {
    let image = Image::from_hex(
        (record(0, 0, &[1]) + &record(4, 0, &[0xFF, 0]) + &record(0, 0, &[1]) + END).as_bytes(),
    );
    let flash = Flash { area: 0..u32::MAX, page_len: u32::MAX.try_into().unwrap(), erased: 0 };
    expect![[r#"
        The image takes 4294967295 bytes; the largest flash has 2097152. Choose a file made for this module.
    "#]].assert_eq(&format!("{}\n", image.unwrap().pages(&flash).unwrap_err()));
    expect![[r#"
        The image takes 4294967295 bytes; the largest flash has 2097152. Choose a file made for this module.
    "#]].assert_eq(&format!("{}\n", at_area(&[1]).pages(&flash).unwrap_err()));
}

#[test]
fn one_byte() {
    check(
        &at_area(&[0]),
        expect![[r#"
            no-vectors, 0x08001000
            The image, 0x08001000 to 0x08001001, has no whole vector table at its start. Choose a file made for this module.
        "#]],
    );
}

#[test]
fn shorter_than_the_vector_table() {
    check(
        &at_area(&application(1000)[..0xbf]),
        expect![[r#"
            no-vectors, 0x08001000
            The image, 0x08001000 to 0x080010bf, has no whole vector table at its start. Choose a file made for this module.
        "#]],
    );
}

#[test]
fn shorter_than_the_header() {
    let mut application = application(1000);
    application[4..8].copy_from_slice(&(AREA.start + 0x81).to_le_bytes());
    application.truncate(0xdf);
    check(
        &at_area(&application),
        expect![[r#"
            no-header, 0x080010c0
            There is no Rackflash header at 0x080010c0. Choose a file made for this module.
        "#]],
    );
}

#[test]
fn a_stack_outside_ram() {
    check(
        &changed(0, &0x2000_5004_u32.to_le_bytes()),
        expect![[r#"
        stack-pointer
        The image's stack pointer 0x20005004 is no word address in RAM, 0x20000000 to 0x20005000. Choose a file made for this module.
    "#]],
    );
    check(
        &changed(0, &0x2000_0000_u32.to_le_bytes()),
        expect![[r#"
        stack-pointer
        The image's stack pointer 0x20000000 is no word address in RAM, 0x20000000 to 0x20005000. Choose a file made for this module.
    "#]],
    );
    check(
        &changed(0, &[0xff; 4]),
        expect![[r#"
        stack-pointer
        The image's stack pointer 0xffffffff is no word address in RAM, 0x20000000 to 0x20005000. Choose a file made for this module.
    "#]],
    );
}

#[test]
fn a_stack_that_is_not_aligned() {
    check(
        &changed(0, &0x2000_4ffe_u32.to_le_bytes()),
        expect![[r#"
        stack-pointer
        The image's stack pointer 0x20004ffe is no word address in RAM, 0x20000000 to 0x20005000. Choose a file made for this module.
    "#]],
    );
}

#[test]
fn a_reset_vector_without_the_thumb_bit() {
    check(
        &changed(4, &0x0800_1100_u32.to_le_bytes()),
        expect![[r#"
        reset-vector
        The image's start address 0x08001100 is not Thumb code inside the image. Ask the firmware's maker for a correct file.
    "#]],
    );
}

#[test]
fn a_reset_vector_outside_the_image() {
    check(
        &changed(4, &(AREA.start + 1000 + 1).to_le_bytes()),
        expect![[r#"
        reset-vector
        The image's start address 0x080013e9 is not Thumb code inside the image. Ask the firmware's maker for a correct file.
    "#]],
    );
    check(
        &changed(4, &(AREA.start - 1).to_le_bytes()),
        expect![[r#"
        reset-vector
        The image's start address 0x08000fff is not Thumb code inside the image. Ask the firmware's maker for a correct file.
    "#]],
    );
    check(
        &changed(4, &[0xff; 4]),
        expect![[r#"
        reset-vector
        The image's start address 0xffffffff is not Thumb code inside the image. Ask the firmware's maker for a correct file.
    "#]],
    );
}

#[test]
fn a_reset_vector_behind_the_application_area() {
    let image = changed(4, &(AREA.start + 0x301).to_le_bytes());
    assert!(image.vectors(RAM, AREA).is_ok());
    assert_eq!(
        image.vectors(RAM, AREA.start..AREA.start + 0x300),
        Err(ImageError::ResetVector { value: AREA.start + 0x301 })
    );
}

#[test]
fn no_header() {
    check(
        &changed(0xc0, &[0; 32]),
        expect![[r#"
            no-header, 0x080010c0
            There is no Rackflash header at 0x080010c0. Choose a file made for this module.
        "#]],
    );
}

#[test]
fn a_header_of_a_later_format() {
    check(
        &changed(0xca, &[2]),
        expect![[r#"
            header, 0x080010c0
            The image header at 0x080010c0 is not valid: its format is 2, and this version reads 1. Use a newer Rackflash.
        "#]],
    );
}

#[test]
fn a_header_with_a_flipped_bit() {
    check(
        &changed(0xc8, &[3]),
        expect![[r#"
            header, 0x080010c0
            The image header at 0x080010c0 is not valid: its CRC does not match. Ask the firmware's maker for a correct file.
        "#]],
    );
}
