//! Bytes as they came in a file, from line to line or segment to segment, put in order. Refuses two for one address.

use alloc::vec::Vec;

use super::FileError;
use crate::host::image::{ImageError, Segment, check_len};

/// Data as it came, put in order only at the end: so neither descending nor shuffled files cost more than a sort, and
/// overlaps are found in one sweep.
#[derive(Default)]
pub(super) struct Pile {
    runs: Vec<Run>,
    bytes: Vec<u8>,
}

/// Bytes of one place in the file at consecutive addresses.
struct Run {
    address: u32,
    /// A line, or a segment; counted from 1.
    place: u32,
    /// Where they begin in [`Pile::bytes`].
    at: usize,
    len: usize,
}

/// They reach past the 32-bit address space.
pub(super) struct PastEnd;

impl Pile {
    pub(super) fn put(&mut self, place: u32, address: u32, bytes: &[u8]) -> Result<(), PastEnd> {
        // Some linkers write records without data.
        let Some(behind_first) = bytes.len().checked_sub(1) else { return Ok(()) };
        let last = u32::try_from(behind_first).ok().and_then(|behind| address.checked_add(behind));
        last.ok_or(PastEnd)?;
        self.runs.push(Run { address, place, at: self.bytes.len(), len: bytes.len() });
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// In order, with a gap between any two, none empty. `overlap` names two places, in the file's order, that give an
    /// address different bytes.
    pub(super) fn assemble(
        mut self,
        overlap: impl Fn([u32; 2], u32) -> FileError,
    ) -> Result<Vec<Segment>, ImageError> {
        self.runs.sort_unstable_by_key(|run| run.address);
        let mut segments = Vec::<Segment>::new();
        for run in &self.runs {
            let bytes = self.bytes_of(run);
            match segments.last_mut() {
                Some(last) if u64::from(run.address) <= last.end() => {
                    let known = last
                        .bytes
                        .get(run.address.wrapping_sub(last.address) as usize..)
                        .unwrap_or_default();
                    if let Some(at) =
                        known.iter().zip(bytes).position(|(known, byte)| known != byte)
                    {
                        let address =
                            run.address.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
                        return Err(overlap(self.places(address), address).into());
                    }
                    let new = bytes.get(known.len()..).unwrap_or_default();
                    last.bytes.extend_from_slice(new);
                }
                _ => segments.push(Segment { address: run.address, bytes: bytes.to_vec() }),
            }
        }
        check_len(segments.iter().map(|segment| segment.bytes.len() as u64).sum())?;
        Ok(segments)
    }

    fn bytes_of(&self, run: &Run) -> &[u8] {
        self.bytes.get(run.at..).and_then(|bytes| bytes.get(..run.len)).unwrap_or_default()
    }

    /// The first place that gives the byte at `address`, and the first that gives it otherwise. Slow, and only on the way out.
    fn places(&self, address: u32) -> [u32; 2] {
        let first_place = |other_than: Option<u8>| {
            let mut first: Option<(u32, u8)> = None;
            for run in &self.runs {
                let at = address.checked_sub(run.address).map_or(usize::MAX, |at| at as usize);
                if let Some(byte) = self.bytes_of(run).get(at)
                    && Some(*byte) != other_than
                    && first.is_none_or(|(place, _)| run.place < place)
                {
                    first = Some((run.place, *byte));
                }
            }
            first.unwrap_or_default()
        };
        let (first, byte) = first_place(None);
        [first, first_place(Some(byte)).0]
    }
}
