//! Settings that a new application wants elsewhere in the data EEPROM: read before the update, written at their new places behind
//! it, whatever comes between.

use expect_test::expect;
use rackflash_core::host::session::LinkState;
use rackflash_core::host::settings::{Backup, Layout, Move, News, Resettled, Settings};
use rackflash_core::time::Duration;
use rackflash_core::wire::header::{Hardware, ImageHeader};
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::{Variant, settings};
use rackflash_sim::module::Runs;
use rackflash_tests::bench::Bench;
use rackflash_tests::racks::{NEW, OLD, all_different};

const LEN: usize = 20_000;
const UPDATE: Duration = Duration::from_secs(60);

/// A program beside the bench's session: it keeps what it is told to, and remembers what it was told.
struct Host {
    bench: Bench,
    settings: Settings,
    kept: Vec<Backup>,
    disk: Disk,
    told: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Disk {
    Good,
    Full,
}

/// One block over another, the start to the end, and 1 KB that would take more than a request.
const MOVES: [Move; 3] = [
    Move { from: 0, to: 16, len: 64 },
    Move { from: 64, to: 3068, len: 4 },
    Move { from: 0, to: 1024, len: 1024 },
];

/// Of the first module's new image; that of the second leaves settings where they are.
fn images(bench: &Bench, below: Version) -> Vec<Resettled> {
    let header: &ImageHeader = bench.session.catalog.headers().next().unwrap();
    vec![Resettled {
        vendor: header.vendor,
        module_type: header.module_type,
        hardware: Hardware::new(1, 1).unwrap(),
        version: NEW,
        layouts: vec![
            Layout { below: OLD, moves: vec![Move { from: 0, to: 4, len: 4 }] },
            Layout { below, moves: MOVES.to_vec() },
        ],
    }]
}

impl Host {
    /// Two modules that run an old version, with settings.
    fn new(below: Version) -> Self {
        let (setup, recipes) = all_different(2, LEN, Variant::Kb64);
        let mut bench = Bench::new(&setup);
        bench.offer_all(&recipes);
        bench.detect();
        let images = images(&bench, below);
        let settings = Settings::new(images);
        let (kept, disk, told) = (Vec::new(), Disk::Good, String::new());
        let mut host = Self { bench, settings, kept, disk, told };
        host.go_on();
        host
    }

    /// Another program on this computer, or on one `with` what was kept elsewhere; it finds out who is there.
    fn again(&mut self, with: Vec<Backup>) {
        let (_, recipes) = all_different(2, LEN, Variant::Kb64);
        self.bench.close();
        self.bench.reload();
        self.bench.offer_all(&recipes);
        self.bench.open(2);
        self.kept.clone_from(&with);
        self.settings = Settings::new(images(&self.bench, NEW));
        with.into_iter().for_each(|backup| self.settings.give(backup));
        self.told += "another program\n";
        self.detect();
    }

    fn go_on(&mut self) {
        loop {
            let now = self.bench.world.now();
            let is_done = self.settings.run(&mut self.bench.session, now);
            for news in self.settings.news() {
                self.told += &match &news {
                    News::Keep(backup) => format!("keep {} bytes\n", backup.eeprom.len()),
                    News::Moved(_) => "moved\n".to_owned(),
                    News::NotMoved(_, problem) => format!("not moved: {}\n", problem.code()),
                    News::Left(_) => "left\n".to_owned(),
                };
                match news {
                    News::Keep(backup) => {
                        let is_kept = self.disk == Disk::Good;
                        self.kept.retain(|kept| kept.name() != backup.name());
                        self.kept.extend(is_kept.then(|| backup.clone()));
                        self.settings.kept(backup, is_kept, &mut self.bench.session, now);
                    }
                    News::Moved(backup) => self.kept.retain(|kept| *kept != backup),
                    News::NotMoved(..) | News::Left(_) => {}
                }
            }
            self.bench.drain();
            if !is_done {
                return;
            }
        }
    }

    fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        let end = self.bench.world.now() + UPDATE;
        while !done(self) {
            assert!(self.bench.world.now() < end, "not done:\n{}", self.told);
            self.bench.step(end);
            self.go_on();
        }
    }

    fn run(&mut self, duration: Duration) {
        let end = self.bench.world.now() + duration;
        while self.bench.world.now() < end {
            self.bench.step(end);
            self.go_on();
        }
    }

