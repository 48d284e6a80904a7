//! Serves target/site to this computer's own browsers. Refuses other computers, and every path but plain names.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::{
    fs::File,
    io::{self, ErrorKind},
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, bail};
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::{hosting::HEADERS, site};

/// Builds the page and serves it until the process is ended.
pub(crate) fn build_and_serve(port: u16, release: Option<&Path>) -> Result<()> {
    // Before the build, which takes longer than anyone wants to wait for "port in use".
    let listeners = listen(port)?;
    let site = site::build(release)?;
    println!("\nserving http://localhost:{port} to this computer; Ctrl-C ends it");
    serve(listeners, &site);
    bail!("the server stopped by itself; start it again")
}

/// Serves a folder until the process ends.
pub(crate) fn serve(listeners: Vec<TcpListener>, site: &Path) {
    thread::scope(|scope| {
        for listener in listeners {
            scope.spawn(move || match Server::from_listener(listener, None) {
                Ok(server) => server.incoming_requests().for_each(|request| answer(request, site)),
                Err(error) => println!("cannot serve: {error}"),
            });
        }
    });
}

/// Both loopback addresses: browsers differ in which one they take for localhost.
pub(crate) fn listen(port: u16) -> Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)] {
        match TcpListener::bind(SocketAddr::new(address, port)) {
            Ok(listener) => listeners.push(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
                "port {port} is in use by another program; end that program, or choose another port with \
                 `cargo xtask serve --port {}`",
                port.checked_add(1).unwrap_or(8080)
            ),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                bail!(
                    "the system does not let you serve on port {port}; choose one above 1023 with `--port`"
                )
            }
            Err(_) if address.is_ipv6() => {} // a computer without IPv6
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot listen on {address} port {port}"));
            }
        }
    }
    Ok(listeners)
}

/// One request on its way to its response. A browser that went away is its own business.
fn answer(request: Request, site: &Path) {
    let _ = match look_up(request.method(), request.url(), site) {
        Ok((file, kind)) => {
            let headers = HEADERS
                .into_iter()
                .chain([("Content-Type", kind)])
                .filter_map(|(name, value)| Header::from_bytes(name, value).ok());
            request.respond(headers.fold(Response::from_file(file), Response::with_header))
        }
        Err(status) => {
            println!("{} {} {}", status.0, request.method(), request.url().escape_debug());
            request.respond(
                Response::from_string(status.default_reason_phrase()).with_status_code(status),
            )
        }
    };
}

fn look_up(method: &Method, url: &str, site: &Path) -> Result<(File, &'static str), StatusCode> {
    if !matches!(method, Method::Get | Method::Head) {
        return Err(StatusCode(405));
    }
    let path = resolve(url).ok_or(StatusCode(404))?;
    let file = open_file(&site.join(&path)).map_err(|_| StatusCode(404))?;
    Ok((file, mime(&path)))
}

/// The file below the site that a URL asks for.
///
/// Takes only names of letters, digits, `-`, `_` and `.` that do not start with a dot. So `..`, `%2e`, `\`, `:` and an
/// empty name are not escaped but simply no file.
fn resolve(url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = if path.is_empty() { "index.html" } else { path };
    let plain = |name: &&str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        !name.is_empty() && !name.starts_with('.') && name.bytes().all(allowed)
    };
    path.split('/').map(|name| Some(name).filter(plain)).collect()
}

fn open_file(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(ErrorKind::NotFound.into()) }
}

/// A browser takes WebAssembly and modules only under their right type.
fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("hex" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_files() {
        for (url, file) in [
            ("/", "index.html"),
            ("/?demo=1#rack", "index.html"),
            ("/pkg/rackflash_web_bg.wasm", "pkg/rackflash_web_bg.wasm"),
            ("/images/vco-1.2.0.hex", "images/vco-1.2.0.hex"),
        ] {
            assert_eq!(resolve(url).as_deref(), Some(Path::new(file)), "{url}");
        }
    }

    #[test]
    fn nothing_leaves_the_site() {
        for url in [
            "",
            "index.html",
            "//etc/passwd",
            "/../Cargo.toml",
            "/pkg/../../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/..%2fCargo.toml",
            "/..\\Cargo.toml",
            "/C:/x",
            "/.git/config",
            "/pkg/",
            "/a//b",
            "/.",
            "/a\0b",
            "http://x/",
            "*",
        ] {
            assert_eq!(resolve(url), None, "{url:?}");
        }
    }

    #[test]
    fn the_types_a_browser_insists_on() {
        assert_eq!(mime(Path::new("pkg/a_bg.wasm")), "application/wasm");
        assert!(mime(Path::new("a.js")).starts_with("text/javascript"));
        assert_eq!(mime(Path::new("README")), "application/octet-stream");
    }
}
