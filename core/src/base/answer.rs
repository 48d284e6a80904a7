//! What the base says of itself: its welcome, and where its lanes stand, each when it is due. What lanes and watches bring
//! goes another way, as messages.

use super::{Base, Greet, Memory};
use crate::time::{Duration, Instant};
use crate::wire::link::{Frame, Kind, PAYLOAD_MAX, Seq};
use crate::wire::message::{LANES_MAX, PROTOCOL, State, Welcome};

/// Blocks freed until the host is told at once: few, so that its credit never runs dry, and half of all where there are few.
const FREED_TELL: u32 = 8;
/// Blocks that wait until what comes behind them has time, or half of all where there are few: four buses take 90 ms for so many.
const FED: u16 = 32;
/// How often messages are answered that have time: a browser has more work with an answer than with what it answers.
const ANSWER_EVERY: Duration = Duration::from_millis(20);
/// How often the host is told how far the lanes are, when nothing else tells it: 20 times a second is a smooth picture.
const TELL_EVERY: Duration = Duration::from_millis(50);

impl<M: Memory> Base<M> {
    /// Writes the next frame for the host into `self.frame`; returns its length.
    pub(super) fn link_frame(&mut self, now: Instant) -> Option<usize> {
        let mut payload = [0; PAYLOAD_MAX];
        if self.greet == Greet::Yes {
            self.greet = Greet::No;
            let len = self.welcome().emit(&mut payload).ok()?;
            let session = self.link.as_ref()?.session();
            let payload = payload.get(..len)?;
            let frame = Frame { kind: Kind::Welcome, session, seq: Seq(0), ack: Seq(0), payload };
            return frame.emit(&mut self.frame).ok();
        }
        if let Some(frame) = self.link.as_mut()?.poll(now) {
            return frame.emit(&mut self.frame).ok();
        }
        if self.tell_at().is_none_or(|at| at > now) {
            return None;
        }
        let mut state = State { freed: self.freed, ..State::default() };
        for (index, lane) in (0..).zip(&self.lanes).take(self.used) {
            if lane.is_open() && !lane.is_orphan() {
                let _ = state.done.push((index, lane.done()));
            }
        }
        (self.freed_told, self.told_at) = (self.freed, now);
        let len = state.emit(&mut payload).ok()?;
        self.link.as_mut()?.state(payload.get(..len)?).emit(&mut self.frame).ok()
    }

    /// When the host is to be told where the lanes stand.
    pub(super) fn tell_at(&self) -> Option<Instant> {
        let link = self.link.as_ref()?;
        let news = self.freed.wrapping_sub(self.freed_told);
        let half = self.pool.len() / 2;
        let is_hungry = self.pool.len().saturating_sub(self.pool.free()) < FED.min(half);
        if link.owes_answer_at_once()
            || is_hungry && link.owes_answer()
            || news > 0 && news >= FREED_TELL.min(half.into())
        {
            Some(Instant::ZERO)
        } else if link.owes_answer() {
            Some(self.told_at + ANSWER_EVERY)
        } else if news > 0
            // Of what was lost last the host learns from the next that comes.
            || !link.outbox.is_empty()
            || self.lanes.iter().take(self.used).any(|lane| lane.has_work() && !lane.is_orphan())
        {
            Some(self.told_at + TELL_EVERY)
        } else {
            None
        }
    }

    fn welcome(&self) -> Welcome {
        // What has been freed since the hello is told as freed, whichever of several welcomes the host has read.
        let freed = u16::try_from(self.freed).unwrap_or(u16::MAX);
        let busy = self.lanes.iter().filter(|lane| lane.has_work()).count();
        Welcome {
            protocol: PROTOCOL,
            boot: self.config.boot,
            firmware: self.config.firmware,
            blocks: self.pool.free().saturating_sub(freed),
            lanes: LANES_MAX,
            busy: u8::try_from(busy).unwrap_or(u8::MAX),
            name: self.config.name,
            buses: self.config.buses,
            slots: self.config.slots,
        }
    }
}
