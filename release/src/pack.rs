//! A release as one file, for a USB stick. Refuses every file that is not exactly as long as it says.
//!
//! ```text
//!   0   8  "RACKPACK"
//!   8   4  length of the signature, little-endian
//!  12   4  length of the manifest
//!  16      release.json.minisig, release.json, then the images' files in the manifest's order, without anything between
//! ```
//!
//! Only the two lengths are read before the signature has been checked.

use crate::ReleaseError;
use crate::manifest::{MANIFEST_LEN_MAX, Manifest};
use crate::trust::SIGNATURE_LEN_MAX;

/// What such a file's name ends with.
pub const EXTENSION: &str = "rackpack";
const MAGIC: &[u8; 8] = b"RACKPACK";

/// The parts of such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pack<'a> {
    /// The bytes of `release.json.minisig`.
    pub signature: &'a [u8],
    /// The bytes of `release.json`.
    pub manifest: &'a [u8],
    /// All the images' files, one behind the other. Which of them is how long the manifest says, once it may be believed.
    pub files: &'a [u8],
}

impl<'a> Pack<'a> {
    /// Whether a file is meant as one.
    pub fn is_one(file: &[u8]) -> bool {
        file.starts_with(MAGIC)
    }

    /// Takes a file apart.
    ///
    /// # Errors
    /// It is too short for what it says, or says that signature or manifest are longer than any.
    pub fn split(file: &'a [u8]) -> Result<Self, ReleaseError> {
        let rest = file.strip_prefix(MAGIC).ok_or(ReleaseError::PackForm)?;
        let (signature_len, rest) = length(rest, SIGNATURE_LEN_MAX)?;
        let (manifest_len, rest) = length(rest, MANIFEST_LEN_MAX)?;
        let (signature, rest) = cut(rest, signature_len)?;
        let (manifest, files) = cut(rest, manifest_len)?;
        Ok(Self { signature, manifest, files })
    }

    /// The images' files, in the manifest's order. Whether they are the right ones is [`crate::Release::offer`]'s to say.
    ///
    /// # Errors
    /// They are longer or shorter than the manifest says.
    pub fn files(&self, manifest: &Manifest) -> Result<Vec<&'a [u8]>, ReleaseError> {
        let mut rest = self.files;
        let mut files = Vec::new();
        for part in &manifest.images {
            let (file, behind) = cut(rest, usize::try_from(part.len).unwrap_or(usize::MAX))?;
            files.push(file);
            rest = behind;
        }
        if rest.is_empty() { Ok(files) } else { Err(ReleaseError::PackForm) }
    }

    /// The file for these parts; `files` in the manifest's order.
    ///
    /// # Errors
    /// Signature or manifest are longer than any.
    pub fn join<'b>(
        signature: &[u8],
        manifest: &[u8],
        files: impl IntoIterator<Item = &'b [u8]>,
    ) -> Result<Vec<u8>, ReleaseError> {
        let mut pack = MAGIC.to_vec();
        for (bytes, most) in [(signature, SIGNATURE_LEN_MAX), (manifest, MANIFEST_LEN_MAX)] {
            let len = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= most);
            pack.extend(len.ok_or(ReleaseError::TooLong)?.to_le_bytes());
        }
        pack.extend_from_slice(signature);
        pack.extend_from_slice(manifest);
        files.into_iter().for_each(|file| pack.extend_from_slice(file));
        Ok(pack)
    }
}

fn length(bytes: &[u8], most: usize) -> Result<(usize, &[u8]), ReleaseError> {
    let (len, rest) = bytes.split_first_chunk().ok_or(ReleaseError::PackForm)?;
    let len = usize::try_from(u32::from_le_bytes(*len)).unwrap_or(usize::MAX);
    if len > most { Err(ReleaseError::TooLong) } else { Ok((len, rest)) }
}

fn cut(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8]), ReleaseError> {
    bytes.split_at_checked(at).ok_or(ReleaseError::PackForm)
}
