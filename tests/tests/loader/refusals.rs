//! What the loader does not do, and what it says then.

use expect_test::expect;
use rackflash_core::module::boot::Asked;
use rackflash_core::wire::check::{crc32, crc32_to};
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::{FORMAT, Hardware, ImageHeader};
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::module::{Begin, Outcome, Request, Session};
use rackflash_core::wire::version::Version;

use crate::bench::{Bench, check};
use crate::chip::TestChip;
use crate::{APPLICATION_START, FLASH_START, HARDWARE, HOME, PAGES, begin, config, header, image};

#[test]
fn an_update_that_is_not_for_this_module_touches_nothing() {
    let good = begin(&image(3, 2));
    let requests = [
        Begin { vendor: 1, ..good },
        Begin { module_type: 4, ..good },
        Begin { hardware: Hardware::new(HARDWARE + 1, 9).unwrap(), ..good },
        Begin { hardware: Hardware::new(0, HARDWARE - 1).unwrap(), ..good },
        Begin { len: 0, ..good },
        Begin { len: 383, ..good },
        Begin { len: PAGES * 128 + 4, ..good },
        Begin { len: u32::MAX - 3, ..good },
        Begin { len: 0xdc, ..good },
    ];
    let mut bench = Bench::installed(&image(3, 1));
    check(
        &mut bench,
        &requests.map(Request::Begin),
        &expect![[r#"
            Begin 0001:0003 hardware 1 to 2 1.2.0 len=384 digest=9ee97676 => Loader tag=1 WrongType room=0x00 received=0
            Begin 1209:0004 hardware 1 to 2 1.2.0 len=384 digest=9ee97676 => Loader tag=2 WrongType room=0x00 received=0
            Begin 1209:0003 hardware 3 to 9 1.2.0 len=384 digest=9ee97676 => Loader tag=3 WrongHardware room=0x00 received=0
            Begin 1209:0003 hardware 0 to 1 1.2.0 len=384 digest=9ee97676 => Loader tag=4 WrongHardware room=0x00 received=0
            Begin 1209:0003 hardware 1 to 2 1.2.0 len=0 digest=9ee97676 => Loader tag=5 BadHeader room=0x00 received=0
            Begin 1209:0003 hardware 1 to 2 1.2.0 len=383 digest=9ee97676 => Loader tag=6 OutOfArea room=0x00 received=0
            Begin 1209:0003 hardware 1 to 2 1.2.0 len=1540 digest=9ee97676 => Loader tag=7 OutOfArea room=0x00 received=0
            Begin 1209:0003 hardware 1 to 2 1.2.0 len=4294967292 digest=9ee97676 => Loader tag=8 OutOfArea room=0x00 received=0
            Begin 1209:0003 hardware 1 to 2 1.2.0 len=220 digest=9ee97676 => Loader tag=9 BadHeader room=0x00 received=0
        "#]],
    );
    assert_eq!(bench.chip.operations, 0);
    // The whole area, and the least that has a header.
    for len in [PAGES * 128, 0xe0] {
        let outcome = bench.ask(&Request::Begin(Begin { len, ..good })).unwrap().0;
        assert_eq!(outcome, Outcome::Done);
    }
}

#[test]
fn a_commit_out_of_turn() {
    let mut bench = Bench::installed(&image(3, 1));
    check(
        &mut bench,
        &[Request::Commit],
        &expect![[r#"
        Commit => Loader tag=1 NotOpen room=0x00 received=0
    "#]],
    );
    let image = image(3, 2);
    check(
        &mut bench,
        &[Request::Begin(begin(&image)), Request::Commit],
        &expect![[r#"
            Begin 1209:0003 hardware 1 to 2 1.2.0 len=384 digest=9ee97676 => Receiving tag=2 Done room=0x03 received=0; 0000000000000000
            Commit => Receiving tag=3 Incomplete room=0x03 received=0
        "#]],
    );
    bench.send(&image, &[1, 2]).unwrap();
    bench.session = Session(2);
    check(
        &mut bench,
        &[Request::Commit],
        &expect![[r#"
        Commit => Receiving tag=4 NotOpen room=0x03 received=2
    "#]],
    );
    bench.session = Session(1);
    check(
        &mut bench,
        &[Request::Commit, Request::Run],
        &expect![[r#"
        Commit => Receiving tag=5 Incomplete room=0x03 received=2
        Run => Receiving tag=6 NoApplication room=0x03 received=2
    "#]],
    );
    bench.send(&image, &[0]).unwrap();
    check(
        &mut bench,
        &[Request::Commit, Request::Commit],
        &expect![[r#"
            Commit => Committed tag=7 Done room=0x00 received=3; 7676e99e
            Commit => Committed tag=8 Done room=0x00 received=3; 7676e99e
        "#]],
    );
}

#[test]
fn an_image_that_is_not_what_was_announced() {
    let good = image(3, 2);
    let with = |change: &dyn Fn(&mut [u8])| {
        let mut image = good.clone();
        change(&mut image);
        image
    };
    let with_header = |header: ImageHeader| {
        with(&|image| header.emit((&mut image[0xc0..0xe0]).try_into().unwrap()))
    };
    let wrong = |image: &[u8], announced: Begin| {
        let mut bench = Bench::installed(&crate::image(3, 1));
        bench.ask(&Request::Begin(announced)).unwrap();
        bench.send(image, &[1, 2, 0]).unwrap();
        let line = bench.line(&Request::Commit);
        // Whatever it was, nothing of it can be started, and another try is welcome.
        assert_eq!(bench.boot(Asked::Nothing).unwrap(), crate::boot::loader(Why::Interrupted));
        assert_eq!(bench.update(&good), Outcome::Done);
        line
    };
    let described = |image: &[u8]| Begin { digest: digest(image), ..begin(&good) };
    let stack = |value: u32| with(&|image| image[..4].copy_from_slice(&value.to_le_bytes()));
    let reset = |value: u32| with(&|image| image[4..8].copy_from_slice(&value.to_le_bytes()));
    let start = APPLICATION_START;
    let images = [
        ("another digest", with(&|image| image[300] ^= 1), begin(&good)),
        ("no header", with(&|image| image[0xc0] ^= 1), begin(&good)),
        (
            "a later format",
            with(&|image| {
                image[0xca] = FORMAT + 1;
                let sealed = crc32(&image[0xc0..0xdc]).to_le_bytes();
                image[0xdc..0xe0].copy_from_slice(&sealed);
            }),
            begin(&good),
        ),
        ("another vendor", with_header(ImageHeader { vendor: 1, ..header(2) }), begin(&good)),
        ("another type", with_header(ImageHeader { module_type: 1, ..header(2) }), begin(&good)),
        (
            "a later board",
            with_header(ImageHeader { hardware: Hardware::new(3, 9).unwrap(), ..header(2) }),
            begin(&good),
        ),
        (
            "another version",
            with_header(ImageHeader { version: Version::new(9, 9, 9), ..header(2) }),
            begin(&good),
        ),
        ("stack at the start of RAM", stack(0x2000_0000), begin(&good)),
        ("stack behind RAM", stack(0x2000_5004), begin(&good)),
        ("stack in flash", stack(start), begin(&good)),
        ("odd stack", stack(0x2000_4002), begin(&good)),
        ("even reset", reset(start + 0xe0), begin(&good)),
        ("reset in the loader", reset(FLASH_START + 1), begin(&good)),
        ("reset behind the image", reset(start + 3 * 128 + 1), begin(&good)),
    ];
    let lines: String = images
        .iter()
        .map(|(what, image, announced)| {
            let announced = if *what == "another digest" { *announced } else { described(image) };
            format!("{what}: {}", wrong(image, announced))
        })
        .collect();
    expect![[r#"
        another digest: Commit => Loader tag=2 DigestMismatch room=0x00 received=3
        no header: Commit => Loader tag=2 BadHeader room=0x00 received=3
        a later format: Commit => Loader tag=2 BadHeader room=0x00 received=3
        another vendor: Commit => Loader tag=2 WrongType room=0x00 received=3
        another type: Commit => Loader tag=2 WrongType room=0x00 received=3
        a later board: Commit => Loader tag=2 WrongHardware room=0x00 received=3
        another version: Commit => Loader tag=2 BadHeader room=0x00 received=3
        stack at the start of RAM: Commit => Loader tag=2 BadHeader room=0x00 received=3
        stack behind RAM: Commit => Loader tag=2 BadHeader room=0x00 received=3
        stack in flash: Commit => Loader tag=2 BadHeader room=0x00 received=3
        odd stack: Commit => Loader tag=2 BadHeader room=0x00 received=3
        even reset: Commit => Loader tag=2 BadHeader room=0x00 received=3
        reset in the loader: Commit => Loader tag=2 BadHeader room=0x00 received=3
        reset behind the image: Commit => Loader tag=2 BadHeader room=0x00 received=3
    "#]]
    .assert_eq(&lines);
}

#[test]
fn reading_what_is_not_there() {
    let mut bench = Bench::blank();
    let end = APPLICATION_START + PAGES * 128;
    check(
        &mut bench,
        &[
            Request::PageDigests { first: 0, count: PAGES as u8 + 1 },
            Request::PageDigests { first: u16::MAX, count: 255 },
            Request::Digest { start: FLASH_START - 4, len: 8 },
            Request::Digest { start: end, len: 1 },
            Request::Digest { start: FLASH_START + 4, len: u32::MAX },
            Request::Read { start: end - 4, len: 5 },
            Request::Read { start: FLASH_START, len: 257 },
            Request::EepromRead { offset: 61, len: 4 },
            Request::EepromRead { offset: u16::MAX, len: u16::MAX },
            Request::EepromWrite { offset: 64, bytes: &[0; 4] },
            Request::EepromWrite { offset: 2, bytes: &[0; 4] },
            Request::EepromWrite { offset: 0, bytes: &[0; 3] },
        ],
        &expect![[r#"
            PageDigests first=0 count=13 => Loader tag=1 OutOfArea room=0x00 received=0
            PageDigests first=65535 count=255 => Loader tag=2 OutOfArea room=0x00 received=0
            Digest 0x07fffffc len=8 => Loader tag=3 OutOfArea room=0x00 received=0
            Digest 0x08000c00 len=1 => Loader tag=4 OutOfArea room=0x00 received=0
            Digest 0x08000004 len=4294967295 => Loader tag=5 OutOfArea room=0x00 received=0
            Read 0x08000bfc len=5 => Loader tag=6 OutOfArea room=0x00 received=0
            Read 0x08000000 len=257 => Loader tag=7 OutOfArea room=0x00 received=0
            EepromRead offset=61 len=4 => Loader tag=8 OutOfArea room=0x00 received=0
            EepromRead offset=65535 len=65535 => Loader tag=9 OutOfArea room=0x00 received=0
            EepromWrite offset=64 00000000 => Loader tag=10 OutOfArea room=0x00 received=0
            EepromWrite offset=2 00000000 => Loader tag=11 OutOfArea room=0x00 received=0
            EepromWrite offset=0 000000 => Loader tag=12 Unsupported room=0x00 received=0
        "#]],
    );
    assert_eq!(bench.chip.operations, 0);
}

/// More of them than a response has room for are not there, as long as the flash may be.
#[test]
fn more_digests_than_fit_a_response() {
    let mut config = config();
    config.identity.geometry.flash_len += 100 * 128;
    let chip = TestChip::new(&config, 1);
    let mut bench = Bench::with(config, chip, Why::Blank);
    for (count, outcome, len) in [(64, Outcome::Done, 256), (65, Outcome::OutOfArea, 0)] {
        let (said, digests) = bench.ask(&Request::PageDigests { first: 1, count }).unwrap();
        assert_eq!((said, digests.len()), (outcome, len));
    }
}

#[test]
fn a_request_of_a_later_protocol_is_answered() {
    let mut bench = Bench::blank();
    let to_no_group = [&[0x05, 1, 203, HOME.get()][..], &[0; 20]].concat();
    for body in [
        &[0x7f, 1, 200, 0][..],
        &[0x01, 1, 201, 0, 9],
        &[0x0b, 1, 202, 0, 0, 0, 0, 8],
        &to_no_group,
    ] {
        let mut frame = body.to_vec();
        frame.extend(crc32_to(HOME, &frame).to_le_bytes());
        bench.write(&frame);
        bench.run().unwrap();
        assert_eq!(bench.status().outcome, Outcome::Unsupported);
        assert_eq!(bench.status().tag.0, body[2]);
    }
}
