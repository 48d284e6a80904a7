//! The open update: which page frames it takes, and in which order. Refuses to touch anything.

use super::PAGE_LEN;
use super::bank::Split;
use super::journal::{Doubt, Torn};
use crate::wire::check::Address;
use crate::wire::module::{Outcome, PageFrame, Session};

#[derive(Debug)]
#[repr(C)]
pub(super) struct Update {
    pub(super) session: Session,
    vectors: Vectors,
    pub(super) group: Option<Address>,
    /// How many pages frames were taken.
    pub(super) received: u16,
    pages: u16,
    /// What lies behind the image is in doubt from here on.
    pub(super) whole_below: u16,
    split: Split,
    banks: [Bank; 2],
}

/// How far the update is in one bank.
#[derive(Clone, Copy, Debug)]
struct Bank {
    /// The first page that must be written again and was not taken yet, and the page behind the last such one.
    redo: Torn,
    /// The page behind that of the last one written: all before it that had to be written again are whole.
    next: u16,
    /// Where the image ends.
    end: u16,
    /// The pages that the journal's note covers now.
    noted: Torn,
    /// How many those are at most.
    window_len: u16,
}

impl Bank {
    const NONE: Self = Self { redo: Torn::NONE, next: 0, end: 0, noted: Torn::NONE, window_len: 0 };

    fn must_redo(&self) -> bool {
        self.redo.first < self.redo.behind
    }

    /// Moves the window on to the next page; what the note of it must say. Pages come to the flash in the order in which they
    /// were taken, so those that must be written again and come before it are whole.
    fn move_window(&mut self) -> Torn {
        let behind = self.next.saturating_add(self.window_len).min(self.end);
        self.noted = Torn { first: self.next, behind };
        let behind =
            if self.next < self.redo.behind { behind.max(self.redo.behind) } else { behind };
        Torn { first: self.next, behind }
    }
}

/// What is written next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// Whether a note is due.
    pub(super) note: Note,
    /// Pages of the ring beside it, or side by side: two in all at most.
    pub(super) pages: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Due,
    Stands,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vectors {
    Missing,
    Taken,
}

/// What is to become of a page frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Take,
    /// It belongs to another update.
    Foreign,
    /// It was taken already.
    Repeat,
    /// One before it was lost, or there is no room.
    Missed,
    /// It can never be taken.
    Refuse(Outcome),
}

impl Update {
    /// Nobody's: after a reset.
    pub(super) const NONE: Self = Self {
        session: Session(0),
        vectors: Vectors::Missing,
        group: None,
        received: 0,
        pages: 0,
        whole_below: 0,
        split: Split::UNKNOWN,
        banks: [Bank::NONE; 2],
    };

    /// Anew: of an image of so many pages, to a flash that is in this doubt, with a ring of so many frames. What is now in doubt.
    pub(super) fn open(&mut self, pages: u16, split: Split, doubt: &Doubt, ring: u16) -> Doubt {
        (self.received, self.pages, self.whole_below) = (0, pages, doubt.whole_below);
        (self.split, self.vectors) = (split, Vectors::Missing);
        let limits = split.starts().into_iter().zip(split.ends(pages)).zip(split.windows(ring));
        for ((bank, torn), ((start, end), window_len)) in
            self.banks.iter_mut().zip(doubt.torn).zip(limits)
        {
            let listed = Torn { first: torn.first.max(start), behind: torn.behind.min(end) };
            let unknown = Torn { first: doubt.whole_below.max(start), behind: end };
            // What is listed behind the image's end stays in doubt.
            if !torn.is_none() && torn.behind > end {
                self.whole_below = self.whole_below.min(torn.first.max(end));
            }
            let redo = listed.and(unknown);
            let next = redo.first.max(start);
            *bank = Bank { redo, next, end, noted: Torn::NONE, window_len };
        }
        self.whole_below = self.whole_below.max(pages);
        self.doubt()
    }

    /// What to do with a frame while there is room for so many.
    pub(super) fn judge(&self, frame: &PageFrame<'_>, room: usize) -> Verdict {
        if frame.session != self.session {
            Verdict::Foreign
        } else if frame.seq < self.received {
            Verdict::Repeat
        } else if frame.seq > self.received || room == 0 {
            Verdict::Missed
        } else if frame.page >= self.pages || frame.bytes.len() != PAGE_LEN {
            Verdict::Refuse(Outcome::OutOfArea)
        } else if self.vectors == Vectors::Taken {
            Verdict::Refuse(Outcome::NotOpen)
        } else if self.banks.iter().any(Bank::must_redo) && !self.is_redo(frame.page) {
            Verdict::Refuse(Outcome::Incomplete)
        } else {
            Verdict::Take
        }
    }

    /// This page was taken.
    pub(super) fn take(&mut self, page: u16) {
        self.received = self.received.saturating_add(1);
        let bank = self.bank(page);
        if bank.must_redo() {
            bank.redo.first = bank.redo.first.saturating_add(1);
        }
        if page == 0 {
            self.vectors = Vectors::Taken;
        }
    }

    /// What must be written again, and what lies behind the image.
    pub(super) fn doubt(&self) -> Doubt {
        Doubt { torn: self.banks.map(|bank| bank.redo), whole_below: self.whole_below }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.vectors == Vectors::Taken
    }

    /// What is written next, when these are the pages of the ring. It is touched then.
    pub(super) fn turn(&mut self, page: u16, next: Option<u16>) -> Turn {
        let beside =
            next.filter(|next| self.split.second_has(*next) != self.split.second_has(page));
        let turn = if !self.is_noted(page) {
            Turn { note: Note::Due, pages: 0 }
        } else if next.is_some_and(|next| !self.is_noted(next)) && self.split.second_has(page) {
            Turn { note: Note::Due, pages: 1 }
        } else if beside.is_some_and(|beside| self.is_noted(beside)) {
            Turn { note: Note::Stands, pages: 2 }
        } else {
            Turn { note: Note::Stands, pages: 1 }
        };
        turn
    }

    fn is_noted(&mut self, page: u16) -> bool {
        // An update that ends early sends the vector page again in any case.
        let noted = self.bank(page).noted;
        page == 0 || noted.first <= page && page < noted.behind
    }

    /// Moves the windows of both banks on to these pages: what the note of it must say.
    pub(super) fn note(&mut self, page: u16, next: Option<u16>) -> Doubt {
        for due in [next.unwrap_or(0), page] {
            if due != 0 {
                self.bank(due).next = due;
            }
        }
        Doubt { torn: self.banks.each_mut().map(Bank::move_window), whole_below: self.whole_below }
    }

    /// This page is about to be written.
    pub(super) fn touch(&mut self, page: u16) {
        let bank = self.bank(page);
        bank.next = page.saturating_add(1);
        if bank.next >= bank.redo.behind {
            bank.redo = Torn::NONE;
        }
    }

    fn is_redo(&self, page: u16) -> bool {
        self.banks.iter().any(|bank| bank.must_redo() && bank.redo.first == page)
    }

    fn bank(&mut self, page: u16) -> &mut Bank {
        self.split.pick(page, &mut self.banks)
    }
}
