//! Web Serial: one open port as a stream of chunks and a queue of bytes. Knows no protocol.
//!
//! The declarations are our own: web-sys has them only behind an unstable flag.

use core::cell::Cell;
use std::rc::Rc;

use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    ReadableStream, ReadableStreamDefaultReader, WritableStream, WritableStreamDefaultWriter,
};

/// The rate asked for. A USB CDC bridge ignores it; a real UART bridge keeps up with it.
const BAUD_RATE: u32 = 921_600;
/// How much is queued behind the write that is under way, until that is done: a quarter of what goes out at once then. A session
/// that is asked for more sends again what only waits here, and what waits grows faster than it goes out.
const QUEUE_MAX: usize = 16 * 1024;
/// Both buffers of the port. The default of 255 bytes (Web Serial, "bufferSize") means a `read` for each of them.
const BUFFER_LEN: u32 = 64 * 1024;

#[wasm_bindgen]
extern "C" {
    /// A port that the user granted.
    #[derive(Clone, Debug)]
    pub type SerialPort;

    #[wasm_bindgen(method, catch)]
    async fn open(this: &SerialPort, options: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn close(this: &SerialPort) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn readable(this: &SerialPort) -> Option<ReadableStream>;

    #[wasm_bindgen(method, getter)]
    fn writable(this: &SerialPort) -> Option<WritableStream>;
}

/// A port. Clones are the same port.
#[derive(Clone)]
pub(crate) struct Serial(Rc<Inner>);

struct Inner {
    port: SerialPort,
    /// Called when there is room again.
    on_room: Box<dyn Fn()>,
    queue: Cell<Vec<u8>>,
    writing: Cell<bool>,
    /// Of the port's stream, from the first write on: to take one and release it for each write costs as much as the write.
    writer: Cell<Option<WritableStreamDefaultWriter>>,
    /// While something is being read.
    reader: Cell<Option<ReadableStreamDefaultReader>>,
    closing: Cell<bool>,
}

/// What a port told.
pub(crate) enum Heard {
    /// It could not be opened: nothing more comes.
    Busy,
    Opened,
    Bytes(Vec<u8>),
    /// It is gone: nothing more comes.
    Lost,
}

impl Serial {
    pub(crate) fn new(port: SerialPort, on_room: Box<dyn Fn()>) -> Self {
        Self(Rc::new(Inner {
            port,
            on_room,
            queue: Cell::default(),
            writing: Cell::default(),
            writer: Cell::default(),
            reader: Cell::default(),
            closing: Cell::default(),
        }))
    }

    /// Opens the port, reads until it is lost or to be closed, and closes it. One read is always pending; nothing polls.
    pub(crate) async fn run(&self, heard: impl Fn(Heard)) {
        let Inner { port, writer, reader, closing, .. } = &*self.0;
        let options = Object::new();
        for (name, value) in [("baudRate", BAUD_RATE), ("bufferSize", BUFFER_LEN)] {
            // On a plain object this cannot fail.
            let _ = Reflect::set(&options, &name.into(), &value.into());
        }
        if port.open(&options).await.is_err() {
            return heard(Heard::Busy);
        }
        heard(Heard::Opened);
        // A stream ends with an overrun or a line error and the port has a new one; it has none when it is lost.
        while let Some(stream) = port.readable().filter(|_| !closing.get()) {
            let Ok(own) = ReadableStreamDefaultReader::new(&stream) else { break };
            reader.set(Some(own.clone()));
            while let Ok(chunk) = JsFuture::from(own.read()).await {
                match Reflect::get(&chunk, &"value".into()) {
                    Ok(value) if !value.is_undefined() => {
                        heard(Heard::Bytes(Uint8Array::from(value).to_vec()));
                    }
                    _ => break,
                }
            }
            reader.take();
            own.release_lock();
        }
        if !closing.get() {
            return heard(Heard::Lost);
        }
        // What the base was not quick enough to take it does not get; a port with a lock would stay open.
        if let Some(writer) = writer.take() {
            let _ = JsFuture::from(writer.abort()).await;
            writer.release_lock();
        }
        let _ = port.close().await;
    }

    /// Lets [`Serial::run`] come to its end. Returns what may fail on the way, for somebody to catch.
    pub(crate) fn close(&self) -> Option<Promise> {
        self.0.closing.set(true);
        self.0.reader.take().map(|reader| reader.cancel())
    }

    /// Whether more can be sent.
    pub(crate) fn has_room(&self) -> bool {
        let queue = self.0.queue.take();
        let room = queue.len() < QUEUE_MAX;
        self.0.queue.set(queue);
        room
    }

    /// Sends bytes. What is queued while a write is under way goes out as one.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let mut queue = self.0.queue.take();
        queue.extend_from_slice(bytes);
        self.0.queue.set(queue);
        if self.0.writing.replace(true) {
            return;
        }
        let serial = self.clone();
        spawn_local(async move {
            serial.write_queue().await;
            serial.0.writing.set(false);
        });
    }

    async fn write_queue(&self) {
        let Some(writer) = self.writer() else { return };
        loop {
            let bytes = self.0.queue.take();
            if bytes.is_empty() {
                break;
            }
            let chunk = Uint8Array::from(bytes.as_slice());
            (self.0.on_room)();
            // That a port is lost is learnt from its reader; here the bytes only cannot go out. After an error the port has
            // a new stream.
            if JsFuture::from(writer.write_with_chunk(&chunk)).await.is_err() {
                self.0.writer.take();
                writer.release_lock();
                break;
            }
        }
    }

    fn writer(&self) -> Option<WritableStreamDefaultWriter> {
        let writer = match self.0.writer.take() {
            None => WritableStreamDefaultWriter::new(&self.0.port.writable()?).ok()?,
            Some(writer) => writer,
        };
        self.0.writer.set(Some(writer.clone()));
        Some(writer)
    }
}
