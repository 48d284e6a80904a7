//! Weighs the page as a visitor downloads it, in brotli, and refuses one above its limits: what is loaded when it is opened, and
//! that with what connecting to a rack loads. What is loaded for something else, or behind all that, is told and does not count.

use std::{fs, io::Cursor, path::Path};

use anyhow::{Context, Result, ensure};
use brotli::enc::BrotliEncoderParams;

use crate::workspace;

/// What may be loaded when the page is opened: half a second over the slowest connection that people call fast (1 Mbit/s).
const OPENED_MAX: usize = 60_000;
/// What may be loaded until an update begins, besides the firmware: what the leading alternative, esptool-js, weighs by itself.
/// That speaks English only, so English counts.
const CONNECTED_MAX: usize = 92_000;
/// The folder of the engine, which is loaded at the click on *Connect*.
pub(crate) const ENGINE: &str = "pkg";
/// The folder of what is loaded when the demo is opened.
pub(crate) const DEMO: &str = "demo";
/// The folder of what is loaded when an engineer's drawer is opened.
pub(crate) const SERVICE: &str = "service";
/// The folder of what is loaded when few want it.
pub(crate) const TOOLS: &str = "tools";
/// What is loaded for a certificate, an engineer, at a trade fair's stand, or where the page is embedded.
const ELSEWHERE: [&str; 5] = ["certificate", "engineer", "kiosk", "embed", "embed.html"];
/// What a page loads that embeds this one, until it is clicked, as it is: the promise to whoever adds a tag.
const EMBEDDED: (&str, usize) = ("embed/rack-updater.js", 2048);
/// What keeps the page for use without a network, once all is there and the browser has nothing else to do; and what is loaded
/// behind a problem, with an update that runs, a release that moves settings, or for what few ask for.
const BEHIND: [&str; 13] = [
    "behind.js",
    "care.js",
    "file.js",
    "files.js",
    "languages.js",
    "lists.js",
    "meanwhile.js",
    "offline.js",
    "pictures.js",
    "save.js",
    "service-worker.js",
    "settings.js",
    "unpack.js",
];
/// The folder of what the page says, a file for each language.
const WORDS: &str = "words";
/// What parts of it say that are loaded later.
const LATER: &str = "words/later";
/// See `CONNECTED_MAX`.
const ENGLISH: &str = "en.js";
/// The kinds of file every visitor loads.
const COUNTED: [&str; 5] = ["css", "html", "js", "svg", "wasm"];
/// Best and slowest, as a web server does it once, ahead of time; 22 is the largest window every browser takes.
const BROTLI: (i32, i32) = (11, 22);

/// Whether a page above the limit is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// It is: the page is built as it is released.
    Holds,
    /// It is only told: with a ready-made standard library, which is made for speed, the page is some 10 % heavier.
    IsTold,
}

/// Prints the weight of every file and of the whole; an error if that is above a limit that holds.
pub(crate) fn check(site: &Path, limit: Limit) -> Result<()> {
    let files = workspace::files(site)?;
    println!("{:>9} {:>8}  file (bytes, and in brotli where it counts)", "raw", "brotli");
    let (mut opened, mut connected, mut english, mut heaviest) = (0, 0, 0, 0);
    for path in &files {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(site).unwrap_or(path);
        if !counts(path) {
            println!("{:>9} {:>8}  {}", bytes.len(), "-", name.display());
            continue;
        }
        let weight = brotli_len(&bytes)?;
        match When::of(name) {
            When::Opened => opened += weight,
            When::Spoken => {
                heaviest = weight.max(heaviest);
                if name.ends_with(ENGLISH) {
                    english = weight;
                }
            }
            When::Connected => connected += weight,
            When::Later => {}
        }
        println!("{:>9} {weight:>8}  {}", bytes.len(), name.display());
        let (embedded, most) = EMBEDDED;
        ensure!(
            name != Path::new(embedded) || bytes.len() <= most,
            "{embedded} has {} bytes, above its limit of {most}",
            bytes.len()
        );
    }
    for (what, weight, most) in [
        ("to open the page in any language", opened + heaviest, OPENED_MAX),
        ("until an update begins", opened + english + connected, CONNECTED_MAX),
    ] {
        println!("{:>9} {weight:>8}  {what}; at most {most}", "");
        ensure!(
            weight <= most || limit == Limit::IsTold,
            "what is loaded {what} weighs {weight} bytes in brotli, above its limit of {most}; make a file listed above smaller"
        );
    }
    Ok(())
}

/// When a file is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Opened,
    /// With the page, but only one of them.
    Spoken,
    Connected,
    Later,
}

impl When {
    fn of(name: &Path) -> Self {
        let later =
            [SERVICE, DEMO, TOOLS].iter().chain(&ELSEWHERE).any(|folder| name.starts_with(folder));
        match name.to_str() {
            _ if name.starts_with(ENGINE) => Self::Connected,
            _ if name.starts_with(LATER) => Self::Later,
            _ if name.starts_with(WORDS) => Self::Spoken,
            Some(name) if later || BEHIND.contains(&name) => Self::Later,
            _ => Self::Opened,
        }
    }
}

fn counts(path: &Path) -> bool {
    path.extension().is_some_and(|extension| COUNTED.iter().any(|counted| extension == *counted))
}

fn brotli_len(mut bytes: &[u8]) -> Result<usize> {
    let (quality, lgwin) = BROTLI;
    let params = BrotliEncoderParams {
        quality,
        lgwin,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Cursor::new(Vec::new());
    brotli::BrotliCompress(&mut bytes, &mut packed, &params)
        .context("brotli failed, which is a bug of xtask")?;
    Ok(packed.into_inner().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_what_is_loaded() {
        for (name, when) in [
            ("index.html", When::Opened),
            ("words.js", When::Opened),
            ("words/en.js", When::Spoken),
            ("words/later/en.js", When::Later),
            ("pkg/rackflash_web_bg.wasm", When::Connected),
            ("service/rackflash_web_bg.wasm", When::Later),
            ("demo/rackflash_web_bg.wasm", When::Later),
            ("service-worker.js", When::Later),
            ("certificate/certificate.js", When::Later),
        ] {
            assert_eq!(When::of(Path::new(name)), when, "{name}");
        }
    }

    #[test]
    fn firmware_and_pictures_do_not_count() {
        assert!(counts(Path::new("pkg/rackflash_web_bg.wasm")));
        assert!(!counts(Path::new("images/vco-1.2.0.hex")));
        assert!(!counts(Path::new("LICENSE")));
    }

    #[test]
    fn packs() {
        assert!(brotli_len(&[7; 10_000]).unwrap() < 50);
        assert!(brotli_len(&[]).unwrap() <= 2);
    }
}
