//! Signatures and hashes, by crates: the demo also runs where a browser has none, on pages without https.

use rackflash_release::trust::Claim;
use rackflash_release::verify;
use wasm_bindgen::JsValue;

/// Whether a claim is true.
#[expect(clippy::unused_async, reason = "a browser's own way takes time")]
pub(crate) async fn holds(claim: &Claim) -> Result<bool, JsValue> {
    Ok(verify::holds(claim))
}

/// A file's SHA-256, as the manifest writes it.
#[expect(clippy::unused_async, reason = "a browser's own way takes time")]
pub(crate) async fn sha256(bytes: &[u8]) -> Result<String, JsValue> {
    Ok(verify::sha256(bytes))
}
