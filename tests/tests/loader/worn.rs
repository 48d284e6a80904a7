//! Flash that does not take its bytes.

use expect_test::expect;
use rackflash_core::module::boot::{Asked, Start};
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::module::{Outcome, Request};

use crate::bench::{Bench, check};
use crate::{APPLICATION_START, begin, image};

#[test]
fn a_page_that_takes_its_bytes_at_the_third_try() {
    let image = image(4, 2);
    let mut bench = Bench::installed(&crate::image(4, 1));
    bench.chip.worn = Some((APPLICATION_START + 256, 2));
    assert_eq!(bench.update(&image), Outcome::Done);
    assert_eq!(bench.chip.whole(APPLICATION_START, image.len()), Some(&image[..]));
}

#[test]
fn a_page_that_does_not_take_its_bytes() {
    let image = image(4, 2);
    let mut bench = Bench::installed(&crate::image(4, 1));
    bench.chip.worn = Some((APPLICATION_START + 256, usize::MAX));
    assert_eq!(bench.update(&image), Outcome::FlashWorn);
    check(
        &mut bench,
        &[Request::Identify, Request::Commit, Request::Run, Request::EnterLoader],
        &expect![[r#"
            Identify => Failed tag=3 Done room=0x00 received=2; 1209:0003 hardware 2 756964206f66206d696e6521 no application Interrupted
            Commit => Failed tag=4 FlashWorn room=0x00 received=2
            Run => Failed tag=5 NoApplication room=0x00 received=2
            EnterLoader => Loader tag=6 Done room=0x00 received=2
        "#]],
    );
    assert_eq!(bench.boot(Asked::Nothing).unwrap(), crate::boot::loader(Why::Interrupted));
}

#[test]
fn an_error_flag_is_not_believed_away() {
    let image = image(4, 2);
    let mut bench = Bench::installed(&image);
    bench.ask(&Request::Begin(begin(&image))).unwrap();
    bench.send(&image, &[1]).unwrap();
    // The next page is there already, and reads back right: but an operation on it has failed.
    let before = bench.chip.operations;
    bench.chip.errors = 1;
    bench.send(&image, &[2]).unwrap();
    assert_eq!(bench.chip.operations, before + 1 + 3);
}

#[test]
fn records_and_notes_that_are_worn_out() {
    let image = image(2, 2);
    for (pages_before, runs) in [(4, false), (3, true), (2, true), (1, false)] {
        let mut bench = Bench::installed(&crate::image(2, 1));
        bench.chip.worn = Some((APPLICATION_START - pages_before * 128, usize::MAX));
        assert_eq!(bench.update(&image), Outcome::FlashWorn);
        // Without its first note, which is written twice, nothing is touched.
        let start = bench.boot(Asked::Nothing).unwrap();
        let expected = Start::Application { attempt: None };
        let expected = if runs { expected } else { crate::boot::loader(Why::Interrupted) };
        assert_eq!(start, expected, "{pages_before}");
    }
}
