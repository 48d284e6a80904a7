//! A Chromium of a test's own: its profile, in which the port was granted before, its tabs, and its end.

use core::time::Duration;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::cdp::{Cdp, SessionId};
use super::site::Site;
use super::tab::Tab;
use super::usb::{self, Usb};
use crate::place::{self, Temporary};
use crate::signed::Folder;

/// What the browser knows of serial ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebSerial {
    /// It has Web Serial, and the user granted this page the base card some time ago.
    Granted,
    /// It has none.
    Missing,
}

/// A running browser, and the site that serves it the page.
pub struct Browser {
    cdp: Arc<Cdp>,
    child: Child,
    folder: Temporary,
    usb: Usb,
    site: Site,
    /// Complaints that a situation is meant to bring about have these words.
    expected: Vec<&'static str>,
}

impl Browser {
    /// Starts one.
    pub fn start(serial: WebSerial) -> Self {
        Self::start_on(serial, place::site(), Temporary::new(), None)
    }

    /// Starts one, and its page has this release.
    pub fn start_with(release: &Folder) -> Self {
        Self::start_changed(|site| release.write(&site.join("release")))
    }

    /// Starts one whose page lies in a folder that was changed.
    pub fn start_changed(change: impl FnOnce(&Path)) -> Self {
        let folder = Temporary::new();
        let site = place::site_copy(folder.path());
        change(&site);
        Self::start_on(WebSerial::Granted, site, folder, None)
    }

    /// Starts one as a stand's computer does, under its administrator's policy; in it `https://update.example` is the page.
    pub fn start_under(policy: &str) -> Self {
        Self::start_on(WebSerial::Granted, place::site(), Temporary::new(), Some(policy))
    }

    fn start_on(serial: WebSerial, site: PathBuf, folder: Temporary, policy: Option<&str>) -> Self {
        let (site, usb) = (Site::serve(site), Usb::new());
        // DevTools speaks on the descriptors 3 and 4.
        let begin = r#"exec "$@" 3<&0 4>&1 0</dev/null 1>&2"#;
        let mut command = match policy {
            None => {
                grant(folder.path(), &site.origin());
                let mut shell = Command::new("sh");
                shell.args(["-c", begin]);
                shell
            }
            // The policy's own folder, for this browser alone: mounted over the system's.
            Some(policy) => {
                let etc = folder.path().join("etc");
                let managed = etc.join("policies/managed");
                fs::create_dir_all(&managed).expect("a folder");
                let policy = policy.replace("https://update.example", &site.origin());
                // The tests look in by the developers' tools.
                let policy = policy.replace(
                    r#""DeveloperToolsAvailability": 2"#,
                    r#""DeveloperToolsAvailability": 1"#,
                );
                fs::write(managed.join("rackflash.json"), policy).expect("a file");
                let mut shell = Command::new("unshare");
                let mount = format!("mount --bind {} /etc/chromium && {begin}", etc.display());
                shell.args(["--mount", "sh", "-c", &mount]);
                shell
            }
        };
        let log = File::create(folder.path().join("log")).expect("a file");
        command
            .arg("sh")
            .arg(place::program("chromium"))
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", folder.path().join(PROFILE).display()))
            .env("LD_PRELOAD", place::fakeudev())
            .env("FAKEUDEV_DIR", usb.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        if serial == WebSerial::Missing {
            command.arg("--disable-blink-features=Serial");
        }
        let mut child = command.spawn().expect("sh starts");
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both are pipes");
        };
        let browser =
            Self { cdp: Cdp::new(to, from), child, folder, usb, site, expected: vec![NO_SERIAL] };
        fs::create_dir(browser.saved()).expect("a folder in a temporary folder");
        let save = json!({ "behavior": "allow", "downloadPath": browser.saved() });
        browser.cdp.call(&SessionId::default(), "Browser.setDownloadBehavior", &save);
        browser
    }

    /// Opens the page in a new tab, in front of the others.
    pub fn open(&self) -> Tab {
        let tab = self.blank();
        tab.open(&self.site.origin());
        tab
    }

    /// The same as a stand opens it.
    pub fn open_at_a_stand(&self, pin: &str) -> Tab {
        self.open_at(&format!("?kiosk&pin={pin}"), "Plug in your rack")
    }

    /// Opens what is at another address of the site, and waits for these words.
    pub fn open_at(&self, address: &str, words: &str) -> Tab {
        let tab = self.blank();
        tab.open_at(&format!("{}/{address}", self.site.origin()), words);
        tab
    }

