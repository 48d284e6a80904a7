//! Messages in order over a link that loses, delays and repeats: two endpoints, one virtual clock; and that clock.

mod grid;
mod pair;
mod rules;
mod time;
