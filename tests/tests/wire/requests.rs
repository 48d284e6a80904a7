//! What a host writes to a module: requests and page frames.

use expect_test::{Expect, expect};
use rackflash_core::wire::check::{Address, crc32_to, pec_to};
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
        01a5071a c7a0cd
    "#]],
    );
}

#[test]
fn assign() {
    request(
        Request::Assign { uid: UID, address: Address::new(0x2a).unwrap() },
        expect![[r#"
        Assign 0102030405060708090a0b0c 0x2a
        02a50701 02030405 06070809 0a0b0c2a 2ea6baed
    "#]],
    );
    for address in [0, 7, 0x78, 0xff] {
        let frame = sealed(&[[0x02, 0, 1].as_slice(), &UID.0, &[address]].concat());
        assert_eq!(Request::parse(TO, &frame), Err(Malformed::Range(Field::Address)));
    }
}

#[test]
fn enumerate() {
    request(
        Request::Enumerate,
        expect![[r#"
        Enumerate
        03a50774 1324ce
    "#]],
    );
}

#[test]
fn enter_loader() {
    request(
        Request::EnterLoader,
        expect![[r#"
        EnterLoader
        04a507f1 056bcb
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
            05a50709 12030001 04010204 03000001 00efbead de72da38 241f
        "#]],
    );
}

#[test]
fn commit() {
    request(
        Request::Commit,
        expect![[r#"
        Commit
        06a5079f d1efc8
    "#]],
    );
}

#[test]
fn run() {
    request(
        Request::Run,
        expect![[r#"
        Run
        07a507a8 bb2dc9
    "#]],
    );
}

#[test]
fn confirm() {
    request(
        Request::Confirm,
        expect![[r#"
        Confirm
        08a50795 fc71c2
    "#]],
    );
}

#[test]
fn page_digests() {
    request(
        Request::PageDigests { first: 0x0102, count: 64 },
        expect![[r#"
        PageDigests first=258 count=64
        10a50702 01409968 5418
    "#]],
    );
}

#[test]
fn digest() {
    request(
        Request::Digest { start: 0x0800_2200, len: 0x0102_0304 },
        expect![[r#"
        Digest 0x08002200 len=16909060
        11a50700 22000804 030201ae b2cb87
    "#]],
    );
}

#[test]
fn read() {
    request(
        Request::Read { start: 0x0800_2200, len: 256 },
        expect![[r#"
        Read 0x08002200 len=256
        12a50700 22000800 017dcbfe cb
    "#]],
    );
}

#[test]
fn eeprom_read() {
    request(
        Request::EepromRead { offset: 0x0102, len: 0x0100 },
        expect![[r#"
        EepromRead offset=258 len=256
        13a50702 0100010b f55fed
    "#]],
    );
}

#[test]
fn eeprom_write() {
    request(
        Request::EepromWrite { offset: 0x0102, bytes: &[1, 2, 3, 4] },
        expect![[r#"
        EepromWrite offset=258 01020304
        14a50702 01010203 04d70321 9d
    "#]],
    );
    request(
        Request::EepromWrite { offset: 0, bytes: &[] },
        expect![[r#"
        EepromWrite offset=0 
        14a50700 00656af4 5c
    "#]],
    );
    request(
        Request::EepromWrite { offset: 0, bytes: &[0x5a; DATA_LEN_MAX] },
        expect![[r#"
        EepromWrite offset=0 5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a… (256 bytes)
        14a50700 005a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
        5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
        5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
        5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
        5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
        5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
        5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
        5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a 5a5a5a5a
        5a5a5a5a 5aed29fe 93
    "#]],
    );
}

#[test]
fn log() {
    request(
        Request::Log,
        expect![[r#"
        Log
        15a507b6 cc8fd6
    "#]],
    );
}

#[test]
fn blink() {
    request(
        Request::Blink { seconds: 5 },
        expect![[r#"
        Blink 5 s
        16a50705 992d0992
    "#]],
    );
}

#[test]
fn commands_that_are_none_and_bodies_of_the_wrong_length() {
    for command in 0..=255 {
        let known = matches!(command, 0x01..=0x08 | 0x10..=0x16);
        let mut lengths = Vec::new();
        for len in 0..=40 {
            // 0x70 is an address, and a group's as well.
            let frame = sealed(&[[command, 0xa5, 7].as_slice(), &vec![0x70; len]].concat());
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
            0x02 => vec![13],
            0x05 => vec![19],
            0x10 => vec![3],
            0x11 => vec![8],
            0x12 => vec![6],
            0x13 => vec![4],
            0x14 => (2..=40).collect(),
            0x16 => vec![1],
            _ if known => vec![0],
            _ => vec![],
        };
        assert_eq!(lengths, body, "{command:#04x}");
    }
    for len in 0..3 {
        assert_eq!(Request::parse(TO, &sealed(&vec![1; len])), Err(Malformed::Short));
    }
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
        50a50201 04034d00 01020304 05060708 090a0b0c 0d0e0f10 11121314 15161718
        191a1b1c 1d1e1f20 21222324 25262728 292a2b2c 2d2e2f30 31323334 35363738
        393a3b3c 3d3e3f40 41424344 45464748 494a4b4c 4d4e4f50 51525354 55565758
        595a5b5c 5d5e5f60 61626364 65666768 696a6b6c 6d6e6f70 71727374 75767778
        797a7b7c 7d7e7fce e74bae
    "#]],
    );
}

#[test]
fn a_page_of_nothing() {
    check_page(
        page(&[]),
        expect![[r#"
        Page 772 seq=258 0 bytes
        50a50201 04034de2 266510
    "#]],
    );
}

#[test]
fn a_page_frame_has_two_checks() {
    let header = [PAGE_COMMAND, 1, 0, 0, 0, 0];
    let pec = pec_to(TO, &header);
    let good = [header.as_slice(), &[pec, 1, 2]].concat();
    assert!(PageFrame::parse(TO, &sealed(&good)).is_ok());
    let bad = [header.as_slice(), &[pec ^ 1, 1, 2]].concat();
    assert_eq!(PageFrame::parse(TO, &sealed(&bad)), Err(Malformed::Crc));
    let other = sealed(&[0x51, 1, 0, 0, 0, 0, pec_to(TO, &[0x51, 1, 0, 0, 0, 0])]);
    assert_eq!(PageFrame::parse(TO, &other), Err(Malformed::Unknown(Field::Command, 0x51)));
}
