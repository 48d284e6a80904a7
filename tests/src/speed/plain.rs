//! A host that does one thing after the other: gives the base one block of operations, waits for what its last read has
//! brought, goes on. Says again what has no answer. Knows the wire and nothing of our host.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, PAYLOAD_MAX, Seq, SessionId};
use rackflash_core::wire::message::{
    BLOCK_LEN, BUSES_MAX, Bus, Hello, Lane, PROTOCOL, ToBase, ToHost,
};
use rackflash_core::wire::op::Op;
use rackflash_sim::trace::Event;
use rackflash_sim::world::World;

/// A block that erases 512 pages takes 1.7 s; more than this is a fault.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// How long an answer may take until the question is put again: longer than the longest round trip.
const REPEAT_AFTER: Duration = Duration::from_millis(120);
/// Not one that another host on the bench draws.
const SESSION: SessionId = SessionId(0x504c_4149);

/// A rack, and a plain host at its cable.
#[derive(Debug)]
pub(super) struct Plain {
    pub(super) world: World,
    /// How long the base had something to do: what would be left if the cable were not.
    pub(super) base_worked: Duration,
    sent: Seq,
    expected: Seq,
    said: (Kind, Vec<u8>),
    heard: Rc<Cell<Heard>>,
    /// How many operations each bus's lane was given.
    given: [u32; BUSES_MAX],
    decoder: Decoder,
}

/// What passed the base's end of the cable last, and when.
#[derive(Clone, Copy, Debug)]
struct Heard {
    question: Instant,
    answer: Instant,
}

impl Plain {
    /// In a session of its own, with a lane open on each bus. The lane has the bus's number.
    pub(super) fn connect(mut world: World, buses: usize) -> Self {
        let heard = listen(&mut world);
        let mut host = Self {
            world,
            base_worked: Duration::ZERO,
            sent: Seq(0),
            expected: Seq(0),
            said: (Kind::Hello, Hello { protocol: PROTOCOL }.emit().to_vec()),
            heard,
            given: [0; BUSES_MAX],
            decoder: Decoder::new(),
        };
        host.send();
        host.wait_for(|kind, _| (kind == Kind::Welcome).then_some(()));
        for bus in (0..).take(buses) {
            host.say(&ToBase::Open { lane: Lane(bus), bus: Bus(bus) });
        }
        host
    }

    pub(super) fn now(&self) -> Instant {
        self.world.now()
    }

    /// Does these operations on a bus; returns what the reads among them have brought. The last one is a read.
    ///
    /// # Panics
    /// When they fail.
    pub(super) fn run(&mut self, bus: Bus, operations: &[Op<'_>]) -> Vec<Vec<u8>> {
        let given = &mut self.given[usize::from(bus.0)];
        let first = *given;
        *given += u32::try_from(operations.len()).unwrap_or(u32::MAX);
        let last = *given - 1;
        let (mut block, mut len) = ([0; BLOCK_LEN], 0);
        for operation in operations {
            len += operation.emit(&mut block[len..]).expect("the operations fit a block");
        }
        self.say(&ToBase::Submit { lane: Lane(bus.0), first, ops: &block[..len] });
        let mut results = Vec::new();
        self.wait_for(|_, message| match ToHost::parse(message) {
            Ok(ToHost::Result { op, data, .. }) => {
                results.push(data.to_vec());
                (op == last).then_some(())
            }
            Ok(ToHost::Errors { .. }) | Err(_) => None,
            Ok(other) => panic!("{other}"),
        });
        let Heard { question, answer } = self.heard.get();
        self.base_worked = self.base_worked + answer.since(question);
        results
    }

    fn say(&mut self, message: &ToBase<'_>) {
        let mut payload = [0; PAYLOAD_MAX];
        let len = message.emit(&mut payload).expect("a message fits");
        if self.said.0 == Kind::Message {
            self.sent = self.sent.next();
        }
        self.said = (Kind::Message, payload[..len].to_vec());
        self.send();
    }

    /// What was said last, for the first time or again.
    fn send(&mut self) {
        let (kind, payload) = (self.said.0, &self.said.1[..]);
        let frame = Frame { kind, session: SESSION, seq: self.sent, ack: self.expected, payload };
        let mut wire = [0; FRAME_MAX];
        let len = frame.emit(&mut wire).expect("a frame fits");
        self.world.write(&wire[..len]);
    }

    /// Waits for the first thing of which `found` makes something: a welcome, or the next message in order.
    fn wait_for(&mut self, mut found: impl FnMut(Kind, &[u8]) -> Option<()>) {
        let until = self.world.now() + SILENCE_MAX;
        let mut again = self.world.now() + REPEAT_AFTER;
        let mut done = None;
        while done.is_none() {
            self.world.run_until_heard(again);
            assert!(self.world.now() < until, "the base does not come to an end");
            if self.world.now() >= again {
                self.send();
                again = self.world.now() + REPEAT_AFTER;
            }
            let mut bytes = Vec::new();
            self.world.read(&mut bytes);
            let mut bytes = &bytes[..];
            while let Some(frame) = self.decoder.next(&mut bytes) {
                let Some(frame) = frame.ok().filter(|frame| frame.session == SESSION) else {
                    continue;
                };
                let next = frame.kind == Kind::Message && frame.seq == self.expected;
                if next {
                    self.expected = self.expected.next();
                }
                if next || frame.kind == Kind::Welcome {
                    done = done.or(found(frame.kind, frame.payload));
                }
            }
        }
    }
}

fn listen(world: &mut World) -> Rc<Cell<Heard>> {
    let heard = Rc::new(Cell::new(Heard { question: world.now(), answer: world.now() }));
    let (told, decoder) = (heard.clone(), RefCell::new(Decoder::new()));
    world.tell(Some(Box::new(move |now, event| match *event {
        Event::ToBase(_) => told.set(Heard { question: now, ..told.get() }),
        Event::ToHost(mut bytes) => {
            while let Some(frame) = decoder.borrow_mut().next(&mut bytes) {
                if frame.is_ok_and(|frame| frame.kind == Kind::Message) {
                    told.set(Heard { answer: now, ..told.get() });
                }
            }
        }
        _ => {}
    })));
    heard
}
