//! Shortens the names by which the engine and its JavaScript call each other: most carry a hash, which no compressor shortens,
//! and stand on both sides. Refuses JavaScript in which a name is not where wasm-bindgen writes it.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, ensure};
use walrus::Module;

/// The one module of all imports; wasm-bindgen calls it as the JavaScript file.
const OUTSIDE: &str = "js";

/// Renames imports and exports, and drops exports that nobody calls; returns the JavaScript that fits.
pub(crate) fn shorten(module: &mut Module, script: &str) -> Result<String> {
    let mut script = script.to_owned();
    let first = module.imports.iter().next().context("the engine imports nothing")?;
    let outside = first.module.clone();
    replace(&mut script, &format!("\"{outside}\":"), &format!("\"{OUTSIDE}\":"))?;
    let mut imports = HashMap::new(); // the same may be there twice, under two types
    for import in module.imports.iter_mut() {
        ensure!(import.module == outside, "imports come from {} and {outside}", import.module);
        OUTSIDE.clone_into(&mut import.module);
        let number = imports.len();
        let name = imports.entry(import.name.clone()).or_insert_with(|| short(number));
        name.clone_into(&mut import.name);
    }
    for (old, new) in &imports {
        replace(&mut script, &format!("{old}: function("), &format!("{new}: function("))?;
    }

    // Nobody else calls the engine: what the JavaScript does not name is not called.
    let members: HashSet<_> = members(&script).map(|(name, _)| name).collect();
    let (mut exports, mut idle) = (HashMap::new(), Vec::new());
    for export in module.exports.iter_mut() {
        if members.contains(export.name.as_str()) {
            let new = short(exports.len());
            exports.insert(core::mem::replace(&mut export.name, new.clone()), new);
        } else {
            idle.push(export.id());
        }
    }
    idle.into_iter().for_each(|id| module.exports.delete(id));
    rename_members(&script, &exports)
}

fn replace(script: &mut String, old: &str, new: &str) -> Result<()> {
    ensure!(script.matches(old).count() == 1, "`{old}` should be once in the JavaScript");
    *script = script.replace(old, new);
    Ok(())
}

/// The exports are members of this.
const EXPORTS: &str = "wasm.";

/// Each name behind `wasm.`, and what follows up to the next.
fn members(script: &str) -> impl Iterator<Item = (&str, &str)> {
    script.split(EXPORTS).skip(1).map(|part| {
        let end = part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len());
        part.split_at(end)
    })
}

fn rename_members(script: &str, names: &HashMap<String, String>) -> Result<String> {
    let mut renamed = script.split(EXPORTS).next().unwrap_or_default().to_owned();
    for (name, rest) in members(script) {
        let short = names.get(name).with_context(|| format!("the engine exports no `{name}`"))?;
        renamed += &format!("{EXPORTS}{short}{rest}");
    }
    Ok(renamed)
}

/// a, b, … z, aa, ba, …
fn short(mut number: usize) -> String {
    let mut name = String::new();
    loop {
        name.extend(('a'..='z').nth(number % 26));
        if number < 26 {
            return name;
        }
        number = number / 26 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Module {
        let mut module = Module::default();
        let kind = module.types.add(&[], &[]);
        let (function, _) = module.add_import_func("./web_bg.js", "__wbg_now_1f", kind);
        module.exports.add("later", function);
        module.exports.add("now", function);
        module
    }

    #[test]
    fn both_sides_agree() {
        let mut module = module();
        let script =
            "{ __wbg_now_1f: function() {} }; { \"./web_bg.js\": import0 }; wasm.now(now);";
        let script = shorten(&mut module, script).unwrap();
        assert_eq!(script, "{ a: function() {} }; { \"js\": import0 }; wasm.a(now);");
        let import = module.imports.iter().next().unwrap();
        assert_eq!((import.module.as_str(), import.name.as_str()), ("js", "a"));
        let exports: Vec<_> = module.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(exports, ["a"], "only what is called");
    }

    #[test]
    fn a_script_of_another_module_is_refused() {
        let good = "{ __wbg_now_1f: function() {} }; { \"./web_bg.js\": import0 };";
        assert!(shorten(&mut module(), good).is_ok());
        assert!(shorten(&mut module(), &good.replace("1f", "2f")).is_err());
        assert!(shorten(&mut module(), &good.replace("web", "cli")).is_err());
        assert!(shorten(&mut module(), &format!("{good} wasm.never();")).is_err());
    }

    #[test]
    fn short_names_are_different() {
        assert_eq!([0, 25, 26, 27, 52].map(short), ["a", "z", "aa", "ba", "ab"]);
    }
}
