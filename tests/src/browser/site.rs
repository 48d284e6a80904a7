//! Serves the built page on a port of its own, so that each test is an origin of its own. Refuses every path but plain names.
//!
//! A thread for each connection, and a connection for each file: a browser opens several at once and keeps some idle, and
//! none may wait for another.

use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// A page that is served until it is dropped.
pub(super) struct Site {
    address: SocketAddr,
    /// Every connection ends without an answer.
    down: Arc<AtomicBool>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How long a connection may stay without a request: browsers open some ahead of time.
const IDLE: Duration = Duration::from_secs(10);

impl Site {
    pub(super) fn serve(folder: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let [end, down] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (end, down, folder) = (end.clone(), down.clone(), Arc::from(folder));
            move || {
                for stream in listener.incoming().take_while(|_| !end.load(Ordering::Relaxed)) {
                    if down.load(Ordering::Relaxed) {
                        continue;
                    }
                    let folder: Arc<Path> = Arc::clone(&folder);
                    // A browser that went away is its own business.
                    std::thread::spawn(move || stream.and_then(|stream| answer(&stream, &folder)));
                }
            }
        });
        Self { address, down, end, thread: Some(thread) }
    }

    /// As if there were no network any more.
    pub(super) fn go_down(&self) {
        self.down.store(true, Ordering::Relaxed);
    }

    /// As the browser knows it.
    pub(super) fn origin(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        // The listener looks up when somebody comes.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One request, one answer, and the end of the connection.
fn answer(mut stream: &TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let ["GET", url, _] = request.split(' ').collect::<Vec<_>>()[..] else { return Ok(()) };
    let path = url.split('?').next().unwrap_or_default().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.');
    let file = Some(folder.join(path)).filter(|_| path.split('/').all(plain));
    let (status, body) = match file.map(fs::read) {
        Some(Ok(bytes)) => ("200 OK", bytes),
        _ => ("404 Not Found", Vec::new()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
        mime(path),
        body.len(),
        headers(folder)?
    )?;
    stream.write_all(&body)
}

/// Those that the page brings along for its hosts.
fn headers(folder: &Path) -> io::Result<String> {
    let file = fs::read_to_string(folder.join("_headers"))?;
    Ok(file.lines().skip(1).map(|line| format!("{}\r\n", line.trim())).collect())
}

/// A browser takes WebAssembly and modules only under their right type.
fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        _ => "text/plain; charset=utf-8",
    }
}
