//! What an engineer asks of one module, over a lane that the session lends, and what a transcript says in numbers.

mod counters;

mod settings;

use expect_test::expect;
use rackflash_core::host::TargetError;
use rackflash_core::host::catalog::{Offer, Rollback, Terms};
use rackflash_core::host::facts::Facts;
use rackflash_core::host::image::Image;
use rackflash_core::host::loan::Ticket;
use rackflash_core::host::problem::Problem;
use rackflash_core::host::service::{Errand, Service, Wish};
use rackflash_core::host::session::Input;
use rackflash_core::time::Duration;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::{Identity, Why};
use rackflash_core::wire::module::{State, Uid};
use rackflash_sim::chip::{APPLICATION_START, Variant};
use rackflash_sim::module::Runs;
use rackflash_tests::bench::Bench;
use rackflash_tests::racks::{OLD, all_different, recipe};

const LEN: usize = 20_000;
const PAGE: usize = 128;
const APPLICATION: Runs = Runs::Application(OLD);
const LOADER: Runs = Runs::Loader(Why::Requested);

/// Two modules that run an old version; the newer one is on offer.
fn bench(variant: Variant) -> Bench {
    let (setup, recipes) = all_different(2, LEN, variant);
    let mut bench = Bench::new(&setup);
    bench.offer_all(&recipes);
    bench.detect();
    bench
}

/// A fifth of a second of a wish that takes three.
fn in_the_middle(bench: &mut Bench, errand: &mut Errand) {
    for _ in 0..200 {
        bench.run(Duration::from_millis(1));
        bench.go_on(errand);
    }
    assert_eq!(runs(bench), LOADER);
}

fn runs(bench: &Bench) -> Runs {
    bench.world.modules()[0].runs()
}

#[test]
fn who_it_is() {
    let mut bench = bench(Variant::Kb192);
    let answer = bench.serve(0, Wish::Identify).unwrap();
    let (state, identity) = answer.split_first().unwrap();
    assert_eq!(State::parse(*state), Ok(State::Application));
    assert_eq!(Identity::parse(identity).unwrap().uid, bench.world.modules()[0].uid());
    assert_eq!(runs(&bench), APPLICATION);
}

/// Its application is stopped for it, and runs again.
#[test]
fn what_its_flash_holds() {
    let mut bench = bench(Variant::Kb192);
    let range = APPLICATION_START..APPLICATION_START + 3_000;
    let read = bench.serve(0, Wish::Read(range)).unwrap();
    assert!(
        bench.world.modules()[0].memory().application().starts_with(&read) && read.len() == 3_000
    );

    let digests = bench.serve(0, Wish::PageDigests).unwrap();
    let pages = bench.world.modules()[0].memory().application().chunks(PAGE);
    let expected: Vec<_> = pages.flat_map(|page| digest(page).to_le_bytes()).collect();
    assert_eq!(digests, expected);
    assert_eq!(runs(&bench), APPLICATION);
    assert_eq!(bench.world.modules()[0].memory().failures(), 0);
}

/// Of 256 bytes a request some are asked before the first is answered: the cable's round trip costs once, not each time.
#[test]
fn all_of_it_as_fast_as_the_bus() {
    let mut bench = bench(Variant::Kb192);
    let start = bench.world.now();
    let whole = Wish::Read(APPLICATION_START..0x0803_0000);
    let read = bench.serve(0, whole).unwrap();
    assert_eq!(read, bench.world.modules()[0].memory().application());
    let took = bench.world.now().since(start);
    expect!["187904 bytes in 3.380081s"].assert_eq(&format!("{} bytes in {took:?}", read.len()));
}

#[test]
fn its_settings() {
    let mut bench = bench(Variant::Kb64);
    let before = bench.serve(0, Wish::EepromRead).unwrap();
    assert_eq!(before, bench.world.modules()[0].memory().eeprom());
    let bytes: Vec<u8> = (0..600u32).map(|at| at.to_le_bytes()[0]).collect();
    bench.serve(0, Wish::EepromWrite(vec![(8, bytes.clone())])).unwrap();
    let told = bench.session.transcript().to_string();
    assert!(!told.lines().any(|line| line.ends_with("; ")), "there is no answer but its status");
    let mut after = before;
    after[8..608].copy_from_slice(&bytes);
    assert_eq!(bench.world.modules()[0].memory().eeprom(), after);
    assert_eq!(bench.serve(0, Wish::EepromRead), Ok(after));
    assert_eq!(runs(&bench), APPLICATION);

    let beyond = Wish::EepromWrite(vec![(3 * 1024 - 4, vec![0; 8])]);
    let refused = bench.serve(0, beyond).unwrap_err();
    assert_eq!(refused.code(), "does-not-fit");
    assert_eq!(runs(&bench), APPLICATION, "it is started again all the same");
}

