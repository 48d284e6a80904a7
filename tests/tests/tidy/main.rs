//! The rules of the house that a compiler does not check: who may know whom, what a file begins with, how long it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

mod contract;
mod directions;
mod errors;
mod files;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below `folder` with this ending, with their texts.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                let name = path.strip_prefix(root()).expect("below the workspace");
                let text = fs::read_to_string(&path).expect("text");
                found.push((name.display().to_string(), text));
            }
        }
    }
    assert!(!found.is_empty(), "no .{ending} below {folder}");
    found
}

/// The lines of a file without their comments, numbered.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines().map(|line| line.split("//").next().unwrap_or_default()))
}

/// Says where one of `words` stands in the code of the files below `folder`.
fn refuse(folder: &str, ending: &str, words: &[&str]) {
    let mut found = String::new();
    for (name, text) in files(folder, ending) {
        for (number, line) in code(&text) {
            for word in words.iter().filter(|word| has_word(line, word)) {
                found += &format!("{name}:{number}: {word}\n");
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

/// Whether a line has these characters, not in the middle of a word: `Errand::new` names no `rand::`.
fn has_word(line: &str, word: &str) -> bool {
    let begins_word = word.starts_with(char::is_alphanumeric);
    let is_inside = |at| line[..at].ends_with(char::is_alphanumeric);
    line.match_indices(word).any(|(at, _)| !begins_word || !is_inside(at))
}

/// The modules of `parent` that a file's code names: `parent::a`, and `a` and `b` of `parent::{a, b::c}`.
fn named(text: &str, parent: &str) -> BTreeSet<String> {
    let code = code(text).map(|(_, line)| line).collect::<Vec<_>>().join("\n");
    let prefix = format!("{parent}::");
    let mut named = BTreeSet::new();
    for (at, _) in code.match_indices(&prefix) {
        if code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        let behind = &code[at + prefix.len()..];
        let Some(list) = behind.strip_prefix('{') else {
            named.insert(identifier(behind));
            continue;
        };
        let (mut depth, mut fresh) = (1, true);
        for (at, letter) in list.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => fresh = true,
                letter if fresh && !letter.is_whitespace() => {
                    named.insert(identifier(&list[at..]));
                    fresh = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    named
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text =
        "use crate::a::B;\nuse crate::{b::{C, D}, c, // d,\n  e::f};\nmycrate::no; crate::g()";
    assert!(named(text, "crate").iter().eq(["a", "b", "c", "e", "g"]));
}
