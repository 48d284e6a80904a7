//! The engineer's drawer: what it shows is what the flash, the EEPROM and the link really hold.

use core::time::Duration;

use rackflash_tests::browser::{Browser, Tab, WebSerial};

use crate::support::{UPDATE, wait_until_ready};

/// Reading out 188 KB at the rack's own pace takes four seconds.
const ASKED: Duration = Duration::from_secs(60);

#[test]
fn in_the_demo() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    open(&tab);
    tab.wait_for_text("Firmware starts at");
    tab.screenshot("engineer-module");

    turn(&tab, "Flash");
    tab.click("Compare with the release");
    says(&tab, "Different: ");
    tab.screenshot("engineer-flash-before");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    says(&tab, "Written: ");
    assert!(!said(&tab).contains("Failed"), "{}", said(&tab));
    tab.screenshot("engineer-flash-after");
    tab.click("Compare with the release");
    says(&tab, "Equal: ");

    turn(&tab, "EEPROM");
    tab.click("Read");
    says(&tab, "Done.");
    tab.screenshot("engineer-eeprom");
    turn(&tab, "Transcript");
    tab.wait_for_text("Welcome");
    tab.screenshot("engineer-transcript");
    turn(&tab, "Link");
    tab.wait_for_text("Frames sent");
    tab.screenshot("engineer-link");
}

fn open(tab: &Tab) {
    tab.click("For engineers");
    tab.wait_for_text("Copy report");
}

fn turn(tab: &Tab, name: &str) {
    let tabs = "[...document.querySelectorAll('[role=tab]')]";
    tab.run(&format!("({tabs}.find((tab) => tab.innerText === {name:?}).click(), 0)"));
}

/// What the drawer says last.
fn said(tab: &Tab) -> String {
    tab.run("document.querySelector('.said').innerText").as_str().unwrap_or_default().to_owned()
}

fn says(tab: &Tab, words: &str) {
    tab.wait(ASKED, words, || said(tab).contains(words).then_some(()));
}
