//! A real port, and the virtual rack behind it.

use rackflash_tests::browser::{Browser, Rack, Speed, WebSerial};

use crate::support::{UPDATE, check_report, compare, wait_until_ready};

#[test]
fn two_clicks() {
    let mut rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    let report = tab.save_report();
    check_report(&report);
    compare(&report, &rack.modules());
}

#[test]
fn ended_in_the_middle_and_connected_again() {
    let mut rack = Rack::demo(Speed::Real);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_for_progress(5);
    tab.click("Disconnect");
    // The base works on what it was given; the page waits for that, and then knows what is left.
    tab.click("Connect");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    compare(&tab.save_report(), &rack.modules());
}

#[test]
fn the_page_is_loaded_again() {
    let mut rack = Rack::demo(Speed::Real);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_for_progress(40);
    // By now the base has it all, and does it to the end; the page that comes after knows nothing of it, and finds out.
    tab.reload();
    tab.click("Connect");
    tab.wait_until_up_to_date(UPDATE);
    assert!(rack.modules().iter().all(|module| module["runs"] == "application"));
}
