//! docs/PROTOCOL.md against the code: its examples, its tables, its lists, its limits.

mod examples;
mod lists;
mod tables;

const PROTOCOL: &str = include_str!("../../../docs/PROTOCOL.md");

/// The text between two others, on one line.
fn between(from: &str, to: &str) -> String {
    let (_, behind) = PROTOCOL.split_once(from).unwrap_or_else(|| panic!("no {from:?}"));
    let (text, _) = behind.split_once(to).unwrap_or_else(|| panic!("no {to:?} behind {from:?}"));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
