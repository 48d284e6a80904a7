//! What happens in the rack, told to whoever asks, while it happens. Costs a comparison when nobody does.
//!
//! Each event is one line of a transcript: bytes are shown as what they mean where they mean anything.

use core::fmt;

use rackflash_core::base::BusError;
use rackflash_core::time::Instant;
use rackflash_core::wire::Hex;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::identity::{IDENTITY_LEN, Identity};
use rackflash_core::wire::link::{Decoder, Frame, Kind};
use rackflash_core::wire::message::{Bus, State, ToBase, ToHost};
use rackflash_core::wire::module::{
    PAGE_COMMAND, PageFrame, Request, STATUS_LEN, Status, parse_response,
};

use crate::module::Runs;
use crate::setup::Incident;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Bytes from the host have reached the base.
    ToBase(&'a [u8]),
    /// The base has sent bytes to the host.
    ToHost(&'a [u8]),
    /// A write has ended.
    Write {
        /// Where.
        bus: Bus,
        /// To whom.
        to: Address,
        /// What, as the modules heard it.
        bytes: &'a [u8],
        /// How the base saw it.
        result: Result<(), BusError>,
    },
    /// A read has ended.
    Read {
        /// Where.
        bus: Bus,
        /// From whom.
        from: Address,
        /// What the base got.
        result: Result<&'a [u8], BusError>,
    },
    /// A module runs something else than before.
    Runs {
        /// Which.
        module: usize,
        /// What.
        runs: Runs,
    },
    /// Something went wrong on purpose.
    Incident(Incident),
}

/// Takes the events.
pub type Tell = Box<dyn FnMut(Instant, &Event<'_>)>;

#[derive(Default)]
pub(crate) struct Trace {
    tell: Option<Tell>,
}

impl Trace {
    pub(crate) fn to(&mut self, tell: Option<Tell>) {
        self.tell = tell;
    }

    pub(crate) fn tell(&mut self, now: Instant, event: &Event<'_>) {
        if let Some(tell) = &mut self.tell {
            tell(now, event);
        }
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tell.is_some() { "Trace(told)" } else { "Trace" })
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ToBase(bytes) => link(f, "host>", bytes),
            Self::ToHost(bytes) => link(f, "base>", bytes),
            Self::Write { bus, to, bytes: [], result: Err(error) } => {
                write!(f, "{bus} {to}: write => {error:?}")
            }
            Self::Write { bus, to, bytes, result } => {
                write!(f, "{bus} {to}: ")?;
                let parsed = match bytes.first() {
                    Some(&PAGE_COMMAND) => {
                        PageFrame::parse(*to, bytes).map(|page| write!(f, "{page}"))
                    }
                    _ => Request::parse(*to, bytes).map(|(session, tag, request)| {
                        write!(f, "{request} session={} tag={}", session.0, tag.0)
                    }),
                };
                match parsed {
                    Ok(written) => written?,
                    Err(why) => write!(f, "write {} ({why})", Hex(bytes))?,
                }
                match result {
                    Ok(()) => Ok(()),
                    Err(error) => write!(f, " => {error:?}"),
                }
            }
            Self::Read { bus, from, result: Err(error) } => {
                write!(f, "{bus} {from}: read => {error:?}")
            }
            Self::Read { bus, from, result: Ok(bytes) } => {
                write!(f, "{bus} {from}: ")?;
                read(f, *from, bytes)
            }
            Self::Runs { module, runs } => write!(f, "module {module}: {runs:?}"),
            Self::Incident(incident) => write!(f, "{incident:?}"),
        }
    }
}

fn read(f: &mut fmt::Formatter<'_>, from: Address, bytes: &[u8]) -> fmt::Result {
    let parsed = if bytes.len() <= STATUS_LEN {
        Status::parse(from, bytes).map(|status| (status, &[][..]))
    } else {
        parse_response(from, bytes)
    };
    match parsed {
        Ok((status, [])) => write!(f, "read {status}"),
        Ok((status, payload)) if payload.len() == IDENTITY_LEN => match Identity::parse(payload) {
            Ok(identity) => write!(f, "read {status} {identity}"),
            Err(why) => write!(f, "read {status} {} ({why})", Hex(payload)),
        },
        Ok((status, payload)) => write!(f, "read {status} {}", Hex(payload)),
        Err(why) => write!(f, "read {} ({why})", Hex(bytes)),
    }
}

/// The frames that are whole in `bytes`.
fn link(f: &mut fmt::Formatter<'_>, from: &str, mut bytes: &[u8]) -> fmt::Result {
    let (mut decoder, len) = (Decoder::new(), bytes.len());
    write!(f, "{from} {len} bytes")?;
    while let Some(frame) = decoder.next(&mut bytes) {
        f.write_str("; ")?;
        match frame {
            Ok(frame) => link_frame(f, from, &frame)?,
            Err(why) => write!(f, "{why}")?,
        }
    }
    Ok(())
}

fn link_frame(f: &mut fmt::Formatter<'_>, from: &str, frame: &Frame<'_>) -> fmt::Result {
    write!(f, "{frame}")?;
    match frame.kind {
        Kind::Message if from == "host>" => {
            ToBase::parse(frame.payload).map_or(Ok(()), |message| write!(f, " {message}"))
        }
        Kind::Message => {
            ToHost::parse(frame.payload).map_or(Ok(()), |message| write!(f, " {message}"))
        }
        Kind::State => State::parse(frame.payload).map_or(Ok(()), |state| write!(f, " {state}")),
        Kind::Hello | Kind::Welcome => Ok(()),
    }
}
