//! What is there without our loader: ST's ROM loader over I2C, driven as ST's own programmer does it: erase the pages the
//! image covers, write 256 bytes at a time, read all of it back, go.
//!
//! All ROM loaders of a rack have one address, so their BOOT0 pins let one at a time onto the bus: one rack after the other
//! with one module in it. Getting a module there and out again costs nothing here. A page and the polls for its answer
//! are one block on the base.

use rackflash_core::module::PAGE_LEN;
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::message::Bus;
use rackflash_core::wire::op::{Check, Op, Pattern};
use rackflash_sim::chip::{APPLICATION_START, FLASH_START};
use rackflash_sim::rom::{ACK, ADDRESS, CLOCK_MAX_HZ, Command, DATA_LEN_MAX, ERASE_PAGES_MAX, xor};
use rackflash_sim::world::World;

use super::plain::Plain;
use super::rack::{Rack, Update};

/// From look to look while the flash works.
const POLL_US: u32 = 200;
/// 512 pages take 1.7 s.
const TIMEOUT_MS: u16 = 5_000;

/// How long it took, and how much of that without reading anything back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Time {
    pub(super) took: Duration,
    pub(super) unread: Duration,
}

/// Brings every module of the rack to its image.
pub(super) fn time(rack: &Rack) -> Time {
    rack.updates().map(|update| one(rack, &update)).fold(Time::default(), |sum, time| Time {
        took: sum.took + time.took,
        unread: sum.unread + time.unread,
    })
}

fn one(rack: &Rack, update: &Update<'_>) -> Time {
    let mut setup = rack.setup.clone();
    setup.modules = vec![setup.modules.swap_remove(update.module)];
    let bus = setup.slots[setup.modules[0].slot].bus;
    let mut world = World::new(setup);
    world.run_until(Instant::ZERO + Duration::from_secs(1));
    world.start_rom(0);
    let mut rom = Rom { host: Plain::connect(world, rack.setup.buses.len()), bus };
    let start = rom.host.now();
    rack.stall(&mut rom.host.world, start);
    rom.write(update.image);
    let unread = rom.host.now().since(start);
    rom.read_back(update.image);
    rom.go();
    let took = rom.host.now().since(start);
    assert_eq!(
        rom.host.world.modules()[0].memory().application()[..update.image.len()],
        *update.image
    );
    Time { took, unread }
}

struct Rom {
    host: Plain,
    bus: Bus,
}

impl Rom {
    fn write(&mut self, image: &[u8]) {
        let get_id = self.run(&[
            Op::Clock { hz: CLOCK_MAX_HZ },
            write(&Command::GetId.frame()),
            read(1),
            read(3),
            read(1),
        ]);
        assert_eq!(get_id, [vec![ACK], vec![1, 0x04, 0x47], vec![ACK]], "an STM32L07x");

        self.open(Command::EraseNoStretch);
        let first = (APPLICATION_START - FLASH_START) as usize / PAGE_LEN;
        let pages: Vec<_> = (first..first + image.len().div_ceil(PAGE_LEN)).collect();
        let mut chunks = pages.chunks(ERASE_PAGES_MAX).peekable();
        while let Some(pages) = chunks.next() {
            let list = pages.iter().flat_map(|page| number(*page)).collect();
            let next = if chunks.peek().is_some() {
                Command::EraseNoStretch
            } else {
                Command::WriteNoStretch
            };
            self.go_on(&[&sealed(number(pages.len() - 1).to_vec()), &sealed(list)], next);
        }

        let count = blocks(image).count();
        for (index, (at, bytes)) in blocks(image).enumerate() {
            let next =
                if index + 1 < count { Command::WriteNoStretch } else { Command::ReadMemory };
            let data = [&[last(bytes)], bytes].concat();
            self.go_on(&[&address(at), &sealed(data)], next);
        }
    }

    fn read_back(&mut self, image: &[u8]) {
        let count = blocks(image).count();
        for (index, (at, bytes)) in blocks(image).enumerate() {
            let next = if index + 1 < count { Command::ReadMemory } else { Command::Go };
            let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
            let results = self.run(&[
                write(&address(at)),
                acknowledged(),
                write(&[last(bytes), !last(bytes)]),
                acknowledged(),
                read(len),
                write(&next.frame()),
                read(1),
            ]);
            assert_eq!(results, [bytes, &[ACK]], "{at:#x} reads back");
        }
    }

    fn go(&mut self) {
        assert_eq!(self.run(&[write(&address(APPLICATION_START)), read(1)]), [[ACK]]);
    }

    /// Sends the frames of the command that is open, and opens the next: its answer says that all went well.
    fn go_on(&mut self, frames: &[&[u8]], next: Command) {
        let next = next.frame();
        let mut operations = Vec::new();
        for frame in frames {
            operations.extend([write(frame), acknowledged()]);
        }
        operations.extend([write(&next), read(1)]);
        assert_eq!(self.run(&operations), [[ACK]]);
    }

    fn open(&mut self, command: Command) {
        self.go_on(&[], command);
    }

    fn run(&mut self, operations: &[Op<'_>]) -> Vec<Vec<u8>> {
        self.host.run(self.bus, operations)
    }
}

/// What is written at once, and where.
fn blocks(image: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    (APPLICATION_START..).step_by(DATA_LEN_MAX).zip(image.chunks(DATA_LEN_MAX))
}

fn write(bytes: &[u8]) -> Op<'_> {
    Op::Write { to: ADDRESS, bytes }
}

fn read(len: u16) -> Op<'static> {
    Op::Read { from: ADDRESS, check: Check::None, len }
}

/// Reads until it is not BUSY any more, and then ACK. The two that are not BUSY have bit 0 set.
fn acknowledged() -> Op<'static> {
    let any = Pattern::any(1);
    Op::Poll {
        from: ADDRESS,
        check: Check::None,
        until: any.with(0, 1, 1),
        expect: any.with(0, 0xff, ACK),
        every_us: POLL_US,
        timeout_ms: TIMEOUT_MS,
    }
}

fn address(address: u32) -> Vec<u8> {
    sealed(address.to_be_bytes().to_vec())
}

fn number(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes()
}

/// A length, as the ROM counts.
fn last(bytes: &[u8]) -> u8 {
    u8::try_from(bytes.len() - 1).unwrap_or(u8::MAX)
}

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(xor(&bytes));
    bytes
}
