//! The USB cable, a full-speed CDC link: 1 ms frames that carry so many bytes each way, then a latency.
//!
//! Fault model ([`LinkSetup`], [`crate::setup::Faults`]): stalls, in which nothing moves; link frames lost whole, that arrive
//! twice or behind the next one (which USB does not do, but drivers and hubs have been seen to); flipped bits; a
//! cable pulled out, which loses all bytes on their way. From base to host no byte ever waits for room: what does not fit
//! the base's buffer is dropped whole, what the host does not read in time is dropped from its end.
//!
//! Refuses to know what a frame says: it looks for the delimiter alone.

use rackflash_core::time::{Duration, Instant};

use crate::NEVER;
use crate::rng::Rare;

/// Bytes that a frame of 1 ms carries: 1.147-1.155 MB/s were measured on an STM32.
pub const FRAME_BYTES: usize = 1_150;
/// The time of a frame, in microseconds.
const FRAME_MICROS: u64 = 1_000;

/// How the link to the host behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkSetup {
    /// From the end of a transfer on the wire until its bytes are there, each way.
    pub latency: Duration,
    /// Nothing moves now and then.
    pub stalls: Option<Stalls>,
    /// The base's room for bytes that wait for the wire.
    pub base_buffer_len: usize,
    /// The host's room for bytes that nobody has read yet.
    pub host_buffer_len: usize,
}

/// Regular stalls: from each whole multiple of `every`, for `lasts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stalls {
    /// How often.
    pub every: Duration,
    /// For how long.
    pub lasts: Duration,
}

impl LinkSetup {
    /// A round trip of a short message takes 4 ms on average, as measured through a browser: half a frame until the first
    /// frame starts, half a frame on average until the next does, and twice this latency.
    pub const USB: Self = Self {
        latency: Duration::from_micros(1_450),
        stalls: None,
        base_buffer_len: 16 * 1024,
        // What a page asks for when it opens a port.
        host_buffer_len: 256 * 1024,
    };

    /// The same with another mean round trip: right for even milliseconds, else up to half a millisecond off.
    pub const fn round_trip(trip: Duration) -> Self {
        let latency = Duration::from_micros(trip.as_micros().saturating_sub(1_100) / 2);
        Self { latency, ..Self::USB }
    }
}

/// Both directions.
#[derive(Debug)]
pub(crate) struct Cable {
    pub(crate) to_base: Pipe,
    pub(crate) to_host: Pipe,
    pub(crate) plugged: Plugged,
    /// What has arrived at the host and was not read.
    pub(crate) received: Vec<u8>,
    pub(crate) dropped: Dropped,
    setup: LinkSetup,
}

/// Whether the cable is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plugged {
    In,
    Out,
}

/// Bytes from the base that the host never saw though the cable was in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// For want of room in the base.
    pub at_base: u64,
    /// For want of room in the host.
    pub at_host: u64,
}

impl Cable {
    pub(crate) fn new(setup: LinkSetup, to_base: Noise, to_host: Noise) -> Self {
        Self {
            to_base: Pipe::new(to_base),
            to_host: Pipe::new(to_host),
            plugged: Plugged::In,
            received: Vec::new(),
            dropped: Dropped::default(),
            setup,
        }
    }

    pub(crate) fn host_sends(&mut self, bytes: &[u8], now: Instant) {
        self.to_base.send(bytes, now, &self.setup);
    }

    pub(crate) fn base_sends(&mut self, bytes: &[u8], now: Instant) {
        if self.plugged == Plugged::Out {
        } else if self.to_host.waiting(now) + bytes.len() > self.setup.base_buffer_len {
            self.dropped.at_base += bytes.len() as u64;
        } else {
            self.to_host.send(bytes, now, &self.setup);
        }
    }

    pub(crate) fn reach_host(&mut self) {
        let bytes = self.to_host.take();
        let room = self.setup.host_buffer_len.saturating_sub(self.received.len());
        self.received.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.dropped.at_host += bytes.len().saturating_sub(room) as u64;
    }

    pub(crate) fn stall(&mut self, lasts: Duration, now: Instant) {
        self.to_base.stall(lasts, now);
        self.to_host.stall(lasts, now);
    }

    /// What is on its way is lost.
    pub(crate) fn lose_all(&mut self) {
        self.to_base.clear();
        self.to_host.clear();
    }
}

/// The faults of one direction.
#[derive(Debug)]
pub(crate) struct Noise {
    pub(crate) lost_frames: Rare,
    pub(crate) flipped_bits: Rare,
    pub(crate) doubled_frames: Rare,
    pub(crate) overtaken: Rare,
}

/// One direction: bytes in order, each with its time of arrival.
#[derive(Debug)]
pub(crate) struct Pipe {
    bytes: Vec<u8>,
    /// Where the bytes begin that have not arrived.
    start: usize,
    chunks: Vec<Chunk>,
    /// The frame that is being filled, and how much of it is.
    frame: Instant,
    filled: usize,
    /// No frame starts before.
    stalled: Instant,
    noise: Noise,
    place: Place,
    /// A frame that the next one overtakes.
    overtaken: Vec<u8>,
}

