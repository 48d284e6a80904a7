//! A point in time, as the outermost shell tells it. Refuses to read a clock.

use core::ops::{Add, Sub};
use core::time::Duration;

/// Microseconds since an arbitrary moment that the shell chose; never goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    micros: u64,
}

impl Instant {
    /// The arbitrary moment itself.
    pub const ZERO: Self = Self { micros: 0 };

    /// The moment `micros` microseconds after [`Instant::ZERO`].
    pub const fn from_micros(micros: u64) -> Self {
        Self { micros }
    }

    /// Microseconds since [`Instant::ZERO`].
    pub const fn micros(self) -> u64 {
        self.micros
    }

    /// How long ago `earlier` was; zero if it is still to come.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.micros_since(earlier))
    }

    /// How many microseconds ago `earlier` was; zero if it is still to come.
    pub const fn micros_since(self, earlier: Self) -> u64 {
        self.micros.saturating_sub(earlier.micros)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let micros = duration
            .as_secs()
            .saturating_mul(1_000_000)
            .saturating_add(duration.subsec_micros().into());
        Self { micros: self.micros.saturating_add(micros) }
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}
