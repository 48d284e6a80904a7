//! What several tests ask: how long an update may take, and whether a report tells the truth.

use core::time::Duration;
use std::collections::BTreeMap;

use rackflash_core::wire::digest::digest;
use rackflash_sim::images;
use rackflash_tests::browser::{Module, Tab};
use serde_json::Value;

/// How long an update of the demo rack may take: 9 s on an idle machine, and these are rarely idle.
pub(crate) const UPDATE: Duration = Duration::from_secs(90);

/// How many modules the demo rack has.
pub(crate) const MODULES: usize = 8;

/// Waits until all modules are there and can be updated.
pub(crate) fn wait_until_ready(tab: &Tab) {
    tab.wait_for_status("can be updated", UPDATE);
    assert_eq!(tab.modules().len(), MODULES, "{:#?}", tab.modules());
    assert_eq!(tab.alert(), "", "nothing is wrong");
}

/// Waits until all is up to date; clicks where the page asks for it. What was broken for too long has failed, and how long that
/// is depends on how fast the machine is.
pub(crate) fn finish(tab: &Tab) {
    let ended = tab.wait(UPDATE, "update that has ended", || {
        let ends = ["up to date", "could not be updated", "can be updated"];
        Some(tab.status()).filter(|status| ends.iter().any(|end| status.ends_with(end)))
    });
    if !ended.ends_with("up to date") {
        tab.click("Update all");
        tab.wait_until_up_to_date(UPDATE);
    }
}

/// A demo that is up to date, with its drawer open, is broken part by part; calls `look` in each state that comes of it.
pub(crate) fn break_one_by_one(tab: &Tab, look: impl Fn(&str)) {
    tab.click("Kill a module");
    tab.wait_for_status("1 does not answer", UPDATE);
    look("silent");
    tab.click("Replace it");
    tab.wait_for_status("1 of 8 modules can be updated", UPDATE);
    look("replaced");
    tab.click("Hold the bus");
    tab.wait_for_alert("Bus is stuck");
    look("stuck");
    tab.click("Update all");
    tab.wait_for_status("could not be updated", UPDATE);
    tab.click("Let go of it");
    tab.wait_for_text("need you");
    look("care");
    tab.click("Pull the cable");
    tab.wait_for_status("Connection lost", UPDATE);
    look("lost");
}

/// What each module's panel says, below its name.
pub(crate) fn count(modules: &[Module], words: &str) -> usize {
    modules.iter().filter(|module| module.text.contains(words)).count()
}

/// The browser's chooser is no part of the page: whoever is asked there closes it.
pub(crate) fn choose_nothing(tab: &Tab) {
    tab.run(
        "navigator.serial.requestPort = async () => { throw new DOMException('none', 'NotFoundError'); }; 0",
    );
}

/// Whether a saved report says of every module that it has the newest image of its type: this version, these bytes.
pub(crate) fn check_report(report: &Value) {
    check_proofs(report);
    let modules = report["modules"].as_array().into_iter().flatten();
    let current = modules.filter(|module| module["outcome"] == "current").count();
    assert_eq!(current, 1, "one module had its newest image from the start: {report:#}");
}

/// The same of a report of which nobody knows who was updated before the page looked.
pub(crate) fn check_proofs(report: &Value) {
    let newest: BTreeMap<_, _> = images::new()
        .into_iter()
        .map(|image| (image.recipe.module.name, (image.recipe.version, digest(&image.bytes))))
        .collect();
    let modules = report["modules"].as_array().expect("a list of modules");
    assert_eq!(modules.len(), MODULES, "{report:#}");
    for module in modules {
        let (version, digest) = newest[module["name"].as_str().unwrap_or_default()];
        assert!(
            ["updated", "current"].contains(&module["outcome"].as_str().unwrap()),
            "{module:#}"
        );
        assert_eq!(module["state"], "runs", "{module:#}");
        assert_eq!(module["trial"], "confirmed", "{module:#}");
        assert_eq!(module["to"], version.to_string(), "{module:#}");
        assert_eq!(module["proof"]["digest"], format!("{digest:08x}"), "{module:#}");
    }
}

/// Whether what a report says and proves of each module is what the rack's own flash holds.
pub(crate) fn compare(report: &Value, rack: &[Value]) {
    compare_installed(report, rack);
    for (held, reported) in pairs(report, rack) {
        assert_eq!(held["image"]["len"], reported["proof"]["len"], "{held:#}");
        assert_eq!(held["image"]["digest"], reported["proof"]["digest"], "{held:#}");
    }
}

/// Whether each module runs what the report of a session that changed nothing says, and its flash holds that.
pub(crate) fn compare_installed(report: &Value, rack: &[Value]) {
    assert_eq!(rack.len(), MODULES);
    for (held, reported) in pairs(report, rack) {
        assert_eq!(held["runs"], "application", "{held:#}");
        assert_eq!(held["version"], reported["to"], "{held:#}");
        assert_eq!(held["image"]["version"], reported["to"], "{held:#}");
    }
}

fn pairs<'a>(report: &'a Value, rack: &'a [Value]) -> impl Iterator<Item = (&'a Value, &'a Value)> {
    rack.iter().map(|held| {
        let mut modules = report["modules"].as_array().into_iter().flatten();
        let reported = modules.find(|module| module["uid"] == held["uid"]);
        (held, reported.unwrap_or_else(|| panic!("not in the report: {held:#}")))
    })
}

/// Opens the engineer's drawer of a demo that is up to date, and calls `look` at each tab when there is something in it.
pub(crate) fn open_tab_by_tab(tab: &Tab, look: impl Fn(&str)) {
    tab.click("For engineers");
    tab.wait_for_text("Firmware starts at");
    for (name, button, there) in [
        ("Module", "Read its log", "The loader began"),
        ("Flash", "Compare with the release", "Equal: "),
        ("EEPROM", "Read", "Done."),
        ("Transcript", "Hold", "Follow"),
        ("Link", "", "Given up"),
    ] {
        tab.turn(name);
        if !button.is_empty() {
            tab.click(button);
        }
        tab.wait_for_text(there);
        look(name);
        tab.speak("en");
    }
    tab.turn("Module");
    tab.click("Close");
}
