//! Who may sign a release. Refuses every signature but the ones that the program `minisign` makes with a key that is known
//! here, byte for byte.

use blake2::{Blake2b512, Digest};
use ct_codecs::{Base64, Decoder};

use crate::ReleaseError;
use crate::manifest::MANIFEST_LEN_MAX;

/// The first line of a signature, which is not signed: as `minisign` writes it if nobody asks for another.
pub const UNTRUSTED_COMMENT: &str = "untrusted comment: signature from minisign secret key";
/// What stands before the comment that is signed.
const TRUSTED: &str = "trusted comment: ";
/// The longest signature file: three lines of fixed length, and a comment.
pub(crate) const SIGNATURE_LEN_MAX: usize = 1024;
/// A key's number, which its signatures name.
type KeyNumber = [u8; 8];
/// What stands before a key, and before a signature of what was hashed first.
const KEY: &[u8; 2] = b"Ed";
const PREHASHED: &[u8; 2] = b"ED";

/// A public key of Ed25519, and its number.
#[derive(Clone, Copy, Debug)]
struct Key {
    number: KeyNumber,
    point: [u8; 32],
}

/// The keys whose releases are taken: the current one and the next, so that one can be replaced by releases that are signed
/// with the other.
#[derive(Clone, Debug)]
pub struct Keys(Vec<Key>);

/// That this is the signature of this key (Ed25519, RFC 8032) over this message. Whether it is true is for others to find out:
/// a browser has its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub key: [u8; 32],
    /// Over what.
    pub message: Vec<u8>,
    /// What is to be checked.
    pub signature: [u8; 64],
}

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
            let key = decode(text).and_then(|bytes: [u8; 42]| Key::of(&bytes));
            key.ok_or_else(|| ReleaseError::Key { key: text.to_owned() })
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// What must be true of a manifest and its signature: that one of these keys has signed the manifest, and the comment.
    pub(crate) fn claims(
        &self,
        manifest: &[u8],
        signature: &[u8],
    ) -> Result<[Claim; 2], ReleaseError> {
        if manifest.len() > MANIFEST_LEN_MAX || signature.len() > SIGNATURE_LEN_MAX {
            return Err(ReleaseError::TooLong);
        }
        let parts = str::from_utf8(signature).ok().and_then(signature_parts);
        let (first, comment, second) = parts.ok_or(ReleaseError::SignatureForm)?;
        let (head, signature) =
            first.split_first_chunk::<10>().ok_or(ReleaseError::SignatureForm)?;
        let signature = <[u8; 64]>::try_from(signature).map_err(|_| ReleaseError::SignatureForm)?;
        let key = self.0.iter().find(|key| head.ends_with(&key.number));
        let key = key.ok_or(ReleaseError::UnknownKey)?.point;
        if !head.starts_with(PREHASHED) {
            return Err(ReleaseError::Signature);
        }
        let message = Blake2b512::digest(manifest).to_vec();
        let both = [&signature, comment.as_bytes()].concat();
        Ok([Claim { key, message, signature }, Claim { key, message: both, signature: second }])
    }
}

impl Key {
    fn of(bytes: &[u8; 42]) -> Option<Self> {
        let (head, point) = bytes.split_first_chunk::<10>()?;
        let (kind, number) = head.split_first_chunk::<2>()?;
        let (number, point) = (number.try_into().ok()?, <[u8; 32]>::try_from(point).ok()?);
        (kind == KEY && !is_weak(point)).then_some(Self { number, point })
    }
}

/// The signature, the comment and the signature over both, of a file as `minisign` writes it: what the signatures do not cover
/// must not differ either.
fn signature_parts(file: &str) -> Option<([u8; 74], &str, [u8; 64])> {
    let lines: Vec<&str> = file.split('\n').collect();
    let [UNTRUSTED_COMMENT, first, comment, second, ""] = lines[..] else { return None };
    let comment = comment.strip_prefix(TRUSTED).filter(|comment| !comment.contains('\r'))?;
    Some((decode(first)?, comment, decode(second)?))
}

/// Exactly so many bytes, in the one way to write them.
fn decode<const LEN: usize>(text: &str) -> Option<[u8; LEN]> {
    let mut bytes = [0; LEN];
    let len = Base64::decode(&mut bytes, text, None).ok()?.len();
    (len == LEN).then_some(bytes)
}

/// Whether a key is one of the points of small order on Curve25519, for which there are signatures that fit any text. No
/// key that `minisign` makes is one. Bit 255 is the sign: both are.
fn is_weak(mut point: [u8; 32]) -> bool {
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
