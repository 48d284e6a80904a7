//! The class the page uses, and the pump behind it: whatever happens (bytes, a timer, a click) ends in [`Shell::pump`].

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
#[cfg(feature = "demo")]
use js_sys::Array;
use js_sys::{Function, Promise};
use rackflash_core::host::catalog::Offer;
use rackflash_core::host::report::Report;
use rackflash_core::host::session::{Input, Output, Select, Session};
use rackflash_core::host::view::{ProblemView, View};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::module::Uid;
use rackflash_release::trust::{self, Keys};
use rackflash_release::{Known, Release, ReleaseError, Unverified};
use wasm_bindgen::prelude::*;

#[cfg(feature = "demo")]
use crate::demo;
use crate::link::Link;
use crate::serial::{Heard, Serial, SerialPort};
use crate::to_js;
use crate::{crypto, manifest};

/// From view to view at the most: what moves in between the page fills in by itself, and a view is more work than an answer.
const VIEW_EVERY_MS: u32 = 100;
/// The demo's steps at the least: finer ones nobody sees, and each costs a timer.
const DEMO_STEP_MS: u32 = 4;
/// How often a session whose port takes no more is told the time.
const STUCK_LOOK_MS: u32 = 250;
/// How long a module blinks.
const BLINK_SECONDS: u8 = 5;

/// Whose releases are taken. The demo's rack is of the example's maker.
const TRUSTED: [&str; 2] = if cfg!(feature = "demo") { trust::EXAMPLE } else { trust::PINNED };

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn milliseconds() -> f64;
}

/// The engine behind the page.
#[wasm_bindgen]
pub struct Engine {
    pub(crate) shell: Rc<RefCell<Shell>>,
    /// Opened, and as much of it as has come; nothing of it is offered before all of it is there.
    release: RefCell<Option<(Release, Vec<Offer>)>>,
}

/// All that the callbacks share.
pub(crate) struct Shell {
    pub(crate) session: Session,
    link: Option<Link>,
    /// Counts links, so that what an old one says is not taken for the new one's.
    link_number: u32,
    /// What the browser knows of the link and the session does not.
    fate: Fate,
    on_view: Function,
    /// When it goes off, and what then.
    wake: Option<(Instant, Timeout)>,
    show: Option<Timeout>,
    #[cfg(feature = "service")]
    pub(crate) loan: Option<crate::service::Lent>,
    #[cfg(feature = "service")]
    pub(crate) settings: crate::service::Kept,
}

/// How the last link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It did not, or the user closed it.
    Fine,
    /// It could not be opened.
    Busy,
    /// It was lost.
    Lost,
    /// It was lost, and could not be opened again so far.
    LostThenBusy,
}

#[cfg(feature = "demo")]
#[wasm_bindgen]
impl Engine {
    /// Connects to the virtual rack.
    pub fn connect_demo(&self) {
        let mut world = demo::World::new();
        world.run_until(now());
        self.shell.borrow_mut().connect(Link::Demo(Box::new(world)));
        pump(&self.shell);
    }

    /// Lets something go wrong in the virtual rack, see `demo.rs`; returns its number, and behind it what is broken then.
    /// Nothing happens to a real one.
    pub fn harm(&self, what: &str) -> Array {
        let told = Array::new();
        let mut shell = self.shell.borrow_mut();
        if let Some(Link::Demo(world)) = &mut shell.link {
            world.run_until(now());
            told.push(&world.harm(what).into());
            for what in world.broken() {
                told.push(&what.into());
            }
        }
        drop(shell);
        pump(&self.shell);
        told
    }
}

#[wasm_bindgen]
impl Engine {
    /// `on_view` is called with each new view, at most ten times a second.
    #[wasm_bindgen(constructor)]
    pub fn new(on_view: Function) -> Self {
        console_error_panic_hook::set_once();
        Self {
            shell: Rc::new(RefCell::new(Shell {
                session: Session::new(),
                link: None,
                link_number: 0,
                fate: Fate::Fine,
                on_view,
                wake: None,
                show: None,
                #[cfg(feature = "service")]
                loan: None,
                #[cfg(feature = "service")]
                settings: Default::default(),
            })),
            release: RefCell::new(None),
        }
    }

    /// Opens a release that is signed with a key that is built in, has at least the counter `known`, and has not expired
    /// `today`. From then on the manifest may be believed; its files are wanted next, in its order. Throws a problem.
    pub async fn open_release(
        &self,
        json: Vec<u8>,
        signature: Vec<u8>,
        known: u32,
        today: String,
    ) -> Result<(), JsValue> {
        let known = Known { counter: known, today: today.parse().ok() };
        let keys = Keys::new(TRUSTED).map_err(|error| problem(&error))?;
        let unverified = Unverified::read(&json, &signature, &keys);
        let unverified = unverified.map_err(|error| problem(&error))?;
        let mut held = Vec::new();
        for claim in unverified.claims() {
            held.push(crypto::holds(claim).await?);
        }
        let mut held = held.into_iter();
        let release = unverified.open(|_| held.next() == Some(true), manifest::parse, known);
        let release = release.map_err(|error| problem(&error))?;
        *self.release.borrow_mut() = Some((release, Vec::new()));
        Ok(())
    }

