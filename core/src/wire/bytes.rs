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
    Banks,
    Cause,
    Check,
    Clock,
    Command,
    Data,
    FrameKind,
    Hardware,
    Identity,
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
            Self::Banks => "banks",
            Self::Cause => "cause",
            Self::Check => "check",
            Self::Clock => "clock",
            Self::Command => "command",
            Self::Data => "data",
            Self::FrameKind => "frame kind",
            Self::Hardware => "hardware",
            Self::Identity => "identity",
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

/// Makes an enum readable from its code, and shows it by its name. All its values must be named.
macro_rules! codes {
    ($type:ident, $field:ident, $($name:ident),+) => {
        impl $type {
            /// Each, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// What `code` stands for.
            pub fn parse(code: u8) -> Result<Self, $crate::wire::Malformed> {
                for known in Self::ALL {
                    if *known as u8 == code {
                        return Ok(*known);
                    }
                }
                Err($crate::wire::Malformed::Unknown($crate::wire::Field::$field, code))
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self { $(Self::$name => stringify!($name)),+ })
            }
        }
    };
}
pub(crate) use codes;

/// Fields of a message, one behind the other in a byte slice: read from it, or written to it. Which of the two only this
/// knows, so that a message names its fields once. The first fault counts, and nothing happens behind it: one check for a
/// message instead of one for each field, which is half the code on a chip. What begins and ends a message is kept out of
/// line: there are twenty messages.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    left: Left<'a>,
    written: usize,
    fault: Option<Malformed>,
}

#[derive(Debug)]
enum Left<'a> {
    ToRead(&'a [u8]),
    ToWrite(&'a mut [u8]),
}

impl<'a> Fields<'a> {
    /// They are read from `bytes`.
    #[inline(never)]
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { left: Left::ToRead(bytes), written: 0, fault: None }
    }

    /// They are written to `room`.
    #[inline(never)]
    pub(crate) fn to(room: &'a mut [u8]) -> Self {
        Self { left: Left::ToWrite(room), written: 0, fault: None }
    }

    /// What is left behind fields that were read.
    #[inline(never)]
    pub(crate) fn behind(self) -> Result<&'a [u8], Malformed> {
        match (self.fault, self.left) {
            (None, Left::ToRead(rest)) => Ok(rest),
            (fault, _) => Err(fault.unwrap_or(Malformed::Short)),
        }
    }

    /// Nothing may be left behind fields that were read.
    #[inline(never)]
    pub(crate) fn end(self) -> Result<(), Malformed> {
        if self.behind()?.is_empty() { Ok(()) } else { Err(Malformed::Trailing) }
    }

    /// How many bytes were written.
    #[inline(never)]
    pub(crate) fn written(self) -> Result<usize, Malformed> {
        self.fault.map_or(Ok(self.written), Err)
    }

    fn to_read(&self) -> &'a [u8] {
        match self.left {
            Left::ToRead(bytes) => bytes,
            Left::ToWrite(_) => &[],
        }
    }

    /// Whether there is more to read.
    pub(crate) fn has_more(&self) -> bool {
        !self.to_read().is_empty()
    }

    #[inline(never)]
    pub(crate) fn fault(&mut self, fault: Malformed) {
        self.fault = self.fault.or(Some(fault));
        self.left = Left::ToRead(&[]);
    }

    #[inline(never)]
    pub(crate) fn bytes(&mut self, value: &mut [u8]) {
        let Left::ToRead(bytes) = &mut self.left else { return self.put(value) };
        match bytes.split_at_checked(value.len()) {
            Some((piece, rest)) => {
                value.copy_from_slice(piece);
                *bytes = rest;
            }
            None => self.fault(Malformed::Short),
        }
    }

    /// So many bytes, which stay where they are when they are read.
    pub(crate) fn slice(&mut self, value: &mut &'a [u8], len: usize) {
        let Left::ToRead(bytes) = &mut self.left else { return self.put(value) };
        match bytes.split_at_checked(len) {
            Some(pieces) => (*value, *bytes) = pieces,
            None => self.fault(Malformed::Short),
        }
    }

    /// All that is left.
    pub(crate) fn rest(&mut self, value: &mut &'a [u8]) {
        self.slice(value, self.to_read().len());
    }

    /// All that is left, unless that is more than `max` bytes.
    pub(crate) fn rest_up_to(&mut self, value: &mut &'a [u8], max: usize, field: Field) {
        self.rest(value);
        if value.len() > max {
            self.fault(Malformed::Range(field));
        }
    }

    /// Bytes behind their number.
    pub(crate) fn counted(&mut self, value: &mut &'a [u8]) {
        let Ok(mut len) = u16::try_from(value.len()) else {
            return self.fault(Malformed::Range(Field::Len));
        };
        self.u16(&mut len);
        self.slice(value, len.into());
    }

    /// Only written.
    pub(crate) fn put(&mut self, value: &[u8]) {
        if let Left::ToWrite(room) = &mut self.left
            && let Some((piece, rest)) = core::mem::take(room).split_at_mut_checked(value.len())
        {
            piece.copy_from_slice(value);
            *room = rest;
            self.written = self.written.saturating_add(value.len());
        } else {
            self.fault(Malformed::Short);
        }
    }

    pub(crate) fn u8(&mut self, value: &mut u8) {
        self.bytes(core::slice::from_mut(value));
    }

    #[inline(never)]
    pub(crate) fn u16(&mut self, value: &mut u16) {
        let mut bytes = value.to_le_bytes();
        self.bytes(&mut bytes);
        *value = u16::from_le_bytes(bytes);
    }

    #[inline(never)]
    pub(crate) fn u32(&mut self, value: &mut u32) {
        let mut bytes = value.to_le_bytes();
        self.bytes(&mut bytes);
        *value = u32::from_le_bytes(bytes);
    }

    /// A small number in four bytes.
    pub(crate) fn wide(&mut self, value: &mut u16) {
        let mut wide = u32::from(*value);
        self.u32(&mut wide);
        match u16::try_from(wide) {
            Ok(narrow) => *value = narrow,
            Err(_) => self.fault(Malformed::Range(Field::Len)),
        }
    }

    /// Bytes that say nothing yet: zeros.
    pub(crate) fn unused<const LEN: usize>(&mut self) {
        let mut value = [0; LEN];
        self.bytes(&mut value);
        if value != [0; LEN] {
            self.fault(Malformed::Range(Field::Data));
        }
    }

    /// A byte that stands for something: `code` for what `value` is, and what it reads for what `known` says.
    pub(crate) fn code<T>(
        &mut self,
        mut code: u8,
        value: &mut T,
        known: fn(u8) -> Result<T, Malformed>,
    ) {
        self.u8(&mut code);
        match known(code) {
            Ok(known) => *value = known,
            Err(fault) => self.fault(fault),
        }
    }
}

/// Copies what has room; returns the room left.
#[inline(never)]
pub(crate) fn put<'a>(room: &'a mut [u8], bytes: &[u8]) -> &'a mut [u8] {
    let len = room.len().min(bytes.len());
    let (place, rest) = room.split_at_mut_checked(len).unwrap_or_default();
    if let Some(bytes) = bytes.get(..len) {
        place.copy_from_slice(bytes);
    }
    rest
}