#[test]
fn its_log_and_its_loader() {
    let mut bench = bench(Variant::Kb64);
    bench.serve(0, Wish::Stop).unwrap();
    assert_eq!(runs(&bench), LOADER);
    assert_eq!(bench.serve(0, Wish::Log), Ok(vec![1, Why::Requested as u8]));
    assert_eq!(runs(&bench), LOADER, "it was there before");
    bench.serve(0, Wish::Start).unwrap();
    assert_eq!(runs(&bench), APPLICATION);
}

#[test]
fn erased_and_updated_again() {
    for variant in [Variant::Kb64, Variant::Dual128] {
        let mut bench = bench(variant);
        bench.serve(0, Wish::Erase).unwrap();
        bench.oracle.begin_anew(&bench.world);
        let module = &bench.world.modules()[0];
        assert!(module.memory().application().iter().all(|byte| *byte == 0));
        assert!(matches!(module.runs(), Runs::Loader(_)));
        assert_eq!(bench.serve(0, Wish::Start).unwrap_err().code(), "no-application");
        bench.run(Duration::from_secs(1));
        expect![[r#"
            1: Twin Filter nothing -> nothing interrupted: untouched
            2: Twin Filter nothing -> 1.0.0 runs: untouched
        "#]]
        .assert_eq(&bench.endings());
        bench.update_all(Duration::from_secs(60));
        expect![[r#"
            1: Twin Filter nothing -> 1.1.0 runs: updated 157/157 pages
            2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        "#]]
        .assert_eq(&bench.endings());
    }
}

/// What was proven is no proof of what became of it since.
#[test]
fn updated_and_then_something_else() {
    let (mut bench, mut ended) = (bench(Variant::Kb128), String::new());
    let old = bench.world.modules()[0].memory().clone();
    bench.update_all(Duration::from_secs(60));
    bench.serve(0, Wish::Erase).unwrap();
    bench.oracle.begin_anew(&bench.world);
    ended += &bench.endings();
    bench.check();
    bench.update_all(Duration::from_secs(60));
    bench.world.transplant(0, old);
    bench.oracle.begin_anew(&bench.world);
    bench.run(Duration::from_secs(3));
    ended += &bench.endings();
    bench.check();
    expect![[r#"
        1: Twin Filter 1.0.0 -> nothing interrupted: untouched
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        1: Twin Filter nothing -> 1.0.0 runs: untouched
        2: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&ended);
}

/// As on the page, where only bytes go between the session and what uses its loan.
#[test]
fn asked_from_another_program() {
    let mut bench = bench(Variant::Kb64);
    let uid = bench.world.modules()[0].uid();
    let mut progress = Vec::new();
    let mut ask = |wish| {
        let loan = bench.session.lend(uid).unwrap();
        let ticket = Ticket::from_bytes(&loan.ticket().to_bytes()).unwrap();
        let mut service = Service::new(ticket, uid, wish);
        loop {
            loan.heard().iter().for_each(|said| service.hear(said));
            let answer = service.poll();
            core::iter::from_fn(|| service.next_group()).for_each(|group| loan.push(group));
            progress.push(service.progress());
            if let Some(answer) = answer {
                loan.give_back();
                bench.run_until(Duration::from_secs(1), |_| loan.is_over());
                return answer.unwrap();
            }
            bench.session.handle(Input::Wake, bench.world.now());
            bench.drain();
            bench.step(bench.world.now() + Duration::from_millis(1));
        }
    };
    let eeprom = ask(Wish::EepromRead);
    let facts = Facts::of(&ask(Wish::Identify)).unwrap();
    assert_eq!(eeprom, bench.world.modules()[0].memory().eeprom());
    expect![[r#"
        Facts {
            state: "Application",
            why: "Runs",
            protocol: 257,
            loader: "1.0.0",
            vendor: 4617,
            module_type: 512,
            hardware: 1,
            uid: "24c50855b68dbac1d2d554b1",
            version: Some(
                "1.0.0",
            ),
            len: 20000,
            digest: "c403e47d",
            trial: "Confirmed",
            ring: 0,
            home: 16,
            starts: 221,
            flash_start: 134217728,
            flash_len: 65536,
            application_start: 134226432,
            ram_len: 20480,
            page_len: 128,
            eeprom_len: 3072,
            erased: 0,
            banks: 1,
        }
    "#]]
    .assert_debug_eq(&facts);
    progress.dedup();
    expect!["[0.0, 0.083333336, 0.16666667, 0.25, 0.33333334, 0.41666666, 0.5, 0.5833333, 0.6666667, 0.75, 0.8333333, 0.9166667, 1.0, 0.0]"].assert_eq(&format!("{progress:?}"));
}

/// It gives up when it is told so, and what no session says changes nothing.
#[test]
fn told_by_a_session() {
    let ticket = Ticket::from_bytes(&[0x10, 7]).unwrap();
    for (said, code) in [(&[2][..], "port-lost"), (&[3], "base-silent"), (&[4], ""), (&[], "")] {
        let mut service = Service::new(ticket, Uid::default(), Wish::Identify);
        assert!(service.poll().is_none());
        service.hear(said);
        let problem = service.poll().and_then(Result::err);
        assert_eq!(problem.map_or("", |problem| problem.code()), code, "{said:?}");
    }
}

/// Its update waits; the other's does not.
#[test]
fn one_at_a_time() {
    let mut bench = bench(Variant::Kb192);
    let errand = bench.ask(0, Wish::Read(APPLICATION_START..0x0803_0000));
    let uid = bench.world.modules()[0].uid();
    assert!(bench.session.lend(uid).is_none(), "it is lent already");
    bench.click();
    let read = bench.wait_for(errand).unwrap();
    assert_eq!(read, bench.world.modules()[0].memory().application());
    bench.run_until(Duration::from_secs(20), Bench::is_done);
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}

#[test]
fn not_while_it_is_updated() {
    let mut bench = bench(Variant::Kb192);
    bench.click();
    let uid = bench.world.modules()[0].uid();
    assert!(bench.session.lend(uid).is_none());
    bench.run_until(Duration::from_secs(20), Bench::is_done);
    assert!(bench.serve(0, Wish::Identify).is_ok());
}

#[test]
fn the_cable_is_pulled() {
    let mut bench = bench(Variant::Kb192);
    let mut errand = bench.ask(0, Wish::Read(APPLICATION_START..0x0803_0000));
    in_the_middle(&mut bench, &mut errand);
    bench.close();
    let lost = Problem::Target(TargetError::LinkLost);
    assert_eq!(bench.wait_for(errand), Err(lost));
    bench.open(2);
    bench.detect();
    // It waits for somebody to start it.
    assert_eq!(runs(&bench), LOADER);
    bench.serve(0, Wish::Start).unwrap();
    assert_eq!(runs(&bench), APPLICATION);
}

#[test]
fn it_is_pulled_out() {
    let mut bench = bench(Variant::Kb192);
    let mut errand = bench.ask(0, Wish::Read(APPLICATION_START..0x0803_0000));
    in_the_middle(&mut bench, &mut errand);
    bench.world.pull(0);
    assert_eq!(bench.wait_for(errand).unwrap_err().code(), "not-answering");
    bench.run(Duration::from_secs(3));
    bench.world.insert(0);
    bench.run(Duration::from_secs(3));
    assert!(bench.serve(0, Wish::Identify).is_ok(), "a new loan is a new beginning");
}

/// Bits flip: what is read is right all the same.
#[test]
fn noise() {
    let (mut setup, _) = all_different(1, LEN, Variant::Kb192);
    setup.faults.bus_flips_per_1e9 = 10_000;
    let mut bench = Bench::new(&setup);
    bench.detect();
    let whole = Wish::Read(APPLICATION_START..0x0803_0000);
    assert_eq!(bench.serve(0, whole).unwrap(), bench.world.modules()[0].memory().application());
    let bytes = vec![0xa5; 1024];
    bench.serve(0, Wish::EepromWrite(vec![(0, bytes.clone())])).unwrap();
    assert!(bench.world.modules()[0].memory().eeprom().starts_with(&bytes));
}

/// An image of one's own, older than what it runs: for this once. One for another module is refused, and changes nothing.
#[test]
fn an_image_of_ones_own() {
    let mut bench = bench(Variant::Kb192);
    bench.update_all(Duration::from_secs(20));
    let uid = bench.world.modules()[0].uid();
    let mine = |number| {
        let image = Image::from_binary(&recipe(number, OLD, LEN).bytes(), APPLICATION_START);
        let terms = Terms { rollback: Rollback::Allowed, ..Terms::default() };
        Offer { terms, ..Offer::new(image.unwrap()).unwrap() }
    };
    let now = bench.world.now();
    assert_eq!(bench.session.update_with(uid, mine(1), now), Err(Problem::WrongType));
    assert!(bench.is_done(), "nothing was begun");

    bench.oracle.begin_anew(&bench.world);
    for (module, number) in [(0, 0), (1, 1)] {
        let uid = bench.world.modules()[module].uid();
        bench.session.update_with(uid, mine(number), now).unwrap();
    }
    bench.drain();
    bench.run(Duration::from_secs(1));
    // Whatever comes in between.
    bench.close();
    bench.open(81);
    bench.run_until(Duration::from_secs(20), Bench::is_done);
    assert!(bench.world.modules().iter().all(|module| module.runs() == APPLICATION));

    bench.oracle.begin_anew(&bench.world);
    bench.update_all(Duration::from_secs(20));
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&bench.endings());
}
