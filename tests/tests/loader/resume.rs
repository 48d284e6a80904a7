//! What a power cut leaves in doubt, and what the loader then insists on.

use core::ops::Range;

use expect_test::expect;
use rackflash_core::module::boot::Asked;
use rackflash_core::wire::check::crc32;
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::module::{Outcome, Request};

use crate::bench::{Bench, PowerLost, check};
use crate::chip::Cut;
use crate::{APPLICATION_START, PAGES, begin, image};

/// `bench` in its loader, the power lost at one operation of an update to `image`, and back again.
fn cut(bench: &mut Bench, image: &[u8], at: (usize, Cut)) {
    bench.chip.power_on();
    bench.chip.cut_at = Some(at);
    let lost = bench.begin(image).and_then(|[redo, _]| {
        let pages: Vec<u16> = (1..(image.len() / 128) as u16).collect();
        // What it insists on first goes first, also where it would come anyway.
        let redo = redo.start.max(1);
        let (before, from) = pages.split_at(usize::from(redo) - 1);
        let pages = [from, before, &[0]].concat();
        bench.send(image, &pages)?;
        bench.ask(&Request::Commit)
    });
    assert_eq!(lost, Err(PowerLost));
    bench.chip.power_on();
    bench.boot(Asked::Nothing).unwrap();
}

/// The operations of an update: for a note two, and one to erase the record; then for each window a note, then pages.
const BEGIN: usize = 3;
const NOTE: usize = 2;
const PAGE: usize = 3;

