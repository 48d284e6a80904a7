//! What a host writes to a module: requests and page frames. One write transaction is one whole frame.
//!
//! Docs: PROTOCOL.md, "Requests" and "Page frames".

use core::fmt;

use super::bytes::{Field, Fields, Malformed};
use super::check::{Address, Crc32};
use super::header::Hardware;
use super::module::{Session, Tag, Uid};
use super::version::Version;

/// A request, in its envelope:
///
/// ```text
///   0         1         2     3          4        n-4      n
///  +---------+---------+-----+----------+--------+--------+
///  | command | session | tag | argument | body … | CRC-32 |     the CRC-32 begins with the address byte
///  +---------+---------+-----+----------+--------+--------+
/// ```
/// The body is whole words, so that a module reads them where they lie.
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
    /// Response: the [digest](super::digest) of each of `count` pages of the application area.
    PageDigests {
        /// Counted from the start of the application area.
        first: u16,
        /// At most 64.
        count: u8,
    },
    /// Response: the digest of a part of the flash.
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
        /// At most [`super::module::DATA_LEN_MAX`].
        len: u16,
    },
    /// Response: bytes of the data EEPROM.
    EepromRead {
        /// From its start.
        offset: u16,
        /// At most [`super::module::DATA_LEN_MAX`].
        len: u16,
    },
    /// Writes to the data EEPROM.
    EepromWrite {
        /// From its start.
        offset: u16,
        /// At most [`super::module::DATA_LEN_MAX`], in whole words.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Begin {
    /// The image's vendor.
    pub vendor: u16,
    /// The module type it is for.
    pub module_type: u16,
    /// The hardware revisions it runs on.
    pub hardware: Hardware,
    /// Its version.
    pub version: Version,
    /// Its bytes from the start of the application area, in whole words.
    pub len: u32,
    /// Their [digest](super::digest).
    pub digest: u32,
    /// Page frames may be written to this address, too: other modules take the same ones. One of [`Address::GROUPS`].
    pub group: Option<Address>,
}

impl<'a> Request<'a> {
    /// Reads a frame that was written to `to`; returns the request with its session and tag.
    pub fn parse(to: Address, frame: &'a [u8]) -> Result<(Session, Tag, Self), Malformed> {
        let covered = Crc32::to(to).open(frame)?;
        let (mut session, mut tag, mut request) = (Session(0), Tag(0), Self::Identify);
        let mut f = Fields::of(covered);
        f.code(0, &mut request, Self::blank);
        f.u8(&mut session.0);
        f.u8(&mut tag.0);
        request.fields(&mut f);
        f.end().map(|()| (session, tag, request))
    }

    /// Writes the frame for `to`; returns its length.
    pub fn emit(
        &self,
        to: Address,
        session: Session,
        tag: Tag,
        frame: &mut [u8],
    ) -> Result<usize, Malformed> {
        let mut f = Fields::to(frame);
        f.put(&[self.command(), session.0, tag.0]);
        self.clone().fields(&mut f);
        let len = f.written()?;
        Crc32::to(to).seal(frame, len)
    }

    /// The argument, then the body.
    fn fields(&mut self, f: &mut Fields<'a>) {
        match self {
            Self::Assign { uid, address } => {
                f.code(address.get(), address, Address::parse);
                f.bytes(&mut uid.0);
            }
            Self::Begin(begin) => {
                let group = begin.group.map_or(0, Address::get);
                f.code(group, &mut begin.group, |group| match group {
                    0 => Ok(None),
                    _ if Address::GROUPS.contains(&group) => Address::parse(group).map(Some),
                    _ => Err(Malformed::Range(Field::Address)),
                });
                f.u16(&mut begin.vendor);
                f.u16(&mut begin.module_type);
                begin.hardware.fields(f);
                if begin.hardware.lowest() > begin.hardware.highest() {
                    f.fault(Malformed::Range(Field::Hardware));
                }
                f.unused::<2>();
                begin.version.fields(f);
                f.u32(&mut begin.len);
                f.u32(&mut begin.digest);
            }
            Self::PageDigests { first, count } => {
                f.u8(count);
                f.wide(first);
            }
            Self::Digest { start, len } => {
                f.unused::<1>();
                f.u32(start);
                f.u32(len);
            }
            Self::Read { start, len } => {
                f.unused::<1>();
                f.u32(start);
                f.wide(len);
            }
            Self::EepromRead { offset, len } => {
                f.unused::<1>();
                f.wide(offset);
                f.wide(len);
            }
            Self::EepromWrite { offset, bytes } => {
                f.unused::<1>();
                f.wide(offset);
                f.rest(bytes);
            }
            Self::Blink { seconds } => f.u8(seconds),
            Self::Identify
            | Self::Enumerate
            | Self::EnterLoader
            | Self::Commit
            | Self::Run
            | Self::Confirm
            | Self::Log => f.unused::<1>(),
        }
    }

