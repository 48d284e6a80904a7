//! Numbers that look random and are the same on every run, for made-up values and made-up faults.

use rackflash_sim::rng::Rng;

/// A stream of numbers from a seed: the simulator's, drawn as tests want them.
#[derive(Clone, Debug)]
pub struct Numbers(Rng);

impl Numbers {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }

    /// Any number.
    pub fn u64(&mut self) -> u64 {
        self.0.u64()
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.u64() % limit
    }

    /// An index into something of this length, which is not 0.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or_default()
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        self.u64().to_le_bytes()[7]
    }

    /// Any 16 bits.
    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    /// Any 32 bits.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    /// Any bytes.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| self.byte())
    }

    /// Up to `len_max` bytes.
    pub fn bytes(&mut self, len_max: usize) -> Vec<u8> {
        (0..self.index(len_max + 1)).map(|_| self.byte()).collect()
    }
}
