//! A release whose oscillators look for settings elsewhere: what they held is saved before, and at its new place behind the update.

use rackflash_core::wire::digest::digest;
use rackflash_release::manifest::{Layout, Move};
use rackflash_sim::chip::settings;
use rackflash_sim::images::{self, QUAD_VCO};
use rackflash_tests::browser::{Browser, Rack, Speed, Tab};
use rackflash_tests::signed::{Folder, Maker};

use crate::support::{UPDATE, wait_until_ready};

/// Of the demo's oscillators.
const EEPROM_LEN: usize = 6 * 1024;

#[test]
fn saved_and_restored() {
    let mut rack = Rack::demo(Speed::Max);
    let browser = Browser::start_with(&release());
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.wait_for_text("Release r2");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    wait_until_kept(&tab, 0);
    tab.wait_for_alert("Settings restored");
    tab.screenshot("settings-restored");
    check(&mut rack);
}

/// What was saved is there when the page is back.
#[test]
fn the_page_is_reloaded_in_the_middle() {
    let mut rack = Rack::demo(Speed::Real);
    let browser = Browser::start_with(&release());
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.click("Update all");
    wait_until_kept(&tab, 3);
    tab.wait_for_alert("Settings saved");
    tab.run("onbeforeunload = null; 0");
    tab.reload();
    tab.click("Connect");
    // What the base was given it does meanwhile: there may be nothing left to be clicked.
    tab.wait(UPDATE, "rack that is up to date", || {
        tab.run("(update => (update.checkVisibility() && update.click(), 0))(document.getElementById('update'))");
        tab.status().ends_with("up to date").then_some(())
    });
    wait_until_kept(&tab, 0);
    check(&mut rack);
}

/// Then nothing of the module is changed.
#[test]
fn they_cannot_be_saved() {
    let mut rack = Rack::demo(Speed::Max);
    let browser = Browser::start_with(&release());
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.run_in_worker("Cache.prototype.put = () => Promise.reject(new Error('no room')); 0");
    tab.click("Update all");
    tab.wait_for_status("3 could not be updated", UPDATE);
    tab.wait_for_text("Settings could not be saved");
    tab.screenshot("settings-unsaved");
    let before = format!("{:08x}", digest(&settings(EEPROM_LEN)));
    let newest = images::new()[0].recipe.version.to_string();
    let kept = rack.modules().into_iter().filter(|module| module["eeprom"] == before);
    assert!(kept.filter(|module| module["version"] != newest).count() >= 3);
}

/// Release 2, with the demo's newest images.
fn release() -> Folder {
    let images = images::new();
    let bytes: Vec<&[u8]> = images.iter().map(|image| &image.bytes[..]).collect();
    Maker::example().release_with(2, &bytes, |manifest| {
        for part in &mut manifest.images {
            if part.module_type == QUAD_VCO.number {
                let moves = vec![Move { from: 0, to: 16, len: 64 }];
                part.eeprom = vec![Layout { below: part.version, moves }];
            }
        }
    })
}

/// How many backups the browser has.
fn wait_until_kept(tab: &Tab, count: u64) {
    let script = "caches.open('rackflash settings').then((cache) => cache.keys()).then((keys) => keys.length)";
    tab.wait(UPDATE, "backups", || (tab.run(script) == count).then_some(()));
}

/// Whether each oscillator has the newest version, and its settings where that looks for them.
fn check(rack: &mut Rack) {
    let before = settings(EEPROM_LEN);
    let mut after = before.clone();
    after[16..80].copy_from_slice(&before[..64]);
    let newest = images::new()[0].recipe.version.to_string();
    let oscillators = rack.modules().into_iter().filter(|module| module["version"] == newest);
    let eeproms: Vec<_> = oscillators.map(|module| module["eeprom"].clone()).collect();
    assert_eq!(eeproms, vec![format!("{:08x}", digest(&after)); 3]);
}
