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
        split: Split::UNKNOWN,
        banks: [Bank::NONE; 2],
    };

    /// Anew: of an image of so many pages, to a flash that is in this doubt, with a ring of so many frames. The doubt is now what
    /// must be written again, and what lies behind the image.
    pub(super) fn open(&mut self, pages: u16, split: Split, doubt: &mut Doubt, ring: u16) {
        (self.received, self.pages) = (0, pages);
        (self.split, self.vectors) = (split, Vectors::Missing);
        let [first_window, second_window] = split.windows(ring);
        let behind_first = split.first_of_second();
        let (mut start, mut end, mut window_len) = (1, pages.min(behind_first), first_window);
        for (bank, torn) in self.banks.iter_mut().zip(&mut doubt.torn) {
            let listed = Torn { first: torn.first.max(start), behind: torn.behind.min(end) };
            let unknown = Torn { first: doubt.whole_below.max(start), behind: end };
            // What is listed behind the image's end stays in doubt.
            if !torn.is_none() && torn.behind > end {
                doubt.whole_below = doubt.whole_below.min(torn.first.max(end));
            }
            let redo = listed.and(unknown);
            let next = redo.first.max(start);
            *bank = Bank { redo, next, end, noted: Torn::NONE, window_len };
            *torn = redo;
            (start, end, window_len) = (behind_first, pages.max(behind_first), second_window);
        }
        doubt.whole_below = doubt.whole_below.max(pages);
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
        } else if !self.may_come(frame.page) {
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

    pub(super) fn is_complete(&self) -> bool {
        self.vectors == Vectors::Taken
    }

    /// What is written next, when these are the pages of the ring. It is touched then. If a note is due, the windows of both banks
    /// move on to these pages, and what the note must say goes to `torn`.
    pub(super) fn turn(&mut self, page: u16, next: Option<u16>, torn: &mut [Torn; 2]) -> Turn {
        let is_noted = self.is_noted(page);
        let is_next_noted = next.is_some_and(|next| self.is_noted(next));
        let is_beside = next.is_some_and(|next| self.split.are_apart(page, next));
        let turn = if !is_noted {
            Turn { note: Note::Due, pages: 0 }
        } else if next.is_some() && !is_next_noted && self.split.second_has(page) {
            Turn { note: Note::Due, pages: 1 }
        } else {
            let pages = if is_next_noted && is_beside { 2 } else { 1 };
            Turn { note: Note::Stands, pages }
        };
        let next = next.unwrap_or(0);
        if turn.note == Note::Due {
            for due in [next, page] {
                if due != 0 {
                    self.bank(due).next = due;
                }
            }
            for (bank, torn) in self.banks.iter_mut().zip(torn) {
                *torn = bank.move_window();
            }
        }
        if turn.pages > 0 {
            self.touch(page);
        }
        if turn.pages > 1 {
            self.touch(next);
        }
        turn
    }

    fn is_noted(&mut self, page: u16) -> bool {
        // An update that ends early sends the vector page again in any case.
        let noted = self.bank(page).noted;
        page == 0 || noted.first <= page && page < noted.behind
    }

    /// This page is about to be written.
    fn touch(&mut self, page: u16) {
        let bank = self.bank(page);
        bank.next = page.saturating_add(1);
        if bank.next >= bank.redo.behind {
            bank.redo = Torn::NONE;
        }
    }

    /// Whether no page must be written again before this one.
    fn may_come(&self, page: u16) -> bool {
        let mut may_come = true;
        for bank in &self.banks {
            if bank.must_redo() {
                may_come = bank.redo.first == page;
                if may_come {
                    break;
                }
            }
        }
        may_come
    }

    fn bank(&mut self, page: u16) -> &mut Bank {
        self.split.pick(page, &mut self.banks)
    }
}
