//! What an engineer asks of one module and sees of all of them, for whoever moves bytes between this and the engine.

use rackflash_core::host::image::Image;
use rackflash_core::host::loan::Ticket;
use rackflash_core::host::service::{Service, Wish};
use rackflash_core::host::transcript::{Counter, Words};
use rackflash_core::host::view::ProblemView;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::identity::{Banks, Identity};
use rackflash_core::wire::module::{Session, State, Uid};
use serde::ser::{Serialize, SerializeMap, Serializer};
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

/// The [digest](rackflash_core::wire::digest) of each page of an application area, if it held this image and nothing else.
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
    let mut page = vec![0; page_len];
    let addresses = (start..).step_by(page_len).take(pages);
    let digests = addresses.map(|address| {
        image.read_padded(address, &mut page, erased);
        digest(&page)
    });
    Ok(digests.collect())
}

/// What a module says of itself, as an answer to `identify`: names and values as [`Identity`] has them.
#[wasm_bindgen]
pub fn facts(answer: &[u8]) -> JsValue {
    let Some((state, identity)) = answer.split_first() else { return JsValue::NULL };
    let (Ok(state), Ok(identity)) = (State::parse(*state), Identity::parse(identity)) else {
        return JsValue::NULL;
    };
    to_js(&Facts { state, identity })
}

struct Facts {
    state: State,
    identity: Identity,
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { state, identity } = self;
        let geometry = &identity.geometry;
        let mut map = serializer.serialize_map(None)?;
        let mut number = |name, value: u32| map.serialize_entry(name, &value);
        number("protocol", identity.protocol.into())?;
        number("vendor", identity.vendor.into())?;
        number("type", identity.module_type.into())?;
        number("hardware", identity.hardware.into())?;
        number("starts", identity.starts.into())?;
        number("ring", identity.ring.into())?;
        number("home", identity.home.into())?;
        number("flashStart", geometry.flash_start)?;
        number("flashLen", geometry.flash_len)?;
        number("applicationStart", geometry.application_start)?;
        number("ramLen", geometry.ram_len)?;
        number("pageLen", geometry.page_len.into())?;
        number("eepromLen", geometry.eeprom_len.into())?;
        number("erased", geometry.erased.into())?;
        number("banks", if geometry.banks == Banks::Two { 2 } else { 1 })?;
        map.serialize_entry("state", &state.to_string())?;
        map.serialize_entry("why", &identity.why.to_string())?;
        map.serialize_entry("trial", &identity.trial.to_string())?;
        map.serialize_entry("loader", &identity.loader.to_string())?;
        map.serialize_entry("uid", &identity.uid.to_string())?;
        if let Some(installed) = identity.application() {
            map.serialize_entry("version", &installed.version.to_string())?;
            map.serialize_entry("len", &installed.len)?;
            map.serialize_entry("digest", &format!("{:08x}", installed.digest))?;
        }
        map.end()
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
