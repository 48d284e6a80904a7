//! `cargo xtask …`: what a developer types is what CI runs. Reads the command line; refuses to build anything itself.

mod hosting;
mod minify;
mod names;
mod private;
mod release;
mod reproduce;
mod shims;
mod site;
mod size;

mod lighthouse;
mod serve;

mod bugs;
mod checks;
mod chips;
mod copy;
mod fuzz;
mod mutants;
mod supply;
mod tools;
mod types;

mod apt;
mod debian;
mod toolchain;
mod workspace;

use core::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;

use chips::Symbols;
use clap::{Parser, Subcommand};
use mutants::Shard;

/// Builds the page, serves it, measures how fast updates are, looks for what tests miss, and runs everything CI runs.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What the page carries.
#[derive(Debug, clap::Args)]
struct Carries {
    /// The folder of a release that is signed with the key RACKFLASH_KEY; without it, the example's
    #[arg(long, value_name = "FOLDER")]
    release: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the page into target/site, weigh it, and leave it there
    ///
    /// Gets the WebAssembly target where it is missing: through rustup, else from Debian's packages.
    /// RACKFLASH_TOOLCHAIN=native or =debian forces one of the two.
    Build {
        #[command(flatten)]
        carries: Carries,
    },

    /// Build the page, then serve it on http://localhost:8080, to this computer only
    Serve {
        /// The port to serve on
        #[arg(long, value_name = "N", default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
        port: u16,
        #[command(flatten)]
        carries: Carries,
    },

    /// Build the page twice from the last commit, in two folders, and compare every byte
    Reproduce,

    /// Let Lighthouse judge the built page: performance, accessibility, best practices
    ///
    /// Its reports are in target/lighthouse. Fails below 98 of 100.
    Lighthouse,

    /// Build the page, and take pictures of it in all its states: light and dark, wide and narrow, in English, German, Japanese
    ///
    /// They are in target/screenshots, in place of what was there. Fails if a state cannot be reached. Linux only.
    Screenshots,

    /// Check what others have made and is used here: licences, sources, known weaknesses (.cargo/deny.toml)
    Deny,

    /// List what others have made and is in page, command and core: target/sbom, in CycloneDX
    Sbom,

    /// Measure updates against what physics allows, a stop-and-wait host and ST's ROM loader
    ///
    /// Prints a table and writes target/bench.json. Fails if a goal is missed. `cargo xtask test` holds the same goals.
    Bench,

    /// Link core's loader and executor for their chips, and weigh them: flash, RAM, stack
    ///
    /// Writes target/size.json. Fails if the loader is above its limits.
    Size {
        /// Show the largest functions, too
        #[arg(long)]
        symbols: bool,
    },

    /// Run swarms of faults: racks of all kinds, several faults at once, each drawn whole from one number
    ///
    /// Prints the seeds that failed and why, and how fast it was. `cargo xtask replay` shows what happened in one.
    Soak {
        /// Which: from A up to B, without B
        #[arg(long, value_name = "A..B", default_value = "0..10000", value_parser = checks::seeds)]
        seeds: Range<u64>,
    },

    /// Print what happens in one of the swarms, the same bytes each time
    Replay {
        /// Its number
        seed: u64,
    },

    /// Cut the power at every flash operation of a full update, on each chip: before it, in it, after it
    ///
    /// Minutes. Prints a line for each chip: how many cuts, and how many different states of its flash they left; and the same
    /// for two cuts, at every pair of operations, on reduced chips. `cargo xtask test` does the same.
    Cuts,

    /// Run every check, in order, up to the first that fails
    ///
    /// On Debian, as root, installs the programs the tests drive, Chromium among them; else says what to install.
    Test {
        /// Run only these suites (the folders of tests/tests), or tests whose name contains one of these words; every other
        /// check still runs
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },

    /// Run the fuzzers, each for a while, with a nightly compiler
    Fuzz {
        /// Only this one: see fuzz/fuzz_targets
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// How long each runs
        #[arg(long, value_name = "N", default_value_t = fuzz::SECONDS)]
        seconds: u32,
        /// Add what covers something new to the corpus
        #[arg(long)]
        keep: bool,
    },

    /// Try the seeded bugs of tests/bugs on a copy of the workspace: the tests must notice each
    Bugs {
        /// Only those whose names contain one of these words
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },

    /// Change core in every place where a change should matter, and see which the tests do not notice
    ///
    /// Hours for all of it. Results are in target/mutants.
    Mutants {
        /// Only this part of core: time, wire, link, base, module, image, errands, transcript or host
        #[arg(value_name = "PART")]
        part: Option<String>,
        /// Only each N-th of its mutants, beginning with the K-th, counted from 0
        #[arg(long, value_name = "K/N")]
        shard: Option<Shard>,
    },
}

fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Build { carries } => site::build(carries.release.as_deref()).map(drop),
        Command::Serve { port, carries } => {
            serve::build_and_serve(port, carries.release.as_deref())
        }
        Command::Reproduce => reproduce::reproduce(),
        Command::Lighthouse => lighthouse::lighthouse(),
        Command::Screenshots => checks::screenshots(),
        Command::Deny => supply::deny().map(drop),
        Command::Sbom => supply::bill(),
        Command::Bench => checks::bench(),
        Command::Size { symbols: true } => chips::weigh(Symbols::Shown),
        Command::Size { symbols: false } => chips::weigh(Symbols::Left),
        Command::Soak { seeds } => checks::soak(&[seeds.start, seeds.end]),
        Command::Replay { seed } => checks::soak(&[seed]),
        Command::Cuts => checks::cuts(),
        Command::Test { names } => checks::run(&names),
        Command::Fuzz { name, seconds, keep } => {
            let corpus = if keep { fuzz::Corpus::Grows } else { fuzz::Corpus::Stays };
            fuzz::run(name.as_deref(), seconds, corpus)
        }
        Command::Bugs { names } => bugs::run(&names),
        Command::Mutants { part, shard } => mutants::run(part.as_deref(), shard),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
