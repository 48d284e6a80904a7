//! The native link: a serial port, a thread that reads it, and the loop that feeds a session. Knows no protocol.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Instant as Clock, SystemTime, UNIX_EPOCH};

use rackflash_core::host::session::{Input, LinkProblem, Output, Session};
use rackflash_core::time::{Duration, Instant};
use serialport::SerialPort;

use crate::settings::Keeper;

/// The rate asked for. A USB CDC bridge ignores it; a real UART bridge keeps up with it.
const BAUD_RATE: u32 = 921_600;
/// How long a read waits, so that the thread ends when the port is closed.
const READ_TIMEOUT: Duration = Duration::from_millis(200);
/// The longest the loop sleeps: the progress bars' pace.
const TICK: Duration = Duration::from_millis(50);

/// Why there is no base to speak with. The user must act.
#[derive(Debug)]
pub(crate) enum LinkError {
    /// The port cannot be opened.
    Open { port: String, error: serialport::Error },
    /// The port was lost.
    Lost { port: String },
    /// What answers is no base of ours, or nothing does.
    Problem { port: String, problem: LinkProblem },
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { port, error } => {
                let advice = match error.kind() {
                    serialport::ErrorKind::Io(ErrorKind::NotFound) => {
                        "check its name, and that the base card is plugged in"
                    }
                    serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => {
                        "you may not use it; on Linux join the group it belongs to, often dialout"
                    }
                    _ => "close whatever else uses it, and check that it is a serial port",
                };
                write!(f, "{port} cannot be opened ({error}); {advice}")
            }
            Self::Lost { port } => {
                write!(
                    f,
                    "{port} was lost; plug the cable in and run the command again: it goes on where it was"
                )
            }
            Self::Problem { port, problem } => write!(f, "{port}: {problem}"),
        }
    }
}

impl core::error::Error for LinkError {}

/// An open port with a session on it.
pub(crate) struct Link {
    pub(crate) session: Session,
    /// Of none, unless an update moves some.
    pub(crate) keeper: Keeper,
    name: String,
    port: Box<dyn SerialPort>,
    heard: Receiver<Vec<u8>>,
    started: Clock,
}

impl Link {
    /// Opens the port and starts a session.
    pub(crate) fn open(name: &str) -> Result<Self, LinkError> {
        let failed = |error| LinkError::Open { port: name.to_owned(), error };
        let port =
            serialport::new(name, BAUD_RATE).timeout(READ_TIMEOUT.into()).open().map_err(failed)?;
        let mut reader = port.try_clone().map_err(failed)?;
        let (tell, heard) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                match reader.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(len) => {
                        if tell.send(buffer[..len].to_vec()).is_err() {
                            break;
                        }
                    }
                    Err(error)
                        if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                    }
                    Err(_) => break,
                }
            }
        });
        let mut link = Self {
            session: Session::new(),
            keeper: Keeper::default(),
            name: name.to_owned(),
            port,
            heard,
            started: Clock::now(),
        };
        // Numbers a session; nothing is kept secret by it.
        let entropy =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.subsec_nanos());
        let now = link.now();
        link.session.handle(Input::Opened { entropy: entropy ^ std::process::id() }, now);
        Ok(link)
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::from_micros(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Runs until `done` says so, and no settings are under way; `done` is asked at least every [`TICK`].
    pub(crate) fn run_until(
        &mut self,
        mut done: impl FnMut(&Session, Instant) -> bool,
    ) -> Result<(), LinkError> {
        loop {
            let wait = match self.session.poll(self.now()) {
                Output::Send(bytes) => {
                    self.port.write_all(&bytes).map_err(|_| self.lost())?;
                    continue;
                }
                Output::Wait(at) => at.map_or(TICK, |at| at.since(self.now()).min(TICK)),
            };
            if let Some(problem) = self.session.link_problem().filter(LinkProblem::is_fatal) {
                return Err(LinkError::Problem { port: self.name.clone(), problem });
            }
            let now = self.now();
            if self.keeper.run(&mut self.session, now) {
                continue;
            }
            if done(&self.session, now) && self.keeper.is_idle() {
                return Ok(());
            }
            match self.heard.recv_timeout(wait.into()) {
                Ok(bytes) => self.session.handle(Input::Link(&bytes), self.now()),
                Err(RecvTimeoutError::Timeout) => self.session.handle(Input::Wake, self.now()),
                Err(RecvTimeoutError::Disconnected) => return Err(self.lost()),
            }
        }
    }

    fn lost(&self) -> LinkError {
        LinkError::Lost { port: self.name.clone() }
    }
}
