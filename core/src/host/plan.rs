//! This image for that module: checked once, when it is made. If a [`Plan`] exists, it fits.

use core::num::NonZeroU32;
use core::ops::Range;

use super::catalog::{Offer, Rollback};
use super::image::{Flash, Pages};
use super::order::Banks;
use super::rack::Problem;
use crate::wire::identity::{self, Geometry, Identity, Trial, Why};
use crate::wire::module::{Begin, DATA_LEN_MAX, Request};
use crate::wire::version::Version;

/// The most flash a module may claim: ten times what the largest of its family has. Bounds what a lying module costs.
const FLASH_LEN_MAX: u32 = 2 * 1024 * 1024;

/// Where every Cortex-M has its RAM, and a stack can be.
const RAM: Range<u32> = 0x2000_0000..0x4000_0000;

/// What an update will do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The image's version.
    pub version: Version,
    pub(super) begin: Begin,
    geometry: Geometry,
    start: u32,
    pages: Pages,
}

impl Plan {
    /// The image on `offer` for the module that says `identity` of itself.
    pub fn new(offer: &Offer, identity: &Identity) -> Result<Self, Problem> {
        let geometry = &identity.geometry;
        let flash = application_flash(geometry)?;
        matches(offer, identity)?;
        let Offer { header, image, .. } = offer;
        let ram = geometry.ram_start..geometry.ram_start.saturating_add(geometry.ram_len);
        image.vectors(ram, flash.area.clone())?;
        let pages = image.pages(&flash)?;
        let range = pages.range();
        let begin = Begin {
            vendor: header.vendor,
            module_type: header.module_type,
            hardware: header.hardware,
            version: header.version,
            len: range.end.saturating_sub(range.start),
            digest: pages.digest(),
            group: None,
        };
        Ok(Self { version: header.version, begin, geometry: *geometry, start: range.start, pages })
    }

    /// Whether it is what the plan of another module would be, for which the same image is best.
    pub(super) fn is_for(&self, identity: &Identity) -> bool {
        self.geometry == identity.geometry
    }

    /// Whether a module says that it has the image, whole. A record that led nowhere does not count: it is written anew, so
    /// that its image is tried anew. Nor does one that nobody has confirmed, unless the module has told this host that it is
    /// proven: power may have failed while it was written, and then it reads well today and not tomorrow.
    pub(super) fn is_recorded(&self, identity: &Identity, is_proven: bool) -> bool {
        let counts = identity.trial == Trial::Confirmed || is_proven;
        counts
            && !matches!(identity.why, Why::NeverConfirmed | Why::Damaged)
            && identity.application().is_some_and(|installed| {
                (installed.digest, installed.len) == (self.begin.digest, self.begin.len)
            })
    }

    /// Asks for the digest over what the image covers.
    pub(super) fn digest_request(&self) -> Request<'static> {
        Request::Digest { start: self.start, len: self.begin.len }
    }

    /// How the module's flash banks share the pages, if they work in parallel.
    pub(super) fn banks(&self, ring: u8) -> Option<Banks> {
        let g = &self.geometry;
        let before = g.application_start.checked_sub(g.flash_start)?;
        let first = (g.flash_len / 2).checked_sub(before)?.checked_div(g.page_len.into())?;
        let second = u16::try_from(first).ok()?;
        (g.banks == identity::Banks::Two).then_some(Banks { second, ring })
    }

    /// How many pages the image has.
    pub fn pages(&self) -> u16 {
        u16::try_from(self.pages.iter().len()).unwrap_or(u16::MAX)
    }

    /// The digest of the image.
    pub fn digest(&self) -> u32 {
        self.begin.digest
    }

    /// The bytes of a page.
    pub(super) fn page(&self, page: u16) -> &[u8] {
        self.pages.page(page.into()).unwrap_or_default()
    }
}

/// Whether an image is for a module: its vendor, type and hardware revision, its loader, and no older than what the module
/// runs.
pub(super) fn matches(offer: &Offer, identity: &Identity) -> Result<(), Problem> {
    let Offer { header, terms, .. } = offer;
    if (header.vendor, header.module_type) != (identity.vendor, identity.module_type) {
        Err(Problem::WrongType)
    } else if !header.hardware.contains(identity.hardware) {
        Err(Problem::WrongHardware)
    } else if identity.loader < terms.loader_min {
        Err(Problem::LoaderOlder)
    } else if terms.rollback == Rollback::Refused
        && proven(identity).is_some_and(|proven| header.version < proven)
    {
        Err(Problem::Older)
    } else {
        Ok(())
    }
}

/// The version that a module has confirmed, and would start: below it nobody falls back. What never started, or is damaged,
/// keeps no older version from coming back.
fn proven(identity: &Identity) -> Option<Version> {
    let installed = identity.application().filter(|_| identity.trial == Trial::Confirmed)?;
    (!matches!(identity.why, Why::NeverConfirmed | Why::Damaged)).then_some(installed.version)
}

/// Where applications may be, if what the module says of its memories can be.
pub(super) fn application_flash(g: &Geometry) -> Result<Flash, Problem> {
    let page_len = NonZeroU32::new(g.page_len.into()).ok_or(Problem::BadIdentity)?;
    let end = g.flash_start.checked_add(g.flash_len).ok_or(Problem::BadIdentity)?;
    let ram_end = g.ram_start.checked_add(g.ram_len).ok_or(Problem::BadIdentity)?;
    let sound = g.page_len.is_power_of_two()
        && g.program_len.is_power_of_two()
        && (4..=DATA_LEN_MAX).contains(&usize::from(g.page_len))
        && g.program_len <= g.page_len
        && g.flash_len <= FLASH_LEN_MAX
        && g.flash_len / page_len <= u32::from(u16::MAX)
        && (g.flash_start..end).contains(&g.application_start)
        && RAM.contains(&g.ram_start)
        && (g.ram_start + 1..=RAM.end).contains(&ram_end)
        && g.application_start.wrapping_sub(g.flash_start).is_multiple_of(page_len.get());
    let area = g.application_start..end;
    if sound { Ok(Flash { area, page_len, erased: g.erased }) } else { Err(Problem::BadIdentity) }
}
