//! A browser without Web Serial: the page says what to do, and shows the demo.

use rackflash_tests::browser::{Browser, WebSerial};

use crate::support::{UPDATE, wait_until_ready};

#[test]
fn explained_and_the_demo_works() {
    let browser = Browser::start(WebSerial::Missing);
    let tab = browser.open();
    let alert = tab.wait_for_alert("This browser cannot reach USB serial devices");
    assert!(alert.contains("Chrome, Edge or Opera"), "{alert}");
    assert!(!tab.has_button("Connect"), "it could not work");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    assert_eq!(tab.alert(), "");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
}