    fn blank(&self) -> Tab {
        let blank = json!({ "url": "about:blank" });
        let made = self.cdp.call(&SessionId::default(), "Target.createTarget", &blank);
        let target = self.cdp.attach(made["targetId"].as_str().expect("a tab has an id"));
        Tab::new(self.cdp.clone(), target, self.saved())
    }

    /// From now on there is no network.
    pub fn goes_offline(&mut self) {
        self.site.go_down();
        self.may_complain(NO_NETWORK);
    }

    /// The page is meant to complain with these words.
    pub fn may_complain(&mut self, words: &'static str) {
        self.expected.push(words);
    }

    /// Opens the page under an address that is not safe: without https, and not of this computer.
    pub fn open_without_https(&mut self) -> Tab {
        self.may_complain(NOT_SAFE);
        let tab = self.blank();
        tab.open(&self.site.origin().replace("localhost", ELSEWHERE));
        tab
    }

    /// The user has said yes to notifications, for when the page will ask.
    pub fn allow_notifications(&self) {
        let yes = json!({ "origin": self.site.origin(), "permissions": ["notifications"] });
        self.cdp.call(&SessionId::default(), "Browser.grantPermissions", &yes);
    }

    /// The computer's USB socket.
    pub fn usb(&self) -> &Usb {
        &self.usb
    }

    /// Where files are saved to.
    fn saved(&self) -> PathBuf {
        self.folder.path().join("saved")
    }

    fn end(&mut self) {
        self.cdp.post(&SessionId::default(), "Browser.close", &json!({}));
        let until = Instant::now() + END;
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// What is wrong with a page that complains or asks strangers.
    fn faults(&self) -> Vec<String> {
        let home = self.site.origin() + "/";
        let elsewhere = home.replace("localhost", ELSEWHERE);
        let own = [home.as_str(), &elsewhere, &format!("blob:{home}"), "data:", "about:blank"];
        let requests = self.cdp.requests();
        let strange = requests.iter().filter(|url| !own.iter().any(|own| url.starts_with(own)));
        let mut complaints = self.cdp.complaints();
        complaints.retain(|text| !self.expected.iter().any(|words| text.contains(words)));
        strange.map(|url| format!("request: {url}")).chain(complaints).collect()
    }
}

/// A browser without Web Serial does not know the word for it, either.
const NO_SERIAL: &str = "Permissions-Policy header: Unrecognized feature: 'serial'";
/// It obeys some headers only under a safe address.
const NOT_SAFE: &str = "Cross-Origin-Opener-Policy header has been ignored";
/// A name of this computer that no browser takes for safe.
const ELSEWHERE: &str = "rack.example";

/// What is not there is asked for all the same.
const NO_NETWORK: &str = "Failed to load resource: net::ERR_";

impl Drop for Browser {
    fn drop(&mut self) {
        let faults = self.faults();
        self.end();
        if std::thread::panicking() {
            eprintln!("besides: {faults:#?}");
        } else {
            assert!(faults.is_empty(), "the page complains, or asks strangers: {faults:#?}");
        }
    }
}

impl core::fmt::Debug for Browser {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Browser").field(&self.child.id()).finish()
    }
}

/// Alone on this machine, for no person: nothing is asked, fetched or drawn that the page does not want.
const FLAGS: [&str; 15] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-startup-window",
    // The superuser's Chromium has no sandbox.
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--password-store=basic",
    "--lang=en",
    "--window-size=1280,800",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP rack.example 127.0.0.1",
];
/// The profile's folder.
const PROFILE: &str = "profile";
/// How long it may take to end by itself.
const END: Duration = Duration::from_secs(5);

/// Writes down that the user granted this origin the base card, as the browser's own chooser does it.
fn grant(folder: &Path, origin: &str) {
    let base = json!({
        "name": "Rackflash base",
        "vendor_id": usb::VENDOR,
        "product_id": usb::PRODUCT,
        "serial_number": usb::SERIAL,
    });
    let granted = json!({ format!("{origin},*"): { "setting": { "chosen-objects": [base] } } });
    let exceptions = json!({ "serial_chooser_data": granted });
    let preferences = json!({ "profile": { "content_settings": { "exceptions": exceptions } } });
    let folder = folder.join(PROFILE).join("Default");
    fs::create_dir_all(&folder).expect("a folder in a temporary folder");
    fs::write(folder.join("Preferences"), preferences.to_string()).expect("a file");
}
