//! Whether a claim is true, and what a file's hash is, where no browser tells.

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::manifest::hex;
use crate::trust::Claim;

/// By the strict rules: no key and no signature that has another form.
pub fn holds(claim: &Claim) -> bool {
    let signature = Signature::from_bytes(&claim.signature);
    let key = VerifyingKey::from_bytes(&claim.key);
    key.is_ok_and(|key| key.verify_strict(&claim.message, &signature).is_ok())
}

/// A file's SHA-256, as the manifest writes it.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
