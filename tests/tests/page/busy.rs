//! Another program has the port open.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;

use rackflash_tests::browser::{Browser, Rack, Speed, WebSerial};

use crate::support::wait_until_ready;

#[test]
fn another_program_has_it() {
    let rack = Rack::demo(Speed::Max);
    let browser = Browser::start(WebSerial::Granted);
    browser.usb().plug(&rack.path());
    // The other program: fakeudev.c makes exclusive use a lock.
    let other = File::options().read(true).write(true).custom_flags(O_NOCTTY).open(rack.path());
    let other = other.expect("a terminal");
    other.lock().expect("nobody else has it");

    let tab = browser.open();
    tab.click("Connect");
    let alert = tab.wait_for_alert("Another program is using the base card");
    assert!(alert.contains("Close the other program"), "{alert}");

    drop(other);
    tab.click("Connect");
    wait_until_ready(&tab);
    assert_eq!(tab.alert(), "");
}

/// Opening a terminal must not make it this process's own (asm-generic/fcntl.h).
const O_NOCTTY: i32 = 0o400;
