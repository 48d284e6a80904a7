//! What can be wrong with the link or with a module's update: a code that never changes, and words for a terminal. A page
//! has words of its own.

use alloc::boxed::Box;
use core::fmt::{self, Display};

use super::image::ImageError;
use super::target::TargetError;
use crate::wire::module::Outcome;

/// What is wrong with the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkProblem {
    /// Nothing answers.
    Silent,
    /// Something answers, but not in this protocol.
    NotABase,
    /// The base speaks a newer protocol.
    BaseNewer {
        /// Its number.
        protocol: u16,
    },
    /// The base speaks an older protocol.
    BaseOlder {
        /// Its number.
        protocol: u16,
    },
    /// The base has restarted in the middle; what was queued is lost and is sent again.
    BaseRestarted,
    /// The base works without end on what it was given before, or falls silent behind each welcome.
    BaseSilent,
    /// Modules on a bus collide, and their hardware cannot be told apart by it; or one takes no address, or has another's unique id.
    AddressConflict,
    /// A bus has more modules than addresses.
    NoFreeAddress,
    /// A bus is held low.
    BusStuck,
}

impl LinkProblem {
    /// Whether nothing can be done on this link until somebody has acted.
    pub fn is_fatal(&self) -> bool {
        !matches!(
            self,
            Self::BaseRestarted | Self::AddressConflict | Self::NoFreeAddress | Self::BusStuck
        )
    }

    /// What the page and the documentation call it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Silent => "silent-port",
            Self::NotABase => "not-a-base",
            Self::BaseNewer { .. } => "base-newer",
            Self::BaseOlder { .. } => "base-older",
            Self::BaseRestarted => "base-restarted",
            Self::BaseSilent => "base-silent",
            Self::AddressConflict => "address-conflict",
            Self::NoFreeAddress => "no-free-address",
            Self::BusStuck => "bus-stuck",
        }
    }
}

impl Display for LinkProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("nothing answers on this port; check that it is the base card's, and that the rack has power"),
            Self::NotABase => f.write_str("what answers on this port is not a Rackflash base; choose the base card's port"),
            Self::BaseNewer { protocol } => write!(f, "the base speaks protocol {}.{}; use a newer version of this program", protocol >> 8, protocol & 0xff),
            Self::BaseOlder { protocol } => write!(f, "the base speaks protocol {}.{}; update the base card first", protocol >> 8, protocol & 0xff),
            Self::BaseRestarted => f.write_str("the base has restarted; the update goes on by itself"),
            Self::BaseSilent => f.write_str("the base does not say what becomes of what it is given; plug its cable in again, then try again"),
            Self::AddressConflict => {
                f.write_str("modules talk over each other; unplug the one that was plugged in last")
            }
            Self::BusStuck => {
                f.write_str("a module holds its bus; unplug the modules of this bus one by one until it is free")
            }
            Self::NoFreeAddress => {
                f.write_str("a bus has more modules than addresses; unplug one, and update it alone")
            }
        }
    }
}

/// Why an update ended otherwise. Each has a code that never changes, by which a page finds its words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// No image is for this module type.
    NoImage,
    /// The image is for another module type.
    WrongType,
    /// The image is not for this hardware revision.
    WrongHardware,
    /// The image is older than what the module runs.
    Older,
    /// The module's loader is older than the image needs.
    LoaderOlder,
    /// The image is not one that this module could hold or start.
    Image(Box<ImageError>),
    /// The module says of itself what cannot be.
    BadIdentity,
    /// See [`TargetError`].
    Target(TargetError),
    /// It is not where it was: nothing, or another module, is there.
    Unplugged,
    /// It never answered from its new application.
    NeverStarted,
    /// Its settings could not be saved before.
    Unsaved,
}

