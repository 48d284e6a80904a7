//! What an engineer does with one module: an image of one's own, and a lane that is lent to a [`Service`] of `tools`, which knows
//! what is asked over it.
//!
//! [`Service`]: rackflash_core::host::service::Service

use core::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use rackflash_core::host::catalog::{Offer, Rollback, Terms};
use rackflash_core::host::image::Image;
use rackflash_core::host::loan::Loan;
use rackflash_core::host::session::{Input, Select};
use rackflash_core::host::view::ProblemView;
use wasm_bindgen::prelude::*;

use crate::engine::{Engine, Shell, now, pump};
use crate::to_js;

/// What is lent, and who is told what comes over it.
pub(crate) type Lent = (Loan, Function);

#[wasm_bindgen]
impl Engine {
    /// Updates a module with an image that somebody has chosen for it: what the flash is to hold from `address` on. It may be
    /// older than what the module runs. Throws a problem if it does not say what it is for.
    pub fn update_with(&self, uid: &str, address: u32, bytes: &[u8]) -> Result<(), JsValue> {
        let offer = Image::from_binary(bytes, address).and_then(Offer::new);
        let offer = offer.map_err(|error| to_js(&ProblemView::from(&error)))?;
        let mut shell = self.shell.borrow_mut();
        if let Some(uid) = shell.uid(uid) {
            let terms = Terms { rollback: Rollback::Allowed, ..offer.terms };
            shell.session.catalog.choose(uid, Offer { terms, ..offer });
            shell.session.update(&Select::Modules(vec![uid]), now());
        }
        drop(shell);
        pump(&self.shell);
        Ok(())
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
