//! Keeps the names of the builder's folders out of what is shipped: renames them in the compiler, then looks for them.
//! Refuses to trust the renaming: a dependency may embed a path in its own way.
//!
//! They get in through panic messages (`/home/ada/.cargo/registry/src/…/lib.rs`), would tell who built the page and
//! where, and would make two builds differ.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{MAIN_SEPARATOR, Path, PathBuf},
};

use crate::{debian, workspace};

/// Folders with the name each gets instead.
#[derive(Debug)]
pub(crate) struct Folders(Vec<(PathBuf, &'static str)>);

impl Folders {
    /// All that can end up in a file built here. Outer folders first: rustc takes the last that fits.
    pub(crate) fn of_this_build() -> Self {
        let mut folders = Vec::new();
        folders.extend(env::home_dir().map(|folder| (folder, "/home")));
        folders.extend(debian::library_sources().map(|folder| (folder, "/rust")));
        folders.push((workspace::root(), "/rackflash"));
        folders.push((workspace::target_dir(), "/target"));
        if let Some(cargo) = workspace::cargo_home() {
            let registries =
                fs::read_dir(cargo.join("registry/src")).into_iter().flatten().flatten();
            let mut registries: Vec<_> = registries.map(|entry| (entry.path(), "/deps")).collect();
            registries.sort();
            folders.push((cargo, "/cargo"));
            folders.extend(registries);
        }
        folders.retain(|(folder, _)| folder.parent().is_some());
        Self(folders)
    }

    /// Flags for rustc.
    pub(crate) fn remap_flags(&self) -> Vec<OsString> {
        let flag = |(folder, name): &(PathBuf, &str)| {
            let mut flag = OsString::from("--remap-path-prefix=");
            flag.push(folder);
            flag.push("=");
            flag.push(name);
            flag
        };
        self.0.iter().map(flag).collect()
    }

    /// The first folder whose name occurs in a file's bytes.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<&Path> {
        let occurs = |(folder, name): &&(PathBuf, &str)| {
            let mut needles = vec![format!("{}{MAIN_SEPARATOR}", folder.display())];
            if *name == "/deps" {
                // Under whatever path: the folder is named after the registry's host.
                needles.extend(folder.file_name().map(|name| name.to_string_lossy().into_owned()));
            }
            needles
                .iter()
                .any(|needle| needle.len() >= SHORTEST_NEEDLE && contains(bytes, needle.as_bytes()))
        };
        self.0.iter().find(occurs).map(|(folder, _)| folder.as_path())
    }
}

/// `/home/` is looked for, `/src/` is not: it occurs in harmless relative paths, and a checkout there betrays nothing.
const SHORTEST_NEEDLE: usize = 6;

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> Folders {
        Folders(vec![
            ("/home/ada".into(), "/home"),
            ("/src".into(), "/rackflash"),
            ("/cargo/registry/src/host.example-0123456789abcdef".into(), "/deps"),
        ])
    }

    #[test]
    #[cfg(unix)]
    fn finds_a_folder_and_a_registry_under_any_path() {
        let folders = folders();
        assert_eq!(folders.found_in(b"\0at /home/ada/x.rs\0"), Some(Path::new("/home/ada")));
        assert!(folders.found_in(b"/x/host.example-0123456789abcdef/y").is_some());
    }

    #[test]
    #[cfg(unix)]
    fn relative_paths_and_replaced_names_are_fine() {
        assert_eq!(
            folders().found_in(b"core/src/lib.rs /deps/cobs-0.5.1/src/lib.rs /home/adam"),
            None
        );
    }

    #[test]
    fn tells_rustc_in_order() {
        let flags = folders().remap_flags();
        assert_eq!(flags[0], "--remap-path-prefix=/home/ada=/home");
        assert_eq!(flags.len(), 3);
    }
}
