//! What a module may say that is not so. Its checks are right: what is wrong is what it means.

use rackflash_core::wire::check::{Address, crc32, pec_from};
use rackflash_core::wire::module::{RESPONSE_OVERHEAD, STATUS_LEN};
use rackflash_sim::setup::Lie;

/// It never has room for a page.
pub const NEVER_ROOM: Lie = |from, said| change_status(from, said, |s| s[3] = 0);
/// It has taken all pages.
pub const TAKEN_ALL: Lie = |from, said| change_status(from, said, |s| (s[4], s[5]) = (0xff, 0xff));
/// It has taken none.
pub const TAKEN_NONE: Lie = |from, said| change_status(from, said, |s| (s[4], s[5]) = (0, 0));
/// It answers another session.
pub const ANOTHER_SESSION: Lie = |from, said| change_status(from, said, |s| s[6] ^= 0x55);
/// Its flash holds what it does not.
pub const DIGEST: Lie = |from, said| {
    if said.len() == RESPONSE_OVERHEAD + 4 {
        said[STATUS_LEN + 2..STATUS_LEN + 6].fill(0x5a);
        seal(from, said);
    }
};

/// Changes the status that it shows.
pub fn change_status(from: Address, said: &mut [u8], change: fn(&mut [u8])) {
    if said.len() >= STATUS_LEN {
        change(said);
        seal(from, said);
    }
}

/// Makes the checks right again.
pub fn seal(from: Address, said: &mut [u8]) {
    if let Some((status, _)) = said.split_at_mut_checked(STATUS_LEN) {
        status[STATUS_LEN - 1] = pec_from(from, &status[..STATUS_LEN - 1]);
    }
    if let Some(end) = said.len().checked_sub(5).filter(|end| *end >= STATUS_LEN + 2) {
        let crc = crc32(&said[STATUS_LEN..end]);
        said[end..end + 4].copy_from_slice(&crc.to_le_bytes());
        said[end + 4] = pec_from(from, &said[..end + 4]);
    }
}
