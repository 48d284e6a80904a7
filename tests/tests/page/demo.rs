//! The demo rack: no cable and no port, everything else is real.

use rackflash_tests::browser::{Browser, WebSerial};

use crate::support::{MODULES, UPDATE, check_report, count, wait_until_ready};

#[test]
fn two_clicks() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    assert_eq!(tab.status(), "7 of 8 modules can be updated");
    tab.click("Update all");
    tab.wait_for_progress(20);
    assert!(!tab.has_button("Update all"), "it cannot be clicked twice");
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.alert(), "", "nothing went wrong");
    assert_eq!(tab.progress(), None);

    let modules = tab.modules();
    assert_eq!((count(&modules, "Updated"), count(&modules, "Up to date")), (7, 1), "{modules:#?}");
    assert_eq!(modules.len(), MODULES);
    check_report(&tab.save_report());
    let transcript = tab.save_transcript();
    assert!(transcript.contains("Welcome"), "{transcript}");
}

#[test]
fn ended_and_begun_again() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_for_progress(10);
    tab.click("Leave the demo");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    assert_eq!(tab.status(), "7 of 8 modules can be updated", "a new demo, none that goes on");
}
