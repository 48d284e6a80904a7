//! What a host writes to a module: requests and page frames.

use expect_test::{Expect, expect};
use rackflash_core::wire::check::{Address, crc32_to};
use rackflash_core::wire::header::Hardware;
use rackflash_core::wire::module::{
    Begin, DATA_LEN_MAX, PAGE_COMMAND, PAGE_OVERHEAD, PageFrame, REQUEST_LEN_MAX, Request, Session,
    Tag, Uid,
};
use rackflash_core::wire::version::Version;
use rackflash_core::wire::{Field, Malformed};

use crate::{emitted, golden, refuses_flips};

const TO: Address = Address::new(0x10).unwrap();
const SESSION: Session = Session(0xa5);
const TAG: Tag = Tag(7);
const UID: Uid = Uid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

fn request(request: Request<'_>, expect: Expect) {
    let frame = emitted(|frame| request.emit(TO, SESSION, TAG, frame));
    let (session, tag, parsed) = Request::parse(TO, &frame).unwrap();
    golden(&request, &frame, Ok(parsed), &expect);
    assert_eq!((session, tag), (SESSION, TAG));
    assert!(frame.len() <= REQUEST_LEN_MAX);
    refuses_flips(&frame, |frame| Request::parse(TO, frame).map(|_| ()));
    for len in 0..frame.len() {
        Request::parse(TO, &frame[..len]).unwrap_err();
        assert_eq!(request.emit(TO, SESSION, TAG, &mut vec![0; len]), Err(Malformed::Short));
    }
    for other in (0x08..0x78).filter_map(Address::new).filter(|other| *other != TO) {
        assert_eq!(Request::parse(other, &frame), Err(Malformed::Crc), "read by {other}");
    }
}

/// A request with this body and a CRC that is right.
fn sealed(covered: &[u8]) -> Vec<u8> {
    [covered, &crc32_to(TO, covered).to_le_bytes()].concat()
}

