//! `rackflash release`: what a maker does with a release, and what anybody may ask of one.

mod make;
mod read;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use rackflash_release::manifest::{Date, Dotted};

pub(crate) use read::{Opened, Source, Trusted, today};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes the folder of a new release from images; it is then to be signed
    New {
        /// The folder; it must not be there yet
        folder: PathBuf,
        /// What people call the release, such as 2027-01
        #[arg(long)]
        id: String,
        /// Its number: one more than that of your last release, of whatever channel
        #[arg(long)]
        counter: u32,
        /// For whom it is
        #[arg(long, default_value = "stable")]
        channel: String,
        /// The last day on which it may be installed, such as 2027-12-31
        #[arg(long)]
        expires: Option<Date>,
        /// What is new, in a text file for each language, such as en=notes.txt
        #[arg(long, value_name = "LANGUAGE=FILE", value_parser = note)]
        notes: Vec<(String, PathBuf)>,
        /// The oldest loader that can take its images
        #[arg(long, default_value = "0.0.0", value_parser = version)]
        loader_min: Dotted,
        /// Its images may replace newer versions
        #[arg(long)]
        replaces_newer: bool,
        /// Where an image's application looks for settings that older ones had elsewhere, such as vco.hex=moves.json
        #[arg(long, value_name = "IMAGE=FILE", value_parser = layouts)]
        eeprom: Vec<(PathBuf, PathBuf)>,
        /// Where raw binaries belong, such as 0x08002000; all other files say it themselves
        #[arg(long, value_parser = crate::address)]
        address: Option<u32>,
        /// Images as ELF, Intel HEX, Motorola S-record or raw binary; each says itself which module it is for
        #[arg(required = true, value_name = "FILE")]
        images: Vec<PathBuf>,
    },
    /// Signs a release, after looking through all of it
    Sign {
        /// Its folder
        folder: PathBuf,
        /// The secret key, of `rackflash key new` or `minisign -G`
        #[arg(long)]
        key: PathBuf,
    },
    /// Says whether a release is whole, and signed with a key that is trusted
    Verify {
        #[command(flatten)]
        trusted: Trusted,
        /// Its folder, or its one file
        release: PathBuf,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows what a release says of itself, trusted or not
    Inspect {
        #[command(flatten)]
        trusted: Trusted,
        /// Its folder, or its one file
        release: PathBuf,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Puts a release into one file, for a USB stick
    Pack {
        #[command(flatten)]
        trusted: Trusted,
        /// Its folder
        folder: PathBuf,
        /// The file; its name should end with .rackpack
        file: PathBuf,
    },
}

pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::New {
            folder,
            id,
            counter,
            channel,
            expires,
            notes,
            loader_min,
            replaces_newer,
            eeprom,
            address,
            images,
        } => make::new(&make::Wanted {
            folder: &folder,
            id,
            counter,
            channel,
            expires,
            notes: &notes,
            loader_min,
            replaces_newer,
            eeprom: &eeprom,
            address,
            images: &images,
        }),
        Command::Sign { folder, key } => make::sign(&folder, &key),
        Command::Verify { trusted, release, json } => read::verify(&trusted, &release, json),
        Command::Inspect { trusted, release, json } => read::inspect(&trusted, &release, json),
        Command::Pack { trusted, folder, file } => make::pack(&trusted, &folder, &file),
    }
}

fn note(text: &str) -> Result<(String, PathBuf), String> {
    let (language, file) = pair(text).ok_or("write LANGUAGE=FILE, as in en=notes.txt")?;
    Ok((language.to_owned(), file.into()))
}

fn layouts(text: &str) -> Result<(PathBuf, PathBuf), String> {
    let (image, file) = pair(text).ok_or("write IMAGE=FILE, as in vco.hex=moves.json")?;
    Ok((image.into(), file.into()))
}

fn pair(text: &str) -> Option<(&str, &str)> {
    text.split_once('=').filter(|(what, file)| !what.is_empty() && !file.is_empty())
}

fn version(text: &str) -> Result<Dotted, String> {
    text.to_owned().try_into()
}
