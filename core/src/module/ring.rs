//! Page frames between the bus and the flash: taken in the bus's interrupt, left one by one when the flash holds them.
//! Refuses to overwrite one that is not yet proven.

use zerocopy::IntoBytes;

use super::flash::Page;
use super::{PAGE_LEN, PAGE_WORDS};

#[derive(Debug)]
#[repr(C)]
pub(super) struct Ring<const N: usize> {
    first: usize,
    len: usize,
    slots: [Slot; N],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) number: u16,
    pub(super) page: Page,
}

impl<const N: usize> Ring<N> {
    pub(super) const fn new() -> Self {
        const { assert!(N > 0 && N < 256, "the identity says it in a byte") };
        Self { slots: [Slot { number: 0, page: [0; PAGE_WORDS] }; N], first: 0, len: 0 }
    }

    pub(super) fn room(&self) -> usize {
        N.saturating_sub(self.len)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Without room nothing happens.
    pub(super) fn push(&mut self, number: u16, bytes: &[u8; PAGE_LEN]) {
        if self.room() == 0 {
            return;
        }
        let at = wrap(self.first.wrapping_add(self.len), N);
        if let Some(slot) = self.slots.get_mut(at) {
            slot.number = number;
            slot.page.as_mut_bytes().copy_from_slice(bytes);
            self.len = self.len.saturating_add(1);
        }
    }

    /// The oldest is 0.
    #[inline(never)]
    pub(super) fn get(&self, index: usize) -> Option<&Slot> {
        let at = wrap(self.first.wrapping_add(index), N);
        self.slots.get(at).filter(|_| index < self.len)
    }

    /// Without the oldest so many.
    pub(super) fn pop(&mut self, pages: usize) {
        let pages = pages.min(self.len);
        self.first = wrap(self.first.wrapping_add(pages), N);
        self.len = self.len.saturating_sub(pages);
    }
}

/// `at`, below twice `n`, within a ring of `n`. A Cortex-M0+ cannot divide.
fn wrap(at: usize, n: usize) -> usize {
    at.checked_sub(n).unwrap_or(at)
}
