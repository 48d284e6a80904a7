//! Builds the page into target/site: the engine, its JavaScript glue, the static files, the demo's images.
//! Refuses to leave a page there that is incomplete, too heavy, or tells where it was built.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    hosting, minify, names, private, release, shims, size,
    toolchain::{PAGE, Toolchain},
    workspace,
};

/// Builds the page, with this release or the example's; returns its folder.
pub(crate) fn build(release: Option<&Path>) -> Result<PathBuf> {
    let toolchain = Toolchain::find(PAGE)?;
    let engines = Engine::ALL.map(|engine| (engine, engine.build(&toolchain)));

    // Aside, then moved: a failure leaves the last good page in place.
    let site = workspace::site_dir();
    let part = site.with_extension("part");
    remove_dir(&part)?;
    workspace::copy_dir(&workspace::root().join("www"), &part)?;
    ensure!(
        part.join("index.html").exists(),
        "www/index.html is missing; restore it, the page starts there"
    );
    for (engine, compiled) in engines {
        add_glue(&compiled?, &part.join(engine.folder()))?;
    }
    minify::folder(&part)?;
    release::write(&part, release)?;
    hosting::write(&part)?;
    size::check(&part, toolchain.limit())?;

    remove_dir(&site)?;
    fs::rename(&part, &site)
        .with_context(|| format!("cannot move the page to {}", site.display()))?;
    println!("the page is in {}", site.display());
    Ok(site)
}

/// What is made of rackflash-web.
#[derive(Clone, Copy, Debug)]
enum Engine {
    /// What every visitor loads.
    Plain,
    /// The same with what engineers do, for those who open their drawer.
    WithService,
    /// And with the virtual rack, for those who open the demo.
    WithDemo,
    /// What few use beside it.
    Tools,
}

impl Engine {
    const ALL: [Self; 4] = [Self::Plain, Self::WithService, Self::WithDemo, Self::Tools];

    /// Its folder in the site.
    fn folder(self) -> &'static str {
        match self {
            Self::Plain => size::ENGINE,
            Self::WithService => size::SERVICE,
            Self::WithDemo => size::DEMO,
            Self::Tools => size::TOOLS,
        }
    }

    /// Compiles it; returns the .wasm as the compiler leaves it.
    fn build(self, toolchain: &Toolchain) -> Result<PathBuf> {
        let mut build = toolchain.cargo("build");
        build.args(["--package", "rackflash-web", "--profile", "small", "--no-default-features"]);
        let features = match self {
            Self::Plain => "engine",
            Self::WithService => "service",
            Self::WithDemo => "demo",
            Self::Tools => "tools",
        };
        build.args(["--features", features]);
        workspace::run(&mut build)?;
        let output = toolchain.output_dir("small");
        // Aside: the next build writes to the same place.
        let folder = output.join(self.folder());
        fs::create_dir_all(&folder).context("cannot make a folder for the engine")?;
        let mine = folder.join("rackflash_web.wasm");
        fs::copy(output.join("rackflash_web.wasm"), &mine).context("cannot copy the engine")?;
        Ok(mine)
    }
}

/// Writes the .wasm the page loads, and the JavaScript module that loads it.
fn add_glue(engine: &Path, pkg: &Path) -> Result<()> {
    let mut output = Bindgen::new()
        .input_path(engine)
        .web(true)?
        .typescript(false)
        .remove_name_section(false) // half of the file; `shims` needs the names, and removes them
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen cannot make the JavaScript for rackflash-web")?;
    let script = without_loader(output.js())?;
    let script = names::shorten(output.wasm_mut(), &script)
        .context("cannot shorten the names between the engine and its JavaScript")?;
    shims::remove(output.wasm_mut())?;
    output.emit(pkg).context("cannot write what wasm-bindgen made")?;
    fs::write(pkg.join("rackflash_web.js"), script).context("cannot write rackflash_web.js")?;

    let private = private::Folders::of_this_build();
    for name in ["rackflash_web.js", "rackflash_web_bg.wasm"] {
        let file = pkg.join(name);
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if let Some(folder) = private.found_in(&bytes) {
            bail!(
                "{name} would tell the world about {}; find the crate that embeds the path (`strings {}`), and \
                 rename the folder in xtask/src/private.rs",
                folder.display(),
                engine.display()
            );
        }
    }
    Ok(())
}

/// The page fetches the .wasm itself and starts it by `initSync`; wasm-bindgen's other way, for servers and callers of every
/// kind, goes as unused once it is not exported.
fn without_loader(script: &str) -> Result<String> {
    let [both, one] = ["export { initSync, __wbg_init as default };", "export { initSync };"];
    ensure!(
        script.contains(both),
        "wasm-bindgen exports other functions than it did; see without_loader"
    );
    Ok(script.replace(both, one))
}

fn remove_dir(folder: &Path) -> Result<()> {
    workspace::ignore_missing(fs::remove_dir_all(folder))
        .with_context(|| format!("cannot remove {}; close what uses it", folder.display()))
}
