//! What only engineers need, beside the engine: images in other files than a release's, and a transcript in words. Keeps
//! nothing from call to call.

use rackflash_core::host::image::Image;
use rackflash_core::host::transcript::Words;
use rackflash_core::host::view::ProblemView;
use wasm_bindgen::prelude::*;

use crate::to_js;

/// An image as the engine takes it: what the flash is to hold, from an address on.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug)]
pub struct Binary {
    /// The first byte's address.
    pub address: u32,
    /// All of it, with what erased flash reads in gaps.
    pub bytes: Vec<u8>,
}

/// Reads an image's file. Throws a problem if it is none.
#[wasm_bindgen]
pub fn read_image(file: &[u8], address: Option<u32>) -> Result<Binary, JsValue> {
    let read = Image::parse(file, address);
    let read =
        read.and_then(|image| Ok(Binary { address: image.start(), bytes: image.to_binary()? }));
    read.map_err(|error| to_js(&ProblemView::from(&error)))
}

/// What the engine recorded, in words.
#[wasm_bindgen]
pub fn transcript_in_words(record: &[u8]) -> String {
    Words(record).to_string()
}
