//! What a module hears and says on its bus: requests, page frames, the status, responses. Refuses to know what a loader
//! does with them.
//!
//! A host only ever writes whole frames to a module and reads it; there is no register to select. Every read begins with
//! the status; a longer one goes on with the response to the last request.
//!
//! Docs: PROTOCOL.md, "Module frames".

use core::fmt;

use super::bytes::{Malformed, Reader, Writer};
use super::check::{Address, crc32, crc32_to, pec_from, pec_to};
use super::version::Version;

/// The longest request: its envelope around 256 bytes of EEPROM.
pub const REQUEST_LEN_MAX: usize = 3 + 4 + DATA_LEN_MAX + 4;
/// The most bytes that one request or response carries: two pages, so that a read of everything is 3 % overhead.
pub const DATA_LEN_MAX: usize = 256;
/// Bytes of a page frame around the page.
pub const PAGE_OVERHEAD: usize = 7 + 4;
/// Bytes of a status.
pub const STATUS_LEN: usize = 8;
/// Bytes around a response's payload in a read: the status before it, length, CRC-32 and packet error code.
pub const RESPONSE_OVERHEAD: usize = STATUS_LEN + 2 + 4 + 1;

/// A module's 96-bit unique id, as its silicon has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uid(pub [u8; 12]);

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Tells one host's requests from another's, so that a page frame of an earlier session is not taken for one of this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Session(pub u8);

/// Numbers requests, so that the status can say which one it speaks of. A host never uses the number again that the status
/// shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tag(pub u8);

impl Tag {
    /// The number after this one. Never 0: that is what a module shows that was asked nothing yet.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(if self.0 == u8::MAX { 1 } else { self.0.saturating_add(1) })
    }
}

/// Where a module stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// It runs its application.
    Application = 0,
    /// It is in its loader, and no update is open.
    Loader = 1,
    /// An update is open: it takes page frames.
    Receiving = 2,
    /// The update is committed: what it holds can be started.
    Committed = 3,
    /// The update ended with a failure of the flash.
    Failed = 4,
}

/// What became of the last request, or of the page frames since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// Done.
    Done = 0,
    /// Not a request that this side of the module knows. Applications know fewer than loaders.
    Unsupported = 1,
    /// The image is for another vendor's module or another module type.
    WrongType = 2,
    /// The image is not for this hardware revision.
    WrongHardware = 3,
    /// Addresses outside the application area, or outside the memory asked for.
    OutOfArea = 4,
    /// No update is open in this session.
    NotOpen = 5,
    /// Pages are missing: those that may be torn since a power cut, or the vector page.
    Incomplete = 6,
    /// What the flash holds is not what was announced.
    DigestMismatch = 7,
    /// A page did not take its bytes, tried more than once.
    FlashWorn = 8,
    /// There is no valid application to start, or nothing to confirm.
    NoApplication = 9,
    /// The image's header is missing or not for this module.
    BadHeader = 10,
}

impl Outcome {
    /// The outcome that `code` stands for.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Done,
            1 => Self::Unsupported,
            2 => Self::WrongType,
            3 => Self::WrongHardware,
            4 => Self::OutOfArea,
            5 => Self::NotOpen,
            6 => Self::Incomplete,
            7 => Self::DigestMismatch,
            8 => Self::FlashWorn,
            9 => Self::NoApplication,
            10 => Self::BadHeader,
            _ => return None,
        })
    }
}

/// What every read begins with.
///
/// ```text
///   0            1     2         3      4          6         7
///  +------------+-----+---------+------+----------+---------+-----+
///  | busy|state | tag | outcome | room | received | session | PEC |
///  +------------+-----+---------+------+----------+---------+-----+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where it stands.
    pub state: State,
    /// Whether it still works on the last request. Bit 7 of the first byte.
    pub busy: Busy,
    /// The last request that arrived whole.
    pub tag: Tag,
    /// What became of it.
    pub outcome: Outcome,
    /// How many more page frames it can take. On the wire bit `i` is set if there is room for 2 to the `i`, so that a
    /// masked comparison can wait for it.
    pub room: Room,
    /// How many page frames it has taken in this session.
    pub received: u16,
    /// The session of the open update.
    pub session: Session,
}

/// Whether a module still works on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// No.
    No,
    /// Yes.
    Yes,
}

/// Room for page frames, as the status shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room(pub u8);

impl Room {
    /// For room for `frames`.
    pub const fn of(frames: usize) -> Self {
        let mut bits = 0;
        let mut bit = 1u8;
        while bit != 0 {
            if frames >= bit as usize {
                bits |= bit;
            }
            bit <<= 1;
        }
        Self(bits)
    }
}

