//! Points and spans of time, as the outermost shell tells them. Refuses to read a clock.

use core::fmt;
use core::ops::{Add, Div, Mul, Sub};

/// Microseconds since an arbitrary moment that the shell chose; never goes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    micros: u64,
}

impl Instant {
    /// The arbitrary moment itself.
    pub const ZERO: Self = Self { micros: 0 };

    /// A moment that does not come.
    pub const NEVER: Self = Self { micros: u64::MAX };

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
        Duration::from_micros(self.micros.saturating_sub(earlier.micros))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self { micros: self.micros.saturating_add(duration.micros) }
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// A span of whole microseconds. Half a [`core::time::Duration`] in size, a tenth of it in code on a 32-bit chip, and its
/// arithmetic ends at its limits instead of panicking there.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    micros: u64,
}

impl Duration {
    /// No time.
    pub const ZERO: Self = Self { micros: 0 };
    /// For ever.
    pub const MAX: Self = Self { micros: u64::MAX };

    /// So many microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self { micros }
    }

    /// So many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self { micros: millis.saturating_mul(1_000) }
    }

    /// So many seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self { micros: secs.saturating_mul(1_000_000) }
    }

    /// In microseconds.
    pub const fn as_micros(self) -> u64 {
        self.micros
    }

    /// In whole milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.micros / 1_000
    }

    /// In seconds, for people.
    pub fn as_secs_f32(self) -> f32 {
        self.micros as f32 / 1e6
    }

    /// In seconds, for people.
    pub fn as_secs_f64(self) -> f64 {
        self.micros as f64 / 1e6
    }
}

impl Add for Duration {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { micros: self.micros.saturating_add(other.micros) }
    }
}

impl Sub for Duration {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { micros: self.micros.saturating_sub(other.micros) }
    }
}

impl Mul<u32> for Duration {
    type Output = Self;

    fn mul(self, times: u32) -> Self {
        Self { micros: self.micros.saturating_mul(times.into()) }
    }
}

impl Div<u32> for Duration {
    type Output = Self;

    fn div(self, parts: u32) -> Self {
        Self { micros: self.micros.checked_div(parts.into()).unwrap_or(u64::MAX) }
    }
}

impl From<Duration> for core::time::Duration {
    fn from(duration: Duration) -> Self {
        Self::from_micros(duration.micros)
    }
}

impl From<core::time::Duration> for Duration {
    fn from(duration: core::time::Duration) -> Self {
        Self { micros: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX) }
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        core::time::Duration::from(*self).fmt(f)
    }
}
