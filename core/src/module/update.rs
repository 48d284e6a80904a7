//! The open update: which page frames it takes, and in which order. Refuses to touch anything.

use super::PAGE_LEN;
use super::bank::Split;
use super::journal::Doubt;
use crate::wire::module::{Begin, Outcome, PageFrame, Session};

#[derive(Debug)]
pub(super) struct Update {
    pub(super) session: Session,
    pub(super) begin: Begin,
    /// How many pages frames were taken.
    pub(super) received: u16,
    pages: u16,
    split: Split,
    banks: [Bank; 2],
    vectors: Vectors,
}

/// How far the update is in one bank.
#[derive(Clone, Copy, Debug)]
struct Bank {
    /// What must be written again, and what is whole once it is.
    doubt: Doubt,
    /// The first page that must be written again and was not taken yet.
    redo: u16,
    /// The page behind that of the last one written: all before it that had to be written again are whole.
    next: u16,
    /// Where the image ends.
    end: u16,
    /// The first page of the window that the journal's note covers now; none: `u16::MAX`.
    noted: u16,
    /// How many pages a window has.
    window_len: u16,
}

impl Bank {
    fn must_redo(&self) -> bool {
        self.redo < self.doubt.behind
    }

    /// What a note must cover that is written before the page `next`, and as much more as it may. Pages come to the flash in
    /// the order in which they were taken, so those that must be written again and come before it are whole.
    fn window(&self) -> Doubt {
        let behind = self.next.saturating_add(self.window_len).min(self.end);
        let behind =
            if self.doubt.contains(self.next) { behind.max(self.doubt.behind) } else { behind };
        Doubt { first: self.next, behind, ..self.doubt }
    }
}

/// What is written next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// A note, if one is due.
    pub(super) note: Option<[Doubt; 2]>,
    /// Pages of the ring beside it, or side by side: two in all at most.
    pub(super) pages: u8,
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
    pub(super) const NONE: Self = {
        let version = crate::wire::version::Version::new(0, 0, 0);
        let hardware = crate::wire::header::Hardware::of(0);
        let begin =
            Begin { vendor: 0, module_type: 0, hardware, version, len: 0, digest: 0, group: None };
        let bank = Bank {
            doubt: Doubt::from(u16::MAX),
            redo: 0,
            next: 0,
            end: 0,
            noted: u16::MAX,
            window_len: 0,
        };
        let (split, vectors) = (Split::NONE, Vectors::Missing);
        Self { session: Session(0), begin, received: 0, pages: 0, split, banks: [bank; 2], vectors }
    };

    /// Anew: of an image of so many pages, to a flash of which each bank is in this doubt, with a ring of so many frames.
    pub(super) fn open(
        &mut self,
        session: Session,
        begin: &Begin,
        pages: u16,
        split: Split,
        doubt: [Doubt; 2],
        ring: u16,
    ) {
        (self.session, self.begin, self.received) = (session, *begin, 0);
        (self.pages, self.split, self.vectors) = (pages, split, Vectors::Missing);
        let limits = split.starts().into_iter().zip(split.ends(pages)).zip(split.windows(ring));
        for ((bank, doubt), ((start, end), window_len)) in
            self.banks.iter_mut().zip(doubt).zip(limits)
        {
            bank.doubt = doubt.for_image(end);
            bank.redo = bank.doubt.first;
            bank.next = if bank.must_redo() { bank.redo } else { start };
            (bank.end, bank.noted, bank.window_len) = (end, u16::MAX, window_len);
        }
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
        let bank = self.split.pick(page, &mut self.banks);
        if bank.must_redo() {
            bank.redo = bank.redo.saturating_add(1);
        }
        if page == 0 {
            self.vectors = Vectors::Taken;
        }
    }

    /// Of each bank what must be written again.
    pub(super) fn doubt(&self) -> [Doubt; 2] {
        self.banks.map(|bank| bank.doubt)
    }

    pub(super) fn is_complete(&self) -> bool {
        self.vectors == Vectors::Taken
    }

    /// What is written next, when these are the pages of the ring. It is noted, and touched, then.
    pub(super) fn turn(&mut self, page: u16, next: Option<u16>) -> Turn {
        let split = self.split;
        let is_beside = |next| split.second_has(next) != split.second_has(page);
        let turn = match next {
            _ if !self.is_noted(page) => Turn { note: Some(self.note(page, next)), pages: 0 },
            Some(next) if !self.is_noted(next) && split.second_has(page) => {
                Turn { note: Some(self.note(page, Some(next))), pages: 1 }
            }
            Some(next) if self.is_noted(next) && is_beside(next) => Turn { note: None, pages: 2 },
            _ => Turn { note: None, pages: 1 },
        };
        for touched in Some(page).into_iter().chain(next).take(turn.pages.into()) {
            self.bank(touched).next = touched.saturating_add(1);
        }
        turn
    }

    fn is_noted(&mut self, page: u16) -> bool {
        // An update that ends early sends the vector page again in any case.
        let bank = self.bank(page);
        page == 0 || page.checked_sub(bank.noted).is_some_and(|offset| offset < bank.window_len)
    }

    /// Moves the windows of both banks on to these pages.
    fn note(&mut self, page: u16, next: Option<u16>) -> [Doubt; 2] {
        for due in next.into_iter().chain([page]).filter(|page| *page != 0) {
            self.bank(due).next = due;
        }
        self.banks.each_mut().map(|bank| {
            bank.noted = bank.next;
            bank.window()
        })
    }

    fn is_redo(&self, page: u16) -> bool {
        self.banks.iter().any(|bank| bank.must_redo() && bank.redo == page)
    }

    fn bank(&mut self, page: u16) -> &mut Bank {
        self.split.pick(page, &mut self.banks)
    }
}
