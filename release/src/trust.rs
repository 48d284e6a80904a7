//! Who may sign a release. Refuses every signature but the ones that the program `minisign` makes with a key that is known
//! here, byte for byte.

use minisign_verify::{Error, PublicKey, Signature};

use crate::ReleaseError;
use crate::manifest::MANIFEST_LEN_MAX;

/// The first line of a signature, which is not signed: as `minisign` writes it if nobody asks for another.
pub const UNTRUSTED_COMMENT: &str = "untrusted comment: signature from minisign secret key";
/// The longest signature file: three lines of fixed length, and a comment.
pub(crate) const SIGNATURE_LEN_MAX: usize = 1024;
/// What stands before the 32 bytes of a public key: "Ed" and the key's number.
const KEY_BEFORE_LEN: usize = 2 + 8;

/// The keys whose releases are taken: the current one and the next, so that one can be replaced by releases that are signed
/// with the other.
#[derive(Clone, Debug)]
pub struct Keys(Vec<PublicKey>);

/// The key of whoever built this, in base64; and the next one, which becomes the current one when that is replaced. Set by
/// `RACKFLASH_KEY` and `RACKFLASH_KEY_NEXT` when this is compiled; without them, the example's.
pub const PINNED: [&str; 2] =
    match (option_env!("RACKFLASH_KEY"), option_env!("RACKFLASH_KEY_NEXT")) {
        (Some(current), Some(next)) => [current, next],
        (Some(current), None) => [current, current],
        (None, _) => EXAMPLE,
    };

/// Whether nobody's key is built in but the example's, with which everybody can sign.
pub const IS_EXAMPLE: bool = option_env!("RACKFLASH_KEY").is_none();

/// The public keys of `release/example`, whose secret halves everybody has: for the demo, and for who has no key yet.
pub const EXAMPLE: [&str; 2] = [
    "RWScYeBwLf/9L6fZMuGb6JkoLbHhtPzDFFyx6RC/XnR5bc/CK97X8cqw",
    "RWQj0L4VBgcAqYjaNWNxYyueKt49s9h2mJauZjKgKDoryTH/9Fkmf+mr",
];

impl Keys {
    /// From public keys as `minisign` prints them, in base64.
    ///
    /// # Errors
    /// One is none, or one with which anybody could sign.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<Self, ReleaseError> {
        let keys = keys.into_iter().map(|text| {
            let key = PublicKey::from_base64(text).ok().filter(|_| !is_weak(text));
            key.ok_or_else(|| ReleaseError::Key { key: text.to_owned() })
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of them has signed the manifest.
    pub(crate) fn check(&self, manifest: &[u8], signature: &[u8]) -> Result<(), ReleaseError> {
        if manifest.len() > MANIFEST_LEN_MAX || signature.len() > SIGNATURE_LEN_MAX {
            return Err(ReleaseError::TooLong);
        }
        let text = str::from_utf8(signature).ok().filter(|text| is_canonical(text));
        let signature = text.and_then(|text| Signature::decode(text).ok());
        let signature = signature.ok_or(ReleaseError::SignatureForm)?;
        let mut problem = ReleaseError::UnknownKey;
        for key in &self.0 {
            match key.verify(manifest, &signature, false) {
                Ok(()) => return Ok(()),
                Err(Error::UnexpectedKeyId) => {}
                Err(_) => problem = ReleaseError::Signature,
            }
        }
        Err(problem)
    }
}

/// Whether it is written in the one way: what the signature itself does not cover must not differ either.
fn is_canonical(text: &str) -> bool {
    let lines: Vec<&str> = text.split('\n').collect();
    matches!(lines[..], [UNTRUSTED_COMMENT, _, comment, _, ""] if !comment.contains('\r'))
}

/// Whether a key is one of the points of small order on Curve25519, for which there are signatures that fit any text. No
/// key that `minisign` makes is one. Bit 255 is the sign: both are.
fn is_weak(text: &str) -> bool {
    use base64::prelude::{BASE64_STANDARD, Engine};
    let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
    let point = bytes.get(KEY_BEFORE_LEN..).and_then(|point| <[u8; 32]>::try_from(point).ok());
    let Some(mut point) = point else { return true };
    point[31] &= 0x7f;
    SMALL_ORDER.contains(&point)
}

/// Little-endian y: 0, 1, -1, p, p + 1 and the two of the points of order 8.
const SMALL_ORDER: [[u8; 32]; 7] = [
    small(0),
    small(1),
    near_p(0xec),
    near_p(0xed),
    near_p(0xee),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn small(lowest: u8) -> [u8; 32] {
    let mut point = [0; 32];
    point[0] = lowest;
    point
}

const fn near_p(lowest: u8) -> [u8; 32] {
    let mut point = [0xff; 32];
    (point[0], point[31]) = (lowest, 0x7f);
    point
}
