//! Where a module listens.

use rackflash_core::module::boot::Asked;
use rackflash_core::module::{Config, Step};
use rackflash_core::wire::check::{Address, pec_from};
use rackflash_core::wire::identity::{IDENTITY_LEN, Identity, Why};
use rackflash_core::wire::module::{Begin, Outcome, Request, Uid, parse_response};

use crate::bench::{Bench, Code, install};
use crate::chip::TestChip;
use crate::{HOME, begin, config, image};

const ELSEWHERE: Address = Address::new(0x42).unwrap();

fn listens(bench: &Bench) -> Vec<u8> {
    (0x08..0x78)
        .filter(|address| {
            let address = Address::new(*address).unwrap();
            match &bench.code {
                Code::Loader(loader) => loader.listens(address),
                Code::Application(responder) => responder.listens(address),
                Code::Off => false,
            }
        })
        .collect()
}

fn assigned(bench: &Bench) -> Option<Address> {
    match &bench.code {
        Code::Loader(loader) => loader.assigned(),
        Code::Application(responder) => responder.assigned(),
        Code::Off => None,
    }
}

/// A loader and an application, as they are after a cold start.
fn both() -> [Bench; 2] {
    [Asked::Loader, Asked::Nothing].map(|asked| {
        let config = Config { assigned: None, ..config() };
        let mut chip = TestChip::new(&config, 1);
        install(&mut chip, &config, &image(2, 1));
        let mut bench = Bench::with(config, chip, Why::Requested);
        bench.boot(asked).unwrap();
        bench.at = Address::ENUMERATION;
        bench
    })
}

fn assign(bench: &mut Bench, address: Address) {
    let frame = bench.frame(&Request::Assign { uid: config().identity.uid, address });
    bench.write(&frame);
    while bench.step().unwrap() != Step::Idle {}
}

#[test]
fn it_gets_an_address_and_keeps_it_over_a_restart() {
    for mut bench in both() {
        assert_eq!((listens(&bench), assigned(&bench)), (vec![0x61], None));
        assign(&mut bench, ELSEWHERE);
        assert_eq!((listens(&bench), assigned(&bench)), (vec![0x42], Some(ELSEWHERE)));
        bench.at = ELSEWHERE;
        assert_eq!(bench.status().outcome, Outcome::Done);

        bench.config.assigned = assigned(&bench);
        for asked in [Asked::Loader, Asked::Nothing] {
            bench.boot(asked).unwrap();
            assert_eq!(listens(&bench), [0x42]);
            assert_eq!(bench.identity().home, HOME.get());
        }
        bench.config.assigned = None;
        bench.boot(Asked::Nothing).unwrap();
        assert_eq!(listens(&bench), [0x61]);
    }
}

#[test]
fn enumerated_again_it_keeps_its_address() {
    for mut bench in both() {
        assign(&mut bench, HOME);
        assert_eq!(listens(&bench), [0x20]);
        bench.at = HOME;
        bench.ask(&Request::Enumerate).unwrap();
        assert_eq!((listens(&bench), assigned(&bench)), (vec![0x20, 0x61], Some(HOME)));
        bench.ask(&Request::Assign { uid: config().identity.uid, address: HOME }).unwrap();
        assert_eq!(listens(&bench), [0x20]);
    }
}

#[test]
fn what_is_meant_for_another_module() {
    for mut bench in both() {
        let before = bench.status();
        let frame = bench.frame(&Request::Assign { uid: Uid([7; 12]), address: ELSEWHERE });
        bench.write(&frame);
        bench.run().unwrap();
        assert_eq!(bench.status(), before, "not even the tag");
        // Where all listen, none can stay.
        let itself = Request::Assign { uid: config().identity.uid, address: Address::ENUMERATION };
        assert_eq!(bench.ask(&itself).unwrap().0, Outcome::OutOfArea);
        assert_eq!(listens(&bench), [0x61]);
    }
}

/// It was given away while the module was not to be heard.
#[test]
fn its_address_is_another_s_by_now() {
    for mut bench in both() {
        assign(&mut bench, HOME);
        bench.at = HOME;
        let before = bench.status();
        let to_another = |address| Request::Assign { uid: Uid([7; 12]), address };
        let frame = bench.frame(&to_another(ELSEWHERE));
        bench.write(&frame);
        assert_eq!((listens(&bench), bench.status()), (vec![0x20], before), "its own is not meant");
        let frame = bench.frame(&to_another(HOME));
        bench.write(&frame);
        assert_eq!((listens(&bench), assigned(&bench)), (vec![0x61], None));
        while bench.step().unwrap() != Step::Idle {}
        says_who_it_is(&mut bench);
    }
}

#[test]
fn one_read_at_the_enumeration_address_says_who_it_is() {
    for mut bench in both() {
        says_who_it_is(&mut bench);
        assign(&mut bench, HOME);
        bench.at = HOME;
        bench.ask(&Request::Enumerate).unwrap();
        says_who_it_is(&mut bench);
    }
}