#[test]
fn the_window_that_was_open_must_come_again_first() {
    let image = image(8, 2);
    let mut bench = Bench::installed(&crate::image(8, 1));
    // In the middle of page 4: the second of the second window.
    cut(&mut bench, &image, (BEGIN + 2 * NOTE + 3 * PAGE + 1, Cut::Torn));
    check(
        &mut bench,
        &[Request::Identify, Request::Begin(begin(&image))],
        &expect![[r#"
            Identify => Loader tag=1 Done room=0x00 received=0; 1209:0003 hardware 2 756964206f66206d696e6521 no application Interrupted
            Begin 1209:0003 hardware 1 to 2 1.2.0 len=1024 digest=2689d124 => Receiving tag=2 Done room=0x03 received=0; 0300050000000000
        "#]],
    );
    let mut tried = String::new();
    for page in [5, 4, 0, 3, 3, 4, 5] {
        let seq = bench.status().received;
        let frame = bench.page_frame(seq, page, &image[usize::from(page) * 128..][..128]);
        bench.write(&frame);
        bench.run().unwrap();
        tried += &format!("page {page} => {}\n", bench.status());
        if page == 3 && seq == 0 {
            tried += &bench.line(&Request::Commit);
        }
    }
    expect![[r#"
        page 5 => Receiving tag=2 Incomplete room=0x03 received=0
        page 4 => Receiving tag=2 Incomplete room=0x03 received=0
        page 0 => Receiving tag=2 Incomplete room=0x03 received=0
        page 3 => Receiving tag=2 Done room=0x03 received=1
        Commit => Receiving tag=3 Incomplete room=0x03 received=1
        page 3 => Receiving tag=3 Incomplete room=0x03 received=1
        page 4 => Receiving tag=3 Done room=0x03 received=2
        page 5 => Receiving tag=3 Done room=0x03 received=3
    "#]]
    .assert_eq(&tried);
    bench.send(&image, &[6, 7, 0]).unwrap();
    check(
        &mut bench,
        &[Request::Commit, Request::Identify],
        &expect![[r#"
            Commit => Committed tag=4 Done room=0x00 received=6; 24d18926
            Identify => Committed tag=5 Done room=0x00 received=6; 1209:0003 hardware 2 756964206f66206d696e6521 application 1.2.0 Pending digest=2689d124 Requested
        "#]],
    );
}

#[test]
fn before_the_first_page_nothing_is_in_doubt() {
    let image = image(8, 2);
    for operation in 0..BEGIN {
        let mut bench = Bench::installed(&crate::image(8, 1));
        cut(&mut bench, &image, (operation, Cut::Torn));
        bench.enter_loader().unwrap();
        assert_eq!(bench.begin(&image).unwrap(), [0..0, 0..0], "operation {operation}");
    }
}

#[test]
fn a_module_that_never_had_an_application_is_in_doubt_everywhere() {
    // Of more pages than the window of a note and the next have.
    let image = image(9, 1);
    let mut bench = Bench::blank();
    // Its first note is written twice.
    cut(&mut bench, &image, (BEGIN + 3 * NOTE + 2 * PAGE, Cut::Before));
    check(
        &mut bench,
        &[Request::Identify, Request::Begin(begin(&image))],
        &expect![[r#"
            Identify => Loader tag=1 Done room=0x00 received=0; 1209:0003 hardware 2 756964206f66206d696e6521 no application Interrupted
            Begin 1209:0003 hardware 1 to 2 1.1.0 len=1152 digest=1c3ce725 => Receiving tag=2 Done room=0x03 received=0; 0300090000000000
        "#]],
    );
    bench.send(&image, &[3, 4, 5, 6, 7, 8, 0]).unwrap();
    check(
        &mut bench,
        &[Request::Commit, Request::Identify],
        &expect![[r#"
            Commit => Committed tag=3 Done room=0x00 received=7; 25e73c1c
            Identify => Committed tag=4 Done room=0x00 received=7; 1209:0003 hardware 2 756964206f66206d696e6521 application 1.1.0 Pending digest=1c3ce725 Requested
        "#]],
    );
}

#[test]
fn what_is_in_doubt_behind_a_shorter_image_stays_so() {
    let (long, short) = (image(10, 2), image(4, 3));
    let mut bench = Bench::installed(&image(10, 1));
    let page_8 = BEGIN + 4 * NOTE + 7 * PAGE;
    cut(&mut bench, &long, (page_8, Cut::Torn));
    assert_eq!(bench.update(&short), Outcome::Done);
    // What is installed is whole. Of a longer one, the pages before may be skipped, these may not.
    assert_eq!(bench.begin(&short).unwrap(), [0..0, 0..0]);
    assert_eq!(bench.begin(&long).unwrap(), [7..10, 0..0]);
    bench.send(&long, &[7, 8, 9, 1, 2, 3, 0]).unwrap();
    assert_eq!(bench.ask(&Request::Commit).unwrap().0, Outcome::Done);
    assert_eq!(bench.chip.whole(APPLICATION_START, long.len()), Some(&long[..]));
}

#[test]
fn a_damaged_application_is_in_doubt_everywhere() {
    let mut bench = Bench::installed(&image(4, 1));
    bench.chip.install(APPLICATION_START + 200, &[0x55]);
    bench.boot(Asked::Nothing).unwrap();
    check(
        &mut bench,
        &[Request::Identify],
        &expect![[r#"
            Identify => Loader tag=1 Done room=0x00 received=0; 1209:0003 hardware 2 756964206f66206d696e6521 application 1.1.0 Confirmed digest=4d83cbf2 Damaged
        "#]],
    );
    assert_eq!(bench.begin(&image(12, 1)).unwrap(), [1..12, 0..0]);
    assert_eq!(bench.update(&image(4, 1)), Outcome::Done);
    assert_eq!(bench.identity().why, Why::Requested);
}

#[test]
fn begun_again_without_a_cut() {
    let (first, second) = (image(6, 2), image(8, 3));
    let mut bench = Bench::installed(&image(8, 1));
    bench.ask(&Request::Begin(begin(&first))).unwrap();
    bench.send(&first, &[1, 2, 3]).unwrap();
    check(
        &mut bench,
        &[Request::EnterLoader, Request::Identify, Request::Begin(begin(&second))],
        &expect![[r#"
            EnterLoader => Loader tag=2 Done room=0x00 received=3
            Identify => Loader tag=3 Done room=0x00 received=3; 1209:0003 hardware 2 756964206f66206d696e6521 no application Interrupted
            Begin 1209:0003 hardware 1 to 2 1.3.0 len=1024 digest=1abdd1a4 => Receiving tag=4 Done room=0x03 received=0; 0300050000000000
        "#]],
    );
    bench.send(&second, &[3, 4, 1, 2, 5, 6, 7, 0]).unwrap();
    assert_eq!(bench.ask(&Request::Commit).unwrap().0, Outcome::Done);
}

#[test]
fn a_longer_image_than_the_interrupted_one_and_all_before() {
    let (short, long) = (image(6, 2), image(9, 3));
    let mut bench = Bench::blank();
    assert_eq!(bench.update(&image(6, 1)), Outcome::Done);
    cut(&mut bench, &short, (BEGIN + NOTE + PAGE, Cut::Torn));
    assert_eq!(bench.begin(&long).unwrap(), [1..9, 0..0]);
    assert_eq!(bench.update(&long), Outcome::Done);
}

#[test]
fn a_torn_note_that_could_not_be_read_and_then_can() {
    // A note that all is well, as an update over a valid record begins with.
    let mut other = Bench::installed(&image(4, 1));
    for _ in 0..9 {
        other.ask(&Request::Begin(begin(&image(4, 2)))).unwrap();
    }
    let third = APPLICATION_START - 128;
    let note = other.chip.whole(third, 128).unwrap().to_vec();
    assert_eq!(note[..4], *b"RKFJ");

    let image = image(8, 2);
    let whole = crate::image(PAGES as usize, 3);
    let everywhere = [1..PAGES as u16, 0..0];
    let in_doubt = (0..50).filter(|seed| {
        let mut bench = Bench::blank();
        bench.chip.tear(third, &note);
        bench.chip.reseed(*seed);
        let before = bench.chip.clone();
        bench.boot(Asked::Loader).unwrap();
        if bench.begin(&whole).unwrap() != everywhere {
            return false;
        }
        bench.chip = before;
        bench.boot(Asked::Loader).unwrap();
        cut(&mut bench, &image, (BEGIN + 2 * NOTE, Cut::Torn));
        let after = bench.chip.clone();
        for reading in 0..20 {
            bench.chip = after.clone();
            bench.chip.reseed(reading);
            bench.boot(Asked::Nothing).unwrap();
            assert_eq!(bench.begin(&whole).unwrap(), everywhere);
        }
        true
    });
    assert!(in_doubt.count() > 5);
}

#[test]
fn what_came_again_is_whole_when_the_power_goes_further_on() {
    let image = image(8, 2);
    let mut bench = Bench::installed(&crate::image(8, 1));
    cut(&mut bench, &image, (BEGIN + 2 * NOTE + 3 * PAGE, Cut::Torn));
    let before = bench.chip.clone();
    let mut seen = Vec::new();
    // Pages 3 and 4 again, and those behind; then pages 1 and 2; and somewhere it goes once more.
    for operation in 0..34 {
        bench.chip = before.clone();
        bench.boot(Asked::Loader).unwrap();
        cut(&mut bench, &image, (operation, Cut::After));
        let [redo, _] = bench.begin(&image).unwrap();
        if seen.last() != Some(&redo) {
            seen.push(redo);
        }
    }
    assert_eq!(seen, [3..5, 5..7, 7..8, 1..3], "a window each");
}

#[test]
fn of_a_longer_image_only_what_is_in_doubt_comes_again() {
    let (long, short) = (image(10, 2), image(4, 3));
    let mut bench = Bench::installed(&image(10, 1));
    cut(&mut bench, &long, (BEGIN + 4 * NOTE + 7 * PAGE, Cut::Torn));
    assert_eq!(bench.update(&short), Outcome::Done);
    bench.boot(Asked::Loader).unwrap();
    assert_eq!(bench.begin(&long).unwrap(), [7..10, 0..0]);
}

/// `bench` in its loader: the notes of so many updates fail, the next one's is cut, and power comes back. What the loader
/// insists on then, however that note reads.
fn after_notes_that_fail(bench: &mut Bench, fails: usize, image: &[u8]) -> Vec<[Range<u16>; 2]> {
    for _ in 0..fails {
        bench.chip.errors = TRIES;
        assert_eq!(bench.ask(&Request::Begin(begin(image))).unwrap().0, Outcome::FlashWorn);
    }
    bench.chip.cut_at = Some((bench.chip.operations + 1, Cut::Torn));
    bench.begin(image).unwrap_err();
    bench.chip.power_on();
    let after = bench.chip.clone();
    let mut redo = Vec::new();
    for reading in 0..20 {
        bench.chip = after.clone();
        bench.chip.reseed(reading);
        bench.boot(Asked::Nothing).unwrap();
        redo.push(bench.begin(image).unwrap());
    }
    redo
}

/// How often the loader tries to write a page.
const TRIES: usize = 3;

#[test]
fn notes_that_fail_leave_the_one_that_counts() {
    let image = image(12, 2);
    let mut bench = Bench::installed(&crate::image(12, 1));
    cut(&mut bench, &image, (BEGIN + 4 * NOTE + 5 * PAGE + 1, Cut::Torn));
    let before = bench.chip.clone();
    for fails in 0..5 {
        bench.chip = before.clone();
        bench.boot(Asked::Nothing).unwrap();
        for redo in after_notes_that_fail(&mut bench, fails, &image) {
            assert_eq!(redo, [5..7, 0..0], "{fails}");
        }
    }
}

#[test]
fn a_note_that_fails_behind_a_torn_one() {
    let image = image(12, 2);
    for seed in 0..100 {
        let mut bench = Bench::installed(&crate::image(12, 1));
        cut(&mut bench, &image, (BEGIN + 4 * NOTE + 5 * PAGE + 1, Cut::Torn));
        // It may read well, or not; what it says is true.
        bench.chip.reseed(seed);
        cut(&mut bench, &image, (1, Cut::Torn));
        for redo in after_notes_that_fail(&mut bench, 1, &image) {
            assert_eq!(redo, [5..7, 0..0], "{seed}");
        }
    }
}

#[test]
fn a_note_with_the_highest_number_is_followed_by_a_younger_one() {
    let image = image(8, 2);
    for sequence in [u32::MAX - 2, u32::MAX - 1, u32::MAX] {
        let mut bench = Bench::installed(&crate::image(8, 1));
        // No loader writes so many; an application can.
        let mut note = [0; 28];
        note[..4].copy_from_slice(b"RKFJ");
        note[4..8].copy_from_slice(&sequence.to_le_bytes());
        note[16..20].copy_from_slice(&u32::from(u16::MAX).to_le_bytes());
        let sealed = [&note[..], &crc32(&note).to_le_bytes()].concat();
        bench.chip.install(APPLICATION_START - 384, &sealed);
        bench.boot(Asked::Loader).unwrap();
        cut(&mut bench, &image, (BEGIN + NOTE + PAGE + 1, Cut::Torn));
        assert_eq!(bench.begin(&image).unwrap(), [1..3, 0..0], "{sequence:#x}");
    }
}
