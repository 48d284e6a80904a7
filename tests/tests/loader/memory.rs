//! The functions of `firmware` that copy and fill, against the standard library's: all lengths and places that differ.
#![expect(unsafe_code, reason = "what is called is C's")]

use super::firmware_memory::{__aeabi_memset, memcpy};

/// Longer than a word, and odd.
const LEN_MAX: usize = 19;

fn numbered() -> [u8; 32] {
    core::array::from_fn(|at| at as u8 + 1)
}

#[test]
fn copies_and_fills_what_it_is_told_and_nothing_beside() {
    for (to, from, len) in places() {
        let (mut bytes, mut expected) = ([0xee; 32], [0xee; 32]);
        expected[to..to + len].copy_from_slice(&numbered()[from..from + len]);
        let place = bytes[to..to + len].as_mut_ptr();
        let returned = unsafe { memcpy(place, numbered()[from..from + len].as_ptr(), len) };
        assert_eq!((bytes, returned), (expected, place), "{len} bytes from {from} to {to}");
        unsafe { __aeabi_memset(bytes[to..to + len].as_mut_ptr(), len, 0x5a) };
        expected[to..to + len].fill(0x5a);
        assert_eq!(bytes, expected, "{len} bytes at {to}");
    }
}

/// Two offsets and a length.
fn places() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..4).flat_map(|to| (0..4).flat_map(move |from| (0..=LEN_MAX).map(move |len| (to, from, len))))
}
