//! The two links the engine drives: the port, and the virtual rack in real time.

use rackflash_core::time::Instant;

use crate::demo::World;
use crate::serial::Serial;

/// An open link.
pub(crate) enum Link {
    Serial(Serial),
    #[cfg_attr(not(feature = "demo"), expect(dead_code, reason = "nobody can have a rack then"))]
    Demo(Box<World>),
}

impl Link {
    /// What the page calls it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Serial(_) => "serial",
            Self::Demo(_) => "demo",
        }
    }

    /// Whether it takes more bytes. The virtual rack's cable takes all.
    pub(crate) fn has_room(&self) -> bool {
        match self {
            Self::Serial(serial) => serial.has_room(),
            Self::Demo(_) => true,
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        match self {
            Self::Serial(serial) => serial.send(bytes),
            Self::Demo(world) => world.write(bytes),
        }
    }

    /// Lets the virtual rack live up to `now`; returns what it said. A port speaks by itself.
    pub(crate) fn live(&mut self, now: Instant) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Self::Demo(world) = self {
            world.run_until(now);
            world.read(&mut bytes);
        }
        bytes
    }

    /// When the virtual rack goes on by itself.
    pub(crate) fn next_event(&self) -> Option<Instant> {
        match self {
            Self::Serial(_) => None,
            Self::Demo(world) => world.next_event(),
        }
    }
}
