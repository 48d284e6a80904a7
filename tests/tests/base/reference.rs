//! What a lane shall do, written as one would say it: straight on, with loops. It is given the transactions that a lane
//! made and how each ended, follows them through the lane's operations, and says what the host must have been told.

use rackflash_core::base::BusError;
use rackflash_core::time::{Duration, Instant};
use rackflash_core::wire::check::pec_from;
use rackflash_core::wire::message::Cause;
use rackflash_core::wire::op::{Check, Op, Pattern};

/// A transaction that a lane made.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) starts: Instant,
    pub(crate) ends: Instant,
    pub(crate) address: u8,
    pub(crate) clock_hz: u32,
    pub(crate) what: What,
    pub(crate) outcome: Result<Vec<u8>, BusError>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Write(Vec<u8>),
    Read(usize),
}

/// What the host is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Result(u32, Vec<u8>),
    Halted(u32, Cause, Vec<u8>),
}

/// What was given to a lane from one opening to the next: blocks with the number of their first operation.
pub(crate) type Given = Vec<(u32, Vec<u8>)>;

pub(crate) struct Lane<'a> {
    bus_clock_hz: u32,
    transactions: core::slice::Iter<'a, Transaction>,
    told: Vec<Told>,
    /// How many transactions count as failed.
    failed: u32,
    /// Whether its last transaction was answered, unless an operation has failed since.
    answered: bool,
    clock_hz: u32,
    /// Nothing may be on the bus before.
    not_before: Instant,
}

struct Failure {
    op: u32,
    cause: Cause,
    read: Vec<u8>,
    retry: Retry,
}

/// Whether an attempt that failed so is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retry {
    Helps,
    /// Nothing has answered for too long, or a line is held.
    IsInVain,
}

impl Retry {
    fn after(cause: Cause) -> Self {
        if cause == Cause::BusStuck { Self::IsInVain } else { Self::Helps }
    }
}

/// How long nothing may answer a poll.
const SILENCE: Duration = Duration::from_millis(250);

/// What the host must have been told of a lane that was given this, and made these transactions; and how many of those count
/// as failed.
///
/// # Panics
/// When the lane could not have made them.
pub(crate) fn follow(
    given: &[Given],
    transactions: &[Transaction],
    bus_clock_hz: u32,
) -> (Vec<Told>, u32) {
    let (told, not_before) = (Vec::new(), Instant::ZERO);
    let transactions = transactions.iter();
    let mut lane = Lane {
        bus_clock_hz,
        transactions,
        told,
        failed: 0,
        answered: false,
        clock_hz: u32::MAX,
        not_before,
    };
    for blocks in given {
        lane.clock_hz = u32::MAX;
        if let Err(Failure { op, cause, read, .. }) = lane.run(blocks) {
            lane.told.push(Told::Halted(op, cause, read));
        }
    }
    assert!(lane.transactions.next().is_none(), "more than it was given");
    (lane.told, lane.failed)
}