/// The first byte's bit that says busy; for patterns.
pub const BUSY_BIT: u8 = 0x80;

impl Status {
    /// Reads the status off the front of what a read from `from` returned.
    pub fn parse(from: Address, bytes: &[u8]) -> Result<Self, Malformed> {
        let (status, _) = bytes.split_first_chunk::<STATUS_LEN>().ok_or(Malformed::Short)?;
        let &[first, tag, outcome, room, received_low, received_high, session, pec] = status;
        if pec_from(from, &[first, tag, outcome, room, received_low, received_high, session]) != pec
        {
            return Err(Malformed::Crc);
        }
        Ok(Self {
            state: match first & !BUSY_BIT {
                0 => State::Application,
                1 => State::Loader,
                2 => State::Receiving,
                3 => State::Committed,
                4 => State::Failed,
                code => return Err(Malformed::Unknown("state", code)),
            },
            busy: if first & BUSY_BIT != 0 { Busy::Yes } else { Busy::No },
            tag: Tag(tag),
            outcome: Outcome::from_code(outcome).ok_or(Malformed::Unknown("outcome", outcome))?,
            room: Room(room),
            received: u16::from_le_bytes([received_low, received_high]),
            session: Session(session),
        })
    }

    /// The bytes that a read from `from` begins with.
    pub fn emit(&self, from: Address) -> [u8; STATUS_LEN] {
        let busy = if self.busy == Busy::Yes { BUSY_BIT } else { 0 };
        let [low, high] = self.received.to_le_bytes();
        let first = self.state as u8 | busy;
        let pec = pec_from(
            from,
            &[first, self.tag.0, self.outcome as u8, self.room.0, low, high, self.session.0],
        );
        [first, self.tag.0, self.outcome as u8, self.room.0, low, high, self.session.0, pec]
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{}", self.state, if self.busy == Busy::Yes { " busy" } else { "" })?;
        write!(
            f,
            " tag={} {:?} room={:#04x} received={}",
            self.tag.0, self.outcome, self.room.0, self.received
        )
    }
}

/// The response within what a long read from `from` returned: the bytes behind the status, proven by their CRC-32.
pub fn parse_response(from: Address, read: &[u8]) -> Result<(Status, &[u8]), Malformed> {
    let status = Status::parse(from, read)?;
    let response = read.get(STATUS_LEN..).ok_or(Malformed::Short)?;
    let mut r = Reader::new(response);
    let len = usize::from(r.u16()?);
    let payload = r.take(len)?;
    let crc = r.u32()?;
    let covered = response.get(..len.saturating_add(2)).ok_or(Malformed::Short)?;
    if crc32(covered) != crc { Err(Malformed::Crc) } else { Ok((status, payload)) }
}

/// Writes what a long read from `from` returns: the status, the response's envelope around `payload`, and the packet error
/// code of it all; returns its length.
pub fn emit_response(
    from: Address,
    status: &Status,
    payload: &[u8],
    read: &mut [u8],
) -> Result<usize, Malformed> {
    let mut w = Writer::new(read);
    w.put(&status.emit(from))?;
    w.u16(u16::try_from(payload.len()).map_err(|_| Malformed::Range("len"))?)?;
    w.put(payload)?;
    let crc = crc32(w.written().get(STATUS_LEN..).unwrap_or_default());
    w.u32(crc)?;
    let pec = pec_from(from, w.written());
    w.u8(pec)?;
    Ok(w.len())
}

/// A request, in its envelope:
///
/// ```text
///   0         1         2     3        n-4      n
///  +---------+---------+-----+--------+--------+
///  | command | session | tag | body … | CRC-32 |     the CRC-32 begins with the address byte
///  +---------+---------+-----+--------+--------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Response: the [`super::identity::Identity`]. It is also the response of a module that was asked nothing yet.
    Identify,
    /// The module with this id listens at `address` from now on, and no longer at [`Address::ENUMERATION`].
    Assign {
        /// Which module.
        uid: Uid,
        /// Its address.
        address: Address,
    },
    /// Every module listens at [`Address::ENUMERATION`] again, beside its address.
    Enumerate,
    /// To an application: restart in the loader. To a loader: close an open update.
    EnterLoader,
    /// Opens an update: this image, or none.
    Begin(Begin),
    /// Checks the whole image against the digest announced, and makes it bootable.
    Commit,
    /// Starts the application.
    Run,
    /// To an application in its trial: it is kept.
    Confirm,
    /// Response: CRC-32 of each of `count` pages of the application area.
    PageCrcs {
        /// Counted from the start of the application area.
        first: u16,
        /// At most 64.
        count: u8,
    },
    /// Response: CRC-32 over flash.
    Digest {
        /// Absolute address.
        start: u32,
        /// Bytes.
        len: u32,
    },
    /// Response: bytes of the flash.
    Read {
        /// Absolute address.
        start: u32,
        /// At most [`DATA_LEN_MAX`].
        len: u16,
    },
    /// Response: bytes of the data EEPROM.
    EepromRead {
        /// From its start.
        offset: u16,
        /// At most [`DATA_LEN_MAX`].
        len: u16,
    },
    /// Writes to the data EEPROM.
    EepromWrite {
        /// From its start.
        offset: u16,
        /// At most [`DATA_LEN_MAX`], in whole words.
        bytes: &'a [u8],
    },
    /// Response: the newest bytes of the loader's log.
    Log,
    /// The module blinks so that a person sees which one it is.
    Blink {
        /// For how long; 0 ends it.
        seconds: u8,
    },
}

