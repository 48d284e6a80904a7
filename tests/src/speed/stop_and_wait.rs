//! What most updaters do: one module after the other, of each one page after the other, and the next page goes out when
//! the host has heard that the last one is in the flash. The same loader in the same rack, the whole image each time.
//!
//! Nothing in it is slow on purpose: a page, the poll until it is in the flash and the byte that tells so are one block on
//! the base, which tries them again by itself.

use rackflash_core::module::PAGE_LEN;
use rackflash_core::time::Duration;
use rackflash_core::wire::check::Address;
use rackflash_core::wire::digest::digest;
use rackflash_core::wire::header::{HEADER_OFFSET, ImageHeader};
use rackflash_core::wire::message::Bus;
use rackflash_core::wire::module::{
    BUSY_BIT, Begin, Outcome, PAGE_OVERHEAD, PageFrame, REQUEST_LEN_MAX, Request, Room, STATUS_LEN,
    Session, State, Status, Tag,
};
use rackflash_core::wire::op::{Check, Op, Pattern};
use rackflash_sim::module::RING;
use rackflash_sim::setup::Setup;
use rackflash_sim::world::World;

use super::plain::Plain;
use super::rack::Rack;
use crate::bench::Bench;

/// From look to look while the module works: 2 % of a page's flash time.
const POLL_US: u32 = 200;
/// Longer than a module needs for anything.
const TIMEOUT_MS: u16 = 10_000;
const SESSION: Session = Session(0x51);

/// How often the base tries a frame that does not arrive.
const TRIES: u8 = 12;

/// How long it took, and how long that would be if the host's questions and the base's answers took no time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    pub(super) took: Duration,
    pub(super) without_trips: Duration,
}

/// Brings every module of the rack to its image, known modules given.
pub(super) fn time(rack: &Rack) -> Time {
    let mut bench = Bench::new(&rack.setup);
    bench.detect();
    // The link's session is another one from here on; the modules keep the addresses they were given.
    let found = bench.session.rack().modules.clone();
    bench.ends_in_the_middle();
    let nothing = World::new(Setup::empty(0, 0));
    let world = core::mem::replace(&mut bench.world, nothing);
    let mut host = Plain::connect(world, rack.setup.buses.len());
    let start = host.now();
    rack.stall(&mut host.world, start);
    for update in rack.updates() {
        let uid = host.world.modules()[update.module].uid();
        let module = found.iter().find(|module| module.identity.uid == uid).expect("it was found");
        let mut target =
            Target { host: &mut host, bus: module.bus, address: module.address, tag: Tag(0) };
        target.update(update.image);
    }
    let time = Time { took: host.now().since(start), without_trips: host.base_worked };
    rack.check(&host.world);
    time
}

struct Target<'a> {
    host: &'a mut Plain,
    bus: Bus,
    address: Address,
    tag: Tag,
}

impl Target<'_> {
    fn update(&mut self, image: &[u8]) {
        self.tag = self.status(&[]).tag;
        self.ask(&Request::EnterLoader, Until::In(State::Loader));
        self.ask(&Request::Begin(begin(image)), Until::Answered);
        // The vectors' page is the last one.
        let (pages, rest) = image.as_chunks::<PAGE_LEN>();
        let mut last = [0; PAGE_LEN];
        last[..rest.len()].copy_from_slice(rest);
        let pages = pages.iter().chain((!rest.is_empty()).then_some(&last));
        let pages: Vec<_> = (0u16..).zip(pages).collect();
        for (seq, (page, bytes)) in (0..).zip(pages[1..].iter().chain(&pages[..1])) {
            self.send_page(seq, *page, &bytes[..]);
        }
        self.ask(&Request::Commit, Until::Answered);
        self.ask(&Request::Run, Until::In(State::Application));
        self.ask(&Request::Confirm, Until::Answered);
    }

    fn send_page(&mut self, seq: u16, page: u16, bytes: &[u8]) {
        let mut frame = [0; PAGE_LEN + PAGE_OVERHEAD];
        let frame_len = PageFrame { session: SESSION, seq, page, bytes }
            .emit(self.address, &mut frame)
            .expect("a page fits its frame");
        let write = Op::Write { to: self.address, bytes: &frame[..frame_len] };
        let programmed = Pattern::any(STATUS_LEN).with(3, 0xff, Room::of(RING).0);
        let [low, high] = (seq + 1).to_le_bytes();
        let taken = programmed.with(4, 0xff, low).with(5, 0xff, high);
        let attempt = Op::Attempt { ops: 2, tries: TRIES };
        let told = Op::Read { from: self.address, check: Check::None, len: 1 };
        self.host.run(self.bus, &[attempt, write, self.poll(programmed, taken), told]);
    }

    fn ask(&mut self, request: &Request<'_>, until: Until) {
        self.tag = self.tag.next();
        let mut frame = [0; REQUEST_LEN_MAX];
        let frame_len =
            request.emit(self.address, SESSION, self.tag, &mut frame).expect("a request fits");
        let write = Op::Write { to: self.address, bytes: &frame[..frame_len] };
        let idle = Pattern::any(STATUS_LEN).with(0, BUSY_BIT, 0);
        let (until, expect) = match until {
            Until::Answered => (idle, idle.with(1, 0xff, self.tag.0)),
            Until::In(state) => (idle, idle.with(0, 0xff, state as u8)),
        };
        let attempt = Op::Attempt { ops: 2, tries: TRIES };
        let status = self.status(&[attempt, write, self.poll(until, expect)]);
        assert_eq!(status.outcome, Outcome::Done, "{request}");
    }

    /// Does these operations, and reads the status.
    fn status(&mut self, operations: &[Op<'_>]) -> Status {
        let len = u16::try_from(STATUS_LEN).unwrap_or(u16::MAX);
        let mut operations = operations.to_vec();
        operations.push(Op::Read { from: self.address, check: Check::Pec, len });
        let results = self.host.run(self.bus, &operations);
        Status::parse(self.address, &results[0]).expect("a status")
    }

    fn poll(&self, until: Pattern, expect: Pattern) -> Op<'static> {
        Op::Poll {
            from: self.address,
            check: Check::Pec,
            until,
            expect,
            every_us: POLL_US,
            timeout_ms: TIMEOUT_MS,
        }
    }
}

/// When a request is over.
enum Until {
    Answered,
    /// It restarts, and is in this state after.
    In(State),
}

fn begin(image: &[u8]) -> Begin {
    let header = ImageHeader::parse(&image[HEADER_OFFSET as usize..]).expect("a header");
    Begin {
        group: None,
        vendor: header.vendor,
        module_type: header.module_type,
        hardware: header.hardware,
        version: header.version,
        len: u32::try_from(image.len()).unwrap_or(u32::MAX),
        digest: digest(image),
    }
}
