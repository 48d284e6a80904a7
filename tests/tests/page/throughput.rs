//! An update over Web Serial of a rack whose time runs ahead, against bare JavaScript loops over the same port: the page is not
//! the bottleneck, and a page that is pressed for time sends nothing twice.
//!
//! A bare loop writes as many bytes in the same pieces as the page did, and reads as many. Once an echo is behind the terminal
//! that takes no time, and once one that computes as long as the virtual rack did, which has no other processor than the page
//! and is not the page. The page's own share is how fast it is beside the second: what both have in common counts for neither.
//!
//! All three go one after the other in each run, so that other work on the machine meets all of them, and of a fixed number of
//! runs the median counts. What each came to is told, end to end too, and left in target/throughput.json. The page is asked to
//! move nothing, as a user may ask it: there may be no graphics card to draw what moves, and a processor is busy with that for
//! longer than the update takes. The first run, with all that moves, is only told.

use core::time::Duration;
use std::fs;
use std::path::Path;

use rackflash_core::wire::message::Bus;
use rackflash_core::wire::version::Version;
use rackflash_sim::chip::Variant;
use rackflash_sim::images::{ModuleType, Recipe, TWIN_FILTER};
use rackflash_sim::setup::{Installed, ModuleSetup, Setup};
use rackflash_tests::browser::{Behind, Browser, Endless, Tab};
use rackflash_tests::signed::Maker;
use serde_json::{Value, json};

use crate::support::UPDATE;

/// Modules of a type each, so that each gets an image of its own: 2 MB in all.
const MODULES: u16 = 12;
/// As many buses as a base can have, so that they are not the narrow place.
const BUSES: u8 = 4;
const LEN: usize = 176 * 1024;
/// Bytes to the base for each byte of the images: frames around pages and messages, and what follows them. 1.25 on
/// an idle machine. A link that sends again what was only late once made it 18.
const SENT_MAX: f64 = 2.0;
/// What the page must reach of the bare loop before the same far side.
const SHARE_MIN: f64 = 0.5;
/// How many runs there are, whatever comes of them: with less, one that something else disturbed weighs too much.
const RUNS: usize = 9;

#[test]
fn half_as_fast_as_a_loop_before_the_same_far_side_and_nothing_is_sent_twice() {
    let images: Vec<_> = (0..MODULES).map(|number| recipe(number).bytes()).collect();
    let images: Vec<_> = images.iter().map(Vec::as_slice).collect();
    let browser = Browser::start_with(&Maker::example().release(1, &images));
    let line = Endless::new();
    browser.usb().plug(line.path());
    let tab = browser.open();
    tab.run_in_worker(WATCH_WRITES);

    // With all that moves: told, and no more.
    let moving = Run::measure(&tab, &line, "with all that moves");
    tab.reduce_motion();
    let runs: Vec<_> =
        (1..=RUNS).map(|run| Run::measure(&tab, &line, &format!("run {run}"))).collect();
    let mut seconds = 0.0;
    let busy = tab.profile_worker(|| seconds = update(&tab, &line).seconds);
    println!(
        "the worker was at work for {busy:.0?} of an update of {:.0} ms, profiled",
        seconds * 1e3
    );
    let table = json!({
        "goal": SHARE_MIN,
        "median": figures(|figure| median(&runs, figure)),
        "runs": runs.iter().map(Run::json).collect::<Vec<_>>(),
        "with_all_that_moves": moving.json(),
    });
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("throughput.json");
    fs::write(file, format!("{table:#}\n")).expect("a file in target");
    println!("{:#}", table["median"]);
    let share = median(&runs, Run::share);
    assert!(share >= SHARE_MIN, "the page's own share is {share:.2}: {table:#}");
}

/// An update and the two loops behind it, in seconds.
struct Run {
    bytes: u64,
    page: f64,
    /// Of the page's time what the virtual rack computed.
    rack: f64,
    bare: f64,
    /// The loop whose echo computes as long as that.
    same: f64,
}

type Figure = fn(&Run) -> f64;

/// What is told of each run, and the median of all of them. Against the bare loop stand the page end to end, the page without
/// what the rack computed, and, before an echo that computes as long, the page's own share.
const FIGURES: [(&str, Figure); 6] = [
    ("page_bytes_per_s", |run| run.bytes as f64 / run.page),
    ("bare_loop_bytes_per_s", |run| run.bytes as f64 / run.bare),
    ("virtual_rack_s", |run| run.rack),
    ("end_to_end", |run| run.bare / run.page),
    ("without_rack", |run| run.bare / (run.page - run.rack)),
    ("page_share", Run::share),
];

