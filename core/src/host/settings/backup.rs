//! What a module's data EEPROM held before an update, and where its new application wants it: all that is needed to go on after
//! anything. As bytes, for whoever keeps them; refuses those that are not whole.

use alloc::string::String;
use alloc::vec::Vec;

use crate::wire::check::crc32;
use crate::wire::module::Uid;

/// What the bytes begin with.
const MAGIC: [u8; 8] = *b"RFSETT01";

/// The same bytes at another place in the data EEPROM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where they were.
    pub from: u16,
    /// Where they are afterwards.
    pub to: u16,
    /// How many.
    pub len: u16,
}

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Whose.
    pub uid: Uid,
    /// The digest of the image for which it was made.
    pub image: u32,
    /// What that wants elsewhere.
    pub moves: Vec<Move>,
    /// All of the EEPROM.
    pub eeprom: Vec<u8>,
}

impl Backup {
    /// What it is kept under: for each module and image there is one.
    pub fn name(&self) -> String {
        alloc::format!("{}-{:08x}", self.uid, self.image)
    }

    /// Magic (8), unique id (12), digest of the image (4), how many moves (2), each as from, to and len (2 each), the EEPROM, and a
    /// CRC-32 over all that (4). Numbers are little-endian.
    pub fn emit(&self) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &self.uid.0, &self.image.to_le_bytes()].concat();
        let moves = u16::try_from(self.moves.len()).unwrap_or(u16::MAX);
        bytes.extend(moves.to_le_bytes());
        for Move { from, to, len } in &self.moves {
            bytes.extend([from, to, len].map(|number| number.to_le_bytes()).as_flattened());
        }
        bytes.extend(&self.eeprom);
        bytes.extend(crc32(&bytes).to_le_bytes());
        bytes
    }

    /// None if they are no whole backup.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (bytes, crc) = bytes.split_last_chunk()?;
        if crc32(bytes) != u32::from_le_bytes(*crc) {
            return None;
        }
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (uid, rest) = rest.split_first_chunk()?;
        let (image, rest) = rest.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let moves_len = usize::from(u16::from_le_bytes(*count)) * 6;
        let (moves, eeprom) = rest.split_at_checked(moves_len)?;
        let moves = moves.as_chunks().0.iter().map(|[a, b, c, d, e, f]| Move {
            from: u16::from_le_bytes([*a, *b]),
            to: u16::from_le_bytes([*c, *d]),
            len: u16::from_le_bytes([*e, *f]),
        });
        Some(Self {
            uid: Uid(*uid),
            image: u32::from_le_bytes(*image),
            moves: moves.collect(),
            eeprom: eeprom.to_vec(),
        })
    }

    /// What is to be written, and where. None if a move leads out of the EEPROM.
    pub fn writes(&self) -> Option<Vec<(u16, Vec<u8>)>> {
        let writes = self.moves.iter().map(|Move { from, to, len }| {
            let part =
                |start: &u16| self.eeprom.get(usize::from(*start)..)?.get(..usize::from(*len));
            part(to)?;
            Some((*to, part(from)?.to_vec()))
        });
        writes.collect()
    }
}
