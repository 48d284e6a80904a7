//! Faults 22 and 23: HEX files as tools, editors and downloads leave them. What is odd but whole is read as the same image;
//! what is not is refused with its line, before anything is sent.

use expect_test::expect;
use rackflash_core::host::image::Image;
use rackflash_core::time::Duration;
use rackflash_core::wire::message::Bus;
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::write_hex;
use rackflash_tests::bench::Bench;
use rackflash_tests::numbers::Numbers;

use crate::recipes::{NEW, OLD, envelope, one_envelope};

const LEN: usize = 3_000;

fn file() -> String {
    write_hex(APPLICATION_START, &envelope(NEW, LEN).bytes(), APPLICATION_START)
}

fn image() -> Image {
    Image::from_binary(&envelope(NEW, LEN).bytes(), APPLICATION_START).expect("an image")
}

/// One record and its line end.
fn record(kind: u8, offset: u16, data: &[u8]) -> String {
    let [high, low] = offset.to_be_bytes();
    let mut bytes = vec![u8::try_from(data.len()).expect("a record"), high, low, kind];
    bytes.extend(data);
    bytes.push(bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_sub(*byte)));
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!(":{digits}\n")
}

#[test]
fn fault_22_odd_but_whole() {
    let file = file();
    let lines: Vec<_> = file.lines().collect();
    for (what, odd) in [
        ("lower case", file.to_lowercase().into_bytes()),
        ("ends of Unix", lines.join("\n").into_bytes()),
        ("ends of an old Mac", lines.join("\r").into_bytes()),
        ("no end of the last line", file.trim_end().as_bytes().to_vec()),
        ("blank lines", lines.join("\r\n\r\n").into_bytes()),
        ("a byte order mark", [b"\xef\xbb\xbf", file.as_bytes()].concat()),
        ("blanks at the ends", lines.join("  \r\n\t").into_bytes()),
    ] {
        assert_eq!(Image::from_hex(&odd).as_ref(), Ok(&image()), "{what}");
    }
}

