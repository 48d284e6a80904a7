//! A tab as it is used without a mouse, and in another language. Clicks nothing.

use core::time::Duration;

use serde_json::{Value, json};

use super::tab::Tab;

/// More than a page of this size has places for the keyboard.
const PLACES_MAX: usize = 80;
/// How long it takes to load the words of a language.
const WORDS: Duration = Duration::from_secs(30);

impl Tab {
    /// Presses a key and lets it go: `Tab`, `Enter`, `ArrowDown`.
    pub fn press(&self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "ArrowDown" => (40, ""),
            key => panic!("add the code of {key}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Goes on by Tab to the button or choice of this name: it must be to be reached, and to be seen that it is.
    ///
    /// # Panics
    /// If it is not.
    pub fn reach(&self, name: &str) {
        for _ in 0..PLACES_MAX {
            self.press("Tab");
            if self.focused() == name {
                let seen = self.evaluate(
                    "(style => style.outlineStyle != 'none' && parseFloat(style.outlineWidth) >= 2)(getComputedStyle(document.activeElement))",
                );
                assert_eq!(seen, true, "nobody sees that the keyboard is at {name:?}");
                return;
            }
        }
        panic!("the keyboard does not reach {name:?}");
    }

    /// What the keyboard is at, by its name; nothing if it is at nothing.
    pub fn focused(&self) -> String {
        let name = self.evaluate(
            "(e => e == document.body ? '' : e.ariaLabel ?? e.labels?.[0]?.innerText ?? e.innerText)(document.activeElement)",
        );
        // A choice's label has the choices in it.
        name.as_str().unwrap_or_default().trim().lines().next().unwrap_or_default().to_owned()
    }

    /// Whether it is at anything.
    pub fn has_focus(&self) -> bool {
        self.evaluate("document.activeElement != document.body") == true
    }

    /// Saves the report; returns what is in it.
    pub fn save_report_by_keyboard(&self) -> Value {
        self.reach("Save report");
        let text = self.save(|| self.press("Enter"), ".json");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Chooses a language of the page's own list, which is joined to the page once that is all there.
    pub fn speak(&self, language: &str) {
        let there = "document.querySelectorAll('#language option').length > 0";
        self.wait(WORDS, "choice of languages", || (self.evaluate(there) == true).then_some(()));
        self.evaluate(&format!(
            "(choice => {{ choice.value = '{language}'; choice.dispatchEvent(new Event('change')) }})(document.querySelector('#language'))"
        ));
        self.wait(WORDS, "language", || (self.spoken() == language).then_some(()));
    }

    /// The language that the page speaks.
    pub fn spoken(&self) -> String {
        self.evaluate("document.documentElement.lang").as_str().unwrap_or_default().to_owned()
    }

    /// The language in which the user likes pages best, from the next time it is loaded.
    pub fn prefer_language(&self, languages: &str) {
        let agent = self.evaluate("navigator.userAgent");
        self.call(
            "Network.setUserAgentOverride",
            json!({ "userAgent": agent, "acceptLanguage": languages }),
        );
    }
}
