//! What must hold of a rack whatever happens to it, as a bench without any protocol would measure it: in the flash, not in
//! what anybody says. Refuses to excuse anything: a situation that has its own ending says so itself.
//!
//! 1. Each module runs an image it had or was offered, whole; or waits in its loader and says why. While something happens
//!    it may also have no power, restart, or run an application that hangs.
//! 2. Its loader's area never changes, and nothing is done to its flash that the chip forbids.
//! 3. What the report says of it is what its flash holds.
//! 4. An update is opened once, and once more for each interruption of its module, as the world counts them: a loss of power, a
//!    module pulled, silent or hung; a bus that is held; a damaged answer whose PEC is right; a cable, base or host that begins
//!    anew. What the host makes of it is none, nor is noise, unless it damages most pages ([`Oracle::noise_may_end`]). Of
//!    modules that are updated together, who is left behind opens its update once more, alone.
//! 5. Going on after an interruption writes at most one ring of pages again, and so does who is left behind by its party since the
//!    link lost its answer; besides that of the vectors: this each try writes once, since it is what makes an application unable
//!    to start. A worn page is written again each time that it has not taken its bytes, and with it the one beside it in the other
//!    bank. And a module that lies, that says of each page that it is right and of all together that they are not, gets all of them
//!    again with each further try.
//! 6. The bus carries less than two rings of pages again for it: the pages that a loss of power took out of the module's ring,
//!    and those of the journal's newest note, which are written again whatever they read. The page that was being written is both.
//! 7. What is said to be updated or current is proven, and holds an image that was offered. Every module that sits in its slot
//!    is in the report, unless what is wrong on its bus is told instead.
//!
//! What a module that lies says of itself is reported as it says it, and what is proven is so all the same.

use rackflash_core::host::report::{ModuleReport, Report};
use rackflash_core::host::session::{LinkState, Session};
use rackflash_core::module::{HALF_PAGE_LEN, PAGE_LEN, record};
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::{HEADER_OFFSET, ImageHeader};
use rackflash_core::wire::identity::{Geometry, Why};
use rackflash_core::wire::module::Uid;
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::Violations;
use rackflash_sim::memory::Memory;
use rackflash_sim::module::{Module, RING, Runs};
use rackflash_sim::setup::{Faults, Installed, ModuleSetup};
use rackflash_sim::world::World;

/// So often the host tries an update in all.
pub const TRIES: u64 = 3;

/// What is known of a rack before anything happens to it.
#[derive(Debug, Default)]
pub struct Oracle {
    images: Vec<Image>,
    /// The digests of those that were offered.
    offered: Vec<String>,
    modules: Vec<Before>,
    /// How often a host began anew, and how often a base may have lied to it.
    others: u64,
    /// Whether the link loses messages, or delivers them behind others.
    is_lossy: bool,
}

/// An image that a module may run.
#[derive(Debug, PartialEq, Eq)]
struct Image {
    module_type: u16,
    version: Version,
    len: usize,
    digest: u32,
}

/// A module when it was first looked at, and since.
#[derive(Debug)]
struct Before {
    /// Another number is another module, in its place.
    uid: Uid,
    loader_area: u32,
    erases: Vec<u32>,
    interruptions: u64,
    /// What it was seen to run last: that is looked at once.
    runs: Runs,
}

impl Oracle {
    /// The link has these faults.
    pub fn expect_faults(&mut self, faults: &Faults) {
        self.is_lossy = faults.link_lost_per_1e6 > 0
            || faults.link_overtaken_per_1e6 > 0
            || faults.link_flips_per_1e9 > 0;
    }

    /// A module may run what it comes with.
    pub fn expect_installed(&mut self, module: &ModuleSetup) {
        match &module.installed {
            Installed::Blank => {}
            Installed::Image(image) => self.expect(image),
            Installed::Interrupted { old, new, .. } => {
                self.expect(old);
                self.expect(new);
            }
        }
    }

    /// Modules of its type may run this image.
    pub fn expect(&mut self, image: &[u8]) {
        let header = ImageHeader::parse(&image[HEADER_OFFSET as usize..]).expect("a header");
        let (len, digest) = (image.len(), digest(image));
        let (module_type, version) = (header.module_type, header.version);
        let image = Image { module_type, version, len, digest };
        if !self.images.contains(&image) {
            self.images.push(image);
        }
    }

    /// This image is offered. If it is a new one, pages that are written again from here on are so for a reason.
    pub fn offer(&mut self, image: &[u8], world: &World) {
        let known = self.images.len();
        self.expect(image);
        self.offered.push(format!("{:08x}", digest(image)));
        if self.images.len() > known {
            self.begin_anew(world);
        }
    }

    /// Pages that are written again from here on are so for a reason.
    pub fn begin_anew(&mut self, world: &World) {
        for (before, module) in self.modules.iter_mut().zip(world.modules()) {
            before.erases = module.memory().erases().to_vec();
            before.interruptions = interruptions(module, self.others);
        }
    }

