//! What a module's flash holds before the world begins: put there as a programmer on the bench does it, record included.

use rackflash_core::module::loader::Loader;
use rackflash_core::module::record::{self, Record};
use rackflash_core::module::{Config, PAGE_LEN, Step};
use rackflash_core::wire::Malformed;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::Hardware;
use rackflash_core::wire::header::{HEADER_OFFSET, ImageHeader};
use rackflash_core::wire::identity::{Identity, Installed as Installation, Why};
use rackflash_core::wire::module::{Begin, PageFrame, REQUEST_LEN_MAX, Request, Session, Tag, Uid};

use crate::chip::{APPLICATION_START, ERASED};
use crate::memory::Memory;
use crate::module::{Module, RING};
use crate::rng::Rng;
use crate::setup::{Installed, ModuleSetup, Setup};

impl ModuleSetup {
    pub(crate) fn build(&self, rack: &Setup, mut rng: Rng) -> Module {
        let slot = rack.slots.get(self.slot).copied().unwrap_or_default();
        let home = self.home.or(Address::new(slot.address)).unwrap_or(Address::ENUMERATION);
        let mut name = [0; 12];
        for (place, byte) in name.iter_mut().zip(self.kind.name.bytes()) {
            *place = byte;
        }
        let drawn = Uid(rng.array());
        let config = Config {
            identity: Identity {
                vendor: self.kind.vendor,
                module_type: self.kind.number,
                hardware: self.hardware,
                name,
                uid: self.uid.unwrap_or(drawn),
                loader: self.loader,
                geometry: self.variant.geometry(),
                home: home.get(),
                ..Identity::default()
            },
            assigned: None,
        };
        let mut memory = Memory::new(self.variant, self.flash_time, rng.u64());
        install(&mut memory, &self.installed, &config);
        let mut module = Module::new(slot.bus, self.slot, config, memory, rng);
        module.arbitration = self.arbitration;
        module.lines.lie = self.lie;
        module.hangs.clone_from(&rack.faults.hangs);
        module
    }
}

fn install(memory: &mut Memory, installed: &Installed, config: &Config) {
    match installed {
        Installed::Blank => {}
        Installed::Image(image) => install_image(memory, image, config),
        Installed::Interrupted { old, new, pages } => {
            install_image(memory, old, config);
            // Core's own loader leaves what it leaves.
            let _ = interrupt(memory, new, *pages, config);
            memory.forget_counts();
        }
    }
}

fn install_image(memory: &mut Memory, image: &[u8], config: &Config) {
    memory.install(APPLICATION_START, image);
    memory.remember();
    if let Some(record) = record(image) {
        memory.install(record::address(&config.identity.geometry), &record.confirmed_page(ERASED));
    }
}

/// Updates to `image` and stops after so many pages.
fn interrupt(
    memory: &mut Memory,
    image: &[u8],
    pages: u16,
    config: &Config,
) -> Result<(), Malformed> {
    let Some(Record { vendor, module_type, installed, .. }) = record(image) else { return Ok(()) };
    let Installation { version, len, digest } = installed;
    // Where a module listens that has been given no address.
    let (to, session) = (Address::ENUMERATION, Session(1));
    let mut loader = Loader::<RING>::new();
    loader.start(config, Why::Requested, memory);
    let mut frame = [0; REQUEST_LEN_MAX];
    let hardware = Hardware::of(config.identity.hardware);
    let begin = Begin { vendor, module_type, hardware, version, len, digest, group: None };
    let end = Request::Begin(begin).emit(to, session, Tag(1), &mut frame)?;
    loader.on_write(to, &frame[..end]);
    run(&mut loader, memory);
    // The page with the vectors comes last.
    for (seq, bytes) in (0..pages).zip(image.as_chunks::<PAGE_LEN>().0.iter().skip(1)) {
        let end = PageFrame { session, seq, page: seq + 1, bytes }.emit(to, &mut frame)?;
        loader.on_write(to, &frame[..end]);
        run(&mut loader, memory);
    }
    Ok(())
}

/// Lets the loader work until it waits for the next frame.
fn run(loader: &mut Loader<RING>, memory: &mut Memory) {
    loop {
        match loader.step(memory) {
            Step::Again { .. } => {}
            Step::Flash => loader.flash_ended(memory.wait().1),
            _ => return,
        }
    }
}

/// What a loader would have written behind the image; none for what has no header.
fn record(image: &[u8]) -> Option<Record> {
    let header = ImageHeader::parse(image.get(HEADER_OFFSET as usize..)?).ok()?;
    Some(Record {
        vendor: header.vendor,
        module_type: header.module_type,
        whole_below: u16::MAX,
        installed: Installation {
            version: header.version,
            len: u32::try_from(image.len()).ok()?,
            digest: digest(image),
        },
    })
}
