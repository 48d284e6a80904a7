//! Writes the demo's images as the page fetches them: one HEX file for each new version, and their index.

use std::fs;
use std::io;
use std::path::Path;

/// Writes the files into `dir`, which exists.
pub fn write_site(dir: &Path) -> io::Result<()> {
    let mut index = String::from("[");
    for image in super::new() {
        if index.len() > 1 {
            index.push_str(", ");
        }
        // The names have no character that JSON would want escaped.
        index.push_str(&format!("{{\"file\": \"{}\"}}", image.file));
        fs::write(dir.join(&image.file), image.hex)?;
    }
    index.push_str("]\n");
    fs::write(dir.join("index.json"), index)
}
