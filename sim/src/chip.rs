//! The chips of the modules: STM32L07x of three sizes, with one bank of flash or two, their addresses, their times, and what can happen to them.
//!
//! Refuses to do anything: see [`crate::memory::Memory`].

use rackflash_core::module::Banks;
use rackflash_core::time::Duration;
use rackflash_core::wire::identity::Geometry;

/// Where the flash starts.
pub const FLASH_START: u32 = 0x0800_0000;
/// The loader's area at its start: two sectors, the unit of the write protection.
pub const LOADER_LEN: u32 = 8 * 1024;
/// Where the application area starts: behind the loader and the four pages of its records.
pub const APPLICATION_START: u32 = FLASH_START + LOADER_LEN + 4 * 128;
/// Where the RAM starts.
pub(crate) const RAM_START: u32 = 0x2000_0000;
/// All of the RAM.
pub(crate) const RAM_LEN: u32 = 20 * 1024;
/// What erased flash and EEPROM read.
pub(crate) const ERASED: u8 = 0x00;
/// Where the EEPROM starts.
pub(crate) const EEPROM_START: u32 = 0x0808_0000;

/// Which chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// 192 KB of flash, 6 KB of EEPROM.
    Kb192,
    /// 128 KB of flash, 6 KB of EEPROM.
    Kb128,
    /// 64 KB of flash, 3 KB of EEPROM.
    Kb64,
    /// 192 KB of flash in two banks, 6 KB of EEPROM.
    Dual192,
    /// 128 KB of flash in two banks, 6 KB of EEPROM.
    Dual128,
    /// 18 KB of flash, as no chip has them: so little that all that can happen to it can be tried.
    Reduced,
    /// The same in two banks. The first has room for four pages of an application.
    DualReduced,
}

impl Variant {
    /// Its memories.
    pub const fn geometry(self) -> Geometry {
        let (flash_len, eeprom_len) = match self {
            Self::Kb192 | Self::Dual192 => (192 * 1024, 6 * 1024),
            Self::Kb128 | Self::Dual128 => (128 * 1024, 6 * 1024),
            Self::Kb64 => (64 * 1024, 3 * 1024),
            Self::Reduced | Self::DualReduced => (18 * 1024, 512),
        };
        Geometry {
            flash_start: FLASH_START,
            flash_len,
            application_start: APPLICATION_START,
            ram_start: RAM_START,
            ram_len: RAM_LEN,
            page_len: 128,
            program_len: 64,
            eeprom_len,
            erased: ERASED,
            banks: self.banks(),
        }
    }

    /// Whether one operation may do a page of each half of the flash.
    pub const fn banks(self) -> Banks {
        match self {
            Self::Dual192 | Self::Dual128 | Self::DualReduced => Banks::Two,
            Self::Kb192 | Self::Kb128 | Self::Kb64 | Self::Reduced => Banks::One,
        }
    }
}

/// How long an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashTime {
    /// 3.28 ms.
    Typical,
    /// 3.94 ms.
    Maximum,
}

impl FlashTime {
    /// As a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_micros(match self {
            Self::Typical => 3_280,
            Self::Maximum => 3_940,
        })
    }
}

/// Where in an operation the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before it has begun: nothing has changed.
    Before,
    /// In its middle.
    Torn,
    /// At its end, before the chip can do anything else.
    After,
}

/// The power goes at one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutAt {
    /// Which, counted as [`crate::memory::Memory::operations`] counts them: 0 is the chip's first.
    pub operation: u64,
    /// Where in it.
    pub cut: Cut,
    /// For how long the power stays away.
    pub off: Duration,
}

/// A page that has worn out: programming leaves one bit of it erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wear {
    /// An address in the page.
    pub address: u32,
    /// How many operations fail before it takes its bytes again.
    pub times: u32,
}

/// What no caller may do; tests want zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    /// Operations on the loader's own area.
    pub loader_area: u32,
    /// Reads, and operations started, while one was running.
    pub while_busy: u32,
    /// Addresses outside the memories, or not aligned.
    pub bad_address: u32,
    /// Programming what was not erased.
    pub not_erased: u32,
    /// Two places at once that are not one in each bank.
    pub not_parallel: u32,
}

/// Cycles to hash a byte of flash on a Cortex-M0+. Counted by hand in the disassembly of the loader as it is linked: a load or a store
/// is 2, a branch that is taken 2, a call 3, all else 1, and each fetch of 32 bits from the flash one more, without any prefetch. The
/// loop of `Hash::step` lies in RAM and takes 19 for a word; a boot over 179,200 bytes takes 5.7 a byte. To read back what
/// was programmed takes less.
const CYCLES_PER_BYTE: u64 = 6;
/// And beside, of each step with the main loop around it. One that hashes 128 bytes takes 982 in all.
const STEP_CYCLES: u64 = 250;
/// Cycles of the interrupt behind a write, and for each of its bytes: check and copy. Behind a page frame it takes 3,484, and
/// 6,350 behind the longest request.
const WRITE_CYCLES: u64 = 500;
const WRITE_CYCLES_PER_BYTE: u64 = 23;
/// And of that before a read: 700 for a status, 2,510 for all.
const READ_CYCLES: u64 = 700;
const READ_CYCLES_PER_BYTE: u64 = 7;
/// At 32 MHz, the most this chip does.
const CYCLES_PER_MICRO: u64 = 32;

/// What a step takes that works on so many bytes of flash; or the boot, over all of them.
pub(crate) fn step_time(bytes: u64) -> Duration {
    time(STEP_CYCLES + bytes * CYCLES_PER_BYTE)
}

/// What the interrupt takes behind a write of so many bytes.
pub(crate) fn write_time(len: usize) -> Duration {
    time(WRITE_CYCLES + len as u64 * WRITE_CYCLES_PER_BYTE)
}

/// What it takes before a read of so many.
pub(crate) fn read_time(len: usize) -> Duration {
    time(READ_CYCLES + len as u64 * READ_CYCLES_PER_BYTE)
}

fn time(cycles: u64) -> Duration {
    Duration::from_micros(cycles.div_ceil(CYCLES_PER_MICRO))
}

/// What the EEPROM of a module holds that somebody has played for a while: every word is another one.
pub fn settings(eeprom_len: usize) -> Vec<u8> {
    let words = (1..).map(|at: u32| at.wrapping_mul(0x9e37_79b1).to_le_bytes());
    words.flatten().take(eeprom_len).collect()
}
