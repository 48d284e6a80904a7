//! What a module hears and says on its bus: requests, page frames, the status, responses. Refuses to know what a loader
//! does with them.
//!
//! A host only ever writes whole frames to a module and reads it; there is no register to select. Every read begins with
//! the status; a longer one goes on with the response to the last request.
//!
//! Docs: PROTOCOL.md, "Module frames".

use core::fmt;

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

pub use super::request::{Begin, PAGE_COMMAND, PageFrame, Request};

use super::bytes::{Fields, Malformed, codes};
use super::check::{Address, Crc32, crc32, pec_from};

/// The longest request: its envelope around 256 bytes of EEPROM, and where they go.
pub const REQUEST_LEN_MAX: usize = 4 + 4 + DATA_LEN_MAX + 4;
/// The most bytes that one request or response carries: two pages, so that a read of everything is 3 % overhead.
pub const DATA_LEN_MAX: usize = 256;
/// Bytes of a page frame around the page.
pub const PAGE_OVERHEAD: usize = 6 + 4;
/// Bytes of a status.
pub const STATUS_LEN: usize = 8;
/// Bytes around a response's payload in a read: the status before it, length, CRC-32 and packet error code.
pub const RESPONSE_OVERHEAD: usize = STATUS_LEN + 2 + 4 + 1;

/// A module's 96-bit unique id, as its silicon has it.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    TryFromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
)]
#[repr(C)]
pub struct Uid(pub [u8; 12]);

impl Uid {
    /// What its `Display` gave.
    pub fn from_hex(text: &str) -> Option<Self> {
        let (digits, _) = text.as_bytes().as_chunks::<2>();
        let mut uid = Self::default();
        if text.len() != uid.0.len().saturating_mul(2) {
            return None;
        }
        for (byte, digits) in uid.0.iter_mut().zip(digits) {
            *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(uid)
    }
}

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

codes!(State, State, Application, Loader, Receiving, Committed, Failed);

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

codes!(
    Outcome,
    Outcome,
    Done,
    Unsupported,
    WrongType,
    WrongHardware,
    OutOfArea,
    NotOpen,
    Incomplete,
    DigestMismatch,
    FlashWorn,
    NoApplication,
    BadHeader
);

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

/// Which byte of a status is the lower one of the count of page frames; for operations.
pub const RECEIVED_BYTE: u8 = 4;
/// The first byte's bit that says busy; for patterns.
pub const BUSY_BIT: u8 = 0x80;

impl Status {
    /// Reads the status off the front of what a read from `from` returned.
    pub fn parse(from: Address, bytes: &[u8]) -> Result<Self, Malformed> {
        let status = bytes.first_chunk::<STATUS_LEN>().ok_or(Malformed::Short)?;
        // Behind data and its own code each code is 0.
        if pec_from(from, status) != 0 {
            return Err(Malformed::Crc);
        }
        let &[first, tag, outcome, room, received_low, received_high, session, _] = status;
        Ok(Self {
            state: State::parse(first & !BUSY_BIT)?,
            busy: if first & BUSY_BIT != 0 { Busy::Yes } else { Busy::No },
            tag: Tag(tag),
            outcome: Outcome::parse(outcome)?,
            room: Room(room),
            received: u16::from_le_bytes([received_low, received_high]),
            session: Session(session),
        })
    }

    /// The bytes that a read from `from` begins with.
    pub fn emit(&self, from: Address) -> [u8; STATUS_LEN] {
        let busy = if self.busy == Busy::Yes { BUSY_BIT } else { 0 };
        let [low, high] = self.received.to_le_bytes();
        let (first, outcome) = (self.state as u8 | busy, self.outcome as u8);
        let mut bytes = [first, self.tag.0, outcome, self.room.0, low, high, self.session.0, 0];
        let [covered @ .., check] = &mut bytes;
        *check = pec_from(from, covered);
        bytes
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.state, if self.busy == Busy::Yes { " busy" } else { "" })?;
        write!(
            f,
            " tag={} {} room={:#04x} received={}",
            self.tag.0, self.outcome, self.room.0, self.received
        )
    }
}

/// The response within what a long read from `from` returned: the bytes behind the status, proven by their CRC-32.
pub fn parse_response(from: Address, read: &[u8]) -> Result<(Status, &[u8]), Malformed> {
    let status = Status::parse(from, read)?;
    let response = read.get(STATUS_LEN..).unwrap_or_default();
    let (mut payload, mut crc): (&[u8], _) = (&[], 0);
    let mut f = Fields::of(response);
    f.counted(&mut payload);
    f.u32(&mut crc);
    f.behind()?;
    let covered = response.get(..payload.len().saturating_add(2)).unwrap_or_default();
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
    let (place, response) = read.split_first_chunk_mut().ok_or(Malformed::Short)?;
    *place = status.emit(from);
    let mut f = Fields::to(response);
    f.counted(&mut &*payload);
    let len = f.written()?;
    let len = STATUS_LEN.saturating_add(Crc32::new().seal(response, len)?);
    let (covered, rest) = read.split_at_mut_checked(len).ok_or(Malformed::Short)?;
    *rest.first_mut().ok_or(Malformed::Short)? = pec_from(from, covered);
    Ok(len.saturating_add(1))
}
