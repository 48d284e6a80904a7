//! The two commands that speak to a rack: detect and update.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::Image;
use rackflash_core::host::rack::{Ended, Phase, Problem};
use rackflash_core::host::report::Report;
use rackflash_core::host::session::{LinkState, Select, Session};
use rackflash_core::host::view::View;
use rackflash_release::Known;

use crate::known::Counter;
use crate::link::Link;
use crate::release::{Opened, Source, Trusted, today};
use crate::settings::Keeper;
use crate::show::{Bars, table};

/// What an update was asked for.
pub(crate) struct Wanted<'a> {
    pub(crate) port: &'a str,
    pub(crate) slot: Option<u8>,
    pub(crate) release: Option<&'a Path>,
    /// Whose releases are taken.
    pub(crate) trusted: &'a Trusted,
    pub(crate) files: &'a [PathBuf],
    /// Where raw binaries belong.
    pub(crate) address: Option<u32>,
    pub(crate) json: bool,
    pub(crate) transcript: Option<&'a Path>,
}

/// Lists who is there.
pub(crate) fn detect(port: &str, json: bool) -> Result<ExitCode> {
    let mut link = Link::open(port)?;
    link.run_until(|session, _| is_known(session))?;
    if json {
        println!("{}", serde_json::to_string_pretty(&Report::of(&link.session))?);
    } else {
        print!("{}", table(&link.session, link.now()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Updates.
pub(crate) fn update(wanted: &Wanted<'_>) -> Result<ExitCode> {
    // Every file is read before the port is opened: a bad one must not leave half a rack done.
    let (offers, keeper) = match wanted.release {
        None => {
            let offers = wanted.files.iter().map(|file| read(file, wanted.address));
            (offers.collect::<Result<_>>()?, Keeper::new(Vec::new()))
        }
        Some(path) => from_release(path, wanted.trusted)?,
    };
    let mut link = Link::open(wanted.port)?;
    link.keeper = keeper;
    offers.into_iter().for_each(|offer| link.session.catalog.add(offer));
    let outcome = run(&mut link, wanted.slot);
    // Most wanted where it went wrong.
    if let Some(path) = wanted.transcript {
        fs::write(path, link.session.transcript().to_string())
            .with_context(|| path.display().to_string())?;
    }
    outcome?;
    if wanted.json {
        println!("{}", serde_json::to_string_pretty(&Report::of(&link.session))?);
    } else {
        print!("{}", table(&link.session, link.now()));
    }
    let rack = link.session.rack();
    let well = |phase: &Phase| match phase {
        // Not asked for by name, it is only nothing to do.
        Phase::Ended(Ended::Refused(Problem::NoImage)) => wanted.slot.is_none(),
        Phase::Ended(Ended::Failed(_) | Ended::Refused(_)) => false,
        _ => true,
    };
    // Of a bus that is not well nobody knows who was left out.
    let reached = wanted.slot.is_some() || rack.bus_problems.is_empty();
    Ok(
        if reached
            && !link.keeper.is_behind
            && rack.modules.iter().all(|module| well(&module.phase))
        {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        },
    )
}

/// Finds out who is there, and updates them, or the one in a slot.
fn run(link: &mut Link, slot: Option<u8>) -> Result<()> {
    link.run_until(|session, _| is_known(session))?;
    let select = selection(&link.session, slot)?;
    let now = link.now();
    link.session.update(&select, now);
    let mut bars = Bars::new();
    let outcome = link.run_until(|session, now| {
        bars.show(&View::of(session, now));
        session.job().is_none_or(|job| job.ended.is_some())
    });
    bars.finish();
    Ok(outcome?)
}

/// Its images, and what is to be done with settings, once all of it is trusted. From then on no older one is.
fn from_release(path: &Path, trusted: &Trusted) -> Result<(Vec<Offer>, Keeper)> {
    let counter = Counter::here();
    let known = Known { counter: counter.read(), today: today() };
    let opened = Source::read(path)?.open(&trusted.keys()?, known);
    let Opened { release, offers, .. } = opened.with_context(|| path.display().to_string())?;
    counter.raise(release.manifest().counter)?;
    Ok((offers, Keeper::new(release.settings())))
}

fn read(file: &Path, address: Option<u32>) -> Result<Offer> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let image = Image::parse(&bytes, address).and_then(Offer::new);
    image.with_context(|| file.display().to_string())
}

fn is_known(session: &Session) -> bool {
    session.link_state() == LinkState::Up && !session.is_detecting()
}

fn selection(session: &Session, slot: Option<u8>) -> Result<Select> {
    let Some(slot) = slot else { return Ok(Select::All) };
    let rack = session.rack();
    let here =
        |module: &&rackflash_core::host::rack::Module| rack.slot_of(module) == slot.checked_sub(1);
    let Some(module) = rack.modules.iter().find(here) else {
        bail!("no module sits in slot {slot}; `rackflash detect` lists the slots");
    };
    Ok(Select::Modules(vec![module.identity.uid]))
}
