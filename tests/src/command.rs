//! The command as a person types it, in a folder of its own: what it says, and how it ends. Linux only, as its virtual rack.

use core::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::place::{self, Temporary};

/// A folder in which commands are typed. It goes away with its owner, and with it what `rackflash` remembers.
#[derive(Debug)]
pub struct Desk {
    folder: Temporary,
    /// Instead of the terminal, where it would be asked for.
    password: Option<&'static str>,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// An empty one.
    pub fn new() -> Self {
        Self { folder: Temporary::new(), password: None }
    }

    /// One where a password is known to who asks for it.
    #[must_use]
    pub fn with_password(mut self, password: &'static str) -> Self {
        self.password = Some(password);
        self
    }

    /// Where a file is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file there.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a folder");
        fs::write(path, bytes).expect("a file in a temporary folder");
    }

    /// What a file holds.
    pub fn get(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Types these lines, and copies what is seen: the line, what is said, and the exit code if it is not 0.
    pub fn types(&self, lines: &[&str]) -> String {
        let mut seen = String::new();
        for line in lines {
            let mut words = line.split(' ');
            let program = match words.next() {
                Some("rackflash") => place::rackflash().into(),
                Some(other) => place::program(other),
                None => continue,
            };
            let mut command = Command::new(program);
            command.args(words).current_dir(self.folder.path());
            command.env("XDG_STATE_HOME", self.path("state")).env_remove("RACKFLASH_PASSWORD");
            command.envs(self.password.map(|password| ("RACKFLASH_PASSWORD", password)));
            let output = command.output().expect("it starts");
            let _ = writeln!(seen, "$ {line}");
            for text in [output.stdout, output.stderr] {
                seen += &String::from_utf8(text).expect("text");
            }
            if !output.status.success() {
                let _ = writeln!(seen, "=> {}", output.status.code().unwrap_or(-1));
            }
        }
        seen
    }
}
