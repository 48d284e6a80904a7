//! The module's loader as it is linked into a Cortex-M0+: boot decision, loader, journal, groups, two banks. Empty stand-ins
//! for the hardware; refuses to be of use for anything but its size.
#![no_std]
#![no_main]
#![expect(unsafe_code, reason = "a binary without an operating system begins with it")]

mod memory;
mod stand_in;

use core::arch::{asm, global_asm};
use core::mem::transmute;
use core::ptr::null_mut;

use rackflash_core::module::boot::{self, Asked, Start};
use rackflash_core::module::loader::Loader;
use rackflash_core::module::{Chip, Config, FlashEnd, FlashOp, Step};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::identity::Why;
use rackflash_core::wire::module::{DATA_LEN_MAX, REQUEST_LEN_MAX, RESPONSE_OVERHEAD};

/// Page frames between bus and flash. Its size is `ring_len` to whoever weighs this.
const RING: usize = 32;
const RING_LEN: usize =
    (size_of::<Loader<{ RING + 32 }>>() - size_of::<Loader<RING>>()) * RING / 32;

global_asm!(
    ".global ring_len",
    ".set ring_len, {ring_len}",
    // What the module is: unknown to the optimiser.
    ".section .rodata.CONFIG, \"a\"",
    ".global CONFIG",
    ".balign 4",
    "CONFIG: .zero {config_len}",
    ".text",
    config_len = const size_of::<Config>(),
    ring_len = const RING_LEN,
);

// From flash to RAM what must lie there, vectors first; then what is zeroed. The interrupt stays shut but in `wait`.
global_asm!(
    ".section .text.reset, \"ax\"",
    ".global reset",
    ".thumb_func",
    "reset:",
    "   cpsid i",
    "   movs r0, #0x20",
    "   lsls r0, #24",
    "   movs r1, #0x08",
    "   lsls r1, #24",
    "   ldr r2, 5f",
    "   ldr r3, 6f",
    "   str r0, [r3]",
    "2: ldm r1!, {{r3}}",
    "   stm r0!, {{r3}}",
    "   cmp r0, r2",
    "   blo 2b",
    "   movs r1, #0",
    "   ldr r2, 7f",
    "3: stm r0!, {{r1}}",
    "   cmp r0, r2",
    "   blo 3b",
    "   bl main",
    ".balign 4",
    "5: .word ram_end",
    // VTOR (ARMv6-M, B3.2.5).
    "6: .word 0xe000ed08",
    "7: .word bss_end",
    ".size reset, . - reset",
    ".section .text.halt, \"ax\"",
    ".global halt",
    ".thumb_func",
    "halt: b halt",
    ".section .ram.hook, \"ax\"",
    ".global hook_in_ram",
    ".thumb_func",
    "hook_in_ram: bx lr",
    ".text",
);

#[expect(improper_ctypes, reason = "it is Rust on both sides")]
unsafe extern "C" {
    static CONFIG: Config;
    fn hook(what: u32, bytes: *mut u8, len: usize) -> u32;
    /// What the hardware does while the flash works.
    fn hook_in_ram(what: u32, bytes: *mut u8, len: usize) -> u32;
    fn reset();
    fn halt();
    /// No function: where the stack begins.
    fn stack_end();
}

/// Flash and EEPROM are read as any memory is; the EEPROM of an STM32L0 lies here (RM0367, table 13).
struct Hardware;
const EEPROM_START: u32 = 0x0808_0000;

impl Chip for Hardware {
    fn word(&self, address: u32) -> u32 {
        unsafe { core::ptr::with_exposed_provenance::<u32>(address as usize).read_volatile() }
    }

    /// It is started when the step has returned: that runs from flash.
    fn start(&mut self, operation: FlashOp<'_>) {
        unsafe {
            (&raw mut OPERATION).write(transmute::<FlashOp<'_>, FlashOp<'static>>(operation))
        };
    }

    fn eeprom_word(&self, offset: u32) -> u32 {
        self.word(EEPROM_START.wrapping_add(offset))
    }
}

