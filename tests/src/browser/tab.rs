//! A tab as a person uses it: sees what is on it, clicks what has a name, saves files.

use core::cell::Cell;
use core::time::Duration;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::{Value, json};

use super::cdp::{Cdp, Target};
use crate::place;

/// How long anything may take that is not an update.
const SOON: Duration = Duration::from_secs(30);
/// From look to look.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// One tab.
pub struct Tab {
    cdp: Arc<Cdp>,
    target: Target,
    saved: PathBuf,
}

/// A module as its panel shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// What it is called.
    pub name: String,
    /// All that stands on its panel, line by line.
    pub text: String,
}

impl Tab {
    pub(super) fn new(cdp: Arc<Cdp>, target: Target, saved: PathBuf) -> Self {
        Self { cdp, target, saved }
    }

    pub(super) fn open(&self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
        self.wait_until_alive();
    }

    pub(super) fn open_at(&self, url: &str, words: &str) {
        self.call("Page.navigate", json!({ "url": url }));
        self.wait_until_loaded();
        self.wait_for_text(words);
    }

    /// Loads the page again; to the question whether it may be left the answer is yes.
    pub fn reload(&self) {
        self.evaluate("globalThis.before = true");
        self.cdp.post(&self.target.session, "Page.reload", &json!({}));
        let asked = json!({ "expression": "globalThis.before", "returnByValue": true });
        // In between there is nobody to ask.
        let ask = || self.cdp.ask(&self.target.session, "Runtime.evaluate", &asked);
        let is_other = |answer: Value| (answer["result"]["type"] == "undefined").then_some(());
        self.wait(SOON, "other page", || ask().ok().and_then(is_other));
        self.wait_until_alive();
    }

    /// Its buttons have names once it has come to life.
    fn wait_until_alive(&self) {
        self.wait_until_loaded();
        let named = "[...document.querySelectorAll('button')].some(button => button.innerText)";
        self.wait(SOON, "buttons with names", || (self.evaluate(named) == true).then_some(()));
    }

    fn wait_until_loaded(&self) {
        let loaded = "document.readyState == 'complete' && document.URL != 'about:blank'";
        self.wait(SOON, "page that is loaded", || (self.evaluate(loaded) == true).then_some(()));
    }

    /// Clicks the button of this name, once it is there, can be clicked and stands still.
    pub fn click(&self, name: &str) {
        self.click_times(name, 1);
    }

    /// The same with a double click.
    pub fn double_click(&self, name: &str) {
        self.click_times(name, 2);
    }

    fn click_times(&self, name: &str, times: u32) {
        let before = Cell::new(Value::Null);
        let shape = self.wait(SOON, &format!("button {name:?} that stands still"), || {
            // It may be hidden at any moment, and then has no shape.
            let node = json!({ "backendNodeId": self.button(name)? });
            let ask = |method: &str| self.cdp.ask(&self.target.session, method, &node).ok();
            ask("DOM.scrollIntoViewIfNeeded")?;
            let now = ask("DOM.getContentQuads")?["quads"][0].clone();
            let stands = before.replace(now.clone()) == now && !now.is_null();
            stands.then_some(now)
        });
        let corners: Vec<f64> =
            shape.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        let &[left, top, _, _, right, bottom, _, _] = &corners[..] else {
            panic!("the button {name:?} has no shape: {shape}");
        };
        let (x, y) = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        let event = |kind: &str, button: &str, count: u32| {
            let event =
                json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": count });
            self.call("Input.dispatchMouseEvent", event);
        };
        event("mouseMoved", "none", 0);
        for count in 1..=times {
            event("mousePressed", "left", count);
            event("mouseReleased", "left", count);
        }
    }

    /// Waits for a button of this name that can be clicked.
    pub fn wait_for_button(&self, name: &str) -> Value {
        self.wait(SOON, &format!("button {name:?}"), || self.button(name))
    }

    /// Whether there is a button of this name that can be clicked.
    pub fn has_button(&self, name: &str) -> bool {
        self.button(name).is_some()
    }

    /// What the status line says.
    pub fn status(&self) -> String {
        self.text("[role=status]")
    }

    /// Waits until the status line says something with `words` in it; returns the whole.
    pub fn wait_for_status(&self, words: &str, patience: Duration) -> String {
        self.wait(patience, &format!("{words:?} in the status line"), || {
            Some(self.status()).filter(|status| status.contains(words))
        })
    }

    /// Waits until the status line says that all is done.
    pub fn wait_until_up_to_date(&self, patience: Duration) {
        self.wait(patience, "status line that ends with \"up to date\"", || {
            self.status().ends_with("up to date").then_some(())
        });
    }

    /// What the page urges upon the user; nothing if that is nothing.
    pub fn alert(&self) -> String {
        self.text("[role=alert]")
    }

    /// Waits until the page urges something with `words` in it; returns the whole.
    pub fn wait_for_alert(&self, words: &str) -> String {
        self.wait(SOON, &format!("{words:?} in an alert"), || {
            Some(self.alert()).filter(|alert| alert.contains(words))
        })
    }

