//! Messages in order over a link that may lose, damage or delay frames: the part that host and base have in common.
//!
//! Each direction numbers its messages and keeps them until the other side acknowledges them; what is lost is sent again
//! from there on (go-back-N). Never relies on the link's own back-pressure. Knows no message's content.
//!
//! Docs: PROTOCOL.md, "Order and repetition".

use crate::time::{Duration, Instant};
use crate::wire::Malformed;
use crate::wire::link::{Frame, Kind, Seq, SessionId};

/// How long without progress until everything unacknowledged is sent again, at first. Longer than a browser's usual
/// pauses; a hidden tab's one-second stall costs a repetition and nothing else.
const REPEAT_AFTER: Duration = Duration::from_millis(250);
/// The wait doubles with each repetition up to this.
const REPEAT_AFTER_MAX: Duration = Duration::from_secs(2);
/// An acknowledgement that shows a gap is believed when the message behind the gap was sent at least this long
/// ago, or one and a half round trips: sooner it cannot know of it.
const GAP_AFTER_MIN: Duration = Duration::from_millis(3);

/// How long a byte takes on the link: twice as long as on a full-speed USB link. What is sent waits for what was sent before,
/// and a wait is no loss: what is sent again for it makes the next wait longer, without an end.
const MICROS_PER_BYTE: u64 = 2;

/// A state that shows a gap is answered at most this often: each answer may bring the next state, and they must not chase
/// each other until the gap is closed.
const GAP_ANSWER_EVERY: Duration = Duration::from_millis(20);

/// The most messages that may wait together for their answer: a quarter of what a host has on its way, so that it does not stop
/// for want of one.
const UNANSWERED_MAX: u8 = 8;

/// Messages that were pushed and not yet acknowledged: at most `SLOTS` of at most `LEN` bytes.
#[derive(Debug)]
pub struct Outbox<const SLOTS: usize, const LEN: usize> {
    /// A ring. Where a message stands does not follow from its number alone: numbers wrap where no round of slots ends.
    slots: [Slot<LEN>; SLOTS],
    window: Window,
}

#[derive(Clone, Copy, Debug)]
struct Slot<const LEN: usize> {
    len: u16,
    bytes: [u8; LEN],
}

impl<const SLOTS: usize, const LEN: usize> Outbox<SLOTS, LEN> {
    /// Empty, at the start of a session.
    pub const fn new() -> Self {
        const { assert!(SLOTS > 0 && SLOTS < 0x4000, "numbers must tell old from new") };
        Self { slots: [Slot { len: 0, bytes: [0; LEN] }; SLOTS], window: Window::new(SLOTS) }
    }

    /// How many more messages it takes.
    pub fn room(&self) -> usize {
        self.window.room()
    }

    /// Whether every message has been acknowledged.
    pub fn is_empty(&self) -> bool {
        self.window.next == self.window.oldest
    }

    /// Adds the message that `emit` writes, if there is room; returns whether.
    pub fn push(&mut self, emit: impl FnOnce(&mut [u8]) -> Result<usize, Malformed>) -> Pushed {
        if self.room() == 0 {
            return Pushed::No;
        }
        let at = self.window.slot(self.window.next);
        let Some(slot) = self.slots.get_mut(at) else { return Pushed::No };
        let Ok(len) = emit(&mut slot.bytes) else { return Pushed::No };
        slot.len = u16::try_from(len).unwrap_or(u16::MAX);
        self.window.next = self.window.next.next();
        Pushed::Yes
    }

    /// The next message to send now.
    fn poll(&mut self, now: Instant) -> Option<(Seq, &[u8])> {
        let seq = self.window.poll(now)?;
        let slot = self.slots.get(self.window.slot(seq))?;
        self.window.free_at = self.window.free_at.max(now)
            + Duration::from_micros(u64::from(slot.len) * MICROS_PER_BYTE);
        Some((seq, slot.bytes.get(..slot.len.into())?))
    }
}

