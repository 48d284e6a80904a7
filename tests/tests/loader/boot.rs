//! What starts after a reset: the whole table.

use expect_test::expect;
use rackflash_core::module::boot::{ATTEMPT, Asked, Start, decide};
use rackflash_core::module::record::{ATTEMPTS_MAX, MARK, Record};
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::{Trial, Why};
use rackflash_core::wire::module::{Outcome, Request};

use crate::bench::{Bench, Code, install, record_half, record_of};
use crate::chip::TestChip;
use crate::{APPLICATION_START, begin, config, image};

const RECORD: u32 = APPLICATION_START - 512;
const MARKS: u32 = RECORD + 64;

pub(crate) fn loader(why: Why) -> Start {
    Start::Loader(why)
}

fn show(start: Start) -> String {
    match start {
        Start::Application { attempt: Some(address) } => {
            format!("application, counted in word {}", (address - MARKS) / 4)
        }
        Start::Application { attempt: None } => "application".to_owned(),
        Start::Loader(why) => format!("loader: {why:?}"),
    }
}

#[test]
fn every_state_and_what_was_asked() {
    let image = image(2, 1);
    let chip = |change: &dyn Fn(&mut TestChip)| {
        let mut chip = TestChip::new(&config(), 1);
        chip.install(APPLICATION_START, &image);
        chip.install(RECORD, &record_half(&record_of(&image)));
        change(&mut chip);
        chip
    };
    let mark = |words: &'static [u32]| {
        chip(&move |chip| {
            words.iter().for_each(|word| chip.install(MARKS + word * 4, &MARK.to_le_bytes()))
        })
    };
    let with = |record: Record| chip(&|chip| chip.install(RECORD, &record_half(&record)));
    let of_len = |len| {
        let mut record = record_of(&image);
        record.installed.len = len;
        with(record)
    };
    let mut without_header = record_of(&image);
    without_header.installed.len = 220;
    without_header.installed.digest = digest(&image[..220]);
    let without_header = with(without_header);
    let states = [
        ("nothing there", TestChip::new(&config(), 1)),
        ("no record", chip(&|chip| chip.install(RECORD, &[0; 64]))),
        ("a record with a flipped bit", chip(&|chip| chip.install(RECORD + 20, &[0x55]))),
        ("another vendor's record", with(Record { vendor: 1, ..record_of(&image) })),
        ("another type's record", with(Record { module_type: 1, ..record_of(&image) })),
        ("a record longer than the flash", of_len(1 << 20)),
        ("a record that ends in the middle of a word", of_len(image.len() as u32 - 2)),
        ("a record of an image without a header", without_header),
        ("a damaged application", chip(&|chip| chip.install(APPLICATION_START + 200, &[0x55]))),
        ("never started", mark(&[])),
        ("started once", mark(&[0])),
        ("started twice", mark(&[0, 1])),
        ("started three times", mark(&[0, 1, 2])),
        ("started, an earlier mark torn away", mark(&[1])),
        ("confirmed at the first start", mark(&[0, 4])),
        ("confirmed at the third start", mark(&[0, 1, 2, 6])),
        ("confirmed on the bench", mark(&[3])),
        ("confirmed in the last word", mark(&[0, 1, 2, 15])),
        ("a torn confirmation", chip(&|chip| chip.install(MARKS + 16, &MARK.to_le_bytes()[..3]))),
        ("a torn attempt", chip(&|chip| chip.install(MARKS, &MARK.to_le_bytes()[..1]))),
        ("everything torn", chip(&|chip| chip.install(MARKS, &[0x11; 64]))),
    ];
    let mut lines = String::new();
    for (state, chip) in &states {
        let start = decide(&config(), chip, Asked::Nothing);
        lines += &format!("{state} => {}\n", show(start));
        let asked = decide(&config(), chip, Asked::Loader);
        let spent = start == loader(Why::NeverConfirmed);
        let why = if spent { Why::NeverConfirmed } else { Why::Requested };
        assert_eq!(asked, loader(why), "{state}");
    }
    expect![[r#"
        nothing there => loader: Blank
        no record => loader: Interrupted
        a record with a flipped bit => loader: Interrupted
        another vendor's record => loader: Interrupted
        another type's record => loader: Interrupted
        a record longer than the flash => loader: Interrupted
        a record that ends in the middle of a word => loader: Interrupted
        a record of an image without a header => loader: Interrupted
        a damaged application => loader: Damaged
        never started => application, counted in word 0
        started once => application, counted in word 1
        started twice => application, counted in word 2
        started three times => loader: NeverConfirmed
        started, an earlier mark torn away => application, counted in word 2
        confirmed at the first start => application
        confirmed at the third start => application
        confirmed on the bench => application
        confirmed in the last word => application
        a torn confirmation => application, counted in word 0
        a torn attempt => application, counted in word 1
        everything torn => loader: NeverConfirmed
    "#]]
    .assert_eq(&lines);
    assert_eq!(ATTEMPT, MARK);
}

#[test]
fn what_was_proven_just_before_is_not_hashed_again() {
    let image = image(2, 1);
    let starts = |image: &[u8], record: &[u8]| {
        let mut chip = TestChip::new(&config(), 1);
        chip.install(APPLICATION_START, image);
        chip.install(RECORD, record);
        [Asked::Nothing, Asked::Application].map(|asked| decide(&config(), &chip, asked))
    };
    let (record, start) =
        (record_half(&record_of(&image)), Start::Application { attempt: Some(MARKS) });
    assert_eq!(starts(&image, &record), [start, start]);
    let mut damaged = image.clone();
    damaged[200] ^= 1;
    assert_eq!(starts(&damaged, &record), [loader(Why::Damaged), start]);
    // Without a record nothing was proven.
    assert_eq!(starts(&image, &[]), [loader(Why::Interrupted); 2]);
}

#[test]
fn a_torn_mark_is_not_programmed_again() {
    let image = image(2, 1);
    let mut chip = TestChip::new(&config(), 1);
    chip.install(APPLICATION_START, &image);
    chip.install(RECORD, &record_half(&record_of(&image)));
    chip.tear(MARKS, &MARK.to_le_bytes());
    for seed in 0..100 {
        chip.reseed(seed);
        let start = decide(&config(), &chip, Asked::Nothing);
        assert_eq!(start, Start::Application { attempt: Some(MARKS + 4) });
    }
}

#[test]
fn an_update_that_was_begun_on_a_blank_module() {
    let image = image(3, 1);
    let mut bench = Bench::blank();
    bench.ask(&Request::Begin(begin(&image))).unwrap();
    assert_eq!(bench.boot(Asked::Nothing).unwrap(), loader(Why::Interrupted));
}

#[test]
fn three_starts_without_a_word_and_it_is_back_in_the_loader() {
    let mut bench = Bench::installed(&image(2, 1));
    assert_eq!(bench.update(&image(2, 2)), Outcome::Done);
    for word in 0..u32::from(ATTEMPTS_MAX) {
        let attempt = Some(MARKS + word * 4);
        assert_eq!(bench.boot(Asked::Nothing).unwrap(), Start::Application { attempt });
        // Looking at it in the loader costs no attempt.
        bench.enter_loader().unwrap();
    }
    assert_eq!(bench.boot(Asked::Nothing).unwrap(), loader(Why::NeverConfirmed));
    // It would only come back: it says so instead.
    assert_eq!(bench.ask(&Request::Run).unwrap().0, Outcome::NoApplication);
    assert_eq!(bench.update(&image(2, 3)), Outcome::Done);
    assert_eq!(bench.ask(&Request::Run).unwrap().0, Outcome::Done);
}

/// Else a host takes it for current, asks for its start, and is refused each time.
#[test]
fn asked_into_the_loader_in_its_last_attempt() {
    let mut bench = Bench::installed(&image(2, 1));
    bench.update(&image(2, 2));
    for attempt in 1..=ATTEMPTS_MAX {
        bench.boot(Asked::Nothing).unwrap();
        let why = if attempt < ATTEMPTS_MAX { Why::Requested } else { Why::NeverConfirmed };
        assert_eq!(bench.boot(Asked::Loader).unwrap(), loader(why));
    }
}

#[test]
fn confirmed_in_any_start_it_stays() {
    for starts in 1..=u32::from(ATTEMPTS_MAX) {
        let mut bench = Bench::installed(&image(2, 1));
        bench.update(&image(2, 2));
        for _ in 0..starts {
            bench.boot(Asked::Nothing).unwrap();
        }
        assert_eq!(bench.ask(&Request::Confirm).unwrap().0, Outcome::Done);
        assert_eq!(bench.identity().trial, Trial::Confirmed);
        for _ in 0..5 {
            let start = bench.boot(Asked::Nothing).unwrap();
            assert_eq!(start, Start::Application { attempt: None });
        }
        let operations = bench.chip.operations;
        assert_eq!(bench.ask(&Request::Confirm).unwrap().0, Outcome::Done);
        assert_eq!(bench.chip.operations, operations, "it is confirmed already");
    }
}

/// A torn confirmation may read erased as often as it is looked at: the next start must not program its word again.
#[test]
fn each_start_confirms_in_a_word_of_its_own() {
    for starts in 1..=u32::from(ATTEMPTS_MAX) {
        let mut bench = Bench::installed(&image(2, 1));
        bench.update(&image(2, 2));
        for _ in 0..starts {
            bench.boot(Asked::Nothing).unwrap();
        }
        bench.ask(&Request::Confirm).unwrap();
        for word in u32::from(ATTEMPTS_MAX)..16 {
            let own = word == u32::from(ATTEMPTS_MAX) + starts;
            let expected = if own { MARK.to_le_bytes() } else { [0; 4] };
            assert_eq!(bench.chip.whole(MARKS + word * 4, 4), Some(&expected[..]), "{word}");
        }
    }
}

#[test]
fn a_confirmation_that_does_not_take() {
    let mut bench = Bench::installed(&image(2, 1));
    bench.update(&image(2, 2));
    bench.boot(Asked::Nothing).unwrap();
    bench.chip.worn = Some((RECORD, 2));
    assert_eq!(bench.ask(&Request::Confirm).unwrap().0, Outcome::Done, "another word does");
    assert_eq!(bench.boot(Asked::Nothing).unwrap(), Start::Application { attempt: None });

    bench.update_from_application(&image(2, 3));
    bench.boot(Asked::Nothing).unwrap();
    bench.chip.worn = Some((RECORD, usize::MAX));
    assert_eq!(bench.ask(&Request::Confirm).unwrap().0, Outcome::FlashWorn);
}

#[test]
fn nothing_to_run_and_nothing_to_confirm() {
    let mut bench = Bench::blank();
    assert_eq!(bench.ask(&Request::Run).unwrap().0, Outcome::NoApplication);
    let mut damaged = Bench::installed(&image(2, 1));
    damaged.chip.install(APPLICATION_START + 200, &[0x55]);
    assert_eq!(damaged.ask(&Request::Run).unwrap().0, Outcome::NoApplication);
    // An application without a record: a developer's, started by a debugger.
    let mut chip = TestChip::new(&config(), 1);
    install(&mut chip, &config(), &image(2, 1));
    chip.install(RECORD, &[0; 128]);
    let responder = rackflash_core::module::responder::Responder::new(&config(), &chip);
    let mut bench = Bench::with(config(), chip, Why::Requested);
    bench.code = Code::Application(Box::new(responder));
    assert_eq!(bench.ask(&Request::Confirm).unwrap().0, Outcome::NoApplication);
    assert_eq!(bench.identity().application(), None);
}
