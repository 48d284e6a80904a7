//! Application images for a Cortex-M0+ that look and weigh like real ones, from a seed: vectors, header, code, data.
//!
//! Three module types in two versions each. From old to new the VCO changes as a setting does (most pages stay equal),
//! the other two throughout.
//!
//! Refuses to be run: nothing here executes Thumb code.

mod code;
mod hex;

use rackflash_core::wire::header::{HEADER_LEN, HEADER_OFFSET, Hardware, ImageHeader, Name};
use rackflash_core::wire::version::Version;

pub use hex::write as write_hex;

use crate::chip::{APPLICATION_START, FLASH_START, RAM_LEN, RAM_START};

/// The maker of the demo's modules. A placeholder: the vendor number of pid.codes, which lends USB ids to open projects.
pub const VENDOR: u16 = 0x1209;

/// A kind of module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleType {
    /// Its maker.
    pub vendor: u16,
    /// Its number.
    pub number: u16,
    /// Its name, at most 12 ASCII characters.
    pub name: &'static str,
}

/// Four oscillators.
pub const QUAD_VCO: ModuleType = ModuleType { vendor: VENDOR, number: 0x0101, name: "Quad VCO" };
/// Two filters.
pub const TWIN_FILTER: ModuleType =
    ModuleType { vendor: VENDOR, number: 0x0102, name: "Twin Filter" };
/// Four envelopes.
pub const ENVELOPE: ModuleType = ModuleType { vendor: VENDOR, number: 0x0103, name: "Envelope 4" };

/// What an image is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// What it is for.
    pub module: ModuleType,
    /// Lowest and highest hardware revision.
    pub hardware: (u8, u8),
    /// Its version.
    pub version: Version,
    /// Its bytes, in whole words.
    pub len: usize,
    /// Its code follows from it.
    pub code: u64,
    /// Its settings follow from it: half a kilobyte.
    pub settings: u64,
}

impl Recipe {
    /// The image.
    pub fn bytes(&self) -> Vec<u8> {
        let base = APPLICATION_START;
        let mut image = vec![0; HEADER_OFFSET as usize + HEADER_LEN];
        let functions = code::fill(&mut image, self.len & !3, base, self.code, self.settings);
        let handler = |index: usize| {
            functions.get(index % functions.len().max(1)).map_or(0, |at| code_pointer(base, *at))
        };
        for (entry, place) in image.chunks_exact_mut(4).take(VECTORS).enumerate() {
            let value = match entry {
                0 => RAM_START + RAM_LEN,
                // Reserved by the architecture.
                4..=10 | 12 | 13 => 0,
                // Most interrupts end in the same loop.
                16.. if entry % 5 != 0 => handler(2),
                _ => handler(entry),
            };
            place.copy_from_slice(&value.to_le_bytes());
        }
        if let (Some(header), Some(place)) = (
            self.header(),
            image.get_mut(HEADER_OFFSET as usize..).and_then(<[u8]>::first_chunk_mut),
        ) {
            header.emit(place);
        }
        image
    }

    /// Its header, if the recipe can have one.
    pub fn header(&self) -> Option<ImageHeader> {
        Some(ImageHeader {
            vendor: self.module.vendor,
            module_type: self.module.number,
            hardware: Hardware::new(self.hardware.0, self.hardware.1)?,
            version: self.version,
            name: Name::new(self.module.name)?,
        })
    }
}

/// Entries of a Cortex-M0+'s vector table.
const VECTORS: usize = 48;

/// The demo's images, old before new.
pub const RECIPES: [Recipe; 6] = [
    Recipe {
        module: QUAD_VCO,
        hardware: (1, 3),
        version: Version::new(1, 4, 2),
        len: 61 * 1024 + 212,
        code: 0x51,
        settings: 0x142,
    },
    Recipe {
        module: QUAD_VCO,
        hardware: (1, 3),
        version: Version::new(1, 4, 3),
        len: 61 * 1024 + 212,
        code: 0x51,
        settings: 0x143,
    },
    Recipe {
        module: TWIN_FILTER,
        hardware: (2, 4),
        version: Version::new(1, 4, 2),
        len: 96 * 1024 + 48,
        code: 0x1f_142,
        settings: 1,
    },
    Recipe {
        module: TWIN_FILTER,
        hardware: (2, 4),
        version: Version::new(2, 0, 1),
        len: 103 * 1024 + 664,
        code: 0x1f_201,
        settings: 2,
    },
    Recipe {
        module: ENVELOPE,
        hardware: (1, 1),
        version: Version::new(0, 9, 7),
        len: 25 * 1024 + 4,
        code: 0xe4_097,
        settings: 1,
    },
    Recipe {
        module: ENVELOPE,
        hardware: (1, 1),
        version: Version::new(1, 0, 0),
        len: 27 * 1024 + 860,
        code: 0xe4_100,
        settings: 2,
    },
];

/// An image as a file.
#[derive(Clone, Debug)]
pub struct DemoImage {
    /// What it was made from.
    pub recipe: Recipe,
    /// The file's name.
    pub file: String,
    /// The file: Intel HEX.
    pub hex: String,
    /// The image.
    pub bytes: Vec<u8>,
}

impl DemoImage {
    fn new(recipe: Recipe) -> Self {
        let bytes = recipe.bytes();
        let entry = word(&bytes, 4).unwrap_or(APPLICATION_START);
        let hex = hex::write(APPLICATION_START, &bytes, entry);
        let Version { major, minor, patch } = recipe.version;
        let name = recipe.module.name.to_ascii_lowercase().replace(' ', "-");
        Self { recipe, file: format!("{name}-{major}.{minor}.{patch}.hex"), hex, bytes }
    }
}

/// All images of the demo.
pub fn all() -> Vec<DemoImage> {
    RECIPES.into_iter().map(DemoImage::new).collect()
}

/// Those that a user would install: the new ones.
pub fn new() -> Vec<DemoImage> {
    RECIPES.into_iter().skip(1).step_by(2).map(DemoImage::new).collect()
}

/// Whether a CPU could start what begins with these bytes: the stack in the RAM, the reset handler in the application.
pub(crate) fn has_plausible_vectors(image: &[u8]) -> bool {
    let (Some(stack), Some(reset)) = (word(image, 0), word(image, 4)) else { return false };
    let ram = RAM_START..=RAM_START + RAM_LEN;
    let end = FLASH_START.saturating_add(u32::try_from(image.len()).unwrap_or(u32::MAX));
    let application = APPLICATION_START..end.saturating_add(APPLICATION_START - FLASH_START);
    ram.contains(&stack) && reset & 1 == 1 && application.contains(&reset)
}

/// The address of a function, with the bit that says Thumb.
fn code_pointer(base: u32, offset: usize) -> u32 {
    base.saturating_add(u32::try_from(offset).unwrap_or(0)) | 1
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
