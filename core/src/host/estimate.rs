//! How long it will take to update all that can be updated, before it begins: as long as the slower of flash and bus. Refuses
//! to guess what a flash holds already: it takes every page for another.

use alloc::vec::Vec;

use super::catalog::{Catalog, Offer};
use super::rack::{Module, Presence, Rack};
use crate::wire::identity::{Banks, Geometry, Why};
use crate::wire::message::{BUSES_MAX, Bus};

/// A page is erased, then its halves are programmed: 3.28 ms each, which is typical of this family (STM32L0 and L1).
const PAGE_SECONDS: f32 = 3.0 * 3.28e-3;
/// A page on the bus, in clocks: the address, 8 bytes around 128, a status of 5, and each byte is acknowledged.
const PAGE_CLOCKS: f32 = 142.0 * 9.0;
/// To compare, to check the whole and to start it.
const AROUND_SECONDS: f32 = 0.1;

/// In seconds; nothing where nothing is to be done.
pub(super) fn seconds(rack: &Rack, catalog: &Catalog) -> Option<f32> {
    let base = rack.base.as_ref()?;
    let (mut longest, mut on_bus) = (0.0, [0.0; BUSES_MAX]);
    let mut sent: Vec<(Bus, *const Offer)> = Vec::new();
    for module in &rack.modules {
        let Some(offer) = wanted(module, catalog) else { continue };
        let bytes = u32::try_from(offer.image.span_len()).unwrap_or_default();
        let memories = &module.identity.geometry;
        let pages = |bytes: u32| (bytes / u32::from(memories.page_len.max(1))) as f32;
        longest = later(longest, pages(in_a_row(bytes, memories)) * PAGE_SECONDS);
        // Modules that take the same image are sent it together.
        let sending = (module.bus, core::ptr::from_ref(offer));
        let bus = usize::from(module.bus.0);
        if let (Some(time), Some(info)) = (on_bus.get_mut(bus), base.buses.get(bus))
            && !sent.contains(&sending)
        {
            sent.push(sending);
            *time += pages(bytes) * PAGE_CLOCKS / info.clock_hz as f32;
            longest = later(longest, *time);
        }
    }
    (longest > 0.0).then_some(longest + AROUND_SECONDS)
}

/// What it is to get, if it does not run that already.
fn wanted<'a>(module: &Module, catalog: &'a Catalog) -> Option<&'a Offer> {
    let offer = catalog.best_for(&module.identity).ok()?;
    let runs = module.identity.why == Why::Runs && module.installed() == Some(offer.header.version);
    (module.presence == Presence::Here && !runs).then_some(offer)
}

/// How many bytes are written one after the other: of two banks the one that gets more.
fn in_a_row(bytes: u32, memories: &Geometry) -> u32 {
    let first = (memories.flash_len / 2).wrapping_add(memories.flash_start);
    let in_first = match memories.banks {
        Banks::One => bytes,
        Banks::Two => bytes.min(first.saturating_sub(memories.application_start)),
    };
    in_first.max(bytes - in_first)
}

/// Neither is ever no number: the library's `max`, which minds that, is larger.
fn later(one: f32, other: f32) -> f32 {
    if other > one { other } else { one }
}
