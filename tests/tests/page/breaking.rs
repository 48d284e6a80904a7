//! The demo's drawer: whatever a visitor breaks in the middle of an update, the rack comes back without a reload.

use rackflash_tests::browser::{Browser, Tab, WebSerial};

use crate::support::{MODULES, UPDATE, check_proofs, count, finish, wait_until_ready};

#[test]
fn the_cable() {
    let (_browser, tab) = updating();
    tab.click("Pull the cable");
    tab.wait_for_text("The base card does alone what it was given before");
    tab.wait_for_status("Connection lost", UPDATE);
    assert!(!tab.has_button("Connect"), "there is no port to choose");
    assert_eq!(tab.alert(), "", "who has pulled it knows");
    tab.click("Plug it back in");
    tab.wait_for_text("The cable is back");
    whole(&tab);
}

#[test]
fn the_power() {
    let (_browser, tab) = updating();
    tab.click("Cut the power");
    tab.wait_for_text("in the middle of a page, which is now written again");
    tab.wait_for_status("Connection lost", UPDATE);
    whole(&tab);
}

/// It is on the bus, not only said to be: nothing else there makes a check fail.
#[test]
fn noise() {
    let (_browser, tab) = updating();
    tab.click("Add noise");
    tab.wait_for_text("what was damaged is sent again");
    whole(&tab);
    let transcript = tab.save_transcript();
    let damaged = transcript.lines().filter(|line| line.ends_with("last BadCheck")).count();
    assert!(damaged > 0, "nothing was damaged in {} lines", transcript.lines().count());
    tab.click("Stop the noise");
    tab.wait_for_text("quiet again");
}

/// Everybody on the bus has failed, the bus is named once for all, and each of the two ways that are told frees it.
#[test]
fn the_bus_is_held() {
    let (_browser, tab) = updating();
    for freed_by in ["Let go of it", "Cut the power"] {
        tab.click("Hold the bus");
        tab.wait_for_text("keeps the bus low");
        tab.wait_for_alert("the bus of slots 1 to 12");
        tab.wait_for_status("could not be updated", UPDATE);
        tab.wait_for_alert("Bus is stuck");
        assert!(!tab.says("need you"), "it is not told seven times more");
        tab.click(freed_by);
        tab.wait(UPDATE, "bus that is free", || tab.alert().is_empty().then_some(()));
        assert!(tab.says("need you"), "each is told");
    }
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.alert(), "");
}

/// All were asked for, so the other one is updated with them.
#[test]
fn a_module_is_swapped() {
    let (_browser, tab) = updating();
    let before = tab.modules();
    tab.click("Swap a module");
    tab.wait_for_text("new and empty. An update that is under way fills it, too.");
    tab.wait_until_up_to_date(UPDATE);
    let others = before
        .iter()
        .zip(tab.modules())
        .filter(|(old, new)| serial(&old.text) != serial(&new.text));
    assert_eq!(others.count(), 1, "one number is another");
}

#[test]
fn a_module_is_killed_and_replaced() {
    let (_browser, tab) = updating();
    tab.click("Kill a module");
    tab.wait_for_text("answers nobody any more, and the others go on without it");
    tab.wait_for_status("7 done, 1 could not be updated", UPDATE);
    assert_eq!(count(&tab.modules(), "Stopped answering"), 1, "it is named");
    tab.click("Replace it");
    tab.wait_for_status("1 of 8 modules can be updated", UPDATE);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.modules().len(), MODULES);
}

/// What the page advises is what helps: it is switched off and on, and tried again.
#[test]
fn a_module_is_killed_and_the_power_wakes_it() {
    let (_browser, tab) = updating();
    tab.click("Kill a module");
    tab.wait_for_status("7 done, 1 could not be updated", UPDATE);
    tab.wait_for_text("or switch the rack off and on. Then try again.");
    tab.click("Cut the power");
    tab.wait_for_button("Kill a module");
    tab.wait_for_status("Connection lost", UPDATE);
    tab.click("Update all");
    whole(&tab);
}

/// A double click is one click, and so are two that come before the first has done anything.
#[test]
fn a_double_click_kills_one() {
    let (_browser, tab) = updating();
    tab.double_click("Kill a module");
    tab.wait_for_button("Replace it");
    tab.wait_for_status("7 done, 1 could not be updated", UPDATE);
    tab.click("Replace it");
    tab.wait_for_status("1 of 8 modules can be updated", UPDATE);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    tab.run(
        "for (const button of document.querySelectorAll('#drawer button'))
           if (button.innerText == 'Kill a module') button.click(), button.click()",
    );
    tab.wait_for_status("7 of 8 modules are up to date, 1 does not answer", UPDATE);
    assert_eq!(count(&tab.modules(), "No answer"), 1, "it is named");
    tab.click("Replace it");
    tab.wait_for_status("1 of 8 modules can be updated", UPDATE);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.modules().len(), MODULES);
}

/// What is said then is true, too; and a click that comes while the page has not noticed yet is not lost.
#[test]
fn with_no_update_under_way() {
    let (_browser, tab) = found();
    tab.run(
        "for (const name of ['Cut the power', 'Update all'])
           [...document.querySelectorAll('button')].find(b => b.innerText == name).click()",
    );
    tab.wait_for_text("No page was being written at that moment");
    tab.wait_for_status("Connection lost", UPDATE);
    whole(&tab);
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
        "Hold the bus",
        "Replace it",
        "Let go of it",
        "Stop the noise",
    ] {
        tab.click(button);
    }
    tab.wait_for_button("Pull the cable");
    finish(&tab);
    tab.click("Pull the cable");
    tab.click("Leave the demo");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    assert!(!tab.has_button("Plug it back in"), "the drawer is closed");
    tab.click("Break something");
    tab.wait_for_button("Pull the cable");
}

/// The demo's rack, with the drawer open.
fn found() -> (Browser, Tab) {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    assert!(!tab.has_button("Break something"), "only in the demo");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Break something");
    tab.wait_for_button("Pull the cable");
    (browser, tab)
}

/// In the middle of an update.
fn updating() -> (Browser, Tab) {
    let (browser, tab) = found();
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