    fn detect(&mut self) {
        self.run_until(|host| {
            let session = &host.bench.session;
            session.link_state() == LinkState::Up && !session.is_detecting() && host.is_idle()
        });
    }

    fn is_idle(&self) -> bool {
        self.settings.is_idle() && self.bench.is_done()
    }

    fn update(&mut self) {
        self.bench.click();
        self.go_on();
        self.run_until(Self::is_idle);
    }

    fn is_at_work(&self) -> bool {
        !self.settings.is_idle()
    }

    fn eeprom(&self) -> &[u8] {
        self.bench.world.modules()[0].memory().eeprom()
    }

    /// What was told, and how the updates ended.
    fn story(&self) -> String {
        self.told.clone() + &self.bench.endings()
    }
}

fn before() -> Vec<u8> {
    settings(3072)
}

fn after() -> Vec<u8> {
    let (before, mut after) = (before(), before());
    for Move { from, to, len } in MOVES {
        let [from, to, len] = [from, to, len].map(usize::from);
        after[to..to + len].copy_from_slice(&before[from..from + len]);
    }
    after
}

#[test]
fn moved() {
    let mut host = Host::new(NEW);
    host.update();
    expect![[r#"
        keep 3072 bytes
        moved
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == after());
    assert_eq!(host.bench.world.modules()[0].runs(), Runs::Application(NEW));
    assert!(host.kept.is_empty());
    // Whoever has it has it where it belongs.
    host.again(Vec::new());
    host.update();
    expect![[r#"
        keep 3072 bytes
        moved
        another program
        1: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
        2: Twin Filter 1.1.0 -> 1.1.0 runs: current 0/157 pages
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == after());
}

/// Who runs the version from which on they are where they are.
#[test]
fn moved_before() {
    let mut host = Host::new(OLD);
    host.update();
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == before());
}

/// A backup of an update that never began: somebody has played on since.
#[test]
fn saved_long_ago() {
    let mut host = Host::new(NEW);
    host.bench.click();
    host.run_until(|host| !host.kept.is_empty());
    let old = Backup { eeprom: vec![0; 3072], ..host.kept[0].clone() };
    let mut host = Host::new(NEW);
    host.again(vec![old]);
    host.update();
    expect![[r#"
        another program
        keep 3072 bytes
        moved
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == after());
}

#[test]
fn the_page_is_closed_while_pages_are_written() {
    let mut host = Host::new(NEW);
    host.bench.click();
    host.run_until(|host| !host.kept.is_empty() && host.settings.is_idle());
    host.run(Duration::from_millis(500));
    // The base forgets what it was given.
    host.bench.world.power_cut(Duration::from_millis(300));
    host.again(host.kept.clone());
    host.update();
    expect![[r#"
        keep 3072 bytes
        another program
        moved
        1: Twin Filter nothing -> 1.1.0 runs: updated 121/157 pages
        2: Twin Filter nothing -> 1.1.0 runs: updated 121/157 pages
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == after());
}

/// It has not what was saved, and knows that it has not.
#[test]
fn another_computer_goes_on() {
    let mut host = Host::new(NEW);
    host.bench.click();
    host.run_until(|host| !host.kept.is_empty() && host.settings.is_idle());
    host.run(Duration::from_millis(500));
    host.bench.world.power_cut(Duration::from_millis(300));
    let here = host.kept.clone();
    host.again(Vec::new());
    host.update();
    expect![[r#"
        keep 3072 bytes
        another program
        left
        1: Twin Filter nothing -> 1.1.0 runs: updated 121/157 pages
        2: Twin Filter nothing -> 1.1.0 runs: updated 121/157 pages
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == before());
    // Whoever has it has only to look.
    host.again(here);
    assert!(host.eeprom() == after());
    assert_eq!(host.bench.world.modules()[0].runs(), Runs::Application(NEW));
}

/// The update had ended; nobody has to click again.
#[test]
fn the_page_is_closed_while_settings_are_written() {
    let mut host = Host::new(NEW);
    host.bench.click();
    host.run_until(|host| host.bench.is_done() && host.is_at_work());
    host.run(Duration::from_millis(1500));
    assert!(host.is_at_work(), "{}", host.told);
    host.again(host.kept.clone());
    expect![[r#"
        keep 3072 bytes
        another program
        moved
        1: Twin Filter nothing -> 1.1.0 runs: untouched
        2: Twin Filter nothing -> 1.1.0 runs: untouched
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == after());
    assert_eq!(host.bench.world.modules()[0].runs(), Runs::Application(NEW));
}

#[test]
fn the_cable_is_pulled_while_they_are_read() {
    let mut host = Host::new(NEW);
    host.bench.click();
    host.run_until(Host::is_at_work);
    host.run(Duration::from_millis(20));
    assert!(host.is_at_work() && host.kept.is_empty());
    host.bench.close();
    host.go_on();
    host.bench.open(2);
    host.run_until(|host| host.is_idle() && !host.told.is_empty());
    expect![[r#"
        keep 3072 bytes
        moved
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == after());
}

#[test]
fn the_power_fails_while_they_are_written() {
    let mut host = Host::new(NEW);
    host.bench.click();
    host.run_until(|host| host.bench.is_done() && host.is_at_work());
    host.run(Duration::from_millis(1500));
    host.bench.world.cut_power(0, Duration::from_millis(300));
    host.run_until(Host::is_idle);
    host.run(Duration::from_secs(5));
    host.again(host.kept.clone());
    expect![[r#"
        keep 3072 bytes
        not moved: not-answering
        moved
        another program
        1: Twin Filter nothing -> 1.1.0 runs: untouched
        2: Twin Filter nothing -> 1.1.0 runs: untouched
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == after());
    assert_eq!(host.bench.world.modules()[0].runs(), Runs::Application(NEW));
}

/// The rack loses its power, and another program goes on with what was kept.
#[test]
fn interrupted_at_any_moment() {
    let mut moved = 0;
    for at in 0..80 {
        let mut host = Host::new(NEW);
        host.bench.click();
        host.run(Duration::from_millis(at * 50));
        moved += u32::from(host.told.contains("moved"));
        host.bench.world.power_cut(Duration::from_millis(300));
        host.again(host.kept.clone());
        host.update();
        assert!(host.eeprom() == after(), "{at}: {}", host.story());
        assert_eq!(host.bench.world.modules()[0].runs(), Runs::Application(NEW), "{at}");
        assert!(host.kept.is_empty(), "{at}: {}", host.story());
    }
    assert!((1..20).contains(&moved), "from before the first to behind the last: {moved}");
}

/// Without a copy of them nothing is begun.
#[test]
fn they_cannot_be_read() {
    let mut host = Host::new(NEW);
    host.bench.click();
    host.run_until(Host::is_at_work);
    host.run(Duration::from_millis(20));
    host.bench.world.pull(0);
    host.run_until(|host| host.settings.is_idle());
    host.told += &host.bench.endings();
    host.bench.world.insert(0);
    // It came back while the other was still under way.
    host.run_until(Host::is_idle);
    expect![[r#"
        1: Twin Filter 1.0.0 -> 1.0.0 runs: failed settings-unsaved
        2: Twin Filter 1.0.0 -> nothing interrupted: unfinished
        keep 3072 bytes
        moved
        1: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&host.story());
    assert!(host.eeprom() == after());
}

#[test]
fn they_cannot_be_kept() {
    let mut host = Host::new(NEW);
    host.disk = Disk::Full;
    host.update();
    expect![[r#"
        keep 3072 bytes
        1: Twin Filter 1.0.0 -> 1.0.0 runs: failed settings-unsaved
        2: Twin Filter 1.0.0 -> 1.1.0 runs: updated 157/157 pages
    "#]]
    .assert_eq(&host.story());
    assert_eq!(host.bench.world.modules()[0].runs(), Runs::Application(OLD));
    assert!(host.eeprom() == before());
    host.disk = Disk::Good;
    host.update();
    assert!(host.eeprom() == after());
}

/// What was kept is taken whole, or not at all: it is written into a module.
#[test]
fn a_backup() {
    let backup = Backup {
        uid: Default::default(),
        image: 0x1234_5678,
        moves: MOVES.to_vec(),
        eeprom: before(),
    };
    let bytes = backup.emit();
    assert_eq!(Backup::parse(&bytes), Some(backup.clone()));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert_eq!(Backup::parse(&changed), None, "{at}");
        assert_eq!(Backup::parse(&bytes[..at]), None, "{at}");
    }
    let writes = backup.writes().unwrap();
    assert_eq!(writes[1], (3068, before()[64..68].to_vec()));
    for (from, to) in [(3072, 0), (3069, 0), (0, 3072), (0, 3069)] {
        let moves = vec![Move { from, to, len: 4 }];
        assert_eq!(Backup { moves, ..backup.clone() }.writes(), None, "{from} {to}");
    }
}
