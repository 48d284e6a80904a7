//! What the compiler calls to copy and fill bytes. Its own, made for speed, are half a kilobyte. Who links core for a module
//! takes these along, or others that are as small; they lie in RAM. `tests/tests/loader/memory.rs` holds them
//! against the standard library.

/// The longest thing that is copied is a page, in 32 µs behind the 80 of its frame's check.
///
/// Each byte is volatile: the compiler would otherwise see what the loop does, and call it.
///
/// # Safety
///
/// As of C's function.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub(crate) unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    let mut left = len;
    while left != 0 {
        left -= 1;
        unsafe { to.add(left).write_volatile(from.add(left).read_volatile()) };
    }
    to
}

/// As the ABI of ARM has it: the length comes before the byte.
///
/// # Safety
///
/// As of C's function.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
#[inline(never)]
pub(crate) unsafe extern "C" fn __aeabi_memset(to: *mut u8, len: usize, byte: u8) {
    let mut left = len;
    while left != 0 {
        left -= 1;
        unsafe { to.add(left).write_volatile(byte) };
    }
}
