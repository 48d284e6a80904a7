//! What an engineer asks of one module: what its memories hold, its log, to start or to be erased. Straight-line code over a
//! lane that the session lends. Refuses to update: that is `super::driver`'s.
//!
//! ```text
//!   Session::lend ─► Loan ◄─ push ── next_group ─┐
//!                     └──── heard ──► hear ──► Service ─► poll: the answer
//! ```
//! Most of it only a loader answers: a module that runs its application is stopped for it, and started again behind it.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::ops::Range;
use core::pin::Pin;
use core::task::{Context, Waker};

use super::driver::{BEGIN, BEGIN_RESPONSE_LEN, ENTER, PAGE_DIGESTS, SURVEY_PAGES, redo};
use super::lane::Lane;
use super::loan::{self, Loan, Ticket};
use super::order::order;
use super::party::push_start;
use super::plan::application_flash;
use super::problem::Problem;
use super::target::{Target, TargetError};
use crate::time::Duration;
use crate::wire::digest::digest;
use crate::wire::header::Hardware;
use crate::wire::identity::Identity;
use crate::wire::message::Bus;
use crate::wire::module::{
    Begin, DATA_LEN_MAX, Outcome, PAGE_OVERHEAD, PageFrame, Request, STATUS_LEN, State, Status, Uid,
};
use crate::wire::op::{Check, Op};

/// Requests that are asked before the first is answered: with a round trip of 4 ms the bus rests no more, and with one of 100 ms
/// 192 KB are read in ten seconds instead of eighty. All their frames and operations are less than a block.
const AHEAD: usize = 8;
/// Bytes of one request.
const PIECE: u16 = 256;
const _: () = assert!(PIECE as usize == DATA_LEN_MAX);
/// Reading as many, in pieces of a word.
const READ: Duration = Duration::from_millis(500);
/// Writing as many bytes of EEPROM: 64 words of 3.94 ms at most (limits of the STM32L072), each tried three times.
const EEPROM_WRITE: Duration = Duration::from_secs(2);
/// How often a page frame is sent in all.
const PAGE_TRIES: u8 = 5;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Answer: one byte, its [`State`], and its [`Identity`]. It goes on with what it does.
    Identify,
    /// Answer: the [digest] of each page of the application area, four bytes each.
    PageDigests,
    /// Answer: bytes of the flash.
    Read(Range<u32>),
    /// Answer: bytes of the data EEPROM.
    EepromRead,
    /// Writes to the data EEPROM, whole words, and reads them back. No answer.
    EepromWrite(
        /// From where on, and what.
        Vec<(u16, Vec<u8>)>,
    ),
    /// Answer: the loader's log, two bytes each event.
    Log,
    /// It stops its application, and stays in its loader. No answer.
    Stop,
    /// It starts its application. No answer.
    Start,
    /// Its application area reads as erased, every page of it, and it stays in its loader. No answer.
    Erase,
}

type Answer = Result<Vec<u8>, Problem>;

/// A wish that is being fulfilled.
pub struct Service {
    lane: Lane,
    progress: Rc<Cell<f32>>,
    answer: Rc<RefCell<Option<Answer>>>,
    task: Pin<Box<dyn Future<Output = ()>>>,
}

impl Service {
    /// Begins with what a module is asked over a [`super::loan::Loan`].
    pub fn new(ticket: Ticket, uid: Uid, wish: Wish) -> Self {
        // Its bus is the loan's affair.
        let lane = Lane::new(Bus(0), 0);
        let target = Target::new(lane.clone(), ticket.address, ticket.session, Rc::default());
        let (progress, answer) = (Rc::<Cell<f32>>::default(), Rc::<RefCell<_>>::default());
        let servant = Servant { target, uid, progress: progress.clone() };
        let told = answer.clone();
        let task = Box::pin(async move {
            let answer = servant.fulfil(&wish).await;
            *told.borrow_mut() = Some(answer);
        });
        Self { lane, progress, answer, task }
    }

    /// Goes on; the answer, once it is there. Then the loan is to be given back.
    pub fn poll(&mut self) -> Option<Answer> {
        if self.answer.borrow().is_none() {
            let _ = self.task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        self.answer.borrow().clone()
    }

    /// The next operations for the loan.
    pub fn next_group(&self) -> Option<Vec<u8>> {
        self.lane.next_group()
    }

    /// What the loan has heard.
    pub fn hear(&self, said: &[u8]) {
        loan::hear(&self.lane, said);
    }

    /// How much of it is done, 0 to 1.
    pub fn progress(&self) -> f32 {
        self.progress.get()
    }
}

impl core::fmt::Debug for Service {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Service").field("lane", &self.lane).finish_non_exhaustive()
    }
}

