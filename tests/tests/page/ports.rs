//! Why a port is not to be had: each cause has its own words, and one thing to do.

use rackflash_tests::browser::{Browser, WebSerial};

use crate::support::{UPDATE, choose_nothing, wait_until_ready};

#[test]
fn the_chooser_is_closed() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    choose_nothing(&tab);
    tab.click("Connect");
    let alert = tab.wait_for_alert("No port was chosen");
    assert!(alert.contains("pick the base card"), "{alert}");
    // Why, the page cannot know.
    tab.click("It is not in the list");
    let alert = tab.wait_for_alert("The computer does not see the base card");
    assert!(alert.contains("another USB cable"), "{alert}");
    let picture = "document.querySelector('#notice .picture')?.checkVisibility()";
    tab.wait(UPDATE, "picture of the cable", || (tab.run(picture) == true).then_some(()));
    tab.click("Connect");
    tab.wait_for_alert("No port was chosen");
}

#[test]
fn an_administrator_says_no() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.run(
        "navigator.serial.requestPort = async () => { throw new DOMException('no', 'SecurityError'); }; 0",
    );
    tab.click("Connect");
    let alert = tab.wait_for_alert("USB serial is blocked in this browser");
    assert!(alert.contains("whoever manages this computer"), "{alert}");
    assert!(tab.has_button("Connect"));
}

#[test]
fn without_https() {
    let mut browser = Browser::start(WebSerial::Granted);
    let tab = browser.open_without_https();
    let alert = tab.wait_for_alert("This page was opened without https");
    assert!(alert.contains("https://"), "{alert}");
    assert!(!tab.has_button("Connect"), "it could not work");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
}
