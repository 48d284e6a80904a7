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
pub mod trust;

pub use error::ReleaseError;

use rackflash_core::host::catalog::{Offer, Rollback, Terms};
use rackflash_core::host::image::Image;
use sha2::{Digest, Sha256};

use manifest::{Date, Manifest, Part};
use trust::Keys;

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

impl Release {
    /// From the bytes of `release.json` and `release.json.minisig`.
    ///
    /// # Errors
    /// Whatever [`ReleaseError`] has of signature, manifest, counter and date.
    pub fn open(
        manifest: &[u8],
        signature: &[u8],
        keys: &Keys,
        known: Known,
    ) -> Result<Self, ReleaseError> {
        keys.check(manifest, signature)?;
        let manifest = Manifest::parse(manifest)?;
        if manifest.counter < known.counter {
            return Err(ReleaseError::Older { counter: manifest.counter, known: known.counter });
        }
        match (manifest.expires, known.today) {
            (Some(expires), Some(today)) if expires < today => {
                Err(ReleaseError::Expired { expires, today })
            }
            _ => Ok(Self { manifest }),
        }
    }

    /// What it says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// An image of it, from the bytes of its file.
    ///
    /// # Errors
    /// The file is not the one that was signed, or not what the manifest says of it.
    pub fn offer(&self, part: &Part, file: &[u8]) -> Result<Offer, ReleaseError> {
        let name = || part.file.clone();
        if u32::try_from(file.len()) != Ok(part.len) || sha256(file) != part.sha256 {
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

/// As the manifest writes it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
