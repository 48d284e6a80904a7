//! The module's loader as it is linked into a Cortex-M0+: boot decision, loader, journal, groups, two banks. Empty stand-ins
//! for the hardware; refuses to be of use for anything but its size.
#![no_std]
#![no_main]
#![expect(unsafe_code, reason = "a binary without an operating system begins with it")]

mod stand_in;

use core::arch::global_asm;
use core::ptr::addr_of_mut;

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

// By halfwords or bytes: the compiler's own, made for speed, are 1 KB. The longest thing that is copied is a page, in 16 µs behind
// the 80 of its frame's check: the bus may wait for 100.
global_asm!(
    ".macro function name",
    ".global \\name",
    ".thumb_func",
    "\\name:",
    ".endm",
    "function memcpy",
    "function __aeabi_memcpy",
    "function __aeabi_memcpy4",
    "function __aeabi_memcpy8",
    "   movs r3, r0",
    "   orrs r3, r1",
    "   orrs r3, r2",
    "   lsls r3, #31",
    "   bne 3f",
    "2: subs r2, #2",
    "   blo 1f",
    "   ldrh r3, [r1, r2]",
    "   strh r3, [r0, r2]",
    "   b 2b",
    "3: subs r2, #1",
    "   blo 1f",
    "   ldrb r3, [r1, r2]",
    "   strb r3, [r0, r2]",
    "   b 3b",
    "1: bx lr",
    "function memcmp",
    "   push {{r4}}",
    "   adds r2, r0, r2",
    "2: cmp r0, r2",
    "   beq 3f",
    "   ldrb r3, [r0]",
    "   ldrb r4, [r1]",
    "   adds r0, #1",
    "   adds r1, #1",
    "   subs r3, r4",
    "   beq 2b",
    "   movs r0, r3",
    "   b 4f",
    "3: movs r0, #0",
    "4: pop {{r4}}",
    "   bx lr",
    "function memset",
    "   movs r3, r1",
    "   movs r1, r2",
    "   movs r2, r3",
    "   b __aeabi_memset",
    "function __aeabi_memclr",
    "function __aeabi_memclr4",
    "function __aeabi_memclr8",
    "   movs r2, #0",
    "function __aeabi_memset",
    "function __aeabi_memset4",
    "function __aeabi_memset8",
    "   subs r1, #1",
    "   blo 1b",
    "   strb r2, [r0, r1]",
    "   b __aeabi_memset",
);

#[expect(improper_ctypes, reason = "it is Rust on both sides")]
unsafe extern "C" {
    static CONFIG: Config;
    fn hook(what: u32, bytes: *mut u8, len: usize) -> u32;
}

/// Flash and EEPROM are read as any memory is; the EEPROM of an STM32L0 lies here (RM0367, table 13).
struct Hardware;
const EEPROM_START: u32 = 0x0808_0000;

impl Chip for Hardware {
    fn word(&self, address: u32) -> u32 {
        unsafe { core::ptr::with_exposed_provenance::<u32>(address as usize).read_volatile() }
    }

    fn start(&mut self, operation: FlashOp<'_>) {
        unsafe { hook(0, (&raw const operation).cast_mut().cast(), size_of::<FlashOp<'_>>()) };
    }

    fn eeprom_word(&self, offset: u32) -> u32 {
        self.word(EEPROM_START.wrapping_add(offset))
    }
}

static mut LOADER: Loader<RING> = Loader::new();
/// What is on the bus: the longest request, or the longest read.
#[repr(align(4))]
struct Frame([u8; FRAME_LEN]);
static mut FRAME: Frame = Frame([0; FRAME_LEN]);
const FRAME_LEN: usize = DATA_LEN_MAX + RESPONSE_OVERHEAD;
const _: () = assert!(FRAME_LEN >= REQUEST_LEN_MAX);

fn act(what: u32) -> u32 {
    unsafe { hook(what, core::ptr::null_mut(), 0) }
}

#[unsafe(link_section = ".vectors")]
#[used]
static VECTORS: [unsafe extern "C" fn() -> !; 2] = [reset, reset];

#[unsafe(link_section = ".vectors")]
#[used]
static INTERRUPT: unsafe extern "C" fn() = i2c;

#[unsafe(no_mangle)]
unsafe extern "C" fn reset() -> ! {
    unsafe {
        let asked = if act(0) == 1 { Asked::Loader } else { Asked::Nothing };
        let why = match boot::decide(&CONFIG, &Hardware, asked) {
            Start::Application { attempt } => {
                act(attempt.unwrap_or(0));
                Why::Runs
            }
            Start::Loader(why) => why,
        };
        let loader = &mut *addr_of_mut!(LOADER);
        loader.start(&CONFIG, why, &Hardware);
        loop {
            match loader.step(&mut Hardware) {
                Step::Idle => {
                    act(1);
                }
                Step::Again { .. } => {}
                Step::Flash => {
                    let end = if act(4) == 0 { FlashEnd::Done } else { FlashEnd::Error };
                    loader.flash_ended(end);
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
unsafe extern "C" fn i2c() {
    unsafe {
        let loader = &mut *addr_of_mut!(LOADER);
        let frame = &mut (*addr_of_mut!(FRAME)).0;
        let said = hook(5, frame.as_mut_ptr(), frame.len());
        let Some(address) = Address::new(said as u8) else { return };
        let len = (said >> 16) as usize;
        match frame.get_mut(..len) {
            Some(frame) if said & 0x100 == 0 => loader.on_write(address, frame),
            Some(frame) => loader.on_read(address, frame),
            None => {
                act(loader.listens(address).into());
            }
        }
        act(loader.assigned().map_or(0, |address| address.get().into()));
    }
}
