//! Settings that a new application wants elsewhere in the data EEPROM: reads all of it before the update, and writes each part at
//! its new place behind it. Refuses to keep anything: backups are its shell's, which gives them back when it starts anew.
//!
//! ```text
//!   waits ─► read ─► News::Keep ─► kept ─► the update ─► written, read back ─► News::Moved
//!     └── interrupted: its backup is from before ──┘
//! ```
//! A backup and a module that runs its image are all that is needed for the last step: it is done whenever both are there, with
//! this release or another, whoever has finished the update. Everything goes over lanes that the session lends.

mod backup;

use alloc::vec::Vec;
use core::mem::take;

pub use backup::{Backup, Move};

use super::plan::Plan;
use super::problem::Problem;
use super::rack::{Module, Phase, Presence};
use super::service::{Errand, Wish};
use super::session::{Input, Session};
use super::target::TargetError;
use crate::time::Instant;
use crate::wire::header::{Hardware, ImageHeader};
use crate::wire::identity::{Identity, Trial, Why};
use crate::wire::module::{State, Uid};
use crate::wire::version::Version;

/// What a release says of an image whose application keeps settings elsewhere than older ones did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resettled {
    /// Who made the module.
    pub vendor: u16,
    /// Which module.
    pub module_type: u16,
    /// The hardware revisions the image is for.
    pub hardware: Hardware,
    /// The image's version.
    pub version: Version,
    /// By what was there before, oldest first.
    pub layouts: Vec<Layout>,
}

/// What modules that run an older version than `below` have elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The first version that is not meant.
    pub below: Version,
    /// What was where, and will be where.
    pub moves: Vec<Move>,
}

/// What the shell is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Keep this where it survives, then say [`Settings::kept`]: until then the module is not updated.
    Keep(Backup),
    /// Its settings are where its new application looks for them.
    Moved(Backup),
    /// They could not be written. The backup is as good as before.
    NotMoved(Backup, Problem),
    /// Its update was begun elsewhere, and so the backup is elsewhere: its settings stay as they are.
    Left(Uid),
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Settings {
    /// The images of the release that move some.
    pub images: Vec<Resettled>,
    backups: Vec<Backup>,
    cases: Vec<Case>,
    /// Who waits for an update, and need nothing before. All others are held.
    ready: Vec<Uid>,
    /// Whose backup could not be written.
    failed: Vec<Uid>,
    news: Vec<News>,
}

#[derive(Debug)]
struct Case {
    /// Without what the EEPROM holds, while that is being read.
    backup: Backup,
    work: Work,
    errand: Option<Errand>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// Reads all of it.
    Read,
    /// The shell keeps what was read.
    Keep,
    /// Writes each part at its new place.
    Write,
    /// A loss of the link had left it in its loader.
    Start,
}

impl Settings {
    /// Of these images. What was kept before is to be given.
    pub fn new(images: Vec<Resettled>) -> Self {
        Self { images, ..Self::default() }
    }

    /// A backup that was kept before.
    pub fn give(&mut self, backup: Backup) {
        if !self.backups.contains(&backup) {
            self.backups.push(backup);
        }
    }

    /// Does what there is to do. Call it after each input of the session, and again as long as it says that it has done something.
    pub fn run(&mut self, session: &mut Session, now: Instant) -> bool {
        self.look(session);
        let mut is_done = false;
        for mut case in take(&mut self.cases) {
            is_done |= case.go_on(session);
            match case.ended() {
                None => self.cases.push(case),
                Some(answer) => {
                    is_done = true;
                    self.end(case, answer, session);
                }
            }
        }
        if is_done {
            session.handle(Input::Wake, now);
        }
        is_done
    }

    /// What has happened since.
    pub fn news(&mut self) -> Vec<News> {
        take(&mut self.news)
    }

