//! Operations: what a lane of the base does on its bus. Small, generic, and none of them knows what a bootloader is.
//!
//! Docs: PROTOCOL.md, "Operations".

use core::fmt;

use super::Hex;
use super::bytes::{Field, Malformed, Reader, Writer};
use super::check::Address;
use super::message::RESULT_LEN_MAX;

/// The most bytes a [`Op::Poll`] looks at.
pub const POLL_LEN_MAX: usize = 8;
/// The longest time a poll may take: a module that hashes its whole flash needs less than two seconds; a minute leaves
/// room for slower ones and still ends.
pub const POLL_TIMEOUT_MAX_MS: u16 = 60_000;
/// The slowest clock, SMBus's (SMBus 3.1, table 1): at a slower one a long transaction would keep the bus from the other
/// lanes for minutes.
pub const CLOCK_MIN_HZ: u32 = 10_000;
/// The longest [`Op::Wait`].
pub const WAIT_MAX_US: u32 = 10_000_000;

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op<'a> {
    /// The lane's transactions run at this clock from here on.
    Clock {
        /// SCL frequency, at least [`CLOCK_MIN_HZ`].
        hz: u32,
    },
    /// One write transaction.
    Write {
        /// To whom.
        to: Address,
        /// What.
        bytes: &'a [u8],
    },
    /// One read transaction. What it read is the operation's result.
    Read {
        /// From whom.
        from: Address,
        /// What proves it.
        check: Check,
        /// How many bytes, at most [`RESULT_LEN_MAX`].
        len: u16,
    },
    /// Reads until the bytes match `until`; then they must match `expect` too. Reads that fail (nothing answers, the
    /// check is wrong) count as "not yet".
    Poll {
        /// From whom.
        from: Address,
        /// What proves each read.
        check: Check,
        /// When it is over.
        until: Pattern,
        /// What must hold then; else the lane halts with [`super::message::Cause::Unexpected`].
        expect: Pattern,
        /// From the end of one read to the start of the next.
        every_us: u32,
        /// For how long. 0: one look.
        timeout_ms: u16,
    },
    /// The next `ops` operations are one group: when one of them fails the group starts again, until it has been tried
    /// `tries` times. The group is in the same block.
    Attempt {
        /// How many operations.
        ops: u8,
        /// How often in all.
        tries: u8,
    },
    /// Sets a pin of the base.
    Pin {
        /// Which.
        pin: u8,
        /// To what.
        level: Level,
    },
    /// The lane rests. The bus serves the others meanwhile.
    Wait {
        /// For how long, at most [`WAIT_MAX_US`].
        micros: u32,
    },
}

/// What proves a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Check {
    /// Nothing.
    None = 0,
    /// The last byte is the SMBus packet error code of the read.
    Pec = 1,
}

/// The level of a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Level {
    /// Driven low.
    Low = 0,
    /// Driven high.
    High = 1,
    /// Not driven.
    Released = 2,
}

/// Bytes to compare with: those bits count that are set in the mask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    len: usize,
    mask: [u8; POLL_LEN_MAX],
    value: [u8; POLL_LEN_MAX],
}

impl Pattern {
    /// Matches any `len` bytes, at most [`POLL_LEN_MAX`].
    pub const fn any(len: usize) -> Self {
        Self { len, mask: [0; POLL_LEN_MAX], value: [0; POLL_LEN_MAX] }
    }

    /// Also wants those bits of byte `index` that `mask` has set to be as in `value`. It looks at no byte past its length.
    #[must_use]
    pub const fn with(mut self, index: usize, mask: u8, value: u8) -> Self {
        if index < self.len && index < POLL_LEN_MAX {
            // The bound was checked; `get_mut` is not const.
            #[expect(clippy::indexing_slicing, reason = "the index was compared with the length")]
            {
                self.mask[index] |= mask;
                self.value[index] = self.value[index] & !mask | value & mask;
            }
        }
        self
    }

    /// How many bytes it looks at.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it looks at none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `bytes` match.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        bytes.len() >= self.len
            && bytes
                .iter()
                .zip(&self.mask)
                .zip(&self.value)
                .all(|((byte, mask), value)| byte & mask == *value)
    }

    fn parse(r: &mut Reader<'_>, len: usize) -> Result<Self, Malformed> {
        let mut pattern = Self::any(len);
        for bytes in [&mut pattern.mask, &mut pattern.value] {
            let places = bytes.get_mut(..len).ok_or(Malformed::Range(Field::Poll))?;
            for (place, byte) in places.iter_mut().zip(r.take(len)) {
                *place = *byte;
            }
        }
        if pattern.mask.iter().zip(&pattern.value).any(|(mask, value)| value & !mask != 0) {
            return Err(Malformed::Range(Field::Pattern));
        }
        Ok(pattern)
    }

    /// Of a pattern that is in range.
    fn emit(&self, w: &mut Writer<'_>) {
        w.put(self.mask.get(..self.len).unwrap_or_default());
        w.put(self.value.get(..self.len).unwrap_or_default());
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut any = true;
        for (index, (mask, value)) in self.mask.iter().zip(&self.value).enumerate() {
            match mask {
                0 => continue,
                0xff => write!(f, "{}[{index}]={value:02x}", if any { "" } else { " " })?,
                _ => write!(f, "{}[{index}]&{mask:02x}={value:02x}", if any { "" } else { " " })?,
            }
            any = false;
        }
        if any { f.write_str("any") } else { Ok(()) }
    }
}

