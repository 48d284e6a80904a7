//! The base's executor as it is linked into a Cortex-M7, with stand-ins for the hardware. Refuses to be of use for anything
//! but its size.
#![no_std]
#![no_main]
#![expect(unsafe_code, reason = "a binary without an operating system begins with it")]

mod stand_in;

use core::arch::global_asm;
use core::ptr::addr_of_mut;

use rackflash_core::base::{Base, Block, BusError, Config, Direction, Input, Output};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::message::{Bus, RESULT_LEN_MAX};

/// Blocks of operations: half a megabyte, as the RAM of an STM32H743 has room for.
const BLOCKS: usize = 400;

global_asm!(
    ".section .rodata.CONFIG, \"a\"",
    ".global CONFIG",
    ".balign 4",
    "CONFIG: .zero {config_len}",
    ".text",
    config_len = const size_of::<Config>(),
);

#[expect(improper_ctypes, reason = "it is Rust on both sides")]
unsafe extern "C" {
    static CONFIG: Config;
    fn hook(what: u32, bytes: *mut u8, len: usize) -> u32;
}

static mut MEMORY: [Block; BLOCKS] = [Block::EMPTY; BLOCKS];
static mut READ: [u8; RESULT_LEN_MAX] = [0; RESULT_LEN_MAX];

#[unsafe(link_section = ".vectors")]
#[used]
static VECTORS: [unsafe extern "C" fn() -> !; 2] = [reset, reset];

#[unsafe(no_mangle)]
unsafe extern "C" fn reset() -> ! {
    unsafe {
        let blocks: &mut [Block] = &mut *addr_of_mut!(MEMORY);
        let read = &mut *addr_of_mut!(READ);
        let mut base = Base::new(CONFIG, blocks);
        let mut now = Instant::ZERO;
        loop {
            now = now + Duration::from_micros(hook(0, read.as_mut_ptr(), 0).into());
            let len = hook(1, read.as_mut_ptr(), read.len()) as usize;
            let bytes = read.get(..len).unwrap_or_default();
            match hook(2, core::ptr::null_mut(), 0) {
                0 => base.handle(Input::Link(bytes), now),
                1 => base.handle(Input::Transferred(Bus(0), Ok(bytes)), now),
                2 => base.handle(Input::Transferred(Bus(0), Err(BusError::NoAnswer)), now),
                _ => base.handle(Input::Wake, now),
            }
            loop {
                match base.poll(now) {
                    Output::Link(bytes) => {
                        hook(3, bytes.as_ptr().cast_mut(), bytes.len());
                    }
                    Output::Transfer(transfer) => {
                        let what =
                            u32::from(transfer.address.get()) | u32::from(transfer.bus.0) << 8;
                        hook(transfer.clock_hz, core::ptr::null_mut(), 0);
                        match transfer.direction {
                            Direction::Write(bytes) => {
                                hook(what, bytes.as_ptr().cast_mut(), bytes.len())
                            }
                            Direction::Read(len) => hook(what, core::ptr::null_mut(), len),
                        };
                    }
                    Output::Pin { pin, level } => {
                        hook(pin.into(), core::ptr::null_mut(), level as usize);
                    }
                    Output::Wait(until) => {
                        hook(
                            5,
                            core::ptr::null_mut(),
                            usize::from(until.is_some_and(|at| at > now)),
                        );
                        break;
                    }
                }
            }
        }
    }
}
