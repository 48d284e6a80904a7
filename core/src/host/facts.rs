//! What a module says of itself, for an engineer to read: names and numbers, no sentences.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::image::Image;
use super::view::as_map;
use crate::wire::digest::digest;
use crate::wire::identity::{Banks, Identity};
use crate::wire::module::State;

/// An [`Identity`] and where its module stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// See [`State`].
    pub state: String,
    /// Why it is in its loader.
    pub why: String,
    /// The protocol it speaks: major and minor, a byte each.
    pub protocol: u16,
    /// Its loader's version.
    pub loader: String,
    /// Who made it.
    pub vendor: u16,
    /// Which module it is.
    pub module_type: u16,
    /// Its board.
    pub hardware: u8,
    /// Its silicon's number.
    pub uid: String,
    /// Its application's version, if it has one.
    pub version: Option<String>,
    /// Bytes of its application.
    pub len: u32,
    /// Their digest.
    pub digest: String,
    /// Whether the application has proven itself.
    pub trial: String,
    /// How many page frames it takes ahead.
    pub ring: u8,
    /// The address its slot gives it.
    pub home: u8,
    /// Counts its starts.
    pub starts: u8,
    /// Where its flash starts.
    pub flash_start: u32,
    /// Bytes of flash.
    pub flash_len: u32,
    /// Where the application area starts.
    pub application_start: u32,
    /// Bytes of RAM.
    pub ram_len: u32,
    /// Bytes that are erased at once.
    pub page_len: u16,
    /// Bytes of data EEPROM.
    pub eeprom_len: u16,
    /// What an erased byte reads.
    pub erased: u8,
    /// Flash banks.
    pub banks: u8,
}

as_map!(Facts { "state": state, "why": why, "protocol": protocol, "loader": loader, "vendor": vendor, "type": module_type, "hardware": hardware, "uid": uid, "version": version, "len": len, "digest": digest, "trial": trial, "ring": ring, "home": home, "starts": starts, "flashStart": flash_start, "flashLen": flash_len, "applicationStart": application_start, "ramLen": ram_len, "pageLen": page_len, "eepromLen": eeprom_len, "erased": erased, "banks": banks });

impl Facts {
    /// Of the answer to [`super::service::Wish::Identify`]; nothing of anything else.
    pub fn of(answer: &[u8]) -> Option<Self> {
        let (state, identity) = answer.split_first()?;
        let (state, identity) = (State::parse(*state).ok()?, Identity::parse(identity).ok()?);
        let installed = identity.application();
        let Identity { geometry, .. } = identity;
        Some(Self {
            state: state.to_string(),
            why: identity.why.to_string(),
            protocol: identity.protocol,
            loader: identity.loader.to_string(),
            vendor: identity.vendor,
            module_type: identity.module_type,
            hardware: identity.hardware,
            uid: identity.uid.to_string(),
            version: installed.map(|installed| installed.version.to_string()),
            len: identity.installed.len,
            digest: alloc::format!("{:08x}", identity.installed.digest),
            trial: identity.trial.to_string(),
            ring: identity.ring,
            home: identity.home,
            starts: identity.starts,
            flash_start: geometry.flash_start,
            flash_len: geometry.flash_len,
            application_start: geometry.application_start,
            ram_len: geometry.ram_len,
            page_len: geometry.page_len,
            eeprom_len: geometry.eeprom_len,
            erased: geometry.erased,
            banks: if geometry.banks == Banks::Two { 2 } else { 1 },
        })
    }
}

/// The [digest](crate::wire::digest) of each page of an application area, if it held this image and nothing else.
pub fn page_digests(
    image: &Image,
    start: u32,
    pages: usize,
    page_len: usize,
    erased: u8,
) -> Vec<u32> {
    let mut page = alloc::vec![0; page_len];
    let addresses = (start..).step_by(page_len.max(1)).take(pages);
    let digests = addresses.map(|address| {
        image.read_padded(address, &mut page, erased);
        digest(&page)
    });
    digests.collect()
}
