//! Which page lies in which bank of the flash. Refuses to know what a page holds.

use super::{Banks, PAGE_SPAN};
use crate::wire::identity::Geometry;

/// The first page of the application area that lies in the second bank. A flash with one bank has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Split(u16);

impl Split {
    /// Before anything: what a memory that is zeroed holds.
    pub(super) const UNKNOWN: Self = Self(0);

    /// All pages lie in the first bank.
    pub(super) const NONE: Self = Self(u16::MAX);

    /// The banks are the halves of the flash. Notes are written beside pages of the second one, so the application area must
    /// not begin behind the first.
    pub(super) fn of(geometry: &Geometry) -> Self {
        let before = geometry.application_start.wrapping_sub(geometry.flash_start);
        let first_len = (geometry.flash_len >> 1).checked_sub(before);
        match (geometry.banks, first_len) {
            (Banks::Two, Some(len)) => {
                Self(u16::try_from(len >> PAGE_SPAN.ilog2()).unwrap_or(u16::MAX))
            }
            _ => Self::NONE,
        }
    }

    pub(super) fn second_has(self, page: u16) -> bool {
        page >= self.0
    }

    /// Whether these pages lie in different banks.
    pub(super) fn are_apart(self, page: u16, other: u16) -> bool {
        self.second_has(page) != self.second_has(other)
    }

    pub(super) fn first_of_second(self) -> u16 {
        self.0
    }

    /// Of how many pages of each bank a note says that they may be torn: so many in all as a ring has frames. Of the second bank
    /// two more than of the first, since one page of it is written beside each note, under two notes.
    pub(super) fn windows(self, ring: u16) -> [u16; 2] {
        let half = ring >> 1;
        if self == Self::NONE {
            [ring, 0]
        } else {
            [half.saturating_sub(1).max(1), half.saturating_add(1)]
        }
    }

    /// Of what there is for each bank, that of this page's.
    pub(super) fn pick<T>(self, page: u16, [first, second]: &mut [T; 2]) -> &mut T {
        if self.second_has(page) { second } else { first }
    }
}
