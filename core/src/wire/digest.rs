//! The digest of contents: pages and images, not frames. MurmurHash3 (x86, 32 bits) with seed 0.
//!
//! Not a CRC, because a CRC is blind to data that carries its own: two image headers that differ, each ended by its
//! CRC-32, leave the CRC-32 of the page around them the same, and the page would be taken for equal. Not SHA-256, because
//! a module hashes all of its flash at each start and twice in an update: at 99 cycles a byte that is 0.2 s for 64 KB on a
//! Cortex-M0+ at 32 MHz, at six cycles a byte it is 12 ms. It tells contents apart; it is no signature. Of all such digests
//! it is among the smallest: one word of state, and a word of flash at a time. One word that differs always shows.

/// Of `bytes`.
pub fn digest(bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks();
    let mut digest = Digest::new();
    words.iter().for_each(|word| digest.add(u32::from_le_bytes(*word)));
    if !rest.is_empty() {
        let mut last = [0; 4];
        super::put(&mut last, rest);
        digest.0 ^= mixed(u32::from_le_bytes(last));
    }
    digest.finish(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
}

/// A digest that grows: over flash that is read word by word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(u32);

impl Digest {
    /// Of no words yet.
    pub const fn new() -> Self {
        Self(0)
    }

    /// Adds a word.
    #[inline]
    pub const fn add(&mut self, word: u32) {
        let digest = (self.0 ^ mixed(word)).rotate_left(13);
        self.0 = digest.wrapping_mul(5).wrapping_add(0xe654_6b64);
    }

    /// The digest of all words that were added: so many bytes.
    pub const fn finish(self, len: u32) -> u32 {
        let mut digest = self.0 ^ len;
        digest = (digest ^ digest >> 16).wrapping_mul(0x85eb_ca6b);
        digest = (digest ^ digest >> 13).wrapping_mul(0xc2b2_ae35);
        digest ^ digest >> 16
    }
}

const fn mixed(word: u32) -> u32 {
    word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}
