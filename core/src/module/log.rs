//! What the loader remembers for a person who asks why: its newest events, two bytes each. Refuses to keep anything over
//! a reset.
//!
//! The response to [`crate::wire::module::Request::Log`] is up to 32 events, oldest first, each its code and its detail.
//! An event that counts is one entry as long as nothing else happens between.

/// Bytes of the log.
pub const LOG_LEN: usize = 64;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Code 1: the loader began. Detail: the [`crate::wire::identity::Why`].
    Started(u8),
    /// Code 2: frames that did not verify. Detail: how many.
    Damaged,
    /// Code 3: a request, or a page frame, was answered with other than done. Detail: the
    /// [`crate::wire::module::Outcome`].
    Refused(u8),
    /// Code 4: page frames that came too early or found no room. Detail: how many.
    Missed,
    /// Code 5: page frames that came again. Detail: how many.
    Repeated,
    /// Code 6: a page that was written did not read back so, and is written again. Detail: how many times.
    Retried,
    /// Code 7: an update was opened. Detail: its session.
    Opened(u8),
    /// Code 8: it was committed. Detail: its session.
    Committed(u8),
}

#[derive(Debug)]
pub(super) struct Log {
    bytes: [u8; LOG_LEN],
    len: usize,
}

impl Log {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; LOG_LEN], len: 0 }
    }

    pub(super) fn push(&mut self, event: Event) {
        let (code, detail) = match event {
            Event::Started(why) => (1, Some(why)),
            Event::Damaged => (2, None),
            Event::Refused(outcome) => (3, Some(outcome)),
            Event::Missed => (4, None),
            Event::Repeated => (5, None),
            Event::Retried => (6, None),
            Event::Opened(session) => (7, Some(session)),
            Event::Committed(session) => (8, Some(session)),
        };
        let newest = self.bytes.get_mut(..self.len).and_then(|bytes| bytes.last_chunk_mut::<2>());
        match newest {
            Some([last, count]) if *last == code && detail.is_none() => {
                *count = count.saturating_add(1);
            }
            _ => self.append([code, detail.unwrap_or(1)]),
        }
    }

    /// What a host gets.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn append(&mut self, entry: [u8; 2]) {
        if self.len == LOG_LEN {
            self.bytes.copy_within(2.., 0);
            self.len = LOG_LEN.saturating_sub(2);
        }
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(|b| b.first_chunk_mut::<2>()) {
            *place = entry;
            self.len = self.len.saturating_add(2);
        }
    }
}
