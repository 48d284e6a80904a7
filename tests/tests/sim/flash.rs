//! The flash: what it takes, what it refuses, how long it needs, and what is left when the power goes.

use core::fmt::Write;

use expect_test::{Expect, expect};
use rackflash_core::module::{Chip, FlashEnd, FlashOp, HalfPage};
use rackflash_sim::chip::{APPLICATION_START, Cut, CutAt, FLASH_START, FlashTime, Variant, Wear};
use rackflash_sim::memory::Memory;

const PAGE: u32 = APPLICATION_START;

fn memory(seed: u64) -> Memory {
    Memory::new(Variant::Kb64, FlashTime::Typical, seed)
}

fn erase(address: u32) -> FlashOp<'static> {
    FlashOp::Erase { address, also: None }
}

fn half_page(address: u32, words: &[u32; 16]) -> FlashOp<'_> {
    FlashOp::ProgramHalfPage { half: HalfPage { address, words }, also: None }
}

fn word(address: u32, bytes: [u8; 4]) -> FlashOp<'static> {
    FlashOp::ProgramWord { address, word: u32::from_le_bytes(bytes) }
}

fn eeprom(offset: u32, bytes: [u8; 4]) -> FlashOp<'static> {
    FlashOp::WriteEeprom { offset, word: u32::from_le_bytes(bytes) }
}

fn read(memory: &Memory, address: u32) -> [u8; 4] {
    let mut bytes = [0; 4];
    memory.read(address, &mut bytes);
    bytes
}

