//! Bytes and meaning: every message between host, base and module, and the image header that module and host both read.
//!
//! Refuses to know who sends a message or what it is good for. Nothing in here panics, whatever the bytes: `parse`
//! answers [`Malformed`], `emit` writes what `parse` reads. Normative text: `docs/PROTOCOL.md`.
//!
//! - [`link`]: frames between host and base; [`message`]: what they carry; [`op`]: the operations in a message.
//! - [`module`]: frames between base and module; [`identity`]: what a module says of itself.
//! - [`header`]: the 32 bytes that make an image say what it is for.
//! - [`check`]: CRC-32 and packet error code, over what goes over wires; [`digest`]: over what stands in flash.
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod bytes;
pub mod check;
pub mod digest;
pub mod header;
mod hello;
pub mod identity;
pub mod link;
pub mod message;
pub mod module;
pub mod op;
pub(crate) mod request;
pub mod version;

pub(crate) use bytes::put;
pub use bytes::{Field, Malformed};

use core::fmt;

/// Bytes for a transcript: in full up to 16, then their number.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, rest) = self.0.split_at_checked(16).unwrap_or((self.0, &[]));
        shown.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if rest.is_empty() { Ok(()) } else { write!(f, "… ({} bytes)", self.0.len()) }
    }
}
