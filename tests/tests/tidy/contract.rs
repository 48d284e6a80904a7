//! What the page is told has the shape that www/contract.d.ts says: no browser checks it.

use std::collections::BTreeSet;

use rackflash_core::host::view::View;
use rackflash_core::time::Duration;
use rackflash_sim::images::RECIPES;
use rackflash_sim::setup::Setup;
use rackflash_tests::bench::Bench;
use serde_json::Value;

use crate::text;

#[test]
fn the_view_is_what_the_page_expects() {
    let mut bench = Bench::new(&Setup::demo());
    bench.offer_all(&RECIPES);
    bench.detect();
    bench.update_all(Duration::from_secs(60));
    let view = View::of(&bench.session, bench.world.now());
    let view = serde_json::to_value(view).expect("a view");
    let slot = &view["slots"][0];
    let contract = without_comments(&text("www/contract.d.ts"));
    for (name, value) in [("View", &view), ("Slot", slot), ("Module", &slot["module"])] {
        assert_eq!(keys(value), fields(&contract, name), "{name}");
    }
    for (name, value) in [("link", &view["link"]), ("base", &view["base"]), ("job", &view["job"])] {
        assert_eq!(keys(value), fields(&contract, name), "{name}");
    }
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/**");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.filter_map(|part| Some(part.split_once("*/")?.1)).collect::<String>()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

/// The names of the fields of a type, or of a field that is an object itself.
fn fields(contract: &str, name: &str) -> BTreeSet<String> {
    let starts = [format!("type {name} = {{"), format!("  {name}: {{")];
    let start = starts.iter().find_map(|start| Some(contract.find(start)? + start.len()));
    let mut depth = 0;
    let mut names = BTreeSet::new();
    let mut word = String::new();
    for c in contract[start.unwrap_or_else(|| panic!("no {name}"))..].chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return names,
            '}' => depth -= 1,
            ':' if depth == 0 => drop(names.insert(word.trim_end_matches('?').to_owned())),
            _ => {}
        }
        if c.is_alphanumeric() || c == '?' { word.push(c) } else { word.clear() }
    }
    panic!("{name} has no end")
}
