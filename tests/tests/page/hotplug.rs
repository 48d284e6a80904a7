//! Modules are plugged in and out while the page is open: it notices by itself.

use rackflash_tests::browser::{Browser, Rack, Speed, WebSerial};

use crate::support::{MODULES, UPDATE, compare, count, wait_until_ready};

#[test]
fn plugged_in_later() {
    let mut rack = Rack::demo(Speed::Max);
    rack.pull(0);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    tab.wait_for_status("6 of 7 modules can be updated", UPDATE);
    assert_eq!(tab.modules().len(), MODULES - 1);
    rack.insert(0);
    tab.wait_for_status("7 of 8 modules can be updated", UPDATE);
    assert_eq!(tab.modules().len(), MODULES);
}

#[test]
fn taken_out_and_put_back() {
    let mut rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    rack.pull(2);
    tab.wait_for_modules("a module shown as away", |seen| count(seen, "No answer") == 1);
    tab.wait_for_status("6 of 8 modules can be updated, 1 does not answer", UPDATE);
    rack.insert(2);
    tab.wait_for_modules("all modules plugged in", |seen| count(seen, "No answer") == 0);
    tab.wait_for_status("7 of 8 modules can be updated", UPDATE);
}

#[test]
fn taken_out_in_the_middle_of_its_update() {
    let mut rack = Rack::demo(Speed::Real);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_for_progress(5);
    rack.pull(3);
    tab.wait_for_status("Waiting for a module that does not answer", UPDATE);
    tab.wait_for_status("7 done, 1 could not be updated", UPDATE);
    assert_eq!(count(&tab.modules(), "Stopped answering"), 1);
    rack.insert(3);
    tab.click("Try again Twin Filter, Slot 5");
    tab.wait_until_up_to_date(UPDATE);
    compare(&tab.save_report(), &rack.modules());
}
