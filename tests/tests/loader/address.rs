//! Where a module listens.

use rackflash_core::module::boot::Asked;
use rackflash_core::module::{Config, Step};
use rackflash_core::wire::check::{Address, pec_from};
use rackflash_core::wire::identity::{Identity, Why};
use rackflash_core::wire::module::{Outcome, Request, Uid, parse_response};

use crate::bench::{Bench, Code, install};
use crate::chip::TestChip;
use crate::{HOME, config, image};

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
        let mut chip = TestChip::new(&config.geometry, 1);
        install(&mut chip, &config, &image(2, 1));
        let mut bench = Bench::with(config, chip, Why::Requested);
        bench.boot(asked).unwrap();
        bench.at = Address::ENUMERATION;
        bench
    })
}

fn assign(bench: &mut Bench, address: Address) {
    let frame = bench.frame(&Request::Assign { uid: config().uid, address });
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
        bench.ask(&Request::Assign { uid: config().uid, address: HOME }).unwrap();
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
        let itself = Request::Assign { uid: config().uid, address: Address::ENUMERATION };
        assert_eq!(bench.ask(&itself).unwrap().0, Outcome::OutOfArea);
        assert_eq!(listens(&bench), [0x61]);
    }
}

#[test]
fn one_read_at_the_enumeration_address_says_who_it_is() {
    for mut bench in both() {
        let read = bench.read(Address::ENUMERATION, 120);
        let (status, payload) = parse_response(Address::ENUMERATION, &read).unwrap();
        assert_eq!(status.tag.0, 0);
        assert_eq!(Identity::parse(payload).unwrap().uid, config().uid);
        // The checks hold for the address that was read from, and for no other.
        assert!(parse_response(HOME, &read).is_err());
    }
}

#[test]
fn a_read_of_any_length() {
    let mut bench = Bench::blank();
    let whole = bench.read(HOME, 200);
    for len in 0..200 {
        assert_eq!(bench.read(HOME, len), whole[..len]);
    }
    // Status, length, identity, CRC-32, packet error code; then nothing.
    let (said, nothing) = whole.split_at(8 + 2 + 84 + 4 + 1);
    assert!(nothing.iter().all(|byte| *byte == 0xff));
    let (pec, covered) = said.split_last().unwrap();
    assert_eq!(pec_from(HOME, covered), *pec);
}