    /// Whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.cases.is_empty()
    }

    /// The shell has kept what it was to [`News::Keep`]; without that the module is not updated.
    pub fn kept(&mut self, backup: Backup, is_kept: bool, session: &mut Session, now: Instant) {
        self.cases.retain(|case| case.backup.uid != backup.uid);
        if is_kept {
            self.let_go(backup.uid, session);
            self.backups.retain(|other| (other.uid, other.image) != (backup.uid, backup.image));
            self.backups.push(backup);
        } else {
            session.give_up(backup.uid, Problem::Unsaved);
        }
        session.handle(Input::Wake, now);
    }

    /// Sees to modules that have come to where there is something to do.
    fn look(&mut self, session: &Session) {
        let (mut held, mut let_go) = (Vec::new(), Vec::new());
        for module in &session.rack().modules {
            let uid = module.identity.uid;
            if module.presence == Presence::Gone {
                self.failed.retain(|failed| *failed != uid);
                continue;
            }
            let is_case = self.cases.iter().any(|case| case.backup.uid == uid);
            let waits = module.phase == Phase::Waiting;
            if is_case || module.is_updating() || waits && self.ready.contains(&uid) {
                continue;
            }
            self.ready.retain(|ready| *ready != uid);
            // Also before its update is asked for: then that would start at once.
            if !module.is_held {
                held.push(uid);
            }
            let found = self.unwritten(module).cloned().map(|backup| (backup, Work::Write));
            let unread = || self.unread(module, session).map(|backup| (backup, Work::Read));
            match if waits { found.or_else(unread) } else { found } {
                Some((backup, work)) => self.cases.push(Case { backup, work, errand: None }),
                None if waits => let_go.push(uid),
                None => {}
            }
        }
        held.into_iter().for_each(|uid| session.hold(uid, true));
        let_go.into_iter().for_each(|uid| self.let_go(uid, session));
    }

    fn let_go(&mut self, uid: Uid, session: &Session) {
        session.hold(uid, false);
        self.ready.push(uid);
    }

    /// The backup of a module that runs the image for which it was made.
    fn unwritten(&self, module: &Module) -> Option<&Backup> {
        let Identity { uid, trial, why, .. } = module.identity;
        let runs = matches!(why, Why::Runs | Why::Requested) && trial == Trial::Confirmed;
        let installed = module.identity.application().filter(|_| runs)?;
        let is_its = |backup: &&Backup| (backup.uid, backup.image) == (uid, installed.digest);
        self.backups.iter().filter(|_| !self.failed.contains(&uid)).find(is_its)
    }

    /// What is to be read of a module before its update; nothing if its settings stay where they are, or it was interrupted and has
    /// been read before.
    fn unread(&mut self, module: &Module, session: &Session) -> Option<Backup> {
        let identity = &module.identity;
        let offer = session.catalog.best_for(identity).ok()?;
        let image = self.images.iter().find(|image| image.is(&offer.header))?;
        let digest = Plan::new(offer, identity).ok()?.digest();
        let uid = identity.uid;
        let Some(installed) = identity.application() else {
            let is_its = |backup: &Backup| (backup.uid, backup.image) == (uid, digest);
            if identity.why == Why::Interrupted && !self.backups.iter().any(is_its) {
                self.news.push(News::Left(uid));
            }
            return None;
        };
        // As long as it has an older application, what it holds counts, and no backup of an update that never began.
        let layout = image.layouts.iter().find(|layout| installed.version < layout.below)?;
        Some(Backup { uid, image: digest, moves: layout.moves.clone(), eeprom: Vec::new() })
    }

    fn end(&mut self, case: Case, answer: Result<Vec<u8>, Problem>, session: &Session) {
        let Case { mut backup, work, .. } = case;
        let uid = backup.uid;
        match (work, answer) {
            // When it is back, this is begun anew.
            (_, Err(Problem::Target(TargetError::LinkLost))) => {}
            (Work::Read | Work::Keep, Ok(eeprom)) => {
                backup.eeprom = eeprom;
                if backup.writes().is_some() {
                    self.news.push(News::Keep(backup.clone()));
                    self.cases.push(Case { backup, work: Work::Keep, errand: None });
                } else {
                    session.give_up(uid, Problem::Unsaved);
                }
            }
            (Work::Read | Work::Keep, Err(_)) => session.give_up(uid, Problem::Unsaved),
            (Work::Write, Ok(_)) if is_stopped(session, uid) => {
                self.cases.push(Case { backup, work: Work::Start, errand: None });
            }
            (Work::Write | Work::Start, Ok(_)) => {
                self.backups.retain(|other| *other != backup);
                self.news.push(News::Moved(backup));
            }
            (Work::Write | Work::Start, Err(problem)) => {
                self.failed.push(uid);
                self.news.push(News::NotMoved(backup, problem));
            }
        }
    }
}

/// Whether it waits in its loader, as somebody has wished.
fn is_stopped(session: &Session, uid: Uid) -> bool {
    session.rack().module(uid).is_some_and(|module| module.state == State::Loader)
}

impl Resettled {
    fn is(&self, header: &ImageHeader) -> bool {
        (self.vendor, self.module_type) == (header.vendor, header.module_type)
            && (self.hardware, self.version) == (header.hardware, header.version)
    }
}

impl Case {
    /// Whether anything was done.
    fn go_on(&mut self, session: &mut Session) -> bool {
        let Some(errand) = &mut self.errand else {
            let wish = match self.work {
                Work::Keep => return false,
                Work::Read => Wish::EepromRead,
                Work::Write => Wish::EepromWrite(self.backup.writes().unwrap_or_default()),
                Work::Start => Wish::Start,
            };
            // Where no lane is free, one will be.
            let Some(loan) = session.lend(self.backup.uid) else { return false };
            self.errand = Some(Errand::new(loan, self.backup.uid, wish));
            return true;
        };
        errand.go_on()
    }

    fn ended(&mut self) -> Option<Result<Vec<u8>, Problem>> {
        self.errand.take_if(|errand| errand.is_over())?.into_answer()
    }
}