#[test]
fn identify() {
    request(
        Request::Identify,
        expect![[r#"
            Identify
            01a50700 30b6ad2f
        "#]],
    );
}

#[test]
fn assign() {
    request(
        Request::Assign { uid: UID, address: Address::new(0x2a).unwrap() },
        expect![[r#"
            Assign 0102030405060708090a0b0c 0x2a
            02a5072a 01020304 05060708 090a0b0c a3114f90
        "#]],
    );
    for address in [0, 7, 0x78, 0xff] {
        let frame = sealed(&[[0x02, 0, 1, address].as_slice(), &UID.0].concat());
        assert_eq!(Request::parse(TO, &frame), Err(Malformed::Range(Field::Address)));
    }
}

#[test]
fn enumerate() {
    request(
        Request::Enumerate,
        expect![[r#"
            Enumerate
            03a50700 bb7ea485
        "#]],
    );
}

#[test]
fn enter_loader() {
    request(
        Request::EnterLoader,
        expect![[r#"
            EnterLoader
            04a50700 02467318
        "#]],
    );
}

#[test]
fn begin() {
    request(
        Request::Begin(Begin {
            vendor: 0x1209,
            module_type: 0x0003,
            hardware: Hardware::new(1, 4).unwrap(),
            version: Version { major: 1, minor: 2, patch: 0x0304 },
            len: 0x0001_0000,
            digest: 0xdead_beef,
            group: Address::new(0x72),
        }),
        expect![[r#"
            Begin 1209:0003 hardware 1 to 4 1.2.772 len=65536 digest=deadbeef group=0x72
            05a50772 09120300 01040000 01020403 00000100 efbeadde 447779d8
        "#]],
    );
}

#[test]
fn hardware_that_runs_downwards() {
    let begin = Begin { hardware: Hardware::new(3, 3).unwrap(), ..Begin::default() };
    let frame = emitted(|frame| Request::Begin(begin).emit(TO, SESSION, TAG, frame));
    let (covered, _) = frame.split_at(frame.len() - 4);
    // Where the lowest stands, the highest behind it.
    let mut covered = covered.to_vec();
    assert_eq!(covered[8..10], [3, 3]);
    for (lowest, parsed) in [(2, Ok(())), (4, Err(Malformed::Range(Field::Hardware)))] {
        covered[8] = lowest;
        assert_eq!(Request::parse(TO, &sealed(&covered)).map(|_| ()), parsed);
    }
}

#[test]
fn commit() {
    request(
        Request::Commit,
        expect![[r#"
            Commit
            06a50700 898e7ab2
        "#]],
    );
}

#[test]
fn run() {
    request(
        Request::Run,
        expect![[r#"
            Run
            07a50700 ece9c60a
        "#]],
    );
}

#[test]
fn confirm() {
    request(
        Request::Confirm,
        expect![[r#"
            Confirm
            08a50700 baf9a552
        "#]],
    );
}

#[test]
fn page_digests() {
    request(
        Request::PageDigests { first: 0x0102, count: 64 },
        expect![[r#"
            PageDigests first=258 count=64
            09a50740 02010000 a2bb1980
        "#]],
    );
}

#[test]
fn digest() {
    request(
        Request::Digest { start: 0x0800_2200, len: 0x0102_0304 },
        expect![[r#"
            Digest 0x08002200 len=16909060
            0aa50700 00220008 04030201 0bf08c94
        "#]],
    );
}

#[test]
fn read() {
    request(
        Request::Read { start: 0x0800_2200, len: 256 },
        expect![[r#"
            Read 0x08002200 len=256
            0ba50700 00220008 00010000 49adfec6
        "#]],
    );
}

#[test]
fn eeprom_read() {
    request(
        Request::EepromRead { offset: 0x0102, len: 0x0100 },
        expect![[r#"
            EepromRead offset=258 len=256
            0ca50700 02010000 00010000 7b2b663e
        "#]],
    );
}

#[test]
fn eeprom_write() {
    request(
        Request::EepromWrite { offset: 0x0102, bytes: &[1, 2, 3, 4] },
        expect![[r#"
            EepromWrite offset=258 01020304
            0da50700 02010000 01020304 f2297933
        "#]],
    );
    request(
        Request::EepromWrite { offset: 0, bytes: &[] },
        expect![[r#"
            EepromWrite offset=0 
            0da50700 00000000 ad4f6bf7
        "#]],
    );
    request(
        Request::EepromWrite { offset: 0, bytes: &[0x5a; DATA_LEN_MAX] },
        expect![[r#"
            EepromWrite offset=0 5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a… (256 bytes)
            0da50700 00000000 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
            5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
            5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
            5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
            5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
            5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
            5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
            5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
            5a5a5a5a 5a5a5a5a cf163336
        "#]],
    );
}

#[test]
fn log() {
    request(
        Request::Log,
        expect![[r#"
            Log
            0ea50700 66a6ce77
        "#]],
    );
}

#[test]
fn blink() {
    request(
        Request::Blink { seconds: 5 },
        expect![[r#"
            Blink 5 s
            0fa50705 8c3518bf
        "#]],
    );
}

#[test]
fn commands_that_are_none_and_bodies_of_the_wrong_length() {
    for command in 0..=255 {
        let known = matches!(command, 1..=15);
        let mut lengths = Vec::new();
        for len in 0..=40 {
            // 0x70 is an address, and a group's as well.
            let argument = if matches!(command, 2 | 5) { 0x70 } else { 0 };
            let frame = sealed(&[[command, 0xa5, 7, argument].as_slice(), &vec![0; len]].concat());
            match Request::parse(TO, &frame) {
                Ok((session, tag, _)) => {
                    assert_eq!((session, tag), (SESSION, TAG));
                    lengths.push(len);
                }
                Err(Malformed::Unknown(Field::Command, code)) => {
                    assert!(!known && code == command);
                }
                Err(error) => assert!(
                    known && matches!(error, Malformed::Short | Malformed::Trailing),
                    "{command:#04x} with {len}: {error}"
                ),
            }
        }
        let body = match command {
            2 => vec![12],
            5 => vec![20],
            9 => vec![4],
            10..=12 => vec![8],
            13 => (4..=40).collect(),
            _ if known => vec![0],
            _ => vec![],
        };
        assert_eq!(lengths, body, "{command:#04x}");
    }
    for len in 0..4 {
        assert_eq!(Request::parse(TO, &sealed(&vec![1; len])), Err(Malformed::Short));
    }
    // What says nothing yet is no place for anything.
    let frame = sealed(&[1, 0xa5, 7, 1]);
    assert_eq!(Request::parse(TO, &frame), Err(Malformed::Range(Field::Data)));
    let frame = sealed(&[12, 0xa5, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(Request::parse(TO, &frame), Err(Malformed::Range(Field::Len)));
}

#[test]
fn tags_go_round_without_zero() {
    let tags = core::iter::successors(Some(Tag::default()), |tag| Some(tag.next()));
    let seen: Vec<u8> = tags.skip(1).take(256).map(|tag| tag.0).collect();
    assert!(seen[..255].iter().copied().eq(1..=255));
    assert_eq!(seen[255], 1);
}

fn page(bytes: &[u8]) -> PageFrame<'_> {
    PageFrame { session: SESSION, seq: 0x0102, page: 0x0304, bytes }
}

fn check_page(page: PageFrame<'_>, expect: Expect) {
    let frame = emitted(|frame| page.emit(TO, frame));
    golden(&page, &frame, PageFrame::parse(TO, &frame), &expect);
    assert_eq!(frame.len(), page.bytes.len() + PAGE_OVERHEAD);
    assert_eq!(frame[0], PAGE_COMMAND);
    refuses_flips(&frame, |frame| PageFrame::parse(TO, frame).map(|_| ()));
    for len in 0..frame.len() {
        PageFrame::parse(TO, &frame[..len]).unwrap_err();
        assert_eq!(page.emit(TO, &mut vec![0; len]), Err(Malformed::Short));
    }
    for other in (0x08..0x78).filter_map(Address::new).filter(|other| *other != TO) {
        assert_eq!(PageFrame::parse(other, &frame), Err(Malformed::Crc), "read by {other}");
    }
    // Neither is taken for the other.
    assert_eq!(Request::parse(TO, &frame), Err(Malformed::Unknown(Field::Command, 0x50)));
}

#[test]
fn a_page() {
    let bytes: Vec<u8> = (0..128).collect();
    check_page(
        page(&bytes),
        expect![[r#"
            Page 772 seq=258 128 bytes
            50a50201 04030001 02030405 06070809 0a0b0c0d 0e0f1011 12131415 16171819
            1a1b1c1d 1e1f2021 22232425 26272829 2a2b2c2d 2e2f3031 32333435 36373839
            3a3b3c3d 3e3f4041 42434445 46474849 4a4b4c4d 4e4f5051 52535455 56575859
            5a5b5c5d 5e5f6061 62636465 66676869 6a6b6c6d 6e6f7071 72737475 76777879
            7a7b7c7d 7e7f6632 e92c
        "#]],
    );
}

#[test]
fn a_page_of_nothing() {
    check_page(
        page(&[]),
        expect![[r#"
            Page 772 seq=258 0 bytes
            50a50201 0403f1c8 36b0
        "#]],
    );
}

#[test]
fn another_command_is_no_page_frame() {
    let other = sealed(&[0x51, 1, 0, 0, 0, 0]);
    assert_eq!(PageFrame::parse(TO, &other), Err(Malformed::Unknown(Field::Command, 0x51)));
    assert_eq!(PageFrame::parse(TO, &sealed(&[0x50, 1, 0, 0, 0])), Err(Malformed::Short));
}
