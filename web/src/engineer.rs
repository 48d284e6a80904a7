//! What an engineer asks of one module and sees of all of them, for whoever moves bytes between this and the engine.

use rackflash_core::host::facts::{Facts, page_digests};
use rackflash_core::host::image::Image;
use rackflash_core::host::loan::Ticket;
use rackflash_core::host::service::{Service, Wish};
use rackflash_core::host::transcript::{Counter, Words};
use rackflash_core::host::view::ProblemView;
use rackflash_core::wire::module::Uid;
use wasm_bindgen::prelude::*;

use crate::to_js;

/// A wish that is being fulfilled.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Errand(Service);

#[wasm_bindgen]
impl Errand {
    /// Begins: over this loan, for this module, what is wished (`identify`, `pageDigests`, `read`, `eepromRead`, `eepromWrite`, `log`,
    /// `stop`, `start` or `erase`; see [`Wish`]), from where on, and what to write, or how much to read. Throws if that is none.
    #[wasm_bindgen(constructor)]
    pub fn new(
        ticket: &[u8],
        uid: &str,
        wish: &str,
        start: u32,
        len: u32,
        bytes: Vec<u8>,
    ) -> Result<Self, JsValue> {
        let begin = || {
            let wish = match wish {
                "identify" => Wish::Identify,
                "pageDigests" => Wish::PageDigests,
                "read" => Wish::Read(start..start.checked_add(len)?),
                "eepromRead" => Wish::EepromRead,
                "eepromWrite" => Wish::EepromWrite(vec![(start.try_into().ok()?, bytes)]),
                "log" => Wish::Log,
                "stop" => Wish::Stop,
                "start" => Wish::Start,
                "erase" => Wish::Erase,
                _ => return None,
            };
            let (ticket, uid) = (Ticket::from_bytes(ticket)?, Uid::from_hex(uid)?);
            Some(Self(Service::new(ticket, uid, wish)))
        };
        begin().ok_or_else(|| to_js(&ProblemView::new("bug")))
    }

    /// Goes on; the answer, once it is there. Throws a problem instead.
    pub fn poll(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let answer = self.0.poll().transpose();
        answer.map_err(|problem| to_js(&ProblemView::from(&problem)))
    }

    /// The next operations for the loan.
    pub fn next_group(&self) -> Option<Vec<u8>> {
        self.0.next_group()
    }

    /// What came over the loan.
    pub fn hear(&self, said: &[u8]) {
        self.0.hear(said);
    }

    /// How much of it is done, 0 to 1.
    pub fn progress(&self) -> f32 {
        self.0.progress()
    }
}

/// Follows a transcript.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Reader {
    counter: Counter,
    next: u32,
}

#[wasm_bindgen]
impl Reader {
    /// From its beginning.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of the entry to read next.
    pub fn next(&self) -> u32 {
        self.next
    }

    /// What [`crate::Engine::transcript`] gave from there on, in words; counts it.
    pub fn read(&mut self, record: &[u8]) -> String {
        self.next += self.counter.count(record);
        Words(record).to_string()
    }

    /// See [`rackflash_core::host::transcript::Counts`].
    pub fn counts(&self) -> JsValue {
        to_js(self.counter.counts())
    }

    /// The pages that were sent to a slot, counted from 1, since its update was opened.
    pub fn pages(&self, slot: usize) -> Vec<u16> {
        self.counter.pages(slot.wrapping_sub(1)).to_vec()
    }
}

/// See [`page_digests`].
#[wasm_bindgen]
pub fn digests_of(
    address: u32,
    bytes: &[u8],
    start: u32,
    pages: usize,
    page_len: usize,
    erased: u8,
) -> Result<Vec<u32>, JsValue> {
    let image = Image::from_binary(bytes, address);
    let image = image.map_err(|error| to_js(&ProblemView::from(&error)))?;
    Ok(page_digests(&image, start, pages, page_len, erased))
}

/// See [`Facts`]: an answer to `identify`.
#[wasm_bindgen]
pub fn facts(answer: &[u8]) -> JsValue {
    to_js(&Facts::of(answer))
}
