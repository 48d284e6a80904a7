//! The record of what went over the link. Frames are kept as bytes, so that it costs next to nothing; [`Words`] says what
//! they mean, to whoever reads it, wherever that is.
//!
//! ```text
//!   8  microseconds since the session began, little-endian
//!   1  0 to the base, 1 to the host, 2 damaged: text that says how, 3 dropped: text that says how many
//!   2  length
//!      bytes as they went over the wire, or the text
//! ```

mod counters;
mod words;

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use crate::time::Instant;
use crate::wire::Malformed;
use crate::wire::link::Frame;

pub use counters::{Counter, Counts, SlotCounts};
pub use words::Words;

/// The most bytes kept: four full racks' worth of pages. Older ones are dropped, and the record says so.
const KEPT_MAX: usize = 4 * 1024 * 1024;
/// What stands before an entry's bytes.
const HEAD_LEN: usize = 8 + 1 + 2;

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From host to base.
    ToBase,
    /// From base to host.
    ToHost,
}

/// What an entry holds.
mod kind {
    pub(super) const TO_BASE: u8 = 0;
    pub(super) const TO_HOST: u8 = 1;
    pub(super) const DAMAGED: u8 = 2;
    pub(super) const DROPPED: u8 = 3;
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Transcript {
    /// Each as it is drawn above.
    entries: VecDeque<Vec<u8>>,
    kept: usize,
    dropped: u64,
}

impl Transcript {
    /// Records bytes as they go over the wire: one frame.
    pub(super) fn record(&mut self, now: Instant, direction: Direction, wire: &[u8]) {
        let kind = match direction {
            Direction::ToBase => kind::TO_BASE,
            Direction::ToHost => kind::TO_HOST,
        };
        self.push(entry(now, kind, wire));
    }

    /// Records a frame that was received.
    pub(super) fn record_frame(&mut self, now: Instant, direction: Direction, frame: &Frame<'_>) {
        let mut wire = [0; crate::wire::link::FRAME_MAX];
        if let Ok(len) = frame.emit(&mut wire) {
            self.record(now, direction, wire.get(..len).unwrap_or_default());
        }
    }

    /// Records that something came that is no frame.
    pub(super) fn record_damage(&mut self, now: Instant, error: Malformed) {
        self.push(entry(now, kind::DAMAGED, error.to_string().as_bytes()));
    }

    fn push(&mut self, entry: Vec<u8>) {
        self.kept += entry.len() + size_of::<Vec<u8>>();
        self.entries.push_back(entry);
        while self.kept > KEPT_MAX
            && let Some(entry) = self.entries.pop_front()
        {
            self.kept -= entry.len() + size_of::<Vec<u8>>();
            self.dropped += 1;
        }
    }

    /// How many entries there have been, those that were dropped included.
    pub fn count(&self) -> u64 {
        self.dropped + self.entries.len() as u64
    }

    /// The entries from number `from` on, counted from 0, as they are drawn above.
    pub fn bytes(&self, from: u64) -> Vec<u8> {
        let lost = self.dropped.saturating_sub(from);
        let skipped = usize::try_from(from.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        if lost > 0 {
            bytes = entry(Instant::ZERO, kind::DROPPED, format!("{lost}").as_bytes());
        }
        self.entries.iter().skip(skipped).for_each(|entry| bytes.extend_from_slice(entry));
        bytes
    }
}

fn entry(now: Instant, kind: u8, bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut entry = Vec::with_capacity(HEAD_LEN + bytes.len());
    entry.extend_from_slice(&now.micros().to_le_bytes());
    entry.push(kind);
    entry.extend_from_slice(&len.to_le_bytes());
    entry.extend_from_slice(bytes.get(..len.into()).unwrap_or_default());
    entry
}

/// The first entry (its time, its kind, its bytes), and what is behind it.
fn split(bytes: &[u8]) -> Option<(u64, u8, &[u8], &[u8])> {
    let (micros, rest) = bytes.split_first_chunk()?;
    let ([kind, low, high], rest) = rest.split_first_chunk()?;
    let (bytes, rest) = rest.split_at_checked(u16::from_le_bytes([*low, *high]).into())?;
    Some((u64::from_le_bytes(*micros), *kind, bytes, rest))
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Words(&self.bytes(0)).fmt(f)
    }
}
