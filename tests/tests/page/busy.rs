//! Another program has the port open.

use rackflash_tests::browser::{Browser, Rack, Speed, WebSerial, take};

use crate::support::wait_until_ready;

#[test]
fn another_program_has_it() {
    let rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let other = take(&rack.path());

    let tab = browser.open();
    tab.click("Connect");
    let alert = tab.wait_for_alert("Another program is using the base card");
    assert!(alert.contains("Close the other program"), "{alert}");

    // Nobody can tell that from a port that this user may not open.
    tab.click("Nothing else uses it");
    let alert = tab.wait_for_alert("This computer does not let you use serial ports");
    assert!(alert.contains("usermod -aG dialout"), "{alert}");

    drop(other);
    tab.click("Connect");
    wait_until_ready(&tab);
    assert_eq!(tab.alert(), "");
}