#[derive(Debug)]
struct Chunk {
    departs: Instant,
    arrives: Instant,
    len: usize,
}

/// Where in a link frame the next byte to be sent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    Inside,
    InsideLost,
}

impl Pipe {
    fn new(noise: Noise) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            chunks: Vec::new(),
            frame: Instant::ZERO,
            filled: 0,
            stalled: Instant::ZERO,
            noise,
            place: Place::Start,
            overtaken: Vec::new(),
        }
    }

    /// When the next bytes arrive.
    pub(crate) fn next(&self) -> Instant {
        self.chunks.first().map_or(NEVER, |chunk| chunk.arrives)
    }

    /// The bytes that arrive next.
    pub(crate) fn take(&mut self) -> &[u8] {
        let at = self.start;
        if !self.chunks.is_empty() {
            self.start += self.chunks.remove(0).len;
        }
        &self.bytes[at..self.start]
    }

    fn send(&mut self, bytes: &[u8], now: Instant, setup: &LinkSetup) {
        if self.start > 64 * 1024 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        let first = self.bytes.len();
        self.append(bytes);
        let mut left = self.bytes.len() - first;
        let free = next_frame(now.max(self.stalled), setup.stalls);
        if free > self.frame {
            (self.frame, self.filled) = (free, 0);
        }
        while left > 0 {
            if self.filled == FRAME_BYTES {
                self.frame =
                    next_frame(self.frame + Duration::from_micros(FRAME_MICROS), setup.stalls);
                self.filled = 0;
            }
            let len = left.min(FRAME_BYTES - self.filled);
            left -= len;
            let departs = self.frame + time_in_frame(self.filled);
            self.filled += len;
            let arrives = self.frame + time_in_frame(self.filled) + setup.latency;
            self.chunks.push(Chunk { departs, arrives, len });
        }
    }

    /// Adds the bytes with what noise leaves of them.
    fn append(&mut self, bytes: &[u8]) {
        let first = self.bytes.len();
        let mut frame = first;
        for byte in bytes {
            if self.place == Place::Start {
                let lost = self.noise.lost_frames.next_within(1).is_some();
                self.place = if lost { Place::InsideLost } else { Place::Inside };
            }
            if self.place == Place::Inside {
                self.bytes.push(*byte);
            }
            if *byte == 0 {
                self.place = Place::Start;
                self.frame_ends(frame);
                frame = self.bytes.len();
            }
        }
        let sent = &mut self.bytes[first..];
        let (mut at, bits) = (0, sent.len() * 8);
        while let Some(gap) = self.noise.flipped_bits.next_within(bits - at) {
            at += gap;
            sent[at / 8] ^= 1 << (at % 8);
            at += 1;
        }
    }

    /// A frame stands from `start` on: it may come twice, or change places with the next.
    fn frame_ends(&mut self, start: usize) {
        if self.noise.doubled_frames.next_within(1).is_some() {
            self.bytes.extend_from_within(start..);
        }
        if self.overtaken.is_empty() && self.noise.overtaken.next_within(1).is_some() {
            self.overtaken.extend(self.bytes.drain(start..));
        } else {
            self.bytes.append(&mut self.overtaken);
        }
    }

    /// How many bytes have not gone over the wire yet.
    fn waiting(&self, now: Instant) -> usize {
        self.chunks.iter().filter(|chunk| chunk.departs > now).map(|chunk| chunk.len).sum()
    }

    fn stall(&mut self, lasts: Duration, now: Instant) {
        self.stalled = now + lasts;
        for chunk in self.chunks.iter_mut().filter(|chunk| chunk.departs > now) {
            chunk.departs = chunk.departs + lasts;
            chunk.arrives = chunk.arrives + lasts;
        }
        if self.frame > now {
            self.frame = self.frame + lasts;
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.start = 0;
        self.chunks.clear();
        self.overtaken.clear();
        self.place = Place::Start;
    }
}

/// From the start of a frame until so much of it is over the wire.
fn time_in_frame(filled: usize) -> Duration {
    Duration::from_micros(filled as u64 * FRAME_MICROS / FRAME_BYTES as u64)
}

/// The first frame that starts at `from` or later, outside stalls.
fn next_frame(from: Instant, stalls: Option<Stalls>) -> Instant {
    let start = from.micros().next_multiple_of(FRAME_MICROS);
    let Some(stalls) = stalls else { return Instant::from_micros(start) };
    let every = stalls.every.as_micros().max(1);
    let into = start % every;
    if start >= every && into < stalls.lasts.as_micros() {
        return Instant::from_micros(
            (start - into + stalls.lasts.as_micros()).next_multiple_of(FRAME_MICROS),
        );
    }
    Instant::from_micros(start)
}
