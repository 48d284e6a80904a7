//! Frames between host and base. A frame that parsed is whole; what it carries is read by [`super::message`].
//!
//! ```text
//!  on the wire:  COBS( body )  00
//!
//!  body:   0      1         5       7       9               n-4      n
//!         +------+---------+-------+-------+---------------+--------+
//!         | kind | session | seq   | ack   | payload …     | CRC-32 |
//!         +------+---------+-------+-------+---------------+--------+
//! ```
//! Docs: PROTOCOL.md, "Link frames".

use core::fmt;

use super::bytes::{Field, Fields, Malformed, codes};
use super::check::Crc32;

/// The longest payload: one block of operations and the message around it.
pub const PAYLOAD_MAX: usize = super::message::BLOCK_LEN + 16;
/// Bytes of a body around the payload.
const OVERHEAD: usize = 9 + 4;
/// The longest body.
pub const BODY_MAX: usize = OVERHEAD + PAYLOAD_MAX;
/// The longest frame on the wire, with its delimiter.
pub const FRAME_MAX: usize = cobs::max_encoding_length(BODY_MAX) + 1;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Host: a new session starts; nothing from before counts.
    Hello = 1,
    /// Base: the session has started.
    Welcome = 2,
    /// Either: the next message in order. Sent again until acknowledged.
    Message = 3,
    /// Either: acknowledges, and from the base tells where its lanes stand. Never sent again: the next one says it anew.
    State = 4,
}

codes!(Kind, FrameKind, Hello, Welcome, Message, State);

/// The number that a host draws for its session. Frames of another session are stale and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionId(pub u32);

/// A message's place in its direction's order. Wraps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seq(pub u16);

impl Seq {
    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// How far this number is ahead of `other`; more than half the range means behind.
    pub const fn ahead_of(self, other: Self) -> u16 {
        self.0.wrapping_sub(other.0)
    }
}

/// A frame's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is for.
    pub kind: Kind,
    /// The session it belongs to.
    pub session: SessionId,
    /// Of a message its number; of other kinds the number that the sender's next message will have.
    pub seq: Seq,
    /// The number of the message that the sender expects next: all before it have arrived.
    pub ack: Seq,
    /// At most [`PAYLOAD_MAX`] bytes.
    pub payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads a decoded body.
    pub fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let covered = Crc32::new().open(body)?;
        let mut frame = Self {
            kind: Kind::Hello,
            session: SessionId(0),
            seq: Seq(0),
            ack: Seq(0),
            payload: &[],
        };
        let mut f = Fields::of(covered);
        frame.fields(&mut f);
        f.end()?;
        if frame.payload.len() > PAYLOAD_MAX {
            Err(Malformed::Range(Field::Payload))
        } else {
            Ok(frame)
        }
    }

    fn fields(&mut self, f: &mut Fields<'a>) {
        f.code(self.kind as u8, &mut self.kind, Kind::parse);
        f.u32(&mut self.session.0);
        f.u16(&mut self.seq.0);
        f.u16(&mut self.ack.0);
        f.rest(&mut self.payload);
    }

    /// Writes the frame as it goes over the wire, delimiter included; returns its length.
    pub fn emit(&self, wire: &mut [u8; FRAME_MAX]) -> Result<usize, Malformed> {
        let mut body = [0; BODY_MAX];
        let mut f = Fields::to(&mut body);
        self.clone().fields(&mut f);
        let len = f.written()?;
        let len = Crc32::new().seal(&mut body, len)?;
        let body = body.get(..len).unwrap_or_default();
        let len = cobs::try_encode(body, wire).map_err(|_| Malformed::Short)?;
        *wire.get_mut(len).ok_or(Malformed::Short)? = 0;
        Ok(len.saturating_add(1))
    }
}

impl fmt::Display for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{} ack {}", self.kind, self.seq.0, self.ack.0)
    }
}

/// Finds frames in a stream of bytes, whatever pieces they come in.
#[derive(Clone, Debug)]
pub struct Decoder {
    buffer: [u8; FRAME_MAX],
    len: usize,
}

impl Decoder {
    /// At the start of a stream.
    pub const fn new() -> Self {
        Self { buffer: [0; FRAME_MAX], len: 0 }
    }

    /// Takes bytes from `input` up to the end of a frame. `None`: the input is used up. Empty frames are passed over, so
    /// a sender may begin with a delimiter to end whatever stood on the line before.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Result<Frame<'_>, Malformed>> {
        loop {
            let (&byte, rest) = input.split_first()?;
            *input = rest;
            if byte != 0 {
                // Past the end only the length counts on, so that the frame is known to be too long.
                if let Some(place) = self.buffer.get_mut(self.len) {
                    *place = byte;
                }
                self.len = self.len.saturating_add(1);
            } else if self.len != 0 {
                let len = core::mem::take(&mut self.len);
                return Some(match self.buffer.get_mut(..len) {
                    Some(frame) => decode(frame),
                    None => Err(Malformed::Framing),
                });
            }
        }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

fn decode(frame: &mut [u8]) -> Result<Frame<'_>, Malformed> {
    let len = cobs::decode_in_place(frame).map_err(|_| Malformed::Framing)?;
    Frame::parse(frame.get(..len).ok_or(Malformed::Framing)?)
}
