//! Which pages may be torn. A page that a power cut has hit may read well once and otherwise the next time, so nobody may
//! judge it by its looks: what may be torn is noted before it is touched. Refuses to forget a note before another stands.
//!
//! Three pages, and one note in each: a sealed half-page.
//!
//! ```text
//!  0      4          8       10       12      14      16      18       20        24       28
//!  +------+----------+-------+--------+-------+-------+-------+--------+---------+--------+--------+
//!  | RKFJ | sequence | first | behind | whole | whole | first | behind | 0       | CRC-32 | erased |
//!  |      |          |  of the first  | below of each |  of the second |         |        |        |
//!  +------+----------+----------------+---------------+----------------+---------+--------+--------+
//! ```
//! It says of each bank of the flash: its pages `first..behind` of the application area may be torn, and all from
//! `whole below` on. The valid note with the highest sequence counts; without any, every page may be torn.
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
//! none.
//!
//! With two banks a page of the second one may be written beside a note, in the first. It is touched under the note before,
//! which covers it and is whole; the new note covers it as well. So both readings of the new one are true of it, and all that
//! is written after such a cut says no less than one of both. What the new note no longer lists was read back before it was
//! begun.

use super::bank::Split;
use super::record::{self, halves, seal, unseal, word};
use super::{Chip, Config, HALF_PAGE_LEN, PAGE_SPAN};
use crate::wire::identity::Geometry;

/// Pages that may be torn, counted from the start of the application area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) first: u16,
    pub(super) behind: u16,
    pub(super) whole_below: u16,
}

impl Doubt {
    /// All from `whole_below` on.
    pub(super) const fn from(whole_below: u16) -> Self {
        Self { first: 0, behind: 0, whole_below }
    }

    /// All from there on in each bank, but none of what lies before it.
    pub(super) fn in_each(split: Split, whole_below: [u16; 2]) -> [Self; 2] {
        let [first, second] = split.starts();
        let [below_first, below_second] = whole_below;
        [Self::from(below_first.max(first)), Self::from(below_second.max(second))]
    }

    pub(super) fn contains(self, page: u16) -> bool {
        self.first <= page && page < self.behind
    }

    /// For an image that ends in this bank behind so many pages, counted from the start of the first one: `first..behind` is
    /// what must be written again, and once that is done everything below `whole_below` is whole. Says no less than `self`.
    pub(super) fn for_image(self, pages: u16) -> Self {
        let listed = self.first < self.behind;
        if self.whole_below < pages {
            let first = if listed { self.first.min(self.whole_below) } else { self.whole_below };
            return Self { first: first.max(1), behind: pages, whole_below: pages };
        }
        // What is listed behind the image's end stays as it is.
        let left = listed && self.behind > pages;
        let whole_below =
            if left { self.first.max(pages).min(self.whole_below) } else { self.whole_below };
        if listed && self.first < pages {
            Self { first: self.first.max(1), behind: self.behind.min(pages), whole_below }
        } else {
            Self::from(whole_below)
        }
    }
}

/// The newest note, and where the next one goes.
#[derive(Debug)]
pub(super) struct Journal {
    place: Place,
    /// 0: there is no note.
    sequence: u32,
    doubt: [Doubt; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    First,
    Second,
    Third,
}

impl Place {
    fn next(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::Third,
            Self::Third => Self::First,
        }
    }

    fn address(self, geometry: &Geometry) -> u32 {
        let offset = match self {
            Self::First => PAGE_SPAN,
            Self::Second => 2 * PAGE_SPAN,
            Self::Third => 3 * PAGE_SPAN,
        };
        record::address(geometry).wrapping_add(offset)
    }
}

impl Journal {
    pub(super) fn read(config: &Config, chip: &impl Chip) -> Self {
        let split = Split::of(config);
        let doubt = Doubt::in_each(split, [0; 2]);
        let mut newest = Self { place: Place::Third, sequence: 0, doubt };
        for place in [Place::First, Place::Second, Place::Third] {
            let mut half = [0; HALF_PAGE_LEN];
            chip.read(place.address(&config.geometry), &mut half);
            let Some([sequence, in_first, whole_below, in_second, _]) = unseal(MAGIC, &half) else {
                continue;
            };
            if sequence > newest.sequence {
                let mut doubt = Doubt::in_each(split, halves(whole_below));
                for (doubt, range) in doubt.iter_mut().zip([in_first, in_second]) {
                    [doubt.first, doubt.behind] = halves(range);
                }
                newest = Self { place, sequence, doubt };
            }
        }
        newest
    }

    pub(super) fn exists(&self) -> bool {
        self.sequence != 0
    }

    /// Of each bank.
    pub(super) fn doubt(&self) -> [Doubt; 2] {
        self.doubt
    }

    /// Makes `doubt` the next note: what is to be written to [`Self::address`].
    pub(super) fn note(&mut self, doubt: [Doubt; 2], erased: u8) -> [u8; HALF_PAGE_LEN] {
        self.place = self.place.next();
        // 30,000 erases of its pages wear the chip out long before this number ends.
        self.sequence = self.sequence.wrapping_add(1);
        self.doubt = doubt;
        let [in_first, in_second] = doubt.map(|doubt| word([doubt.first, doubt.behind]));
        let whole_below = word(doubt.map(|doubt| doubt.whole_below));
        seal(MAGIC, [self.sequence, in_first, whole_below, in_second, 0], erased)
    }

    /// The page of the newest note.
    pub(super) fn address(&self, geometry: &Geometry) -> u32 {
        self.place.address(geometry)
    }

    /// Whether the page that the next note but one goes to may hold a younger note than this one: where none could be read,
    /// one may be torn. Then it is written once more.
    pub(super) fn is_first(&self) -> bool {
        self.sequence == 1
    }
}

const MAGIC: u32 = u32::from_le_bytes(*b"RKFJ");