impl Problem {
    /// Whether trying again may help without anybody doing anything.
    pub(super) fn may_pass(&self) -> bool {
        let error = match self {
            Self::Target(error) => error,
            // It may have lost its power in the very moment.
            Self::NeverStarted => return true,
            _ => return false,
        };
        match error {
            TargetError::NotAnswering
            | TargetError::Stalled
            | TargetError::BadData
            | TargetError::KeptBack
            | TargetError::BusStuck => true,
            TargetError::Refused(outcome) => matches!(
                outcome,
                Outcome::Unsupported
                    | Outcome::NotOpen
                    | Outcome::Incomplete
                    | Outcome::DigestMismatch
            ),
            _ => false,
        }
    }

    /// Whether the module refused before it changed anything.
    pub(super) fn is_refusal(&self) -> bool {
        let Self::Target(TargetError::Refused(outcome)) = self else { return false };
        matches!(outcome, Outcome::WrongType | Outcome::WrongHardware | Outcome::OutOfArea)
    }

    /// What the page and the documentation call it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoImage => "no-image",
            Self::WrongType => "wrong-type",
            Self::WrongHardware => "wrong-hardware",
            Self::Older => "older",
            Self::LoaderOlder => "loader-older",
            Self::Image(error) => match **error {
                ImageError::Start { .. } | ImageError::End { .. } => "does-not-fit",
                _ => "bad-image",
            },
            Self::BadIdentity => "bad-identity",
            Self::Unplugged => "unplugged",
            Self::NeverStarted => "never-started",
            Self::Unsaved => "settings-unsaved",
            Self::Target(error) => match error {
                TargetError::Refused(outcome) => match outcome {
                    Outcome::WrongType => "wrong-type",
                    Outcome::WrongHardware => "wrong-hardware",
                    Outcome::OutOfArea => "does-not-fit",
                    Outcome::DigestMismatch => "digest-mismatch",
                    Outcome::FlashWorn => "flash-worn",
                    Outcome::BadHeader => "bad-image",
                    Outcome::NoApplication => "no-application",
                    _ => "refused",
                },
                TargetError::NotAnswering => "not-answering",
                TargetError::Stalled | TargetError::BadData => "bad-data",
                TargetError::BusStuck => "bus-stuck",
                TargetError::LinkLost => "port-lost",
                TargetError::KeptBack => "base-silent",
            },
        }
    }
}

impl From<ImageError> for Problem {
    fn from(error: ImageError) -> Self {
        Self::Image(Box::new(error))
    }
}

impl From<TargetError> for Problem {
    fn from(error: TargetError) -> Self {
        Self::Target(error)
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Image(error) = self {
            return error.fmt(f);
        }
        f.write_str(match self.code() {
            "no-image" => "no image is for this module type; ask the maker for one",
            "wrong-type" => "the image is for another module type; choose the image for this one",
            "wrong-hardware" => "the image is not for this hardware revision; ask the maker for the one that is",
            "older" => "the image is older than what the module runs; choose a newer one",
            "loader-older" => "the module's loader is too old for this image; ask the maker to renew it",
            "does-not-fit" => "the image does not fit the module's application area; ask the maker for one that does",
            "bad-image" => "the image is not one this module could start; ask the maker for a sound one",
            "bad-identity" => "the module says of itself what cannot be; it needs service",
            "unplugged" => "it is not in its place any more; plug it in again and try again",
            "never-started" => "the new application does not answer; the module keeps its loader, try again",
            "settings-unsaved" => "its settings could not be saved, so it was not updated; try again",
            "digest-mismatch" => "what the flash holds is not the image; try again",
            "flash-worn" => "a page of its flash takes no more writes; the module needs service",
            "no-application" => "it has no application to start; update it",
            "refused" => "the module refused the update; save the transcript and ask the maker",
            "not-answering" => "the module does not answer; check that it sits firmly, then try again",
            "bad-data" => "what the module says arrives damaged; check that it sits firmly, then try again",
            "bus-stuck" => "a module holds the bus; unplug modules one by one until it is free",
            "port-lost" => "the link to the base was lost; plug the cable in again",
            "base-silent" => "the base does not say what became of it; plug its cable in again, then try again",
            _ => "a fault of this program; save the transcript and tell its makers",
        })
    }
}
