//! The application's side: identify, enter the loader, confirm.

use super::{Chip, Config, FlashEnd, Step};
use crate::wire::check::Address;

/// What an application carries so that a host can find it and lead it back into its loader.
#[derive(Debug)]
pub struct Responder {
    config: Config,
}

impl Responder {
    /// In a running application.
    pub fn new(config: Config, _chip: &impl Chip) -> Self {
        Self { config }
    }

    /// See [`super::loader::Loader::listens`].
    pub fn listens(&self, address: Address) -> bool {
        address == self.config.home
    }

    /// See [`super::loader::Loader::on_write`].
    pub fn on_write(&mut self, _to: Address, _frame: &[u8]) {}

    /// See [`super::loader::Loader::on_read`].
    pub fn on_read(&mut self, _from: Address, bytes: &mut [u8]) {
        bytes.fill(0xff);
    }

    /// See [`super::loader::Loader::step`].
    pub fn step(&mut self, _chip: &mut impl Chip) -> Step {
        Step::Idle
    }

    /// See [`super::loader::Loader::flash_ended`].
    pub fn flash_ended(&mut self, _end: FlashEnd) {}
}
