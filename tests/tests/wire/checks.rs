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

/// xxHash32 with seed 0, as its specification describes it.
fn digest_by_hand(bytes: &[u8]) -> u32 {
    const PRIMES: [u32; 5] = [2654435761, 2246822519, 3266489917, 668265263, 374761393];
    let [p1, p2, p3, p4, p5] = PRIMES;
    let word = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap());
    let mut lanes = [p1.wrapping_add(p2), p2, 0, 0u32.wrapping_sub(p1)];
    let stripes = bytes.chunks_exact(16);
    let rest = stripes.remainder();
    for stripe in stripes {
        for (lane, input) in lanes.iter_mut().zip(stripe.chunks(4)) {
            let sum = lane.wrapping_add(word(input).wrapping_mul(p2));
            *lane = sum.rotate_left(13).wrapping_mul(p1);
        }
    }
    let merged = lanes
        .iter()
        .zip([1, 7, 12, 18])
        .fold(0u32, |sum, (lane, turn)| sum.wrapping_add(lane.rotate_left(turn)));
    let mut hash = if bytes.len() < 16 { p5 } else { merged };
    hash = hash.wrapping_add(bytes.len() as u32);
    let words = rest.chunks_exact(4);
    let last = words.remainder();
    for input in words {
        hash = hash.wrapping_add(word(input).wrapping_mul(p3));
        hash = hash.rotate_left(17).wrapping_mul(p4);
    }
    for byte in last {
        hash = hash.wrapping_add(u32::from(*byte).wrapping_mul(p5));
        hash = hash.rotate_left(11).wrapping_mul(p1);
    }
    hash = (hash ^ hash >> 15).wrapping_mul(p2);
    hash = (hash ^ hash >> 13).wrapping_mul(p3);
    hash ^ hash >> 16
}

#[test]
fn digests_in_one_and_in_any_pieces() {
    assert_eq!(digest(b"123456789"), 0x937b_ad67);
    let mut numbers = Numbers::new(7);
    for _ in 0..500 {
        let bytes = numbers.bytes(200);
        assert_eq!(digest(&bytes), digest_by_hand(&bytes));
        let mut grown = Digest::default();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(numbers.index(rest.len() + 1));
            grown.update(piece);
            rest = behind;
        }
        assert_eq!(grown.finish(), digest(&bytes));
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
