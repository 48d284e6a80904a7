//! Web Serial: one open port as a stream of chunks and a queue of bytes. Knows no protocol.
//!
//! The declarations are our own: web-sys has them only behind an unstable flag.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    ReadableStream, ReadableStreamDefaultReader, WritableStream, WritableStreamDefaultWriter,
};

/// The rate asked for. A USB CDC bridge ignores it; a real UART bridge keeps up with it.
const BAUD_RATE: u32 = 921_600;
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

/// An open port. Clones are the same port.
#[derive(Clone, Debug)]
pub(crate) struct Serial(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    port: SerialPort,
    queue: RefCell<Vec<u8>>,
    writing: Cell<bool>,
    /// While something is being written.
    writer: RefCell<Option<WritableStreamDefaultWriter>>,
    reader: RefCell<Option<ReadableStreamDefaultReader>>,
    closing: Cell<bool>,
}

/// What a port told.
pub(crate) enum Heard {
    Bytes(Vec<u8>),
    /// It is gone: nothing more comes.
    Lost,
}

impl Serial {
    /// Opens the port.
    pub(crate) async fn open(port: SerialPort) -> Result<Self, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"baudRate".into(), &BAUD_RATE.into())?;
        Reflect::set(&options, &"bufferSize".into(), &BUFFER_LEN.into())?;
        port.open(&options).await?;
        Ok(Self(Rc::new(Inner {
            port,
            queue: RefCell::default(),
            writing: Cell::new(false),
            writer: RefCell::default(),
            reader: RefCell::default(),
            closing: Cell::new(false),
        })))
    }

    /// Reads until the port is lost or closed. One read is always pending; nothing polls.
    pub(crate) fn listen(&self, heard: impl Fn(Heard) + 'static) {
        let serial = self.clone();
        spawn_local(async move {
            // A stream ends with an overrun or a line error and the port has a new one; it has none when it is lost.
            while let Some(stream) = serial.0.port.readable().filter(|_| !serial.0.closing.get()) {
                let Ok(reader) = ReadableStreamDefaultReader::new(&stream) else { break };
                *serial.0.reader.borrow_mut() = Some(reader.clone());
                while let Ok(chunk) = JsFuture::from(reader.read()).await {
                    let Ok(value) = Reflect::get(&chunk, &"value".into()) else { break };
                    if value.is_undefined() {
                        break;
                    }
                    heard(Heard::Bytes(Uint8Array::from(value).to_vec()));
                }
                *serial.0.reader.borrow_mut() = None;
                reader.release_lock();
            }
            if !serial.0.closing.get() {
                heard(Heard::Lost);
            }
        });
    }

    /// Sends bytes. What is queued while a write is under way goes out as one.
    pub(crate) fn send(&self, bytes: &[u8]) {
        self.0.queue.borrow_mut().extend_from_slice(bytes);
        if self.0.writing.replace(true) {
            return;
        }
        let serial = self.clone();
        spawn_local(async move {
            // That a port is lost is learnt from its reader; here the bytes only cannot go out.
            let _ = serial.write_queue().await;
            serial.0.writing.set(false);
        });
    }

    async fn write_queue(&self) -> Result<(), JsValue> {
        let Some(stream) = self.0.port.writable() else { return Ok(()) };
        let writer = WritableStreamDefaultWriter::new(&stream)?;
        *self.0.writer.borrow_mut() = Some(writer.clone());
        let written = async {
            loop {
                let bytes = self.0.queue.take();
                if bytes.is_empty() {
                    return Ok(());
                }
                JsFuture::from(writer.write_with_chunk(&Uint8Array::from(bytes.as_slice())))
                    .await?;
            }
        }
        .await;
        *self.0.writer.borrow_mut() = None;
        writer.release_lock();
        written
    }

    /// Closes the port, so that others may have it.
    pub(crate) async fn close(self) {
        self.0.closing.set(true);
        let reader = self.0.reader.borrow_mut().take();
        if let Some(reader) = reader {
            let _ = JsFuture::from(reader.cancel()).await;
            reader.release_lock();
        }
        // What the base was not quick enough to take it does not get; a port with a lock would stay open.
        let writer = self.0.writer.borrow_mut().take();
        if let Some(writer) = writer {
            let _ = JsFuture::from(writer.abort()).await;
            writer.release_lock();
        }
        let _ = self.0.port.close().await;
    }
}
