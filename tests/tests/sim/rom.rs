//! ST's ROM loader over I2C: frames and answers of their own, BUSY while the flash works, NACK for what it does not take.

use expect_test::{Expect, expect};
use rackflash_core::wire::op::Op;
use rackflash_sim::rom::ADDRESS;
use rackflash_tests::hex;

use super::{Bench, envelope, rack, read};

/// Does what `words` say: hex digits are a write, `r3` reads 3 bytes, `w4000` waits 4 ms.
fn check(words: &str, expected: &Expect) -> Bench {
    let mut bench = Bench::new(&rack(vec![envelope(0)]));
    bench.world.start_rom(0);
    bench.tell();
    for word in words.split_ascii_whitespace() {
        match word.split_at(1) {
            ("r", len) => bench.submit(&[read(ADDRESS, len.parse().unwrap())]),
            ("w", micros) => bench.submit(&[Op::Wait { micros: micros.parse().unwrap() }]),
            _ => bench.submit(&[Op::Write { to: ADDRESS, bytes: &hex::bytes(word) }]),
        }
    }
    expected.assert_eq(&bench.told(&[], 100));
    bench
}

#[test]
fn it_says_what_it_is() {
    check(
        "00ff r1 r9 r1 01fe r1 r1 r1 02fd r1 r3 r1",
        &expect![[r#"
        1.783 bus 0 0x42: write 00ff (too short)
        2.003 bus 0 0x42: read 79 (too short)
        2.943 bus 0 0x42: read 071100010211213245 (CRC does not match)
        3.163 bus 0 0x42: read 79 (too short)
        3.473 bus 0 0x42: write 01fe (too short)
        3.693 bus 0 0x42: read 79 (too short)
        3.913 bus 0 0x42: read 11 (too short)
        4.133 bus 0 0x42: read 79 (too short)
        4.443 bus 0 0x42: write 02fd (too short)
        4.663 bus 0 0x42: read 79 (too short)
        5.063 bus 0 0x42: read 010447 (too short)
        5.283 bus 0 0x42: read 79 (too short)
    "#]],
    );
}

#[test]
fn a_page_is_erased_written_and_read() {
    // The last one of the 64 KB.
    let address = "0800ff8077";
    let data = format!("7f{}7f", "a5".repeat(128));
    let bench = check(
        &format!(
            "45ba r1 000000 r1 01fffe r1 w4000 r1
             32cd r1 {address} r1 {data} r1 w7000 r1
             11ee r1 {address} r1 02fd r1 r3"
        ),
        &expect![[r#"
            1.783 bus 0 0x42: write 45ba (too short)
            2.003 bus 0 0x42: read 79 (too short)
            2.403 bus 0 0x42: write 000000 (too short)
            2.623 bus 0 0x42: read 79 (too short)
            3.023 bus 0 0x42: write 01fffe (too short)
            3.243 bus 0 0x42: read 76 (too short)
            7.463 bus 0 0x42: read 79 (too short)
            7.773 bus 0 0x42: write 32cd (too short)
            7.993 bus 0 0x42: read 79 (too short)
            8.573 bus 0 0x42: write 0800ff8077 (CRC does not match)
            8.793 bus 0 0x42: read 79 (too short)
            20.623 bus 0 0x42: write 7fa5a5a5a5a5a5a5a5a5a5a5a5a5a5a5… (130 bytes) (CRC does not match)
            20.843 bus 0 0x42: read 76 (too short)
            28.063 bus 0 0x42: read 79 (too short)
            28.373 bus 0 0x42: write 11ee (too short)
            28.593 bus 0 0x42: read 79 (too short)
            29.173 bus 0 0x42: write 0800ff8077 (CRC does not match)
            29.393 bus 0 0x42: read 79 (too short)
            29.703 bus 0 0x42: write 02fd (too short)
            29.923 bus 0 0x42: read 79 (too short)
            30.323 bus 0 0x42: read a5a5a5 (too short)
        "#]],
    );
    let memory = bench.world.modules()[0].memory();
    assert_eq!(memory.flash()[0xff80..], [0xa5; 128]);
    assert_eq!(memory.operations(), 3, "an erase and two half-pages");
}

#[test]
fn what_it_does_not_take() {
    let bench = check(
        // No complement; a form that holds the clock; an address with a wrong XOR; one that is no flash; an erase of all; other
        // pages than were announced. Then more is read than there is.
        "1111 r1 31ce r1 11ee r1 0800000009 r1 11ee r1 0900000009 r1 45ba r1 ffff00 r1 45ba r1 000000 r1 0100010101 r1
         r2",
        &expect![[r#"
            1.783 bus 0 0x42: write 1111 (too short)
            2.003 bus 0 0x42: read 1f (too short)
            2.313 bus 0 0x42: write 31ce (too short)
            2.533 bus 0 0x42: read 1f (too short)
            2.843 bus 0 0x42: write 11ee (too short)
            3.063 bus 0 0x42: read 79 (too short)
            3.643 bus 0 0x42: write 0800000009 (CRC does not match)
            3.863 bus 0 0x42: read 1f (too short)
            4.173 bus 0 0x42: write 11ee (too short)
            4.393 bus 0 0x42: read 79 (too short)
            4.973 bus 0 0x42: write 0900000009 (CRC does not match)
            5.193 bus 0 0x42: read 1f (too short)
            5.503 bus 0 0x42: write 45ba (too short)
            5.723 bus 0 0x42: read 79 (too short)
            6.123 bus 0 0x42: write ffff00 (too short)
            6.343 bus 0 0x42: read 1f (too short)
            6.653 bus 0 0x42: write 45ba (too short)
            6.873 bus 0 0x42: read 79 (too short)
            7.273 bus 0 0x42: write 000000 (too short)
            7.493 bus 0 0x42: read 79 (too short)
            8.073 bus 0 0x42: write 0100010101 (CRC does not match)
            8.293 bus 0 0x42: read 1f (too short)
            8.603 bus 0 0x42: read ffff (too short)
        "#]],
    );
    assert_eq!(bench.world.modules()[0].memory().operations(), 0);
}

#[test]
fn it_starts_the_application() {
    check(
        "21de r1 080022002a r1 w10000 r1",
        &expect![[r#"
        1.783 bus 0 0x42: write 21de (too short)
        2.003 bus 0 0x42: read 79 (too short)
        2.583 bus 0 0x42: write 080022002a (CRC does not match)
        2.803 bus 0 0x42: read 79 (too short)
        7.583 module 0: Application(Version { major: 1, minor: 0, patch: 0 })
        12.933 bus 0 0x42: read => NoAnswer
        13.313 bus 0 0x42: read => NoAnswer
        13.943 bus 0 0x42: read => NoAnswer
        15.073 bus 0 0x42: read => NoAnswer
    "#]],
    );
}