#[test]
fn fault_22_not_whole() {
    let file = file();
    let lines: Vec<_> = file.lines().collect();
    let without = |line: &str| file.replacen(line, "", 1);
    let changed = |from: &str, to: &str| file.replacen(from, to, 1);
    let third = lines[2];
    let wrong_sum = format!("{}{}", &third[..third.len() - 2], "00");
    let mut told = String::new();
    for (what, bad) in [
        ("empty", String::new()),
        ("no end record", without(":00000001FF")),
        ("cut off in a line", file[..file.len() / 2].to_owned()),
        ("a bad checksum", changed(third, &wrong_sum)),
        ("an odd number of digits", changed(third, &third[..third.len() - 1])),
        ("a letter that is no digit", changed(third, &third.replacen('0', "O", 1))),
        ("junk behind the end", format!("{file}OK\r\n")),
        ("another record behind the end", format!("{file}{third}\r\n")),
        ("a line that is none", changed(third, "# a comment")),
        ("a record type of nobody", changed(third, ":00000006FA")),
        ("a web page", "<!doctype html><title>404</title>".to_owned()),
    ] {
        let mut bench = Bench::new(&one_envelope(&envelope(OLD, LEN)));
        bench.detect();
        bench.run(Duration::from_millis(100));
        let error = Image::parse(bad.as_bytes(), None).expect_err(what);
        told += &format!("{what}: {error}\n");
        // Nothing to offer, nothing to update with: the bus hears of it as little as the flash.
        bench.update_all(Duration::from_secs(1));
        assert_eq!(bench.world.modules()[0].memory().operations(), 0);
        assert!(bench.endings().contains("refused no-image"), "{}", bench.endings());
        assert!(bench.world.bus(Bus(0)).transactions > 0);
    }
    expect![[r#"
        empty: The file is empty. Download it again.
        no end record: The file stops after line 191 without an end record. The file is damaged; download it again.
        cut off in a line: The file stops after line 95 without an end record. The file is damaged; download it again.
        a bad checksum: Line 3: the checksum is 00, but the record adds up to BE. The file is damaged; download it again.
        an odd number of digits: Line 3 is no whole record: it has too few or too many digits. The file is damaged; download it again.
        a letter that is no digit: Line 3: character 3 is not a hexadecimal digit. The file is damaged; download it again.
        junk behind the end: Line 192 follows the end record. The file is damaged, or two were joined; download it again.
        another record behind the end: Line 192 follows the end record. The file is damaged, or two were joined; download it again.
        a line that is none: Line 3 does not begin with a colon. The file is damaged; download it again.
        a record type of nobody: Line 3: record type 06 is not one of Intel HEX. Ask the firmware's maker for a plain file.
        a web page: This is no ELF, Intel HEX or S-record file. If it is a raw binary, say at which address it belongs; else choose another file.
    "#]].assert_eq(&told);
}

/// The same image as records of 14 bytes at odd addresses, of 255 bytes, descending, shuffled, said twice, and addressed
/// in each of the ways there are.
#[test]
fn fault_23_in_any_order_and_form() {
    let bytes = envelope(NEW, LEN).bytes();
    let [top, up, high, low] = APPLICATION_START.to_be_bytes();
    let linear = record(4, 0, &[top, up]);
    let base = u16::from_be_bytes([high, low]);
    let rows = |len: usize, first: usize| -> Vec<String> {
        let (head, rest) = bytes.split_at(first);
        let rows = [head].into_iter().chain(rest.chunks(len)).filter(|row| !row.is_empty());
        let mut at = base;
        rows.map(|row| {
            let line = record(0, at, row);
            at += u16::try_from(row.len()).expect("a row");
            line
        })
        .collect()
    };
    let end = record(1, 0, &[]);
    let whole = |rows: &[String]| format!("{linear}{}{end}", rows.concat());
    let mut descending = rows(16, 0);
    descending.reverse();
    let mut shuffled = rows(14, 3);
    let mut numbers = Numbers::new(9);
    for at in (1..shuffled.len()).rev() {
        shuffled.swap(at, numbers.index(at + 1));
    }
    let twice = [rows(16, 0), rows(14, 5)].concat();
    let start = [record(3, 0, &[0, 0, 1, 0]), record(5, 0, &[8, 0, 0x23, 1])].concat();
    for (what, file) in [
        ("14 bytes at odd addresses", whole(&rows(14, 1))),
        ("255 bytes", whole(&rows(255, 0))),
        ("one byte each", whole(&rows(1, 0))),
        ("descending", whole(&descending)),
        ("shuffled", whole(&shuffled)),
        ("overlapping, the same bytes", whole(&twice)),
        ("with start addresses", format!("{linear}{start}{}{end}", rows(16, 0).concat())),
        ("an address record for each", format!("{linear}{}{end}", rows(16, 0).join(&linear))),
    ] {
        assert_eq!(Image::from_hex(file.as_bytes()), Ok(image()), "{what}");
    }
    // A segment wraps at 64 KB, a linear address does not.
    let wraps = [record(2, 0, &[0x20, 0]), record(0, 0xffff, &[1, 2]), end.clone()].concat();
    let image = Image::from_hex(wraps.as_bytes()).expect("two pieces");
    let places: Vec<_> = image.segments().iter().map(|s| (s.address(), s.bytes())).collect();
    assert_eq!(places, [(0x2_0000, &[2][..]), (0x2_ffff, &[1][..])]);
    let runs_on = [record(4, 0, &[0, 2]), record(0, 0xffff, &[1, 2]), end].concat();
    let image = Image::from_hex(runs_on.as_bytes()).expect("one piece");
    assert_eq!((image.start(), image.end()), (0x2_ffff, 0x3_0001));
}

/// What is said twice and not the same is said by nobody; what is not said at all is erased flash.
#[test]
fn fault_23_overlaps_and_gaps() {
    let two = [record(0, 0, &[1, 2, 3]), record(0, 2, &[4]), record(1, 0, &[])].concat();
    expect!["Lines 1 and 2 give address 0x00000002 different bytes. Ask the firmware's maker for a correct file."]
        .assert_eq(&Image::from_hex(two.as_bytes()).expect_err("an overlap").to_string());
    let gap = [record(0, 0, &[1]), record(0, 5, &[2]), record(1, 0, &[])].concat();
    let image = Image::from_hex(gap.as_bytes()).expect("with a gap");
    let mut bytes = [0xee; 6];
    image.read_padded(0, &mut bytes, 0x00);
    assert_eq!(bytes, [1, 0, 0, 0, 0, 2]);
}
