//! What goes wrong in the browser, by codes for which the page has words.

use serde::Serialize;
use wasm_bindgen::JsValue;

/// What is thrown at the page.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// Never changes.
    pub(crate) code: &'static str,
    /// For words that name it.
    pub(crate) detail: String,
}

impl From<Problem> for JsValue {
    fn from(problem: Problem) -> Self {
        to_js(&problem)
    }
}

/// Any value as plain JavaScript, as JSON would have it.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    // Structs of numbers and texts are always representable.
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}
