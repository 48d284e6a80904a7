//! Seeded randomness: the only source of chance in the project. The same seed gives the same numbers on every machine
//! and in every version, or no failure could be replayed; so it is splitmix64, spelt out, and integers throughout.
//!
//! Refuses to seed itself.

/// A stream of numbers (splitmix64; Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// The stream of this seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Another stream for one purpose, so that one more draw there does not change what happens everywhere else.
    pub(crate) fn fork(&self, purpose: u64) -> Self {
        let mut fork = Self { state: self.state ^ purpose.wrapping_mul(0xd6e8_feb8_6659_fd93) };
        Self { state: fork.u64() }
    }

    /// Any number.
    pub fn u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(crate) fn word(&mut self) -> u32 {
        (self.u64() >> 32) as u32
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.u64().to_le_bytes()[7]
    }

    /// A number below `bound`, which is not 0 and has at most 32 bits.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let next = self.u64();
        let (high, low) = (next >> 32, next & 0xffff_ffff);
        (high * bound + ((low * bound) >> 32)) >> 32
    }

    /// An index into something of this length, which is not 0.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| self.byte())
    }
}

/// Rare events on a line of bits or frames, drawn as the gaps between them: a line without faults costs one comparison.
#[derive(Clone, Debug)]
pub(crate) struct Rare {
    rng: Rng,
    /// `None`: it never happens.
    mean_gap: Option<u64>,
    gap: u64,
}

impl Rare {
    /// Of `out_of`, which is at most 10^9, so many are events on average.
    pub(crate) fn new(rng: Rng, events: u32, out_of: u64) -> Self {
        let mean_gap = out_of.checked_div(events.into()).map(|every| every.saturating_sub(1));
        let mut rare = Self { rng, mean_gap, gap: 0 };
        rare.gap = rare.draw();
        rare
    }

    /// The place of the next event among the next `len`, if there is one; else they are behind. Called again with what
    /// is left behind an event.
    pub(crate) fn next_within(&mut self, len: usize) -> Option<usize> {
        self.mean_gap?;
        if let Some(behind) = self.gap.checked_sub(len as u64) {
            self.gap = behind;
            return None;
        }
        let next = self.draw();
        usize::try_from(core::mem::replace(&mut self.gap, next)).ok()
    }

    // Exponential, by `-log2(u)` as its integer part and a straight line for the rest: no floating point, whose `ln` may
    // differ between the page and the test. The mean of that is 1.5, so it is divided by it.
    fn draw(&mut self) -> u64 {
        let u = self.rng.u64() | 1;
        let whole = u64::from(u.leading_zeros());
        let fraction = 0xffff - (u << whole << 1 >> 48);
        let log = whole << 16 | fraction;
        // A mean below 2^30 and a logarithm below 2^23: no overflow.
        (self.mean_gap.unwrap_or(0) * log * 2 / 3) >> 16
    }
}
