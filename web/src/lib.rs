//! The page's engine: a [`Session`](rackflash_core::host::session::Session) behind a JavaScript class, over Web Serial or
//! over the virtual rack. The only crate that knows there is a browser; it knows no document and no words.
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used)]

mod engine;
mod link;
mod problem;
mod serial;

pub use engine::Engine;
