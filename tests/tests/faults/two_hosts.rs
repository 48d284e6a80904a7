//! Fault 34, and hosts whose clocks are wrong: sessions on one port, each with its own idea of the time.

use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::Image;
use rackflash_core::host::session::{Input, LinkState, Output, Select, Session};
use rackflash_core::time::{Duration, Instant};
use rackflash_sim::chip::APPLICATION_START;
use rackflash_sim::images::Recipe;
use rackflash_sim::setup::Setup;
use rackflash_sim::world::World;
use rackflash_tests::oracle::Oracle;

use crate::recipes::all_different;
use crate::{LEN, all_run_new};

/// Hosts that hear the same bytes, as when a system lets two programs open one port.
struct Port {
    world: World,
    hosts: Vec<Host>,
    oracle: Oracle,
}

struct Host {
    session: Session,
    wait: Option<Instant>,
    /// How much later its clock is than the world's.
    ahead: Duration,
}

impl Host {
    fn time(&self, world: &World) -> Instant {
        world.now() + self.ahead
    }

    fn drain(&mut self, world: &mut World) {
        loop {
            match self.session.poll(world.now() + self.ahead) {
                Output::Send(bytes) => world.write(&bytes),
                Output::Wait(at) => {
                    let ahead = self.ahead;
                    self.wait = at.map(|at| Instant::ZERO + at.since(Instant::ZERO + ahead));
                    return;
                }
            }
        }
    }
}

impl Port {
    fn new(setup: &Setup) -> Self {
        let mut oracle = Oracle::default();
        setup.modules.iter().for_each(|module| oracle.expect_installed(module));
        let mut world = World::new(setup.clone());
        world.run_until(Instant::ZERO + Duration::from_secs(1));
        Self { world, hosts: Vec::new(), oracle }
    }

    /// Another host opens the port.
    fn open(&mut self, recipes: &[Recipe], ahead: Duration) -> usize {
        let mut host = Host { session: Session::new(), wait: None, ahead };
        for recipe in recipes {
            self.oracle.offer(&recipe.bytes(), &self.world);
            let image = Image::from_binary(&recipe.bytes(), APPLICATION_START).expect("an image");
            host.session.catalog.add(Offer::new(image).expect("an image with a header"));
        }
        let entropy = 1 + u32::try_from(self.hosts.len()).expect("few");
        let now = host.time(&self.world);
        host.session.handle(Input::Opened { entropy }, now);
        host.drain(&mut self.world);
        self.hosts.push(host);
        self.hosts.len() - 1
    }

    fn click(&mut self, host: usize) {
        let host = &mut self.hosts[host];
        host.session.update(&Select::All, host.time(&self.world));
        host.drain(&mut self.world);
    }

    fn state(&self, host: usize) -> LinkState {
        self.hosts[host].session.link_state()
    }

    fn is_ready(&self, host: usize) -> bool {
        self.state(host) == LinkState::Up && !self.hosts[host].session.is_detecting()
    }

    fn is_done(&self, host: usize) -> bool {
        self.hosts[host].session.job().is_some_and(|job| job.ended.is_some())
    }

    fn run_until(&mut self, within: Duration, done: impl Fn(&Self) -> bool) {
        let end = self.world.now() + within;
        while !done(self) {
            assert!(self.world.now() < end, "not done within {within:?}");
            let waits = self.hosts.iter().filter_map(|host| host.wait);
            self.world.run_until_heard(waits.fold(end, Instant::min));
            let mut bytes = Vec::new();
            self.world.read(&mut bytes);
            for host in &mut self.hosts {
                let input = if bytes.is_empty() { Input::Wake } else { Input::Link(&bytes) };
                host.session.handle(input, host.time(&self.world));
                host.drain(&mut self.world);
            }
            self.oracle.check_during(&self.world);
        }
    }
}

/// The base has one session. Whoever comes second is told that it is busy, and waits; the first has lost its own, and what it
/// had given is done to the end.
#[test]
fn fault_34_a_second_host_opens_the_port() {
    let (setup, recipes) = all_different(3, LEN);
    let mut port = Port::new(&setup);
    let first = port.open(&recipes, Duration::ZERO);
    port.run_until(Duration::from_secs(5), |port| port.is_ready(first));
    port.click(first);
    let middle = port.world.now() + Duration::from_millis(700);
    port.run_until(Duration::from_secs(1), |port| port.world.now() >= middle);

    let second = port.open(&recipes, Duration::ZERO);
    port.run_until(Duration::from_millis(100), |port| port.state(second) == LinkState::Finishing);
    // As long as it waits, nothing of its own reaches a module.
    port.run_until(Duration::from_secs(5), |port| port.state(second) == LinkState::Up);
    all_run_new(&port.world);
    // The second looks elsewhere again; the first finds its base, and the truth.
    port.hosts.truncate(second);
    port.run_until(Duration::from_secs(10), |port| port.is_done(first));
    port.oracle.check_after(&port.world, &port.hosts[first].session);
}

/// Two that do not give way take the base from each other, since it cannot tell the second from the first loaded again
/// (PROTOCOL.md, part 2). Each finds its work done in the end, by whomever.
#[test]
fn fault_34_two_hosts_that_do_not_give_way() {
    let (setup, recipes) = all_different(3, LEN);
    let mut port = Port::new(&setup);
    let first = port.open(&recipes, Duration::ZERO);
    port.run_until(Duration::from_secs(5), |port| port.is_ready(first));
    let second = port.open(&recipes, Duration::ZERO);
    port.run_until(Duration::from_secs(10), |port| port.is_ready(second));
    port.click(first);
    port.click(second);
    let later = port.world.now() + Duration::from_secs(60);
    port.run_until(Duration::from_secs(61), |port| port.world.now() >= later);
    all_run_new(&port.world);
    for host in [first, second] {
        assert!(port.is_done(host));
        port.oracle.check_after(&port.world, &port.hosts[host].session);
    }
}

/// A host's clock has counted for an hour or for a century, whatever the calendar says: nothing but differences count.
#[test]
fn sweep_clocks_that_are_wrong() {
    let century = 100 * 365 * 24 * 3600;
    for ahead in [0, 3_600, century, 5_000 * century] {
        let (setup, recipes) = all_different(2, LEN);
        let mut port = Port::new(&setup);
        let host = port.open(&recipes, Duration::from_secs(ahead));
        port.run_until(Duration::from_secs(5), |port| port.is_ready(host));
        port.click(host);
        port.run_until(Duration::from_secs(5), |port| port.is_done(host));
        port.oracle.check_after(&port.world, &port.hosts[host].session);
        all_run_new(&port.world);
    }
}
