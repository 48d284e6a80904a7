//! What goes into a session and what comes out. No behaviour.

use alloc::vec::Vec;

use crate::time::Instant;
use crate::wire::module::Uid;

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The link is open. `entropy` is a fresh random number.
    Opened {
        /// Numbers the session.
        entropy: u32,
    },
    /// Bytes came.
    Link(&'a [u8]),
    /// The link is lost, or was closed.
    Closed,
    /// The time of [`Output::Wait`] has come.
    Wake,
}

/// What the session wants done.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Output {
    /// Send these bytes.
    Send(Vec<u8>),
    /// Nothing until the next input, or until this time.
    Wait(Option<Instant>),
}

/// Which modules to update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Select {
    /// All for which there is an image.
    All,
    /// These.
    Modules(Vec<Uid>),
}

/// How the link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Not open.
    Closed,
    /// Open; no base has answered yet.
    Greeting,
    /// A base has answered, and still works on what an earlier session gave it.
    Finishing,
    /// A base has answered.
    Up,
}
