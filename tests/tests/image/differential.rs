//! The same files read by `srec_cat` (Debian: srecord): the same bytes at the same addresses, or refused by both.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use rackflash_core::host::image::{FileError, Image, ImageError};

use crate::{END, Numbers, record};

/// What both make of `file`: every byte with its address, or nothing.
fn check(file: &Path) -> Option<usize> {
    let ours = Image::from_hex(&fs::read(file).unwrap());
    let s_records = srec_cat(file);
    let theirs = s_records.as_ref().map(|text| text.lines().flat_map(s_record).collect::<Vec<_>>());
    match (ours, theirs) {
        (Ok(image), Some(theirs)) => {
            let again = Image::from_srec(s_records.unwrap_or_default().as_bytes());
            assert_eq!(again.as_ref(), Ok(&image), "{} as S-records", file.display());
            let segments = image.segments().iter();
            let ours = segments
                .flat_map(|segment| (segment.address()..).zip(segment.bytes().iter().copied()));
            assert!(ours.eq(theirs.iter().copied()), "{} is read differently", file.display());
            Some(theirs.len())
        }
        (Err(ImageError::File(FileError::RecordOverlap { .. })), None) => None,
        (ours, theirs) => panic!(
            "{}: {:?}, srec_cat {:?}",
            file.display(),
            ours.err(),
            theirs.map(|bytes| bytes.len())
        ),
    }
}

#[test]
fn two_hundred_files_of_shuffled_records() {
    let mut refused = 0;
    for seed in 0..200 {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shuffled-{seed}.hex"));
        fs::write(&file, shuffled(&mut Numbers(seed))).unwrap();
        refused += u32::from(check(&file).is_none());
        fs::remove_file(file).unwrap();
    }
    // Some must be, or the generator no longer makes overlaps that differ.
    assert!((10..100).contains(&refused), "{refused} of 200 refused");
}

/// The runtime that MicroPython for the BBC micro:bit ships: 232 KB, and 28 bytes 256 MiB further up.
#[test]
fn a_real_firmware() {
    assert_eq!(check(&micro_bit_runtime()), Some(231_636));
}

/// Records of every length and address type in a random order, close enough to overlap. Where they do, one file in two
/// has a byte that differs.
fn shuffled(numbers: &mut Numbers) -> String {
    let liar = numbers.below(2) == 0;
    let windows: Vec<u64> = (0..1 + numbers.below(4)).map(|_| numbers.below(0x10000)).collect();
    let mut records = Vec::new();
    for _ in 0..1 + numbers.below(80) {
        let window = windows[numbers.below(windows.len() as u64) as usize];
        let base = match numbers.below(3) {
            0 => Base::Segment(window as u16),
            _ => Base::Linear(window as u16),
        };
        let offset = (numbers.below(0x800) as u16).wrapping_sub(0x400);
        let len =
            if numbers.below(4) == 0 { 1 + numbers.below(255) } else { 14 + numbers.below(3) };
        records.push((base, offset, len as u32));
    }
    let lying_record = if liar { numbers.below(records.len() as u64) } else { u64::MAX };
    let (mut text, mut current) = (String::new(), Base::Linear(0));
    for (index, (base, offset, len)) in (0..).zip(records) {
        if base != current {
            text += &match base {
                Base::Segment(paragraph) => record(2, 0, &paragraph.to_be_bytes()),
                Base::Linear(upper) => record(4, 0, &upper.to_be_bytes()),
            };
            current = base;
        }
        let addresses = (0..len).map_while(|n| base.address(offset, n));
        let mut bytes: Vec<u8> =
            addresses.map(|address| (address ^ address >> 8 ^ address >> 16) as u8).collect();
        if index == lying_record {
            let at = numbers.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1;
        }
        text += &record(0, offset, &bytes);
        // To srec_cat, either of these also says how the records after it wrap; the specification has no such rule.
        // So each comes only where it changes nothing.
        if numbers.below(20) == 0 {
            text += &match base {
                Base::Segment(_) => record(3, 0, &[0, 0, 1, 0]),
                Base::Linear(_) => record(5, 0, &[8, 0, 1, 0]),
            };
        }
    }
    text += END;
    match numbers.below(4) {
        0 => text.to_lowercase(),
        1 => text.replace('\n', "\r\n"),
        2 => text.trim_end().to_owned(),
        _ => text,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Base {
    Segment(u16),
    Linear(u16),
}

impl Base {
    /// Where the `n`th byte of a record at `offset` belongs, if there is such an address.
    fn address(self, offset: u16, n: u32) -> Option<u32> {
        match self {
            Self::Segment(paragraph) => {
                Some((u32::from(paragraph) << 4) + u32::from(offset.wrapping_add(n as u16)))
            }
            Self::Linear(upper) => (u32::from(upper) << 16 | u32::from(offset)).checked_add(n),
        }
    }
}

/// What `srec_cat` finds in a HEX file, in order, as S-records, or nothing if it refuses the file.
fn srec_cat(file: &Path) -> Option<String> {
    let arguments = ["-intel", "-disable-sequence-warnings", "-o", "-", "-motorola"];
    let output = Command::new("srec_cat").arg(file).args(arguments).output();
    let output = output.unwrap_or_else(|_| panic!("there is no srec_cat: install srecord"));
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// The bytes of one Motorola S-record, if it has any.
fn s_record(line: &str) -> Vec<(u32, u8)> {
    let address_len = match line.as_bytes()[1] {
        kind @ b'1'..=b'3' => usize::from(kind - b'0') + 1,
        _ => return Vec::new(),
    };
    let digits = &line[4..line.len() - 2];
    let (address, data) = digits.split_at(address_len * 2);
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    (u32::from_str_radix(address, 16).unwrap()..).zip(data.as_bytes().chunks(2).map(byte)).collect()
}

/// The HEX file in the Python package uflash, fetched once and kept among the build's products.
fn micro_bit_runtime() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("uflash");
    let file = folder.join("micro-bit.hex");
    if !file.exists() {
        fs::create_dir_all(&folder).unwrap();
        let wanted = folder.join("wanted.txt");
        fs::write(&wanted, UFLASH).unwrap();
        let pip = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "-r",
            "wanted.txt",
        ];
        let pip = Command::new("python3").args(pip).current_dir(&folder).status();
        assert!(
            pip.is_ok_and(|status| status.success()),
            "pip did not fetch uflash: install python3-pip, or go online"
        );
        let tar = ["-xzOf", "uflash-1.3.0.tar.gz", "uflash-1.3.0/uflash.py"];
        let source = Command::new("tar").args(tar).current_dir(&folder).output().unwrap().stdout;
        let source = String::from_utf8(source).unwrap();
        let (_, runtime) = source.split_once("_RUNTIME = \"\"\"").unwrap();
        let (runtime, _) = runtime.split_once("\"\"\"").unwrap();
        fs::write(&file, runtime).unwrap();
    }
    file
}

/// The last version with a plain HEX file; later ones carry a universal one, which is for two boards at once.
const UFLASH: &str = "uflash==1.3.0 --hash=sha256:f5cd58cb84394572100715a7829f8b1278d950d793913662c5aef6849f39484e\n";
