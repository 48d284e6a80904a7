//! Flash of two banks: one operation does a page of each. And what a loader makes of it, against the time of one bank.

use expect_test::expect;
use rackflash_core::module::loader::Loader;
use rackflash_core::module::{Banks, Chip, Config, FlashEnd, FlashOp, HalfPage, PAGE_LEN, Step};
use rackflash_core::time::Duration;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::identity::{Identity, Why};
use rackflash_core::wire::module::{
    Begin, PageFrame, REQUEST_LEN_MAX, Request, STATUS_LEN, Session, State, Status, Tag, Uid,
};
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::{APPLICATION_START, Cut, CutAt, FLASH_START, FlashTime, Variant};
use rackflash_sim::memory::Memory;
use rackflash_sim::module::RING;

const FIRST: u32 = APPLICATION_START;
const SECOND: u32 = FLASH_START + 96 * 1024;

fn memory(variant: Variant) -> Memory {
    Memory::new(variant, FlashTime::Typical, 1)
}

fn run(memory: &mut Memory, operation: FlashOp<'_>) -> (Duration, FlashEnd) {
    memory.start(operation);
    memory.wait()
}

fn halves(first: u32, second: u32) -> FlashOp<'static> {
    let half = |address| HalfPage { address, words: &[0xa5a5_a5a5; 16] };
    FlashOp::ProgramHalfPage { half: half(first), also: Some(half(second)) }
}

#[test]
fn a_page_of_each_bank_in_the_time_of_one() {
    let mut memory = memory(Variant::Dual192);
    let both = [
        FlashOp::Erase { address: FIRST, also: Some(SECOND) },
        halves(FIRST, SECOND),
        halves(SECOND + 64, FIRST + 64),
    ];
    for operation in both {
        assert_eq!(run(&mut memory, operation), (Duration::from_micros(3280), FlashEnd::Done));
    }
    for page in [FIRST, SECOND] {
        let mut bytes = [0; PAGE_LEN];
        memory.read(page, &mut bytes);
        assert_eq!(bytes, [0xa5; PAGE_LEN]);
    }
    assert_eq!(memory.operations(), 6, "what it wears");
    assert_eq!(memory.violations(), Default::default());
}

