//! Writes Intel HEX as `objcopy -O ihex` does: 16 bytes a record, upper addresses in records of type 04, the entry point
//! in one of type 05, CR LF.
//!
//! Written out, for two reasons: the reader under test is the crate `ihex`, and a reader is not proven by its own writer;
//! and this pulls no formatting machinery into the page.

/// `bytes` at `start`, which is a multiple of 16, with an entry point.
pub fn write(start: u32, bytes: &[u8], entry: u32) -> String {
    let mut hex = String::with_capacity(bytes.len() / 16 * 45 + 64);
    let mut upper = None;
    for (address, row) in (start..).step_by(16).zip(bytes.chunks(16)) {
        let [low, high, up, top] = address.to_le_bytes();
        if upper != Some([top, up]) {
            upper = Some([top, up]);
            record(&mut hex, [0, 0], 4, &[top, up]);
        }
        record(&mut hex, [high, low], 0, row);
    }
    record(&mut hex, [0, 0], 5, &entry.to_be_bytes());
    record(&mut hex, [0, 0], 1, &[]);
    hex
}

fn record(hex: &mut String, [high, low]: [u8; 2], kind: u8, data: &[u8]) {
    let len = data.len().to_le_bytes()[0];
    let sum = data.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
    let sum = sum.wrapping_add(len).wrapping_add(high).wrapping_add(low).wrapping_add(kind);
    hex.push(':');
    for byte in [len, high, low, kind].iter().chain(data).chain(&[sum.wrapping_neg()]) {
        for nibble in [byte >> 4, byte & 0xf] {
            hex.push(char::from(if nibble < 10 { b'0' + nibble } else { b'A' - 10 + nibble }));
        }
    }
    hex.push_str("\r\n");
}
