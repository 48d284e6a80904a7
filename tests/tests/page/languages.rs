//! The page in all its languages: none lacks a word, in none is anything cut off, and the user's own is chosen.

use core::time::Duration;

use rackflash_tests::browser::{Browser, Look, Tab, WebSerial};

use crate::support::{UPDATE, break_one_by_one, wait_until_ready};

const LANGUAGES: [&str; 6] = ["en", "de", "fr", "es", "it", "ja"];
/// A telephone, and a window of 1280 pixels at 200 %.
const SMALL: [Look; 2] = [
    Look { name: "390", width: 390, height: 844, colours: "light" },
    Look { name: "200-percent", width: 640, height: 400, colours: "dark" },
];
/// How long it takes to load the words.
const SOON: Duration = Duration::from_secs(30);

#[test]
fn each_says_the_same() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    wait_for_choice(&tab);
    let found = tab.run(include_str!("languages.js"));
    assert_eq!(found["tags"], serde_json::json!(LANGUAGES));
    let wrong = found["wrong"].as_array().expect("a list");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_users_own_or_the_chosen_one() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    assert_eq!(spoken(&tab), "en");
    tab.prefer_language("nl,de-CH;q=0.9,en;q=0.8");
    tab.reload();
    assert_eq!(spoken(&tab), "de", "the first that the page speaks");
    tab.wait_for_button("Demo-Rack ausprobieren");
    assert_eq!(words_loaded(&tab), ["de.js"], "and no other is loaded");

    // By keyboard, in the middle of a demo: nothing else changes.
    tab.click("Demo-Rack ausprobieren");
    tab.wait_for_status("7 von 8 Modulen können aktualisiert werden", UPDATE);
    tab.reach("Sprache");
    tab.press("ArrowDown");
    tab.wait_for_status("7 modules sur 8 peuvent être mis à jour", SOON);
    assert_eq!(spoken(&tab), "fr");
    tab.wait_for_button("Tout mettre à jour");
    let fresh = tab.modules().iter().filter(|module| module.text.contains("Clignoter")).count();
    assert_eq!(fresh, 8, "the panels, too: {:#?}", tab.modules());

    tab.reload();
    assert_eq!(spoken(&tab), "fr", "it is remembered");
    assert_eq!(words_loaded(&tab), ["fr.js"]);
}

#[test]
fn nothing_is_cut_off() {
    let browser = Browser::start(WebSerial::Granted);
    let tab = browser.open();
    wait_for_choice(&tab);
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
        speak(&tab, "en");
    }
    tab.wait_until_up_to_date(UPDATE);
    check(&tab, "done");

    tab.click("Break something");
    break_one_by_one(&tab, |state| check(&tab, state));
}

/// Every notice and every problem, whether a test reaches it otherwise or not.
#[test]
fn no_problem_is_cut_off() {
    let browser = Browser::start(WebSerial::Missing);
    let tab = browser.open();
    wait_for_choice(&tab);
    check(&tab, "no-serial");
    tab.click("Try the demo rack");
    wait_until_ready(&tab);
    for language in LANGUAGES {
        speak(&tab, language);
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
    speak(tab, "en");
}

fn check_in(tab: &Tab, state: &str, language: &str) {
    speak(tab, language);
    for look in SMALL {
        tab.look(look);
        let what = format!("{state}, {language}, {}", look.name);
        assert_eq!(tab.cut_off_texts(), [] as [&str; 0], "{what}");
        assert_eq!(tab.overhang(), 0, "{what} is wider than the window");
        assert_eq!(tab.unreachable_buttons(), [] as [&str; 0], "{what}");
        tab.screenshot(&format!("language-{language}-{state}-{}", look.name));
    }
}

/// It is joined to the page once that is all there.
fn wait_for_choice(tab: &Tab) {
    let there = "document.querySelectorAll('#language option').length > 0";
    tab.wait(SOON, "choice of languages", || (tab.run(there) == true).then_some(()));
}

fn speak(tab: &Tab, language: &str) {
    tab.run(&format!(
        "(choice => {{ choice.value = '{language}'; choice.dispatchEvent(new Event('change')) }})(document.querySelector('#language'))"
    ));
    tab.wait(SOON, "language", || (spoken(tab) == language).then_some(()));
}

fn spoken(tab: &Tab) -> String {
    tab.run("document.documentElement.lang").as_str().unwrap_or_default().to_owned()
}

fn words_loaded(tab: &Tab) -> Vec<String> {
    let (files, _) = tab.loaded();
    files.iter().filter_map(|file| Some(file.split_once("/words/")?.1.to_owned())).collect()
}