/// A wish over a loan of a session that is in the same program.
#[derive(Debug)]
pub struct Errand {
    loan: Loan,
    service: Service,
    answer: Option<Answer>,
}

impl Errand {
    /// Begins with what a module is asked.
    pub fn new(loan: Loan, uid: Uid, wish: Wish) -> Self {
        let service = Service::new(loan.ticket(), uid, wish);
        Self { loan, service, answer: None }
    }

    /// Takes in what the session has heard, and asks what is next. Whether there is something for the session, which then needs
    /// an input.
    pub fn go_on(&mut self) -> bool {
        let mut is_asked = false;
        for said in self.loan.heard() {
            self.service.hear(&said);
        }
        if self.answer.is_none() {
            self.answer = self.service.poll();
            while let Some(group) = self.service.next_group() {
                self.loan.push(group);
                is_asked = true;
            }
            if self.answer.is_some() {
                self.loan.give_back();
                is_asked = true;
            }
        }
        is_asked
    }

    /// Whether it is answered, and others may ask.
    pub fn is_over(&self) -> bool {
        self.answer.is_some() && self.loan.is_over()
    }

    /// The answer, if there is one yet.
    pub fn into_answer(self) -> Option<Result<Vec<u8>, Problem>> {
        self.answer
    }
}

struct Servant {
    target: Target,
    uid: Uid,
    progress: Rc<Cell<f32>>,
}

impl Servant {
    async fn fulfil(&self, wish: &Wish) -> Answer {
        let (status, identity) = self.same(self.target.identify().await?)?;
        if let Wish::Identify = wish {
            return Ok([&[status.state as u8][..], &identity.emit()].concat());
        }
        let identity = if status.state == State::Application && *wish != Wish::Start {
            self.target.push_restart(&Request::EnterLoader, State::Loader, ENTER);
            self.target.push_identify();
            self.same(self.target.identified().await?)?.1
        } else {
            identity
        };
        let answer = self.fulfil_in_loader(wish, &identity).await;
        let stays = matches!(wish, Wish::Stop | Wish::Start | Wish::Erase)
            || answer == Err(Problem::Target(TargetError::LinkLost));
        if status.state == State::Application && !stays {
            // What was asked for is answered, whatever becomes of this; that the application runs again is to be seen.
            self.target.lane.reset();
            let _ = self.start().await;
        }
        answer
    }

    async fn fulfil_in_loader(&self, wish: &Wish, identity: &Identity) -> Answer {
        let flash = application_flash(&identity.geometry)?;
        let pages = (flash.area.end - flash.area.start) / flash.page_len;
        let pages = u16::try_from(pages).unwrap_or(u16::MAX);
        match wish {
            Wish::Identify | Wish::Stop => Ok(Vec::new()),
            Wish::Start => self.start().await.map(|()| Vec::new()),
            Wish::PageDigests => self.page_digests(pages).await,
            Wish::Read(range) => self.read(range).await,
            Wish::EepromRead => self.eeprom(0..identity.geometry.eeprom_len).await,
            Wish::EepromWrite(parts) => {
                for (offset, bytes) in parts {
                    self.eeprom_write(*offset, bytes).await?;
                }
                Ok(Vec::new())
            }
            Wish::Log => self.log().await,
            Wish::Erase => self.erase(identity, pages).await.map(|()| Vec::new()),
        }
    }

    /// Whether it is still the module that is meant.
    fn same(&self, heard: (Status, Identity)) -> Result<(Status, Identity), Problem> {
        if heard.1.uid == self.uid { Ok(heard) } else { Err(Problem::Unplugged) }
    }

    async fn start(&self) -> Result<(), Problem> {
        push_start(&[&self.target]);
        let (status, _) = self.same(self.target.identified().await?)?;
        let runs = status.state == State::Application;
        runs.then_some(()).ok_or(Problem::NeverStarted)
    }

