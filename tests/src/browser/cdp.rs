//! The Chrome DevTools Protocol over a pipe: calls with their answers, and what the page's console and network did.
//!
//! Not WebDriver, because a worker's console and requests are heard here too, from its first instruction on: each tab and
//! worker starts paused, and goes on when this listens to it. Docs: chromedevtools.github.io/devtools-protocol.

use core::time::Duration;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

/// How long an answer may take: a browser on a loaded machine starts in seconds.
const ANSWER: Duration = Duration::from_secs(60);

/// A connection to a browser.
pub(super) struct Cdp {
    pipe: Mutex<ChildStdin>,
    state: Mutex<State>,
    changed: Condvar,
}

/// A conversation with one target, or with the browser itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SessionId(Option<String>);

#[derive(Default)]
struct State {
    last: u64,
    /// Of calls under way.
    answers: HashMap<u64, Option<Value>>,
    targets: Vec<Target>,
    /// What the consoles said that is no plain message, in words.
    complaints: Vec<String>,
    /// What was asked for over the network.
    requests: Vec<String>,
    closed: bool,
}

/// A tab or a worker.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) session: SessionId,
    parent: SessionId,
}

impl Cdp {
    /// Takes over a browser's pipe.
    pub(super) fn new(to: ChildStdin, from: ChildStdout) -> Arc<Self> {
        let cdp = Arc::new(Self {
            pipe: Mutex::new(to),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        std::thread::spawn({
            let cdp = cdp.clone();
            move || cdp.listen(from)
        });
        cdp
    }

    /// Asks, and waits for the answer.
    ///
    /// # Panics
    /// If that is an error, or the browser is gone.
    pub(super) fn call(&self, session: &SessionId, method: &str, params: &Value) -> Value {
        self.ask(session, method, params)
            .unwrap_or_else(|error| panic!("{method} {params}: {error}"))
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(
        &self,
        session: &SessionId,
        method: &str,
        params: &Value,
    ) -> Result<Value, String> {
        let id = self.send(session, method, params, Wants::Answer);
        let answer = self.wait_for(|state| state.answers.get_mut(&id)?.take())?;
        self.lock().answers.remove(&id);
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["result"].clone()),
        }
    }

    /// Listens to the tab of this id, and to all that it starts.
    pub(super) fn attach(&self, id: &str) -> Target {
        let tab = json!({ "targetId": id, "flatten": true });
        self.call(&SessionId::default(), "Target.attachToTarget", &tab);
        let found =
            |state: &mut State| state.targets.iter().find(|target| target.id == id).cloned();
        self.wait_for(found).unwrap_or_else(|error| panic!("tab {id}: {error}"))
    }

    /// The workers of a tab.
    pub(super) fn workers(&self, of: &SessionId) -> Vec<Target> {
        let state = self.lock();
        let workers = state.targets.iter().filter(|t| t.parent == *of && t.kind == "worker");
        workers.cloned().collect()
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        self.lock().complaints.clone()
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.lock().requests.clone()
    }

    /// Asks, and does not care for the answer.
    pub(super) fn post(&self, session: &SessionId, method: &str, params: &Value) {
        self.send(session, method, params, Wants::Nothing);
    }

    fn send(&self, session: &SessionId, method: &str, params: &Value, wants: Wants) -> u64 {
        let id = {
            let mut state = self.lock();
            state.last += 1;
            let id = state.last;
            if wants == Wants::Answer {
                state.answers.insert(id, None);
            }
            id
        };
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = &session.0 {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        // That a browser is gone is learnt from its end of the pipe.
        let _ = pipe.write_all(&bytes);
        id
    }

    fn wait_for<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> Result<T, String> {
        let until = Instant::now() + ANSWER;
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&mut state) {
                return Ok(found);
            }
            let left = until.saturating_duration_since(Instant::now());
            if state.closed {
                return Err("the browser is gone".to_owned());
            } else if left.is_zero() {
                return Err(format!("no answer within {ANSWER:?}"));
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn listen(&self, from: ChildStdout) {
        let mut from = BufReader::new(from);
        let mut message = Vec::new();
        while from.read_until(0, &mut message).is_ok_and(|len| len > 0) {
            message.pop();
            if let Ok(message) = serde_json::from_slice(&message) {
                self.handle(message);
            }
            message.clear();
        }
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn handle(&self, message: Value) {
        if let Some(id) = message["id"].as_u64() {
            if let Some(answer) = self.lock().answers.get_mut(&id) {
                *answer = Some(message);
            }
        } else {
            let session = SessionId(message["sessionId"].as_str().map(str::to_owned));
            let method = message["method"].as_str().unwrap_or_default();
            self.handle_event(session, method, &message["params"]);
        }
        self.changed.notify_all();
    }

    fn handle_event(&self, session: SessionId, method: &str, params: &Value) {
        match method {
            "Target.attachedToTarget" => {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let target = Target {
                    id: text(&params["targetInfo"]["targetId"]),
                    kind: text(&params["targetInfo"]["type"]),
                    session: SessionId(Some(text(&params["sessionId"]))),
                    parent: session,
                };
                for method in ["Runtime.enable", "Log.enable", "Network.enable", "Page.enable"] {
                    self.post(&target.session, method, &json!({}));
                }
                let workers =
                    json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
                self.post(&target.session, "Target.setAutoAttach", &workers);
                self.post(&target.session, "Runtime.runIfWaitingForDebugger", &json!({}));
                self.lock().targets.push(target);
            }
            "Target.detachedFromTarget" => {
                let gone = SessionId(params["sessionId"].as_str().map(str::to_owned));
                self.lock().targets.retain(|target| target.session != gone);
            }
            "Runtime.consoleAPICalled" if is_complaint(&params["type"]) => {
                self.lock().complaints.push(format!("console: {}", params["args"]));
            }
            "Runtime.exceptionThrown" => {
                self.lock().complaints.push(format!("exception: {}", params["exceptionDetails"]));
            }
            "Log.entryAdded" if is_complaint(&params["entry"]["level"]) => {
                self.lock().complaints.push(format!("log: {}", params["entry"]));
            }
            // "Leave this page?"
            "Page.javascriptDialogOpening" => {
                self.post(&session, "Page.handleJavaScriptDialog", &json!({ "accept": true }));
            }
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                self.lock().requests.push(url.to_owned());
            }
            _ => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(PartialEq, Eq)]
enum Wants {
    Answer,
    Nothing,
}

fn is_complaint(level: &Value) -> bool {
    matches!(level.as_str(), Some("error" | "warning" | "assert"))
}
