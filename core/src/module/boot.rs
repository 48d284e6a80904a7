//! What to start after a reset: one pure function. Refuses to write: the caller programs the attempt's mark.

use super::flash::{erased_word, hash};
use super::journal::Journal;
use super::record::{self, ATTEMPTS_MAX, Marks, Record};
use super::{Chip, Config, WORD_SPAN};
use crate::wire::identity::{Trial, Why};

/// What was left in RAM before the reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing: the power came, or the application is meant to start.
    Nothing,
    /// The loader.
    Loader,
    /// The application, which the loader has proven just before: its digest need not be computed again. Left by
    /// [`super::Step::RestartApplication`], in a word that RAM holds by chance once in four thousand million times.
    Application,
}

/// What to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The application.
    Application {
        /// Where [`ATTEMPT`] must be programmed before the jump: it has not been confirmed yet.
        attempt: Option<u32>,
    },
    /// The loader.
    Loader(Why),
}

/// The word that marks an attempt. Whether it took is not looked at: an application may start once too often rather than
/// never.
pub const ATTEMPT: u32 = record::MARK;

/// What to start. Reads the whole application: 6 cycles a byte on a Cortex-M0+, 12 ms for 64 KB at 32 MHz.
pub fn decide(config: &Config, chip: &impl Chip, asked: Asked) -> Start {
    let geometry = &config.identity.geometry;
    let start = geometry.application_start;
    let marks = Marks::read(geometry, chip);
    let spent = marks.trial == Trial::Pending && marks.attempts() >= ATTEMPTS_MAX;
    if asked == Asked::Loader {
        // An application that answered in its last attempt cannot be started again: whoever asks must know.
        return Start::Loader(if spent { Why::NeverConfirmed } else { Why::Requested });
    }
    let Some(Record { installed, .. }) = Record::read(&config.identity, chip) else {
        let (stack, reset) = (chip.word(start), chip.word(start.wrapping_add(WORD_SPAN)));
        let erased = erased_word(geometry);
        let untouched =
            stack == erased && reset == erased && !Journal::read(geometry, chip).exists();
        return Start::Loader(if untouched { Why::Blank } else { Why::Interrupted });
    };
    if asked != Asked::Application && hash(chip, start, installed.len) != installed.digest {
        return Start::Loader(Why::Damaged);
    }
    if spent {
        return Start::Loader(Why::NeverConfirmed);
    }
    let attempt = marks.trial == Trial::Pending;
    Start::Application {
        attempt: attempt.then(|| record::mark_address(geometry, marks.attempts())),
    }
}
