//! How the page looks: in two sizes and two colours nothing is cut off. Its pictures are for people: target/screenshots.

use rackflash_tests::browser::{Browser, Look, Says, Stranger, Tab, WebSerial};

use crate::support::{UPDATE, choose_nothing, finish, wait_until_ready};

const LOOKS: [Look; 4] = [
    Look { name: "wide-light", width: 1280, height: 800, colours: "light" },
    Look { name: "wide-dark", width: 1280, height: 800, colours: "dark" },
    Look { name: "narrow-light", width: 390, height: 844, colours: "light" },
    Look { name: "narrow-dark", width: 390, height: 844, colours: "dark" },
];

#[test]
fn from_the_first_view_to_the_last() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    check(&tab, "1-first");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    check(&tab, "2-found");
    tab.click("Update all");
    tab.wait_for_progress(15);
    check(&tab, "3-updating");
    tab.wait_until_up_to_date(UPDATE);
    assert_eq!(tab.alert(), "", "nothing went wrong");
    check(&tab, "4-done");
    tab.click("Certificate");
    tab.wait_for_text("Certificate of update");
    check(&tab, "4-done-certificate");
}

#[test]
fn the_drawer() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Break something");
    tab.wait_for_button("Pull the cable");
    check(&tab, "7-drawer");
    tab.click("Update all");
    tab.wait_for_progress(15);
    tab.click("Swap a module");
    tab.wait_for_text("Its number gives it away");
    check(&tab, "7-drawer-updating");
    tab.click("Kill a module");
    tab.wait_for_text("answers nobody");
    tab.click("Pull the cable");
    tab.wait_for_status("Connection lost", UPDATE);
    check(&tab, "8-broken");
    tab.click("Plug it back in");
    tab.wait_for_text("The cable is back");
    tab.click("Replace it");
    tab.wait_for_text("still empty");
    tab.click("Hold the bus");
    tab.wait_for_alert("Bus is stuck");
    check(&tab, "9-stuck");
    tab.click("Cut the power");
    tab.wait_for_status("Connection lost", UPDATE);
    finish(&tab);
    check(&tab, "9-recovered");
}

#[test]
fn when_something_is_wrong() {
    let stranger = Stranger::new(Says::Nothing);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(stranger.path());
    let tab = browser.open();
    tab.click("Connect");
    tab.wait_for_alert("nothing answers");
    check(&tab, "5-silent");
}

#[test]
fn what_keeps_a_port_closed() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    choose_nothing(&tab);
    tab.click("Connect");
    tab.wait_for_alert("No port was chosen");
    check(&tab, "5-no-port");
    tab.click("It is not in the list");
    tab.wait_for_alert("does not see the base card");
    check(&tab, "5-not-listed");
}

#[test]
fn without_web_serial() {
    let browser = Browser::start(WebSerial::Missing);
    let tab = browser.open();
    tab.wait_for_alert("This browser cannot reach");
    check(&tab, "6-no-serial");
}

fn check(tab: &Tab, state: &str) {
    for look in LOOKS {
        tab.look(look);
        assert_eq!(tab.overhang(), 0, "{state} {} is wider than the window", look.name);
        assert_eq!(tab.unreachable_buttons(), [] as [&str; 0], "{state} {}", look.name);
        tab.screenshot(&format!("{state}-{}", look.name));
    }
}
