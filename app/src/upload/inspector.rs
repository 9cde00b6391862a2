//! The worker that inspects and cleans files. It is started for the first file, is handed one request at a time, and
//! answers with what can be shown as it is (see `inspector/` for the other side).

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{File, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::item::{Inspected, Key, Verdict};

const SCRIPT: &str = "/pkg/worker.js";

/// What is asked of the worker.
pub struct Request {
    /// Which file of the queue it is about.
    pub key: Key,
    /// The file.
    pub file: File,
    /// What is to be done with it.
    pub task: Task,
}

/// What the worker can do.
pub enum Task {
    /// Say what is in it.
    Inspect,
    /// Make a copy without these topics, which stand in a text of form fields.
    Clean(String),
}

/// What the worker says.
pub enum WorkerMessage {
    /// So many thousandths are done.
    Worked(u64),
    /// What was found.
    Inspected(Inspected),
    /// The copy, what it is without, and what was found in it.
    Cleaned(File, String, Inspected),
    /// Why there is no copy.
    NotCleaned(String),
    /// It cannot be done here.
    Broken,
}

/// The worker and those who wait for it.
pub struct Inspector {
    rules: String,
    worker: Option<Worker>,
    at_work_on: Option<Key>,
    /// Those who wait, the first one last.
    line: Vec<Request>,
    on_message: Closure<dyn FnMut(MessageEvent)>,
    on_error: Closure<dyn FnMut()>,
}

impl Inspector {
    /// One that is not started yet, which inspects by these rules. Whoever `hear`s passes on what arrives to [`Self::heard`], and nothing when the
    /// worker has died.
    pub fn new(rules: String, hear: impl Fn(Option<JsValue>) + Clone + 'static) -> Self {
        let died = hear.clone();
        Self {
            rules,
            worker: None,
            at_work_on: None,
            line: Vec::new(),
            on_message: Closure::new(move |event: MessageEvent| hear(Some(event.data()))),
            on_error: Closure::new(move || died(None)),
        }
    }

    /// Puts a request in line.
    pub fn ask(&mut self, request: Request) {
        self.line.insert(0, request);
        self.go_on();
    }

    /// Nobody waits for this file any more.
    pub fn forget(&mut self, key: Key) {
        self.line.retain(|request| request.key != key);
        if self.at_work_on == Some(key) {
            self.end_worker();
            self.go_on();
        }
    }

    /// Understands what has arrived, and about which file it is.
    pub fn heard(&mut self, message: Option<&JsValue>) -> Option<(Key, WorkerMessage)> {
        let key = self.at_work_on?;
        let said = message.map_or(WorkerMessage::Broken, understood);
        match said {
            WorkerMessage::Worked(_) => return Some((key, said)),
            // Whatever has happened to it, the next file gets a worker in good order.
            WorkerMessage::Broken => self.end_worker(),
            _ => self.at_work_on = None,
        }
        self.go_on();
        Some((key, said))
    }

    fn go_on(&mut self) {
        if self.at_work_on.is_some() {
            return;
        }
        let Some(request) = self.line.pop() else { return };
        self.at_work_on = Some(request.key);
        if self.send(&request).is_err() {
            // As if it had died, but not within the call that asked for it.
            let died = self.on_error.as_ref().unchecked_ref();
            _ = leptos::prelude::window().set_timeout_with_callback(died);
        }
    }

    fn send(&mut self, request: &Request) -> Result<(), JsValue> {
        let (task, topics) = match &request.task {
            Task::Inspect => ("inspect", ""),
            Task::Clean(topics) => ("clean", topics.as_str()),
        };
        let id = format!("upload-{}", request.key);
        let rules = self.rules.as_str();
        let message = Array::of5(&task.into(), &request.file, &id.into(), &rules.into(), &topics.into());
        self.started()?.post_message(&message)
    }

    fn started(&mut self) -> Result<&Worker, JsValue> {
        if self.worker.is_none() {
            let options = WorkerOptions::new();
            options.set_type(WorkerType::Module);
            let worker = Worker::new_with_options(SCRIPT, &options)?;
            worker.set_onmessage(Some(self.on_message.as_ref().unchecked_ref()));
            worker.set_onerror(Some(self.on_error.as_ref().unchecked_ref()));
            self.worker = Some(worker);
        }
        self.worker.as_ref().ok_or(JsValue::NULL)
    }

    fn end_worker(&mut self) {
        self.at_work_on = None;
        if let Some(worker) = self.worker.take() {
            worker.terminate();
        }
    }
}

impl Drop for Inspector {
    fn drop(&mut self) {
        self.end_worker();
    }
}

fn understood(message: &JsValue) -> WorkerMessage {
    if let Some(thousandths) = message.as_f64() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number from 0 to 999")]
        return WorkerMessage::Worked(thousandths as u64);
    }
    let file = field(message, "file").dyn_into::<File>();
    match (inspected(message), file) {
        (Some(inspected), Ok(copy)) => WorkerMessage::Cleaned(copy, text(message, "removed"), inspected),
        (Some(inspected), Err(_)) => WorkerMessage::Inspected(inspected),
        (None, _) if field(message, "sentence").is_string() => WorkerMessage::NotCleaned(text(message, "sentence")),
        (None, _) => WorkerMessage::Broken,
    }
}

fn inspected(message: &JsValue) -> Option<Inspected> {
    let verdict = match text(message, "verdict").as_str() {
        "accept" => Verdict::Accept,
        "flagged" => Verdict::Flagged,
        "refused" => Verdict::Refused,
        _ => return None,
    };
    Some(Inspected {
        verdict,
        sentence: text(message, "sentence"),
        summary: text(message, "summary"),
        html: text(message, "html"),
        cleanable: field(message, "cleanable").is_truthy(),
    })
}

fn text(message: &JsValue, name: &str) -> String {
    field(message, name).as_string().unwrap_or_default()
}

fn field(message: &JsValue, name: &str) -> JsValue {
    Reflect::get(message, &name.into()).unwrap_or_default()
}