/// What an update is about to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin {
    /// The image's vendor.
    pub vendor: u16,
    /// The module type it is for.
    pub module_type: u16,
    /// Its version.
    pub version: Version,
    /// Its bytes from the start of the application area, in whole words.
    pub len: u32,
    /// CRC-32 over them.
    pub digest: u32,
}

impl<'a> Request<'a> {
    /// Reads a frame that was written to `to`; returns the request with its session and tag.
    pub fn parse(to: Address, frame: &'a [u8]) -> Result<(Session, Tag, Self), Malformed> {
        let (covered, crc) = frame.split_last_chunk::<4>().ok_or(Malformed::Short)?;
        if crc32_to(to, covered) != u32::from_le_bytes(*crc) {
            return Err(Malformed::Crc);
        }
        let mut r = Reader::new(covered);
        let (command, session, tag) = (r.u8()?, Session(r.u8()?), Tag(r.u8()?));
        let request = match command {
            0x01 => Self::Identify,
            0x02 => Self::Assign {
                uid: Uid(r.array()?),
                address: Address::new(r.u8()?).ok_or(Malformed::Range("address"))?,
            },
            0x03 => Self::Enumerate,
            0x04 => Self::EnterLoader,
            0x05 => Self::Begin(Begin {
                vendor: r.u16()?,
                module_type: r.u16()?,
                version: Version::from_bytes(r.array()?),
                len: r.u32()?,
                digest: r.u32()?,
            }),
            0x06 => Self::Commit,
            0x07 => Self::Run,
            0x08 => Self::Confirm,
            0x10 => Self::PageCrcs { first: r.u16()?, count: r.u8()? },
            0x11 => Self::Digest { start: r.u32()?, len: r.u32()? },
            0x12 => Self::Read { start: r.u32()?, len: r.u16()? },
            0x13 => Self::EepromRead { offset: r.u16()?, len: r.u16()? },
            0x14 => Self::EepromWrite { offset: r.u16()?, bytes: r.rest() },
            0x15 => Self::Log,
            0x16 => Self::Blink { seconds: r.u8()? },
            _ => return Err(Malformed::Unknown("command", command)),
        };
        r.end((session, tag, request))
    }

    /// Writes the frame for `to`; returns its length.
    pub fn emit(
        &self,
        to: Address,
        session: Session,
        tag: Tag,
        frame: &mut [u8],
    ) -> Result<usize, Malformed> {
        let mut w = Writer::new(frame);
        w.put(&[self.command(), session.0, tag.0])?;
        match *self {
            Self::Assign { uid, address } => {
                w.put(&uid.0)?;
                w.u8(address.get())?;
            }
            Self::Begin(begin) => {
                w.u16(begin.vendor)?;
                w.u16(begin.module_type)?;
                w.put(&begin.version.to_bytes())?;
                w.u32(begin.len)?;
                w.u32(begin.digest)?;
            }
            Self::PageCrcs { first, count } => {
                w.u16(first)?;
                w.u8(count)?;
            }
            Self::Digest { start, len } => {
                w.u32(start)?;
                w.u32(len)?;
            }
            Self::Read { start, len } => {
                w.u32(start)?;
                w.u16(len)?;
            }
            Self::EepromRead { offset, len } => {
                w.u16(offset)?;
                w.u16(len)?;
            }
            Self::EepromWrite { offset, bytes } => {
                w.u16(offset)?;
                w.put(bytes)?;
            }
            Self::Blink { seconds } => w.u8(seconds)?,
            Self::Identify
            | Self::Enumerate
            | Self::EnterLoader
            | Self::Commit
            | Self::Run
            | Self::Confirm
            | Self::Log => {}
        }
        let crc = crc32_to(to, w.written());
        w.u32(crc)?;
        Ok(w.len())
    }

