//! What this computer remembers from run to run, and where: the number of the newest release that was installed from it. What
//! modules hold, they say themselves; what they held in their EEPROM is kept by [`crate::settings`].

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use etcetera::BaseStrategy;

/// Where the system keeps such things; nowhere, if it does not say.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok();
    let folder = folder.map(|place| place.state_dir().unwrap_or_else(|| place.data_dir()));
    folder.map(|folder| folder.join("rackflash"))
}

/// The highest counter of the releases that were taken here.
pub(crate) struct Counter(Option<PathBuf>);

impl Counter {
    pub(crate) fn here() -> Self {
        Self(folder().map(|folder| folder.join("release-counter")))
    }

    /// 0 before the first.
    pub(crate) fn read(&self) -> u32 {
        let text = self.0.as_ref().and_then(|file| fs::read_to_string(file).ok());
        text.and_then(|text| text.trim().parse().ok()).unwrap_or_default()
    }

    /// Never lowers it.
    pub(crate) fn raise(&self, counter: u32) -> Result<()> {
        let Some(file) = self.0.as_ref().filter(|_| counter > self.read()) else { return Ok(()) };
        let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| fs::write(file, format!("{counter}\n")));
        written.with_context(|| format!("{} cannot be written", file.display()))
    }
}
