//! Each request and its answer. One line: the request, the status, the response, what the module's caller has to do.

use expect_test::expect;
use rackflash_core::module::Step;
use rackflash_core::module::boot::Asked;
use rackflash_core::wire::check::pec_from;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::module::Request;

use crate::bench::{Bench, Code, check, install};
use crate::chip::TestChip;
use crate::{APPLICATION_START, FLASH_START, HOME, begin, config, image};

#[test]
fn a_blank_module_gets_its_first_application() {
    let (mut bench, image) = (Bench::blank(), image(3, 1));
    check(
        &mut bench,
        &[Request::Identify, Request::Begin(begin(&image))],
        &expect![[r#"
            Identify => Loader tag=1 Done room=0x00 received=0; 1209:0003 hardware 2 756964206f66206d696e6521 no application Blank
            Begin 1209:0003 hardware 1 to 2 1.1.0 len=384 digest=42386fba => Receiving tag=2 Done room=0x03 received=0; 0100030000000000
        "#]],
    );
    bench.send(&image, &[1, 2, 0]).unwrap();
    check(
        &mut bench,
        &[Request::Commit, Request::Identify, Request::Run],
        &expect![[r#"
            Commit => Committed tag=3 Done room=0x00 received=3; ba6f3842
            Identify => Committed tag=4 Done room=0x00 received=3; 1209:0003 hardware 2 756964206f66206d696e6521 application 1.1.0 Pending digest=42386fba Requested
            Run => Committed tag=5 Done room=0x00 received=3; RestartApplication
        "#]],
    );
    assert_eq!(bench.chip.whole(APPLICATION_START, image.len()), Some(&image[..]));
    bench.boot(Asked::Application).unwrap();
    check(
        &mut bench,
        &[Request::Identify, Request::Confirm, Request::Identify],
        &expect![[r#"
            Identify => Application tag=1 Done room=0x00 received=0; 1209:0003 hardware 2 756964206f66206d696e6521 application 1.1.0 Pending digest=42386fba Runs
            Confirm => Application tag=2 Done room=0x00 received=0
            Identify => Application tag=3 Done room=0x00 received=0; 1209:0003 hardware 2 756964206f66206d696e6521 application 1.1.0 Confirmed digest=42386fba Runs
        "#]],
    );
}

#[test]
fn without_a_question_the_answer_is_the_identity() {
    let mut bench = Bench::installed(&image(2, 1));
    let identity = bench.response();
    assert_eq!(bench.status().tag.0, 0);
    bench.ask(&Request::Identify).unwrap();
    assert_eq!(identity, bench.response());
}

#[test]
fn reading_what_is_there() {
    let image = image(3, 1);
    let mut bench = Bench::installed(&image);
    let start = APPLICATION_START;
    check(
        &mut bench,
        &[
            Request::PageDigests { first: 0, count: 3 },
            Request::Digest { start, len: 384 },
            Request::Digest { start, len: 0 },
            Request::Read { start, len: 8 },
            Request::Read { start: FLASH_START, len: 4 },
            Request::EepromRead { offset: 60, len: 4 },
        ],
        &expect![[r#"
            PageDigests first=0 count=3 => Loader tag=1 Done room=0x00 received=0; 64757913cfc9cc4c1acd4951
            Digest 0x08000600 len=384 => Loader tag=2 Done room=0x00 received=0; ba6f3842
            Digest 0x08000600 len=0 => Loader tag=3 Done room=0x00 received=0; 00000000
            Read 0x08000600 len=8 => Loader tag=4 Done room=0x00 received=0; 00500020e1060008
            Read 0x08000000 len=4 => Loader tag=5 Done room=0x00 received=0; b0b0b0b0
            EepromRead offset=60 len=4 => Loader tag=6 Done room=0x00 received=0; 00000000
        "#]],
    );
    let digests: Vec<u8> = image.chunks(128).flat_map(|page| digest(page).to_le_bytes()).collect();
    bench.ask(&Request::PageDigests { first: 0, count: 3 }).unwrap();
    assert_eq!(bench.response(), digests);
    bench.ask(&Request::Digest { start, len: 384 }).unwrap();
    assert_eq!(bench.response(), digest(&image).to_le_bytes());
    bench.ask(&Request::Read { start, len: 256 }).unwrap();
    assert_eq!(bench.response(), image[..256]);
}

#[test]
fn the_eeprom_keeps_what_was_written() {
    let mut bench = Bench::blank();
    check(
        &mut bench,
        &[
            Request::EepromWrite { offset: 8, bytes: &[1, 2, 3, 4, 5, 6, 7, 8] },
            Request::EepromRead { offset: 4, len: 16 },
        ],
        &expect![[r#"
            EepromWrite offset=8 0102030405060708 => Loader tag=1 Done room=0x00 received=0
            EepromRead offset=4 len=16 => Loader tag=2 Done room=0x00 received=0; 00000000010203040506070800000000
        "#]],
    );
    assert_eq!(bench.chip.eeprom()[8..16], [1, 2, 3, 4, 5, 6, 7, 8]);
    // A word that read right may still be torn: it is written again.
    let before = bench.chip.operations;
    bench.ask(&Request::EepromWrite { offset: 8, bytes: &[1, 2, 3, 4] }).unwrap();
    assert_eq!(bench.chip.operations, before + 1);
}

#[test]
fn which_one_is_it() {
    let mut bench = Bench::blank();
    check(
        &mut bench,
        &[Request::Blink { seconds: 5 }, Request::Blink { seconds: 0 }],
        &expect![[r#"
            Blink 5 s => Loader tag=1 Done room=0x00 received=0; Blink { seconds: 5 }
            Blink 0 s => Loader tag=2 Done room=0x00 received=0; Blink { seconds: 0 }
        "#]],
    );
    // Asked twice in the same words, it blinks once.
    let frame = bench.frame(&Request::Blink { seconds: 7 });
    for _ in 0..2 {
        bench.write(&frame);
        bench.run().unwrap();
    }
    assert_eq!(bench.steps, [Step::Blink { seconds: 7 }]);
}

#[test]
fn while_it_is_busy_it_hears_no_other_request() {
    let image = image(3, 1);
    let mut bench = Bench::installed(&image);
    let question = bench.frame(&Request::Digest { start: APPLICATION_START, len: 384 });
    let blink = bench.frame(&Request::Blink { seconds: 1 });
    bench.write(&question);
    let mut seen = String::new();
    for _ in 0..3 {
        bench.write(&blink);
        seen += &format!("{}\n", bench.status());
        assert!(bench.response().is_empty(), "there is none yet");
        let read = bench.read(HOME, 8 + 2 + 4 + 1);
        let (pec, covered) = read.split_last().unwrap();
        assert_eq!(pec_from(HOME, covered), *pec);
        bench.step().unwrap();
    }
    bench.run().unwrap();
    seen += &format!("{}\n", bench.status());
    assert_eq!(bench.response(), digest(&image).to_le_bytes());
    assert!(bench.steps.is_empty());
    expect![[r#"
        Loader busy tag=1 Done room=0x00 received=0
        Loader busy tag=1 Done room=0x00 received=0
        Loader busy tag=1 Done room=0x00 received=0
        Loader tag=1 Done room=0x00 received=0
    "#]]
    .assert_eq(&seen);
}

#[test]
fn what_the_log_tells() {
    let image = image(3, 2);
    let mut bench = Bench::installed(&crate::image(3, 1));
    bench.write(&[1, 2, 3, 4, 5]);
    bench.write(&[0x50, 2, 3, 4, 5]);
    bench.ask(&Request::Run).unwrap();
    bench.ask(&Request::Confirm).unwrap();
    bench.ask(&Request::Begin(begin(&image))).unwrap();
    let ahead = bench.page_frame(1, 1, &image[128..256]);
    bench.write(&ahead);
    bench.chip.worn = Some((APPLICATION_START + 128, 1));
    bench.send(&image, &[1, 2, 0]).unwrap();
    let again = bench.page_frame(1, 1, &image[128..256]);
    bench.write(&again);
    bench.ask(&Request::Commit).unwrap();
    check(
        &mut bench,
        &[Request::Log],
        &expect![[r#"
        Log => Committed tag=5 Done room=0x00 received=3; 01010202030107010401060105010801; RestartApplication
    "#]],
    );
    for _ in 0..40 {
        bench.ask(&Request::Run).unwrap();
        bench.ask(&Request::Confirm).unwrap();
    }
    bench.write(&[0]);
    let log = bench.ask(&Request::Log).unwrap().1;
    assert_eq!((log.len(), &log[58..]), (64, &[3, 1, 3, 1, 2, 1][..]), "the newest are kept");
}

#[test]
fn what_an_application_answers() {
    let image = image(2, 1);
    let mut chip = TestChip::new(&config(), 1);
    install(&mut chip, &config(), &image);
    let mut bench = Bench::with(config(), chip, Why::Requested);
    bench.boot(Asked::Nothing).unwrap();
    assert!(matches!(bench.code, Code::Application(_)));
    check(
        &mut bench,
        &[
            Request::Identify,
            Request::Confirm,
            Request::Begin(begin(&image)),
            Request::Commit,
            Request::Run,
            Request::Read { start: FLASH_START, len: 4 },
            Request::Log,
            Request::Blink { seconds: 1 },
            Request::EnterLoader,
        ],
        &expect![[r#"
            Identify => Application tag=1 Done room=0x00 received=0; 1209:0003 hardware 2 756964206f66206d696e6521 application 1.1.0 Confirmed digest=2362e758 Runs
            Confirm => Application tag=2 Done room=0x00 received=0
            Begin 1209:0003 hardware 1 to 2 1.1.0 len=256 digest=2362e758 => Application tag=3 Unsupported room=0x00 received=0
            Commit => Application tag=4 Unsupported room=0x00 received=0
            Run => Application tag=5 Unsupported room=0x00 received=0
            Read 0x08000000 len=4 => Application tag=6 Unsupported room=0x00 received=0
            Log => Application tag=7 Unsupported room=0x00 received=0
            Blink 1 s => Application tag=8 Done room=0x00 received=0; Blink { seconds: 1 }
            EnterLoader => Application tag=9 Done room=0x00 received=0; RestartLoader
        "#]],
    );
    assert_eq!(bench.chip.operations, 0);
}
