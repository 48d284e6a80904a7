//! CRC-32, packet error code and digest against their definitions, and which addresses there are.

use rackflash_core::wire::check::{Address, Crc32, crc32, crc32_to, pec_from, pec_to};
use rackflash_core::wire::digest::{Digest, digest};
use rackflash_tests::numbers::Numbers;

/// Bit by bit, as the standards define it.
fn crc32_by_hand(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

fn pec_by_hand(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc: u8, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 })
    })
}

fn address(address: u8) -> Address {
    Address::new(address).unwrap()
}

#[test]
fn the_check_values_of_the_catalogue() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(pec_by_hand(b"123456789"), 0xf4);
    assert_eq!(crc32(b""), 0);
}

#[test]
fn as_by_hand() {
    let mut numbers = Numbers::new(1);
    for _ in 0..500 {
        let bytes = numbers.bytes(100);
        let to = address(numbers.below(0x70) as u8 + 8);
        let behind = |first: u8| [&[first], bytes.as_slice()].concat();
        assert_eq!(crc32(&bytes), crc32_by_hand(&bytes));
        assert_eq!(crc32_to(to, &bytes), crc32_by_hand(&behind(to.get() * 2)));
        assert_eq!(pec_to(to, &bytes), pec_by_hand(&behind(to.get() * 2)));
        assert_eq!(pec_from(to, &bytes), pec_by_hand(&behind(to.get() * 2 + 1)));
    }
}

/// MurmurHash3, x86, 32 bits, with seed 0, as its author wrote it down.
fn digest_by_hand(bytes: &[u8]) -> u32 {
    let mixed = |bytes: &[u8]| {
        let word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        word.wrapping_mul(0xcc9e2d51).rotate_left(15).wrapping_mul(0x1b873593)
    };
    let words = bytes.chunks_exact(4);
    let tail = mixed(words.remainder());
    let mut hash = words.fold(0, |hash, word| {
        (hash ^ mixed(word)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe6546b64)
    });
    hash ^= tail ^ bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85ebca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2ae35);
    hash ^ hash >> 16
}

#[test]
fn digests_at_once_and_word_by_word() {
    // Published values.
    assert_eq!(digest(b""), 0);
    assert_eq!(digest(b"test"), 0xba6b_d213);
    assert_eq!(digest(b"Hello, world!"), 0xc036_3e43);
    assert_eq!(digest(b"The quick brown fox jumps over the lazy dog"), 0x2e4f_f723);
    let mut numbers = Numbers::new(7);
    for _ in 0..500 {
        let bytes = numbers.bytes(200);
        assert_eq!(digest(&bytes), digest_by_hand(&bytes));
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
