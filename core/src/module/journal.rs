//! Which pages may be torn. A page that a power cut has hit may read well once and otherwise the next time, so nobody may
//! judge it by its looks: what may be torn is noted before it is touched. Refuses to forget a note before another stands.
//!
//! Three pages, and one note in each:
//!
//! ```text
//!  0      4          8       10       12      14       16            20      28       32
//!  +------+----------+-------+--------+-------+--------+-------------+-------+--------+--------+
//!  | RKFJ | sequence | first | behind | first | behind | whole below | 0     | CRC-32 | erased |
//!  |      |          | of the first   | of the second  |             |       |        |        |
//!  +------+----------+----------------+----------------+-------------+-------+--------+--------+
//! ```
//! It says of each bank of the flash: its pages `first..behind` of the application area may be torn; and so may all from
//! `whole below` on, in any bank: what lies behind the image is no update's to vouch for. The youngest valid note counts;
//! without any, every page may be torn. Sequences are compared by their difference: none is the last.
//!
//! # Why every reading is true
//!
//! Notes go round: each to the page behind that of the newest before it, which is erased first. An update writes two of them
//! before it touches a page of the application: one when it is opened, one for its first page. So, at each touch, the
//! newest note reads the same for ever; one page holds the note before it, and what the third page may hold is older too.
//!
//! After a cut, a note that was being written may read as valid or not. Both are true, since nothing was touched under it.
//! More such notes may follow, but the last one under which something was touched is erased only when the two other pages
//! hold younger ones: by then everything that is older is gone. A note that is torn by an erase reads as it was, or as
//! none. A note that the flash does not take is no younger one: the next is tried in its place.
//!
//! With two banks a page of the second one may be written beside a note, in the first. It is touched under the note before,
//! which covers it and is whole; the new note covers it as well. So both readings of the new one are true of it, and all that
//! is written after such a cut says no less than one of both. What the new note no longer lists was read back before it was
//! begun.

use zerocopy::{FromBytes, Immutable, IntoBytes, transmute};

use super::flash::{Page, erased_word};
use super::record::{self, halves, seal, unseal};
use super::{Chip, PAGE_SPAN};
use crate::wire::identity::Geometry;

/// Pages of one bank that may be torn, counted from the start of the application area. It lies in memory as in a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable)]
#[repr(C)]
pub(super) struct Torn {
    pub(super) first: u16,
    pub(super) behind: u16,
}

impl Torn {
    pub(super) const NONE: Self = Self { first: 0, behind: 0 };

    pub(super) const fn is_none(self) -> bool {
        self.first >= self.behind
    }

    /// Both, and what lies between.
    pub(super) fn and(self, other: Self) -> Self {
        match (self.is_none(), other.is_none()) {
            (true, true) => Self::NONE,
            (true, false) => other,
            (false, true) => self,
            _ => Self { first: self.first.min(other.first), behind: self.behind.max(other.behind) },
        }
    }
}

/// What may be torn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) torn: [Torn; 2],
    /// All from here on.
    pub(super) whole_below: u16,
}

/// The newest note, and where it is.
#[derive(Debug)]
pub(super) struct Journal {
    /// How far behind the record. 0: there is no note.
    offset: u32,
    sequence: u32,
    /// What may be torn: as the note says, or as the record that was written after it.
    pub(super) doubt: Doubt,
}

impl Journal {
    /// Without a note. The first one goes to the first page.
    pub(super) const NONE: Self =
        Self { offset: 0, sequence: 0, doubt: Doubt { torn: [Torn::NONE; 2], whole_below: 0 } };

    #[inline(never)]
    pub(super) fn read(geometry: &Geometry, chip: &impl Chip) -> Self {
        let mut newest = Self::NONE;
        let mut offset = LAST;
        while offset > 0 {
            let note = unseal(chip, record::address(geometry).wrapping_add(offset), MAGIC);
            if let Some([sequence, first, second, whole_below, ..]) = note
                && (newest.offset == 0 || sequence.wrapping_sub(newest.sequence).cast_signed() > 0)
            {
                let torn = transmute!([first, second]);
                let [whole_below, _] = halves(whole_below);
                newest = Self { offset, sequence, doubt: Doubt { torn, whole_below } };
            }
            offset = offset.wrapping_sub(PAGE_SPAN);
        }
        newest
    }

    /// A record vouches for all below `whole_below`.
    pub(super) fn settle(&mut self, whole_below: u16) {
        self.doubt = Doubt { torn: [Torn::NONE; 2], whole_below };
    }

    pub(super) fn exists(&self) -> bool {
        self.offset != 0
    }

    /// Makes the doubt the next note: `page` is what is to be written to [`Self::address`].
    #[inline(never)]
    pub(super) fn note(&self, page: &mut Page, geometry: &Geometry) {
        let Doubt { torn, whole_below } = self.doubt;
        let [first, second]: [u32; 2] = transmute!(torn);
        let words = [self.sequence.wrapping_add(1), first, second, whole_below.into(), 0, 0];
        seal(page, MAGIC, words, erased_word(geometry));
    }

    /// The page of the next note.
    pub(super) fn address(&self, geometry: &Geometry) -> u32 {
        record::address(geometry).wrapping_add(self.next())
    }

    fn next(&self) -> u32 {
        if self.offset == LAST { PAGE_SPAN } else { self.offset.wrapping_add(PAGE_SPAN) }
    }

    /// The next note stands: it was read back.
    pub(super) fn noted(&mut self) {
        self.offset = self.next();
        self.sequence = self.sequence.wrapping_add(1);
    }

    /// Whether the page that the next note but one goes to may hold a younger note than this one: where none could be read,
    /// one may be torn. Then it is written once more.
    pub(super) fn is_first(&self) -> bool {
        self.sequence == 1
    }
}

/// The last of the three pages.
const LAST: u32 = 3 * PAGE_SPAN;
const MAGIC: u32 = u32::from_le_bytes(*b"RKFJ");
