//! The base alone, against a host that is honest and one that is not: what goes in, what comes out, as transcripts.
#![expect(clippy::cast_possible_truncation, reason = "made-up numbers are cut to size on purpose")]

mod bench;
mod credit;
mod errors;
mod lanes;
mod lies;
mod module;
mod order;
mod orphans;
mod polls;
mod random;
mod reference;
mod resume;
mod retries;
mod sessions;
mod watch;
