//! What few visitors need, beside the engine: releases in one file, images in other files than a release's, and a transcript
//! in words. Keeps nothing from call to call, and believes no signature: that is the engine's.

use rackflash_core::host::image::Image;
use rackflash_core::host::transcript::Words;
use rackflash_core::host::view::ProblemView;
use rackflash_release::ReleaseError;
use rackflash_release::pack::Pack;
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

/// A release that came as one file, taken apart.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug)]
pub struct Parts {
    /// The bytes of `release.json.minisig`.
    pub signature: Vec<u8>,
    /// The bytes of `release.json`.
    pub manifest: Vec<u8>,
    /// Those of all images, one behind the other in the manifest's order.
    pub images: Vec<u8>,
}

/// Takes a release apart. Throws a problem if the file holds none.
#[wasm_bindgen]
pub fn split_pack(file: &[u8]) -> Result<Parts, JsValue> {
    let pack = Pack::split(file);
    let Pack { signature, manifest, files } =
        pack.map_err(|error: ReleaseError| to_js(&ProblemView::new(error.code())))?;
    Ok(Parts { signature: signature.to_vec(), manifest: manifest.to_vec(), images: files.to_vec() })
}

/// What the engine recorded, in words.
#[wasm_bindgen]
pub fn transcript_in_words(record: &[u8]) -> String {
    Words(record).to_string()
}
