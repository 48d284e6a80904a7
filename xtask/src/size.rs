//! Weighs the page as a visitor downloads it, in brotli, and refuses one above the limit.
//! What only those load who open the demo is told, and does not count: its images, which stand in for the visitor's own
//! files, and the engine with the virtual rack in it.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use brotli::enc::BrotliEncoderParams;

/// What the leading alternative, esptool-js, weighs by itself.
const LIMIT: usize = 92_000;
/// What the page should weigh.
const AIM: usize = 60_000;
/// The folder of what is loaded when the demo is opened.
pub(crate) const DEMO: &str = "demo";
/// The folder of what is loaded when an engineer wants it.
pub(crate) const TOOLS: &str = "tools";
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
    let mut files = Vec::new();
    list(site, &mut files)?;
    files.sort();

    println!("{:>9} {:>8}  file (bytes, and in brotli where it counts)", "raw", "brotli");
    let mut total = 0;
    for path in &files {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(site).unwrap_or(path);
        let later = name.starts_with(DEMO) || name.starts_with(TOOLS);
        let name = name.display();
        if counts(path) {
            let weight = brotli_len(&bytes)?;
            total += if later { 0 } else { weight };
            println!("{:>9} {weight:>8}  {name}", bytes.len());
        } else {
            println!("{:>9} {:>8}  {name}", bytes.len(), "-");
        }
    }
    println!("{:>9} {total:>8}  in all, without {DEMO}/ and {TOOLS}/: {}", "", verdict(total));
    ensure!(
        total <= LIMIT || limit == Limit::IsTold,
        "the page weighs {total} bytes in brotli, above its limit of {LIMIT}; make a file listed above smaller"
    );
    Ok(())
}

fn verdict(total: usize) -> String {
    if total <= AIM {
        format!("within the aim of {AIM}")
    } else if total <= LIMIT {
        format!("within the limit of {LIMIT}, above the aim of {AIM}")
    } else {
        format!("ABOVE the limit of {LIMIT}")
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

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_turns_just_above_aim_and_limit() {
        assert!(verdict(AIM).starts_with("within the aim"));
        assert!(verdict(AIM + 1).starts_with("within the limit"));
        assert!(verdict(LIMIT).starts_with("within the limit"));
        assert!(verdict(LIMIT + 1).starts_with("ABOVE"));
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
