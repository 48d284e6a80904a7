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
    Unknown(Field, u8),
    /// A value outside its field's range.
    Range(Field),
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

/// Which field of a message is wrong. Not its name but a number: an error then fits a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are named as in docs/PROTOCOL.md")]
pub enum Field {
    Address,
    Attempt,
    Cause,
    Check,
    Clock,
    Command,
    Data,
    FrameKind,
    Lanes,
    Len,
    Level,
    List,
    Message,
    Operation,
    Ops,
    Outcome,
    Pattern,
    Payload,
    Poll,
    Presence,
    State,
    Trial,
    Wait,
    Why,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "address",
            Self::Attempt => "attempt",
            Self::Cause => "cause",
            Self::Check => "check",
            Self::Clock => "clock",
            Self::Command => "command",
            Self::Data => "data",
            Self::FrameKind => "frame kind",
            Self::Lanes => "lanes",
            Self::Len => "len",
            Self::Level => "level",
            Self::List => "list",
            Self::Message => "message",
            Self::Operation => "operation",
            Self::Ops => "ops",
            Self::Outcome => "outcome",
            Self::Pattern => "pattern",
            Self::Payload => "payload",
            Self::Poll => "poll",
            Self::Presence => "presence",
            Self::State => "state",
            Self::Trial => "trial",
            Self::Wait => "wait",
            Self::Why => "why",
        })
    }
}

/// Reads fields from the front of a slice. Past its end fields read as zero, and [`Reader::front`] says so: one check for a
/// message instead of one for each field, which is half the code on a chip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    short: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, len: usize) -> &'a [u8] {
        let (head, rest) = self.rest.split_at_checked(len).unwrap_or_else(|| {
            self.short = true;
            (&[], &[])
        });
        self.rest = rest;
        head
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        for (place, byte) in array.iter_mut().zip(self.take(N)) {
            *place = *byte;
        }
        array
    }

    pub(crate) fn u8(&mut self) -> u8 {
        let [byte] = self.array();
        byte
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads all of `bytes` with `fields`.
    pub(crate) fn all<T>(
        bytes: &'a [u8],
        fields: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        match Self::front(bytes, fields)? {
            (value, []) => Ok(value),
            _ => Err(Malformed::Trailing),
        }
    }

    /// Reads the front of `bytes` with `fields`; returns what is left, too.
    pub(crate) fn front<T>(
        bytes: &'a [u8],
        fields: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<(T, &'a [u8]), Malformed> {
        let mut reader = Self { rest: bytes, short: false };
        let value = fields(&mut reader);
        // Whatever else is wrong then follows from it.
        if reader.short { Err(Malformed::Short) } else { Ok((value?, reader.rest)) }
    }
}

/// Writes fields to the front of a slice. What has no room is left out, and [`Writer::finish`] says so.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    bytes: &'a mut [u8],
    len: usize,
    full: bool,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, len: 0, full: false }
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        match self.bytes.get_mut(self.len..end) {
            Some(place) if !self.full => {
                place.copy_from_slice(bytes);
                self.len = end;
            }
            _ => self.full = true,
        }
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.put(&[value]);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.put(&value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    pub(crate) fn written(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// How many bytes were written, if there was room for all.
    pub(crate) fn finish(self) -> Result<usize, Malformed> {
        if self.full { Err(Malformed::Short) } else { Ok(self.len) }
    }
}