impl<'a> Op<'a> {
    /// Reads one operation off the front of a block and returns it with what follows.
    pub fn parse(block: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let (op, rest) = Reader::front(block, Self::fields)?;
        Ok((op.in_range()?, rest))
    }

    fn fields(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(match r.u8() {
            1 => Self::Clock { hz: r.u32() },
            2 => {
                let (to, len) = (address(r.u8())?, r.u16());
                Self::Write { to, bytes: r.take(len.into()) }
            }
            3 => Self::Read { from: address(r.u8())?, check: check(r.u8())?, len: r.u16() },
            4 => {
                let (from, check, every_us, timeout_ms, len) =
                    (address(r.u8())?, check(r.u8())?, r.u32(), r.u16(), r.u8().into());
                let (until, expect) = (Pattern::parse(r, len)?, Pattern::parse(r, len)?);
                Self::Poll { from, check, until, expect, every_us, timeout_ms }
            }
            5 => Self::Attempt { ops: r.u8(), tries: r.u8() },
            6 => Self::Pin {
                pin: r.u8(),
                level: match r.u8() {
                    0 => Level::Low,
                    1 => Level::High,
                    2 => Level::Released,
                    code => return Err(Malformed::Unknown(Field::Level, code)),
                },
            },
            7 => Self::Wait { micros: r.u32() },
            code => return Err(Malformed::Unknown(Field::Operation, code)),
        })
    }

    /// The operation, if a base can do it: what is not is neither read nor written.
    fn in_range(self) -> Result<Self, Malformed> {
        let fault = match self {
            Self::Clock { hz } if hz < CLOCK_MIN_HZ => Field::Clock,
            Self::Read { len: 0, .. } => Field::Len,
            Self::Read { len, .. } if usize::from(len) > RESULT_LEN_MAX => Field::Len,
            Self::Poll { until, .. } if until.is_empty() || until.len > POLL_LEN_MAX => Field::Poll,
            Self::Poll { until, expect, .. } if until.len != expect.len => Field::Poll,
            Self::Poll { timeout_ms, .. } if timeout_ms > POLL_TIMEOUT_MAX_MS => Field::Poll,
            Self::Attempt { ops: 0, .. } | Self::Attempt { tries: 0, .. } => Field::Attempt,
            Self::Wait { micros } if micros > WAIT_MAX_US => Field::Wait,
            _ => return Ok(self),
        };
        Err(Malformed::Range(fault))
    }

    /// Writes the operation to the front of a block; returns its length.
    pub fn emit(&self, block: &mut [u8]) -> Result<usize, Malformed> {
        let mut w = Writer::new(block);
        match self.in_range()? {
            Self::Clock { hz } => {
                w.u8(1);
                w.u32(hz);
            }
            Self::Write { to, bytes } => {
                w.put(&[2, to.get()]);
                w.u16(u16::try_from(bytes.len()).map_err(|_| Malformed::Range(Field::Len))?);
                w.put(bytes);
            }
            Self::Read { from, check, len } => {
                w.put(&[3, from.get(), check as u8]);
                w.u16(len);
            }
            Self::Poll { from, check, until, expect, every_us, timeout_ms } => {
                w.put(&[4, from.get(), check as u8]);
                w.u32(every_us);
                w.u16(timeout_ms);
                w.u8(u8::try_from(until.len).map_err(|_| Malformed::Range(Field::Poll))?);
                until.emit(&mut w);
                expect.emit(&mut w);
            }
            Self::Attempt { ops, tries } => w.put(&[5, ops, tries]),
            Self::Pin { pin, level } => w.put(&[6, pin, level as u8]),
            Self::Wait { micros } => {
                w.u8(7);
                w.u32(micros);
            }
        }
        w.finish()
    }
}

fn address(byte: u8) -> Result<Address, Malformed> {
    Address::new(byte).ok_or(Malformed::Range(Field::Address))
}

fn check(byte: u8) -> Result<Check, Malformed> {
    match byte {
        0 => Ok(Check::None),
        1 => Ok(Check::Pec),
        _ => Err(Malformed::Unknown(Field::Check, byte)),
    }
}

impl fmt::Display for Op<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock { hz } => write!(f, "clock {hz} Hz"),
            Self::Write { to, bytes } => write!(f, "write {to} {}", Hex(bytes)),
            Self::Read { from, check, len } => write!(f, "read {from} {len} bytes {check:?}"),
            Self::Poll { from, until, expect, every_us, timeout_ms, .. } => {
                write!(
                    f,
                    "poll {from} until {until:?} expect {expect:?} every {every_us} us for {timeout_ms} ms"
                )
            }
            Self::Attempt { ops, tries } => write!(f, "attempt {ops} operations {tries} times"),
            Self::Pin { pin, level } => write!(f, "pin {pin} {level:?}"),
            Self::Wait { micros } => write!(f, "wait {micros} us"),
        }
    }
}

/// The operations of a block, for transcripts and loops.
#[derive(Clone, Copy, Debug)]
pub struct Ops<'a>(pub &'a [u8]);

impl<'a> Iterator for Ops<'a> {
    type Item = Result<Op<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        match Op::parse(self.0) {
            Ok((op, rest)) => {
                self.0 = rest;
                Some(Ok(op))
            }
            Err(error) => {
                self.0 = &[];
                Some(Err(error))
            }
        }
    }
}

impl fmt::Display for Ops<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, op) in (*self).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            match op {
                Ok(op) => write!(f, "{separator}{op}")?,
                Err(error) => write!(f, "{separator}{error}")?,
            }
        }
        f.write_str("]")
    }
}
