//! The demo's images: what a host would accept, and files that `ihex` reads.

use expect_test::expect;
use rackflash_core::host::image::Image;
use rackflash_sim::chip::{APPLICATION_START, FLASH_START};
use rackflash_sim::images;

#[test]
fn each_file_reads_as_its_image() {
    for image in images::all() {
        let read = Image::from_hex(image.hex.as_bytes()).unwrap();
        assert_eq!(read.segments().len(), 1, "{}", image.file);
        assert_eq!(read.start(), APPLICATION_START);
        assert_eq!(read.segments()[0].bytes(), image.bytes);
        assert_eq!(read.header().ok(), image.recipe.header());
        let application = APPLICATION_START..FLASH_START + 192 * 1024;
        read.vectors(0x2000_0000..0x2000_5000, application).unwrap();
    }
}

#[test]
fn sizes_and_what_an_update_changes() {
    let all = images::all();
    let text: String = all
        .chunks(2)
        .map(|pair| {
            let [old, new] = pair else { unreachable!() };
            let pages = new.bytes.len().div_ceil(128);
            let same =
                old.bytes.chunks(128).zip(new.bytes.chunks(128)).filter(|(a, b)| a == b).count();
            format!(
                "{} ({} bytes) to {} ({} bytes): {same} of {pages} pages stay\n",
                old.file,
                old.bytes.len(),
                new.file,
                new.bytes.len()
            )
        })
        .collect();
    expect![[r#"
        quad-vco-1.4.2.hex (62676 bytes) to quad-vco-1.4.3.hex (62676 bytes): 484 of 490 pages stay
        twin-filter-1.4.2.hex (98352 bytes) to twin-filter-2.0.1.hex (106136 bytes): 0 of 830 pages stay
        envelope-4-0.9.7.hex (25604 bytes) to envelope-4-1.0.0.hex (28508 bytes): 0 of 223 pages stay
    "#]].assert_eq(&text);
}

#[test]
fn they_are_the_same_for_ever() {
    let text: String = images::all()
        .iter()
        .map(|image| {
            format!("{:08x} {}\n", rackflash_core::wire::check::crc32(&image.bytes), image.file)
        })
        .collect();
    expect![[r#"
        eac3a285 quad-vco-1.4.2.hex
        11f77b2e quad-vco-1.4.3.hex
        5e1014ce twin-filter-1.4.2.hex
        200d04cd twin-filter-2.0.1.hex
        dfe1fd76 envelope-4-0.9.7.hex
        3108845e envelope-4-1.0.0.hex
    "#]]
    .assert_eq(&text);
}
