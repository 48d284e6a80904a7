//! What a customer sees: from the first view to the certificate, and what can come between.

use rackflash_sim::images;
use rackflash_tests::browser::{Browser, Rack, Says, Speed, Stranger, Tab, WebSerial, take};
use rackflash_tests::signed::Maker;

use crate::camera::{UPDATE, shoot, shoot_updating};

pub(crate) fn an_update() {
    let (_rack, _browser, tab) = with_a_rack(WebSerial::Granted);
    shoot(&tab, "customer-1-first");
    tab.hold_still(|| {
        tab.click("Connect");
        tab.wait_for_status("Connecting", UPDATE);
        shoot(&tab, "customer-2-connecting");
    });
    tab.wait_for_status("can be updated", UPDATE);
    tab.wait_for_text("Release 2027-01, takes about 10 seconds");
    shoot(&tab, "customer-3-found");
    shoot_updating(&tab, "customer-4-updating", || tab.click("Update all"));
    tab.wait_until_up_to_date(UPDATE);
    shoot(&tab, "customer-5-done");
    tab.click("Certificate");
    tab.wait_for_text("Certificate of update");
    shoot(&tab, "customer-6-certificate");
}

pub(crate) fn without_web_serial() {
    let (_rack, _browser, tab) = with_a_rack(WebSerial::Missing);
    tab.wait_for_alert("This browser cannot reach");
    shoot(&tab, "customer-7-trouble-no-serial");
}

pub(crate) fn a_port_that_is_busy() {
    let (rack, _browser, tab) = with_a_rack(WebSerial::Granted);
    let _other = take(&rack.path());
    tab.click("Connect");
    tab.wait_for_alert("Another program is using the base card");
    shoot(&tab, "customer-7-trouble-port-busy");
}

pub(crate) fn a_port_that_is_silent() {
    let stranger = Stranger::new(Says::Nothing);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(stranger.path());
    let tab = browser.open();
    tab.click("Connect");
    tab.wait_for_alert("nothing answers");
    shoot(&tab, "customer-7-trouble-port-silent");
}

pub(crate) fn a_release_of_somebody_else() {
    let rack = Rack::demo(Speed::Max);
    let browser = Browser::start_with(&Maker::drawn().release(5, &[&images::new()[0].bytes]));
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    tab.wait_for_status("nothing to update", UPDATE);
    tab.wait_for_text("The firmware was signed by somebody else");
    shoot(&tab, "customer-7-trouble-release");
}

pub(crate) fn a_cable_that_is_pulled() {
    let (mut rack, browser, tab) = with_a_rack(WebSerial::Granted);
    tab.click("Connect");
    let pull = || {
        rack.cable_out();
        browser.usb().unplug();
    };
    tab.hold_at(20, || tab.click("Update all"), pull);
    tab.wait_for_alert("The base card is gone");
    shoot(&tab, "customer-7-trouble-port-lost");
}

pub(crate) fn a_module_that_stops() {
    let (mut rack, _browser, tab) = with_a_rack(WebSerial::Granted);
    tab.click("Connect");
    tab.hold_at(1, || tab.click("Update all"), || rack.pull(3));
    tab.wait_for_status("7 done, 1 could not be updated", UPDATE);
    shoot(&tab, "customer-7-trouble-module");
}

/// A rack on a terminal lets nobody hold its bus: the demo's does.
pub(crate) fn a_bus_that_is_held() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    tab.wait_for_status("can be updated", UPDATE);
    tab.click("Break something");
    tab.click("Hold the bus");
    tab.wait_for_alert("Bus is stuck");
    shoot(&tab, "customer-7-trouble-bus");
}

/// A rack that is plugged in, in real time, and the first view.
fn with_a_rack(serial: WebSerial) -> (Rack, Browser, Tab) {
    let rack = Rack::demo(Speed::Real);
    let browser = Browser::start(serial);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    (rack, browser, tab)
}
