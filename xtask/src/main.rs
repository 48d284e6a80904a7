//! Builds, serves and tests Rackflash.
fn main() {}
