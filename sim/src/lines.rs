//! What is wrong with a module's two lines: it holds one, stretches the clock, does not acknowledge, or says other than its
//! code does. Refuses to know who it is and what it runs.

use rackflash_core::time::{Duration, Instant};

use crate::NEVER;
use crate::module::Module;
use crate::setup::{Incident, Lie};

impl Module {
    /// Whether it says what its code does.
    pub fn is_honest(&self) -> bool {
        self.lines.lie.is_none()
    }

    /// How often something went wrong that can end an update of it: noise only where an answer's PEC does not show it.
    pub fn interruptions(&self) -> u32 {
        self.interruptions
    }

    pub(crate) fn interrupt(&mut self) {
        self.interruptions += 1;
    }
}

#[derive(Debug)]
pub(crate) struct Lines {
    hold: Hold,
    deaf_until: Instant,
    stretch: Duration,
    pub(crate) lie: Option<Lie>,
}

/// How long it keeps a line low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Until then, or until it is reset.
    Until(Instant),
    /// It has missed clocks, and waits for them.
    UntilClocked,
}

impl Lines {
    pub(crate) const SOUND: Self =
        Self { hold: Hold::NOTHING, deaf_until: Instant::ZERO, stretch: Duration::ZERO, lie: None };

    /// From its module's incidents those that concern its lines.
    pub(crate) fn suffer(&mut self, incident: Incident, now: Instant) {
        match incident {
            Incident::Hold { .. } => self.hold = Hold::Until(NEVER),
            Incident::MissClocks { .. } => self.hold = Hold::UntilClocked,
            Incident::Deaf { lasts, .. } => self.deaf_until = now + lasts,
            Incident::Stretch { by, .. } => self.stretch = by,
            _ => {}
        }
    }

    /// A reset lets go of the lines, and leaves what stretches the clock.
    pub(crate) fn reset(&mut self) {
        (self.hold, self.deaf_until) = (Hold::NOTHING, Instant::ZERO);
    }

    pub(crate) fn hold(&mut self, hold: Hold) {
        self.hold = hold;
    }

    pub(crate) fn holds(&self, now: Instant) -> bool {
        match self.hold {
            Hold::Until(until) => now < until,
            Hold::UntilClocked => true,
        }
    }

    /// The base gives nine clocks and a stop.
    pub(crate) fn on_clocks(&mut self) {
        if self.hold == Hold::UntilClocked {
            self.hold = Hold::NOTHING;
        }
    }

    pub(crate) fn stretch(&self) -> Duration {
        self.stretch
    }

    pub(crate) fn is_deaf(&self, now: Instant) -> bool {
        now < self.deaf_until
    }
}

impl Hold {
    const NOTHING: Self = Self::Until(Instant::ZERO);
}
