//! What a rack does too seldom, or never, for a test to wait for it: the page has words for it all the same.

use rackflash_core::wire::check::Address;
use rackflash_sim::setup::{Arbitration, Setup};
use rackflash_tests::browser::{Behind, Browser, Endless, Tab, WebSerial};

use crate::support::wait_until_ready;

#[test]
fn two_modules_that_cannot_be_told_apart() {
    let mut setup = Setup::rack(2);
    for module in &mut setup.modules {
        (module.arbitration, module.home) = (Arbitration::Missing, Address::new(0x10));
    }
    let (_endless, _browser, tab) = connected(setup);
    let alert = tab.wait_for_alert("Modules in conflict");
    assert!(alert.contains("Take out the module that was plugged in last"), "{alert}");
}

#[test]
fn more_modules_than_addresses() {
    let mut setup = Setup::rack(3);
    setup.buses[0].last = setup.buses[0].first + 1;
    for module in &mut setup.modules {
        module.home = Address::new(setup.buses[0].first);
    }
    let (_endless, _browser, tab) = connected(setup);
    let alert = tab.wait_for_alert("Too many modules on one bus");
    assert!(alert.contains("Take one module out"), "{alert}");
}

/// As the engine would say them.
#[test]
fn those_that_no_rack_was_brought_to() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Leave the demo");
    tab.wait_for_button("Try the demo rack");
    for (code, words) in [
        ("base-restarted", "The base card restarted"),
        ("bug", "A fault of this page"),
        ("release-not-signed", "The firmware is not signed"),
        ("release-bad-key", "This page was built with a wrong key"),
        ("file-unreadable", "This file cannot be read"),
        ("module-busy", "The module is busy"),
        ("release-settings-unmoved", "Settings not restored yet"),
        ("release-settings-left", "Settings stay as they are"),
    ] {
        tab.run_in_worker(&format!("postMessage({{ problem: {{ code: {code:?} }} }}); 0"));
        tab.wait_for_alert(words);
    }
    tab.run_in_worker("postMessage({ problem: { code: 'never-heard-of' } }); 0");
    let alert = tab.wait_for_alert("Something unexpected happened");
    assert!(alert.contains("never-heard-of"), "{alert}");
}

fn connected(setup: Setup) -> (Endless, Browser, Tab) {
    let endless = Endless::new();
    endless.put(Behind::Rack(Box::new(setup)));
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(endless.path());
    let tab = browser.open();
    tab.click("Connect");
    (endless, browser, tab)
}
