//! In which order pages are sent: what a module wants again first, the vectors last, and such that two flash banks that work
//! in parallel both have work all the time. One pure function.

use alloc::vec::Vec;
use core::ops::Range;

/// How the pages lie in two flash banks that work in parallel, and how the loader's journal goes on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Banks {
    /// The first page of the second bank.
    pub second: u16,
    /// How many page frames the module holds: the journal covers half as many pages of each bank.
    pub ring: u8,
}

/// The pages to send: all in `redo`, besides them those that `differ`, and page 0.
pub fn order(differ: &[bool], redo: &[Range<u16>; 2], banks: Option<Banks>) -> Vec<u16> {
    let again = |page: &u16| redo.iter().any(|range| range.contains(page));
    let mut order = Vec::new();
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for (page, differs) in (0..).zip(differ).skip(1) {
        if again(&page) {
            first.push(page);
        } else if *differs {
            others.push(page);
        }
    }
    in_banks(&first, banks, &mut order);
    in_banks(&others, banks, &mut order);
    order.push(0);
    order
}

/// Ascending `pages`, in turn from each bank. A loader writes the notes of its journal into the first bank, each beside a page
/// of the second that has no partner: so each window of the journal begins with one such page, and pairs follow.
fn in_banks(pages: &[u16], banks: Option<Banks>, order: &mut Vec<u16>) {
    let second = |page: &&u16| banks.is_some_and(|banks| **page >= banks.second);
    let mut in_first = pages.iter().filter(|page| !second(page)).peekable();
    let mut in_second = pages.iter().filter(second).peekable();
    let window = usize::from(banks.map_or(0, |banks| banks.ring) / 2).max(1);
    let mut at = 0;
    while in_first.peek().is_some() || in_second.peek().is_some() {
        if at % window != 0 || in_second.peek().is_none() {
            order.extend(in_first.next());
        }
        order.extend(in_second.next());
        at += 1;
    }
}
