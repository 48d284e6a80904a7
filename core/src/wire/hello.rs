//! How a session starts: what the host says first, and what the base answers: its wiring and what it can hold.
//!
//! Docs: PROTOCOL.md, "Hello and Welcome".

use core::fmt;

use super::bytes::{Field, Fields, Malformed};
use super::message::{BUSES_MAX, Bus, LANES_MAX, SLOTS_MAX};
use super::version::Version;

/// The payload of a host's [`super::link::Kind::Hello`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The host's [`super::message::PROTOCOL`].
    pub protocol: u16,
}

impl Hello {
    /// Reads a payload. What follows the protocol number is left for later versions.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let (mut hello, mut f) = (Self { protocol: 0 }, Fields::of(payload));
        f.u16(&mut hello.protocol);
        f.behind().map(|_| hello)
    }

    /// The payload.
    pub fn emit(&self) -> [u8; 2] {
        self.protocol.to_le_bytes()
    }
}

impl fmt::Display for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "protocol {}", Protocol(self.protocol))
    }
}

/// A protocol number for people.
struct Protocol(u16);

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [minor, major] = self.0.to_le_bytes();
        write!(f, "{major}.{minor}")
    }
}

/// The payload of a base's [`super::link::Kind::Welcome`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Welcome {
    /// The base's [`super::message::PROTOCOL`]. In every version these two bytes come first, so that each can name the other's.
    pub protocol: u16,
    /// Drawn when the base started: another number means that it has restarted since.
    pub boot: u32,
    /// The base's own firmware.
    pub firmware: Version,
    /// How many blocks of operations it can hold: the host's credit.
    pub blocks: u16,
    /// How many lanes it has.
    pub lanes: u8,
    /// How many of them still work on what an earlier session gave them.
    pub busy: u8,
    /// What it is called; text, zero padded.
    pub name: [u8; 16],
    /// Its buses.
    pub buses: List<BusInfo, BUSES_MAX>,
    /// Its slots, in the order they sit in the rack.
    pub slots: List<SlotInfo, SLOTS_MAX>,
}

/// One bus of the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusInfo {
    /// Its fastest clock.
    pub clock_hz: u32,
    /// The addresses modules may be given on it, first and last, both included.
    pub first: u8,
    /// See `first`.
    pub last: u8,
}

/// One slot of the rack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotInfo {
    /// The bus it is wired to.
    pub bus: Bus,
    /// The address that the slot's wiring gives to the module in it.
    pub address: u8,
}

/// At most `N` values, without an allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List<T, const N: usize> {
    items: [T; N],
    len: usize,
}

impl<T: Copy + Default, const N: usize> List<T, N> {
    /// With no value.
    pub fn new() -> Self {
        Self { items: [T::default(); N], len: 0 }
    }

    /// The values up to the first that has no room.
    pub fn of(items: impl IntoIterator<Item = T>) -> Self {
        let mut list = Self::new();
        for item in items.into_iter().take(N) {
            let _ = list.push(item);
        }
        list
    }

    /// Adds a value, if there is room.
    pub fn push(&mut self, item: T) -> Result<(), Malformed> {
        *self.items.get_mut(self.len).ok_or(Malformed::Range(Field::List))? = item;
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// The number of values, then the `fields` of each.
    fn fields(&mut self, f: &mut Fields<'_>, fields: fn(&mut T, &mut Fields<'_>)) {
        let mut count = u8::try_from(self.len).unwrap_or(u8::MAX);
        f.u8(&mut count);
        self.len = count.into();
        for index in 0..self.len {
            match self.items.get_mut(index) {
                Some(item) => fields(item, f),
                None => f.fault(Malformed::Range(Field::List)),
            }
        }
    }
}

impl<T: Copy + Default, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> core::ops::Deref for List<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.items.get(..self.len).unwrap_or_default()
    }
}

impl Welcome {
    /// Reads a payload of this major version.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let (mut welcome, mut f) = (Self::default(), Fields::of(payload));
        welcome.fields(&mut f);
        f.behind()?;
        welcome.in_range().map(|_| welcome)
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.u16(&mut self.protocol);
        f.u32(&mut self.boot);
        self.firmware.fields(f);
        f.u16(&mut self.blocks);
        f.u8(&mut self.lanes);
        f.u8(&mut self.busy);
        f.bytes(&mut self.name);
        self.buses.fields(f, |bus, f| {
            f.u32(&mut bus.clock_hz);
            f.u8(&mut bus.first);
            f.u8(&mut bus.last);
        });
        self.slots.fields(f, |slot, f| {
            f.u8(&mut slot.bus.0);
            f.u8(&mut slot.address);
        });
    }

    fn in_range(&self) -> Result<(), Malformed> {
        // One for each bus to look for modules, and at least one for updates.
        let buses = self.buses.iter().len();
        if self.lanes > LANES_MAX || usize::from(self.lanes) <= buses {
            Err(Malformed::Range(Field::Lanes))
        } else {
            Ok(())
        }
    }

    /// The protocol number alone, which every version can read.
    pub fn protocol(payload: &[u8]) -> Result<u16, Malformed> {
        Ok(Hello::parse(payload)?.protocol)
    }

    /// Writes the payload; returns its length.
    pub fn emit(&self, payload: &mut [u8]) -> Result<usize, Malformed> {
        self.in_range()?;
        let mut f = Fields::to(payload);
        self.clone().fields(&mut f);
        f.written()
    }
}

impl fmt::Display for Welcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, boot, firmware, blocks, lanes, busy, name, buses, slots } = self;
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = core::str::from_utf8(name).ok().filter(|name| !name.contains(char::is_control));
        let name = text.unwrap_or("?");
        write!(f, "protocol {} boot={boot:08x} firmware {firmware} ", Protocol(*protocol))?;
        write!(f, "{blocks} blocks, {lanes} lanes, {busy} busy, \"{name}\", buses [")?;
        let mut separator = "";
        for BusInfo { clock_hz, first, last } in buses.iter() {
            write!(f, "{separator}{clock_hz} Hz {first:#04x} to {last:#04x}")?;
            separator = "; ";
        }
        f.write_str("], slots [")?;
        separator = "";
        for SlotInfo { bus, address } in slots.iter() {
            write!(f, "{separator}{bus} {address:#04x}")?;
            separator = "; ";
        }
        f.write_str("]")
    }
}
