//! `rackflash sim`: the virtual rack on a pseudo-terminal, and what its flash really holds.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::place::{self, Temporary};

/// How fast the rack's time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// As a real rack's.
    Real,
    /// As fast as it can.
    Max,
}

/// A running rack. Ends when it is dropped.
#[derive(Debug)]
pub struct Rack {
    child: Child,
    say: ChildStdin,
    hear: BufReader<ChildStdout>,
    folder: Temporary,
}

impl Rack {
    /// The demo rack, which has eight modules.
    pub fn demo(speed: Speed) -> Self {
        let folder = Temporary::new();
        let speed = match speed {
            Speed::Real => "1",
            Speed::Max => "max",
        };
        let mut child = Command::new(place::rackflash())
            .arg("sim")
            .arg("--pty")
            .arg(folder.path().join(NAME))
            .args(["--speed", speed])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("rackflash starts");
        let say = child.stdin.take().expect("it has an input");
        let hear = BufReader::new(child.stdout.take().expect("it has an output"));
        let mut rack = Self { child, say, hear, folder };
        let ready = rack.line();
        assert!(ready.starts_with("ready "), "instead of being ready it said {ready:?}");
        rack
    }

    /// Its terminal, while the cable is in.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(NAME)
    }

    /// What each module's flash holds.
    pub fn modules(&mut self) -> Vec<Value> {
        let line = self.ask("modules");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Pulls the cable out: whoever has the terminal open learns it at once.
    pub fn cable_out(&mut self) {
        self.tell("cable out");
    }

    /// Puts the cable in.
    pub fn cable_in(&mut self) {
        self.tell("cable in");
    }

    /// Takes a module out of its slot. Modules count from 0 here.
    pub fn pull(&mut self, module: usize) {
        self.tell(&format!("pull {module}"));
    }

    /// Puts a module back.
    pub fn insert(&mut self, module: usize) {
        self.tell(&format!("insert {module}"));
    }

    fn tell(&mut self, command: &str) {
        assert_eq!(self.ask(command), "ok", "{command}");
    }

    /// Each command has one line for an answer.
    fn ask(&mut self, command: &str) -> String {
        writeln!(self.say, "{command}").expect("the rack runs");
        self.line()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.hear.read_line(&mut line).expect("the rack runs");
        line.trim_end().to_owned()
    }
}

impl Drop for Rack {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the terminal is called.
const NAME: &str = "ttyACM0";
