//! What the tests share: the bench, numbers that look random, and bytes in hex.

pub mod bench;
pub mod hex;
pub mod numbers;
