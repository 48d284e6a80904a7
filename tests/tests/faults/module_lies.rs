//! Faults 37 and 38 from a module: it says of itself what cannot be, claims what it has not done, or says anything. Checks
//! and all are right: what is wrong is what it means.

use core::cell::{Cell, RefCell};

use expect_test::{Expect, expect};
use rackflash_core::time::Duration;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::{IDENTITY_LEN, Identity, Installed, Trial, Why};
use rackflash_core::wire::module::{RESPONSE_OVERHEAD, STATUS_LEN, State};
use rackflash_sim::setup::Lie;
use rackflash_tests::bench::Bench;
use rackflash_tests::lies::{
    ANOTHER_SESSION, DIGEST, NEVER_ROOM, TAKEN_ALL, TAKEN_NONE, change_status, seal,
};
use rackflash_tests::numbers::Numbers;

use crate::recipes::{NEW, OLD, envelope, one_envelope};

const LEN: usize = 5_000;
/// Whatever a module says, an update of it ends by then: three tries of at most 3 s, and twice 5 s in which nobody
/// answers who is known.
pub(super) const BOUND: Duration = Duration::from_secs(20);

/// Of what a module says of itself.
type Change = fn(&mut Identity);

thread_local! {
    pub(super) static LIE: Cell<Lie> = const { Cell::new(honest) };
    static CHANGE: Cell<Change> = const { Cell::new(|_| {}) };
    static NUMBERS: RefCell<Numbers> = RefCell::new(Numbers::new(0));
}

pub(super) fn honest(_: Address, _: &mut [u8]) {}

/// A rack with one module, asked to update; and how long that took. It lies from when it was found.
fn update(lie: Lie) -> (Bench, Duration) {
    update_from_the_start(honest, lie)
}

/// One that lies `first`, when it is asked who it is, and then otherwise.
fn update_from_the_start(first: Lie, then: Lie) -> (Bench, Duration) {
    let mut setup = one_envelope(&envelope(OLD, LEN));
    LIE.set(first);
    setup.modules[0].lie = Some(|from, said| LIE.get()(from, said));
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[envelope(NEW, LEN)]);
    bench.detect();
    LIE.set(then);
    let took = bench.update_all(BOUND);
    bench.check();
    (bench, took)
}

fn check(lie: Lie, expected: &Expect) {
    let (bench, took) = update(lie);
    expected.assert_eq(&format!("{took:.1?} {}", bench.endings()));
}

/// A liar about itself, always.
fn update_as(change: Change) -> Bench {
    fn lie(from: Address, said: &mut [u8]) {
        change_identity(from, said, CHANGE.get());
    }
    CHANGE.set(change);
    update_from_the_start(lie, lie).0
}

pub(super) fn change_identity(from: Address, said: &mut [u8], change: impl FnOnce(&mut Identity)) {
    if said.len() != RESPONSE_OVERHEAD + IDENTITY_LEN {
        return;
    }
    let payload = &mut said[STATUS_LEN + 2..][..IDENTITY_LEN];
    let Ok(mut identity) = Identity::parse(payload) else { return };
    change(&mut identity);
    payload.copy_from_slice(&identity.emit());
    seal(from, said);
}

