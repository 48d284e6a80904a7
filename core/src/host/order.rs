//! In which order pages are sent: what a module wants again first, the vectors last, and such that two flash banks that work
//! in parallel both have work all the time. One pure function.

use alloc::vec::Vec;
use core::ops::Range;

/// Which pages lie in the second of two banks that work in parallel, and how the loader's journal goes on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Banks {
    /// The first page of the second bank.
    pub second: u16,
    /// How many page frames the module holds: the journal covers half as many pages of each bank.
    pub ring: u8,
}

/// The pages to send: those in `redo`, those of `differing` besides, page 0.
pub fn order(differing: &[u16], redo: &[Range<u16>; 2], banks: Option<Banks>) -> Vec<u16> {
    let [first, second] = redo;
    let again: Vec<u16> = first.clone().chain(second.clone()).collect();
    let others: Vec<u16> = differing
        .iter()
        .copied()
        .filter(|page| *page != 0 && !first.contains(page) && !second.contains(page))
        .collect();
    let mut order = in_banks(&again, banks);
    order.extend(in_banks(&others, banks));
    order.push(0);
    order
}

/// Ascending `pages` in turn from each bank. A module writes its journal's notes, in the first bank, beside a page of the
/// second that has no partner: one for each window but a page of pairs.
fn in_banks(pages: &[u16], banks: Option<Banks>) -> Vec<u16> {
    let Some(banks) = banks else { return pages.to_vec() };
    let pairs = usize::from(banks.ring / 2).saturating_sub(1).max(1);
    let (mut first, mut second) =
        pages.split_at(pages.partition_point(|page| *page < banks.second));
    let mut order = Vec::with_capacity(pages.len());
    while !first.is_empty() && !second.is_empty() {
        let (alone, rest) = second.split_at(1);
        order.extend_from_slice(alone);
        let count = pairs.min(first.len()).min(rest.len());
        let (a, b) = (first.split_at(count), rest.split_at(count));
        order.extend(a.0.iter().zip(b.0).flat_map(|(a, b)| [*a, *b]));
        (first, second) = (a.1, b.1);
    }
    order.extend_from_slice(first);
    order.extend_from_slice(second);
    order
}