fn says_who_it_is(bench: &mut Bench) {
    let read = bench.read(Address::ENUMERATION, 120);
    let (_, payload) = parse_response(Address::ENUMERATION, &read).unwrap();
    assert_eq!(Identity::parse(payload).unwrap().uid, config().identity.uid);
    // The checks hold for the address that was read from, and for no other.
    assert!(parse_response(HOME, &read).is_err());
}

#[test]
fn a_read_of_any_length() {
    let mut bench = Bench::blank();
    let whole = bench.read(HOME, 200);
    for len in 0..200 {
        assert_eq!(bench.read(HOME, len), whole[..len]);
    }
    // Status, length, identity, CRC-32, packet error code; then nothing.
    let (said, nothing) = whole.split_at(8 + 2 + IDENTITY_LEN + 4 + 1);
    assert!(nothing.iter().all(|byte| *byte == 0xff));
    let (pec, covered) = said.split_last().unwrap();
    assert_eq!(pec_from(HOME, covered), *pec);
}

const GROUP: Address = Address::new(0x72).unwrap();

/// In an update that names a group.
fn in_a_group(image: &[u8]) -> Bench {
    let mut bench = Bench::installed(&crate::image(4, 1));
    let begin = Begin { group: Some(GROUP), ..begin(image) };
    assert_eq!(bench.ask(&Request::Begin(begin)).unwrap().0, Outcome::Done);
    bench
}

/// A page frame, written to `to`; how many were taken then.
fn page_to(bench: &mut Bench, to: Address, image: &[u8], page: u16) -> u16 {
    let seq = bench.status().received;
    let at = core::mem::replace(&mut bench.at, to);
    let frame = bench.page_frame(seq, page, &image[usize::from(page) * 128..][..128]);
    bench.write(&frame);
    bench.at = at;
    bench.run().unwrap();
    bench.status().received
}

#[test]
fn page_frames_of_a_group() {
    let image = image(4, 2);
    let mut bench = in_a_group(&image);
    assert_eq!(listens(&bench), [0x20, 0x72]);
    assert_eq!(page_to(&mut bench, GROUP, &image, 1), 1);
    // What was lost of them comes alone.
    assert_eq!(page_to(&mut bench, HOME, &image, 2), 2);
    let other = Address::new(0x73).unwrap();
    assert_eq!(page_to(&mut bench, other, &image, 3), 2, "not its group");
    assert_eq!(page_to(&mut bench, GROUP, &image, 3), 3);
    assert_eq!(page_to(&mut bench, GROUP, &image, 0), 4);
    assert_eq!(bench.ask(&Request::Commit).unwrap().0, Outcome::Done);
    assert_eq!(listens(&bench), [0x20], "the update has ended, and the group with it");
}

#[test]
fn a_group_hears_nothing_but_pages() {
    let image = image(4, 2);
    let mut bench = in_a_group(&image);
    let before = bench.status();
    for request in [Request::EnterLoader, Request::Begin(begin(&image)), Request::Identify] {
        let at = core::mem::replace(&mut bench.at, GROUP);
        let frame = bench.frame(&request);
        bench.write(&frame);
        bench.at = at;
        bench.run().unwrap();
        assert_eq!(bench.status(), before);
    }
    // Of several that are read there none is understood; to each of them it is nothing.
    bench.read(GROUP, 120);
    assert_eq!(bench.status(), before);
    // Made for one address, a frame is for no other.
    let frame = bench.page_frame(0, 1, &image[128..256]);
    bench.at = GROUP;
    bench.write(&frame);
    bench.at = HOME;
    assert_eq!(bench.status(), before);
}

#[test]
fn a_group_ends_with_its_update() {
    let image = image(4, 2);
    for request in [Request::EnterLoader, Request::Begin(begin(&image))] {
        let mut bench = in_a_group(&image);
        bench.ask(&request).unwrap();
        assert_eq!(listens(&bench), [0x20], "{request}");
    }
    let mut bench = in_a_group(&image);
    bench.boot(Asked::Loader).unwrap();
    assert_eq!(listens(&bench), [0x20]);
    // Nobody has one for his own.
    let own = Request::Assign { uid: config().identity.uid, address: GROUP };
    assert_eq!(bench.ask(&own).unwrap().0, Outcome::OutOfArea);
    assert_eq!(listens(&bench), [0x20]);
}

#[test]
fn enumerated_in_a_group() {
    let image = image(4, 2);
    let mut bench = in_a_group(&image);
    bench.ask(&Request::Enumerate).unwrap();
    // It compares two addresses.
    assert_eq!(listens(&bench), [0x20, 0x61]);
    assert_eq!(page_to(&mut bench, GROUP, &image, 1), 0);
    bench.ask(&Request::Assign { uid: config().identity.uid, address: HOME }).unwrap();
    assert_eq!(listens(&bench), [0x20, 0x72]);
    assert_eq!(page_to(&mut bench, GROUP, &image, 1), 1);
}
