//! The headers under which the page is served, by `cargo xtask serve` and, as files beside the page, by common static hosts;
//! and what each file of the page is to be. Refuses nothing: it only writes down.

use core::fmt::Write;
use std::{fs, path::Path};

use anyhow::{Context, Result};
use base64::prelude::{BASE64_STANDARD, Engine};
use rackflash_release::manifest::hex;
use sha2::{Digest, Sha256};

use crate::workspace;

/// Where the page may get what: from its own origin alone. WebAssembly needs a word of its own, and so does a worker's
/// address under Trusted Types (`www/trusted.js`). A page of the same origin may show this one in a frame: that is how it is
/// embedded.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types rackflash";

/// What the page asks a browser for, and nothing else of what a page can ask for.
const PERMISSIONS: &str = "serial=(self), screen-wake-lock=(self), clipboard-write=(self), fullscreen=(self), accelerometer=(), \
     autoplay=(), camera=(), clipboard-read=(), display-capture=(), encrypted-media=(), geolocation=(), \
     gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), \
     picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), storage-access=(), usb=(), \
     xr-spatial-tracking=()";

/// With each file.
pub(crate) const HEADERS: [(&str, &str); 8] = [
    ("Content-Security-Policy", POLICY),
    ("Permissions-Policy", PERMISSIONS),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    // Asked for anew each time: a page of two versions at once would be none.
    ("Cache-Control", "no-cache"),
];

/// Writes the headers as the hosts want them, and last of all what every file is to be.
pub(crate) fn write(site: &Path) -> Result<()> {
    let lines = |before: &str, between: &str, after: &str| {
        HEADERS.iter().fold(String::new(), |mut lines, (name, value)| {
            let _ = writeln!(lines, "{before}{name}{between}{value}{after}");
            lines
        })
    };
    let files = [
        // Netlify, Cloudflare Pages and others.
        ("_headers", format!("/*\n{}", lines("  ", ": ", ""))),
        // Apache; AddType, since a browser takes WebAssembly and modules only under their right type.
        (
            ".htaccess",
            format!(
                "AddType application/wasm .wasm\nAddType text/javascript .js\nAddType application/manifest+json .webmanifest\n{}",
                lines("Header always set ", " \"", "\"")
            ),
        ),
        // nginx, to be included in the location.
        ("nginx.conf", lines("add_header ", " \"", "\" always;")),
    ];
    for (name, text) in files {
        fs::write(site.join(name), text).with_context(|| format!("cannot write {name}"))?;
    }
    hashes(site)
}

/// What the browser checks before it keeps a file (`www/service-worker.js`), and what people can: `sha256sum -c SHA256SUMS`.
fn hashes(site: &Path) -> Result<()> {
    let (mut sums, mut all, mut kept) = (String::new(), Sha256::new(), Vec::new());
    for file in workspace::files(site)? {
        let parts = file.strip_prefix(site)?.iter().map(|part| part.to_string_lossy());
        // As a URL has it.
        let name = parts.collect::<Vec<_>>().join("/");
        let bytes = fs::read(&file).with_context(|| format!("cannot read {name}"))?;
        let hash = Sha256::digest(&bytes);
        let _ = writeln!(sums, "{}  {name}", hex(&hash));
        all.update(hash);
        if is_kept(&name) {
            kept.push(format!("{name:?}:\"sha256-{}\"", BASE64_STANDARD.encode(hash)));
        }
    }
    let version = hex(&all.finalize()[..VERSION_LEN]);
    let script = format!("export const VERSION=\"{version}\",FILES={{{}}};", kept.join(","));
    fs::write(site.join(FILES), script).context("cannot write the list of files")?;
    fs::write(site.join("SHA256SUMS"), sums).context("cannot write SHA256SUMS")
}

/// Enough of a hash to tell builds apart, in bytes.
const VERSION_LEN: usize = 6;
/// The list of files, for the browser.
const FILES: &str = "files.js";

/// Whether the browser keeps it. What is signed is checked as such, and may be replaced without the page.
fn is_kept(name: &str) -> bool {
    let is_hosts = name.starts_with(['_', '.']) || name == "nginx.conf";
    !is_hosts && !name.starts_with("release/") && name != "service-worker.js"
}
