//! The loader: takes an update page by page, and proves it.

use super::{Chip, Config, FlashEnd, Step};
use crate::wire::check::Address;
use crate::wire::identity::Why;

/// A running loader with room for `RING` page frames.
#[derive(Debug)]
pub struct Loader<const RING: usize> {
    config: Config,
}

impl<const RING: usize> Loader<RING> {
    /// After a reset that led here for the reason `why`.
    pub fn new(config: Config, _why: Why, _chip: &impl Chip) -> Self {
        Self { config }
    }

    /// Whether it acknowledges this address now.
    pub fn listens(&self, address: Address) -> bool {
        address == self.config.home
    }

    /// A write transaction to `to` has ended. Short: may be called from the I2C interrupt.
    pub fn on_write(&mut self, _to: Address, _frame: &[u8]) {}

    /// Fills `bytes` with what a read from `from` returns. Short: may be called from the I2C interrupt.
    pub fn on_read(&mut self, _from: Address, bytes: &mut [u8]) {
        bytes.fill(0xff);
    }

    /// Does the next small piece of work.
    pub fn step(&mut self, _chip: &mut impl Chip) -> Step {
        Step::Idle
    }

    /// The operation that a step started has ended.
    pub fn flash_ended(&mut self, _end: FlashEnd) {}
}
