//! The readable record of what went over the link: every frame, every operation in it, every module frame in that.
//!
//! Frames are kept as bytes and put into words when somebody reads them, so that the record costs next to nothing.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt::{self, Display, Write};

use crate::time::Instant;
use crate::wire::check::Address;
use crate::wire::identity::Identity;
use crate::wire::link::{Decoder, Frame, Kind};
use crate::wire::message::{Hello, State, ToBase, ToHost, Welcome};
use crate::wire::module::{PageFrame, Request, Status, parse_response};
use crate::wire::op::{Op, Ops};
use crate::wire::{Hex, Malformed};

/// The most bytes kept: four full racks' worth of pages. Older ones are dropped, and the record says so.
const KEPT_MAX: usize = 4 * 1024 * 1024;

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From host to base.
    ToBase,
    /// From base to host.
    ToHost,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Transcript {
    entries: VecDeque<(Instant, Entry)>,
    kept: usize,
    dropped: u64,
}

#[derive(Debug)]
enum Entry {
    Frame { direction: Direction, wire: Vec<u8> },
    Damaged(Malformed),
}

impl Transcript {
    /// Records bytes as they go over the wire: one frame.
    pub(super) fn record(&mut self, now: Instant, direction: Direction, wire: &[u8]) {
        self.push(now, Entry::Frame { direction, wire: wire.to_vec() }, wire.len());
    }

    /// Records a frame that was received.
    pub(super) fn record_frame(&mut self, now: Instant, direction: Direction, frame: &Frame<'_>) {
        let mut wire = [0; crate::wire::link::FRAME_MAX];
        if let Ok(len) = frame.emit(&mut wire) {
            self.record(now, direction, wire.get(..len).unwrap_or_default());
        }
    }

    /// Records that something came that is no frame.
    pub(super) fn record_damage(&mut self, now: Instant, error: Malformed) {
        self.push(now, Entry::Damaged(error), 0);
    }

    fn push(&mut self, now: Instant, entry: Entry, len: usize) {
        self.entries.push_back((now, entry));
        self.kept += len + size_of::<(Instant, Entry)>();
        while self.kept > KEPT_MAX
            && let Some((_, entry)) = self.entries.pop_front()
        {
            let len = if let Entry::Frame { wire, .. } = &entry { wire.len() } else { 0 };
            self.kept -= len + size_of::<(Instant, Entry)>();
            self.dropped += 1;
        }
    }
}

impl Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dropped > 0 {
            writeln!(f, "({} earlier frames were dropped)", self.dropped)?;
        }
        for (at, entry) in &self.entries {
            let micros = at.micros();
            write!(f, "{:4}.{:06} ", micros / 1_000_000, micros % 1_000_000)?;
            match entry {
                Entry::Damaged(error) => write!(f, "<- damaged: {error}")?,
                Entry::Frame { direction, wire } => {
                    f.write_str(if *direction == Direction::ToBase { "-> " } else { "<- " })?;
                    match Decoder::new().next(&mut wire.as_slice()) {
                        Some(Ok(frame)) => in_words(f, *direction, &frame)?,
                        _ => Hex(wire).fmt(f)?,
                    }
                }
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}

/// Where what belongs to a frame stands, below it.
const INDENTED: &str = "\n              ";

fn in_words(f: &mut fmt::Formatter<'_>, direction: Direction, frame: &Frame<'_>) -> fmt::Result {
    frame.fmt(f)?;
    if (frame.kind, direction) == (Kind::State, Direction::ToBase) {
        return Ok(());
    }
    f.write_char(' ')?;
    let payload = frame.payload;
    let said = match (frame.kind, direction) {
        (Kind::Hello, _) => Hello::parse(payload).map(|hello| hello.fmt(f)),
        // Without its lists: the slots follow, as they are looked at.
        (Kind::Welcome, _) => Welcome::parse(payload).map(|welcome| {
            let Welcome { protocol, firmware, blocks, lanes, busy, .. } = welcome;
            write!(
                f,
                "{} firmware {firmware} {blocks} blocks, {lanes} lanes, {busy} busy",
                Hello { protocol }
            )
        }),
        (Kind::State, _) => State::parse(payload).map(|state| state.fmt(f)),
        (Kind::Message, Direction::ToBase) => ToBase::parse(payload).map(|said| to_base(f, &said)),
        (Kind::Message, Direction::ToHost) => ToHost::parse(payload).map(|said| to_host(f, &said)),
    };
    match said {
        Ok(written) => written,
        Err(error) => error.fmt(f),
    }
}

fn to_base(f: &mut fmt::Formatter<'_>, message: &ToBase<'_>) -> fmt::Result {
    let ToBase::Submit { lane, first, ops } = *message else { return message.fmt(f) };
    write!(f, "Submit {lane} first={first}")?;
    for op in Ops(ops) {
        f.write_str(INDENTED)?;
        match op {
            Ok(Op::Write { to, bytes }) => {
                write!(f, "write {to} ")?;
                if let Ok(page) = PageFrame::parse(to, bytes) {
                    page.fmt(f)?;
                } else if let Ok((_, tag, request)) = Request::parse(to, bytes) {
                    write!(f, "#{} {request}", tag.0)?;
                } else {
                    Hex(bytes).fmt(f)?;
                }
            }
            Ok(op) => op.fmt(f)?,
            Err(error) => error.fmt(f)?,
        }
    }
    Ok(())
}

fn to_host(f: &mut fmt::Formatter<'_>, message: &ToHost<'_>) -> fmt::Result {
    message.fmt(f)?;
    let (ToHost::Result { data, .. } | ToHost::Halted { data, .. }) = *message else {
        return Ok(());
    };
    // The message does not say who was read; the check over the address byte does.
    for from in (8..0x78).filter_map(Address::new) {
        let Ok(status) = Status::parse(from, data) else { continue };
        write!(f, "{INDENTED}{from} {status}")?;
        return match parse_response(from, data) {
            Ok((_, payload)) if !payload.is_empty() => match Identity::parse(payload) {
                Ok(identity) => write!(f, "; {identity}"),
                Err(_) => write!(f, "; {}", Hex(payload)),
            },
            _ => Ok(()),
        };
    }
    Ok(())
}
