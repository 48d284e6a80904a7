//! A lane that is lent to code outside the session, to speak to one module: operations go in, what they read comes out. Refuses
//! to know what they are for.
//!
//! So what few people ever ask of a module (`super::service`) costs nobody else anything: a page loads it when it is wanted, and
//! only bytes go between it and the session.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::Poll;

use super::finder::Sightings;
use super::lane::{Halt, Lane};
use super::rack::Rack;
use super::target::Target;
use crate::wire::check::Address;
use crate::wire::message::Cause;
use crate::wire::module::{Session, Uid};

/// A borrower's hold on a lane. Clones are the same loan.
#[derive(Clone, Debug)]
pub struct Loan(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    ticket: Ticket,
    /// Groups of operations that are not in the lane yet.
    groups: RefCell<Vec<Vec<u8>>>,
    heard: RefCell<Vec<Vec<u8>>>,
    stage: Cell<Stage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Lent,
    GivenBack,
    Over,
}

/// What whoever borrows a lane must know to speak to the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Where the module is.
    pub address: Address,
    /// Tells this host's frames from those of one before.
    pub session: Session,
}

impl Ticket {
    /// As bytes, for whoever is not in the same program.
    pub fn to_bytes(self) -> [u8; 2] {
        [self.address.get(), self.session.0]
    }

    /// What [`Ticket::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [address, session] = *bytes else { return None };
        Some(Self { address: Address::new(address)?, session: Session(session) })
    }
}

impl Loan {
    pub(super) fn new(address: Address, session: Session) -> Self {
        Self(Rc::new(Inner {
            ticket: Ticket { address, session },
            groups: RefCell::default(),
            heard: RefCell::default(),
            stage: Cell::new(Stage::Lent),
        }))
    }

    /// See [`Ticket`].
    pub fn ticket(&self) -> Ticket {
        self.0.ticket
    }

    /// Queues operations that belong together, as [`super::service::Service::next_group`] gives them. They go with the session's next
    /// input.
    pub fn push(&self, group: Vec<u8>) {
        self.0.groups.borrow_mut().push(group);
    }

    /// What came of them since, in order, for [`super::service::Service::hear`].
    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.0.heard.take()
    }

    /// Nothing more is wanted: the session asks the module once more who it is, and has it again.
    pub fn give_back(&self) {
        if self.0.stage.get() == Stage::Lent {
            self.0.stage.set(Stage::GivenBack);
        }
    }

    /// Whether the session has the module again.
    pub fn is_over(&self) -> bool {
        self.0.stage.get() == Stage::Over
    }

    /// Serves the loan until it is given back, or the link is lost.
    pub(super) async fn serve(
        self,
        uid: Uid,
        target: Target,
        sightings: Rc<RefCell<Sightings>>,
        rack: Rc<RefCell<Rack>>,
    ) {
        let Inner { ticket, groups, heard, stage } = &*self.0;
        Sightings::left_alone(&sightings, ticket.address).await;
        // The borrower counts from 0 on.
        let first = target.lane.pushed();
        let has_link = poll_fn(|_| {
            for group in groups.take() {
                target.lane.push_group(group);
            }
            while let Poll::Ready(said) = target.lane.numbered_result() {
                let is_lost = said == Err(Halt::LinkLost);
                let said = said.map(|(op, data)| (op.wrapping_sub(first), data));
                heard.borrow_mut().push(tell(said));
                if is_lost {
                    return Poll::Ready(false);
                }
            }
            if stage.get() == Stage::Lent { Poll::Pending } else { Poll::Ready(true) }
        })
        .await;
        if has_link {
            target.lane.reset();
            let now = target.identify().await;
            let mut rack = rack.borrow_mut();
            if let (Ok((status, identity)), Some(module)) = (now, rack.module_mut(uid))
                && identity.uid == uid
            {
                module.renew(status.state, identity);
            }
        }
        rack.borrow_mut().give_back(uid);
        stage.set(Stage::Over);
    }
}

/// The first byte of what is heard.
mod heard {
    /// The operation's number (4), what it has read.
    pub(super) const READ: u8 = 0;
    /// The cause, what was read last.
    pub(super) const HALTED: u8 = 1;
    pub(super) const LINK_LOST: u8 = 2;
    pub(super) const KEPT_BACK: u8 = 3;
}

fn tell(said: Result<(u32, Vec<u8>), Halt>) -> Vec<u8> {
    let (head, data) = match said {
        Ok((op, data)) => {
            let [a, b, c, d] = op.to_le_bytes();
            (alloc::vec![heard::READ, a, b, c, d], data)
        }
        Err(Halt::Halted { cause, data }) => (alloc::vec![heard::HALTED, cause as u8], data),
        Err(Halt::LinkLost) => (alloc::vec![heard::LINK_LOST], Vec::new()),
        Err(Halt::KeptBack) => (alloc::vec![heard::KEPT_BACK], Vec::new()),
    };
    [head, data].concat()
}

/// Tells a borrower's lane what the lent one was told. What no session says changes nothing.
pub(super) fn hear(lane: &Lane, said: &[u8]) {
    match said {
        [heard::READ, a, b, c, d, data @ ..] => {
            lane.read(u32::from_le_bytes([*a, *b, *c, *d]), data);
        }
        [heard::HALTED, cause, data @ ..] => {
            if let Ok(cause) = Cause::parse(*cause) {
                lane.end(Halt::Halted { cause, data: data.to_vec() });
            }
        }
        [heard::LINK_LOST] => lane.end(Halt::LinkLost),
        [heard::KEPT_BACK] => lane.end(Halt::KeptBack),
        _ => {}
    }
}