/// What it points at stays as it is until it has ended.
static mut OPERATION: FlashOp<'static> = FlashOp::WriteEeprom { offset: 0, word: 0 };
static mut LOADER: Loader<RING> = Loader::new();
/// What is on the bus: the longest request, or the longest read.
#[repr(align(4))]
struct Frame([u8; FRAME_LEN]);
static mut FRAME: Frame = Frame([0; FRAME_LEN]);
const FRAME_LEN: usize = DATA_LEN_MAX + RESPONSE_OVERHEAD;
const _: () = assert!(FRAME_LEN >= REQUEST_LEN_MAX);

fn act(what: u32) -> u32 {
    unsafe { hook(what, null_mut(), 0) }
}

/// I2C1's, behind the 16 of the core (RM0367, table 55). The table ends with it: what no peripheral is told to raise is
/// never looked up.
const I2C1: usize = 16 + 23;
const VECTORS_LEN: usize = I2C1 + 1;
#[unsafe(link_section = ".vectors")]
#[used]
static VECTORS: [unsafe extern "C" fn(); VECTORS_LEN] = {
    let mut vectors: [unsafe extern "C" fn(); VECTORS_LEN] = [halt; VECTORS_LEN];
    (vectors[0], vectors[1], vectors[I2C1]) = (stack_end, reset, i2c);
    vectors
};

/// Starts the operation if that is what is waited for, and lets the interrupt in until something has happened.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".ram.wait")]
#[inline(never)]
unsafe extern "C" fn wait(what: u32) -> u32 {
    unsafe {
        if what == FLASH {
            hook_in_ram(0, (&raw mut OPERATION).cast(), size_of::<FlashOp<'_>>());
        }
        asm!("cpsie i");
        let happened = hook_in_ram(what, null_mut(), 0);
        asm!("cpsid i");
        happened
    }
}

/// That the operation has ended.
const FLASH: u32 = 4;

/// Apart from the loop, which then needs less stack.
#[inline(never)]
unsafe fn boot() {
    unsafe {
        let asked = if act(0) == 1 { Asked::Loader } else { Asked::Nothing };
        let why = match boot::decide(&CONFIG, &Hardware, asked) {
            Start::Application { attempt } => {
                act(attempt.unwrap_or(0));
                Why::Runs
            }
            Start::Loader(why) => why,
        };
        (*(&raw mut LOADER)).start(&CONFIG, why, &Hardware);
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn main() -> ! {
    unsafe {
        boot();
        let loader = &raw mut LOADER;
        loop {
            let step = (*loader).step(&mut Hardware);
            // Where the hardware is to listen.
            let [own, shared] = [(*loader).assigned(), (*loader).shared()];
            act(own.map_or(0, |own| own.get().into()));
            act(shared.map_or(0, |shared| shared.get().into()));
            match step {
                Step::Idle => {
                    wait(1);
                }
                Step::Again { .. } => {
                    wait(0);
                }
                Step::Flash => {
                    let end = if wait(FLASH) == 0 { FlashEnd::Done } else { FlashEnd::Error };
                    (*loader).flash_ended(end);
                }
                Step::RestartLoader => {
                    act(2);
                }
                Step::RestartApplication => {
                    act(3);
                }
                Step::Blink { seconds } => {
                    act(seconds.into());
                }
            }
        }
    }
}

#[unsafe(no_mangle)]
#[unsafe(link_section = ".ram.i2c")]
unsafe extern "C" fn i2c() {
    unsafe {
        let loader = &mut *(&raw mut LOADER);
        let frame = &mut (*(&raw mut FRAME)).0;
        let said = hook_in_ram(5, frame.as_mut_ptr(), frame.len());
        let Some(address) = Address::new(said as u8) else { return };
        let Some(frame) = frame.get_mut(..(said >> 16) as usize) else { return };
        if said & 0x100 == 0 {
            loader.on_write(address, frame);
        } else {
            loader.on_read(address, frame);
        }
    }
}
