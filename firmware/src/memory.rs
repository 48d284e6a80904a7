//! What the compiler calls to copy and fill bytes. Its own, made for speed, are half a kilobyte. Who links core for a module
//! takes these along, or others that are as small; they lie in RAM. `tests/tests/loader/memory.rs` holds them
//! against the standard library.

/// By two bytes where it can, as pages, requests and responses lie: while they are copied the bus may have to wait.
///
/// All of it is volatile: the compiler would otherwise see what the loop does, and call it.
///
/// # Safety
///
/// As of C's function.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub(crate) unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    let mut left = len;
    let byte = |at| unsafe { to.add(at).write_volatile(from.add(at).read_volatile()) };
    if (to.addr() | from.addr()) & 1 == 0 {
        if left & 1 != 0 {
            left -= 1;
            byte(left);
        }
        while left != 0 {
            left -= 2;
            unsafe {
                let two = from.add(left).cast::<u16>().read_volatile();
                to.add(left).cast::<u16>().write_volatile(two);
            }
        }
    }
    while left != 0 {
        left -= 1;
        byte(left);
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
