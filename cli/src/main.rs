//! Updates a rack of modules from the command line, and puts a virtual rack on a pseudo-terminal.
//!
//! Exit codes: 0 all is well; 1 something failed or was refused; 2 the command line is wrong; 3 no base answers; 4 a release
//! is not to be trusted.
#![forbid(unsafe_code)]

mod key;
mod known;
mod link;
#[cfg(unix)]
mod pty;
mod release;
mod settings;
mod show;
mod update;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use rackflash_release::ReleaseError;

#[derive(Parser)]
#[command(version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists the modules of a rack
    Detect {
        /// The base card's serial port, such as /dev/ttyACM0 or COM3
        #[arg(long)]
        port: String,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Updates modules from a release, or from image files
    Update {
        /// The base card's serial port, such as /dev/ttyACM0 or COM3
        #[arg(long)]
        port: String,
        /// Update every module for which there is an image (the default)
        #[arg(long, conflicts_with = "slot")]
        all: bool,
        /// Update the module in this slot alone, counted from 1
        #[arg(long)]
        slot: Option<u8>,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
        /// A release: its folder, or its one file
        #[arg(long, conflicts_with = "files")]
        release: Option<PathBuf>,
        #[command(flatten)]
        trusted: release::Trusted,
        /// Where raw binaries belong, such as 0x08002000; all other files say it themselves
        #[arg(long, value_parser = address)]
        address: Option<u32>,
        /// Write what was said on the link to this file
        #[arg(long, value_name = "FILE")]
        transcript: Option<PathBuf>,
        /// Images as ELF, Intel HEX, Motorola S-record or raw binary; each says itself which module it is for
        #[arg(required_unless_present = "release", value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Makes keys with which releases are signed
    #[command(subcommand)]
    Key(key::Command),
    /// Makes, signs and checks releases
    #[command(subcommand)]
    Release(release::Command),
    /// Puts a virtual rack on a pseudo-terminal
    ///
    /// Says `ready` and where. Then takes commands on standard input and answers each with a line: `modules` with what each
    /// module's flash holds, as JSON; `cable out` and `cable in`, `pull N` and `insert N`, and `power N`, which cuts module
    /// N's power for a moment, with `ok`. Modules count from 0. `quit` ends it; the end of the
    /// input does not.
    #[cfg(unix)]
    Sim {
        /// Where the pseudo-terminal appears, as a symbolic link
        #[arg(long)]
        pty: PathBuf,
        /// How many modules are in the rack; without it, the demo rack
        #[arg(long)]
        modules: Option<usize>,
        /// The seed of all that is random
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How fast its time runs
        #[arg(long, value_enum, default_value_t = Speed::Real)]
        speed: Speed,
        /// Write the demo's images into this folder, and go on
        #[arg(long, value_name = "FOLDER")]
        images: Option<PathBuf>,
    },
}

/// How fast a virtual rack's time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Speed {
    /// As a real rack's
    #[value(name = "1")]
    Real,
    /// A thousand times as fast
    Max,
}

/// A number as people write addresses.
fn address(text: &str) -> Result<u32, core::num::ParseIntError> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    }
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Detect { port, json } => update::detect(&port, json),
        Command::Update {
            port,
            all: _,
            slot,
            json,
            release,
            trusted,
            address,
            transcript,
            files,
        } => update::update(&update::Wanted {
            port: &port,
            slot,
            release: release.as_deref(),
            trusted: &trusted,
            files: &files,
            address,
            json,
            transcript: transcript.as_deref(),
        }),
        Command::Key(command) => key::run(&command).map(|()| ExitCode::SUCCESS),
        Command::Release(command) => release::run(command).map(|()| ExitCode::SUCCESS),
        #[cfg(unix)]
        Command::Sim { pty, modules, seed, speed, images } => {
            pty::run(&pty::Wanted { path: &pty, modules, seed, speed, images: images.as_deref() })
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("rackflash: {error:#}");
        ExitCode::from(if error.is::<link::LinkError>() {
            3
        } else if error.is::<ReleaseError>() {
            4
        } else {
            1
        })
    })
}
