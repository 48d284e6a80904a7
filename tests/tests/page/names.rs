//! A module says of itself what it likes: its name is text on the page, and turns nothing round.

use rackflash_sim::setup::{Installed, Setup};
use rackflash_tests::browser::{Behind, Browser, Endless, WebSerial};

use crate::support::{UPDATE, count};

const MARKUP: &str = "<img src=x>";
/// From U+202E on everything is written from right to left: "Filter, Slot 2" would be "2 tolS ,retliF".
const TURNS: &str = "\u{202e}Filter";
/// What is shown instead of it: its bytes.
const BYTES: &str = "e280ae46696c746572";

#[test]
fn markup_and_directional_formatting() {
    let mut setup = Setup::demo();
    for (module, name) in setup.modules.iter_mut().zip([MARKUP, TURNS]) {
        module.kind.name = name;
        // No image is for it: it stands in the list of what needs a person, too.
        module.kind.number = 0x7fff;
        module.installed = Installed::Blank;
    }
    let endless = Endless::new();
    endless.put(Behind::Rack(Box::new(setup)));
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(endless.path());
    let tab = browser.open();
    tab.click("Connect");
    tab.wait_for_status("can be updated", UPDATE);
    tab.click("Update all");
    tab.wait_for_status("nothing to update", UPDATE);
    let modules = tab.modules();
    assert_eq!(count(&modules, "No firmware for it"), 2, "{modules:#?}");

    let found = |script: &str| tab.run(script);
    let names = "[...document.querySelectorAll('h3')].slice(0, 2).map(name => name.textContent)";
    assert_eq!(found(names), serde_json::json!([MARKUP, BYTES]));
    assert!(tab.has_button(&format!("Blink {MARKUP}, Slot 1")), "as it is read out");
    for (slot, name) in [(1, MARKUP), (2, BYTES)] {
        assert!(tab.says(&format!("{name}, Slot {slot}")), "in what needs a person");
    }
    assert_eq!(found("document.images.length"), 0, "no name has become an element");
    let turned = "/[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/.test(document.documentElement.outerHTML)";
    assert_eq!(found(turned), false, "nothing on the page turns its words round");
    assert_eq!(tab.overhang(), 0, "no name is wider than its panel");
}
