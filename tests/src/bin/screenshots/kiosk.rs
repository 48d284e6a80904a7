//! What a visitor of a stand sees, and its attendant.

use rackflash_tests::browser::{Browser, Rack, Speed, Tab, WebSerial};

use crate::camera::{UPDATE, shoot, shoot_anew, shoot_updating};

const PIN: &str = "2468";

pub(crate) fn a_visitor() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open_at_a_stand(PIN);
    shoot_updating(&tab, "kiosk-1-attract", || {});

    // What is found is updated at once, but here not before there is a picture of it.
    tab.run(
        "(() => {
           const { postMessage } = Worker.prototype;
           Worker.prototype.postMessage = function (message) {
             if (message.call != 'update' || globalThis.goes) postMessage.call(this, message);
           };
         })()",
    );
    let mut rack = visit(&browser, &tab);
    tab.wait_for_status("can be updated", UPDATE);
    shoot(&tab, "kiosk-2-found");
    let go = || {
        tab.run("globalThis.goes = true");
    };
    shoot_updating(&tab, "kiosk-3-updating", go);
    tab.wait_until_up_to_date(UPDATE);
    shoot(&tab, "kiosk-4-done");

    tab.run("globalThis.goes = false");
    rack.cable_out();
    browser.usb().unplug();
    tab.wait_for_text("Simulated, nothing real is changed");
    the_attendant(&tab);
    let mut rack = visit(&browser, &tab);
    tab.wait_for_status("can be updated", UPDATE);
    tab.hold_at(1, go, || rack.pull(3));
    tab.wait_for_status("7 done, 1 could not be updated", UPDATE);
    shoot(&tab, "kiosk-5-failed");
}

fn visit(browser: &Browser, tab: &Tab) -> Rack {
    let rack = Rack::demo(Speed::Real);
    browser.usb().plug(&rack.path());
    tab.wait_for_text("Rackflash demo");
    rack
}

/// The mark held down, and the PIN.
fn the_attendant(tab: &Tab) {
    let counts = r#"{"racks":37,"modules":214,"failures":2,"seconds":[9.4]}"#;
    tab.run(&format!("localStorage.setItem('rackflash-kiosk', '{counts}')"));
    let ask = || {
        tab.run(
            "document.getElementById('mark-button').dispatchEvent(new PointerEvent('pointerdown'))",
        );
        tab.wait_for_button("OK");
    };
    let close = || {
        tab.run("document.querySelector('dialog').close()");
    };
    let ask_and_type = || {
        ask();
        PIN.chars().take(2).for_each(|digit| tab.click(&digit.to_string()));
    };
    shoot_anew(tab, "kiosk-6-pin", ask_and_type, close);
    ask();
    PIN.chars().for_each(|digit| tab.click(&digit.to_string()));
    tab.click("OK");
    tab.wait_for_text("214");
    shoot(tab, "kiosk-7-attendant");
    tab.click("Close");
}
