//! Stands where the virtual rack would be in a build without it: nobody can have one, so that all code for it goes.

use rackflash_core::time::Instant;

/// There is none.
pub(crate) enum World {}

impl World {
    pub(crate) fn write(&mut self, _: &[u8]) {
        match *self {}
    }

    pub(crate) fn read(&mut self, _: &mut Vec<u8>) {
        match *self {}
    }

    pub(crate) fn run_until(&mut self, _: Instant) {
        match *self {}
    }

    pub(crate) fn next_event(&self) -> Option<Instant> {
        match *self {}
    }

    pub(crate) fn is_connected(&self) -> bool {
        match *self {}
    }
}
