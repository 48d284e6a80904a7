//! Bytes as people write them: in hex, with spaces. Refuses digits that stand alone.

use core::fmt::Write;

/// Bytes in hex, 32 to a line.
pub fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for row in bytes.chunks(32) {
        for (at, byte) in row.iter().enumerate() {
            let space = if at > 0 && at % 4 == 0 { " " } else { "" };
            // Writing to a String cannot fail.
            let _ = write!(text, "{space}{byte:02x}");
        }
        text.push('\n');
    }
    text
}

/// The bytes that hex digits with white space between them stand for.
///
/// # Panics
/// When the text is anything else.
pub fn bytes(text: &str) -> Vec<u8> {
    let digits: String = text.split_ascii_whitespace().collect();
    assert!(digits.is_ascii() && digits.len().is_multiple_of(2), "no whole bytes: {text}");
    (0..digits.len() / 2)
        .map(|at| {
            u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16)
                .unwrap_or_else(|error| panic!("{error}: {text}"))
        })
        .collect()
}