    fn command(&self) -> u8 {
        match self {
            Self::Identify => 0x01,
            Self::Assign { .. } => 0x02,
            Self::Enumerate => 0x03,
            Self::EnterLoader => 0x04,
            Self::Begin(_) => 0x05,
            Self::Commit => 0x06,
            Self::Run => 0x07,
            Self::Confirm => 0x08,
            Self::PageCrcs { .. } => 0x10,
            Self::Digest { .. } => 0x11,
            Self::Read { .. } => 0x12,
            Self::EepromRead { .. } => 0x13,
            Self::EepromWrite { .. } => 0x14,
            Self::Log => 0x15,
            Self::Blink { .. } => 0x16,
        }
    }
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assign { uid, address } => write!(f, "Assign {uid} {address}"),
            Self::Begin(b) => write!(
                f,
                "Begin {:04x}:{:04x} {} len={} digest={:08x}",
                b.vendor, b.module_type, b.version, b.len, b.digest
            ),
            Self::PageCrcs { first, count } => write!(f, "PageCrcs first={first} count={count}"),
            Self::Digest { start, len } => write!(f, "Digest {start:#010x} len={len}"),
            Self::Read { start, len } => write!(f, "Read {start:#010x} len={len}"),
            Self::EepromRead { offset, len } => write!(f, "EepromRead offset={offset} len={len}"),
            Self::EepromWrite { offset, bytes } => {
                write!(f, "EepromWrite offset={offset} {}", super::Hex(bytes))
            }
            Self::Blink { seconds } => write!(f, "Blink {seconds} s"),
            Self::Identify => f.write_str("Identify"),
            Self::Enumerate => f.write_str("Enumerate"),
            Self::EnterLoader => f.write_str("EnterLoader"),
            Self::Commit => f.write_str("Commit"),
            Self::Run => f.write_str("Run"),
            Self::Confirm => f.write_str("Confirm"),
            Self::Log => f.write_str("Log"),
        }
    }
}

/// One page of the image on its way to the flash.
///
/// ```text
///   0      1         2     4      6     7         n-4      n
///  +------+---------+-----+------+-----+---------+--------+
///  | 0x50 | session | seq | page | PEC | bytes … | CRC-32 |     both checks begin with the address byte
///  +------+---------+-----+------+-----+---------+--------+
/// ```
/// The header has a check of its own, so that a module knows what was meant even when the bytes behind are damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageFrame<'a> {
    /// The session of the open update.
    pub session: Session,
    /// How many page frames came before it in this session. A module takes them in this order alone: one that is behind is
    /// a repeat, one that is ahead means that one was lost.
    pub seq: u16,
    /// Which page, counted from the start of the application area.
    pub page: u16,
    /// The whole page.
    pub bytes: &'a [u8],
}

/// The first byte of a page frame.
pub const PAGE_COMMAND: u8 = 0x50;

impl<'a> PageFrame<'a> {
    /// Reads a frame that was written to `to`.
    pub fn parse(to: Address, frame: &'a [u8]) -> Result<Self, Malformed> {
        let (covered, crc) = frame.split_last_chunk::<4>().ok_or(Malformed::Short)?;
        let (header, bytes) = covered.split_first_chunk::<7>().ok_or(Malformed::Short)?;
        let &[command, session, seq_low, seq_high, page_low, page_high, pec] = header;
        if command != PAGE_COMMAND {
            return Err(Malformed::Unknown("command", command));
        }
        if pec_to(to, &[command, session, seq_low, seq_high, page_low, page_high]) != pec
            || crc32_to(to, covered) != u32::from_le_bytes(*crc)
        {
            return Err(Malformed::Crc);
        }
        Ok(Self {
            session: Session(session),
            seq: u16::from_le_bytes([seq_low, seq_high]),
            page: u16::from_le_bytes([page_low, page_high]),
            bytes,
        })
    }

    /// Writes the frame for `to`; returns its length.
    pub fn emit(&self, to: Address, frame: &mut [u8]) -> Result<usize, Malformed> {
        let mut w = Writer::new(frame);
        w.put(&[PAGE_COMMAND, self.session.0])?;
        w.u16(self.seq)?;
        w.u16(self.page)?;
        let pec = pec_to(to, w.written());
        w.u8(pec)?;
        w.put(self.bytes)?;
        let crc = crc32_to(to, w.written());
        w.u32(crc)?;
        Ok(w.len())
    }
}

impl fmt::Display for PageFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page {} seq={} {} bytes", self.page, self.seq, self.bytes.len())
    }
}