impl Lane<'_> {
    fn run(&mut self, blocks: &Given) -> Result<(), Failure> {
        for (first, ops) in blocks {
            let ops: Vec<_> = rackflash_core::wire::op::Ops(ops).map(Result::unwrap).collect();
            let mut numbered = (*first..).zip(&ops);
            while let Some((number, op)) = numbered.next() {
                let Op::Attempt { ops, tries } = *op else {
                    self.op(number, op)?;
                    continue;
                };
                let group: Vec<_> = numbered.by_ref().take(ops.into()).collect();
                for left in (0..tries).rev() {
                    match group.iter().try_for_each(|(number, op)| self.op(*number, op)) {
                        Ok(()) => break,
                        Err(failure) if left == 0 || failure.retry == Retry::IsInVain => {
                            return Err(failure);
                        }
                        Err(_) => self.not_before = self.not_before + Duration::from_micros(500),
                    }
                }
            }
        }
        Ok(())
    }

    fn op(&mut self, number: u32, op: &Op<'_>) -> Result<(), Failure> {
        let done = self.done(number, op);
        self.answered &= done.is_ok();
        done
    }

    fn done(&mut self, number: u32, op: &Op<'_>) -> Result<(), Failure> {
        match *op {
            Op::Clock { hz } => self.clock_hz = hz,
            Op::Wait { micros } => {
                self.not_before = self.not_before + Duration::from_micros(micros.into());
            }
            Op::Write { to, bytes } => {
                self.tried(number, to.get(), &What::Write(bytes.to_vec()), |_| Ok(()))?;
            }
            Op::Read { from, check, len } => {
                let read = self.tried(number, from.get(), &What::Read(len.into()), |read| {
                    checks(from.get(), check, read)
                })?;
                self.told.push(Told::Result(number, read));
            }
            Op::Poll { from, check, until, expect, every_us, timeout_ms } => {
                let every = Duration::from_micros(every_us.into());
                let within = Duration::from_millis(timeout_ms.into());
                self.poll(number, (from.get(), check), until, expect, every, within)?;
            }
            Op::Attempt { .. } | Op::Pin { .. } | Op::Resume { .. } => unreachable!("not here"),
        }
        Ok(())
    }

    /// One transaction, as soon as nobody holds the bus; for a second at most. Returns when it was first tried.
    fn once(&mut self, address: u8, what: &What) -> (Instant, Result<Vec<u8>, BusError>) {
        let (first, mut outcome) = self.now(address, what);
        let end = self.not_before + Duration::from_secs(1);
        while outcome == Err(BusError::Held) && self.not_before < end {
            self.not_before = self.not_before + Duration::from_micros(250);
            outcome = self.now(address, what).1;
        }
        (first, outcome)
    }

    fn now(&mut self, address: u8, what: &What) -> (Instant, Result<Vec<u8>, BusError>) {
        let transaction = self.transactions.next().expect("it does all that it was given");
        assert_eq!((transaction.address, &transaction.what), (address, what));
        assert_eq!(transaction.clock_hz, self.clock_hz.min(self.bus_clock_hz));
        assert!(transaction.starts >= self.not_before, "too early: {transaction:?}");
        self.not_before = transaction.ends;
        (transaction.starts, transaction.outcome.clone())
    }

    /// One transaction, four times at most; once if a held line has ended it.
    fn tried(
        &mut self,
        number: u32,
        address: u8,
        what: &What,
        good: impl Fn(&[u8]) -> Result<(), Cause>,
    ) -> Result<Vec<u8>, Failure> {
        let rests = [250, 500, 1000].map(Duration::from_micros);
        let mut silent = 0;
        for rest in rests.map(Some).into_iter().chain([None]) {
            let outcome = self.once(address, what).1;
            let held = outcome == Err(BusError::Held);
            let given_up = matches!(outcome, Err(BusError::Held | BusError::Stuck));
            let rest = rest.filter(|_| !given_up);
            let outcome = outcome.map_err(cause);
            let outcome = outcome.and_then(|read| good(&read).map(|()| read));
            // A silence is a failure between two answers.
            match &outcome {
                Err(Cause::NoAnswer) => silent += u32::from(self.answered),
                _ if held => {}
                answered => {
                    self.failed += core::mem::take(&mut silent) + u32::from(answered.is_err());
                    self.answered = true;
                }
            }
            match (outcome, rest) {
                (Ok(read), _) => return Ok(read),
                (Err(_), Some(rest)) => self.not_before = self.not_before + rest,
                (Err(cause), None) => {
                    let (read, retry) = (Vec::new(), Retry::after(cause));
                    return Err(Failure { op: number, cause, read, retry });
                }
            }
        }
        unreachable!("the last try has no rest")
    }

    fn poll(
        &mut self,
        op: u32,
        (from, check): (u8, Check),
        until: Pattern,
        expect: Pattern,
        every: Duration,
        within: Duration,
    ) -> Result<(), Failure> {
        let what = What::Read(until.len());
        let mut seen: Option<Vec<u8>> = None;
        let mut first = None;
        let mut answered = None;
        let mut doubted = false;
        loop {
            let read = if within == Duration::ZERO {
                self.tried(op, from, &what, |read| checks(from, check, read))
                    .map_err(|failure| failure.cause)
            } else {
                let (starts, outcome) = self.once(from, &what);
                first = first.or(Some(starts));
                if let Err(error @ (BusError::Stuck | BusError::Held)) = outcome {
                    if error == BusError::Stuck {
                        self.failed += 1 + u32::from(doubted);
                    }
                    let (cause, read) = (Cause::BusStuck, Vec::new());
                    return Err(Failure { op, cause, read, retry: Retry::IsInVain });
                }
                let read = outcome
                    .map_err(cause)
                    .and_then(|read| checks(from, check, &read).map(|()| read));
                self.answered = read != Err(Cause::NoAnswer);
                // Before a silence there may have been a restart.
                let doubt = core::mem::replace(&mut doubted, read.is_err() && self.answered);
                self.failed += u32::from(doubt && self.answered);
                read
            };
            let now = self.not_before;
            let end = first.unwrap_or(now) + within;
            let heard = answered.or(first).unwrap_or(now);
            let failure =
                |cause, read| Err(Failure { op, cause, read, retry: Retry::after(cause) });
            match read {
                Ok(read) if until.matches(&read) && expect.matches(&read) => return Ok(()),
                Ok(read) if until.matches(&read) => return failure(Cause::Unexpected, read),
                Err(cause) if within == Duration::ZERO => return failure(cause, Vec::new()),
                Err(Cause::NoAnswer) if now.since(heard) >= SILENCE => {
                    let (cause, read, retry) = (Cause::NoAnswer, Vec::new(), Retry::IsInVain);
                    return Err(Failure { op, cause, read, retry });
                }
                Err(cause) if now + every > end && seen.is_none() => {
                    return failure(cause, Vec::new());
                }
                read => {
                    if read != Err(Cause::NoAnswer) {
                        answered = Some(now);
                    }
                    seen = read.ok().or(seen);
                }
            }
            if within == Duration::ZERO || now + every > end {
                return failure(Cause::Timeout, seen.unwrap_or_default());
            }
            self.not_before = now + every;
        }
    }
}

fn checks(from: u8, check: Check, read: &[u8]) -> Result<(), Cause> {
    let from = crate::bench::address(from);
    match (check, read) {
        (Check::None, _) => Ok(()),
        (Check::Pec, [covered @ .., pec]) if pec_from(from, covered) == *pec => Ok(()),
        (Check::Pec, _) => Err(Cause::BadCheck),
    }
}

fn cause(error: BusError) -> Cause {
    match error {
        BusError::NoAnswer => Cause::NoAnswer,
        BusError::NoAck => Cause::NoAck,
        BusError::Arbitration => Cause::Arbitration,
        BusError::Stuck | BusError::Held => Cause::BusStuck,
    }
}
