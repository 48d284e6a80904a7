//! The page in a real Chromium, with a virtual rack or a stranger on its serial port. A test says what a person does and
//! sees; nothing here looks into the page's own state. Linux only.
//!
//! ```text
//!  Tab  ── cdp ── Chromium ── fakeudev.so ── Usb ── pty ── Rack: `rackflash sim`
//!                    │                              or Stranger, or Endless
//!                   Site
//! ```
//!
//! Everything a test starts ends with it, also when it fails. A browser refuses to end quietly if the page complained on its
//! console or asked anybody but its own site for anything.

mod cdp;
mod chromium;
mod endless;
mod eyes;
mod keys;
mod rack;
mod site;
mod stranger;
mod tab;
mod usb;

pub use crate::place::screenshots;
pub use chromium::{Browser, WebSerial};
pub use endless::{Behind, Endless, Traffic};
pub use eyes::Look;
pub use rack::{Rack, Speed};
pub use stranger::{Says, Stranger};
pub use tab::{Module, Tab};
pub use usb::{Usb, take};