    /// The next file of the release that was opened. With the last one, its images are offered, and no others. Throws a
    /// problem if it is not the one that was signed; then the release is closed.
    pub async fn add_file(&self, bytes: Vec<u8>) -> Result<(), JsValue> {
        let sha256 = crypto::sha256(&bytes).await?;
        let Some((release, mut offers)) = self.release.take() else { return Ok(()) };
        let Some(part) = release.manifest().images.get(offers.len()) else { return Ok(()) };
        let offer = release.offer_hashed(part, &bytes, &sha256);
        offers.push(offer.map_err(|error| problem(&error))?);
        if offers.len() < release.manifest().images.len() {
            *self.release.borrow_mut() = Some((release, offers));
            return Ok(());
        }
        let mut shell = self.shell.borrow_mut();
        let catalog = &mut shell.session.catalog;
        *catalog = Default::default();
        offers.into_iter().for_each(|offer| catalog.add(offer));
        #[cfg(feature = "service")]
        shell.settings.offer(release.settings());
        drop(shell);
        // A rack that is connected already shows what there is for it now.
        show_soon(&self.shell);
        Ok(())
    }

    /// Connects to a port that the user granted; calls `tried` once it is open, or is not to be had. Ends when the port is
    /// lost, or closed again after [`Engine::disconnect`]. Problems come through the view.
    pub async fn connect_serial(&self, port: SerialPort, tried: Function) {
        let shell = self.shell.clone();
        let serial = Serial::new(port, Box::new(move || pump(&shell)));
        let number = Cell::new(0);
        serial
            .run(|heard| {
                let mut shell = self.shell.borrow_mut();
                let first = matches!(heard, Heard::Busy | Heard::Opened);
                match heard {
                    Heard::Busy => shell.fail_to_open(),
                    Heard::Opened => {
                        shell.connect(Link::Serial(serial.clone()));
                        number.set(shell.link_number);
                    }
                    _ if shell.link_number != number.get() => return,
                    Heard::Bytes(bytes) => shell.session.handle(Input::Link(&bytes), now()),
                    Heard::Lost => shell.lose(),
                }
                drop(shell);
                pump(&self.shell);
                if first {
                    let _ = tried.call0(&JsValue::NULL);
                }
            })
            .await;
    }

    /// Closes the link. What the base was given it does to the end.
    pub fn disconnect(&self) -> Option<Promise> {
        let link = self.shell.borrow_mut().close();
        pump(&self.shell);
        if let Some(Link::Serial(serial)) = link { serial.close() } else { None }
    }

    /// Updates the module with this unique id, or all.
    pub fn update(&self, uid: Option<String>) {
        let mut shell = self.shell.borrow_mut();
        let select = match uid {
            None => Select::All,
            Some(uid) => Select::Modules(shell.uid(&uid).into_iter().collect()),
        };
        shell.session.update(&select, now());
        drop(shell);
        pump(&self.shell);
    }

    /// Makes a module blink.
    pub fn blink(&self, uid: &str) {
        let mut shell = self.shell.borrow_mut();
        if let Some(uid) = shell.uid(uid) {
            shell.session.blink(uid, BLINK_SECONDS, now());
        }
        drop(shell);
        pump(&self.shell);
    }

    /// What was proven, module by module.
    pub fn report(&self) -> JsValue {
        to_js(&Report::of(&self.shell.borrow().session))
    }

    /// What was said on the link, from entry number `from` on; `tools` puts it into words. Behind the last entry it is empty.
    pub fn transcript(&self, from: u32) -> Vec<u8> {
        self.shell.borrow().session.transcript().bytes(from.into())
    }
}

/// As the page has words for it.
fn problem(error: &ReleaseError) -> JsValue {
    let of = match error {
        ReleaseError::Image { error, .. } => ProblemView::from(error),
        _ => ProblemView::new(""),
    };
    to_js(&ProblemView { code: error.code(), ..of })
}

impl core::fmt::Debug for Engine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Engine")
    }
}

impl Shell {
    fn forget(&mut self) {
        let catalog = core::mem::take(&mut self.session.catalog);
        self.session = Session::new();
        self.session.catalog = catalog;
    }

    fn connect(&mut self, link: Link) {
        // After a loss it goes on; anything else starts anew.
        if !matches!(self.fate, Fate::Lost | Fate::LostThenBusy) {
            self.forget();
        }
        self.link = Some(link);
        self.link_number += 1;
        self.open();
    }

    fn open(&mut self) {
        self.fate = Fate::Fine;
        // Numbers a session; nothing is kept secret by it.
        let entropy = js_sys::Math::random().to_bits();
        let entropy = u32::try_from((entropy ^ entropy >> 32) & 0xffff_ffff).unwrap_or(1);
        self.session.handle(Input::Opened { entropy }, now());
    }

    fn fail_to_open(&mut self) {
        self.fate = match self.fate {
            Fate::Fine | Fate::Busy => Fate::Busy,
            Fate::Lost | Fate::LostThenBusy => Fate::LostThenBusy,
        };
    }

