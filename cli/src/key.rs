//! `rackflash key`: a maker's key. The secret half is written once, for its owner alone, and never over another file.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Subcommand;
use rackflash_release::maker::NewKey;
use serde_json::json;

/// Where scripts put a key's password.
const PASSWORD: &str = "RACKFLASH_PASSWORD";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a key with which releases are signed
    ///
    /// Writes NAME.key, which is secret, and NAME.pub, as the program minisign does. Asks for a password, or takes it from
    /// the environment variable RACKFLASH_PASSWORD. Keep a copy of both where no computer can lose them.
    New {
        /// What the files are called, without `.key` and `.pub`
        name: PathBuf,
        /// Whoever has the file can sign: for tests
        #[arg(long)]
        no_password: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(command: &Command) -> Result<()> {
    let Command::New { name, no_password, json } = command;
    let [secret, public] = ["key", "pub"].map(|end| name.with_added_extension(end));
    for file in [&secret, &public] {
        ensure!(!file.exists(), "{} is there already; choose another name", file.display());
    }
    let password = if *no_password { None } else { Some(new_password()?) };
    let key = NewKey::make(password)?;
    write_new(&secret, &key.secret_file, Readers::Owner)?;
    write_new(&public, &key.public_file, Readers::Everybody)?;
    if *json {
        let told = json!({ "secret_file": secret, "public_file": public, "public": key.public });
        println!("{told:#}");
    } else {
        println!(
            "{}: secret, signs releases; keep it, and a copy, where nobody else reads it",
            secret.display()
        );
        println!("{}: for everybody", public.display());
        println!(
            "To build a page and a command that trust it: RACKFLASH_KEY={} cargo xtask build",
            key.public
        );
    }
    Ok(())
}

/// The password of a key that is there.
pub(crate) fn password(key: &Path) -> Result<String> {
    given().map_or_else(|| ask(&format!("Password of {}: ", key.display())), Ok)
}

fn new_password() -> Result<String> {
    if let Some(password) = given() {
        return Ok(password);
    }
    let password = ask("Password for the new key: ")?;
    ensure!(!password.is_empty(), "an empty password protects nothing; choose one");
    ensure!(password == ask("The same again: ")?, "the two differ; try again");
    Ok(password)
}

fn given() -> Option<String> {
    std::env::var(PASSWORD).ok()
}

fn ask(prompt: &str) -> Result<String> {
    rpassword::prompt_password(prompt)
        .with_context(|| format!("no password; without a terminal set {PASSWORD}"))
}

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Readers {
    Owner,
    Everybody,
}

fn write_new(path: &Path, text: &str, readers: Readers) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let file = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    file.with_context(|| format!("{} cannot be written", path.display()))
}
