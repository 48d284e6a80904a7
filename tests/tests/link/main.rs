//! Messages in order over a link that loses, delays and repeats: two endpoints, one virtual clock.

mod grid;
mod pair;
mod rules;
