//! Takes out of the engine what wasm-bindgen leaves in its function table and nothing can call. Refuses a module in which it
//! finds none: then wasm-bindgen names them otherwise, and this file is out of date.
//!
//! A closure that is handed to JavaScript is called through a function `…::convert::closures::…::invoke`. Its address stands in
//! the closure's description alone, a function that wasm-bindgen runs at build time and removes; for each closure that the page
//! does hand out, the JavaScript glue then gets its `invoke` as an export. js-sys describes the closures of everything it
//! declares, used or not. Their `invoke` stay: an element of the function table keeps a function alive. But an element is
//! called by its address, and the address was in the description.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use walrus::{ElementItems, ExportItem, Function, FunctionBuilder, FunctionId, Module};

/// Removes them, and then every name: they are told by their names, so the module has to come with those.
/// What only linkers read goes with them.
pub(crate) fn remove(module: &mut Module) -> Result<()> {
    let called: HashSet<FunctionId> = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id),
            _ => None,
        })
        .collect();
    let idle: HashSet<FunctionId> = module
        .funcs
        .iter()
        .filter(|function| is_shim(function) && !called.contains(&function.id()))
        .map(Function::id)
        .collect();

    // The table keeps its length, and every other function its address. Whoever should call one nonetheless is stopped.
    let mut trap = FunctionBuilder::new(&mut module.types, &[], &[]);
    trap.func_body().unreachable();
    let trap = trap.finish(Vec::new(), &mut module.funcs);
    let mut replaced = 0;
    for element in module.elements.iter_mut() {
        let ElementItems::Functions(ids) = &mut element.items else { continue };
        for id in ids.iter_mut().filter(|id| idle.contains(id)) {
            *id = trap;
            replaced += 1;
        }
    }
    ensure!(
        replaced > 0,
        "no idle `invoke` of a closure is in the engine's function table: see what wasm-bindgen calls them now, and \
         correct or remove xtask/src/shims.rs"
    );

    walrus::passes::gc::run(module);
    remove_names(module);
    module.customs.remove_raw("target_features"); // for linkers
    Ok(())
}

fn remove_names(module: &mut Module) {
    let Module { name, funcs, locals, tables, globals, data, .. } = module;
    *name = None;
    funcs.iter_mut().for_each(|function| function.name = None);
    tables.iter_mut().for_each(|table| table.name = None);
    for id in locals.iter().map(|local| local.id()).collect::<Vec<_>>() {
        locals.get_mut(id).name = None;
    }
    for id in globals.iter().map(|global| global.id()).collect::<Vec<_>>() {
        globals.get_mut(id).name = None;
    }
    for id in data.iter().map(|data| data.id()).collect::<Vec<_>>() {
        data.get_mut(id).name = None;
    }
}

fn is_shim(function: &Function) -> bool {
    let name = function.name.as_deref();
    name.is_some_and(|name| name.contains("closures") && name.contains("invoke"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIM: &str = "_RINvNtNtCs_12wasm_bindgen7convert8closures1_6invokeE";

    /// A module with a table of two functions, the first of that name.
    fn module(name: &str, export: bool) -> Module {
        let mut module = Module::default();
        let [first, second] = [name, "step"].map(|name| {
            let mut function = FunctionBuilder::new(&mut module.types, &[], &[]);
            function.name(name.to_owned());
            function.finish(Vec::new(), &mut module.funcs)
        });
        if export {
            module.exports.add("invoke", first);
        }
        let table = module.tables.add_local(false, 2, None, walrus::RefType::FUNCREF);
        module.exports.add("table", table);
        let start = walrus::ConstExpr::Value(walrus::ir::Value::I32(0));
        let kind = walrus::ElementKind::Active { table, offset: start };
        let element = module.elements.add(kind, ElementItems::Functions(vec![first, second]));
        module.tables.get_mut(table).elem_segments.insert(element);
        module
    }

    #[test]
    fn an_idle_shim_goes_and_the_other_functions_stay_in_place() {
        let mut module = module(SHIM, false);
        let kept = module.funcs.by_name("step").unwrap();
        remove(&mut module).unwrap();
        let ElementItems::Functions(ids) = &module.elements.iter().next().unwrap().items else {
            panic!("not functions")
        };
        assert_eq!(ids[1], kept);
        assert_eq!(module.funcs.iter().count(), 2, "the other function and the trap");
        assert!(module.funcs.iter().all(|function| function.name.is_none()));
    }

    #[test]
    fn a_module_without_idle_shims_is_refused() {
        assert!(remove(&mut module(SHIM, true)).is_err());
        assert!(remove(&mut module("work", false)).is_err());
    }
}
