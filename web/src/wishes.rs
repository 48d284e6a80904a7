//! What an engineer asks of one module, for whoever moves bytes between this and the engine's [loan](crate::Engine::lend).

use rackflash_core::host::loan::Ticket;
use rackflash_core::host::service::{Service, Wish};
use rackflash_core::host::view::ProblemView;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::module::{Session, Uid};
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
            let [address, session] = *ticket else { return None };
            let ticket = Ticket { address: Address::new(address)?, session: Session(session) };
            let wish = match wish {
                "identify" => Wish::Identify,
                "pageDigests" => Wish::PageDigests,
                "read" => Wish::Read(start..start.checked_add(len)?),
                "eepromRead" => Wish::EepromRead,
                "eepromWrite" => Wish::EepromWrite { offset: start.try_into().ok()?, bytes },
                "log" => Wish::Log,
                "stop" => Wish::Stop,
                "start" => Wish::Start,
                "erase" => Wish::Erase,
                _ => return None,
            };
            Some(Self(Service::new(ticket, parse_uid(uid)?, wish)))
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

fn parse_uid(text: &str) -> Option<Uid> {
    let mut uid = Uid::default();
    let digits = text.as_bytes().chunks_exact(2);
    if digits.len() != uid.0.len() {
        return None;
    }
    for (byte, digits) in uid.0.iter_mut().zip(digits) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(uid)
}
