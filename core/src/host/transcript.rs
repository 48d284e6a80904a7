//! The readable record of what went over the link: every frame, every operation in it, every module frame in that.
//!
//! Frames are kept as bytes and put into words when somebody reads them, so that the record costs next to nothing.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use crate::time::Instant;
use crate::wire::check::Address;
use crate::wire::identity::{IDENTITY_LEN, Identity};
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

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dropped > 0 {
            writeln!(f, "({} earlier frames were dropped)", self.dropped)?;
        }
        for (at, entry) in &self.entries {
            let micros = at.micros();
            write!(f, "{:4}.{:06} ", micros / 1_000_000, micros % 1_000_000)?;
            match entry {
                Entry::Damaged(error) => writeln!(f, "<- damaged: {error}")?,
                Entry::Frame { direction, wire } => {
                    let arrow = if *direction == Direction::ToBase { "->" } else { "<-" };
                    let mut decoder = Decoder::new();
                    let mut rest = wire.as_slice();
                    match decoder.next(&mut rest) {
                        Some(Ok(frame)) => {
                            writeln!(f, "{arrow} {frame} {}", words(*direction, &frame))?
                        }
                        _ => writeln!(f, "{arrow} {}", Hex(wire))?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// A frame's payload in words.
fn words(direction: Direction, frame: &Frame<'_>) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = match (frame.kind, direction) {
        (Kind::Hello, _) => match Hello::parse(frame.payload) {
            Ok(hello) => write!(out, "protocol {:#06x}", hello.protocol),
            Err(error) => write!(out, "{error}"),
        },
        (Kind::Welcome, _) => match Welcome::parse(frame.payload) {
            Ok(w) => {
                let (blocks, lanes, busy) = (w.blocks, w.lanes, w.busy);
                write!(
                    out,
                    "{} {blocks} blocks, {lanes} lanes, {busy} busy, {} slots",
                    w.firmware,
                    w.slots.len()
                )
            }
            Err(error) => write!(out, "{error}"),
        },
        (Kind::State, Direction::ToBase) => Ok(()),
        (Kind::State, Direction::ToHost) => match State::parse(frame.payload) {
            Ok(state) => write!(out, "{state}"),
            Err(error) => write!(out, "{error}"),
        },
        (Kind::Message, Direction::ToBase) => to_base(&mut out, frame.payload),
        (Kind::Message, Direction::ToHost) => to_host(&mut out, frame.payload),
    };
    out
}

fn to_base(out: &mut String, payload: &[u8]) -> fmt::Result {
    match ToBase::parse(payload) {
        Ok(ToBase::Submit { lane, first, ops }) => {
            write!(out, "Submit {lane} first={first}")?;
            for op in Ops(ops) {
                match op {
                    Ok(Op::Write { to, bytes }) => {
                        write!(out, "\n{:14}write {to} {}", "", module_frame(to, bytes))?
                    }
                    Ok(op) => write!(out, "\n{:14}{op}", "")?,
                    Err(error) => write!(out, "\n{:14}{error}", "")?,
                }
            }
            Ok(())
        }
        Ok(message) => write!(out, "{message}"),
        Err(error) => write!(out, "{error}"),
    }
}

fn module_frame(to: Address, bytes: &[u8]) -> String {
    if let Ok(page) = PageFrame::parse(to, bytes) {
        return alloc::format!("{page}");
    }
    match Request::parse(to, bytes) {
        Ok((_, tag, request)) => alloc::format!("#{} {request}", tag.0),
        Err(_) => alloc::format!("{}", Hex(bytes)),
    }
}

fn to_host(out: &mut String, payload: &[u8]) -> fmt::Result {
    let message = match ToHost::parse(payload) {
        Ok(message) => message,
        Err(error) => return write!(out, "{error}"),
    };
    let (ToHost::Result { data, .. } | ToHost::Halted { data, .. }) = message else {
        return write!(out, "{message}");
    };
    write!(out, "{message}")?;
    // The message does not say who was read; the check over the address byte does.
    let Some((from, status)) =
        (8..0x78).filter_map(Address::new).find_map(|a| Some((a, Status::parse(a, data).ok()?)))
    else {
        return Ok(());
    };
    write!(out, "\n{:14}{from} {status}", "")?;
    match parse_response(from, data) {
        Ok((_, payload)) if payload.len() == IDENTITY_LEN => match Identity::parse(payload) {
            Ok(identity) => write!(out, "; {identity}"),
            Err(_) => write!(out, "; {}", Hex(payload)),
        },
        Ok((_, payload)) if !payload.is_empty() => write!(out, "; {}", Hex(payload)),
        _ => Ok(()),
    }
}
