//! Page frames that are lost, repeated, damaged, too many, or none of this update's.

use expect_test::{Expect, expect};
use rackflash_core::module::Step;
use rackflash_core::wire::module::{Busy, Outcome, Request, Session};

use crate::bench::{Bench, RING};
use crate::{APPLICATION_START, begin, image};

/// In an update of four pages, with nothing to be written again.
fn receiving(image: &[u8]) -> Bench {
    let mut bench = Bench::installed(&crate::image(4, 1));
    bench.ask(&Request::Begin(begin(image))).unwrap();
    bench
}

/// Frames of (session, sequence, page); after each the status.
fn check(bench: &mut Bench, image: &[u8], frames: &[(u8, u16, u16)], expected: &Expect) {
    let mut lines = String::new();
    for &(session, seq, page) in frames {
        let open = core::mem::replace(&mut bench.session, Session(session));
        let bytes = image.get(usize::from(page) * 128..).and_then(|rest| rest.first_chunk::<128>());
        let frame = bench.page_frame(seq, page, bytes.unwrap_or(&[9; 128]));
        bench.session = open;
        bench.write(&frame);
        lines += &format!("session={session} seq={seq} page={page} => {}\n", bench.status());
    }
    expected.assert_eq(&lines);
}

#[test]
fn the_ring_takes_what_it_has_room_for() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    check(
        &mut bench,
        &image,
        &[(1, 0, 1), (1, 1, 2), (1, 2, 3)],
        &expect![[r#"
        session=1 seq=0 page=1 => Receiving tag=1 Done room=0x01 received=1
        session=1 seq=1 page=2 => Receiving tag=1 Done room=0x00 received=2
        session=1 seq=2 page=3 => Receiving tag=1 Done room=0x00 received=2
    "#]],
    );
    // Room comes back when a page is proven, not when it is begun.
    let mut rooms = Vec::new();
    while bench.status().room.0 != 3 {
        rooms.push((bench.status().room.0, bench.chip.operations));
        bench.step().unwrap();
    }
    rooms.dedup();
    expect![
        "[(0, 5), (0, 6), (0, 7), (0, 8), (0, 9), (0, 10), (1, 10), (1, 11), (1, 12), (1, 13)]"
    ]
    .assert_eq(&format!("{rooms:?}"));
    check(
        &mut bench,
        &image,
        &[(1, 2, 3), (1, 3, 0)],
        &expect![[r#"
        session=1 seq=2 page=3 => Receiving tag=1 Done room=0x01 received=3
        session=1 seq=3 page=0 => Receiving tag=1 Done room=0x00 received=4
    "#]],
    );
    assert_eq!(bench.ask(&Request::Commit).unwrap().0, Outcome::Done);
}

#[test]
fn a_lost_frame_stops_all_behind_it() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    check(
        &mut bench,
        &image,
        &[(1, 1, 2), (1, 0, 1), (1, 2, 3), (1, 1, 2)],
        &expect![[r#"
        session=1 seq=1 page=2 => Receiving tag=1 Done room=0x03 received=0
        session=1 seq=0 page=1 => Receiving tag=1 Done room=0x01 received=1
        session=1 seq=2 page=3 => Receiving tag=1 Done room=0x01 received=1
        session=1 seq=1 page=2 => Receiving tag=1 Done room=0x00 received=2
    "#]],
    );
}

#[test]
fn a_repeated_frame_is_harmless() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    check(
        &mut bench,
        &image,
        &[(1, 0, 1), (1, 0, 1), (1, 0, 3)],
        &expect![[r#"
        session=1 seq=0 page=1 => Receiving tag=1 Done room=0x01 received=1
        session=1 seq=0 page=1 => Receiving tag=1 Done room=0x01 received=1
        session=1 seq=0 page=3 => Receiving tag=1 Done room=0x01 received=1
    "#]],
    );
    bench.run().unwrap();
    assert_eq!(
        bench.chip.whole(APPLICATION_START + 384, 128).unwrap()[..],
        crate::image(4, 1)[384..]
    );
}

#[test]
fn frames_of_another_update() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    check(
        &mut bench,
        &image,
        &[(0, 0, 1), (2, 0, 1), (255, 0, 1)],
        &expect![[r#"
        session=0 seq=0 page=1 => Receiving tag=1 Done room=0x03 received=0
        session=2 seq=0 page=1 => Receiving tag=1 Done room=0x03 received=0
        session=255 seq=0 page=1 => Receiving tag=1 Done room=0x03 received=0
    "#]],
    );
    let mut bench = Bench::installed(&image);
    let operations = bench.chip.operations;
    check(
        &mut bench,
        &image,
        &[(0, 0, 1), (1, 0, 1)],
        &expect![[r#"
        session=0 seq=0 page=1 => Loader tag=0 Done room=0x00 received=0
        session=1 seq=0 page=1 => Loader tag=0 Done room=0x00 received=0
    "#]],
    );
    bench.run().unwrap();
    assert_eq!(bench.chip.operations, operations, "no update is open");
}

#[test]
fn pages_outside_the_image() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    check(
        &mut bench,
        &image,
        &[(1, 0, 4), (1, 0, u16::MAX), (1, 0, 3)],
        &expect![[r#"
            session=1 seq=0 page=4 => Receiving tag=1 OutOfArea room=0x03 received=0
            session=1 seq=0 page=65535 => Receiving tag=1 OutOfArea room=0x03 received=0
            session=1 seq=0 page=3 => Receiving tag=1 Done room=0x01 received=1
        "#]],
    );
    // As long as a page must be, on the wire too.
    for len in [127, 129, 0, 256] {
        let frame = bench.page_frame(1, 1, &[0; 256][..len]);
        bench.write(&frame);
        assert_eq!((bench.status().received, bench.status().outcome), (1, Outcome::OutOfArea));
    }
}

#[test]
fn nothing_comes_behind_the_vectors() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    check(
        &mut bench,
        &image,
        &[(1, 0, 0), (1, 1, 1)],
        &expect![[r#"
        session=1 seq=0 page=0 => Receiving tag=1 Done room=0x01 received=1
        session=1 seq=1 page=1 => Receiving tag=1 NotOpen room=0x01 received=1
    "#]],
    );
    bench.run().unwrap();
    check(
        &mut bench,
        &image,
        &[(1, 1, 0)],
        &expect![[r#"
        session=1 seq=1 page=0 => Receiving tag=1 NotOpen room=0x03 received=1
    "#]],
    );
    // So what it holds is what the digest judges.
    assert_eq!(bench.ask(&Request::Commit).unwrap().0, Outcome::DigestMismatch);
}

#[test]
fn no_flipped_bit_gets_in() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    let frame = bench.page_frame(0, 1, &image[128..256]);
    let before = bench.status();
    for bit in 0..frame.len() * 8 {
        let mut damaged = frame.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        bench.write(&damaged);
        assert_eq!(bench.status(), before, "bit {bit}");
    }
    for len in 0..frame.len() {
        bench.write(&frame[..len]);
        assert_eq!(bench.status(), before, "cut to {len}");
    }
    bench.write(&frame);
    assert_eq!(bench.status().received, 1);
}

#[test]
fn no_flipped_bit_is_obeyed() {
    let mut bench = Bench::installed(&image(2, 1));
    let frame = bench.frame(&Request::Begin(begin(&image(2, 2))));
    let before = bench.status();
    for bit in 0..frame.len() * 8 {
        let mut damaged = frame.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        bench.write(&damaged);
        bench.run().unwrap();
        assert_eq!(bench.status(), before, "bit {bit}");
    }
    assert_eq!(bench.chip.operations, 0);
}

#[test]
fn a_frame_for_another_address_does_not_verify_here() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    let (here, there) = (bench.at, rackflash_core::wire::check::Address::new(0x21).unwrap());
    bench.at = there;
    let frame = bench.page_frame(0, 1, &image[128..256]);
    let request = bench.frame(&Request::EnterLoader);
    bench.at = here;
    let before = bench.status();
    bench.write(&frame);
    bench.write(&request);
    bench.run().unwrap();
    assert_eq!(bench.status(), before);
}

#[test]
fn a_survey_waits_until_the_ring_is_empty() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    for (seq, page) in (0..RING as u16).zip([1, 2]) {
        let frame = bench.page_frame(seq, page, &image[usize::from(page) * 128..][..128]);
        bench.write(&frame);
    }
    bench.ask(&Request::Digest { start: APPLICATION_START + 128, len: 256 }).unwrap();
    let expected = rackflash_core::wire::digest::digest(&image[128..384]);
    assert_eq!(bench.response(), expected.to_le_bytes());
}

#[test]
fn who_it_is_can_be_asked_between_two_operations() {
    let image = image(4, 2);
    let mut bench = receiving(&image);
    let frame = bench.page_frame(0, 1, &image[128..256]);
    bench.write(&frame);
    let before = bench.chip.operations;
    bench.step().unwrap();
    let frame = bench.frame(&Request::Identify);
    bench.write(&frame);
    while bench.status().busy == Busy::Yes {
        bench.step().unwrap();
    }
    assert_eq!(bench.response().len(), rackflash_core::wire::identity::IDENTITY_LEN);
    assert_eq!(bench.chip.operations, before, "no page was waited for");
}

/// Whatever is being written, a request between two operations changes nothing of it.
#[test]
fn asked_between_any_two_operations_nothing_is_done_twice() {
    let image = image(8, 2);
    let operations = |ask: bool| {
        let mut bench = receiving(&image);
        let before = bench.chip.operations;
        for (seq, page) in [1, 2, 3, 4, 5, 6, 7, 0].into_iter().enumerate() {
            let bytes = &image[page * 128..][..128];
            let frame = bench.page_frame(seq as u16, page as u16, bytes);
            bench.write(&frame);
            // A note and a page have three operations each, and few steps between them.
            for _ in 0..100 {
                match bench.step().unwrap() {
                    Step::Idle => break,
                    Step::Flash if ask && bench.status().busy == Busy::No => {
                        let frame = bench.frame(&Request::Identify);
                        bench.write(&frame);
                    }
                    _ => {}
                }
            }
        }
        assert_eq!(bench.ask(&Request::Commit).unwrap().0, Outcome::Done);
        bench.chip.operations - before
    };
    assert_eq!(operations(true), operations(false));
}
