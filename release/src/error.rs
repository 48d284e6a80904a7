//! Why a release is not taken: a code that never changes, and words that say who must act.

use core::fmt;

use rackflash_core::host::image::ImageError;

use crate::manifest::{Date, MANIFEST_LEN_MAX};

/// Why a release is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReleaseError {
    /// A key that is to be trusted is none.
    Key {
        /// As it was given.
        key: String,
    },
    /// Manifest or signature are longer than any.
    TooLong,
    /// A file that should hold a whole release is cut, or something else.
    PackForm,
    /// It has no signature.
    NotSigned,
    /// The signature file is not as `minisign` writes it.
    SignatureForm,
    /// It was made with a key that is not known here.
    UnknownKey,
    /// It is not over this manifest.
    Signature,
    /// A later format.
    Format {
        /// What it says.
        format: String,
    },
    /// What was signed is no manifest.
    Manifest {
        /// In words.
        why: String,
    },
    /// It is older than one that was taken before.
    Older {
        /// Its counter.
        counter: u32,
        /// The one known.
        known: u32,
    },
    /// Its last day is over.
    Expired {
        /// That day.
        expires: Date,
        /// What the computer says of today.
        today: Date,
    },
    /// A file has not the length or the SHA-256 that were signed.
    OtherFile {
        /// Its name.
        file: String,
    },
    /// A file is not what the manifest says of it.
    OtherImage {
        /// Its name.
        file: String,
    },
    /// A file is no image.
    Image {
        /// Its name.
        file: String,
        /// Why.
        error: ImageError,
    },
}

impl ReleaseError {
    /// What was signed is no manifest, and this is why.
    pub const fn manifest(why: String) -> Self {
        Self::Manifest { why }
    }

    /// What the page and the documentation call it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Key { .. } => "release-bad-key",
            Self::TooLong => "release-too-long",
            Self::PackForm => "release-pack-form",
            Self::NotSigned => "release-not-signed",
            Self::SignatureForm => "release-signature-form",
            Self::UnknownKey => "release-unknown-key",
            Self::Signature => "release-signature",
            Self::Format { .. } => "release-format",
            Self::Manifest { .. } => "release-manifest",
            Self::Older { .. } => "release-older",
            Self::Expired { .. } => "release-expired",
            Self::OtherFile { .. } => "release-other-file",
            Self::OtherImage { .. } => "release-other-image",
            Self::Image { .. } => "release-image",
        }
    }
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { key } => {
                write!(f, "{key:?} is no public key of minisign that anybody may rely on; ask the maker for the right one")
            }
            Self::TooLong => {
                write!(f, "this is no release: its manifest is longer than {MANIFEST_LEN_MAX} bytes, or its signature than any; download it again")
            }
            Self::PackForm => {
                f.write_str("this file holds no whole release; copy or download it again")
            }
            Self::NotSigned => {
                f.write_str("the release is not signed; its maker signs it with `rackflash release sign`")
            }
            Self::SignatureForm => {
                f.write_str("the release's signature is damaged; download the release again")
            }
            Self::UnknownKey => {
                f.write_str("the release was signed by somebody else than this program's maker, or with a later key; get it from the maker, and use the newest version of this program")
            }
            Self::Signature => {
                f.write_str("the release is not as its maker has signed it; download it again from the maker")
            }
            Self::Format { format } => {
                write!(f, "the release is of the kind {format:?}; use a newer version of this program")
            }
            Self::Manifest { why } => {
                write!(f, "the release says what cannot be ({why}); tell its maker")
            }
            Self::Older { counter, known } => {
                write!(f, "this is release number {counter}, and number {known} is known already: older than installed; get the newest release")
            }
            Self::Expired { expires, today } => {
                write!(f, "the release could be installed until {expires}, and this computer says that it is {today}; get the newest release, or set the computer's clock")
            }
            Self::OtherFile { file } => {
                write!(f, "{file} is not the file that belongs to the release; download the release again")
            }
            Self::OtherImage { file } => {
                write!(f, "{file} is for another module or of another version than the release says; tell its maker")
            }
            Self::Image { file, error } => write!(f, "{file}: {error}"),
        }
    }
}

impl core::error::Error for ReleaseError {}
