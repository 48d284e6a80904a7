//! What the tests share: the bench, the page in a real browser, numbers that look random, and bytes in hex.

pub mod bench;
#[cfg(target_os = "linux")]
pub mod browser;
pub mod hex;
pub mod numbers;
