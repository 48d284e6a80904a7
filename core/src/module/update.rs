//! The open update: which page frames it takes, and in which order. Refuses to touch anything.

use super::PAGE_LEN;
use super::journal::Doubt;
use crate::wire::module::{Begin, Outcome, PageFrame, Session};

#[derive(Debug)]
pub(super) struct Update {
    pub(super) session: Session,
    pub(super) begin: Begin,
    /// How many pages frames were taken.
    pub(super) received: u16,
    pages: u16,
    /// What must be written again, and what is whole once it is.
    doubt: Doubt,
    /// The first page that must be written again and was not taken yet.
    redo: u16,
    /// The first of the pages that the journal's note covers now.
    window: Option<u16>,
    vectors: Vectors,
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
        Self::new(Session(0), begin, 0, Doubt::from(u16::MAX))
    };

    /// Of an image of so many pages, to a flash in this doubt.
    pub(super) const fn new(session: Session, begin: Begin, pages: u16, doubt: Doubt) -> Self {
        let redo = doubt.first;
        let (window, vectors) = (None, Vectors::Missing);
        Self { session, begin, received: 0, pages, doubt, redo, window, vectors }
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
        } else if self.redo < self.doubt.behind && frame.page != self.redo {
            Verdict::Refuse(Outcome::Incomplete)
        } else {
            Verdict::Take
        }
    }

    /// This page was taken.
    pub(super) fn take(&mut self, page: u16) {
        self.received = self.received.saturating_add(1);
        if self.redo < self.doubt.behind {
            self.redo = self.redo.saturating_add(1);
        }
        if page == 0 {
            self.vectors = Vectors::Taken;
        }
    }

    /// The pages that must still come before any other.
    pub(super) fn redo(&self) -> (u16, u16) {
        if self.redo < self.doubt.behind { (self.redo, self.doubt.behind) } else { (0, 0) }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.vectors == Vectors::Taken
    }

    /// From where on pages may be torn when all that was announced is written.
    pub(super) fn whole_below(&self) -> u16 {
        self.doubt.whole_below
    }

    /// What must be noted before this page is touched; it is noted then. Pages come to the flash in the order in which they
    /// were taken, so those that must be written again and come before it are whole.
    pub(super) fn touch(&mut self, page: u16, window_len: u16) -> Option<Doubt> {
        let noted = |first| page.checked_sub(first).is_some_and(|offset| offset < window_len);
        // An update that ends early sends the vector page again in any case.
        if page == 0 || self.window.is_some_and(noted) {
            return None;
        }
        self.window = Some(page);
        let behind = page.saturating_add(window_len);
        let behind = if self.doubt.contains(page) { behind.max(self.doubt.behind) } else { behind };
        Some(Doubt { first: page, behind, whole_below: self.doubt.whole_below })
    }
}
