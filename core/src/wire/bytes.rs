//! Little-endian fields in and out of byte slices. Refuses to panic: what is too short is [`Malformed`].

use core::fmt;

/// Bytes that are no message of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The bytes end before the message does, or the room for it does.
    Short,
    /// Bytes are left behind the message's end.
    Trailing,
    /// A CRC does not match what it covers.
    Crc,
    /// The COBS framing is broken, or the frame is longer than any frame may be.
    Framing,
    /// A code that stands for nothing: which field, and its value.
    Unknown(&'static str, u8),
    /// A value outside its field's range.
    Range(&'static str),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => f.write_str("too short"),
            Self::Trailing => f.write_str("bytes behind the end"),
            Self::Crc => f.write_str("CRC does not match"),
            Self::Framing => f.write_str("broken framing"),
            Self::Unknown(field, value) => write!(f, "unknown {field} {value:#04x}"),
            Self::Range(field) => write!(f, "{field} out of range"),
        }
    }
}

/// Reads fields from the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// `value`, if nothing is left.
    pub(crate) fn end<T>(self, value: T) -> Result<T, Malformed> {
        if self.rest.is_empty() { Ok(value) } else { Err(Malformed::Trailing) }
    }
}

/// Writes fields to the front of a slice.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, len: 0 }
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        let end = self.len.saturating_add(bytes.len());
        self.bytes.get_mut(self.len..end).ok_or(Malformed::Short)?.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }

    pub(crate) fn u8(&mut self, value: u8) -> Result<(), Malformed> {
        self.put(&[value])
    }

    pub(crate) fn u16(&mut self, value: u16) -> Result<(), Malformed> {
        self.put(&value.to_le_bytes())
    }

    pub(crate) fn u32(&mut self, value: u32) -> Result<(), Malformed> {
        self.put(&value.to_le_bytes())
    }

    pub(crate) fn written(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }
}
