//! Releases as they come: a folder or one file. Reads nothing of them that is longer than it may be.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use jiff::Zoned;
use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::IMAGE_LEN_MAX;
use rackflash_release::manifest::{Date, IMAGES_MAX, MANIFEST_LEN_MAX, Manifest};
use rackflash_release::pack::Pack;
use rackflash_release::trust::{IS_EXAMPLE, Keys, PINNED};
use rackflash_release::{Known, MANIFEST_FILE, Release, ReleaseError, SIGNATURE_FILE};
use serde_json::json;

/// The longest file with a whole release in it.
const PACK_LEN_MAX: u64 = IMAGES_MAX as u64 * IMAGE_LEN_MAX + 2 * MANIFEST_LEN_MAX as u64;

/// Whose releases are taken.
#[derive(Args)]
pub(crate) struct Trusted {
    /// Trust this public key instead of the built-in ones: a file, or its second line
    #[arg(long, value_name = "KEY")]
    public_key: Vec<String>,
}

impl Trusted {
    pub(crate) fn keys(&self) -> Result<Keys> {
        if self.public_key.is_empty() {
            return Ok(Keys::new(PINNED)?);
        }
        let keys = self.public_key.iter().map(|key| {
            let Ok(text) = fs::read_to_string(key) else { return Ok(key.clone()) };
            let line = text.lines().nth(1).map(str::to_owned);
            line.with_context(|| {
                format!("{key} is no public key's file; name the one that ends with .pub")
            })
        });
        let keys = keys.collect::<Result<Vec<_>>>()?;
        Ok(Keys::new(keys.iter().map(String::as_str))?)
    }

    /// Whether what is taken proves nothing: everybody has the example's key.
    fn is_nobody(&self) -> bool {
        self.public_key.is_empty() && IS_EXAMPLE
    }
}

/// A release, before anything of it is believed.
pub(crate) struct Source {
    pub(crate) manifest: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    images: Images,
}

/// A release that may be taken.
pub(crate) struct Opened {
    pub(crate) release: Release,
    /// Its images' files, in the manifest's order.
    pub(crate) files: Vec<Vec<u8>>,
    /// What they hold.
    pub(crate) offers: Vec<Offer>,
}

/// Where its images are.
enum Images {
    /// Beside the manifest.
    Folder(PathBuf),
    /// In the same file.
    Pack(Vec<u8>),
}

impl Source {
    /// Reads as much as is needed to check the signature.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            let file = read_at_most(path, PACK_LEN_MAX)?;
            let pack = Pack::split(&file).with_context(|| path.display().to_string())?;
            let (manifest, signature) = (pack.manifest.to_vec(), pack.signature.to_vec());
            return Ok(Self { manifest, signature, images: Images::Pack(file) });
        }
        let [manifest, signature] = [MANIFEST_FILE, SIGNATURE_FILE].map(|name| path.join(name));
        ensure!(
            manifest.exists(),
            "{} holds no release: it has no {MANIFEST_FILE}",
            path.display()
        );
        if !signature.exists() {
            return Err(ReleaseError::NotSigned).with_context(|| path.display().to_string());
        }
        Ok(Self {
            manifest: read_at_most(&manifest, MANIFEST_LEN_MAX as u64)?,
            signature: read_at_most(&signature, MANIFEST_LEN_MAX as u64)?,
            images: Images::Folder(path.to_owned()),
        })
    }

    /// All of it, if all of it may be taken.
    pub(crate) fn open(&self, keys: &Keys, known: Known) -> Result<Opened> {
        let release = Release::open(&self.manifest, &self.signature, keys, known)?;
        let files = self.files(release.manifest())?;
        let offers = release.manifest().images.iter().zip(&files);
        let offers = offers.map(|(part, file)| release.offer(part, file));
        let offers = offers.collect::<Result<_, ReleaseError>>()?;
        Ok(Opened { release, files, offers })
    }

    /// Its images' files, in the manifest's order.
    fn files(&self, manifest: &Manifest) -> Result<Vec<Vec<u8>>> {
        match &self.images {
            Images::Folder(folder) => {
                let parts = manifest.images.iter();
                parts.map(|part| read_at_most(&folder.join(&part.file), part.len.into())).collect()
            }
            Images::Pack(file) => {
                let files = Pack::split(file)?.files(manifest)?;
                Ok(files.into_iter().map(<[u8]>::to_vec).collect())
            }
        }
    }
}

pub(crate) fn verify(trusted: &Trusted, path: &Path, json: bool) -> Result<()> {
    let Opened { release, offers, .. } =
        Source::read(path)?.open(&trusted.keys()?, Known { today: today(), ..Known::default() })?;
    let manifest = release.manifest();
    if json {
        println!(
            "{:#}",
            json!({ "verified": true, "example_key": trusted.is_nobody(), "release": manifest })
        );
        return Ok(());
    }
    println!(
        "{}: release {} (number {}), signed and whole; images: {}",
        path.display(),
        manifest.id,
        manifest.counter,
        offers.len()
    );
    if trusted.is_nobody() {
        println!(
            "It proves nothing: this program trusts the example's key, which everybody has. Name yours with --public-key."
        );
    }
    Ok(())
}

pub(crate) fn inspect(trusted: &Trusted, path: &Path, json: bool) -> Result<()> {
    let source = Source::read(path)?;
    let outcome = source.open(&trusted.keys()?, Known { today: today(), ..Known::default() });
    // Shown all the same: whoever looks wants to know why it is not taken.
    let manifest = Manifest::parse_untrusted(&source.manifest)?;
    let problem = outcome.err().map(|error| format!("{error:#}"));
    if json {
        println!("{:#}", json!({ "release": manifest, "problem": problem }));
        return Ok(());
    }
    println!("Release {}, number {}, channel {}", manifest.id, manifest.counter, manifest.channel);
    if let Some(expires) = manifest.expires {
        println!("May be installed until {expires}");
    }
    for part in &manifest.images {
        let [lowest, highest] = part.hardware;
        println!(
            "{:28} {:>7} bytes at {:#010x}, version {}, for {:04x}:{:04x} hardware {lowest} to {highest}{}",
            part.file,
            part.len,
            part.flash_start,
            String::from(part.version),
            part.vendor,
            part.module_type,
            if part.replaces_newer { ", may replace a newer one" } else { "" },
        );
        println!("{:28} SHA-256 {}", "", part.sha256);
        for layout in &part.eeprom {
            let below = String::from(layout.below);
            let moves =
                layout.moves.iter().map(|m| format!("{} to {}, {} bytes", m.from, m.to, m.len));
            let moves = moves.collect::<Vec<_>>().join("; ");
            println!("{:28} Settings of versions below {below} move: {moves}", "");
        }
    }
    for (language, note) in &manifest.notes {
        println!("Notes ({language}): {note}");
    }
    match problem {
        None => println!("Signed with a key that is trusted, and whole"),
        Some(problem) => println!("NOT TO BE TRUSTED: {problem}"),
    }
    Ok(())
}

/// What this computer says.
pub(crate) fn today() -> Option<Date> {
    Zoned::now().date().to_string().parse().ok()
}

/// One byte more than the most, if there is more: that it is too long is told by whoever checks it.
fn read_at_most(file: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(bytes)
}
