//! What the host knows of the rack: who is there, what it runs, and how its update goes. Knows no protocol.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub use super::problem::{LinkProblem, Problem};
use super::target::LastTag;
use crate::time::{Duration, Instant};
use crate::wire::Hex;
use crate::wire::check::Address;
use crate::wire::identity::Identity;
use crate::wire::message::{Bus, Here, SLOTS_MAX, Welcome};
use crate::wire::module::{State, Uid};
use crate::wire::version::Version;

/// How many modules are kept in mind: the racks of eight full bases, and what a bench on which modules are filled sees in a day.
/// Every picture goes through them all.
pub const MODULES_MAX: usize = 8 * SLOTS_MAX;
/// How many are in all, while an update runs of whose modules none may be forgotten: what comes then is not taken in.
const MODULES_SEEN_MAX: usize = 2 * MODULES_MAX;

/// The modules that have been seen since the link was opened; of those that have left only the newest, see [`MODULES_MAX`].
#[derive(Debug, Default)]
pub struct Rack {
    /// The base, once it has answered.
    pub base: Option<Welcome>,
    /// The modules, in the order they were found.
    pub modules: Vec<Module>,
    /// Buses on which modules cannot be told from each other, or not be given an address.
    pub bus_problems: Vec<(Bus, LinkProblem)>,
}

/// One module.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its bus.
    pub bus: Bus,
    /// Its address.
    pub address: Address,
    /// What it says of itself.
    pub identity: Identity,
    /// Where it stood when it was read last.
    pub state: State,
    /// Whether it is there.
    pub presence: Presence,
    /// How far its update is.
    pub phase: Phase,
    /// What it ran before this update.
    pub before: Option<Version>,
    /// Whether all that is left of its update has been queued: nothing the host will hear changes what it sends.
    pub(super) is_queued: bool,
    /// Whether somebody else speaks to it: see [`super::loan`].
    pub(super) is_lent: bool,
    /// Whether its update waits for somebody who speaks to it before: see [`super::settings`].
    pub(super) is_held: bool,
    pub(super) last_tag: LastTag,
}

/// Whether a module is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It answers.
    Here,
    /// It answered before.
    Gone,
}

/// How far an update is.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// None was asked for.
    Idle,
    /// Its turn has not come.
    Waiting,
    /// The host finds out what the flash holds.
    Comparing,
    /// Pages are on their way.
    Writing {
        /// 0 to 1.
        progress: f32,
    },
    /// The module checks the whole image.
    Verifying,
    /// The new application starts.
    Starting,
    /// It ended.
    Ended(Ended),
}

/// How an update ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The module runs the image, and its flash holds it.
    Updated(Proof),
    /// It had it already.
    Current(Proof),
    /// The image is not for it, or it would not take it. Nothing was changed.
    Refused(Problem),
    /// It did not work; the module waits in its loader or runs what it ran before.
    Failed(Problem),
}

/// What was read back from a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What it runs.
    pub version: Version,
    /// The digest of its flash, computed by the module after the update.
    pub digest: u32,
    /// Bytes it covers.
    pub len: u32,
    /// Pages that were sent.
    pub pages_sent: u16,
    /// Pages of the image.
    pub pages: u16,
    /// From the start of its update to its end.
    pub took: Duration,
}

impl Module {
    /// Its number in the form people can read out: the last four bytes of its unique id.
    pub fn serial(&self) -> String {
        let [.., a, b, c, d] = self.identity.uid.0;
        alloc::format!("{a:02X}{b:02X}-{c:02X}{d:02X}")
    }

    /// The name of its type.
    pub fn name(&self) -> String {
        text(&self.identity.name)
    }

