//! The page for people who use no mouse, do not see it, see less of it, or want nothing to move.

use rackflash_tests::browser::{Browser, Look, Says, Stranger, Tab, WebSerial, take};
use serde_json::json;

use crate::support::{
    UPDATE, break_one_by_one, check_report, choose_nothing, open_tab_by_tab, wait_until_ready,
};

const LOOKS: [Look; 3] = [
    Look { name: "light", width: 1280, height: 800, colours: "light" },
    Look { name: "dark", width: 1280, height: 800, colours: "dark" },
    Look { name: "narrow", width: 390, height: 844, colours: "dark" },
];

#[test]
fn no_barrier_in_any_state() {
    let stranger = Stranger::new(Says::Nothing);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(stranger.path());
    let tab = browser.open();
    assert_eq!(tab.barriers(), [] as [&str; 0]);
    tab.run("document.documentElement.lang = ''");
    assert_ne!(tab.barriers(), [] as [&str; 0], "what is wrong is found");
    tab.run("document.documentElement.lang = 'en'");
    check(&tab, "first");
    tab.click("Connect");
    tab.wait_for_alert("nothing answers");
    check(&tab, "notice");
    choose_nothing(&tab);
    tab.click("Choose another port");
    tab.wait_for_alert("No port was chosen");
    check(&tab, "no port");
    tab.click("It is not in the list");
    tab.wait_for_alert("does not see the base card");
    check(&tab, "not listed");
    tab.click("Disconnect");
    let other = take(stranger.path());
    tab.click("Connect");
    tab.wait_for_alert("Another program is using the base card");
    check(&tab, "busy");
    drop(other);
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    check(&tab, "found");
    tab.click("Break something");
    tab.wait_for_button("Kill a module");
    check(&tab, "drawer");
    tab.click("Update all");
    tab.wait_for_progress(5);
    check(&tab, "updating");
    tab.wait_until_up_to_date(UPDATE);
    check(&tab, "done");
    tab.click("Certificate");
    tab.wait_for_text("Certificate of update");
    check(&tab, "certificate");
    tab.click("Close");
    open_tab_by_tab(&tab, |name| check(&tab, name));
    break_one_by_one(&tab, |state| check(&tab, state));
}

fn check(tab: &Tab, state: &str) {
    for look in LOOKS {
        tab.look(look);
        let found = tab.barriers();
        assert!(found.is_empty(), "{state}, {}: {found:#?}", look.name);
    }
}

/// From the first view to the last, with the drawer on the way. No key is lost when the button under it goes.
#[test]
fn by_keyboard_alone() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.reach("Try the demo rack");
    tab.press("Enter");
    wait_until_ready(&tab);
    assert!(tab.has_focus(), "the keyboard still has a place on the page");
    tab.reach("Break something");
    tab.press("Enter");
    tab.wait_for_button("Add noise");
    tab.reach("Add noise");
    tab.press("Enter");
    tab.wait_for_text("One bit in 10,000");
    assert_eq!(tab.focused(), "Stop the noise", "it is under the same finger");
    tab.press("Enter");
    tab.wait_for_text("The wires are quiet again");
    tab.reach("Update all");
    tab.press("Enter");
    tab.wait_for_progress(5);
    assert_eq!(tab.focused(), "Update all", "it cannot be used now, and keeps its place");
    tab.wait_until_up_to_date(UPDATE);
    assert!(tab.has_focus());
    check_report(&tab.save_report_by_keyboard());
    let blink = tab.run("document.querySelector('article .blink').ariaLabel");
    tab.reach(blink.as_str().expect("a name"));
    tab.press("Enter");
    tab.wait(UPDATE, "module that blinks", || {
        (tab.run("!!document.querySelector('.blinking')") == true).then_some(())
    });
    tab.reach("Leave the demo");
    tab.press("Enter");
    tab.wait_for_button("Connect");
    assert!(tab.has_focus());
}

/// What is read out is read out once: nothing is put there again, and nothing comes twice.
#[test]
fn each_thing_is_said_once() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.run(
        "globalThis.said = [];
         for (const node of document.querySelectorAll('[role=status], [role=alert], [aria-live]'))
           new MutationObserver(() => said.push(node.innerText)).observe(node, { childList: true, characterData: true, subtree: true })",
    );
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    let said = tab.run("said");
    let said: Vec<_> = said.as_array().expect("a list").iter().map(ToString::to_string).collect();
    let mut once = said.clone();
    once.sort();
    once.dedup();
    assert_eq!(said.len(), once.len(), "{said:#?}");
    assert!(said.len() >= 4 && said.len() < 30, "a few sentences, no stream of numbers: {said:#?}");
    assert_eq!(said.last(), Some(&json!("All 8 modules are up to date").to_string()));
}

#[test]
fn nothing_moves_for_who_wants_that() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.reduce_motion();
    tab.run(
        "globalThis.moved = new Set();
         for (const type of ['animationstart', 'transitionrun']) addEventListener(type, ({ target }) => moved.add(target.className), true)",
    );
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.run("[...moved]"), json!([]));
}