    /// A host begins anew with what it finds.
    pub fn host_begins(&mut self) {
        self.others += 1;
    }

    /// What the base says next need not be so: what the host makes of it is no fault of its own.
    pub fn base_may_lie(&mut self) {
        self.others += 1;
    }

    /// From here on noise is so strong that it may end so many tries.
    pub fn noise_may_end(&mut self, tries: u64) {
        self.others += tries;
    }

    /// What must hold at every moment.
    ///
    /// # Panics
    /// If it does not.
    pub fn check_during(&mut self, world: &World) {
        for (index, module) in world.modules().iter().enumerate() {
            let interruptions = interruptions(module, self.others);
            if self.modules.len() == index {
                self.modules.push(Before::of(module, interruptions));
            }
            let before = &mut self.modules[index];
            if before.uid != module.uid() {
                *before = Before::of(module, interruptions);
            }
            if before.runs != module.runs() {
                before.runs = module.runs();
                self.check_module(index, world);
            }
        }
    }

    /// What must hold when nothing happens any more.
    ///
    /// # Panics
    /// If it does not.
    pub fn check_after(&mut self, world: &World, session: &Session) {
        self.check_during(world);
        for (index, module) in world.modules().iter().enumerate() {
            self.check_module(index, world);
            let settled = match module.runs() {
                Runs::Application(_) | Runs::Loader(_) => true,
                Runs::Nothing => !module.is_inserted(),
                Runs::Starting | Runs::Hung | Runs::Rom => false,
            };
            assert!(settled, "module {index} is left as {:?}", module.runs());
        }
        let report = Report::of(session).modules;
        let is_of = |said: &ModuleReport, module: &Module| said.uid == module.uid().to_string();
        for said in &report {
            let index = world.modules().iter().position(|module| is_of(said, module));
            let Some((index, module)) = index.map(|index| (index, &world.modules()[index])) else {
                // It was replaced, or one claims to be it.
                let honest = world.modules().iter().all(Module::is_honest);
                assert!(!said.present || !honest, "{} is not of this rack", said.uid);
                continue;
            };
            check_statement(said, module);
            if let Some(proof) = said.proof.as_ref().filter(|_| module.is_honest()) {
                let (sent, again) = (usize::from(proof.pages_sent), self.again(index, world));
                assert!(
                    sent <= usize::from(proof.pages) + again * (2 * RING - 1),
                    "{} was sent {sent} of {} pages for {again} interruptions",
                    said.uid,
                    proof.pages
                );
            }
            let digest = said.proof.as_ref().map(|proof| &proof.digest);
            let is_offered = digest.is_some_and(|digest| self.offered.contains(digest));
            let succeeded = matches!(said.outcome, "updated" | "current");
            assert_eq!(succeeded, is_offered, "{} is {}: {digest:?}", said.uid, said.outcome);
        }
        if session.link_state() != LinkState::Up || session.is_detecting() {
            return;
        }
        let rack = session.rack();
        let sits = |module: &&Module| module.is_inserted() && module.is_honest();
        for module in world.modules().iter().filter(sits) {
            let told = rack.bus_problems.iter().any(|(bus, _)| *bus == module.bus());
            let is_in = report.iter().any(|said| is_of(said, module));
            assert!(is_in || told, "{} is not in the report", module.uid());
        }
    }

    /// How often there was a reason to go on anew.
    fn again(&self, index: usize, world: &World) -> usize {
        let (before, module) = (&self.modules[index], &world.modules()[index]);
        let interruptions = interruptions(module, self.others) - before.interruptions;
        usize::try_from(interruptions).unwrap_or(usize::MAX) + module.memory().failures() as usize
    }

    fn check_module(&self, index: usize, world: &World) {
        let (before, module) = (&self.modules[index], &world.modules()[index]);
        let memory = module.memory();
        match module.runs() {
            Runs::Application(version) => {
                let runs = |image: &&Image| {
                    image.module_type == module.config().identity.module_type
                        && image.version == version
                        && digest(&memory.application()[..image.len]) == image.digest
                };
                assert!(
                    self.images.iter().any(|image| runs(&image)),
                    "module {index} runs {version}, which is not what its flash should hold"
                );
            }
            Runs::Loader(why) => {
                assert_ne!(why, Why::Runs, "module {index} waits in its loader without a reason")
            }
            Runs::Nothing | Runs::Starting | Runs::Hung | Runs::Rom => {}
        }
        assert_eq!(memory.violations(), Violations::default(), "module {index}");
        assert_eq!(digest(memory.loader_area()), before.loader_area, "module {index}'s loader");
        let Again { pages, vectors, openings } =
            Again::since(&before.erases, memory, &module.config().identity.geometry);
        let (failures, again) = (memory.failures() as usize, self.again(index, world));
        let ways = if company(module, world).count() > 1 { 2 } else { 1 };
        assert!(
            openings <= (1 + again) * ways || !module.is_honest(),
            "module {index} opened {openings} updates for {again} interruptions"
        );
        // Whose answer got lost is left behind when it listens with its group already: what it hears until it is told is in vain.
        let heard = usize::from(ways > 1 && self.is_lossy);
        let (of_a_try, again) = match module.is_honest() {
            true => (RING, again),
            false => (memory.application().len() / PAGE_LEN, openings),
        };
        assert!(
            pages <= (again + heard).min(openings.saturating_sub(1)) * of_a_try + 2 * failures,
            "module {index} wrote {pages} pages again in {openings} tries, {again} interruptions"
        );
        assert!(
            vectors <= openings + failures,
            "module {index} wrote its vectors {vectors} times in {openings} tries"
        );
    }
}

