//! Takes pictures of the page in all its states, for `cargo xtask screenshots`. Reads no arguments; judges nothing but whether a
//! state is reached.
#![cfg(target_os = "linux")]

mod camera;
mod customer;
mod engineer;
mod kiosk;

use std::fs;
use std::time::Instant;

use rackflash_tests::browser::screenshots;

/// From a browser to the states that it comes to, one after the other; a new one goes where it is reached soonest.
const SCENES: [fn(); 10] = [
    customer::an_update,
    customer::without_web_serial,
    customer::a_port_that_is_busy,
    customer::a_port_that_is_silent,
    customer::a_release_of_somebody_else,
    customer::a_cable_that_is_pulled,
    customer::a_module_that_stops,
    customer::a_bus_that_is_held,
    kiosk::a_visitor,
    engineer::a_module,
];

fn main() {
    let start = Instant::now();
    // What an earlier page looked like is no picture of this one.
    fs::remove_dir_all(screenshots()).expect("a folder in target");
    SCENES.iter().for_each(|scene| scene());
    let taken = fs::read_dir(screenshots()).expect("a folder in target").count();
    println!("{taken} in {} ({:.0} s)", screenshots().display(), start.elapsed().as_secs_f64());
}
