//! Signatures and hashes, by the browser itself (Web Cryptography): a fifth of the page less than with crates for them.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use rackflash_core::host::view::ProblemView;
use rackflash_release::manifest::hex;
use rackflash_release::trust::Claim;
use wasm_bindgen::prelude::*;

use crate::to_js;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    async fn import_key(
        format: &str,
        key: &[u8],
        algorithm: &str,
        extractable: bool,
        usages: Array,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    async fn verify(
        algorithm: &str,
        key: &JsValue,
        signature: &[u8],
        message: &[u8],
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    async fn digest(algorithm: &str, bytes: &[u8]) -> Result<JsValue, JsValue>;
}

const ALGORITHM: &str = "Ed25519";

/// Whether a claim is true. Throws a problem where the browser cannot say.
pub(crate) async fn holds(claim: &Claim) -> Result<bool, JsValue> {
    let Claim { key, message, signature } = claim;
    let usages = Array::of1(&"verify".into());
    let checked = match import_key("raw", key, ALGORITHM, false, usages).await {
        Ok(key) => verify(ALGORITHM, &key, signature, message).await,
        Err(error) => Err(error),
    };
    Ok(checked.map_err(too_old)? == JsValue::TRUE)
}

/// A file's SHA-256, as the manifest writes it.
pub(crate) async fn sha256(bytes: &[u8]) -> Result<String, JsValue> {
    let hash = digest("SHA-256", bytes).await.map_err(too_old)?;
    Ok(hex(&Uint8Array::new(&ArrayBuffer::from(hash)).to_vec()))
}

fn too_old(_: JsValue) -> JsValue {
    to_js(&ProblemView::new("browser-too-old"))
}