    /// Waits until `words` stand somewhere on the page.
    pub fn wait_for_text(&self, words: &str) {
        self.wait(SOON, &format!("{words:?} on the page"), || self.says(words).then_some(()));
    }

    /// Whether `words` stand somewhere on the page.
    pub fn says(&self, words: &str) -> bool {
        self.text("body").contains(words)
    }

    /// How far the update is, in percent.
    pub fn progress(&self) -> Option<u64> {
        let now = self.evaluate(
            "(bar => bar?.checkVisibility() ? bar.ariaValueNow : null)(document.querySelector('[role=progressbar]'))",
        );
        now.as_str()?.parse().ok()
    }

    /// Waits until the update is `percent` done.
    pub fn wait_for_progress(&self, percent: u64) {
        self.wait(SOON, &format!("update that is {percent} % done"), || {
            self.progress().filter(|now| *now >= percent)
        });
    }

    /// The modules in the order they stand on the page.
    pub fn modules(&self) -> Vec<Module> {
        let modules = self.evaluate(
            "[...document.querySelectorAll('article')].map(a => [a.querySelector('h3').innerText, a.innerText])",
        );
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let module = |seen: &Value| Module { name: text(&seen[0]), text: text(&seen[1]) };
        modules.as_array().into_iter().flatten().map(module).collect()
    }

    /// Waits until the modules are as `wanted`.
    pub fn wait_for_modules(&self, what: &str, wanted: impl Fn(&[Module]) -> bool) -> Vec<Module> {
        self.wait(SOON, what, || Some(self.modules()).filter(|modules| wanted(modules)))
    }

