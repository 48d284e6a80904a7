//! What the tests share: the bench, what must hold on it, swarms of faults, power cuts, signed releases, the speed table, the
//! command and the page as people use them, firmware files, lies of modules, numbers that look random, and bytes in hex.

pub mod bench;
#[cfg(target_os = "linux")]
pub mod browser;
#[cfg(target_os = "linux")]
pub mod command;
pub mod cuts;
pub mod firmware;
pub mod fuzzing;
pub mod hex;
pub mod lies;
pub mod numbers;
pub mod oracle;
#[cfg(target_os = "linux")]
mod place;
pub mod racks;
pub mod signed;
pub mod speed;
pub mod swarm;