#[test]
fn fault_37_sizes_that_cannot_be() {
    let changes: [(&str, Change); 12] = [
        ("no pages", |i| i.geometry.page_len = 0),
        ("pages of 96 bytes", |i| i.geometry.page_len = 96),
        ("pages of 32 KB", |i| i.geometry.page_len = 0x8000),
        ("pages of one byte", |i| i.geometry.page_len = 1),
        ("half pages larger than pages", |i| i.geometry.program_len = 256),
        ("4 MB of flash", |i| i.geometry.flash_len = 4 << 20),
        ("2 GB of flash", |i| i.geometry.flash_len = 0x8000_0000),
        ("flash to the end of all addresses", |i| i.geometry.flash_start = u32::MAX - 0x8000),
        ("an application before its flash", |i| i.geometry.application_start = 0),
        ("an application in the middle of a page", |i| i.geometry.application_start += 4),
        ("RAM where no stack is", |i| i.geometry.ram_start = 0x1000_0000),
        ("no RAM", |i| i.geometry.ram_len = 0),
    ];
    let mut told = String::new();
    for (what, change) in changes {
        let bench = update_as(change);
        // Checked before anything is sent.
        assert_eq!(bench.world.modules()[0].memory().operations(), 0, "{what}");
        told += &format!("{what}: {}", bench.endings());
    }
    expect![[r#"
        no pages: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        pages of 96 bytes: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        pages of 32 KB: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        pages of one byte: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        half pages larger than pages: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        4 MB of flash: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        2 GB of flash: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        flash to the end of all addresses: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        an application before its flash: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        an application in the middle of a page: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        RAM where no stack is: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
        no RAM: 1: Envelope 4 1.0.0 -> 1.0.0 runs: refused bad-identity
    "#]].assert_eq(&told);
}

/// A module that claims less than it has is updated all the same, one that claims more refuses what it cannot hold.
#[test]
fn fault_37_more_flash_than_it_has() {
    check(
        |from, said| change_identity(from, said, |i| i.geometry.flash_len = 192 * 1024),
        &expect![[r#"
            465.1ms 1: Envelope 4 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        "#]],
    );
    let mut setup = one_envelope(&envelope(OLD, LEN));
    setup.modules[0].lie = Some(|from, said| {
        change_identity(from, said, |identity| identity.geometry.flash_len = 192 * 1024);
    });
    let mut bench = Bench::new(&setup);
    bench.offer_all(&[envelope(NEW, 100_000)]);
    bench.detect();
    bench.update_all(BOUND);
    bench.check();
    assert_eq!(bench.world.modules()[0].memory().operations(), 0, "refused before the first erase");
    expect![[r#"
        1: Envelope 4 1.0.0 -> 1.0.0 requested: refused does-not-fit
    "#]]
    .assert_eq(&bench.endings());
}

/// It says that it runs the new image. Asked for the digest over its flash it cannot keep that up.
#[test]
fn fault_37_it_claims_to_be_current() {
    check(
        |from, said| {
            change_identity(from, said, |identity| {
                let new = envelope(NEW, LEN).bytes();
                let (len, digest) = (u32::try_from(LEN).expect("a length"), digest(&new));
                identity.installed = Installed { version: NEW, len, digest };
                (identity.trial, identity.why) = (Trial::Confirmed, Why::Runs);
            });
        },
        &expect![[r#"
            465.1ms 1: Envelope 4 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        "#]],
    );
}

/// Each status that a module may show and that is not so.
pub(super) const CLAIMS: [(&str, Lie); 8] = [
    ("always committed", |from, said| change_status(from, said, |s| s[0] = State::Committed as u8)),
    ("always its application", |from, said| change_status(from, said, |s| s[0] = 0)),
    ("always busy", |from, said| change_status(from, said, |s| s[0] |= 0x80)),
    ("always has room", |from, said| change_status(from, said, |s| s[3] = 0xff)),
    ("never has room", NEVER_ROOM),
    ("has taken all", TAKEN_ALL),
    ("has taken none", TAKEN_NONE),
    ("of another session", ANOTHER_SESSION),
];

#[test]
fn fault_37_it_claims_to_be_done() {
    let mut told = String::new();
    for (what, lie) in CLAIMS {
        let (bench, took) = update(lie);
        told += &format!("{what}: {took:.1?} {}", bench.endings());
    }
    expect![[r#"
        always committed: 53.1ms 1: Envelope 4 1.0.0 -> 1.0.0 requested: failed bad-data
        always its application: 53.1ms 1: Envelope 4 1.0.0 -> 1.0.0 requested: failed bad-data
        always busy: 17.6s 1: Envelope 4 1.0.0 -> 1.0.0 runs: failed bad-data
        always has room: 464.1ms 1: Envelope 4 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        never has room: 1.0s 1: Envelope 4 1.0.0 -> nothing interrupted: failed bad-data
        has taken all: 332.1ms 1: Envelope 4 1.0.0 -> nothing interrupted: failed bad-data
        has taken none: 1.9s 1: Envelope 4 1.0.0 -> nothing interrupted: failed bad-data
        of another session: 201.1ms 1: Envelope 4 1.0.0 -> nothing interrupted: failed bad-data
    "#]]
    .assert_eq(&told);
}

pub(super) const LENGTHS: Lie = |from, said| {
    if said.len() > RESPONSE_OVERHEAD {
        said[STATUS_LEN..STATUS_LEN + 2].copy_from_slice(&[0xff, 0xff]);
        seal(from, said);
    }
};

pub(super) const ANOTHER: Lie = |from, said| {
    if said.first() != Some(&(State::Application as u8)) {
        change_identity(from, said, |identity| identity.uid.0[0] ^= 1);
    }
};

/// Lengths that are not, and a digest that is not. It answers all the time, and the cause named is what it has said.
#[test]
fn fault_37_answers_that_contradict_themselves() {
    check(
        LENGTHS,
        &expect![[r#"
            10.7s 1: Envelope 4 1.0.0 -> 1.0.0 runs: failed bad-data
        "#]],
    );
    check(
        DIGEST,
        &expect![[r#"
        1.4s 1: Envelope 4 1.0.0 -> 1.1.0 runs: failed digest-mismatch
    "#]],
    );
}

/// In its loader it says that it is another: nothing of this update is meant for that one.
#[test]
fn fault_37_it_becomes_another() {
    check(
        ANOTHER,
        &expect![[r#"
            9.1ms 1: Envelope 4 1.0.0 -> 1.0.0 runs: failed unplugged
        "#]],
    );
}

/// Whoever says that he waits in his loader does not run what he was given, whatever else he says.
#[test]
fn fault_37_it_runs_what_it_was_given_and_says_that_it_waits() {
    check(
        |from, said| {
            if said.len() == RESPONSE_OVERHEAD + IDENTITY_LEN && said[0] == State::Application as u8
            {
                said[0] = State::Loader as u8;
                seal(from, said);
            }
        },
        &expect![[r#"
            547.1ms 1: Envelope 4 1.0.0 -> 1.1.0 runs: failed never-started
        "#]],
    );
}

thread_local! {
    /// How many digests of an image it has told.
    static TOLD: Cell<usize> = const { Cell::new(0) };
}

/// It tells the right digest, and does not start; then another one, so that an update is opened. What it has proven before that
/// counts no more: it takes no page, and says in the end that it runs what it was given.
#[test]
fn fault_37_what_was_proven_before_an_update_was_opened() {
    TOLD.set(0);
    let image = envelope(NEW, LEN).bytes();
    let mut setup = one_envelope(&envelope(NEW, LEN));
    setup.modules[0].lie = Some(|from, said| LIE.get()(from, said));
    LIE.set(honest);
    let mut bench = Bench::new(&setup);
    bench.offer(&image);
    bench.detect();
    LIE.set(|from, said| {
        let tells_digest = said.len() == RESPONSE_OVERHEAD + 4;
        let tells_identity = said.len() == RESPONSE_OVERHEAD + IDENTITY_LEN;
        TOLD.set(TOLD.get() + usize::from(tells_digest));
        let state = said.first().and_then(|state| State::parse(*state).ok());
        match (TOLD.get(), state) {
            (1, Some(State::Application)) if tells_identity => {
                change_status(from, said, |said| said[0] = State::Loader as u8);
            }
            (2.., _) if tells_digest => DIGEST(from, said),
            (2.., Some(State::Receiving)) if tells_identity => {
                said[0] = State::Application as u8;
                change_identity(from, said, |identity| identity.trial = Trial::Confirmed);
            }
            (2.., Some(State::Receiving)) => change_status(from, said, |said| said[3] = 0),
            _ => {}
        }
    });
    bench.update_all(BOUND);
    bench.check();
    expect![[r#"
        1: Envelope 4 1.1.0 -> 1.1.0 interrupted: failed bad-data
    "#]]
    .assert_eq(&bench.endings());
}

/// It says of each page that it is right already. The digest over all of them is not, and then every page is sent.
#[test]
fn fault_37_pages_that_are_right_and_an_image_that_is_not() {
    check(
        |from, said| {
            let new = envelope(NEW, LEN).bytes();
            let pages: Vec<u8> =
                new.chunks(128).skip(1).flat_map(|page| digest(page).to_le_bytes()).collect();
            if said.len() == RESPONSE_OVERHEAD + pages.len() {
                said[STATUS_LEN + 2..][..pages.len()].copy_from_slice(&pages);
                seal(from, said);
            }
        },
        &expect![[r#"
            534.1ms 1: Envelope 4 1.0.0 -> 1.1.0 runs: updated 42/40 pages
        "#]],
    );
}

/// Names are for people: what is no text is shown as bytes, and what looks like a page's markup is text.
#[test]
fn fault_38_names_that_are_none() {
    let names: [Change; 4] = [
        |i| i.name = *b"\xff\xfe\xc3\x28\0\0\0\0\0\0\0\0",
        |i| i.name = *b"<script>x</s",
        |i| i.name = *b"a\nb\x1b[2J\0\0\0\0\0",
        |i| i.name = [0; 12],
    ];
    let mut told = String::new();
    for change in names {
        told += &update_as(change).endings();
    }
    expect![[r#"
        1: fffec328 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        1: <script>x</s 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        1: 610a621b5b324a 1.0.0 -> 1.1.0 runs: updated 40/40 pages
        1:  1.0.0 -> 1.1.0 runs: updated 40/40 pages
    "#]]
    .assert_eq(&told);
}

/// Any bytes at any moment, checks right or not. It ends in time, and nothing is believed that is not so.
#[test]
fn fault_38_a_module_that_says_anything() {
    fn lie(from: Address, said: &mut [u8]) {
        NUMBERS.with_borrow_mut(|numbers| {
            if !numbers.percent(20) || said.is_empty() {
                return;
            }
            for _ in 0..=numbers.below(4) {
                let at = numbers.index(said.len());
                said[at] = numbers.byte();
            }
            if numbers.percent(80) {
                seal(from, said);
            }
        });
    }
    let (mut updated, mut otherwise) = (0, 0);
    for seed in 0..100 {
        NUMBERS.set(Numbers::new(seed));
        let (bench, _) = update_from_the_start(lie, lie);
        if bench.endings().contains(": updated") { updated += 1 } else { otherwise += 1 }
    }
    assert!(updated > 20 && otherwise > 20, "{updated} updated, {otherwise} not");
}
