//! Where this computer keeps what modules held in their data EEPROM before an update that moves it; says what became of it.
//! Refuses to delete any: they are small.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::Zoned;
use rackflash_core::host::problem::Problem;
use rackflash_core::host::rack::Rack;
use rackflash_core::host::session::Session;
use rackflash_core::host::settings::{Backup, News, Resettled, Settings};
use rackflash_core::time::Instant;
use rackflash_core::wire::module::Uid;

use crate::known;

/// How the name ends of one that is to be written back.
const KEPT: &str = "settings";
/// And of one that has been, or of which there is a newer one.
const DONE: &str = "settings-done";

/// The settings of a rack's modules, and where they are kept.
#[derive(Default)]
pub(crate) struct Keeper {
    settings: Settings,
    /// Nowhere, if the system does not say.
    folder: Option<PathBuf>,
    /// What was kept, and under which name.
    files: Vec<(Backup, PathBuf)>,
    /// Whether settings are not where an application looks for them.
    pub(crate) is_behind: bool,
}

impl Keeper {
    /// With all that was kept before.
    pub(crate) fn new(images: Vec<Resettled>) -> Self {
        let folder = known::folder().map(|folder| folder.join("settings"));
        let listed = folder.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let mut files: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == KEPT));
        files.sort();
        let files = files.into_iter().filter_map(|file| Some((read(&file)?, file)));
        let files: Vec<_> = files.collect();
        let mut settings = Settings::new(images);
        files.iter().for_each(|(backup, _)| settings.give(backup.clone()));
        Self { settings, folder, files, is_behind: false }
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.settings.is_idle()
    }

    /// See [`Settings::run`].
    pub(crate) fn run(&mut self, session: &mut Session, now: Instant) -> bool {
        let is_done = self.settings.run(session, now);
        for news in self.settings.news() {
            let (uid, said) = match news {
                News::Keep(backup) => {
                    let uid = backup.uid;
                    let kept = self.keep(&backup, &session.rack());
                    self.settings.kept(backup, kept.is_ok(), session, now);
                    let said = match kept {
                        Ok(file) => format!("settings saved in {}", file.display()),
                        Err(error) => format!("its settings cannot be kept ({error:#})"),
                    };
                    (uid, said)
                }
                News::Moved(backup) => {
                    (backup.uid, format!("settings restored{}", self.moved(&backup)))
                }
                News::NotMoved(backup, problem) => (backup.uid, self.not_moved(&problem)),
                News::Left(uid) => {
                    self.is_behind = true;
                    let said = "its update was begun on another computer, which has its settings: they stay as they are";
                    (uid, said.to_owned())
                }
            };
            eprintln!("{}: {said}", name(uid, &session.rack()));
        }
        is_done
    }

    fn keep(&mut self, backup: &Backup, rack: &Rack) -> Result<PathBuf> {
        let folder = self.folder.as_ref().context("the system does not say where")?;
        let serial = rack.module(backup.uid).map(|module| module.serial()).unwrap_or_default();
        let time = Zoned::now().strftime("%Y%m%d-%H%M%S");
        let file = folder.join(format!("{serial}-{time}.{KEPT}"));
        fs::create_dir_all(folder)?;
        // Whole, or not there at all.
        let part = file.with_extension("part");
        fs::write(&part, backup.emit()).and_then(|()| fs::rename(&part, &file))?;
        let is_older = |(kept, _): &&(Backup, PathBuf)| kept.name() == backup.name();
        for (_, older) in self.files.iter().filter(is_older) {
            fs::rename(older, older.with_extension(DONE))?;
        }
        self.files.retain(|kept| !is_older(&kept));
        self.files.push((backup.clone(), file.clone()));
        Ok(file)
    }

    /// Where it still is.
    fn moved(&self, backup: &Backup) -> String {
        let Some((_, file)) = self.files.iter().find(|(kept, _)| kept == backup) else {
            return String::new();
        };
        let moved = file.with_extension(DONE);
        match fs::rename(file, &moved) {
            Ok(()) => format!("; what was there before is in {}", moved.display()),
            // The next update writes them again.
            Err(error) => format!("; {} cannot be renamed ({error})", file.display()),
        }
    }

    fn not_moved(&mut self, problem: &Problem) -> String {
        self.is_behind = true;
        format!("its settings are not restored yet ({problem}); run the command again")
    }
}

/// None of what is damaged: it must not get into a module.
fn read(file: &Path) -> Option<Backup> {
    Backup::parse(&fs::read(file).ok()?)
}

fn name(uid: Uid, rack: &Rack) -> String {
    let module = rack.module(uid);
    module
        .map_or_else(|| uid.to_string(), |module| format!("{} {}", module.name(), module.serial()))
}
