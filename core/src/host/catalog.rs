//! The images on offer, and which of them is for a module.

use alloc::vec::Vec;

use super::image::{Image, ImageError};
use super::plan;
use super::rack::Problem;
use crate::wire::header::ImageHeader;
use crate::wire::identity::Identity;

/// Images that say what they are for.
#[derive(Debug, Default)]
pub struct Catalog {
    images: Vec<(ImageHeader, Image)>,
}

impl Catalog {
    /// Adds an image. One that does not say what it is for is not taken.
    pub fn add(&mut self, image: Image) -> Result<ImageHeader, ImageError> {
        let header = image.header()?;
        self.images.push((header, image));
        Ok(header)
    }

    /// The newest image for the module with its header, or why there is none.
    pub fn best_for(&self, identity: &Identity) -> Result<&(ImageHeader, Image), Problem> {
        let fitting =
            self.images.iter().filter(|(header, _)| plan::matches(header, identity).is_ok());
        let best = fitting.max_by_key(|(header, _)| header.version);
        best.ok_or_else(|| self.why_none(identity))
    }

    /// The headers of the images.
    pub fn headers(&self) -> impl Iterator<Item = &ImageHeader> {
        self.images.iter().map(|(header, _)| header)
    }

    /// An image for the same type but other hardware, or an older one, is worth telling from none at all.
    fn why_none(&self, identity: &Identity) -> Problem {
        let reasons = self.images.iter().map(|(header, _)| plan::matches(header, identity));
        let mut near = reasons.filter_map(Result::err).filter(|why| *why != Problem::WrongType);
        near.next().unwrap_or(Problem::NoImage)
    }
}
