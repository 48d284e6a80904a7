//! The demo's drawer: whatever a visitor breaks in the middle of an update, the rack comes back without a reload.

use rackflash_tests::browser::{Browser, Tab, WebSerial};

use crate::support::{MODULES, UPDATE, check_proofs, count, wait_until_ready};

#[test]
fn the_cable() {
    let (_browser, tab) = updating();
    tab.click("Pull the cable");
    tab.wait_for_text("The base card goes on alone");
    tab.wait_for_status("Connection lost", UPDATE);
    assert!(!tab.has_button("Connect"), "there is no port to choose");
    tab.click("Plug it back in");
    tab.wait_for_text("The cable is back");
    whole(&tab);
}

#[test]
fn the_power() {
    let (_browser, tab) = updating();
    tab.click("Cut the power");
    tab.wait_for_text("in the middle of a page. What may be torn is written again");
    tab.wait_for_status("Connection lost", UPDATE);
    whole(&tab);
}

#[test]
fn noise() {
    let (_browser, tab) = updating();
    tab.click("Add noise");
    tab.wait_for_text("what was damaged is sent again");
    whole(&tab);
    tab.click("Stop the noise");
    tab.wait_for_text("quiet again");
}

#[test]
fn a_module_is_swapped() {
    let (_browser, tab) = updating();
    let before = tab.modules();
    tab.click("Swap a module");
    tab.wait_for_text("a new one. Its number gives it away");
    tab.wait_for_status("1 of 8 modules can be updated", UPDATE);
    let others = before
        .iter()
        .zip(tab.modules())
        .filter(|(old, new)| serial(&old.text) != serial(&new.text));
    assert_eq!(others.count(), 1, "one number is another");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
}

#[test]
fn a_module_is_killed_and_replaced() {
    let (_browser, tab) = updating();
    tab.click("Kill a module");
    tab.wait_for_text("is dead. The others do not wait for it.");
    tab.wait_for_status("7 done, 1 could not be updated", UPDATE);
    assert_eq!(count(&tab.modules(), "Stopped answering"), 1, "it is named");
    tab.click("Replace the dead one");
    tab.wait_for_status("1 of 8 modules can be updated", UPDATE);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.modules().len(), MODULES);
}

#[test]
fn one_after_the_other_and_another_demo_is_whole() {
    let (_browser, tab) = updating();
    for button in [
        "Add noise",
        "Pull the cable",
        "Cut the power",
        "Swap a module",
        "Plug it back in",
        "Cut the power",
        "Kill a module",
        "Replace the dead one",
        "Stop the noise",
    ] {
        tab.click(button);
    }
    tab.wait_for_status("can be updated", UPDATE);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    tab.click("Pull the cable");
    tab.click("Disconnect");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    assert!(!tab.has_button("Plug it back in"), "the drawer is closed");
    tab.click("Break something");
    tab.wait_for_button("Pull the cable");
}

/// In the middle of an update of the demo, with the drawer open.
fn updating() -> (Browser, Tab) {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    assert!(!tab.has_button("Break something"), "only in the demo");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Break something");
    tab.wait_for_button("Pull the cable");
    tab.click("Update all");
    tab.wait_for_progress(15);
    (browser, tab)
}

/// The update comes to its end as if nothing had happened.
fn whole(tab: &Tab) {
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.alert(), "");
    check_proofs(&tab.save_report());
}

/// What stands on a panel behind "No."
fn serial(panel: &str) -> Option<&str> {
    panel.split("No. ").nth(1)?.split_whitespace().next()
}
