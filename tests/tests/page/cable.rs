//! The cable is pulled in the middle of an update, and put back: nothing is lost, nothing is done twice, nobody clicks.

use core::time::Duration;
use std::thread::sleep;

use rackflash_sim::images;
use rackflash_sim::setup::Setup;
use rackflash_tests::bench::Bench;
use rackflash_tests::browser::{Browser, Rack, Speed, Tab, WebSerial, take};
use serde_json::Value;

use crate::support::{UPDATE, compare, wait_until_ready};

/// What is done again at the most for each time the cable is pulled: the 32 pages of a module's ring, each an erase and two
/// half-pages, and what begins and ends an update.
const AGAIN: u64 = 32 * 3 + 24;

#[test]
fn pulled_in_the_middle() {
    let (mut rack, browser, tab) = updating();
    tab.wait_for_progress(30);
    pull(&mut rack, &browser, &tab);
    // A look at the other end, a word with the cat.
    sleep(Duration::from_secs(1));
    put_back(&mut rack, &browser);
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.alert(), "");
    check(&rack.modules(), &tab, 1);
}

#[test]
fn pulled_twice() {
    let (mut rack, browser, tab) = updating();
    tab.wait_for_progress(5);
    pull(&mut rack, &browser, &tab);
    put_back(&mut rack, &browser);
    tab.wait_for_progress(40);
    // Back before the page knows that it was gone.
    rack.cable_out();
    browser.usb().unplug();
    put_back(&mut rack, &browser);
    tab.wait_until_up_to_date(UPDATE);
    check(&rack.modules(), &tab, 2);
}

#[test]
fn put_back_and_another_program_looks_first() {
    let (mut rack, browser, tab) = updating();
    tab.wait_for_progress(10);
    pull(&mut rack, &browser, &tab);
    rack.cable_in();
    // As ModemManager does it with whatever is plugged in.
    let other = take(&rack.path());
    browser.usb().plug(&rack.path());
    sleep(Duration::from_secs(1));
    drop(other);
    tab.wait_until_up_to_date(UPDATE);
    check(&rack.modules(), &tab, 1);
}

#[test]
fn pulled_while_nothing_is_done() {
    let mut rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    pull(&mut rack, &browser, &tab);
    // Nobody can tell a cable from a rack that has no power.
    tab.click("The cable is in");
    tab.wait_for_alert("The rack has no power");
    put_back(&mut rack, &browser);
    wait_until_ready(&tab);
    assert_eq!(tab.alert(), "", "the other cause is gone, too");
}

/// In the middle of an update, in real time.
fn updating() -> (Rack, Browser, Tab) {
    let rack = Rack::demo(Speed::Real);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.click("Update all");
    (rack, browser, tab)
}

fn pull(rack: &mut Rack, browser: &Browser, tab: &Tab) {
    rack.cable_out();
    browser.usb().unplug();
    tab.wait_for_status("Connection lost", UPDATE);
    let alert = tab.wait_for_alert("The base card is gone");
    assert!(alert.contains("Plug the cable back in"), "{alert}");
}

fn put_back(rack: &mut Rack, browser: &Browser) {
    rack.cable_in();
    browser.usb().plug(&rack.path());
}

fn check(rack: &[Value], tab: &Tab, pulls: u64) {
    compare(&tab.save_report(), rack);
    for (module, uninterrupted) in rack.iter().zip(uninterrupted()) {
        let operations = module["operations"].as_u64().unwrap_or(u64::MAX);
        assert!(
            operations <= uninterrupted + pulls * AGAIN,
            "{uninterrupted} would do: {module:#}"
        );
    }
}

/// The flash operations of each module in an update in which nobody pulls anything.
fn uninterrupted() -> Vec<u64> {
    let mut bench = Bench::new(&Setup::demo());
    bench.offer_all(images::RECIPES.iter().skip(1).step_by(2));
    bench.detect();
    bench.update_all(UPDATE.into());
    bench.world.modules().iter().map(|module| module.memory().operations()).collect()
}