/// Which messages are on their way. Knows their numbers, not their bytes, so that its code is there once for outboxes of all
/// sizes.
#[derive(Debug)]
struct Window {
    slots: usize,
    /// The slot of the oldest message.
    head: usize,
    /// The oldest message not acknowledged.
    oldest: Seq,
    /// The message to send next; between `oldest` and `next`.
    cursor: Seq,
    /// The message to send for the first time next; between `cursor` and `next`.
    unsent: Seq,
    /// The number of the next message pushed.
    next: Seq,
    /// When `oldest` last changed, or left at the latest.
    progress_at: Instant,
    /// When all that was sent has left at the latest.
    free_at: Instant,
    repeat_after: Duration,
    /// A message whose acknowledgement is timed, and when it was sent; never one that is repeated (Karn's rule).
    timed: Option<(Seq, Instant)>,
    /// None until one was timed.
    round_trip: Option<Duration>,
}

impl Window {
    const fn new(slots: usize) -> Self {
        Self {
            slots,
            head: 0,
            oldest: Seq(0),
            cursor: Seq(0),
            unsent: Seq(0),
            next: Seq(0),
            progress_at: Instant::ZERO,
            free_at: Instant::ZERO,
            repeat_after: REPEAT_AFTER,
            timed: None,
            round_trip: None,
        }
    }

    fn room(&self) -> usize {
        self.slots.saturating_sub(self.next.ahead_of(self.oldest).into())
    }

    /// The other side expects `ack` next.
    fn acknowledged(&mut self, ack: Seq, now: Instant) {
        let acknowledged = ack.ahead_of(self.oldest);
        if acknowledged > self.unsent.ahead_of(self.oldest) {
            return;
        }
        if acknowledged > 0 {
            if self.cursor.ahead_of(self.oldest) < acknowledged {
                self.cursor = ack;
            }
            if let Some((seq, sent)) = self.timed
                && (1..0x8000).contains(&ack.ahead_of(seq))
            {
                let sample = now.since(sent);
                self.round_trip =
                    Some(self.round_trip.map_or(sample, |mean| (mean * 7 + sample) / 8));
                self.timed = None;
            }
            self.head = self.slot(ack);
            self.oldest = ack;
            self.progress_at = now;
            self.repeat_after = REPEAT_AFTER;
        } else if self.cursor != self.oldest && now.since(self.progress_at) > self.gap_after() {
            self.rewind(now);
        }
    }

    fn gap_after(&self) -> Duration {
        self.round_trip.map_or(REPEAT_AFTER, |mean| (mean + mean / 2).max(GAP_AFTER_MIN))
    }

    fn rewind(&mut self, now: Instant) {
        self.cursor = self.oldest;
        self.timed = None;
        self.progress_at = now;
    }

    /// Where a message stands that is one of those kept, or the next.
    fn slot(&self, seq: Seq) -> usize {
        (self.head + usize::from(seq.ahead_of(self.oldest))) % self.slots
    }

    /// The number of the next message to send now.
    fn poll(&mut self, now: Instant) -> Option<Seq> {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.rewind(now);
            self.repeat_after = (self.repeat_after * 2).min(REPEAT_AFTER_MAX);
        }
        if self.cursor == self.next {
            return None;
        }
        let seq = self.cursor;
        if seq == self.oldest {
            self.progress_at = self.free_at.max(now);
        }
        self.cursor = seq.next();
        if seq == self.unsent {
            self.unsent = self.cursor;
            self.timed = self.timed.or(Some((seq, now)));
        }
        Some(seq)
    }

    /// When to send again if nothing comes.
    fn deadline(&self) -> Option<Instant> {
        (self.cursor != self.oldest).then(|| self.progress_at + self.repeat_after)
    }
}

impl<const SLOTS: usize, const LEN: usize> Default for Outbox<SLOTS, LEN> {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a message was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Pushed {
    /// Yes: it will arrive, or the link is lost.
    Yes,
    /// No: there is no room.
    No,
}

/// One side of a session: what it has sent and what it expects.
#[derive(Debug)]
pub struct Endpoint<const SLOTS: usize, const LEN: usize> {
    /// What is on its way.
    pub outbox: Outbox<SLOTS, LEN>,
    inbox: Inbox,
}

/// What one side expects.
#[derive(Debug)]
struct Inbox {
    session: SessionId,
    expected: Seq,
    answer: Answer,
    /// When a state that shows a gap was answered last.
    gap_answered: Option<Instant>,
}

/// Whether the other side waits for an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    NotDue,
    /// For so many messages, each the next in order.
    Due(u8),
    AtOnce,
}

