//! What the loader remembers for a person who asks why: its newest events, two bytes each. Refuses to keep anything over
//! a reset.
//!
//! The response to [`crate::wire::module::Request::Log`] is up to 32 events, oldest first, each its code and its detail.
//! An event that counts is one entry as long as nothing else happens between.

/// Bytes of the log.
pub const LOG_LEN: usize = 64;

/// What happened: the first byte of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Event {
    /// The loader began. Detail: the [`crate::wire::identity::Why`].
    Started = 1,
    /// Frames did not verify. Detail: how many.
    Damaged = 2,
    /// A request or a page frame was answered with other than done. Detail: the [`crate::wire::module::Outcome`].
    Refused = 3,
    /// Page frames came too early or found no room. Detail: how many.
    Missed = 4,
    /// Page frames came again. Detail: how many.
    Repeated = 5,
    /// A page that was written did not read back so, and is written again. Detail: how many times.
    Retried = 6,
    /// An update was opened. Detail: its session.
    Opened = 7,
    /// It was committed. Detail: its session.
    Committed = 8,
}

#[derive(Debug)]
#[repr(C)]
pub(super) struct Log {
    len: usize,
    bytes: [u8; LOG_LEN],
}

impl Log {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; LOG_LEN], len: 0 }
    }

    pub(super) fn push(&mut self, event: Event, detail: u8) {
        if self.len == LOG_LEN {
            self.bytes.copy_within(2.., 0);
            self.len = LOG_LEN.saturating_sub(2);
        }
        if let Some([code, place, ..]) = self.bytes.get_mut(self.len..) {
            (*code, *place) = (event as u8, detail);
            self.len = self.len.saturating_add(2);
        }
    }

    /// For events that are counted.
    pub(super) fn count(&mut self, event: Event) {
        match self.bytes.get_mut(..self.len) {
            Some([.., code, times]) if *code == event as u8 => *times = times.saturating_add(1),
            _ => self.push(event, 1),
        }
    }

    /// What a host gets.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}