impl Before {
    fn of(module: &Module, interruptions: u64) -> Self {
        let memory = module.memory();
        let (loader_area, erases) = (digest(memory.loader_area()), memory.erases().to_vec());
        Self { uid: module.uid(), loader_area, erases, interruptions, runs: Runs::Nothing }
    }
}

/// What has gone wrong so far that can have ended an update of this module.
fn interruptions(module: &Module, others: u64) -> u64 {
    u64::from(module.interruptions()) + others
}

/// Those that may be updated together with it, and itself: who goes on alone opens its update anew.
fn company<'w>(module: &'w Module, world: &'w World) -> impl Iterator<Item = &'w Module> {
    let kind = |module: &Module| (module.bus(), module.config().identity.module_type);
    world.modules().iter().filter(move |other| kind(other) == kind(module))
}

/// What was written more than once.
struct Again {
    /// Pages of the application behind the first, each as often as it was erased after the first time.
    pages: usize,
    /// How often the first page, that of the vectors, was erased.
    vectors: usize,
    /// How often an update was opened: each erases the record.
    openings: usize,
}

impl Again {
    fn since(before: &[u32], memory: &Memory, geometry: &Geometry) -> Self {
        let page = |address: u32| {
            ((address - geometry.flash_start) / u32::from(geometry.page_len)) as usize
        };
        let since = |page: usize| (memory.erases()[page] - before[page]) as usize;
        let first = page(geometry.application_start);
        let pages = first + 1..memory.erases().len();
        Self {
            pages: pages.map(|page| since(page).saturating_sub(1)).sum(),
            vectors: since(first),
            openings: since(page(record::address(geometry))),
        }
    }
}

/// Whether what the host says of a module in the end is so.
fn check_statement(said: &ModuleReport, module: &Module) {
    if !module.is_inserted() {
        return;
    }
    let (memory, geometry) = (module.memory(), &module.config().identity.geometry);
    let reads_the_same = |start: u32, len: usize| {
        let inside =
            |(address, _): &(u32, u32)| (0..len).contains(&(address.wrapping_sub(start) as usize));
        !memory.unstable().iter().any(inside)
    };
    let record = reads_the_same(record::address(geometry), HALF_PAGE_LEN);
    if let Some(proof) = &said.proof {
        let application = &memory.application()[..proof.len as usize];
        assert_eq!(proof.digest, format!("{:08x}", digest(application)), "{}", said.uid);
        assert!(record, "{}: its record reads differently each time", said.uid);
        let image = reads_the_same(geometry.application_start, proof.len as usize);
        assert!(image, "{}: its image reads differently each time", said.uid);
    }
    let runs = match module.runs() {
        Runs::Application(version) => Some(version.to_string()),
        _ => None,
    };
    if module.is_honest() && (said.proof.is_some() || said.present) {
        let stated = said.to.clone().filter(|_| said.state == "runs");
        // Torn by the last cut, the record read well when the application was started, and no more when that looked at it: two
        // cuts in a row bring it about (`fault_04_power_cut_at_every_pair_of_operations_of_two_banks`).
        let is_torn = !record && stated.is_none();
        assert!(
            is_torn || stated == runs,
            "{} is said to run {stated:?}, and runs {runs:?}",
            said.uid
        );
        if let Runs::Loader(why) = module.runs() {
            // Whyever it was started: an update that was opened since then, and has not ended, was interrupted.
            let openings = module.starts().last().map(|start| start.openings);
            let is_open =
                openings != Some(module.openings()) && said.state == word(Why::Interrupted);
            assert!(
                is_open || said.state == word(why),
                "{} is said to be {}, and waits because {why:?}",
                said.uid,
                said.state
            );
        }
    }
}

/// What a person is to read of it.
fn word(why: Why) -> &'static str {
    match why {
        Why::Runs => "runs",
        Why::Requested => "requested",
        Why::Blank => "blank",
        Why::Interrupted => "interrupted",
        Why::Damaged => "damaged",
        Why::NeverConfirmed => "never-confirmed",
    }
}