#[test]
fn what_does_not_lie_in_one_bank_each() {
    let end = FLASH_START + 192 * 1024;
    let pairs = [
        (Variant::Kb192, FIRST, SECOND),
        (Variant::Dual192, FIRST, SECOND - 128),
        (Variant::Dual192, SECOND, end - 128),
        (Variant::Dual192, FIRST, end),
        (Variant::Dual192, FLASH_START, SECOND),
    ];
    let mut text = String::new();
    for (variant, first, second) in pairs {
        let mut memory = memory(variant);
        let end = run(&mut memory, FlashOp::Erase { address: first, also: Some(second) });
        assert_eq!(end, (Duration::ZERO, FlashEnd::Error));
        assert_eq!(run(&mut memory, halves(first, second)).1, FlashEnd::Error);
        text += &format!("{variant:?} {first:08x} {second:08x}: {:?}\n", memory.violations());
    }
    expect![[r#"
        Kb192 08002200 08018000: Violations { loader_area: 0, while_busy: 0, bad_address: 0, not_erased: 0, not_parallel: 2 }
        Dual192 08002200 08017f80: Violations { loader_area: 0, while_busy: 0, bad_address: 0, not_erased: 0, not_parallel: 2 }
        Dual192 08018000 0802ff80: Violations { loader_area: 0, while_busy: 0, bad_address: 0, not_erased: 0, not_parallel: 2 }
        Dual192 08002200 08030000: Violations { loader_area: 0, while_busy: 0, bad_address: 2, not_erased: 0, not_parallel: 0 }
        Dual192 08000000 08018000: Violations { loader_area: 2, while_busy: 0, bad_address: 0, not_erased: 0, not_parallel: 0 }
    "#]].assert_eq(&text);
}

#[test]
fn a_cut_at_either_number_tears_both() {
    for operation in [0, 1] {
        let mut torn = [0; 2];
        for seed in 0..50 {
            let mut memory = Memory::new(Variant::Dual192, FlashTime::Typical, seed);
            memory.cut_at(CutAt { operation, cut: Cut::Torn, off: Duration::ZERO });
            assert_eq!(run(&mut memory, halves(FIRST, SECOND)).1, FlashEnd::Error);
            for (torn, page) in torn.iter_mut().zip([FIRST, SECOND]) {
                let mut bytes = [0; 64];
                memory.read(page, &mut bytes);
                *torn += u32::from(bytes != [0; 64] && bytes != [0xa5; 64]);
            }
        }
        assert!(torn.iter().all(|times| *times > 20), "{torn:?}");
    }
}

const TO: Address = Address::new(0x20).unwrap();

/// An update of the whole application area by a host that always has a frame ready, in the order that the banks like best;
/// how long the flash and the CPU take from Begin to Commit.
fn update(variant: Variant) -> Duration {
    let geometry = variant.geometry();
    let identity = Identity {
        vendor: 0x1209,
        module_type: 3,
        hardware: 1,
        name: *b"Envelope\0\0\0\0",
        uid: Uid([1; 12]),
        loader: Version::new(1, 0, 0),
        geometry,
        ..Identity::default()
    };
    let config = Config { identity, assigned: Some(TO) };
    let len = geometry.flash_start + geometry.flash_len - geometry.application_start;
    let split = match variant.banks() {
        Banks::One => page_number(len),
        Banks::Two => page_number(SECOND - APPLICATION_START),
    };
    let mut first = 1..split;
    let mut second = split..page_number(len);
    let mut pages = Vec::new();
    while pages.len() + 1 < (len / 128) as usize {
        for turn in 0..=30 {
            pages.extend(if turn % 2 == 0 { second.next() } else { first.next() });
        }
    }
    pages.push(0);

    let mut memory = memory(variant);
    let mut loader = Loader::<RING>::new();
    loader.start(&config, Why::Blank, &memory);
    let mut frame = [0; REQUEST_LEN_MAX];
    let session = Session(1);
    let begin = Begin { vendor: 0x1209, module_type: 3, len, ..Begin::default() };
    let end =
        Request::Begin(Begin { hardware: rackflash_core::wire::header::Hardware::of(1), ..begin })
            .emit(TO, session, Tag(1), &mut frame)
            .unwrap();
    loader.on_write(TO, &frame[..end]);
    let (mut took, mut pages) = (Duration::ZERO, pages.into_iter().peekable());
    loop {
        let mut status = [0; STATUS_LEN];
        loader.on_read(TO, &mut status);
        let status = Status::parse(TO, &status).unwrap();
        if status.room.0 != 0
            && status.state == State::Receiving
            && let Some(page) = pages.next()
        {
            let bytes = &filled(page);
            let page = PageFrame { session, seq: status.received, page, bytes };
            let end = page.emit(TO, &mut frame).unwrap();
            loader.on_write(TO, &frame[..end]);
            continue;
        }
        took = took
            + match loader.step(&mut memory) {
                Step::Flash => {
                    let (time, end) = memory.wait();
                    loader.flash_ended(end);
                    time
                }
                Step::Again { bytes } => Duration::from_micros(u64::from(bytes) * 12 / 32),
                step => {
                    assert_eq!((step, pages.peek()), (Step::Idle, None));
                    break;
                }
            };
    }
    assert_eq!(memory.violations(), Default::default());
    for (page, bytes) in (0..).zip(memory.application().as_chunks::<PAGE_LEN>().0) {
        assert_eq!(*bytes, filled(page));
    }
    took
}

fn page_number(offset: u32) -> u16 {
    u16::try_from(offset / 128).unwrap()
}

/// What stands in a page.
fn filled(page: u16) -> [u8; PAGE_LEN] {
    [page.to_le_bytes()[0] | 1; PAGE_LEN]
}

#[test]
fn two_banks_take_half_the_time() {
    let (one, two) = (update(Variant::Kb192), update(Variant::Dual192));
    let ratio = one.as_secs_f64() / two.as_secs_f64();
    expect!["one bank 14.843032s, two 7.660216s: 1.938 times as fast"]
        .assert_eq(&format!("one bank {one:?}, two {two:?}: {ratio:.3} times as fast"));
}
