//! Firmware as lines of text: what Intel HEX and S-records have in common. Knows no record.

use super::{FILE_LEN_MAX, FileError};
use crate::host::image::ImageError;

/// Whether records follow a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    More,
    /// It proves that none is missing, if none follows.
    Perhaps,
    End,
}

/// Gives `take` each line that is not blank, without blanks around it, and its number, until it says that this was the end.
/// Refuses a file that goes on, or stops before.
pub(super) fn each_line(
    file: &[u8],
    mut take: impl FnMut(u32, &[u8]) -> Result<Next, ImageError>,
) -> Result<(), ImageError> {
    if file.len() > FILE_LEN_MAX {
        return Err(FileError::TooLarge { len: file.len(), len_max: FILE_LEN_MAX }.into());
    }
    let mut line = 0_u32;
    let mut blank = true;
    let mut next = Next::More;
    for text in Lines(without_mark(file)) {
        line = line.saturating_add(1);
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if next == Next::End {
            return Err(FileError::RecordAfterEnd { line }.into());
        }
        blank = false;
        next = take(line, text)?;
    }
    match next {
        Next::End | Next::Perhaps => Ok(()),
        Next::More if blank => Err(ImageError::FileEmpty),
        Next::More => Err(FileError::RecordNoEnd { line }.into()),
    }
}

/// From the first visible character on.
pub(super) fn visible(file: &[u8]) -> &[u8] {
    without_mark(file).trim_ascii_start()
}

/// Whether what follows the first characters is text, or nothing.
pub(super) fn is_text(rest: &[u8]) -> bool {
    matches!(rest, [] | [b' '..=b'~' | b'\r' | b'\n', ..])
}

/// The column of the first character behind `start` others that is no hexadecimal digit, counted from 1.
pub(super) fn column_of_other(start: usize, digits: &[u8]) -> u32 {
    let before = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    u32::try_from(before.saturating_add(start).saturating_add(1)).unwrap_or(u32::MAX)
}

fn without_mark(file: &[u8]) -> &[u8] {
    file.strip_prefix(BOM).unwrap_or(file)
}

/// Lines that end with CR, LF or CR LF; the last one may lack its end.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let len =
            self.0.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(self.0.len());
        let (line, rest) = self.0.split_at_checked(len)?;
        self.0 = rest.strip_prefix(b"\r\n").or(rest.get(1..)).unwrap_or_default();
        Some(line)
    }
}

/// Some Windows editors put it before the first line.
const BOM: &[u8] = "\u{FEFF}".as_bytes();
