//! Every code that a person can be shown has words, a row in docs/ERRORS.md, and a test that reaches it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{code, files, text};

#[test]
fn every_code_has_words_a_row_and_a_test() {
    let (words, rows) = (words(), rows());
    let mut found = String::new();
    let known = codes().into_iter().chain(words.keys().cloned()).chain(rows.keys().cloned());
    for code in known.collect::<BTreeSet<_>>() {
        let Some(title) = words.get(&code) else {
            found += &format!("{code}: no words in www/words/en.js, or later/en.js\n");
            continue;
        };
        let Some((place, name)) = rows.get(&code) else {
            found += &format!("{code}: no row in docs/ERRORS.md\n");
            continue;
        };
        let test = text(&format!("tests/tests/{place}.rs"));
        if !test.contains(&format!("#[test]\nfn {name}() {{")) {
            found += &format!("{code}: tests/tests/{place}.rs has no test {name}\n");
        }
        if !test.contains(title) && !mentions(&test, &code) {
            found += &format!("{code}: neither that nor {title:?} is in tests/tests/{place}.rs\n");
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

/// Not as a part of another one.
fn mentions(test: &str, code: &str) -> bool {
    let is_part = |letter: Option<char>| letter.is_some_and(|c| c.is_alphanumeric() || c == '-');
    test.match_indices(code).any(|(at, _)| {
        let (before, behind) = (&test[..at], &test[at + code.len()..]);
        !is_part(before.chars().next_back()) && !is_part(behind.chars().next())
    })
}

/// All that the engine and the page can say.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let image = ["core/src/host/image/error.rs", "core/src/host/image/files/error.rs"];
    for file in ["release/src/error.rs", "core/src/host/problem.rs"].into_iter().chain(image) {
        let text = text(file);
        let arms = code(&text).flat_map(|(_, line)| line.split_once("=> \"").map(|(_, rest)| rest));
        codes.extend(arms.filter_map(code_at));
    }
    // What a terminal is told stands in the same file, and behind the same arrow.
    let texts = files("web/src", "rs").into_iter().chain(files("www", "js"));
    for (_, text) in texts {
        for start in [
            "code: \"",
            "ProblemView::new(\"",
            "Fate::Busy | Fate::LostThenBusy => \"",
            "Fate::Lost => \"",
        ] {
            let found = text.match_indices(start).map(|(at, _)| &text[at + start.len()..]);
            codes.extend(found.filter_map(code_at));
        }
    }
    for code in IN_A_PLAN {
        assert!(codes.remove(code), "{code}");
    }
    assert!(codes.len() > 60, "{codes:?}");
    codes
}

/// What an image is not for a module: the page is told `bad-image` or `does-not-fit`.
const IN_A_PLAN: [&str; 5] =
    ["no-vectors", "stack-pointer", "reset-vector", "image-start", "image-end"];

/// Up to the quotation mark, if it is a code: sentences have spaces.
fn code_at(rest: &str) -> Option<String> {
    let (word, _) = rest.split_once('"')?;
    let plain = |c: char| c.is_ascii_lowercase() || c == '-';
    (!word.is_empty() && word.chars().all(plain)).then(|| word.to_owned())
}

/// Their titles.
fn words() -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    let [now, later] = ["www/words/en.js", "www/words/later/en.js"].map(text);
    let lists = [(&now, "problems"), (&later, "problems"), (&later, "fileProblems")];
    for (text, name) in lists {
        let start = format!("export const {name} = {{\n");
        let (_, list) = text.split_once(&start).expect("the problems");
        let (list, _) = list.split_once("\n};").expect("their end");
        let entries = list.lines().filter_map(|line| line.trim().split_once(": [\""));
        words.extend(entries.map(|(code, rest)| {
            let (title, _) = rest.split_once('"').expect("a title");
            (code.trim_matches('"').to_owned(), title.to_owned())
        }));
    }
    words
}

/// The test of each, as file and name: it stands last in its row.
fn rows() -> BTreeMap<String, (String, String)> {
    let text = text("docs/ERRORS.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix("` |"));
    rows.map(|row| {
        let (code, rest) = row.split_once('`').expect("a code");
        let (_, test) = rest.rsplit_once('`').expect("a test");
        let (file, name) = test.split_once(' ').expect("a file and a name");
        (code.to_owned(), (file.to_owned(), name.to_owned()))
    })
    .collect()
}
