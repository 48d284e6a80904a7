//! What an engineer does with one module: an image of one's own, and a lane that is lent to a [`Service`] of `tools`, which knows
//! what is asked over it.
//!
//! [`Service`]: rackflash_core::host::service::Service

use core::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Uint8Array};
use rackflash_core::host::catalog::{Offer, Rollback, Terms};
use rackflash_core::host::image::Image;
use rackflash_core::host::loan::Loan;
use rackflash_core::host::problem::Problem;
use rackflash_core::host::session::{Input, Session};
use rackflash_core::host::settings::{Backup, News, Resettled, Settings};
use rackflash_core::host::view::ProblemView;
use rackflash_core::time::Instant;
use wasm_bindgen::prelude::*;

use crate::engine::{Engine, Shell, now, pump};
use crate::to_js;

/// What settings move, and who keeps them meanwhile.
#[derive(Default)]
pub(crate) struct Kept {
    settings: Settings,
    on_news: Option<Function>,
}

/// What is lent, and who is told what comes over it.
pub(crate) type Lent = (Loan, Function);

#[wasm_bindgen]
impl Engine {
    /// Updates a module with an image that somebody has chosen for it: what the flash is to hold from `address` on. It may be
    /// older than what the module runs. Throws a problem if it is not for that module.
    pub fn update_with(&self, uid: &str, address: u32, bytes: &[u8]) -> Result<(), JsValue> {
        let offer = Image::from_binary(bytes, address).and_then(Offer::new);
        let offer = offer.map_err(|error| to_js(&ProblemView::from(&error)))?;
        let terms = Terms { rollback: Rollback::Allowed, ..offer.terms };
        let mut shell = self.shell.borrow_mut();
        let begun = match shell.uid(uid) {
            Some(uid) => shell.session.update_with(uid, Offer { terms, ..offer }, now()),
            None => Err(Problem::Unplugged),
        };
        drop(shell);
        pump(&self.shell);
        begun.map_err(|problem| to_js(&ProblemView::from(&problem)))
    }

    /// Lends a lane to speak to a module, one at a time; returns its ticket: address and session. Nothing is lent while the module
    /// is updated. `on_heard` is called with each piece that the borrower is to hear, and with nothing when all is over.
    pub fn lend(&self, uid: &str, on_heard: Function) -> Option<Vec<u8>> {
        let mut shell = self.shell.borrow_mut();
        let uid = shell.uid(uid).filter(|_| shell.loan.is_none())?;
        let loan = shell.session.lend(uid)?;
        let ticket = loan.ticket().to_bytes().to_vec();
        shell.loan = Some((loan, on_heard));
        Some(ticket)
    }

    /// From now on `on_news` is called with what becomes of settings that an update moves: `keep`, `moved`, `unmoved` or `left`, and, but for
    /// the last, the backup: its name and its bytes. Of one that is to be kept [`Engine::kept`] must be told.
    pub fn on_settings(&self, on_news: Function) {
        self.shell.borrow_mut().settings.on_news = Some(on_news);
        pump(&self.shell);
    }

    /// A backup that was kept before.
    pub fn give_backup(&self, bytes: &[u8]) {
        if let Some(backup) = Backup::parse(bytes) {
            self.shell.borrow_mut().settings.settings.give(backup);
        }
    }

    /// Whether a backup was kept that was to be.
    pub fn kept(&self, bytes: &[u8], is_kept: bool) {
        let mut shell = self.shell.borrow_mut();
        let Shell { session, settings, .. } = &mut *shell;
        if let Some(backup) = Backup::parse(bytes) {
            settings.settings.kept(backup, is_kept, session, now());
        }
        drop(shell);
        pump(&self.shell);
    }

    /// The borrower's next operations; with none the loan is given back.
    pub fn push(&self, group: Option<Vec<u8>>) {
        let mut shell = self.shell.borrow_mut();
        if let Some((loan, _)) = &shell.loan {
            match group {
                Some(group) => loan.push(group),
                None => loan.give_back(),
            }
        }
        shell.session.handle(Input::Wake, now());
        drop(shell);
        pump(&self.shell);
    }
}

/// Nothing of the shell is held meanwhile: who is told goes on at once.
pub(crate) fn tell_borrower(shell: &Rc<RefCell<Shell>>) {
    let Some((loan, on_heard)) = shell.borrow().loan.clone() else { return };
    for said in loan.heard() {
        let _ = on_heard.call1(&JsValue::NULL, &said.into());
    }
    if loan.is_over() && shell.borrow_mut().loan.take().is_some() {
        let _ = on_heard.call0(&JsValue::NULL);
    }
}

impl Kept {
    pub(crate) fn offer(&mut self, images: Vec<Resettled>) {
        self.settings.images = images;
    }

    pub(crate) fn run(&mut self, session: &mut Session, now: Instant) -> bool {
        self.settings.run(session, now)
    }
}

/// As [`tell_borrower`].
pub(crate) fn tell_keeper(shell: &Rc<RefCell<Shell>>) {
    let (news, on_news) = {
        let Kept { settings, on_news } = &mut shell.borrow_mut().settings;
        let Some(on_news) = on_news.clone() else { return };
        (settings.news(), on_news)
    };
    for news in news {
        let (what, backup) = match &news {
            News::Keep(backup) => ("keep", Some(backup)),
            News::Moved(backup) => ("moved", Some(backup)),
            News::NotMoved(backup, _) => ("unmoved", Some(backup)),
            News::Left(_) => ("left", None),
        };
        let told = Array::of1(&what.into());
        if let Some(backup) = backup {
            told.push(&backup.name().into());
            told.push(&Uint8Array::from(&backup.emit()[..]));
        }
        let _ = on_news.apply(&JsValue::NULL, &told);
    }
}
