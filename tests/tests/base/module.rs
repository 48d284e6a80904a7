//! Modules on the bench's buses: each answers as its test has scripted it.

use std::collections::{BTreeMap, VecDeque};

use rackflash_core::base::{BusError, Direction, Transfer};
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::Hex;
use rackflash_core::wire::message::Bus;

/// How a module answers one transaction after another.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    script: VecDeque<Answer>,
    then: Answer,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It takes a write; a read brings these bytes, over and over.
    Says(Vec<u8>),
    Fails(BusError),
}

/// A transaction on a bus.
pub(crate) struct Running {
    pub(crate) ends: Instant,
    pub(crate) result: Result<Vec<u8>, BusError>,
}

impl Module {
    /// It is there, and says 0.
    pub(crate) fn new() -> Self {
        Self { script: VecDeque::new(), then: says([0]) }
    }

    /// Answers the next transactions so, before all others.
    pub(crate) fn first(&mut self, answers: impl IntoIterator<Item = Answer>) -> &mut Self {
        self.script.extend(answers);
        self
    }

    /// Answers so when nothing else is scripted.
    pub(crate) fn then(&mut self, answer: Answer) -> &mut Self {
        self.then = answer;
        self
    }
}

pub(crate) fn says<const N: usize>(bytes: [u8; N]) -> Answer {
    Answer::Says(bytes.to_vec())
}

pub(crate) fn fails(error: BusError) -> Answer {
    Answer::Fails(error)
}

/// Starts a transaction; returns its bus and its line in the transcript too.
pub(crate) fn start(
    modules: &mut BTreeMap<(u8, u8), Module>,
    transfer: &Transfer<'_>,
    now: Instant,
) -> (Bus, Running, String) {
    let Transfer { bus, clock_hz, address, direction } = *transfer;
    let module = modules.get_mut(&(bus.0, address.get()));
    let answer =
        module.map(|module| module.script.pop_front().unwrap_or_else(|| module.then.clone()));
    let (bytes, what, mut result) = match direction {
        Direction::Write(bytes) => (bytes.len(), format!("write {}", Hex(bytes)), Ok(Vec::new())),
        Direction::Read(len) => {
            let says = match &answer {
                Some(Answer::Says(says)) => says.iter().copied().cycle().take(len).collect(),
                _ => Vec::new(),
            };
            (len, format!("read {len}"), Ok(says))
        }
    };
    let mut clocks = 9 * (bytes as u64 + 1);
    match answer {
        None => (result, clocks) = (Err(BusError::NoAnswer), 9),
        Some(Answer::Fails(error)) => result = Err(error),
        Some(Answer::Says(_)) => {}
    }
    let ends = now + Duration::from_micros(clocks * 1_000_000 / u64::from(clock_hz));
    let outcome = match &result {
        Ok(read) if read.is_empty() => "ok".to_owned(),
        Ok(read) => Hex(read).to_string(),
        Err(error) => format!("{error:?}"),
    };
    let line = format!("== {bus} {} kHz {address} {what}: {outcome}", clock_hz / 1000);
    (bus, Running { ends, result }, line)
}
