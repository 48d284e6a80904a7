//! No network: the page has kept itself, each file as it should be, or not at all.

use core::time::Duration;

use rackflash_sim::images;
use rackflash_tests::browser::{Browser, Rack, Speed, WebSerial};

use crate::support::{UPDATE, wait_until_ready};

/// The whole page and its engines, from a server on this computer.
const KEPT: Duration = Duration::from_secs(30);
const IS_KEPT: &str = "navigator.serviceWorker.controller?.state == 'activated'";

/// A customer who opened the page at home and has no network in the studio; the demo, too.
#[test]
fn opened_once_is_enough() {
    let mut browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.wait(KEPT, "the page is kept", || (tab.run(IS_KEPT) == true).then_some(()));
    browser.goes_offline();
    tab.reload();
    let mut rack = Rack::demo(Speed::Max);
    browser.usb().plug(&rack.path());
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    let newest: Vec<_> =
        images::new().iter().map(|image| image.recipe.version.to_string()).collect();
    for module in rack.modules() {
        let version = module["version"].as_str().unwrap_or_default().to_owned();
        assert!(newest.contains(&version), "{module}");
    }
    tab.click("Disconnect");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
}

/// A file that is not the one that was built: none is kept, and next time the network is asked again.
#[test]
fn a_file_was_changed_on_its_way() {
    let mut browser = Browser::start_changed(|site| {
        let file = site.join("icon.svg");
        let icon = std::fs::read_to_string(&file).expect("an icon");
        std::fs::write(file, icon + " ").expect("a file in a temporary folder");
    });
    browser.may_complain("integrity");
    browser.may_complain("Failed to fetch");
    let tab = browser.open();
    let ended = "navigator.serviceWorker.getRegistration().then((it) => !it || !(it.installing || it.waiting || it.active))";
    tab.wait(KEPT, "it was tried", || {
        (tab.run("performance.getEntriesByType('resource').some(({ name }) => name.endsWith('offline.js'))") == true
            && tab.run(ended) == true).then_some(())
    });
    assert_eq!(tab.run("Boolean(navigator.serviceWorker.controller)"), false);
    // It works with what it has loaded.
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
}
