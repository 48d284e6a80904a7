//! The page in a real Chromium: what a person sees and clicks, against what the virtual rack's flash really holds.
//!
//! Linux only: elsewhere no browser takes a pseudo-terminal for a serial port, and `cargo xtask test` says what is left out.
#![cfg(target_os = "linux")]

/// The demo is broken by hand, and recovers.
mod breaking;
/// No cable, no port: the rack in the page.
mod demo;
/// A real port, and the virtual rack behind it: what is reported is what the flash holds.
mod rack;

/// The cable is pulled in the middle of an update.
mod cable;
/// From the click that opens the page to the first byte and the end.
mod clicks;
/// Words for what hardly happens.
mod codes;
/// What a customer is told before, meanwhile and after.
mod customer;
/// A release that moves settings.
mod settings;

/// Modules are plugged in and out while the page is open.
mod hotplug;

/// One module at a time, byte by byte.
mod engineer;

/// On a maker's own page.
mod embedded;
/// At a stand: nobody clicks.
mod kiosk;

/// No network.
mod offline;

/// Another program has the port.
mod busy;
/// Modules whose names are markup, or turn words round.
mod names;
/// A browser without Web Serial.
mod no_serial;
/// What the page has no part of, or a fault in.
mod page_faults;
/// Whatever else keeps a port from being opened.
mod ports;
/// A release that comes as a file.
mod stick;
/// Two tabs, one rack.
mod tabs;
/// Something else is on the port, or a base that this page is too old for.
mod wrong_port;

/// No mouse, no eyes, no motion.
mod access;
/// The user looks elsewhere meanwhile.
mod background;
/// Six languages.
mod languages;
/// Sizes, colours, screenshots.
mod looks;

/// A large file is read and fitted to a module at once.
mod images;
/// How fast an update is beside a bare loop, and that nothing is sent twice.
mod throughput;

/// What several of them ask.
mod support;