/// Runs one operation after another; a line for each, then what was refused.
fn check(memory: &mut Memory, operations: &[FlashOp<'_>], expect: Expect) {
    let mut text = String::new();
    for operation in operations {
        memory.start(*operation);
        let (time, end) = memory.wait();
        let what = match operation {
            FlashOp::Erase { address, .. } => format!("erase {address:08x}"),
            FlashOp::ProgramHalfPage { half, .. } => format!("half-page {:08x}", half.address),
            FlashOp::ProgramWord { address, .. } => {
                format!("word {address:08x} => reads {:02x?}", read(memory, *address))
            }
            FlashOp::WriteEeprom { offset, .. } => {
                let bytes = memory.eeprom_word(*offset).to_le_bytes();
                format!("EEPROM {offset:04x} => reads {bytes:02x?}")
            }
        };
        writeln!(text, "{what} {time:?} {end:?}").unwrap();
    }
    writeln!(text, "{} operations, {:?}", memory.operations(), memory.violations()).unwrap();
    expect.assert_eq(&text);
}

#[test]
fn each_operation_takes_its_time() {
    let operations = [
        erase(PAGE),
        half_page(PAGE, &[0xa5a5_a5a5; 16]),
        word(PAGE + 64, [1, 2, 3, 4]),
        eeprom(8, [1, 2, 3, 4]),
        // Not erased before: the hardware erases it.
        eeprom(8, [0, 0, 0, 8]),
    ];
    check(
        &mut memory(1),
        &operations,
        expect![[r#"
            erase 08002200 3.28ms Done
            half-page 08002200 3.28ms Done
            word 08002240 => reads [01, 02, 03, 04] 3.28ms Done
            EEPROM 0008 => reads [01, 02, 03, 04] 3.28ms Done
            EEPROM 0008 => reads [00, 00, 00, 08] 6.56ms Done
            5 operations, Violations { loader_area: 0, while_busy: 0, bad_address: 0, not_erased: 0, not_parallel: 0 }
        "#]],
    );
    let mut slow = Memory::new(Variant::Kb192, FlashTime::Maximum, 1);
    check(
        &mut slow,
        &operations[..1],
        expect![[r#"
            erase 08002200 3.94ms Done
            1 operations, Violations { loader_area: 0, while_busy: 0, bad_address: 0, not_erased: 0, not_parallel: 0 }
        "#]],
    );
}

#[test]
fn programming_what_is_not_erased_is_refused() {
    let operations = [
        word(PAGE, [0xf0; 4]),
        word(PAGE, [0xff; 4]),
        half_page(PAGE, &[u32::MAX; 16]),
        erase(PAGE),
        word(PAGE, [0xff; 4]),
    ];
    check(
        &mut memory(1),
        &operations,
        expect![[r#"
            word 08002200 => reads [f0, f0, f0, f0] 3.28ms Done
            word 08002200 => reads [f0, f0, f0, f0] 0ns Error
            half-page 08002200 0ns Error
            erase 08002200 3.28ms Done
            word 08002200 => reads [ff, ff, ff, ff] 3.28ms Done
            3 operations, Violations { loader_area: 0, while_busy: 0, bad_address: 0, not_erased: 2, not_parallel: 0 }
        "#]],
    );
}

#[test]
fn wrong_addresses_are_refused() {
    let end = FLASH_START + 64 * 1024;
    let operations = [
        erase(PAGE + 64),
        half_page(PAGE + 4, &[0x0101_0101; 16]),
        word(PAGE + 2, [1; 4]),
        erase(end),
        erase(FLASH_START - 128),
        word(u32::MAX - 3, [1; 4]),
        eeprom(2, [1; 4]),
        eeprom(3 * 1024, [1; 4]),
        eeprom(3 * 1024 - 4, [1; 4]),
        word(end - 4, [1; 4]),
    ];
    check(
        &mut memory(1),
        &operations,
        expect![[r#"
            erase 08002240 0ns Error
            half-page 08002204 0ns Error
            word 08002202 => reads [00, 00, 00, 00] 0ns Error
            erase 08010000 0ns Error
            erase 07ffff80 0ns Error
            word fffffffc => reads [00, 00, 00, 00] 0ns Error
            EEPROM 0002 => reads [00, 00, 00, 00] 0ns Error
            EEPROM 0c00 => reads [00, 00, 00, 00] 0ns Error
            EEPROM 0bfc => reads [01, 01, 01, 01] 3.28ms Done
            word 0800fffc => reads [01, 01, 01, 01] 3.28ms Done
            2 operations, Violations { loader_area: 0, while_busy: 0, bad_address: 8, not_erased: 0, not_parallel: 0 }
        "#]],
    );
}

#[test]
fn the_loaders_own_area_is_write_protected() {
    let mut memory = memory(1);
    let before = memory.loader_area().to_vec();
    let operations = [erase(FLASH_START), word(FLASH_START + 8 * 1024 - 4, [1; 4])];
    check(
        &mut memory,
        &operations,
        expect![[r#"
            erase 08000000 0ns Error
            word 08001ffc => reads [3a, a0, 61, 9d] 0ns Error
            0 operations, Violations { loader_area: 2, while_busy: 0, bad_address: 0, not_erased: 0, not_parallel: 0 }
        "#]],
    );
    assert_eq!(memory.loader_area(), before);
}

#[test]
fn reading_while_it_writes_is_counted() {
    let mut memory = memory(1);
    memory.start(erase(PAGE));
    read(&memory, PAGE);
    memory.start(erase(PAGE));
    memory.wait();
    expect!["Violations { loader_area: 0, while_busy: 2, bad_address: 0, not_erased: 0, not_parallel: 0 }"]
        .assert_eq(&format!("{:?}", memory.violations()));
}

#[test]
fn a_worn_page_does_not_take_its_bytes() {
    let mut memory = memory(1);
    memory.wear(Wear { address: PAGE + 100, times: 1 });
    let operations = [word(PAGE, [0xff; 4]), erase(PAGE), word(PAGE, [0xff; 4])];
    check(
        &mut memory,
        &operations,
        expect![[r#"
            word 08002200 => reads [fe, ff, ff, ff] 3.28ms Done
            erase 08002200 3.28ms Done
            word 08002200 => reads [ff, ff, ff, ff] 3.28ms Done
            3 operations, Violations { loader_area: 0, while_busy: 0, bad_address: 0, not_erased: 0, not_parallel: 0 }
        "#]],
    );
}

/// Cuts the power in `operation` on a page of which the first half is programmed; returns the flash before and after.
fn cut(seed: u64, operation: FlashOp<'_>, cut: Cut) -> (Vec<u8>, Memory) {
    let mut memory = memory(seed);
    memory.start(half_page(PAGE, &[0xc3c3_c3c3; 16]));
    assert_eq!(memory.wait().1, FlashEnd::Done);
    let before = memory.application().to_vec();
    memory.cut_at(CutAt { operation: 1, cut, off: rackflash_core::time::Duration::ZERO });
    memory.start(operation);
    memory.wait();
    (before, memory)
}

#[test]
fn a_cut_before_or_after_leaves_no_doubt() {
    for operation in [erase(PAGE), half_page(PAGE + 64, &[0x5a5a_5a5a; 16])] {
        let (before, memory) = cut(1, operation, Cut::Before);
        assert_eq!((memory.application(), memory.unstable().len()), (&before[..], 0));
        let (before, memory) = cut(1, operation, Cut::After);
        assert_ne!(memory.application(), before);
        assert_eq!(memory.unstable(), []);
    }
}

#[test]
fn a_torn_operation_leaves_anything_between_and_nothing_else() {
    let (mut as_it_was, mut as_it_should, mut unstable) = (0, 0, 0);
    for seed in 0..200 {
        for (operation, new) in [
            (erase(PAGE), [[0u8; 64]; 2].concat()),
            (half_page(PAGE + 64, &[0x5a5a_5a5a; 16]), [[0xc3; 64], [0x5a; 64]].concat()),
        ] {
            let (before, memory) = cut(seed, operation, Cut::Torn);
            let (torn, rest) = memory.application().split_at(128);
            assert_eq!(rest, &before[128..], "other pages are as they were");
            for ((torn, old), new) in torn.iter().zip(&before).zip(&new) {
                assert_eq!((torn ^ old) & !(old ^ new), 0, "bits that stay the same have stayed");
            }
            as_it_was += u32::from(torn == &before[..128]);
            as_it_should += u32::from(torn == new);
            unstable += u32::from(!memory.unstable().is_empty());
        }
    }
    expect!["of 400 torn: 80 look untouched, 46 look done, 274 read differently each time"].assert_eq(&format!(
        "of 400 torn: {as_it_was} look untouched, {as_it_should} look done, {unstable} read differently each time"
    ));
}

#[test]
fn torn_bits_read_differently_until_the_page_is_erased() {
    let (_, mut memory) = cut(3, erase(PAGE), Cut::Torn);
    let &(address, bits) = memory.unstable().first().unwrap();
    let readings: Vec<u32> = (0..64).map(|_| u32::from_le_bytes(read(&memory, address))).collect();
    let seen = readings.iter().fold(0, |seen, reading| seen | (reading ^ readings[0]));
    assert_eq!(seen, bits, "each of these bits was seen both ways, and no other");
    memory.start(erase(PAGE));
    memory.wait();
    assert_eq!(memory.unstable(), []);
    assert!((0..64).all(|_| read(&memory, address) == [0; 4]));
}

#[test]
fn a_torn_word_of_eeprom() {
    let (_, memory) = cut(6, eeprom(0, [0xff; 4]), Cut::Torn);
    let readings: Vec<[u8; 4]> = (0..3).map(|_| memory.eeprom_word(0).to_le_bytes()).collect();
    expect!["[[84, 92, 24, ad], [d6, 90, e5, bd], [94, 12, 65, a9]]"]
        .assert_eq(&format!("{readings:02x?}"));
}