    /// Whether an update of it is under way.
    pub fn is_updating(&self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Waiting | Phase::Ended(_))
    }

    /// Whether its update was asked for and has not ended: it goes on after a loss of the link, or of the module.
    pub(super) fn is_wanted(&self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Ended(_))
    }

    /// Whether it is there and nobody speaks to it, nor wants to.
    pub(super) fn is_free(&self) -> bool {
        self.presence == Presence::Here && !self.is_wanted() && !self.is_lent
    }

    /// Whether somebody else may speak to it.
    pub(super) fn can_be_lent(&self) -> bool {
        let waits = self.is_held && self.phase == Phase::Waiting;
        self.presence == Presence::Here && !self.is_lent && (waits || !self.is_wanted())
    }

    /// It has said anew who it is, and what it runs: a proof of something else is history.
    pub(super) fn renew(&mut self, state: State, identity: Identity) {
        (self.state, self.identity) = (state, identity);
        let runs = self.identity.application().map(|runs| runs.digest);
        if self.proof().is_some_and(|proof| runs != Some(proof.digest)) {
            self.phase = Phase::Idle;
        }
    }

    /// What its update has proven.
    pub(super) fn proof(&self) -> Option<&Proof> {
        match &self.phase {
            Phase::Ended(Ended::Updated(proof) | Ended::Current(proof)) => Some(proof),
            _ => None,
        }
    }

    /// Why its update ended otherwise than it should have.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.phase {
            Phase::Ended(Ended::Refused(problem) | Ended::Failed(problem)) => Some(problem),
            _ => None,
        }
    }

    /// What it runs.
    pub fn installed(&self) -> Option<Version> {
        self.identity.application().map(|application| application.version)
    }
}

impl Rack {
    /// The module with this id.
    pub fn module(&self, uid: Uid) -> Option<&Module> {
        self.modules.iter().find(|module| module.identity.uid == uid)
    }

    /// The module with this id.
    pub(super) fn module_mut(&mut self, uid: Uid) -> Option<&mut Module> {
        self.modules.iter_mut().find(|module| module.identity.uid == uid)
    }

    /// The slot a module sits in: its address tells, or the address its slot gave it if nobody else is there.
    pub fn slot_of(&self, module: &Module) -> Option<u8> {
        self.slot(module.bus, module.address).or_else(|| {
            let home = Address::new(module.identity.home)?;
            self.holder(module.bus, home).is_none().then(|| self.slot(module.bus, home))?
        })
    }

    /// The slot whose wiring gives this address.
    pub fn slot(&self, bus: Bus, address: Address) -> Option<u8> {
        let slots = self.base.as_ref()?.slots;
        let at = slots.iter().position(|slot| slot.bus == bus && slot.address == address.get())?;
        u8::try_from(at).ok()
    }

    /// The slots on a bus, counted from 1.
    pub fn slots_on(&self, bus: Bus) -> Vec<u8> {
        let slots = (1..).zip(self.base.iter().flat_map(|base| base.slots.iter()));
        slots.filter(|(_, slot)| slot.bus == bus).map(|(number, _)| number).collect()
    }

    /// A module has said who it is.
    pub(super) fn found(
        &mut self,
        bus: Bus,
        address: Address,
        (state, identity): (State, Identity),
        last_tag: LastTag,
    ) {
        // Nobody else can be where it is.
        self.gone(bus, address);
        let is_full = self.modules.len() >= MODULES_SEEN_MAX;
        match self.module_mut(identity.uid) {
            Some(module) => {
                (module.bus, module.address, module.presence) = (bus, address, Presence::Here);
                module.renew(state, identity);
                module.last_tag.set(last_tag.get());
            }
            None if !is_full => self.modules.push(Module {
                bus,
                address,
                identity,
                state,
                presence: Presence::Here,
                phase: Phase::Idle,
                before: None,
                is_queued: false,
                is_lent: false,
                is_held: false,
                last_tag,
            }),
            None => {}
        }
    }

    /// Of those that have left the first that was found, where there are too many.
    pub(super) fn forget_one(&mut self) {
        let is_gone = |module: &Module| module.presence == Presence::Gone;
        if self.modules.len() > MODULES_MAX
            && let Some(at) = self.modules.iter().position(is_gone)
        {
            self.modules.remove(at);
        }
    }

