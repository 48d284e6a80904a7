//! The functions of `firmware` that copy, fill and compare, against the standard library's: all lengths and places that differ.
#![expect(unsafe_code, reason = "what is called is C's")]

use super::firmware_memory::{__aeabi_memclr, __aeabi_memset, memcmp, memcpy};

/// Longer than a word, and odd.
const LEN_MAX: usize = 19;

fn numbered() -> [u8; 32] {
    core::array::from_fn(|at| at as u8 + 1)
}

#[test]
fn copies_clears_and_fills_what_it_is_told_and_nothing_beside() {
    for (to, from, len) in places() {
        let (mut bytes, mut expected) = ([0xee; 32], [0xee; 32]);
        expected[to..to + len].copy_from_slice(&numbered()[from..from + len]);
        let place = bytes[to..to + len].as_mut_ptr();
        let returned = unsafe { memcpy(place, numbered()[from..from + len].as_ptr(), len) };
        assert_eq!((bytes, returned), (expected, place), "{len} bytes from {from} to {to}");
        unsafe { __aeabi_memset(bytes[to..to + len].as_mut_ptr(), len, 0x5a) };
        expected[to..to + len].fill(0x5a);
        assert_eq!(bytes, expected, "{len} bytes at {to}");
        unsafe { __aeabi_memclr(bytes[to..to + len].as_mut_ptr(), len) };
        expected[to..to + len].fill(0);
        assert_eq!(bytes, expected, "{len} bytes at {to}");
    }
}

#[test]
fn compares_as_slices_are_compared() {
    for (one, other, len) in places() {
        for differs in 0..=len {
            let (mut bytes, base) = ([0; 32], numbered());
            bytes[other..other + len].copy_from_slice(&base[one..one + len]);
            // Where it differs behind the end, nothing is to be seen of it.
            bytes[other + differs] ^= 0x80;
            let (left, right) = (&base[one..one + len], &bytes[other..other + len]);
            let found = unsafe { memcmp(left.as_ptr(), right.as_ptr(), len) };
            assert_eq!(found.cmp(&0), left.cmp(right), "{len} bytes, byte {differs}");
        }
    }
}

/// Two offsets and a length.
fn places() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..4).flat_map(|to| (0..4).flat_map(move |from| (0..=LEN_MAX).map(move |len| (to, from, len))))
}
