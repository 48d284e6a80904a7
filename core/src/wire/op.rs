//! Operations: what a lane of the base does on its bus. Small, generic, and none of them knows what a bootloader is.
//!
//! Docs: PROTOCOL.md, "Operations".

use core::fmt;

use super::Hex;
use super::bytes::{Field, Fields, Malformed, codes, put};
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
    /// The group it is in, when it is tried again, goes on where a counter stands, instead of from its first operation: what
    /// has arrived need not be sent again.
    Resume {
        /// Which byte of what the failed poll has read counts.
        byte: u8,
        /// What it said before the group; each of the operations behind this one adds 1.
        first: u8,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    len: usize,
    /// As little-endian numbers.
    mask: u64,
    value: u64,
}

impl Pattern {
    /// Matches any `len` bytes, at most [`POLL_LEN_MAX`].
    pub const fn any(len: usize) -> Self {
        Self { len, mask: 0, value: 0 }
    }

    /// Also wants those bits of byte `index` that `mask` has set to be as in `value`. It looks at no byte past its length.
    #[must_use]
    pub const fn with(mut self, index: usize, mask: u8, value: u8) -> Self {
        if index < self.len && index < POLL_LEN_MAX {
            let (mask, value) = (mask as u64, (mask & value) as u64);
            let shift = index.wrapping_mul(8);
            self.mask |= mask << shift;
            self.value = self.value & !(mask << shift) | value << shift;
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
        let mut seen = [0; POLL_LEN_MAX];
        put(&mut seen, bytes);
        bytes.len() >= self.len && u64::from_le_bytes(seen) & self.mask == self.value
    }

    /// `len` is known by now.
    fn fields(&mut self, f: &mut Fields<'_>) {
        for bits in [&mut self.mask, &mut self.value] {
            let mut bytes = bits.to_le_bytes();
            match bytes.get_mut(..self.len) {
                Some(bytes) => f.bytes(bytes),
                None => f.fault(Malformed::Range(Field::Poll)),
            }
            *bits = u64::from_le_bytes(bytes);
        }
        if self.value & !self.mask != 0 {
            f.fault(Malformed::Range(Field::Pattern));
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mask == 0 {
            return f.write_str("any");
        }
        let mut separator = "";
        for (index, mask) in self.mask.to_le_bytes().iter().enumerate() {
            let value = self.value.to_le_bytes().get(index).copied().unwrap_or_default();
            match mask {
                0 => continue,
                0xff => write!(f, "{separator}[{index}]={value:02x}")?,
                _ => write!(f, "{separator}[{index}]&{mask:02x}={value:02x}")?,
            }
            separator = " ";
        }
        Ok(())
    }
}

impl<'a> Op<'a> {
    /// Reads one operation off the front of a block and returns it with what follows.
    pub fn parse(block: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let (mut op, mut f) = (Self::Wait { micros: 0 }, Fields::of(block));
        f.code(0, &mut op, Self::blank);
        op.fields(&mut f);
        let rest = f.behind()?;
        op.in_range().map(|()| (op, rest))
    }

    /// Writes the operation to the front of a block; returns its length.
    pub fn emit(&self, block: &mut [u8]) -> Result<usize, Malformed> {
        self.in_range()?;
        let mut f = Fields::to(block);
        f.put(&[self.code()]);
        self.clone().fields(&mut f);
        f.written()
    }

    fn fields(&mut self, f: &mut Fields<'a>) {
        match self {
            Self::Clock { hz } => f.u32(hz),
            Self::Write { to, bytes } => {
                f.code(to.get(), to, Address::parse);
                f.counted(bytes);
            }
            Self::Read { from, check, len } => {
                f.code(from.get(), from, Address::parse);
                f.code(*check as u8, check, Check::parse);
                f.u16(len);
            }
            Self::Poll { from, check, until, expect, every_us, timeout_ms } => {
                f.code(from.get(), from, Address::parse);
                f.code(*check as u8, check, Check::parse);
                f.u32(every_us);
                f.u16(timeout_ms);
                let mut len = u8::try_from(until.len).unwrap_or(u8::MAX);
                f.u8(&mut len);
                (until.len, expect.len) = (len.into(), len.into());
                until.fields(f);
                expect.fields(f);
            }
            Self::Attempt { ops, tries } => {
                f.u8(ops);
                f.u8(tries);
            }
            Self::Resume { byte, first } => {
                f.u8(byte);
                f.u8(first);
            }
            Self::Pin { pin, level } => {
                f.u8(pin);
                f.code(*level as u8, level, Level::parse);
            }
            Self::Wait { micros } => f.u32(micros),
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Clock { .. } => 1,
            Self::Write { .. } => 2,
            Self::Read { .. } => 3,
            Self::Poll { .. } => 4,
            Self::Attempt { .. } => 5,
            Self::Pin { .. } => 6,
            Self::Wait { .. } => 7,
            Self::Resume { .. } => 8,
        }
    }

    /// An operation before its fields are read.
    fn blank(code: u8) -> Result<Self, Malformed> {
        let (address, check, any) = (Address::ENUMERATION, Check::None, Pattern::any(0));
        Ok(match code {
            1 => Self::Clock { hz: 0 },
            2 => Self::Write { to: address, bytes: &[] },
            3 => Self::Read { from: address, check, len: 0 },
            4 => Self::Poll {
                from: address,
                check,
                until: any,
                expect: any,
                every_us: 0,
                timeout_ms: 0,
            },
            5 => Self::Attempt { ops: 0, tries: 0 },
            6 => Self::Pin { pin: 0, level: Level::Low },
            7 => Self::Wait { micros: 0 },
            8 => Self::Resume { byte: 0, first: 0 },
            _ => return Err(Malformed::Unknown(Field::Operation, code)),
        })
    }

    /// The operation, if a base can do it: what is not is neither read nor written.
    fn in_range(&self) -> Result<(), Malformed> {
        let fault = match *self {
            Self::Clock { hz } if hz < CLOCK_MIN_HZ => Field::Clock,
            Self::Read { len: 0, .. } => Field::Len,
            Self::Read { len, .. } if usize::from(len) > RESULT_LEN_MAX => Field::Len,
            Self::Poll { until, .. } if until.is_empty() || until.len > POLL_LEN_MAX => Field::Poll,
            Self::Poll { until, expect, .. } if until.len != expect.len => Field::Poll,
            Self::Poll { timeout_ms, .. } if timeout_ms > POLL_TIMEOUT_MAX_MS => Field::Poll,
            Self::Attempt { ops: 0, .. } | Self::Attempt { tries: 0, .. } => Field::Attempt,
            Self::Wait { micros } if micros > WAIT_MAX_US => Field::Wait,
            Self::Resume { byte, .. } if usize::from(byte) >= POLL_LEN_MAX => Field::Attempt,
            _ => return Ok(()),
        };
        Err(Malformed::Range(fault))
    }
}

codes!(Check, Check, None, Pec);
codes!(Level, Level, Low, High, Released);

impl fmt::Display for Op<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock { hz } => write!(f, "clock {hz} Hz"),
            Self::Write { to, bytes } => write!(f, "write {to} {}", Hex(bytes)),
            Self::Read { from, check, len } => write!(f, "read {from} {len} bytes {check}"),
            Self::Poll { from, until, expect, every_us, timeout_ms, .. } => {
                write!(
                    f,
                    "poll {from} until {until} expect {expect} every {every_us} us for {timeout_ms} ms"
                )
            }
            Self::Attempt { ops, tries } => write!(f, "attempt {ops} operations {tries} times"),
            Self::Resume { byte, first } => write!(f, "resume at [{byte}]-{first:02x}"),
            Self::Pin { pin, level } => write!(f, "pin {pin} {level}"),
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
            if index > 0 {
                f.write_str("; ")?;
            }
            match op {
                Ok(op) => op.fmt(f)?,
                Err(error) => error.fmt(f)?,
            }
        }
        f.write_str("]")
    }
}
