//! What a module of a swarm may say that is not so. Checks are right: what is wrong is what it means. Refuses to lie about who
//! it is: then nobody could say what must become of it.

use rackflash_core::wire::check::{Address, crc32, pec_from};
use rackflash_core::wire::module::{RESPONSE_OVERHEAD, STATUS_LEN};
use rackflash_sim::setup::Lie;

/// It never has room for a page; has taken all; has taken none; is of another session; holds what it does not.
pub(super) const LIES: [Lie; 5] = [
    |from, said| status(from, said, |status| status[3] = 0),
    |from, said| status(from, said, |status| (status[4], status[5]) = (0xff, 0xff)),
    |from, said| status(from, said, |status| (status[4], status[5]) = (0, 0)),
    |from, said| status(from, said, |status| status[6] ^= 0x55),
    digest,
];

fn status(from: Address, said: &mut [u8], change: impl FnOnce(&mut [u8])) {
    if said.len() >= STATUS_LEN {
        change(said);
        seal(from, said);
    }
}

fn digest(from: Address, said: &mut [u8]) {
    if said.len() == RESPONSE_OVERHEAD + 4 {
        said[STATUS_LEN + 2..STATUS_LEN + 6].fill(0x5a);
        seal(from, said);
    }
}

/// Makes the checks right again.
fn seal(from: Address, said: &mut [u8]) {
    said[STATUS_LEN - 1] = pec_from(from, &said[..STATUS_LEN - 1]);
    if said.len() >= RESPONSE_OVERHEAD {
        let end = said.len() - 5;
        let crc = crc32(&said[STATUS_LEN..end]);
        said[end..end + 4].copy_from_slice(&crc.to_le_bytes());
        said[end + 4] = pec_from(from, &said[..end + 4]);
    }
}
