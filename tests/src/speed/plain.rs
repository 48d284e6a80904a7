//! A host that does one thing after the other: gives the base one block of operations, waits for what its last read has
//! brought, goes on. Knows the wire and nothing of our host; for a link that loses nothing.

use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind, PAYLOAD_MAX, Seq, SessionId};
use rackflash_core::wire::message::{
    BLOCK_LEN, BUSES_MAX, Bus, Hello, Lane, PROTOCOL, ToBase, ToHost,
};
use rackflash_core::wire::op::Op;
use rackflash_sim::world::World;

/// A block that erases 512 pages takes 1.7 s; more than this is a fault.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Not one that another host on the bench draws.
const SESSION: SessionId = SessionId(0x504c_4149);

/// A rack, and a plain host at its cable.
#[derive(Debug)]
pub(super) struct Plain {
    pub(super) world: World,
    sent: Seq,
    expected: Seq,
    /// How many operations each bus's lane was given.
    given: [u32; BUSES_MAX],
    decoder: Decoder,
}

impl Plain {
    /// In a session of its own, with a lane open on each bus. The lane has the bus's number.
    pub(super) fn connect(world: World, buses: usize) -> Self {
        let decoder = Decoder::new();
        let mut host =
            Self { world, sent: Seq(0), expected: Seq(0), given: [0; BUSES_MAX], decoder };
        host.send(Kind::Hello, &Hello { protocol: PROTOCOL }.emit());
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
            Ok(other) => panic!("{other}"),
            Err(_) => None,
        });
        results
    }

    fn say(&mut self, message: &ToBase<'_>) {
        let mut payload = [0; PAYLOAD_MAX];
        let len = message.emit(&mut payload).expect("a message fits");
        self.send(Kind::Message, &payload[..len]);
        self.sent = self.sent.next();
    }

    fn send(&mut self, kind: Kind, payload: &[u8]) {
        let frame = Frame { kind, session: SESSION, seq: self.sent, ack: self.expected, payload };
        let mut wire = [0; FRAME_MAX];
        let len = frame.emit(&mut wire).expect("a frame fits");
        self.world.write(&wire[..len]);
    }

    /// Waits for the first thing of which `found` makes something: a welcome, or the next message in order.
    fn wait_for(&mut self, mut found: impl FnMut(Kind, &[u8]) -> Option<()>) {
        let until = self.world.now() + SILENCE_MAX;
        let mut done = None;
        while done.is_none() {
            self.world.run_until_heard(until);
            assert!(self.world.has_arrived(), "the base says nothing");
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