    /// What is wrong on a bus; nothing if it is fine.
    pub(super) fn set_bus_problem(&mut self, bus: Bus, problem: Option<LinkProblem>) {
        if let Some(at) = self.bus_problems.iter().position(|(other, _)| *other == bus) {
            self.bus_problems.remove(at);
        }
        if let Some(problem) = problem {
            self.bus_problems.push((bus, problem));
        }
    }

    /// What the base says of an address says, too, whether its bus is held low.
    pub(super) fn set_held(&mut self, bus: Bus, here: Here) {
        if here == Here::Held || self.is_held_low(bus) {
            let problem = (here == Here::Held).then_some(LinkProblem::BusStuck);
            self.set_bus_problem(bus, problem);
        }
    }

    /// Whether a module answers: on a bus that is held low none does.
    pub(super) fn is_here(&self, module: &Module) -> bool {
        module.presence == Presence::Here && !self.is_held_low(module.bus)
    }

    fn is_held_low(&self, bus: Bus) -> bool {
        self.bus_problems.contains(&(bus, LinkProblem::BusStuck))
    }

    /// Nothing answers there any more. Where nobody asks for an address, nobody's is in question.
    pub(super) fn gone(&mut self, bus: Bus, address: Address) {
        if address == Address::ENUMERATION {
            self.set_bus_problem(bus, None);
        }
        for module in &mut self.modules {
            if module.bus == bus && module.address == address {
                module.presence = Presence::Gone;
            }
        }
    }

    /// Who is known to hold an address.
    pub(super) fn holder(&self, bus: Bus, address: Address) -> Option<Uid> {
        let holds =
            |m: &&Module| m.bus == bus && m.address == address && m.presence == Presence::Here;
        self.modules.iter().find(holds).map(|module| module.identity.uid)
    }

    /// The addresses that modules hold, a bit each.
    pub(super) fn held(&self, bus: Bus) -> u128 {
        self.addresses(bus, |module| module.presence == Presence::Here)
    }

    /// The addresses at which an update is under way, or a loan. Nobody else may ask anything there: a request of the same number
    /// would be taken for the update's own.
    pub(super) fn updating(&self, bus: Bus) -> u128 {
        self.addresses(bus, |module| module.is_updating() || module.is_lent)
    }

    fn addresses(&self, bus: Bus, of: fn(&Module) -> bool) -> u128 {
        let modules = self.modules.iter().filter(|module| module.bus == bus && of(module));
        modules.fold(0, |addresses, module| addresses | 1 << module.address.get())
    }

    /// Whether any module's update was asked for and has not ended.
    pub(super) fn is_wanted(&self) -> bool {
        self.modules.iter().any(Module::is_wanted)
    }

    /// Whether all that is left of the updates has been queued.
    pub(super) fn is_all_queued(&self) -> bool {
        let mut left = self.modules.iter().filter(|module| module.is_wanted());
        left.all(|module| module.is_queued && module.is_updating())
    }

    /// Whoever was lent a module speaks to it no more.
    pub(super) fn give_back(&mut self, uid: Uid) {
        if let Some(module) = self.module_mut(uid) {
            module.is_lent = false;
        }
    }

    pub(super) fn set_queued(&mut self, uid: Uid, is_queued: bool) {
        if let Some(module) = self.module_mut(uid) {
            module.is_queued = is_queued;
        }
    }

    pub(super) fn set_phase(&mut self, uid: Uid, phase: Phase) {
        if let Some(module) = self.module_mut(uid) {
            module.phase = phase;
        }
    }
}

/// Text out of a zero-padded field. What is no text is shown as bytes.
pub(super) fn text(bytes: &[u8]) -> String {
    let shown = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    match str::from_utf8(shown) {
        Ok(text) if !text.contains(misleads) => text.to_string(),
        _ => Hex(shown).to_string(),
    }
}

/// Whether it can change how what stands beside it is read: Unicode's directional formatting, and what terminals obey.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The time as tasks see it: set before they are polled.
pub(super) type Clock = core::cell::Cell<Instant>;
