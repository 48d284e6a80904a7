//! The images on offer, on which terms, and which of them is for a module.

use alloc::vec::Vec;

use super::image::{Image, ImageError};
use super::plan;
use super::rack::Problem;
use crate::wire::header::ImageHeader;
use crate::wire::identity::Identity;
use crate::wire::module::Uid;
use crate::wire::version::Version;

/// Images that say what they are for.
#[derive(Debug, Default)]
pub struct Catalog {
    offers: Vec<Offer>,
    /// What somebody has chosen for one module by hand.
    chosen: Vec<(Uid, Offer)>,
}

/// An image that says what it is for.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What it says.
    pub header: ImageHeader,
    /// All of it.
    pub image: Image,
    /// What else must hold.
    pub terms: Terms,
}

/// What must hold before an image may replace what a module has. Without a signed release: the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Whether it may replace a newer version.
    pub rollback: Rollback,
    /// The oldest loader that can take it.
    pub loader_min: Version,
}

/// Whether an image may replace a newer version that the module has confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rollback {
    /// It may not.
    #[default]
    Refused,
    /// Its maker has signed that it may.
    Allowed,
}

impl Offer {
    /// An image on the usual terms. One that does not say what it is for is none.
    pub fn new(image: Image) -> Result<Self, ImageError> {
        Ok(Self { header: image.header()?, image, terms: Terms::default() })
    }
}

impl Catalog {
    /// Adds an image.
    pub fn add(&mut self, offer: Offer) {
        self.offers.push(offer);
    }

    /// From now on the module gets this image, and no other.
    pub(super) fn choose(&mut self, module: Uid, offer: Offer) {
        self.chosen.retain(|(uid, _)| *uid != module);
        self.chosen.push((module, offer));
    }

    /// From now on each module gets what is best for it again.
    pub(super) fn choose_none(&mut self) {
        self.chosen.clear();
    }

    /// The image that was chosen for the module, else the newest one for it, or why there is none.
    pub fn best_for(&self, identity: &Identity) -> Result<&Offer, Problem> {
        if let Some((_, offer)) = self.chosen.iter().find(|(uid, _)| *uid == identity.uid) {
            return plan::matches(offer, identity).map(|()| offer);
        }
        let fitting = self.offers.iter().filter(|offer| plan::matches(offer, identity).is_ok());
        let best = fitting.max_by_key(|offer| offer.header.version);
        best.ok_or_else(|| self.why_none(identity))
    }

    /// The headers of the images.
    pub fn headers(&self) -> impl Iterator<Item = &ImageHeader> {
        self.offers.iter().map(|offer| &offer.header)
    }

    /// An image for the same type but other hardware, or an older one, is worth telling from none at all.
    fn why_none(&self, identity: &Identity) -> Problem {
        let reasons = self.offers.iter().map(|offer| plan::matches(offer, identity));
        let mut near = reasons.filter_map(Result::err).filter(|why| *why != Problem::WrongType);
        near.next().unwrap_or(Problem::NoImage)
    }
}
