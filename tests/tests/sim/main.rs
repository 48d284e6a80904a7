//! The simulator's physics: what the other tests rely on.
//!
//! - `flash`: the chip's memories, alone.
//! - `banks`: two banks of it, side by side, and how fast a loader is then.
//! - `bus`: what transactions cost, who answers, what goes wrong on the lines.
//! - `link`: the cable to the host.
//! - `power`: starts, cuts, hangs.
//! - `rom`: ST's ROM loader.
//! - `same`: the same seed is the same world.
//! - `images`: the demo's images and files.

mod banks;
mod bus;
mod flash;
mod images;
mod link;
mod power;
mod rom;
mod same;

use core::cell::RefCell;
use core::fmt::Write;
use std::rc::Rc;

use rackflash_core::link::Endpoint;
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::Address;
use rackflash_core::wire::link::{FRAME_MAX, Frame, Kind, PAYLOAD_MAX, Seq, SessionId};
use rackflash_core::wire::message::{BLOCK_LEN, Bus, Hello, Lane, PROTOCOL, ToBase};
use rackflash_core::wire::module::{REQUEST_LEN_MAX, Request, Session, Tag};
use rackflash_core::wire::op::{Check, Op};
use rackflash_sim::chip::Variant;
use rackflash_sim::images::{ENVELOPE, RECIPES};
use rackflash_sim::setup::{Installed, ModuleSetup, Setup};
use rackflash_sim::trace::Event;
use rackflash_sim::world::World;

/// Where the first slot's module is.
const FIRST: Address = Address::new(0x10).unwrap();

/// A rack and a hand on its cable that speaks the link's frames and nothing more.
struct Bench {
    world: World,
    endpoint: Endpoint<64, PAYLOAD_MAX>,
    ops: u32,
    told: Rc<RefCell<String>>,
}

impl Bench {
    /// Connected, one lane open at 100 kHz, the modules up and each listening at its home address.
    fn new(setup: &Setup) -> Self {
        let mut bench = Self::unassigned(setup);
        let modules = bench.world.modules().iter().map(|m| (m.uid(), m.config().identity.home));
        for (uid, home) in modules.collect::<Vec<_>>() {
            let address = Address::new(home).unwrap();
            let assign = request(Address::ENUMERATION, 0, &Request::Assign { uid, address });
            bench.submit(&[Op::Write { to: Address::ENUMERATION, bytes: &assign }]);
        }
        bench.run_ms(20);
        bench.tell();
        bench
    }

    /// Connected, one lane open at 100 kHz, the modules up and all listening at one address.
    fn unassigned(setup: &Setup) -> Self {
        let mut bench = Self {
            world: World::new(setup.clone()),
            endpoint: Endpoint::new(SessionId(1)),
            ops: 0,
            told: Rc::default(),
        };
        bench.settle();
        bench.connect();
        bench
    }

    /// A new session, with one lane open at 100 kHz.
    fn connect(&mut self) {
        (self.endpoint, self.ops) = (Endpoint::new(SessionId(1)), 0);
        self.hello();
        self.say(&ToBase::Open { lane: Lane(0), bus: Bus(0) });
        self.submit(&[Op::Clock { hz: 100_000 }]);
        self.run_ms(10);
    }

    /// Lets all modules start.
    fn settle(&mut self) {
        self.world.run_until(Instant::from_micros(100_000));
    }

    /// Events of the buses and the modules are told from here on, with the time since.
    fn tell(&mut self) {
        let (told, start) = (self.told.clone(), self.world.now());
        self.world.tell(Some(Box::new(move |at, event| {
            if !matches!(event, Event::ToBase(_) | Event::ToHost(_)) {
                let millis = (at - start).as_secs_f64() * 1e3;
                writeln!(told.borrow_mut(), "{millis:.3} {event}").unwrap();
            }
        })));
    }

    fn send(&mut self, kind: Kind, payload: &[u8]) {
        // A delimiter first: what stands on the line from before ends with it.
        self.world.write(&[0]);
        let mut wire = [0; FRAME_MAX];
        let frame = Frame { kind, session: SessionId(1), seq: Seq(0), ack: Seq(0), payload };
        let len = frame.emit(&mut wire).unwrap();
        self.world.write(&wire[..len]);
    }

    fn hello(&mut self) {
        self.send(Kind::Hello, &Hello { protocol: PROTOCOL }.emit());
    }

    fn say(&mut self, message: &ToBase<'_>) {
        let mut wire = [0; FRAME_MAX];
        let _ = self.endpoint.outbox.push(|payload| message.emit(payload));
        while let Some(frame) = self.endpoint.poll(self.world.now()) {
            let len = frame.emit(&mut wire).unwrap();
            self.world.write(&wire[..len]);
        }
    }

    fn submit(&mut self, ops: &[Op<'_>]) {
        let (mut block, mut len) = ([0; BLOCK_LEN], 0);
        for op in ops {
            len += op.emit(&mut block[len..]).unwrap();
        }
        self.say(&ToBase::Submit { lane: Lane(0), first: self.ops, ops: &block[..len] });
        self.ops += u32::try_from(ops.len()).unwrap();
    }

    fn run_ms(&mut self, ms: u64) {
        self.world.run_until(self.world.now() + Duration::from_millis(ms));
    }

    /// Submits operations and returns what is told within so many milliseconds.
    fn told(&mut self, ops: &[Op<'_>], ms: u64) -> String {
        self.submit(ops);
        self.run_ms(ms);
        self.told.take()
    }
}

/// A request's frame.
fn request(to: Address, tag: u8, request: &Request<'_>) -> Vec<u8> {
    let mut frame = vec![0; REQUEST_LEN_MAX];
    let len = request.emit(to, Session(1), Tag(tag), &mut frame).unwrap();
    frame.truncate(len);
    frame
}

fn read(from: Address, len: u16) -> Op<'static> {
    Op::Read { from, check: Check::None, len }
}

/// The smallest module, current.
fn envelope(slot: usize) -> ModuleSetup {
    ModuleSetup::new(slot, ENVELOPE, 1, Variant::Kb64, Installed::Image(RECIPES[5].bytes()))
}

fn rack(modules: Vec<ModuleSetup>) -> Setup {
    Setup::empty(7, 4).with(modules)
}