/// What a frame brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// The next message in order.
    Message(&'a [u8]),
    /// Where the other side stands; not in order.
    State(&'a [u8]),
    /// Nothing new.
    Nothing,
}

impl<const SLOTS: usize, const LEN: usize> Endpoint<SLOTS, LEN> {
    /// At the start of a session.
    pub const fn new(session: SessionId) -> Self {
        let (expected, answer) = (Seq(0), Answer::NotDue);
        let inbox = Inbox { session, expected, answer, gap_answered: None };
        Self { outbox: Outbox::new(), inbox }
    }

    /// Which session.
    pub const fn session(&self) -> SessionId {
        self.inbox.session
    }

    /// Whether no message of this session has arrived yet.
    pub fn is_fresh(&self) -> bool {
        self.inbox.expected == Seq(0) && self.outbox.is_empty()
    }

    /// Takes in a frame. Frames of other sessions are stale: they bring nothing.
    pub fn handle<'a>(&mut self, frame: &Frame<'a>, now: Instant) -> Received<'a> {
        self.inbox.handle(frame, &mut self.outbox.window, now)
    }

    /// The frame of the next message to send, if one is due.
    pub fn poll(&mut self, now: Instant) -> Option<Frame<'_>> {
        let (session, ack) = (self.inbox.session, self.inbox.expected);
        let (seq, payload) = self.outbox.poll(now)?;
        self.inbox.answer = Answer::NotDue;
        Some(Frame { kind: Kind::Message, session, seq, ack, payload })
    }

    /// Whether a state should be sent to acknowledge what has come.
    pub fn owes_answer(&self) -> bool {
        self.inbox.answer != Answer::NotDue
    }

    /// Whether it should be sent even if another has just been sent.
    pub fn owes_answer_at_once(&self) -> bool {
        match self.inbox.answer {
            Answer::NotDue => false,
            Answer::Due(messages) => messages >= UNANSWERED_MAX,
            Answer::AtOnce => true,
        }
    }

    /// Makes [`Endpoint::owes_answer_at_once`] true.
    pub fn owe_answer(&mut self) {
        self.inbox.answer = Answer::AtOnce;
    }

    /// A state frame around `payload`.
    pub fn state<'a>(&mut self, payload: &'a [u8]) -> Frame<'a> {
        self.inbox.answer = Answer::NotDue;
        Frame {
            kind: Kind::State,
            session: self.inbox.session,
            seq: self.outbox.window.unsent,
            ack: self.inbox.expected,
            payload,
        }
    }

    /// When to poll again if nothing comes.
    pub fn deadline(&self) -> Option<Instant> {
        self.outbox.window.deadline()
    }
}

impl Inbox {
    fn handle<'a>(&mut self, frame: &Frame<'a>, window: &mut Window, now: Instant) -> Received<'a> {
        if frame.session != self.session {
            return Received::Nothing;
        }
        match frame.kind {
            Kind::Hello | Kind::Welcome => Received::Nothing,
            Kind::Message => {
                window.acknowledged(frame.ack, now);
                self.answer = match self.answer {
                    _ if frame.seq != self.expected => Answer::AtOnce,
                    Answer::NotDue => Answer::Due(1),
                    Answer::Due(messages) => Answer::Due(messages.saturating_add(1)),
                    Answer::AtOnce => Answer::AtOnce,
                };
                if frame.seq != self.expected {
                    return Received::Nothing;
                }
                self.expected = self.expected.next();
                Received::Message(frame.payload)
            }
            Kind::State => {
                window.acknowledged(frame.ack, now);
                // The sender has sent more than has arrived: tell it where the gap is.
                let gap = (1..0x8000).contains(&frame.seq.ahead_of(self.expected));
                let due = self.gap_answered.is_none_or(|at| at + GAP_ANSWER_EVERY <= now);
                if gap && due {
                    self.answer = Answer::AtOnce;
                    self.gap_answered = Some(now);
                }
                Received::State(frame.payload)
            }
        }
    }
}
