//! What a customer is told: before anything is written, while it is, and afterwards.

use rackflash_tests::browser::{Browser, Rack, Speed, WebSerial};

use crate::support::{UPDATE, wait_until_ready};

#[test]
fn the_plan_before_and_the_certificate_after() {
    let mut rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.wait_for_text("Release 2027-01, takes about 10 seconds");
    tab.wait_for_text("Oscillators: quieter");
    assert!(!tab.has_button("Certificate"), "there is nothing to certify");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    assert!(!tab.says("takes about"), "it is over");

    tab.click("Certificate");
    tab.wait_for_text("Certificate of update");
    let certificate = tab.save_certificate();
    assert_eq!(certificate["format"], "rackflash-certificate/1");
    assert_eq!(certificate["release"]["id"], "2027-01");
    assert_eq!(certificate["release"]["number"], 1);
    let version = tab.run("import('./files.js').then(({ VERSION }) => VERSION)");
    assert!(version.is_string(), "{version}");
    assert_eq!(certificate["page"], version);
    let modules = certificate["modules"].as_array().expect("a list of modules");
    let held = rack.modules();
    assert_eq!(modules.len(), held.len());
    for module in modules {
        let flash =
            held.iter().find(|held| held["uid"] == module["uid"]).expect("it is in the rack");
        assert_eq!(module["to"], flash["version"], "{module:#}");
        assert_eq!(module["digest"], flash["image"]["digest"], "{module:#}");
        assert_eq!(module["bytes"], flash["image"]["len"], "{module:#}");
        assert_eq!(module["provenBy"], "read back");
        for field in ["serial", "uid", "name", "digest", "to"] {
            let text = module[field].as_str().expect("text");
            assert!(tab.says(text), "{text} is on the sheet");
        }
    }

    tab.look_printed();
    assert!(tab.says("Certificate of update"));
    for other in ["All 8 modules are up to date", "Blink", "Save report", "Save as JSON"] {
        assert!(!tab.says(other), "{other} is on paper");
    }
    tab.screenshot("4-done-certificate-printed");
}

/// The browser lets go of it whenever the tab is hidden, and it is asked for again. However slow this test looks: the base gets
/// no more than a part of what it needs before the cable is pulled, and why the page let go of it is noted when it does.
#[test]
fn the_screen_stays_on_as_long_as_the_page_is_needed() {
    let mut rack = Rack::demo(Speed::Real);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.run(
        "(() => {
           [globalThis.locks, globalThis.released] = [[], []];
           const { wakeLock } = navigator;
           const request = wakeLock.request.bind(wakeLock);
           wakeLock.request = async (kind) => {
             const lock = await request(kind);
             const release = lock.release.bind(lock);
             lock.release = () => {
               released.push(document.getElementById('hint').innerText);
               return release();
             };
             locks.push(lock);
             return lock;
           };
         })()",
    );
    tab.run_in_worker(
        "(() => {
           globalThis.room = Infinity;
           const wait = new Promise((go) => (globalThis.go = go));
           const { write } = WritableStreamDefaultWriter.prototype;
           WritableStreamDefaultWriter.prototype.write = async function (chunk) {
             if ((room -= chunk.length) < 0) await wait;
             return write.call(this, chunk);
           };
         })()",
    );
    let count = |wanted: i64, held: i64| {
        tab.wait(UPDATE, &format!("lock number {wanted}, {held} of them held"), || {
            let now = tab.run("[locks.length, locks.filter((lock) => !lock.released).length]");
            (now == serde_json::json!([wanted, held])).then_some(())
        });
    };
    tab.click("Connect");
    wait_until_ready(&tab);
    count(0, 0);
    tab.run_in_worker(&format!("room = {PART}"));
    tab.click("Update all");
    count(1, 1);
    rack.cable_out();
    browser.usb().unplug();
    tab.run_in_worker("room = Infinity; go()");
    tab.wait_for_status("Connection lost", UPDATE);
    let other = browser.open();
    tab.wait(UPDATE, "hidden tab", || (!tab.is_visible()).then_some(()));
    other.close();
    tab.bring_to_front();
    count(2, 1);
    rack.cable_in();
    browser.usb().plug(&rack.path());
    tab.wait_until_up_to_date(UPDATE);
    count(2, 0);
    let released = tab.run("released");
    let released = released.as_array().expect("a list");
    assert_eq!(released.len(), 1, "the first was the browser's to take: {released:?}");
    let hint = released[0].as_str().unwrap_or_default();
    assert!(hint.contains("you may close this page"), "{hint}");
}

/// Of the 200 KB that the base needs, at the least.
const PART: usize = 32 * 1024;

#[test]
fn who_looks_elsewhere_is_told_if_they_want() {
    let browser = Browser::start(WebSerial::Granted);
    browser.allow_notifications();
    let tab = browser.open();
    tab.run("navigator.serviceWorker.ready.then(() => 0)");
    tab.run(
        "(() => {
           [globalThis.asked, globalThis.told] = [0, []];
           const { prototype } = ServiceWorkerRegistration;
           const { showNotification } = prototype;
           prototype.showNotification = function (title, options) {
             told.push([title, options.body]);
             return showNotification.call(this, title, options);
           };
           const ask = Notification.requestPermission.bind(Notification);
           Notification.requestPermission = () => (asked++, ask());
         })()",
    );
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    assert!(!tab.has_button("Tell me when it is done"), "nothing is under way");
    tab.click("Update all");
    tab.wait_for_button("Tell me when it is done");
    assert_eq!(tab.run("asked"), 0, "it is not asked for by itself");
    tab.click("Tell me when it is done");
    tab.wait(UPDATE, "answer", || (!tab.has_button("Tell me when it is done")).then_some(()));
    assert_eq!(tab.run("asked"), 1);
    let _other = browser.open();
    tab.wait_until_up_to_date(UPDATE);
    assert!(!tab.is_visible());
    let told = tab.wait(UPDATE, "notification", || {
        let told = tab.run("told");
        (told != serde_json::json!([])).then_some(told)
    });
    assert_eq!(told, serde_json::json!([["Rackflash", "All 8 modules are up to date"]]));
}
