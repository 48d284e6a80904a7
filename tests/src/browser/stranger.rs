//! What may sit on a port instead of a base card: something silent, something noisy, a base of another time.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rackflash_core::wire::link::{Decoder, FRAME_MAX, Frame, Kind};
use rackflash_core::wire::message::PROTOCOL;
use serialport::{SerialPort, TTYPort};

use crate::numbers::Numbers;

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Nothing at all.
    Nothing,
    /// Bytes without sense, all the time.
    Noise,
    /// What a base answers whose protocol is one major version ahead.
    WelcomeFromTheFuture,
    /// And of one that is one behind.
    WelcomeFromThePast,
}

/// Something on a terminal. Ends when it is dropped.
pub struct Stranger {
    path: PathBuf,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Held open, so that the other side's reads only time out while nobody else has it open.
    _slave: TTYPort,
}

impl Stranger {
    /// Starts it.
    pub fn new(says: Says) -> Self {
        let (mut master, slave) = TTYPort::pair().expect("a pseudo-terminal");
        let path = slave.name().expect("a terminal has a name").into();
        master.set_timeout(EVERY).expect("a terminal has a time-out");
        let end = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let end = end.clone();
            move || live(says, &mut master, &end)
        });
        Self { path, end, thread: Some(thread), _slave: slave }
    }

    /// Its terminal.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl core::fmt::Debug for Stranger {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Stranger").field(&self.path).finish()
    }
}

/// From noise to noise, and from look to look whether it shall end.
const EVERY: Duration = Duration::from_millis(20);

fn live(says: Says, line: &mut TTYPort, end: &AtomicBool) {
    let (mut numbers, mut decoder, mut buffer) = (Numbers::new(7), Decoder::new(), [0; 4096]);
    while !end.load(Ordering::Relaxed) {
        let heard = line.read(&mut buffer).unwrap_or(0);
        let mut heard = &buffer[..heard];
        match says {
            Says::Nothing => {}
            Says::Noise => {
                let _ = line.write(&numbers.bytes(200));
            }
            Says::WelcomeFromTheFuture | Says::WelcomeFromThePast => {
                while let Some(frame) = decoder.next(&mut heard) {
                    if let Ok(frame) = frame
                        && frame.kind == Kind::Hello
                    {
                        let _ = line.write_all(&welcome(&frame, says));
                    }
                }
            }
        }
    }
}

/// Of another version only the first two bytes are known; what follows them may be anything.
fn welcome(hello: &Frame<'_>, says: Says) -> Vec<u8> {
    let is_later = says == Says::WelcomeFromTheFuture;
    let protocol = if is_later { PROTOCOL + 0x100 } else { PROTOCOL - 0x100 };
    let protocol = protocol.to_le_bytes();
    let mut payload = [0xa5; 40];
    payload[..2].copy_from_slice(&protocol);
    let mut wire = [0; FRAME_MAX];
    let len = Frame { kind: Kind::Welcome, payload: &payload, ..*hello }.emit(&mut wire);
    wire[..len.expect("a frame")].to_vec()
}
