//! What an engineer sees: each tab of the drawer.

use rackflash_tests::browser::{Browser, Rack, Speed, Tab, WebSerial};

use crate::camera::{UPDATE, shoot};

pub(crate) fn a_module() {
    let rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    tab.wait_for_status("can be updated", UPDATE);
    tab.click("For engineers");
    tab.wait_for_text("Firmware starts at");
    tab.click("Read its log");
    tab.wait_for_text("The loader began");
    shoot(&tab, "engineer-1-module");

    turn(&tab, 1);
    tab.click("Compare with the release");
    tab.wait_for_text("Different: ");
    shoot(&tab, "engineer-2-flash");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    tab.wait_for_text("Written: ");
    shoot(&tab, "engineer-3-flash-written");

    turn(&tab, 2);
    tab.click("Read");
    tab.wait_for_text("Done.");
    tab.fill(".eeprom .line:nth-child(2) input", "52 41 43 4b 00 01 02 03 04 05 06 07 08 09 0a 0b");
    shoot(&tab, "engineer-4-eeprom");

    turn(&tab, 3);
    tab.fill("input[type=search]", "Application");
    shoot(&tab, "engineer-5-transcript");

    turn(&tab, 4);
    tab.wait_for_text("Given up");
    shoot(&tab, "engineer-6-link");
}

/// The tabs have other names in each language.
fn turn(tab: &Tab, number: usize) {
    tab.run(&format!("(document.querySelectorAll('[role=tab]')[{number}].click(), 0)"));
}
