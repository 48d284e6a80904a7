//! On a maker's own page: one tag, and nothing is loaded before it is clicked.

use rackflash_tests::browser::{Browser, WebSerial};

use crate::support::UPDATE;

const FRAME: &str = "document.querySelector('rack-updater').shadowRoot.querySelector('iframe')";

#[test]
fn one_tag() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open_at("embed.html", "One tag on your own page");
    tab.run("document.querySelector('rack-updater').addEventListener('done', ({ detail }) => (globalThis.report = detail))");
    let (loaded, _) = tab.loaded();
    let own = ["embed.html", "maker.css", "rack-updater.js", "icon.svg", "embed.html?"];
    let foreign: Vec<_> =
        loaded.iter().filter(|file| !own.iter().any(|own| file.ends_with(own))).collect();
    assert!(foreign.is_empty(), "before the click: {foreign:?}");

    tab.click("Update my modules");
    let inside = |id: &str| format!("{FRAME}?.contentDocument.getElementById('{id}')");
    let ready = |id: &str| {
        let shown =
            format!("Boolean({0}?.textContent && !{0}.hidden && !{0}.ariaDisabled)", inside(id));
        tab.wait(UPDATE, id, || (tab.run(&shown) == true).then_some(()));
    };
    ready("demo");
    tab.run(&format!("{}.click()", inside("demo")));
    ready("update");
    tab.run(&format!("{}.click()", inside("update")));
    let report = tab.wait(UPDATE, "report", || {
        Some(tab.run("globalThis.report")).filter(|report| !report.is_null())
    });
    let modules = report["modules"].as_array().expect("modules");
    assert!(modules.iter().all(|module| module["proof"].is_object()), "{report:#}");
    tab.run(&format!("[...{FRAME}.contentDocument.querySelectorAll('.close')].at(-1).click()"));
    tab.wait(UPDATE, "closed", || (tab.run(&format!("{FRAME} == null")) == true).then_some(()));
}
