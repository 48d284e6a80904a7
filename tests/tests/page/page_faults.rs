//! A part of the page does not load, or fails: it says so, and what to do.

use core::time::Duration;

use rackflash_tests::browser::{Browser, Rack, Speed, Tab, WebSerial};

const DETECTED: Duration = Duration::from_secs(30);

#[test]
fn the_engine_does_not_load() {
    let (_browser, tab) =
        with("globalThis.fetch = async () => { throw new TypeError('no network'); }");
    tab.click("Try the demo rack");
    let alert = tab.wait_for_alert("A part of this page did not load");
    assert!(alert.contains("reload the page"), "{alert}");
}

#[test]
fn the_release_does_not_load() {
    let (_browser, tab) = with(
        "const real = fetch;
         globalThis.fetch = (url, ...more) => String(url).includes('release') ? Promise.reject(new TypeError('no network')) : real(url, ...more)",
    );
    tab.click("Try the demo rack");
    tab.wait_for_status("The firmware did not load", DETECTED);
}

#[test]
fn an_old_browser_cannot_check_signatures() {
    let rack = Rack::demo(Speed::Max);
    let (browser, tab) = with(
        "crypto.subtle.importKey = async () => { throw new DOMException('Unrecognized name.', 'NotSupportedError') }",
    );
    browser.usb().plug(&rack.path());
    tab.click("Connect");
    tab.wait_for_status("This browser is too old to check signatures", DETECTED);
    assert!(!tab.has_button("Update all"), "there is nothing to be trusted");
}

#[test]
fn the_page_itself_fails() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.run("dispatchEvent(new ErrorEvent('error', { error: new Error('a fault') })); 0");
    let alert = tab.wait_for_alert("A part of this page stopped working");
    assert!(alert.contains("Reload the page and connect again"), "{alert}");
}

/// The page, with something else in its worker than usual.
fn with(script: &str) -> (Browser, Tab) {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.run_in_worker(&format!("{script}; 0"));
    (browser, tab)
}
