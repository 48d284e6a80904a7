//! A real port, and the virtual rack behind it.

use rackflash_tests::browser::{Browser, Rack, Speed, Tab, WebSerial};

use crate::support::{UPDATE, check_report, compare, compare_installed, wait_until_ready};

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
    assert_eq!(tab.alert(), "", "nothing went wrong");
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
    wait_until_base_has_it_all(&tab);
    tab.click("Disconnect");
    // The base does what it has to the end; the page waits for that, and finds out.
    tab.click("Connect");
    tab.wait_until_up_to_date(UPDATE);
    compare_installed(&tab.save_report(), &rack.modules());
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
    wait_until_base_has_it_all(&tab);
    // The page that comes after knows nothing of it, and finds out, too.
    tab.reload();
    tab.click("Connect");
    tab.wait_until_up_to_date(UPDATE);
    compare_installed(&tab.save_report(), &rack.modules());
}

/// The demo rack's images fit the base's memory, and the page says when they are there.
fn wait_until_base_has_it_all(tab: &Tab) {
    tab.wait_for_text("you may close this page");
}
