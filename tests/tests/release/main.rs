//! Releases as their makers and their users meet them: the command `rackflash`, the program `minisign`, the schema. What is
//! refused, byte by byte, is in `tests/faults` (27 to 31).
//!
//! - [`making`]: from images to a signed release, and to one file
//! - [`keys`]: keys of `rackflash` and of `minisign`, passwords, one key replaced by the next
//! - [`refused`]: what the command says of releases that are not to be trusted
//! - [`updating`]: a rack is updated from a release, and never from an older one
//! - [`schema`]: `docs/release.schema.json` against what is read
#![cfg(target_os = "linux")]

mod desk;

mod keys;
mod making;
mod refused;
mod schema;
mod settings;
mod updating;
