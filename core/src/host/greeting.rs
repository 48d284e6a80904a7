//! An open link until a base answers that it is free: hellos, and what is wrong if that takes long. Refuses to look into what
//! is answered.

use super::problem::LinkProblem;
use crate::time::{Duration, Instant};
use crate::wire::link::{FRAME_MAX, Frame, Kind, Seq, SessionId};
use crate::wire::message::{Hello, PROTOCOL};

/// From hello to hello while nothing answers.
const HELLO_EVERY: Duration = Duration::from_millis(300);
/// How long nothing answers until it is said. A base answers within milliseconds; a slow USB stack within a second.
const SILENT_AFTER: Duration = Duration::from_secs(2);
/// How long a base may work on what it was given before. A full one has 400 blocks of 1280 bytes: 47 s on one bus of 100 kHz,
/// and six times as long where noise lets each come through at the sixth try only.
const BUSY_MAX: Duration = Duration::from_secs(300);

/// See the module's documentation.
pub(super) struct Greeting {
    pub(super) session: SessionId,
    since: Instant,
    hello_at: Instant,
    /// Whether any byte has come since.
    pub(super) heard: bool,
    /// Since when a base says that it works on what it was given before.
    busy_since: Instant,
}

impl Greeting {
    pub(super) fn new(session: SessionId, now: Instant) -> Self {
        let busy_since = Instant::NEVER;
        Self { session, since: now, hello_at: now, heard: false, busy_since }
    }

    /// Whether a base has answered that it works on what it was given before.
    pub(super) fn is_busy(&self) -> bool {
        self.busy_since != Instant::NEVER
    }

    /// It has, again. It does that to the end; asking again is all there is to do.
    pub(super) fn heard_busy(&mut self, now: Instant) -> Option<LinkProblem> {
        self.since = now;
        self.busy_since = self.busy_since.min(now);
        let is_over = now.since(self.busy_since) >= BUSY_MAX;
        is_over.then_some(LinkProblem::BaseSilent)
    }

    /// What is wrong if nothing says better what is.
    pub(super) fn problem(&self, now: Instant) -> Option<LinkProblem> {
        if self.silent_at() > now {
            None
        } else if self.heard && !self.is_busy() {
            Some(LinkProblem::NotABase)
        } else {
            Some(LinkProblem::Silent)
        }
    }

    fn silent_at(&self) -> Instant {
        self.since + SILENT_AFTER
    }

    /// When to go on if nothing comes.
    pub(super) fn deadline(&self, now: Instant) -> Instant {
        let silent_at = self.silent_at();
        if silent_at > now { silent_at.min(self.hello_at) } else { self.hello_at }
    }

    /// The next hello, if it is time.
    pub(super) fn next_hello(&mut self, wire: &mut [u8; FRAME_MAX], now: Instant) -> Option<usize> {
        if self.hello_at > now {
            return None;
        }
        self.hello_at = now + HELLO_EVERY;
        let payload = Hello { protocol: PROTOCOL }.emit();
        let (session, seq, ack) = (self.session, Seq(0), Seq(0));
        let frame = Frame { kind: Kind::Hello, session, seq, ack, payload: &payload };
        let mut hello = [0; FRAME_MAX];
        let len = frame.emit(&mut hello).ok()?;
        // A delimiter first ends whatever another program left on the line.
        wire.get_mut(1..=len)?.copy_from_slice(hello.get(..len)?);
        *wire.first_mut()? = 0;
        Some(len + 1)
    }
}
