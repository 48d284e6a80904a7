//! The end that runs in the page and the command.

pub mod image;
