//! Something else is on the port, or a base that this page is too old for: each is named differently.

use rackflash_tests::browser::{Browser, Says, Stranger, WebSerial};

#[test]
fn nothing_answers() {
    check(
        Says::Nothing,
        "The port is open, but nothing answers",
        "Check that the rack is switched on",
        Way::AnotherPort,
    );
}

#[test]
fn something_that_is_no_base() {
    check(
        Says::Noise,
        "That is not a Rackflash base card",
        "Choose another port",
        Way::AnotherPort,
    );
}

#[test]
fn a_base_from_the_future() {
    check(
        Says::WelcomeFromTheFuture,
        "The base card is newer than this page",
        "Reload the page",
        Way::None,
    );
}

#[test]
fn a_base_from_the_past() {
    check(
        Says::WelcomeFromThePast,
        "The base card's own firmware is too old",
        "Update the base card first",
        Way::None,
    );
}

/// What the page offers to click.
#[derive(PartialEq, Eq, Debug)]
enum Way {
    AnotherPort,
    None,
}

fn check(says: Says, what: &str, advice: &str, way: Way) {
    let stranger = Stranger::new(says);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(stranger.path());
    let tab = browser.open();
    tab.click("Connect");
    let alert = tab.wait_for_alert(what);
    assert!(alert.contains(advice), "{alert}");
    assert_eq!(tab.status(), "Not connected yet");
    assert_eq!(tab.has_button("Choose another port"), way == Way::AnotherPort);
    assert!(!tab.has_button("Update all"));
    // And away from it again.
    tab.click("Disconnect");
    tab.wait_for_button("Connect");
    assert_eq!(tab.alert(), "");
}
