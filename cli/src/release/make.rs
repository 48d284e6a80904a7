//! New releases: their folder, their signature, their one file. Overwrites nothing but an older signature.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use rackflash_core::host::image::Image;
use rackflash_release::maker::{Signer, describe};
use rackflash_release::manifest::{Date, Dotted, FORMAT, Manifest};
use rackflash_release::pack::Pack;
use rackflash_release::trust::Keys;
use rackflash_release::{Known, MANIFEST_FILE, Release, SIGNATURE_FILE};

use super::read::{Opened, Source, Trusted};
use crate::key;

/// What a new release was asked for.
pub(crate) struct Wanted<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) id: String,
    pub(crate) counter: u32,
    pub(crate) channel: String,
    pub(crate) expires: Option<Date>,
    /// By language.
    pub(crate) notes: &'a [(String, PathBuf)],
    pub(crate) loader_min: Dotted,
    pub(crate) replaces_newer: bool,
    /// By image.
    pub(crate) eeprom: &'a [(PathBuf, PathBuf)],
    /// Where raw binaries belong.
    pub(crate) address: Option<u32>,
    pub(crate) images: &'a [PathBuf],
}

pub(crate) fn new(wanted: &Wanted<'_>) -> Result<()> {
    let folder = wanted.folder;
    ensure!(!folder.exists(), "{} is there already; choose another folder", folder.display());
    if let Some((image, _)) = wanted.eeprom.iter().find(|(image, _)| !wanted.images.contains(image))
    {
        bail!("{} is none of the images; name it as it is named there", image.display());
    }
    let images = wanted.images.iter().map(|file| {
        let image = Image::parse(&read(file)?, wanted.address).and_then(|image| describe(&image));
        let (mut part, bytes) = image.with_context(|| file.display().to_string())?;
        part.loader_min = wanted.loader_min;
        part.replaces_newer = wanted.replaces_newer;
        for (_, layouts) in wanted.eeprom.iter().filter(|(image, _)| image == file) {
            let told = || format!("{} does not say what moves", layouts.display());
            part.eeprom = serde_json::from_slice(&read(layouts)?).with_context(told)?;
        }
        Ok((part, bytes))
    });
    let images = images.collect::<Result<Vec<_>>>()?;
    let notes = wanted.notes.iter().map(|(language, file)| {
        let text = String::from_utf8(read(file)?);
        let text = text.with_context(|| format!("{} is no text in UTF-8", file.display()))?;
        Ok((language.clone(), text.trim_end().to_owned()))
    });
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        id: wanted.id.clone(),
        counter: wanted.counter,
        channel: wanted.channel.clone(),
        expires: wanted.expires,
        notes: notes.collect::<Result<_>>()?,
        images: images.iter().map(|(part, _)| part.clone()).collect(),
    };
    manifest.check()?;

    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for (part, bytes) in &images {
        write(&folder.join(&part.file), bytes)?;
    }
    write(
        &folder.join(MANIFEST_FILE),
        format!("{}\n", serde_json::to_string_pretty(&manifest)?).as_bytes(),
    )?;
    println!(
        "{}: release {}; images: {}; not signed yet",
        folder.display(),
        manifest.id,
        images.len()
    );
    Ok(())
}

/// What is signed must be whole: a release that nobody can install would use up its number.
pub(crate) fn sign(folder: &Path, key: &Path) -> Result<()> {
    let file =
        fs::read_to_string(key).with_context(|| format!("{} cannot be read", key.display()))?;
    let signer =
        Signer::open(&file, || key::password(key)).with_context(|| key.display().to_string())?;
    let manifest = read(&folder.join(MANIFEST_FILE))?;
    let signature = signer.sign(&manifest)?;
    let keys = Keys::new([signer.public().as_str()])?;
    let release = Release::open(&manifest, signature.as_bytes(), &keys, Known::default())?;
    release.offers(|part| read(&folder.join(&part.file)))?;
    write(&folder.join(SIGNATURE_FILE), signature.as_bytes())?;
    println!("{}: signed for {}", folder.display(), signer.public());
    Ok(())
}

pub(crate) fn pack(trusted: &Trusted, folder: &Path, file: &Path) -> Result<()> {
    let source = Source::read(folder)?;
    let Opened { release, files, .. } = source.open(&trusted.keys()?, Known::default())?;
    let pack = Pack::join(&source.signature, &source.manifest, files.iter().map(Vec::as_slice))?;
    ensure!(!file.exists(), "{} is there already; choose another name", file.display());
    write(file, &pack)?;
    println!("{}: release {}, {} bytes", file.display(), release.manifest().id, pack.len());
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(file, bytes).with_context(|| format!("{} cannot be written", file.display()))
}
