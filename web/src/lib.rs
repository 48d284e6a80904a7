//! The page's engine: a [`Session`](rackflash_core::host::session::Session) behind a JavaScript class, over Web Serial or
//! over the virtual rack. The only crate that knows there is a browser; it knows no document and no words.
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used)]

#[cfg(all(feature = "engine", not(feature = "demo")))]
mod crypto;
#[cfg(feature = "demo")]
#[path = "crypto_crate.rs"]
mod crypto;
#[cfg(feature = "demo")]
mod demo;
#[cfg(all(feature = "engine", not(feature = "demo")))]
#[path = "no_demo.rs"]
mod demo;
#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "tools")]
mod engineer;
#[cfg(feature = "engine")]
mod link;
#[cfg(feature = "engine")]
mod manifest;
#[cfg(feature = "engine")]
mod serial;
#[cfg(feature = "service")]
mod service;
#[cfg(feature = "tools")]
mod tools;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

#[cfg(feature = "engine")]
pub use engine::Engine;
#[cfg(feature = "tools")]
pub use engineer::{Errand, Reader, digests_of, facts};
#[cfg(feature = "tools")]
pub use tools::{Binary, Parts, read_image, split_pack, transcript_in_words};

/// A third of the standard library's allocator in size, and constant in time.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Any value as plain JavaScript, as JSON would have it.
fn to_js(value: &impl Serialize) -> JsValue {
    // Structs of numbers and texts are always representable.
    value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}
