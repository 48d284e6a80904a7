//! `release.json`: what a release is, and each of its images. Refuses what it does not know to the last field.

use core::fmt;
use core::str::FromStr;
use std::collections::BTreeMap;

use rackflash_core::wire::header::ImageHeader;
use rackflash_core::wire::version::Version;
#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};

use crate::ReleaseError;

/// The longest `release.json`, in bytes. Notes in a dozen languages and the images of a hundred modules take less.
pub const MANIFEST_LEN_MAX: usize = 256 * 1024;
/// What is described here.
pub const FORMAT: &str = "rackflash-release/1";
/// The most images in a release: more than any maker has modules.
pub const IMAGES_MAX: usize = 256;
/// The longest name of a file.
const FILE_NAME_LEN_MAX: usize = 100;

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Manifest {
    /// [`FORMAT`]. It tells this signature from any other that the key has made.
    pub format: String,
    /// What people call it.
    pub id: String,
    /// Grows from release to release: an old one cannot pass for a new one.
    pub counter: u32,
    /// For whom it is: "stable", "beta".
    pub channel: String,
    /// The last day on which it may be taken.
    #[cfg_attr(feature = "json", serde(default, skip_serializing_if = "Option::is_none"))]
    pub expires: Option<Date>,
    /// What is new, by language: "en", "de".
    #[cfg_attr(feature = "json", serde(default, skip_serializing_if = "BTreeMap::is_empty"))]
    pub notes: BTreeMap<String, String>,
    /// Its images.
    pub images: Vec<Part>,
}

/// An image of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Part {
    /// The name of its file, beside `release.json`: what the flash is to hold, from `flash_start` on.
    pub file: String,
    /// Who made the module.
    pub vendor: u16,
    /// Which module.
    pub module_type: u16,
    /// The first and the last hardware revision it is for.
    pub hardware: [u8; 2],
    /// Its version.
    pub version: Dotted,
    /// The oldest loader that can take it.
    #[cfg_attr(feature = "json", serde(default))]
    pub loader_min: Dotted,
    /// The signed exception: it may replace a newer version.
    #[cfg_attr(feature = "json", serde(default, skip_serializing_if = "is_false"))]
    pub replaces_newer: bool,
    /// Where its application looks for settings that older versions had elsewhere: by what was there before, oldest first.
    #[cfg(feature = "settings")]
    #[cfg_attr(feature = "json", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub eeprom: Vec<Layout>,
    /// Its first address.
    pub flash_start: u32,
    /// Its bytes.
    pub len: u32,
    /// Of its file: 64 hexadecimal digits, lower case.
    pub sha256: String,
}

/// What modules that run an older version than `below` have elsewhere in their data EEPROM.
#[cfg(feature = "settings")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Layout {
    /// The first version that is not meant.
    pub below: Dotted,
    /// What was where, and will be where. The rest stays as the new application leaves it.
    pub moves: Vec<Move>,
}

/// The same bytes at another place, in whole words.
#[cfg(feature = "settings")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Move {
    /// Where they were, from the start of the EEPROM.
    pub from: u16,
    /// Where they are afterwards.
    pub to: u16,
    /// How many.
    pub len: u16,
}

#[cfg(feature = "json")]
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Manifest {
    /// From bytes that may be anybody's: to look at, never to install from.
    ///
    /// # Errors
    /// They are no manifest.
    #[cfg(feature = "json")]
    pub fn parse_untrusted(bytes: &[u8]) -> Result<Self, ReleaseError> {
        if bytes.len() > MANIFEST_LEN_MAX {
            return Err(ReleaseError::TooLong);
        }
        let manifest = Self::parse(bytes)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// From bytes whose signature has been checked; what is in them has not.
    #[cfg(feature = "json")]
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ReleaseError> {
        #[derive(Deserialize)]
        struct Format {
            format: String,
        }
        // First alone: a later format may have fields that this one does not know.
        let told = |error: serde_json::Error| ReleaseError::Manifest { why: error.to_string() };
        let Format { format } = serde_json::from_slice(bytes).map_err(told)?;
        if format != FORMAT {
            return Err(ReleaseError::Format { format });
        }
        serde_json::from_slice(bytes).map_err(told)
    }

    /// What its fields' types do not say.
    ///
    /// # Errors
    /// The first thing that is wrong, in words.
    pub fn check(&self) -> Result<(), ReleaseError> {
        let wrong = |why: String| Err(ReleaseError::Manifest { why });
        if self.images.is_empty() || self.images.len() > IMAGES_MAX {
            return wrong(format!("a release has 1 to {IMAGES_MAX} images"));
        }
        for (at, part) in self.images.iter().enumerate() {
            let Part { file, sha256, .. } = part;
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
            let len_fits = (1..=FILE_NAME_LEN_MAX).contains(&file.len());
            if !len_fits || file.starts_with('.') || !file.bytes().all(plain) {
                return wrong(format!("{file:?} is no plain name of a file"));
            }
            if self.images.iter().take(at).any(|before| before.file == *file) {
                return wrong(format!("{file} is there twice"));
            }
            if sha256.len() != 64 || !sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            {
                return wrong(format!("the SHA-256 of {file} is none"));
            }
            #[cfg(feature = "settings")]
            if let Err(why) = crate::settings::check(part) {
                return wrong(format!("eeprom of {file}: {why}"));
            }
        }
        Ok(())
    }
}

impl Part {
    /// Whether an image says the same of itself.
    pub(crate) fn describes(&self, header: &ImageHeader) -> bool {
        (self.vendor, self.module_type) == (header.vendor, header.module_type)
            && self.hardware == [header.hardware.lowest(), header.hardware.highest()]
            && Version::from(self.version) == header.version
    }
}

/// Bytes as the manifest writes hashes.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A version as text: "1.2.0".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "json",
    derive(Serialize, Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Dotted(Version);

impl From<Dotted> for Version {
    fn from(Dotted(version): Dotted) -> Self {
        version
    }
}

impl From<Version> for Dotted {
    fn from(version: Version) -> Self {
        Self(version)
    }
}

impl From<Dotted> for String {
    fn from(Dotted(version): Dotted) -> Self {
        version.to_string()
    }
}

impl TryFrom<String> for Dotted {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('.').collect();
        let version = match parts[..] {
            [major, minor, patch] => (major.parse(), minor.parse(), patch.parse()),
            _ => return Err(format!("{text:?} is no version; write it as in \"1.2.0\"")),
        };
        match version {
            (Ok(major), Ok(minor), Ok(patch)) => Ok(Self(Version::new(major, minor, patch))),
            _ => Err(format!("{text:?} is no version; it has numbers up to 255.255.65535")),
        }
    }
}

/// A day: "2027-01-31", as ISO 8601 writes it. Later is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "json",
    derive(Serialize, Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Date([u8; 10]);

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no day; write it as in \"2027-01-31\"");
        let bytes: [u8; 10] = text.as_bytes().try_into().map_err(|_| wrong())?;
        let fits = bytes.iter().zip(b"dddd-dd-dd").all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            form => byte == form,
        });
        let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<u8>().ok());
        let sound = number(5..7).is_some_and(|month| (1..=12).contains(&month))
            && number(8..10).is_some_and(|day| (1..=31).contains(&day));
        if fits && sound { Ok(Self(bytes)) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.0).unwrap_or_default())
    }
}
