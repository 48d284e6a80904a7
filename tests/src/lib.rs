//! What the tests share: the bench, what must hold on it, swarms of faults, power cuts, signed releases, the speed table, the page in a real browser,
//! numbers that look random, and bytes in hex.

pub mod bench;
#[cfg(target_os = "linux")]
pub mod browser;
pub mod cuts;
pub mod fuzzing;
pub mod hex;
pub mod numbers;
pub mod oracle;
pub mod racks;
pub mod signed;
pub mod speed;
pub mod swarm;
