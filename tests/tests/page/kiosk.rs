//! At a stand: nobody clicks.

use core::time::Duration;

use rackflash_tests::browser::{Browser, Rack, Speed, WebSerial};

use crate::support::UPDATE;

/// Between two scenes: several seconds, on a busy machine.
const SCENE: Duration = Duration::from_secs(60);

/// The demo plays; a visitor plugs a rack in, and it is updated; the visitor leaves, and the demo plays again.
#[test]
fn a_visitor_comes_and_goes() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open_at_a_stand("2468");
    tab.wait_for_text("Simulated, nothing real is changed");
    tab.wait_for_progress(1);

    let mut rack = Rack::demo(Speed::Max);
    browser.usb().plug(&rack.path());
    tab.wait(SCENE, "visitor's rack", || tab.says("Rackflash demo").then_some(()));
    tab.wait_until_up_to_date(UPDATE);
    assert!(!tab.says("Plug in your rack"), "the visitor is here");
    assert!(rack.modules().iter().all(|module| module["runs"] == "application"));

    rack.cable_out();
    browser.usb().unplug();
    tab.wait(SCENE, "demo again", || tab.says("Simulated, nothing real is changed").then_some(()));
    tab.wait_for_text("Plug in your rack");
    let counts = tab.run("JSON.parse(localStorage.getItem('rackflash-kiosk'))");
    assert_eq!((&counts["racks"], &counts["failures"]), (&1.into(), &0.into()), "{counts}");
    assert!(counts["modules"].as_u64() > Some(4), "{counts}");
}

/// Nobody has ever granted the port: the policy that `docs/KIOSK.md` ships does.
#[test]
fn under_the_policy_that_is_shipped() {
    let browser = Browser::start_under(include_str!("../../../docs/kiosk/policy.json"));
    let rack = Rack::demo(Speed::Max);
    browser.usb().plug(&rack.path());
    let tab = browser.open_at_a_stand("2468");
    tab.wait(SCENE, "visitor's rack", || tab.says("Rackflash demo").then_some(()));
    tab.wait_until_up_to_date(UPDATE);
}

/// The mark held down, the PIN: the engineer's drawer, and in it the numbers of the day. A wrong PIN shows nothing.
#[test]
fn the_attendant() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open_at_a_stand("2468");
    let ask =
        "document.getElementById('mark-button').dispatchEvent(new PointerEvent('pointerdown'))";
    for (pin, opens) in [("1357", false), ("2468", true)] {
        tab.run(ask);
        tab.wait_for_text("PIN");
        pin.chars().for_each(|digit| tab.click(&digit.to_string()));
        tab.click("OK");
        if opens {
            tab.wait_for_text("This stand so far");
            tab.wait_for_text("Copy report");
        } else {
            tab.wait(SCENE, "nothing", || (!tab.has_button("OK")).then_some(()));
            assert!(!tab.says("This stand so far"));
        }
    }
    tab.click("Close");
}
