//! Whole updates: a host, a base and modules on one bench.
//!
//! - [`racks`]: racks of all kinds, and what they end as.

mod racks;
