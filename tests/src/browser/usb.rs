//! The computer's one USB socket, as fakeudev.c shows it to Chromium: a terminal is plugged in as a base card, or nothing is.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use crate::place::Temporary;

/// The USB ids of a base card; www/ports.js asks for them.
pub(super) const VENDOR: u16 = 0x1209;
pub(super) const PRODUCT: u16 = 0x5246;
/// Has a serial number, so that a permission lasts.
pub(super) const SERIAL: &str = "RF0001";

/// The socket.
#[derive(Debug)]
pub struct Usb(Temporary);

impl Usb {
    pub(super) fn new() -> Self {
        Self(Temporary::new())
    }

    pub(super) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Plugs in a base card whose line is the terminal at `path`.
    pub fn plug(&self, path: &Path) {
        let (major, minor) = serial_number();
        let properties = format!(
            "DEVNAME={}\nMAJOR={major}\nMINOR={minor}\nID_BUS=usb\nID_VENDOR_ID={VENDOR:04x}\n\
             ID_MODEL_ID={PRODUCT:04x}\nID_MODEL_ENC=Rackflash\\x20base\nID_SERIAL_SHORT={SERIAL}\n",
            path.display()
        );
        fs::write(self.folder().join("port"), properties).expect("a file in a temporary folder");
        self.tell("add");
    }

    /// Unplugs it. The terminal must have hung up before: that is the kernel's order.
    pub fn unplug(&self) {
        fs::remove_file(self.folder().join("port")).expect("a base card that was plugged in");
        self.tell("remove");
    }

    fn tell(&self, event: &str) {
        let socket = UnixDatagram::unbound().expect("a socket");
        // A browser that has not looked for ports yet will look at the file.
        let _ = socket.send_to(event.as_bytes(), self.folder().join("monitor"));
    }
}

/// Opens a terminal as another program would, so that the browser cannot: fakeudev.c makes exclusive use a lock.
pub fn take(path: &Path) -> File {
    let other = File::options().read(true).write(true).custom_flags(O_NOCTTY).open(path);
    let other = other.expect("a terminal");
    other.lock().expect("nobody else has it");
    other
}

/// Opening a terminal must not make it this process's own (asm-generic/fcntl.h).
const O_NOCTTY: i32 = 0o400;

/// The first device number that the kernel calls a serial port's: Chromium takes no other.
fn serial_number() -> (String, String) {
    let drivers = fs::read_to_string("/proc/tty/drivers").unwrap_or_default();
    let serial =
        drivers.lines().find_map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [_, _, major, minors, "serial"] => Some((major, minors.split('-').next()?)),
            _ => None,
        });
    let (major, minor) = serial
        .expect("no driver of /proc/tty/drivers is for serial ports; Chromium will list none");
    (major.to_owned(), minor.to_owned())
}
