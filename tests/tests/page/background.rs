//! The user looks elsewhere meanwhile: the engine has a thread of its own, which no browser slows.

use rackflash_tests::browser::{Browser, WebSerial};

use crate::support::{UPDATE, wait_until_ready};

/// Timers of a hidden page fire once a second; at that pace this update takes many minutes.
const SECONDS_MAX: f64 = 40.0;

#[test]
fn a_hidden_tab_goes_on() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Update all");
    let _other = browser.open();
    tab.wait(UPDATE, "hidden tab", || (!tab.is_visible()).then_some(()));
    tab.wait_until_up_to_date(UPDATE);
    assert!(!tab.is_visible());
    tab.bring_to_front();
    let report = tab.save_report();
    let seconds = report["modules"].as_array().into_iter().flatten();
    let seconds = seconds.filter_map(|module| module["proof"]["seconds"].as_f64());
    let longest = seconds.fold(0.0, f64::max);
    assert!(longest > 0.0 && longest < SECONDS_MAX, "{report:#}");
}

#[test]
fn the_engine_is_in_a_worker() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    let (by_page, by_workers) = tab.loaded();
    let engines = |files: &[String]| files.iter().filter(|file| file.ends_with(".wasm")).count();
    // Only the demo's: nobody has connected to a real rack.
    assert_eq!((engines(&by_page), engines(&by_workers)), (0, 1), "{by_page:#?} {by_workers:#?}");
}
