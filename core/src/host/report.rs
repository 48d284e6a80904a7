//! What was proven, module by module: to be saved, printed and sent to somebody.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::problem::{LinkProblem, Problem};
use super::rack::{Ended, Module, Phase, Rack, text};
use super::session::Session;
use super::view::{as_map, trial_code, why_code};
use crate::wire::message::Bus;

/// Of the modules that have been seen since the link was opened; nobody is forgotten while an update is under way, and then who
/// left first, see [`MODULES_MAX`](super::rack::MODULES_MAX).
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The form of this report.
    pub format: u32,
    /// The program that wrote it.
    pub program: String,
    /// What the base is called.
    pub base: Option<String>,
    /// The modules.
    pub modules: Vec<ModuleReport>,
    /// Buses on which there may be others that nobody could reach.
    pub buses: Vec<BusReport>,
}

as_map!(Report { "format": format, "program": program, "base": base, "modules": modules, "buses": buses });

/// A bus on which something is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct BusReport {
    /// Which.
    pub bus: u8,
    /// Its slots, counted from 1.
    pub slots: Vec<u8>,
    /// The cause's code.
    pub cause: &'static str,
}

as_map!(BusReport { "bus": bus, "slots": slots, "cause": cause });

/// One module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleReport {
    /// Its unique id.
    pub uid: String,
    /// Its unique id as people read it out.
    pub serial: String,
    /// The name of its type.
    pub name: String,
    /// Its slot, counted from 1.
    pub slot: Option<u8>,
    /// Its bus.
    pub bus: u8,
    /// Its address.
    pub address: u8,
    /// Whether it was there at the end, as far as anybody could know: not on a bus that is held low.
    pub present: bool,
    /// What it ran before.
    pub from: Option<String>,
    /// What it holds by its own record.
    pub to: Option<String>,
    /// Whether that has been confirmed.
    pub trial: Option<&'static str>,
    /// `runs`, or why it waits in its loader.
    pub state: &'static str,
    /// `untouched`, `unfinished`, `updated`, `current`, `refused` or `failed`.
    pub outcome: &'static str,
    /// The cause's code, if it was refused or failed.
    pub cause: Option<&'static str>,
    /// What was read back over its flash, if it was.
    pub proof: Option<ProofReport>,
}

as_map!(ModuleReport { "uid": uid, "serial": serial, "name": name, "slot": slot, "bus": bus, "address": address, "present": present, "from": from, "to": to, "trial": trial, "state": state, "outcome": outcome, "cause": cause, "proof": proof });

/// What was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct ProofReport {
    /// The digest of the flash, computed by the module.
    pub digest: String,
    /// Bytes it covers.
    pub len: u32,
    /// Pages of the image.
    pub pages: u16,
    /// Pages that were sent; the others held their bytes already.
    pub pages_sent: u16,
    /// From the start of the update to its end.
    pub seconds: f32,
}

as_map!(ProofReport { "digest": digest, "len": len, "pages": pages, "pagesSent": pages_sent, "seconds": seconds });

impl Report {
    /// Of a session.
    pub fn of(session: &Session) -> Self {
        let rack = session.rack();
        Self {
            format: 1,
            program: concat!("Rackflash ", env!("CARGO_PKG_VERSION")).to_string(),
            base: rack.base.map(|base| text(&base.name)),
            modules: rack.modules.iter().map(|m| ModuleReport::of(m, &rack)).collect(),
            buses: rack.bus_problems.iter().map(|problem| BusReport::of(problem, &rack)).collect(),
        }
    }
}

impl BusReport {
    fn of((bus, problem): &(Bus, LinkProblem), rack: &Rack) -> Self {
        Self { bus: bus.0, slots: rack.slots_on(*bus), cause: problem.code() }
    }
}

impl ModuleReport {
    fn of(module: &Module, rack: &Rack) -> Self {
        let (outcome, proof) = match &module.phase {
            Phase::Idle => ("untouched", None),
            Phase::Ended(Ended::Updated(proof)) => ("updated", Some(proof)),
            Phase::Ended(Ended::Current(proof)) => ("current", Some(proof)),
            Phase::Ended(Ended::Refused(_)) => ("refused", None),
            Phase::Ended(Ended::Failed(_)) => ("failed", None),
            _ => ("unfinished", None),
        };
        let identity = &module.identity;
        Self {
            uid: identity.uid.to_string(),
            serial: module.serial(),
            name: text(&identity.name),
            slot: rack.slot_of(module).map(|slot| slot.saturating_add(1)),
            bus: module.bus.0,
            address: module.address.get(),
            present: rack.is_here(module),
            from: module.before.map(|version| version.to_string()),
            to: module.installed().map(|version| version.to_string()),
            trial: identity.application().map(|_| trial_code(identity.trial)),
            state: why_code(identity.why),
            outcome,
            cause: module.problem().map(Problem::code),
            proof: proof.map(|proof| ProofReport {
                digest: alloc::format!("{:08x}", proof.digest),
                len: proof.len,
                pages: proof.pages,
                pages_sent: proof.pages_sent,
                seconds: proof.took.as_secs_f32(),
            }),
        }
    }
}
