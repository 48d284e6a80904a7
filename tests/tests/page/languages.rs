//! The page in all its languages: none lacks a word, in none is anything cut off, and the user's own is chosen.

use rackflash_tests::browser::{Browser, Look, Tab, WebSerial};

use crate::support::{UPDATE, break_one_by_one, open_tab_by_tab, wait_until_ready};

const LANGUAGES: [&str; 6] = ["en", "de", "fr", "es", "it", "ja"];
/// A telephone, and a window of 1280 pixels at 200 %.
const SMALL: [Look; 2] = [
    Look { name: "390", width: 390, height: 844, colours: "light" },
    Look { name: "200-percent", width: 640, height: 400, colours: "dark" },
];

#[test]
fn each_says_the_same() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.speak("en");
    let found = tab.run(include_str!("languages.js"));
    assert_eq!(found["tags"], serde_json::json!(LANGUAGES));
    let wrong = found["wrong"].as_array().expect("a list");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_users_own_or_the_chosen_one() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    assert_eq!(tab.spoken(), "en");
    tab.prefer_language("nl,de-CH;q=0.9,en;q=0.8");
    tab.reload();
    assert_eq!(tab.spoken(), "de", "the first that the page speaks");
    tab.wait_for_button("Demo-Rack ausprobieren");
    assert_eq!(words_loaded(&tab), ["de.js"], "and no other is loaded");

    // By keyboard, in the middle of a demo: nothing else changes.
    tab.click("Demo-Rack ausprobieren");
    tab.wait_for_status("7 von 8 Modulen können aktualisiert werden", UPDATE);
    tab.reach("Sprache");
    tab.press("ArrowDown");
    tab.wait_for_status("7 modules sur 8 peuvent être mis à jour", UPDATE);
    assert_eq!(tab.spoken(), "fr");
    tab.wait_for_button("Tout mettre à jour");
    let fresh = tab.modules().iter().filter(|module| module.text.contains("Clignoter")).count();
    assert_eq!(fresh, 8, "the panels, too: {:#?}", tab.modules());

    tab.reload();
    assert_eq!(tab.spoken(), "fr", "it is remembered");
    assert_eq!(words_loaded(&tab), ["fr.js"]);
}

#[test]
fn nothing_is_cut_off() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    check(&tab, "first");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    check(&tab, "found");
    tab.click("Break something");
    tab.wait_for_button("Kill a module");
    check(&tab, "drawer");
    for (i, language) in LANGUAGES.iter().enumerate() {
        if i > 0 {
            tab.click("Leave the demo");
            tab.click("Try the demo rack");
            wait_until_ready(&tab);
        }
        tab.click("Update all");
        tab.wait_for_progress(5);
        check_in(&tab, "updating", language);
        assert!(tab.progress().is_some(), "this was looked at while it ran");
        tab.speak("en");
    }
    tab.wait_until_up_to_date(UPDATE);
    check(&tab, "done");
    tab.click("Certificate");
    tab.wait_for_text("Certificate of update");
    check(&tab, "certificate");
    tab.speak("de");
    tab.wait_for_text("Zertifikat der Aktualisierung");
    tab.speak("en");
    tab.click("Close");

    open_tab_by_tab(&tab, |name| check(&tab, name));
    tab.click("Break something");
    break_one_by_one(&tab, |state| check(&tab, state));
}

/// As the engine would say them.
#[test]
fn no_notice_of_a_port_is_cut_off() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    tab.click("Leave the demo");
    tab.wait_for_button("Try the demo rack");
    for (code, holder, title) in PORTS {
        let problem = serde_json::json!({ "code": code, "holder": holder });
        tab.run_in_worker(&format!("postMessage({{ problem: {problem} }})"));
        tab.wait_for_alert(title);
        check(&tab, &format!("{code}{holder}"));
    }
}

/// What can be wrong with a port, or behind it: its code, who holds it, and how its notice begins.
const PORTS: [(&str, &str, &str); 12] = [
    ("no-port-chosen", "", "No port was chosen"),
    ("base-not-listed", "", "The computer does not see"),
    ("port-busy", "", "Another program"),
    ("port-busy", "tab", "Rackflash is open in another tab"),
    ("port-not-permitted", "", "This computer does not let you"),
    ("port-blocked", "", "USB serial is blocked"),
    ("port-lost", "", "The base card is gone"),
    ("rack-off", "", "The rack has no power"),
    ("silent-port", "", "The port is open, but nothing answers"),
    ("not-a-base", "", "That is not a Rackflash base card"),
    ("base-newer", "", "The base card is newer"),
    ("base-older", "", "The base card's own firmware"),
];

/// Every notice and every problem, whether a test reaches it otherwise or not.
#[test]
fn no_problem_is_cut_off() {
    let browser = Browser::start(WebSerial::Missing);
    let tab = browser.open();
    check(&tab, "no-serial");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    for language in LANGUAGES {
        tab.speak(language);
        for look in SMALL {
            tab.look(look);
            let cut_off = tab.run(&format!(
                "(async () => {{
                   const words = await import(new URL('words/{language}.js', document.baseURI).href);
                   const [state] = document.querySelectorAll('.state');
                   const before = state.textContent;
                   const titles = [...Object.values(words.problems).map(([title]) => title), ...Object.values(words.standing),
                     ...Object.values(words.why), ...Object.values(words.phase).map((name) => words.percent(1, name))];
                   const cut = titles.filter((title) => {{
                     state.textContent = title;
                     const range = new Range();
                     range.selectNodeContents(state);
                     const [text, display] = [range.getBoundingClientRect(), state.parentElement.getBoundingClientRect()];
                     return text.left < display.left || text.right > display.right || text.bottom > display.bottom;
                   }});
                   state.textContent = before;
                   return cut;
                 }})()"
            ));
            assert_eq!(cut_off, serde_json::json!([]), "on a display, {language} {}", look.name);
        }
    }
}

/// In all languages; ends in English.
fn check(tab: &Tab, state: &str) {
    for language in LANGUAGES {
        check_in(tab, state, language);
    }
    tab.speak("en");
}

fn check_in(tab: &Tab, state: &str, language: &str) {
    tab.speak(language);
    for look in SMALL {
        tab.look(look);
        let what = format!("{state}, {language}, {}", look.name);
        assert_eq!(tab.cut_off_texts(), [] as [&str; 0], "{what}");
        assert_eq!(tab.overhang(), 0, "{what} is wider than the window");
        assert_eq!(tab.unreachable_buttons(), [] as [&str; 0], "{what}");
        tab.screenshot(&format!("language-{language}-{state}-{}", look.name));
    }
}

fn words_loaded(tab: &Tab) -> Vec<String> {
    let (files, _) = tab.loaded();
    files.iter().filter_map(|file| Some(file.split_once("/words/")?.1.to_owned())).collect()
}
