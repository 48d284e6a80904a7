//! The wire: golden bytes both ways, every truncation and every flipped bit, and any bytes at all.
#![expect(clippy::cast_possible_truncation, reason = "made-up numbers are cut to size on purpose")]

use core::fmt::{Debug, Display};

use expect_test::Expect;
use rackflash_core::wire::Malformed;
use rackflash_tests::hex::dump;

mod answers;
mod checks;
mod frames;
mod identity;
mod messages;
mod operations;
mod random;
mod requests;
mod stream;

/// What is emitted is as expected, and is read as what it was made of.
fn golden<T: Debug + Display + PartialEq>(
    value: &T,
    emitted: &[u8],
    parsed: Result<T, Malformed>,
    expect: &Expect,
) {
    expect.assert_eq(&format!("{value}\n{}", dump(emitted)));
    assert_eq!(parsed.as_ref(), Ok(value));
}

/// Every beginning of `bytes` from the shortest up to, but not including, `len` bytes is refused as too short.
fn refuses_truncations<T: Debug>(
    bytes: &[u8],
    len: usize,
    parse: impl Fn(&[u8]) -> Result<T, Malformed>,
) {
    for len in 0..len {
        let refused = parse(&bytes[..len]).map(|value| format!("{value:?}"));
        assert_eq!(refused, Err(Malformed::Short), "the first {len} bytes");
    }
}

/// Every change of one bit is refused.
fn refuses_flips<T: Debug>(bytes: &[u8], parse: impl Fn(&[u8]) -> Result<T, Malformed>) {
    let mut bytes = bytes.to_vec();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        parse(&bytes).expect_err(&format!("bit {} of byte {}", bit % 8, bit / 8));
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

/// What `emit` writes.
fn emitted(emit: impl FnOnce(&mut [u8]) -> Result<usize, Malformed>) -> Vec<u8> {
    let mut bytes = vec![0; 2048];
    let len = emit(&mut bytes).unwrap();
    bytes.truncate(len);
    bytes
}