    /// Asks all of these, some ahead; the answers one behind the other. Each comes with the length of its answer.
    async fn ask_all(&self, requests: &[(Request<'_>, usize)], within: Duration) -> Answer {
        let mut answers = Vec::new();
        let mut ahead = requests.iter();
        let mut push = || {
            if let Some((request, len)) = ahead.next() {
                self.target.push_request(request, within);
                self.target.push_read(*len);
            }
        };
        (0..AHEAD).for_each(|_| push());
        for (done, (_, len)) in requests.iter().enumerate() {
            answers.extend(self.target.response(*len).await?);
            push();
            self.done(done + 1, requests.len());
        }
        Ok(answers)
    }

    async fn page_digests(&self, pages: u16) -> Answer {
        let requests: Vec<_> = (0..pages)
            .step_by(SURVEY_PAGES.into())
            .map(|first| {
                let count = (pages - first).min(SURVEY_PAGES);
                let request =
                    Request::PageDigests { first, count: u8::try_from(count).unwrap_or(u8::MAX) };
                (request, usize::from(count) * 4)
            })
            .collect();
        self.ask_all(&requests, PAGE_DIGESTS).await
    }

    async fn read(&self, range: &Range<u32>) -> Answer {
        let requests: Vec<_> = range
            .clone()
            .step_by(PIECE.into())
            .map(|start| {
                let left = u16::try_from(range.end - start).unwrap_or(u16::MAX);
                let len = left.min(PIECE);
                (Request::Read { start, len }, len.into())
            })
            .collect();
        self.ask_all(&requests, READ).await
    }

    async fn eeprom(&self, range: Range<u16>) -> Answer {
        let requests: Vec<_> = range
            .clone()
            .step_by(PIECE.into())
            .map(|offset| {
                let len = (range.end - offset).min(PIECE);
                (Request::EepromRead { offset, len }, len.into())
            })
            .collect();
        self.ask_all(&requests, READ).await
    }

    async fn eeprom_write(&self, offset: u16, bytes: &[u8]) -> Result<(), Problem> {
        let offsets = (offset..).step_by(PIECE.into());
        let requests: Vec<_> = offsets
            .zip(bytes.chunks(PIECE.into()))
            .map(|(offset, bytes)| (Request::EepromWrite { offset, bytes }, 0))
            .collect();
        self.ask_all(&requests, EEPROM_WRITE).await?;
        let behind = offset.saturating_add(u16::try_from(bytes.len()).unwrap_or(u16::MAX));
        let is_written = self.eeprom(offset..behind).await? == bytes;
        is_written.then_some(()).ok_or(TargetError::Refused(Outcome::FlashWorn).into())
    }

    async fn log(&self) -> Answer {
        self.target.push_request(&Request::Log, READ);
        // How long it is stands in front of it.
        let (from, check) = (self.target.address, Check::None);
        let len = u16::try_from(STATUS_LEN + 2).unwrap_or(u16::MAX);
        self.target.lane.push(&[Op::Read { from, check, len }]);
        let head = self.target.result().await?;
        let len = head.get(STATUS_LEN).copied().unwrap_or_default().into();
        self.target.push_read(len);
        Ok(self.target.response(len).await?)
    }

    /// Opens an update that is never committed, and writes every page as it reads when erased.
    async fn erase(&self, identity: &Identity, pages: u16) -> Result<(), Problem> {
        let geometry = &identity.geometry;
        let blank = alloc::vec![geometry.erased; geometry.page_len.into()];
        let found = self.page_digests(pages).await?;
        let blank_digest = digest(&blank).to_le_bytes();
        let differ: Vec<_> = found.chunks_exact(4).map(|found| found != blank_digest).collect();
        let begin = Begin {
            vendor: identity.vendor,
            module_type: identity.module_type,
            hardware: Hardware::of(identity.hardware),
            len: u32::from(pages) * u32::from(geometry.page_len),
            ..Begin::default()
        };
        let again = self.target.request(&Request::Begin(begin), BEGIN_RESPONSE_LEN, BEGIN).await?;
        let order = order(&differ, &redo(&again, pages)?, None);
        let mut frame = alloc::vec![0; PAGE_OVERHEAD + blank.len()];
        for (seq, page) in (0..).zip(&order) {
            let session = self.target.session();
            let page = PageFrame { session, seq, page: *page, bytes: &blank };
            let len = page.emit(self.target.address, &mut frame).map_err(TargetError::from)?;
            let bytes = frame.get(..len).unwrap_or_default();
            let write = Op::Write { to: self.target.address, bytes };
            let taken = self.target.taken(seq + 1, 1);
            self.target.lane.push(&[Op::Attempt { ops: 2, tries: PAGE_TRIES }, write, taken]);
            self.target.push_status();
        }
        for done in 0..order.len() {
            self.target.result().await?;
            self.done(done + 1, order.len());
        }
        self.target.close().await;
        let left = self.page_digests(pages).await?;
        let is_blank = left.chunks_exact(4).all(|found| found == blank_digest);
        is_blank.then_some(()).ok_or(TargetError::Refused(Outcome::FlashWorn).into())
    }

    fn done(&self, done: usize, of: usize) {
        self.progress.set(done as f32 / of as f32);
    }
}
