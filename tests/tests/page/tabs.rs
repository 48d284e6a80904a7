//! Two tabs, one rack: the second says so, the first goes on.

use rackflash_tests::browser::{Browser, Rack, Speed, WebSerial};

use crate::support::{UPDATE, compare, wait_until_ready};

#[test]
fn one_at_a_time() {
    let mut rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let first = browser.open();
    first.click("Connect");
    wait_until_ready(&first);

    let second = browser.open();
    second.click("Connect");
    let alert = second.wait_for_alert("Rackflash is open in another tab");
    assert!(alert.contains("close that tab and click Connect again"), "{alert}");
    assert!(second.has_button("Connect"));

    first.bring_to_front();
    first.click("Update all");
    first.wait_until_up_to_date(UPDATE);
    compare(&first.save_report(), &rack.modules());

    first.close();
    second.click("Connect");
    second.wait_until_up_to_date(UPDATE);
    assert_eq!(second.alert(), "");
}
