//! The releases that the page carries: the maker's, and the example's for the demo. Refuses one that the page would refuse.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use rackflash_core::host::image::Image;
use rackflash_release::{
    Known, MANIFEST_FILE, Release, SIGNATURE_FILE,
    maker::describe,
    trust::{EXAMPLE, Keys, PINNED},
};
use rackflash_sim::{chip::APPLICATION_START, images};

use crate::{size, workspace};

/// Writes both into the site. Who has no release yet gets the example's.
pub(crate) fn write(site: &Path, release: Option<&Path>) -> Result<()> {
    let demo = site.join(size::DEMO).join("release");
    example(&demo)?;
    check(&demo, EXAMPLE).context(
        "the demo's images have changed; make their release anew: `rackflash release new`, then `sign` with \
         release/example/current.key, and put its two files there",
    )?;
    let own = site.join("release");
    match release {
        Some(folder) => workspace::copy_dir(folder, &own)?,
        None => example(&own)?,
    }
    check(&own, PINNED)
        .context(
        "the page would refuse this release; build with the key that signed it in the environment variable RACKFLASH_KEY",
    )
}

/// The signed files lie in the repository; the images are made.
fn example(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for name in [MANIFEST_FILE, SIGNATURE_FILE] {
        let from = workspace::root().join("release/example").join(name);
        fs::copy(&from, folder.join(name)).with_context(|| from.display().to_string())?;
    }
    for image in images::new() {
        let (part, bytes) = describe(&Image::from_binary(&image.bytes, APPLICATION_START)?)?;
        fs::write(folder.join(&part.file), bytes).with_context(|| part.file.clone())?;
    }
    Ok(())
}

/// As the page will do it.
fn check(folder: &Path, keys: [&str; 2]) -> Result<()> {
    let read = |name: &str| fs::read(folder.join(name)).with_context(|| name.to_owned());
    let (manifest, signature) = (read(MANIFEST_FILE)?, read(SIGNATURE_FILE)?);
    let release = Release::open(&manifest, &signature, &Keys::new(keys)?, Known::default())?;
    release.offers(|part| read(&part.file)).map(drop)
}
