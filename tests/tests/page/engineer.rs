//! The engineer's drawer: what it shows is what the flash, the EEPROM and the link really hold.

use core::cell::RefCell;
use core::time::Duration;

use rackflash_core::wire::digest::digest;
use rackflash_sim::images;
use rackflash_tests::browser::{Browser, Rack, Speed, Tab, WebSerial};

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

    tab.turn("Flash");
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

    tab.turn("EEPROM");
    tab.click("Read");
    says(&tab, "Done.");
    tab.screenshot("engineer-eeprom");
    tab.turn("Transcript");
    tab.fill("input[type=search]", "Welcome");
    tab.wait_for_text("firmware 0.1.0");
    tab.screenshot("engineer-transcript");
    tab.turn("Link");
    tab.wait_for_text("Frames sent");
    tab.screenshot("engineer-link");
}

/// A customer's rack: with the drawer comes another engine, which finds the rack as it is.
#[test]
fn on_a_real_port() {
    let rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    open(&tab);
    tab.wait_for_text("Firmware starts at");
    wait_until_ready(&tab);
    let uid = tab.run("document.querySelector('.bench select').value");
    let rack = RefCell::new(rack);
    let held = || {
        let modules = rack.borrow_mut().modules();
        modules.into_iter().find(|module| module["uid"] == uid).expect("it is in the rack")
    };

    // What was said before the drawer was opened is there, too.
    tab.turn("Transcript");
    tab.fill("input[type=search]", "hello");
    tab.wait(ASKED, "two greetings", || {
        (tab.run("document.querySelectorAll('.said-on-link mark').length").as_u64() >= Some(2))
            .then_some(())
    });

    tab.turn("EEPROM");
    tab.click("Read");
    says(&tab, "Done.");
    tab.fill(".eeprom .line:nth-child(2) input", "52 41 43 4b 00 01 02 03 04 05 06 07 08 09 0a 0b");
    // Neither another module nor another language loses what was typed.
    tab.run("(pick => { pick.selectedIndex = 1; pick.dispatchEvent(new Event('change')); pick.selectedIndex = 0; pick.dispatchEvent(new Event('change')); })(document.querySelector('.bench select'))");
    tab.speak("de");
    tab.click("Änderungen schreiben");
    says(&tab, "16 Byte geschrieben und zurückgelesen.");
    tab.speak("en");
    tab.fill(".eeprom .line:nth-child(2) input", "5g");
    tab.click("Write changes");
    says(&tab, "Each line wants");

    tab.turn("Flash");
    let flash = tab.save_bytes(|| tab.click("Read out"), ".bin");
    let image = held()["image"].clone();
    let len = image["len"].as_u64().and_then(|len| usize::try_from(len).ok()).expect("a length");
    assert_eq!(image["digest"], format!("{:08x}", digest(&flash[..len])));

    // An image of one's own: an older one, too, which no release would bring.
    tab.turn("Module");
    for version in ["1.4.3", "1.4.2"] {
        let image = images::all().into_iter().find(|image| image.file.contains(version));
        tab.will_choose("mine", image.expect("an image").hex.as_bytes());
        tab.click("Update from a file");
        tab.wait(UPDATE, "module with it", || (held()["version"] == version).then_some(()));
    }
    tab.wait(UPDATE, "update that has ended", || (!tab.says("While an update runs")).then_some(()));
    tab.click("Stop in loader");
    says(&tab, "It waits in its loader.");
    tab.click("Read its log");
    tab.wait_for_text("The loader began, reason 1");
    tab.click("Start");
    says(&tab, "Its firmware runs.");
    tab.click("Erase");
    tab.click("Really erase?");
    says(&tab, "every page read back blank");
    assert_eq!(held()["version"], serde_json::Value::Null);
    tab.click("Start");
    says(&tab, "No firmware to start");

    tab.run("navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }; 0");
    tab.click("Copy report");
    says(&tab, "clipboard");
    let report: serde_json::Value =
        serde_json::from_str(tab.run("copied").as_str().expect("text")).expect("JSON");
    assert_eq!(report["facts"]["uid"], uid);
    let eeprom = report["eeprom"].as_str().expect("bytes in hexadecimal");
    assert_eq!(&eeprom[32..64], "5241434b000102030405060708090a0b");
    let eeprom: Vec<u8> = eeprom
        .as_bytes()
        .chunks(2)
        .map(|digits| {
            u8::from_str_radix(str::from_utf8(digits).expect("digits"), 16).expect("a byte")
        })
        .collect();
    assert_eq!(held()["eeprom"], format!("{:08x}", digest(&eeprom)));
    assert!(report["transcript"].as_str().expect("text").contains("State"), "{report:#}");
    assert!(report["link"]["sent"].as_u64() > Some(100), "{report:#}");
}

/// What is asked ends with a word, its module is started again, and the drawer goes on.
#[test]
fn the_cable_is_pulled_while_it_is_read_out() {
    let mut rack = Rack::demo(Speed::Real);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    open(&tab);
    tab.wait_for_text("Firmware starts at");
    tab.turn("Flash");
    tab.click("Read out");
    tab.wait(ASKED, "beginning of it", || {
        let done = tab.run("document.querySelector('.bench progress').value");
        (done.as_f64() > Some(0.1)).then_some(())
    });
    rack.cable_out();
    browser.usb().unplug();
    says(&tab, "The base card is gone");
    rack.cable_in();
    browser.usb().plug(&rack.path());
    says(&tab, "runs again");
    assert!(rack.modules().iter().any(|module| module["version"] == "1.4.2"));
    tab.click("Compare with the release");
    says(&tab, "Different: ");
}

/// It is refused, and the rack's own update is what it was.
#[test]
fn a_file_for_another_module() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    open(&tab);
    tab.wait_for_text("Firmware starts at");
    let filter = images::new().into_iter().find(|image| image.file.starts_with("twin-filter"));
    tab.will_choose("mine", filter.expect("an image").hex.as_bytes());
    tab.click("Update from a file");
    says(&tab, "For another module");
    tab.will_choose("mine", b"no firmware at all");
    tab.click("Update from a file");
    tab.wait(ASKED, "another word", || (!said(&tab).contains("For another module")).then_some(()));
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
}

fn open(tab: &Tab) {
    tab.click("For engineers");
    tab.wait_for_text("Copy report");
}

/// What the drawer says last.
fn said(tab: &Tab) -> String {
    tab.run("document.querySelector('.said').innerText").as_str().unwrap_or_default().to_owned()
}

fn says(tab: &Tab, words: &str) {
    tab.wait(ASKED, words, || said(tab).contains(words).then_some(()));
}
