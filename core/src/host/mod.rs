//! The host's side: what runs an update, in the page, in the command and in the tests. Needs an allocator.
//!
//! - [`session`]: bytes, time and clicks in; bytes and changes out. `greeting`: until a base answers that it is free;
//!   `connection`: from then on.
//! - [`image`], [`plan`], [`report`]: a file that parsed; this image for that module; what was proven.
//! - [`rack`]: what is known of the rack; `estimate`: how long an update of it will take.
//! - `finder`, `driver`, `party`: find modules, update one, send pages to many. Straight-line code over `target` and `lane`;
//!   [`order`]: which page when.
//! - [`service`]: what an engineer asks of one module, over a lane that the session lends ([`loan`]); [`facts`]: what
//!   it says of itself.
//! - [`settings`]: what a new application wants elsewhere in the data EEPROM is read before the update, and written behind it.

pub mod catalog;
mod connection;
mod driver;
mod estimate;
pub mod facts;
mod finder;
mod greeting;
pub mod image;
mod io;
mod job;
mod lane;
pub mod loan;
pub mod order;
mod party;
pub mod plan;
pub mod problem;
pub mod rack;
pub mod report;
pub mod service;
pub mod session;
pub mod settings;
mod target;
pub mod transcript;
pub mod view;

pub use target::TargetError;
