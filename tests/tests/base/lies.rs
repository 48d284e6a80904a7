//! A host that says anything at any time: the base never panics, never spins, keeps one transaction on a bus, and in the
//! end has all its blocks.

use rackflash_core::time::Duration;

use rackflash_core::base::BusError::{Arbitration, Held, NoAck, NoAnswer, Stuck};
use rackflash_core::wire::link::Kind;
use rackflash_core::wire::message::{Bus, Lane, ToBase};
use rackflash_core::wire::op::{Level, Op};
use rackflash_tests::numbers::Numbers;

use crate::bench::{Acknowledges, BLOCKS, Bench, block, fails, poll, read, says, write};

fn op<'a>(n: &mut Numbers, bytes: &'a [u8]) -> Op<'a> {
    let to = n.pick(&[0x10, 0x11, 0x61]);
    match n.below(8) {
        0 => Op::Clock { hz: n.pick(&[10_000, 100_000, u32::MAX]) },
        1 => Op::Wait { micros: n.pick(&[0, 1, 10_000_000]) },
        2 => Op::Attempt { ops: n.byte() | 1, tries: n.byte() | 1 },
        3 => Op::Pin { pin: n.byte(), level: Level::High },
        4 => read(to, n.below(288) as u16 + 1),
        5 => poll(to, n.byte() & 1, n.pick(&[0, 1, 60_000])),
        _ => write(to, bytes),
    }
}

/// Operations, some of them damaged.
fn ops(n: &mut Numbers) -> Vec<u8> {
    let mut ops = Vec::new();
    for _ in 0..n.index(8) {
        let bytes = n.bytes(40);
        ops.extend(block(&[op(n, &bytes)]));
    }
    if n.percent(20) {
        ops.extend(n.bytes(9));
    }
    ops
}

fn say(n: &mut Numbers, bench: &mut Bench) {
    let lane = Lane(n.pick(&[0, 1, 2, 3, 39, 40, 255]));
    let bus = Bus(n.pick(&[0, 0, 0, 1, 1, 2, 3, 4, 255]));
    match n.below(16) {
        0..=3 => bench.tell(&ToBase::Open { lane, bus }),
        4..=9 => bench.tell(&ToBase::Submit { lane, first: n.u32() >> n.below(32), ops: &ops(n) }),
        10 => bench.tell(&ToBase::Abort { lane }),
        11 => {
            let addresses = [n.byte(), 0x10, 0x11];
            bench.watch(bus.0, &addresses.map(|address| address & 0x7f));
        }
        12 if n.percent(20) => {
            // Ends what damage may have begun.
            bench.input(&[0]);
            bench.hello(n.u32());
        }
        12 => bench.say_hello(bench.host.session.0),
        13 => {
            let (kind, seq, payload) =
                (n.pick(&[Kind::Message, Kind::State]), n.u16(), n.bytes(40));
            bench.send(kind, bench.host.session.0, seq, &payload);
        }
        14 => bench.input(&n.bytes(200)),
        _ => bench.acknowledge(),
    }
}

#[test]
fn every_seed() {
    for seed in 0..150 {
        let n = &mut Numbers::new(seed);
        let mut bench = Bench::new();
        let errors = [NoAnswer, NoAck, Arbitration, Stuck, Held];
        for _ in 0..300 {
            say(n, &mut bench);
            if n.percent(30) {
                let answer = if n.percent(30) { fails(n.pick(&errors)) } else { says([n.byte()]) };
                bench.module_on(n.byte() & 1, n.pick(&[0x10, 0x11])).first([answer]);
            }
            if n.percent(5) {
                bench.host.acknowledges = n.pick(&[Acknowledges::AtOnce, Acknowledges::Never]);
            }
            bench.run(Duration::from_micros(n.pick(&[0, 0, 10, 300, 20_000])));
            bench.skip();
        }
        bench.host.acknowledges = Acknowledges::AtOnce;
        bench.input(&[0]);
        bench.hello(0xffff_0001);
        for lane in 0..40 {
            bench.abort(lane);
        }
        // The slowest transaction there can be.
        bench.run(Duration::from_secs(3000));
        bench.skip();
        bench.hello(0xffff_0002);
        let welcome = bench.skip();
        assert!(
            welcome.contains(&format!("{BLOCKS} blocks, 40 lanes, 0 busy")),
            "{seed}: {welcome}"
        );
    }
}
