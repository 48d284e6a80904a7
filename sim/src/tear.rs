//! What a flash operation leaves of a word when the power goes in its middle: anything between old and new, and bits that
//! hang between both and read differently each time, until they are erased.
//!
//! Refuses to touch bits that are the same before and after.

use rackflash_core::module::WORD_LEN;

use crate::rng::Rng;

/// A word of flash or EEPROM.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) value: u32,
    /// The bits that read differently each time.
    pub(crate) unstable: u32,
}

impl Word {
    pub(crate) const fn sound(value: u32) -> Self {
        Self { value, unstable: 0 }
    }

    /// With these bits set for good.
    pub(crate) const fn programmed(self, bits: u32) -> Self {
        Self { value: self.value | bits, unstable: self.unstable & !bits }
    }
}

/// One torn operation.
#[derive(Debug)]
pub(crate) struct Tear<'a> {
    rng: &'a mut Rng,
    /// Of 32 words so many are as they were, or as they should be.
    as_it_was: u64,
    as_it_should: u64,
}

impl<'a> Tear<'a> {
    pub(crate) fn new(rng: &'a mut Rng) -> Self {
        // Early and late cuts leave nearly nothing and nearly everything done: the cases that look most innocent.
        let (as_it_was, as_it_should) = match rng.below(4) {
            0 => (31, 0),
            1 => (0, 31),
            _ => (8, 8),
        };
        Self { rng, as_it_was, as_it_should }
    }

    pub(crate) fn word(&mut self, old: Word, new: Word) -> Word {
        let fate = self.rng.below(32);
        if fate < self.as_it_was {
            return old;
        }
        if fate >= 32 - self.as_it_should {
            return new;
        }
        let (done, changing) = (self.rng.word(), old.value ^ new.value);
        Word {
            value: old.value & !done | new.value & done,
            unstable: old.unstable | changing & self.rng.word(),
        }
    }
}

/// The words of a chip of which some bits read differently each time: few, so a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unstable {
    words: Vec<(u32, u32)>,
}

impl Unstable {
    /// Address and bits of each.
    pub(crate) fn words(&self) -> &[(u32, u32)] {
        &self.words
    }

    /// The bits of the word at `address`.
    pub(crate) fn of(&self, address: u32) -> u32 {
        self.words.iter().find(|(word, _)| *word == address).map_or(0, |(_, bits)| *bits)
    }

    pub(crate) fn set(&mut self, address: u32, bits: u32) {
        if bits == 0 {
            self.words.retain(|(word, _)| *word != address);
        } else if let Some(word) = self.words.iter_mut().find(|(word, _)| *word == address) {
            word.1 = bits;
        } else {
            self.words.push((address, bits));
        }
    }

    /// Makes them read differently in what was read from `address`.
    pub(crate) fn flicker(&self, address: u32, read: &mut [u8], rng: &mut Rng) {
        for &(word, bits) in &self.words {
            // Nearly all are elsewhere, and each word is read for itself.
            if u64::from(word.abs_diff(address)) >= read.len().max(WORD_LEN) as u64 {
                continue;
            }
            for (place, bits) in (word..).zip(bits.to_le_bytes()) {
                if let Some(byte) = read.get_mut(place.wrapping_sub(address) as usize) {
                    *byte ^= bits & rng.byte();
                }
            }
        }
    }
}
