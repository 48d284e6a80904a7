//! How many clicks it takes, and how soon the first one counts.

use rackflash_tests::browser::{Browser, Rack, Speed, Tab, WebSerial};
use serde_json::Value;

use crate::support::{UPDATE, wait_until_ready};

/// From the click on **Update all** to the first byte on the wire.
const FIRST_BYTE_MS: f64 = 100.0;

/// Connect, the port in the browser's own chooser, Update all; the fourth would be one to end it, and there is none.
#[test]
fn three_the_first_time() {
    let (_rack, _browser, tab) = plugged_in();
    // Granted, and the page does not know: it asks, and one click in the chooser is the answer.
    tab.run(
        "(() => {
           const { serial } = navigator;
           const known = serial.getPorts.bind(serial);
           serial.getPorts = async () => [];
           serial.requestPort = async () => {
             clicks.push('a port');
             serial.getPorts = known;
             return (await known())[0];
           };
         })()",
    );
    update(&tab);
    assert_eq!(clicks(&tab), ["Connect", "a port", "Update all"]);
}

#[test]
fn two_when_the_port_was_granted() {
    let (_rack, _browser, tab) = plugged_in();
    update(&tab);
    assert_eq!(clicks(&tab), ["Connect", "Update all"]);
}

#[test]
fn the_first_byte_goes_out_at_once() {
    let (_rack, _browser, tab) = plugged_in();
    tab.run_in_worker(
        "globalThis.writes = [];
         const { write } = WritableStreamDefaultWriter.prototype;
         WritableStreamDefaultWriter.prototype.write = function (chunk) {
           writes.push([performance.timeOrigin + performance.now(), chunk.length]);
           return write.call(this, chunk);
         };
         0",
    );
    tab.run("addEventListener('click', (e) => (globalThis.at = performance.timeOrigin + e.timeStamp), true)");
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.click("Update all");
    tab.wait_for_progress(1);
    let clicked = tab.run("at").as_f64().expect("a click");
    let writes = tab.run_in_worker("writes");
    let writes = writes.as_array().into_iter().flatten();
    let writes: Vec<(f64, u64)> = writes
        .filter_map(|write| Some((write[0].as_f64()? - clicked, write[1].as_u64()?)))
        .collect();
    // What keeps the link alive is small; what begins an update is more than the most of that.
    let idle = writes.iter().rev().filter(|(at, _)| *at < 0.0).take(IDLE).map(|(_, len)| *len);
    let idle = idle.max().unwrap_or(0);
    let first = writes.iter().find(|(at, len)| *at >= 0.0 && *len > idle).expect("a write");
    println!(
        "{:.1} ms from the click to the first write of {} B; idle ones have {idle} B",
        first.0, first.1
    );
    assert!(first.0 < FIRST_BYTE_MS, "{writes:?}");
}

/// How many writes before the click tell what an idle link writes.
const IDLE: usize = 3;

/// A page whose clicks are counted, a rack on the port.
fn plugged_in() -> (Rack, Browser, Tab) {
    let rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.run(
        "globalThis.clicks = [];
         addEventListener('click', ({ target, isTrusted }) => isTrusted && clicks.push(target.innerText), true)",
    );
    (rack, browser, tab)
}

fn update(tab: &Tab) {
    tab.click("Connect");
    wait_until_ready(tab);
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
}

fn clicks(tab: &Tab) -> Vec<String> {
    let clicks = tab.run("clicks");
    let clicks = clicks.as_array().into_iter().flatten().filter_map(Value::as_str);
    clicks.map(str::to_owned).collect()
}
