//! A release that comes as one file, from a USB stick: it is taken without a network, and checked like any other.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use rackflash_release::pack::Pack;
use rackflash_sim::images;
use rackflash_tests::browser::{Browser, Rack, Speed, Tab, WebSerial};
use rackflash_tests::signed::{Folder, Maker};

use crate::support::{UPDATE, check_report, compare, wait_until_ready};

#[test]
fn without_a_network() {
    let mut rack = Rack::demo(Speed::Max);
    let mut browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    // All of the page is on this computer now.
    tab.run("navigator.serviceWorker.ready.then(() => 0)");
    tab.reload();
    browser.goes_offline();
    tab.wait_for_button("Use a release file");
    drop_on(&tab, &pack(&release(&Maker::example(), 5)));
    tab.wait_for_text("Release r5 is ready");
    tab.speak("de");
    tab.wait_for_button("Ausgabe r5 ist bereit");
    tab.speak("en");
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.wait_for_text("Release r5, takes about 10 seconds");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    let report = tab.save_report();
    check_report(&report);
    compare(&report, &rack.modules());
}

#[test]
fn chosen_by_hand_for_a_rack_that_is_connected() {
    let rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    let tab = browser.open();
    tab.click("Connect");
    wait_until_ready(&tab);
    tab.wait_for_text("Release 2027-01");
    let file = pack(&release(&Maker::example(), 5));
    // The browser's own window for files is no part of the page.
    tab.run(&format!(
        "HTMLInputElement.prototype.click = function () {{ this.files = ({}).files; this.dispatchEvent(new Event('change')); }}; 0",
        data(&file)
    ));
    tab.click("Use a release file");
    tab.wait_for_text("Release r5");
}

#[test]
fn what_may_not_be_taken() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.wait_for_button("Use a release file");
    let whole = release(&Maker::example(), 5);
    let file = pack(&whole);
    let mut longer = file.clone();
    longer.push(0);
    let mut other = file.clone();
    *other.last_mut().expect("bytes") ^= 1;
    let mut too_long = pack(&whole);
    too_long[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    let strange = Folder { signature: b"nothing".to_vec(), ..whole.clone() };
    let later = Maker::example().release_with(5, &[&images::new()[0].bytes], |manifest| {
        "rackflash-release/9".clone_into(&mut manifest.format);
    });
    let empty = Maker::example().release_with(5, &[&images::new()[0].bytes], |m| m.images.clear());
    let over = Maker::example().release_with(5, &[&images::new()[0].bytes], |manifest| {
        manifest.expires = "2020-01-01".parse().ok();
    });
    for (file, words) in [
        (&file[..200], "This file holds no whole release"),
        (&longer, "This file holds no whole release"),
        (b"MZ", "This file holds no whole release"),
        (&too_long, "The firmware list is no list"),
        (&other, "A firmware file is not the one that was signed"),
        (&pack(&strange), "The firmware's signature is damaged"),
        (&pack(&release(&Maker::drawn(), 5)), "The firmware was signed by somebody else"),
        (
            &pack(&Folder { manifest: [&whole.manifest[..], b" "].concat(), ..whole.clone() }),
            "The firmware is not as its maker signed it",
        ),
        (&pack(&later), "The firmware is newer than this page"),
        (&pack(&empty), "The firmware list makes no sense"),
        (&pack(&over), "This firmware is out of date"),
    ] {
        drop_on(&tab, file);
        let alert = tab.wait_for_alert(words);
        assert!(!alert.contains("unexpected"), "{alert}");
    }
    drop_on(&tab, &file);
    tab.wait_for_text("Release r5 is ready");
    drop_on(&tab, &pack(&release(&Maker::example(), 4)));
    tab.wait_for_alert("An older firmware than before");
}

fn release(maker: &Maker, counter: u32) -> Folder {
    let images = images::new();
    let bytes: Vec<&[u8]> = images.iter().map(|image| &image.bytes[..]).collect();
    maker.release(counter, &bytes)
}

/// As `rackflash release pack` makes it.
fn pack(folder: &Folder) -> Vec<u8> {
    let Folder { manifest, signature, files } = folder;
    let manifest_of: serde_json::Value = serde_json::from_slice(manifest).expect("JSON");
    let images = manifest_of["images"].as_array().into_iter().flatten();
    let files = images.map(|image| &files[image["file"].as_str().unwrap_or_default()][..]);
    Pack::join(signature, manifest, files).expect("a pack")
}

/// Lets go of a file over the page.
fn drop_on(tab: &Tab, file: &[u8]) {
    tab.run(&format!(
        "document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: {}, bubbles: true, cancelable: true }})); 0",
        data(file)
    ));
}

/// What a script has dragged, or chosen.
fn data(file: &[u8]) -> String {
    format!(
        "((data) => (data.items.add(new File([Uint8Array.from(atob('{}'), (c) => c.charCodeAt(0))], 'new.rackpack')), data))(new DataTransfer())",
        BASE64.encode(file)
    )
}
