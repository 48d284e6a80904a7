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

impl Event {
    /// Whether its detail says how many.
    fn is_counted(self) -> bool {
        matches!(self, Self::Damaged | Self::Missed | Self::Repeated | Self::Retried)
    }
}

#[derive(Debug)]
#[repr(C)]
pub(super) struct Log {
    /// They go round: the oldest stands where the next will.
    next: usize,
    events: [[u8; 2]; EVENTS],
}

/// A code of 0 is no event.
const EVENTS: usize = LOG_LEN / 2;

impl Log {
    pub(super) const fn new() -> Self {
        Self { next: 0, events: [[0; 2]; EVENTS] }
    }

    #[inline(never)]
    pub(super) fn push(&mut self, event: Event, detail: u8) {
        if let Some([code, times]) = self.events.get_mut(self.next.wrapping_sub(1) % EVENTS)
            && *code == event as u8
            && event.is_counted()
        {
            *times = times.saturating_add(detail);
            return;
        }
        if let Some(next) = self.events.get_mut(self.next) {
            *next = [event as u8, detail];
        }
        self.next = self.next.wrapping_add(1) % EVENTS;
    }

    /// Of an event that is counted, one more.
    #[inline(always)] // The interrupt, in RAM, and a step, in flash, each have their own.
    pub(super) fn count(&mut self, event: Event) {
        self.push(event, 1);
    }

    /// What a host gets, oldest first: what stands from the next one's place on, if they have been all round, and what stands
    /// before it.
    pub(super) fn events(&self) -> [&[[u8; 2]]; 2] {
        let (newer, older) = self.events.split_at_checked(self.next).unwrap_or_default();
        match older {
            [[0, _], ..] => [&[], newer],
            _ => [older, newer],
        }
    }
}
