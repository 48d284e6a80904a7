//! CRC-32, packet error code and digest against others' and published values, and which addresses there are.

use core::hash::Hasher as _;

use crc::{CRC_8_SMBUS, CRC_32_ISO_HDLC, Crc};
use hash32::Hasher as _;
use rackflash_core::wire::check::{Address, Crc32, crc32, crc32_to, pec_from, pec_to};
use rackflash_core::wire::digest::{Digest, digest};
use rackflash_tests::numbers::Numbers;

fn address(address: u8) -> Address {
    Address::new(address).unwrap()
}

#[test]
fn the_check_values_of_the_catalogue() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(crc32(b""), 0);
}

#[test]
fn checks_of_any_bytes_as_others_make_them() {
    let (crc, pec) = (Crc::<u32>::new(&CRC_32_ISO_HDLC), Crc::<u8>::new(&CRC_8_SMBUS));
    assert_eq!((crc.checksum(b"123456789"), pec.checksum(b"123456789")), (0xcbf4_3926, 0xf4));
    let mut numbers = Numbers::new(1);
    for _ in 0..2_000 {
        let bytes = numbers.bytes(300);
        let to = address(numbers.below(0x70) as u8 + 8);
        let behind = |first: u8| [&[first], bytes.as_slice()].concat();
        assert_eq!(crc32(&bytes), crc.checksum(&bytes));
        assert_eq!(crc32_to(to, &bytes), crc.checksum(&behind(to.get() * 2)));
        assert_eq!(pec_to(to, &bytes), pec.checksum(&behind(to.get() * 2)));
        assert_eq!(pec_from(to, &bytes), pec.checksum(&behind(to.get() * 2 + 1)));
    }
}

#[test]
fn digests_at_once_and_word_by_word() {
    // Published values.
    assert_eq!(digest(b""), 0);
    assert_eq!(digest(b"test"), 0xba6b_d213);
    assert_eq!(digest(b"Hello, world!"), 0xc036_3e43);
    assert_eq!(digest(b"The quick brown fox jumps over the lazy dog"), 0x2e4f_f723);
    let mut numbers = Numbers::new(7);
    for _ in 0..2_000 {
        let bytes = numbers.bytes(300);
        let mut other = hash32::Murmur3Hasher::default();
        other.write(&bytes);
        assert_eq!(digest(&bytes), other.finish32());
        let (words, _) = bytes.as_chunks();
        let mut grown = Digest::default();
        words.iter().for_each(|word| grown.add(u32::from_le_bytes(*word)));
        let len = words.len() * 4;
        assert_eq!(grown.finish(len as u32), digest(&bytes[..len]));
    }
}

/// A CRC of data that carries its own does not see that it differs; a digest does.
#[test]
fn contents_that_carry_a_crc_differ() {
    let closed = |byte: u8| [[byte; 28].as_slice(), &crc32(&[byte; 28]).to_le_bytes()].concat();
    assert_eq!(crc32(&closed(1)), crc32(&closed(2)));
    assert_ne!(digest(&closed(1)), digest(&closed(2)));
}

/// Whichever word of a page differs, and however.
#[test]
fn one_word_that_differs_always_shows() {
    let mut numbers = Numbers::new(8);
    let page: Vec<u8> = (0..128).map(|_| numbers.byte()).collect();
    for at in 0..page.len() * 8 {
        let mut other = page.clone();
        other[at / 8] ^= 1 << (at % 8);
        assert_ne!(digest(&other), digest(&page));
    }
}

#[test]
fn a_crc_grows_in_any_pieces() {
    let mut numbers = Numbers::new(2);
    let bytes: Vec<u8> = (0..1000).map(|_| numbers.byte()).collect();
    for _ in 0..50 {
        let mut digest = Crc32::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(numbers.index(rest.len() + 1));
            digest.update(piece);
            rest = behind;
        }
        assert_eq!(digest.finish(), crc32(&bytes));
    }
}

#[test]
fn addresses_that_i2c_reserves_are_none() {
    let valid = (0..=255).filter(|byte| Address::new(*byte).is_some());
    assert!(valid.eq(0x08..=0x77));
    assert_eq!(Address::ENUMERATION.get(), 0x61);
    assert_eq!(
        (address(0x2a).write_byte(), address(0x2a).read_byte(), address(0x08).to_string()),
        (0x54, 0x55, "0x08".to_owned())
    );
}