    fn lose(&mut self) {
        self.link = None;
        self.link_number += 1;
        self.fate = Fate::Lost;
        self.session.handle(Input::Closed, now());
    }

    /// The virtual rack's port comes and goes with its cable and its power, as a real one does.
    fn mind_demo(&mut self) {
        let Some(Link::Demo(world)) = &self.link else { return };
        match (world.is_connected(), self.fate) {
            (false, Fate::Fine) => {
                self.fate = Fate::Lost;
                self.session.handle(Input::Closed, now());
            }
            (true, Fate::Lost) => self.open(),
            _ => {}
        }
    }

    fn close(&mut self) -> Option<Link> {
        self.link_number += 1;
        self.fate = Fate::Fine;
        self.session.handle(Input::Closed, now());
        self.forget();
        self.link.take()
    }

    /// The module that the page calls so.
    pub(crate) fn uid(&self, text: &str) -> Option<Uid> {
        let rack = self.session.rack();
        rack.modules.iter().map(|module| module.identity.uid).find(|uid| uid.to_string() == text)
    }

    fn view(&self) -> View {
        let mut view = View::of(&self.session, now());
        view.link.kind = self.link.as_ref().map(Link::kind);
        if matches!(self.fate, Fate::Lost | Fate::LostThenBusy) {
            (view.link.state, view.link.kind) = ("lost", view.link.kind.or(Some("serial")));
        }
        // What a visitor of the demo broke is told where it was broken. A bus that is held low has more to say: its slots.
        #[cfg(feature = "demo")]
        if matches!(self.link, Some(Link::Demo(_))) {
            view.link.problem.take_if(|problem| problem.slots.is_empty());
            return view;
        }
        let code = match self.fate {
            Fate::Fine => return view,
            Fate::Busy | Fate::LostThenBusy => "port-busy",
            Fate::Lost => "port-lost",
        };
        view.link.problem = Some(ProblemView::new(code));
        view
    }
}

/// Drains the session, lets the virtual rack live, and sets the timers for what comes next.
pub(crate) fn pump(shell: &Rc<RefCell<Shell>>) {
    let next = {
        let mut guard = shell.borrow_mut();
        loop {
            let now = now();
            let said = guard.link.as_mut().map(|link| link.live(now)).unwrap_or_default();
            guard.mind_demo();
            let shell = &mut *guard;
            let (session, link) = (&mut shell.session, &mut shell.link);
            if !said.is_empty() {
                session.handle(Input::Link(&said), now);
            }
            if link.as_ref().is_some_and(|link| !link.has_room()) {
                // The end of the write under way brings back here. If it does not end, time still passes.
                break Some(now + Duration::from_millis(STUCK_LOOK_MS.into()));
            }
            match session.poll(now) {
                Output::Send(bytes) => {
                    if let Some(link) = link {
                        link.send(&bytes);
                    }
                }
                #[cfg(feature = "service")]
                Output::Wait(_) if shell.settings.run(session, now) => {}
                Output::Wait(at) => {
                    let demo = link.as_ref().and_then(Link::next_event);
                    let step =
                        demo.map(|at| at.max(now + Duration::from_millis(DEMO_STEP_MS.into())));
                    break at.into_iter().chain(step).min();
                }
            }
        }
    };
    if let Some(at) = next {
        wake_at(shell, at);
    }
    show_soon(shell);
    #[cfg(feature = "service")]
    {
        crate::service::tell_borrower(shell);
        crate::service::tell_keeper(shell);
    }
}

/// Wakes the session at `at` at the latest. Deadlines move on with every byte that comes, and a timer costs as much as all else
/// that is done for it: one that is set for earlier stays, and what it wakes too early sets the next.
fn wake_at(shell: &Rc<RefCell<Shell>>, at: Instant) {
    if shell.borrow().wake.as_ref().is_some_and(|(set, _)| *set <= at) {
        return;
    }
    let awake = shell.clone();
    // Rounded up: a timer that fires early would only be set again.
    let millis = u32::try_from(at.since(now()).as_micros().div_ceil(1000)).unwrap_or(u32::MAX);
    let timeout = Timeout::new(millis, move || {
        let mut shell = awake.borrow_mut();
        shell.wake = None;
        shell.session.handle(Input::Wake, now());
        drop(shell);
        pump(&awake);
    });
    // Dropping the timer from before cancels it.
    shell.borrow_mut().wake = Some((at, timeout));
}

fn show_soon(shell: &Rc<RefCell<Shell>>) {
    if shell.borrow().show.is_some() {
        return;
    }
    let show = shell.clone();
    let timeout = Timeout::new(VIEW_EVERY_MS, move || {
        let (on_view, view) = {
            let mut shell = show.borrow_mut();
            shell.show = None;
            (shell.on_view.clone(), to_js(&shell.view()))
        };
        // Nothing is borrowed any more: the page may call back.
        let _ = on_view.call1(&JsValue::NULL, &view);
    });
    shell.borrow_mut().show = Some(timeout);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a page's age in microseconds"
)]
pub(crate) fn now() -> Instant {
    Instant::from_micros((milliseconds() * 1000.0) as u64)
}