impl Run {
    fn measure(tab: &Tab, line: &Endless, name: &str) -> Self {
        let page = update(tab, line);
        let [bare, same] = [Duration::ZERO, page.rack].map(|busy| {
            line.put(Behind::Echo { of: page.sent, back: page.received, busy });
            tab.run(&bare_loop(&page)).as_f64().expect("milliseconds") / 1000.0
        });
        let Measured { sent, received, ref writes, seconds, rack } = page;
        println!("{name}: {sent} B to the base in {} writes, {received} B back", writes.len());
        let per_byte = sent as f64 / (LEN * usize::from(MODULES)) as f64;
        assert!(per_byte < SENT_MAX, "{per_byte:.2} bytes to the base for each byte of the images");
        let run =
            Self { bytes: sent + received, page: seconds, rack: rack.as_secs_f64(), bare, same };
        println!("  {}", run.json());
        run
    }

    /// The page's own.
    fn share(&self) -> f64 {
        self.same / self.page
    }

    fn json(&self) -> Value {
        figures(|figure| figure(self))
    }
}

/// By their names.
fn figures(value: impl Fn(Figure) -> f64) -> Value {
    FIGURES
        .map(|(name, figure)| (name.to_owned(), Value::from(value(figure))))
        .into_iter()
        .collect()
}

/// The middle one: [`RUNS`] is odd.
fn median(runs: &[Run], figure: Figure) -> f64 {
    let mut figures: Vec<_> = runs.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// What an update was.
struct Measured {
    sent: u64,
    received: u64,
    writes: Vec<u64>,
    seconds: f64,
    rack: Duration,
}

/// Connects to a fresh rack, updates it, and leaves it.
fn update(tab: &Tab, line: &Endless) -> Measured {
    let modules = (0..MODULES).map(|number| {
        let Recipe { module, .. } = recipe(number);
        ModuleSetup::new(number.into(), module, 1, Variant::Kb192, Installed::Blank)
    });
    let mut setup = Setup::empty(1, MODULES.into()).with(modules.collect());
    setup.buses = vec![setup.buses[0]; BUSES.into()];
    for (slot, number) in setup.slots.iter_mut().zip(0..) {
        slot.bus = Bus(number % BUSES);
    }
    line.put(Behind::Rack(Box::new(setup)));
    tab.click("Connect");
    tab.wait_for_status("12 modules can be updated", UPDATE);
    let before = line.traffic();
    tab.run_in_worker("writes.length = 0");
    tab.click("Update all");
    tab.wait_until_up_to_date(UPDATE);
    let after = line.traffic();
    let writes = tab.run_in_worker("writes");
    let report = tab.save_report();
    tab.click("Disconnect");
    tab.wait_for_button("Connect");
    let modules = report["modules"].as_array().into_iter().flatten();
    let took = modules.map(|module| {
        assert_eq!(module["outcome"], "updated", "{module:#}");
        module["proof"]["seconds"].as_f64().expect("seconds")
    });
    Measured {
        sent: after.heard - before.heard,
        received: after.said - before.said,
        writes: writes.as_array().into_iter().flatten().filter_map(Value::as_u64).collect(),
        seconds: took.fold(0.0, f64::max),
        rack: after.rack - before.rack,
    }
}

/// Notes how much the engine writes at once.
const WATCH_WRITES: &str = "
    globalThis.writes = [];
    const { write } = WritableStreamDefaultWriter.prototype;
    WritableStreamDefaultWriter.prototype.write = function (chunk) {
      writes.push(chunk.length);
      return write.call(this, chunk);
    };
    0";

/// Writes as much in the same pieces, one after the other as the page does, and reads as much as the page did meanwhile.
fn bare_loop(page: &Measured) -> String {
    let Measured { writes, sent, received, .. } = page;
    let received = writes.iter().sum::<u64>() * received / sent;
    format!(
        "(async () => {{
           const [port] = await navigator.serial.getPorts();
           await port.open({{ baudRate: 921600, bufferSize: 65536 }});
           const [reader, writer] = [port.readable.getReader(), port.writable.getWriter()];
           const start = performance.now();
           const read = (async () => {{
             for (let got = 0; got < {received};) got += (await reader.read()).value.length;
           }})();
           for (const len of {writes:?}) await writer.write(new Uint8Array(len).fill(len));
           await read;
           const milliseconds = performance.now() - start;
           reader.releaseLock();
           writer.releaseLock();
           await port.close();
           return milliseconds;
         }})()"
    )
}

fn recipe(number: u16) -> Recipe {
    Recipe {
        module: ModuleType { number: 0x200 + number, ..TWIN_FILTER },
        hardware: (1, 1),
        version: Version::new(1, 1, 0),
        len: LEN,
        code: number.into(),
        settings: 3,
    }
}
