//! A record in words: every frame, every operation in it, every module frame in that.

use core::fmt::{self, Display, Write};

use super::{Direction, kind, split};
use crate::wire::Hex;
use crate::wire::check::Address;
use crate::wire::identity::Identity;
use crate::wire::link::{Decoder, Frame, Kind};
use crate::wire::message::{Hello, State, ToBase, ToHost, Welcome};
use crate::wire::module::{PageFrame, Request, Status, parse_response};
use crate::wire::op::{Op, Ops};

/// What [`super::Transcript::bytes`] gave, put into words by `Display`: a line for each entry, and indented lines below it.
/// Bytes that are none end it.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a>(pub &'a [u8]);

impl Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((micros, kind, bytes, behind)) = split(rest) {
            rest = behind;
            if kind == kind::DROPPED {
                writeln!(f, "({} earlier frames were dropped)", Text(bytes))?;
                continue;
            }
            write!(f, "{:4}.{:06} ", micros / 1_000_000, micros % 1_000_000)?;
            match kind {
                kind::TO_BASE => wire_in_words(f, "-> ", Direction::ToBase, bytes)?,
                kind::TO_HOST => wire_in_words(f, "<- ", Direction::ToHost, bytes)?,
                _ => write!(f, "<- damaged: {}", Text(bytes))?,
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}

struct Text<'a>(&'a [u8]);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(self.0).unwrap_or("?"))
    }
}

fn wire_in_words(
    f: &mut fmt::Formatter<'_>,
    arrow: &str,
    direction: Direction,
    mut wire: &[u8],
) -> fmt::Result {
    f.write_str(arrow)?;
    match Decoder::new().next(&mut wire) {
        Some(Ok(frame)) => in_words(f, direction, &frame),
        _ => Hex(wire).fmt(f),
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
