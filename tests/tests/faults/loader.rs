//! A module's loader, and a host beside it that checks nothing: what comes through to the module alone is its own to refuse.

use rackflash_core::module::loader::Loader;
use rackflash_core::module::{Config, PAGE_LEN, Step};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::{HEADER_OFFSET, ImageHeader};
use rackflash_core::wire::identity::{Identity, Why};
use rackflash_core::wire::module::{
    Begin, Outcome, PAGE_OVERHEAD, PageFrame, REQUEST_LEN_MAX, Request, STATUS_LEN, Session,
    Status, Tag, Uid,
};
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::{APPLICATION_START, FlashTime, Variant};
use rackflash_sim::images::{ENVELOPE, VENDOR};
use rackflash_sim::memory::Memory;
use rackflash_sim::module::RING;

/// Of the images here: fewer pages than a ring holds, so that all can be sent at once.
pub(crate) const LEN: usize = 3_000;
const AT: Address = Address::ENUMERATION;
const SESSION: Session = Session(7);

/// A module that was called into its loader.
pub(crate) struct Loading {
    pub(crate) memory: Memory,
    config: Config,
    loader: Box<Loader<RING>>,
    tag: Tag,
}

impl Loading {
    /// With `old` in its flash, and no record of it.
    pub(crate) fn new(old: &[u8]) -> Self {
        let mut memory = Memory::new(Variant::Kb64, FlashTime::Typical, 1);
        memory.install(APPLICATION_START, old);
        let identity = Identity {
            vendor: VENDOR,
            module_type: ENVELOPE.number,
            hardware: 1,
            geometry: Variant::Kb64.geometry(),
            uid: Uid([1; 12]),
            loader: Version::new(1, 0, 0),
            ..Identity::default()
        };
        let config = Config { identity, assigned: None };
        let mut loader = Box::new(Loader::new());
        loader.start(&config, Why::Requested, &memory);
        Self { memory, config, loader, tag: Tag(0) }
    }

    pub(crate) fn begin(&mut self, begin: Begin) -> Outcome {
        self.ask(&Request::Begin(begin))
    }

    /// Announces one image, sends the pages of another, and commits.
    pub(crate) fn take(&mut self, announced: &[u8], sent: &[u8]) -> Outcome {
        let header = ImageHeader::parse(&announced[HEADER_OFFSET as usize..]).expect("a header");
        let begun = self.begin(Begin {
            vendor: header.vendor,
            module_type: header.module_type,
            hardware: header.hardware,
            version: header.version,
            len: u32::try_from(announced.len()).expect("a length"),
            digest: digest(announced),
            group: None,
        });
        assert_eq!(begun, Outcome::Done);
        let mut pages: Vec<[u8; PAGE_LEN]> = vec![[0; PAGE_LEN]; sent.len().div_ceil(PAGE_LEN)];
        for (page, bytes) in pages.iter_mut().zip(sent.chunks(PAGE_LEN)) {
            page[..bytes.len()].copy_from_slice(bytes);
        }
        let vectors_last = (1..pages.len()).chain([0]);
        for (seq, page) in (0..).zip(vectors_last) {
            let mut frame = [0; PAGE_LEN + PAGE_OVERHEAD];
            let page = PageFrame {
                session: SESSION,
                seq,
                page: u16::try_from(page).expect("a page"),
                bytes: &pages[page],
            };
            page.emit(AT, &mut frame).expect("a frame");
            self.loader.on_write(AT, &frame);
            self.work();
        }
        self.ask(&Request::Commit)
    }

    /// Whether it would start its application after a reset.
    pub(crate) fn is_bootable(&self) -> bool {
        use rackflash_core::module::boot::{Asked, Start, decide};
        matches!(decide(&self.config, &self.memory, Asked::Nothing), Start::Application { .. })
    }

    fn ask(&mut self, request: &Request<'_>) -> Outcome {
        self.tag = self.tag.next();
        let mut frame = [0; REQUEST_LEN_MAX];
        let len = request.emit(AT, SESSION, self.tag, &mut frame).expect("a frame");
        self.loader.on_write(AT, &frame[..len]);
        self.work();
        let mut status = [0; STATUS_LEN];
        self.loader.on_read(AT, &mut status);
        Status::parse(AT, &status).expect("a status").outcome
    }

    fn work(&mut self) {
        loop {
            match self.loader.step(&mut self.memory) {
                Step::Again { .. } => {}
                Step::Flash => self.loader.flash_ended(self.memory.wait().1),
                _ => return,
            }
        }
    }
}
