//! One state in all looks and languages. Brings about none.

use core::time::Duration;

use rackflash_tests::browser::{Look, Tab};

/// How long a state may take to come about: an update, on a busy machine.
pub(crate) const UPDATE: Duration = Duration::from_secs(90);

/// The widest words and the highest letters.
const LANGUAGES: [&str; 3] = ["en", "de", "ja"];
const LOOKS: [Look; 4] = [
    Look { name: "light-1280x800", width: 1280, height: 800, colours: "light" },
    Look { name: "dark-1280x800", width: 1280, height: 800, colours: "dark" },
    Look { name: "light-390x844", width: 390, height: 844, colours: "light" },
    Look { name: "dark-390x844", width: 390, height: 844, colours: "dark" },
];

/// Takes pictures of what stands still by itself.
pub(crate) fn shoot(tab: &Tab, state: &str) {
    shoot_anew(tab, state, || {}, || {});
}

/// The same of an update that is under way, once `begin` has begun it.
pub(crate) fn shoot_updating(tab: &Tab, state: &str, begin: impl FnOnce()) {
    tab.hold_at(20, begin, || shoot(tab, state));
}

/// The same of what does not follow the language, because nobody can choose one while it is open.
pub(crate) fn shoot_anew(tab: &Tab, state: &str, open: impl Fn(), close: impl Fn()) {
    for language in LANGUAGES {
        tab.speak(language);
        open();
        for look in LOOKS {
            tab.look(look);
            tab.screenshot(&format!("{state}-{}-{language}", look.name));
        }
        close();
    }
    tab.speak("en");
}