    /// Saves the report; returns what is in it.
    pub fn save_report(&self) -> Value {
        let text = self.save(|| self.click("Save report"), ".json");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Saves the transcript; returns what is in it.
    pub fn save_transcript(&self) -> String {
        self.save(|| self.click("Save transcript"), ".txt")
    }

    /// Saves the certificate, which is open; returns what is in it.
    pub fn save_certificate(&self) -> Value {
        let text = self.save(|| self.click("Save as JSON"), ".json");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Puts another tab in front of this one, or this one back.
    pub fn bring_to_front(&self) {
        self.call("Page.bringToFront", json!({}));
    }

    /// Whether the user can see this tab.
    pub fn is_visible(&self) -> bool {
        self.evaluate("document.visibilityState") == "visible"
    }

    /// Turns to the tab of this name, in a list of tabs.
    pub fn turn(&self, name: &str) {
        let turn = format!(
            "(tab => (tab?.click(), tab !== undefined))([...document.querySelectorAll('[role=tab]')].find(tab => tab.innerText === {name:?}))"
        );
        self.wait(SOON, "tab", || (self.evaluate(&turn) == true).then_some(()));
    }

    /// Types into a field, instead of what stands there.
    pub fn fill(&self, selector: &str, text: &str) {
        self.evaluate(&format!(
            "(field => {{ field.value = {text:?}; field.dispatchEvent(new Event('input', {{ bubbles: true }})); return 0; }})(document.querySelector({selector:?}))"
        ));
    }

    /// The next file that the page asks for is this one: the browser's own window for files is no part of the page.
    pub fn will_choose(&self, name: &str, bytes: &[u8]) {
        self.evaluate(&format!(
            "(data => {{
               data.items.add(new File([Uint8Array.from(atob('{}'), c => c.charCodeAt(0))], {name:?}));
               HTMLInputElement.prototype.click = function () {{ this.files = data.files; this.dispatchEvent(new Event('change')); }};
               return 0;
             }})(new DataTransfer())",
            BASE64.encode(bytes)
        ));
    }

    /// Closes it.
    pub fn close(self) {
        self.call("Target.closeTarget", json!({ "targetId": self.target.id }));
    }

    /// The files that the tab itself has loaded, and those that its workers have.
    pub fn loaded(&self) -> (Vec<String>, Vec<String>) {
        const FILES: &str = "performance.getEntriesByType('resource').map(entry => entry.name)";
        let names = |value: Value| -> Vec<String> {
            let names = value.as_array().into_iter().flatten();
            names.filter_map(|name| Some(name.as_str()?.to_owned())).collect()
        };
        let workers = self.cdp.workers(&self.target.session);
        let by_workers = workers.iter().flat_map(|worker| names(self.evaluate_in(worker, FILES)));
        (names(self.evaluate(FILES)), by_workers.collect())
    }

    /// Runs a test's own script in the page; returns what it comes to. Only for what no person does: to measure.
    pub fn run(&self, script: &str) -> Value {
        self.evaluate(script)
    }

    /// The same in the page's worker.
    pub fn run_in_worker(&self, script: &str) -> Value {
        self.evaluate_in(&self.worker(), script)
    }

    /// How long the page's worker had something to do while `work` was done, by the browser's own profiler.
    pub fn profile_worker(&self, work: impl FnOnce()) -> Duration {
        self.call_worker("Profiler.enable");
        self.call_worker("Profiler.start");
        work();
        let profile = self.call_worker("Profiler.stop")["profile"].take();
        self.call_worker("Profiler.disable");
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let idle: Vec<_> = list(&profile["nodes"])
            .into_iter()
            .filter(|node| {
                ["(idle)", "(program)", "(root)"]
                    .iter()
                    .any(|name| node["callFrame"]["functionName"] == *name)
            })
            .map(|node| node["id"].clone())
            .collect();
        let samples = list(&profile["samples"]).into_iter().zip(list(&profile["timeDeltas"]));
        let busy = samples.filter(|(node, _)| !idle.contains(node));
        Duration::from_micros(busy.filter_map(|(_, micros)| micros.as_u64()).sum())
    }

    pub(super) fn call_worker(&self, method: &str) -> Value {
        self.cdp.call(&self.worker().session, method, &json!({}))
    }

    fn worker(&self) -> Target {
        self.wait(SOON, "worker", || self.cdp.workers(&self.target.session).pop())
    }

    /// Leaves a picture of the whole page for people to look at.
    pub fn screenshot(&self, name: &str) {
        let shot = self.picture().expect("a screenshot");
        fs::write(place::screenshots().join(format!("{name}.png")), shot)
            .expect("a file in target");
    }

    fn picture(&self) -> Result<Vec<u8>, String> {
        // A window in front of the page covers what is seen of the page, and no more.
        let whole = self.cdp.ask(
            &self.target.session,
            "Runtime.evaluate",
            &json!({ "expression": "!document.querySelector('dialog[open]')" }),
        )?;
        let whole = json!({ "captureBeyondViewport": whole["result"]["value"] });
        let shot = self.cdp.ask(&self.target.session, "Page.captureScreenshot", &whole)?;
        BASE64.decode(shot["data"].as_str().unwrap_or_default()).map_err(|error| error.to_string())
    }

    /// Waits until `look` finds something.
    ///
    /// # Panics
    /// If it does not within `patience`; says what stands on the page then.
    pub fn wait<T>(&self, patience: Duration, what: &str, look: impl Fn() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            if start.elapsed() > patience {
                let page = self.text("body");
                panic!("no {what} within {patience:?}; the page says:\n{page}");
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// The node of a button that can be clicked.
    fn button(&self, name: &str) -> Option<Value> {
        let document = json!({ "expression": "document" });
        let document = self.call("Runtime.evaluate", document)["result"]["objectId"].clone();
        let query = json!({ "objectId": document, "accessibleName": name, "role": "button" });
        let found = self.call("Accessibility.queryAXTree", query);
        let off =
            |property: &Value| property["name"] == "disabled" && property["value"]["value"] == true;
        let usable = |node: &&Value| {
            let mut properties = node["properties"].as_array().into_iter().flatten();
            node["ignored"] == false && !properties.any(off)
        };
        let node = found["nodes"].as_array()?.iter().find(usable)?;
        Some(node["backendDOMNodeId"].clone())
    }

    /// What stands in an element, if it is to be seen.
    fn text(&self, selector: &str) -> String {
        let text = self.evaluate(&format!(
            "(e => e?.checkVisibility() ? e.innerText : '')(document.querySelector({selector:?}))"
        ));
        text.as_str().unwrap_or_default().trim().to_owned()
    }

    pub(super) fn save(&self, wish: impl FnOnce(), ending: &str) -> String {
        String::from_utf8(self.save_bytes(wish, ending)).expect("text")
    }

    /// What is saved as a file of this ending when `wish` is done.
    pub fn save_bytes(&self, wish: impl FnOnce(), ending: &str) -> Vec<u8> {
        let files = || {
            let files = fs::read_dir(&self.saved).into_iter().flatten().flatten();
            let names = files.map(|file| file.path());
            names.filter(|path| path.to_string_lossy().ends_with(ending)).collect::<Vec<_>>()
        };
        assert_eq!(files(), [] as [PathBuf; 0], "nothing was saved before");
        wish();
        // Chromium holds the name with an empty file until it moves the whole one there.
        let (path, bytes) = self.wait(SOON, "saved file", || {
            let path = files().pop()?;
            let bytes = fs::read(&path).ok().filter(|bytes| !bytes.is_empty())?;
            Some((path, bytes))
        });
        fs::remove_file(&path).expect("a saved file");
        bytes
    }

    pub(super) fn evaluate(&self, expression: &str) -> Value {
        self.evaluate_in(&self.target, expression)
    }

    fn evaluate_in(&self, target: &Target, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let done = self.cdp.call(&target.session, "Runtime.evaluate", &params);
        assert!(done["exceptionDetails"].is_null(), "{expression}: {}", done["exceptionDetails"]);
        done["result"]["value"].clone()
    }

    pub(super) fn call(&self, method: &str, params: Value) -> Value {
        self.cdp.call(&self.target.session, method, &params)
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let test = std::thread::current();
            let name = test.name().unwrap_or("a test").replace("::", "-");
            let path = place::screenshots().join(format!("failed-{name}.png"));
            // A second panic would end all tests.
            if let Ok(shot) = self.picture()
                && fs::write(&path, shot).is_ok()
            {
                eprintln!("what it looked like is in {}", path.display());
            }
        }
    }
}

impl core::fmt::Debug for Tab {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Tab").field(&self.target).finish()
    }
}
