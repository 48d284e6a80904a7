//! Releases: images that a maker has signed, and on which terms they may be installed. Refuses whatever its signature does
//! not cover, before it reads it.
//!
//! A release is a folder: `release.json` ([`manifest`]), its signature as the program `minisign` makes it
//! (`release.json.minisig`), and a binary file for each image; or all of that in one file ([`pack`]). The order of trust, each step before the next:
//!
//! 1. [`trust`]: the signature, over the manifest's bytes as they are, by one of the keys that are built in.
//! 2. [`manifest`]: what the signed bytes say; that it is no older than one that was taken before, and not expired.
//! 3. [`Release::offer`]: each image's length and SHA-256, then that its own header says what the manifest says of it.
//!
//! A release that exists has passed the first two, an offer that exists the third.
#![forbid(unsafe_code)]

mod error;
#[cfg(feature = "maker")]
pub mod maker;
pub mod manifest;
pub mod pack;
#[cfg(feature = "settings")]
mod settings;
pub mod trust;
#[cfg(feature = "verify")]
pub mod verify;

pub use error::ReleaseError;

use rackflash_core::host::catalog::{Offer, Rollback, Terms};
use rackflash_core::host::image::Image;

use manifest::{Date, Manifest, Part};
use trust::{Claim, Keys};

/// The file in a release's folder that says what it is.
pub const MANIFEST_FILE: &str = "release.json";
/// Its signature.
pub const SIGNATURE_FILE: &str = "release.json.minisig";

/// What whoever takes releases knows, besides the keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// The highest counter of the releases that were taken before, or that of the day when the program was built.
    pub counter: u32,
    /// What day it is, if that is known.
    pub today: Option<Date>,
}

/// A release that may be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    manifest: Manifest,
}

/// A release whose signature is still to be checked: nothing of it has been looked at.
#[derive(Debug)]
pub struct Unverified<'a> {
    manifest: &'a [u8],
    claims: [Claim; 2],
}

impl<'a> Unverified<'a> {
    /// From the bytes of `release.json` and `release.json.minisig`.
    ///
    /// # Errors
    /// The signature is none, or of a key that is not known.
    pub fn read(manifest: &'a [u8], signature: &[u8], keys: &Keys) -> Result<Self, ReleaseError> {
        Ok(Self { manifest, claims: keys.claims(manifest, signature)? })
    }

    /// What must be true.
    pub fn claims(&self) -> &[Claim; 2] {
        &self.claims
    }

    /// The release, if every claim holds, as `parse` reads its manifest.
    ///
    /// # Errors
    /// Whatever [`ReleaseError`] has of signature, manifest, counter and date.
    pub fn open(
        self,
        holds: impl FnMut(&Claim) -> bool,
        parse: impl FnOnce(&[u8]) -> Result<Manifest, ReleaseError>,
        known: Known,
    ) -> Result<Release, ReleaseError> {
        if !self.claims.iter().all(holds) {
            return Err(ReleaseError::Signature);
        }
        let manifest = parse(self.manifest)?;
        manifest.check()?;
        if manifest.counter < known.counter {
            return Err(ReleaseError::Older { counter: manifest.counter, known: known.counter });
        }
        match (manifest.expires, known.today) {
            (Some(expires), Some(today)) if expires < today => {
                Err(ReleaseError::Expired { expires, today })
            }
            _ => Ok(Release { manifest }),
        }
    }
}

impl Release {
    /// From the bytes of `release.json` and `release.json.minisig`.
    ///
    /// # Errors
    /// Whatever [`ReleaseError`] has of signature, manifest, counter and date.
    #[cfg(all(feature = "verify", feature = "json"))]
    pub fn open(
        manifest: &[u8],
        signature: &[u8],
        keys: &Keys,
        known: Known,
    ) -> Result<Self, ReleaseError> {
        Unverified::read(manifest, signature, keys)?.open(verify::holds, Manifest::parse, known)
    }

    /// What it says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// An image of it, from the bytes of its file.
    ///
    /// # Errors
    /// The file is not the one that was signed, or not what the manifest says of it.
    #[cfg(feature = "verify")]
    pub fn offer(&self, part: &Part, file: &[u8]) -> Result<Offer, ReleaseError> {
        self.offer_hashed(part, file, &verify::sha256(file))
    }

    /// All of it: each image from what `read` brings of its file.
    ///
    /// # Errors
    /// Of `read`, or as [`Release::offer`]: the first one.
    #[cfg(feature = "verify")]
    pub fn offers<F: AsRef<[u8]>, E: From<ReleaseError>>(
        &self,
        mut read: impl FnMut(&Part) -> Result<F, E>,
    ) -> Result<Vec<Offer>, E> {
        let images = self.manifest.images.iter();
        images.map(|part| Ok(self.offer(part, read(part)?.as_ref())?)).collect()
    }

    /// The same as [`Release::offer`] where somebody else has computed the file's SHA-256, in hexadecimal digits.
    ///
    /// # Errors
    /// As [`Release::offer`].
    pub fn offer_hashed(
        &self,
        part: &Part,
        file: &[u8],
        sha256: &str,
    ) -> Result<Offer, ReleaseError> {
        let name = || part.file.clone();
        if u32::try_from(file.len()) != Ok(part.len) || sha256 != part.sha256 {
            return Err(ReleaseError::OtherFile { file: name() });
        }
        let image = Image::from_binary(file, part.flash_start);
        let offer = image.and_then(Offer::new);
        let offer = offer.map_err(|error| ReleaseError::Image { file: name(), error })?;
        if !part.describes(&offer.header) {
            return Err(ReleaseError::OtherImage { file: name() });
        }
        let rollback = if part.replaces_newer { Rollback::Allowed } else { Rollback::Refused };
        Ok(Offer { terms: Terms { rollback, loader_min: part.loader_min.into() }, ..offer })
    }
}
