//! What the maker of a release does: has a key, describes images, signs. For the command line and tests; the page has none
//! of it.

use core::fmt;

use ct_codecs::{Base64, Decoder};
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use rackflash_core::host::image::{Image, ImageError};

use crate::ReleaseError;
use crate::manifest::{Dotted, Part};
use crate::trust::UNTRUSTED_COMMENT;
use crate::verify::sha256;

/// The first line of a secret key's file.
const SECRET_COMMENT: &str = "minisign secret key";
/// What is signed along. When is nobody's business but the maker's.
const TRUSTED_COMMENT: &str = "file:release.json\thashed";

/// A key with which releases are signed.
#[derive(Clone, Debug)]
pub struct Signer(KeyPair);

/// A new key, as `minisign` writes it into its two files.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// To be kept where nobody else reads it.
    pub secret_file: String,
    /// For everybody.
    pub public_file: String,
    /// What is built into programs: the second line of the public file.
    pub public: String,
}

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The computer gave no random numbers.
    NotMade {
        /// In words.
        why: String,
    },
    /// The file holds no secret key.
    NoKey,
    /// It is another password, or the file is damaged.
    WrongPassword,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMade { why } => write!(f, "no key could be made ({why}); try again"),
            Self::NoKey => f.write_str(
                "this is no secret key; name the file that `rackflash key new` or `minisign -G` made",
            ),
            Self::WrongPassword => {
                f.write_str("the password is not this key's, or the file is damaged; try again")
            }
        }
    }
}

impl core::error::Error for KeyError {}

impl NewKey {
    /// With a password it is of no use to whoever finds the file.
    ///
    /// # Errors
    /// [`KeyError::NotMade`]
    pub fn make(password: Option<String>) -> Result<Self, KeyError> {
        let not_made = |error: minisign::PError| KeyError::NotMade { why: error.to_string() };
        let pair = match password {
            None => KeyPair::generate_unencrypted_keypair(),
            password => KeyPair::generate_encrypted_keypair(password),
        };
        let pair = pair.map_err(not_made)?;
        Ok(Self {
            secret_file: pair.sk.to_box(Some(SECRET_COMMENT)).map_err(not_made)?.to_string(),
            public_file: pair.pk.to_box().map_err(not_made)?.to_string(),
            public: pair.pk.to_base64(),
        })
    }
}

impl Signer {
    /// From a secret key's file. `password` is asked only if the key has one.
    ///
    /// # Errors
    /// It is none, or stays closed.
    pub fn open<E: From<KeyError>>(
        file: &str,
        password: impl FnOnce() -> Result<String, E>,
    ) -> Result<Self, E> {
        let bytes = file.lines().nth(1).and_then(|line| Base64::decode_to_vec(line, None).ok());
        let sealed = bytes.and_then(|bytes| SecretKey::from_bytes(&bytes).ok());
        let sealed = sealed.ok_or(KeyError::NoKey)?;
        let sk = if sealed.is_encrypted() {
            let file = SecretKeyBox::from_string(file).map_err(|_| KeyError::NoKey)?;
            file.into_secret_key(Some(password()?)).map_err(|_| KeyError::WrongPassword)?
        } else {
            sealed
        };
        let pk = PublicKey::from_secret_key(&sk).map_err(|_| KeyError::NoKey)?;
        Ok(Self(KeyPair { pk, sk }))
    }

    /// What others check its releases with.
    pub fn public(&self) -> String {
        self.0.pk.to_base64()
    }

    /// The signature file for a manifest: another each time.
    ///
    /// # Errors
    /// [`ReleaseError::SignatureForm`], if it could not be made.
    pub fn sign(&self, manifest: &[u8]) -> Result<String, ReleaseError> {
        let untrusted = UNTRUSTED_COMMENT.trim_start_matches("untrusted comment: ");
        let KeyPair { pk, sk } = &self.0;
        let signed = minisign::sign(Some(pk), sk, manifest, Some(TRUSTED_COMMENT), Some(untrusted));
        signed.map(|signature| signature.to_string()).map_err(|_| ReleaseError::SignatureForm)
    }
}

/// What a manifest says of an image, and the bytes of its file.
///
/// # Errors
/// The image does not say what it is for, or spreads over more than any module has.
pub fn describe(image: &Image) -> Result<(Part, Vec<u8>), ImageError> {
    let header = image.header()?;
    let bytes = image.to_binary()?;
    let name: String = header.name.to_string().to_lowercase();
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let part = Part {
        file: format!("{name}-{}.bin", header.version),
        vendor: header.vendor,
        module_type: header.module_type,
        hardware: [header.hardware.lowest(), header.hardware.highest()],
        version: header.version.into(),
        loader_min: Dotted::default(),
        replaces_newer: false,
        eeprom: Vec::new(),
        flash_start: image.start(),
        len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        sha256: sha256(&bytes),
    };
    Ok((part, bytes))
}