    /// A request before its fields are read.
    fn blank(code: u8) -> Result<Self, Malformed> {
        Ok(match code {
            command::IDENTIFY => Self::Identify,
            command::ASSIGN => Self::Assign { uid: Uid::default(), address: Address::ENUMERATION },
            command::ENUMERATE => Self::Enumerate,
            command::ENTER_LOADER => Self::EnterLoader,
            command::BEGIN => Self::Begin(Begin::default()),
            command::COMMIT => Self::Commit,
            command::RUN => Self::Run,
            command::CONFIRM => Self::Confirm,
            command::PAGE_DIGESTS => Self::PageDigests { first: 0, count: 0 },
            command::DIGEST => Self::Digest { start: 0, len: 0 },
            command::READ => Self::Read { start: 0, len: 0 },
            command::EEPROM_READ => Self::EepromRead { offset: 0, len: 0 },
            command::EEPROM_WRITE => Self::EepromWrite { offset: 0, bytes: &[] },
            command::LOG => Self::Log,
            command::BLINK => Self::Blink { seconds: 0 },
            _ => return Err(Malformed::Unknown(Field::Command, code)),
        })
    }

    fn command(&self) -> u8 {
        match self {
            Self::Identify => command::IDENTIFY,
            Self::Assign { .. } => command::ASSIGN,
            Self::Enumerate => command::ENUMERATE,
            Self::EnterLoader => command::ENTER_LOADER,
            Self::Begin(_) => command::BEGIN,
            Self::Commit => command::COMMIT,
            Self::Run => command::RUN,
            Self::Confirm => command::CONFIRM,
            Self::PageDigests { .. } => command::PAGE_DIGESTS,
            Self::Digest { .. } => command::DIGEST,
            Self::Read { .. } => command::READ,
            Self::EepromRead { .. } => command::EEPROM_READ,
            Self::EepromWrite { .. } => command::EEPROM_WRITE,
            Self::Log => command::LOG,
            Self::Blink { .. } => command::BLINK,
        }
    }
}

/// The first byte of each request. A module goes by these, and by [`BODY_WORDS`].
pub(crate) mod command {
    pub(crate) const IDENTIFY: u8 = 1;
    pub(crate) const ASSIGN: u8 = 2;
    pub(crate) const ENUMERATE: u8 = 3;
    pub(crate) const ENTER_LOADER: u8 = 4;
    pub(crate) const BEGIN: u8 = 5;
    pub(crate) const COMMIT: u8 = 6;
    pub(crate) const RUN: u8 = 7;
    pub(crate) const CONFIRM: u8 = 8;
    pub(crate) const PAGE_DIGESTS: u8 = 9;
    pub(crate) const DIGEST: u8 = 10;
    pub(crate) const READ: u8 = 11;
    pub(crate) const EEPROM_READ: u8 = 12;
    pub(crate) const EEPROM_WRITE: u8 = 13;
    pub(crate) const LOG: u8 = 14;
    pub(crate) const BLINK: u8 = 15;
}

/// How many words the body of each request has, by command; [`ANY`] is told by the frame.
pub(crate) static BODY_WORDS: [u8; 16] = [NONE, 0, 3, 0, 0, 5, 0, 0, 0, 1, 2, 2, 2, ANY, 0, 0];
/// There is no such request.
const NONE: u8 = 0xff;
/// A word for where, and the bytes to write there.
pub(crate) const ANY: u8 = 0xfe;

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assign { uid, address } => write!(f, "Assign {uid} {address}"),
            Self::Begin(b) => {
                write!(
                    f,
                    "Begin {:04x}:{:04x} hardware {} {} len={} digest={:08x}",
                    b.vendor, b.module_type, b.hardware, b.version, b.len, b.digest
                )?;
                b.group.map_or(Ok(()), |group| write!(f, " group={group}"))
            }
            Self::PageDigests { first, count } => {
                write!(f, "PageDigests first={first} count={count}")
            }
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
///   0      1         2     4      6         n-4      n
///  +------+---------+-----+------+---------+--------+
///  | 0x50 | session | seq | page | bytes … | CRC-32 |     the CRC-32 begins with the address byte
///  +------+---------+-----+------+---------+--------+
/// ```
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
        Self::of(Crc32::to(to).open(frame)?)
    }

    /// Reads what the CRC-32 of a frame covers.
    pub(crate) fn of(covered: &'a [u8]) -> Result<Self, Malformed> {
        let (header, bytes) = covered.split_first_chunk().ok_or(Malformed::Short)?;
        let &[command, session, seq_low, seq_high, page_low, page_high] = header;
        if command != PAGE_COMMAND {
            return Err(Malformed::Unknown(Field::Command, command));
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
        let ([s0, s1], [p0, p1]) = (self.seq.to_le_bytes(), self.page.to_le_bytes());
        let mut f = Fields::to(frame);
        f.put(&[PAGE_COMMAND, self.session.0, s0, s1, p0, p1]);
        f.put(self.bytes);
        let len = f.written()?;
        Crc32::to(to).seal(frame, len)
    }
}

impl fmt::Display for PageFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page {} seq={} {} bytes", self.page, self.seq, self.bytes.len())
    }
}
