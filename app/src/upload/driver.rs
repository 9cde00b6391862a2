//! The queue and what it holds, driven by events: what the worker says, what the network says, what a person presses.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{File, FileList};

use super::{
    inspector::{Inspector, Request, Task, WorkerMessage},
    item::Key,
    queue::{Event, Queue},
    transfer::{Told, Transfer},
};
use crate::{browser, visit::Portal};

/// What the browser holds of the files. It lives in the browser's one thread alone.
#[derive(Default)]
struct Held {
    files: Vec<HeldFile>,
    rules: String,
    inspector: Option<Inspector>,
}

/// A file, the clean copy that would be sent instead, and its transfer while it is on its way.
struct HeldFile {
    key: Key,
    original: File,
    copy: Option<File>,
    transfer: Option<Transfer>,
}

impl Held {
    fn file(&mut self, key: Key) -> Option<&mut HeldFile> {
        self.files.iter_mut().find(|file| file.key == key)
    }

    /// What would be sent.
    fn current(&mut self, key: Key) -> Option<File> {
        self.file(key).map(|file| file.copy.as_ref().unwrap_or(&file.original).clone())
    }
}

/// The files of the upload page.
#[derive(Clone, Copy)]
pub struct Uploads {
    queue: RwSignal<Queue>,
    held: StoredValue<Held, LocalStorage>,
    max_size: u64,
}

impl Uploads {
    /// An empty queue, under the rules of this portal.
    #[must_use]
    pub fn new(portal: &Portal) -> Self {
        Self {
            queue: RwSignal::new(Queue::default()),
            held: StoredValue::new_local(Held { rules: portal.rules.clone(), ..Held::default() }),
            max_size: portal.max_upload,
        }
    }

    /// The queue, to look at.
    #[must_use]
    pub fn queue(self) -> ReadSignal<Queue> {
        self.queue.read_only()
    }

    /// Files were chosen: each is inspected.
    pub fn add(self, files: &FileList) {
        for file in (0..files.length()).filter_map(|index| files.get(index)) {
            let key = self.queue.with_untracked(Queue::next_key);
            self.happened(Event::Added { name: file.name(), size: size_of(&file) });
            let accepted = self.queue.with_untracked(|queue| queue.item(key).is_some_and(|item| !item.is_over()));
            if accepted {
                let file = HeldFile { key, original: file, copy: None, transfer: None };
                self.held.update_value(|held| held.files.push(file));
                self.ask(key, Task::Inspect);
            }
        }
    }

    /// Makes a clean copy without the topics that stand in a text of form fields.
    pub fn clean(self, key: Key, topics: String) {
        self.happened(Event::CleaningBegan(key));
        self.ask(key, Task::Clean(topics));
    }

    /// The original takes the place of its copy again.
    pub fn restore(self, key: Key) {
        self.change(key, |file| file.copy = None);
        self.happened(Event::Restored(key));
    }

    /// Lets the browser save the file that would be sent.
    pub fn save(self, key: Key) {
        if let Some(file) = self.hold(|held| held.current(key)) {
            browser::save(&file);
        }
    }

    /// Sends one file.
    pub fn deposit(self, key: Key) {
        self.happened(Event::Released(key));
    }

    /// Sends all that are ready.
    pub fn deposit_all(self) {
        for key in self.queue.with_untracked(Queue::ready) {
            self.deposit(key);
        }
    }

    /// Stops what is under way with a file.
    pub fn cancel(self, key: Key) {
        self.change(key, |file| file.transfer = None);
        self.forget(key);
        self.happened(Event::Cancelled(key));
    }

    /// Sends a file again.
    pub fn retry(self, key: Key) {
        self.happened(Event::Retried(key));
    }

    /// Takes a file off the list.
    pub fn remove(self, key: Key) {
        self.forget(key);
        self.happened(Event::Removed(key));
        self.let_go();
    }

    /// Takes what is over off the list.
    pub fn tidy(self) {
        self.happened(Event::Tidied);
        self.let_go();
    }

    /// Lets the event happen, then starts what can start.
    fn happened(self, event: Event) {
        self.queue.update(|queue| queue.apply(event, self.max_size));
        for key in self.queue.with_untracked(Queue::startable) {
            self.start(key);
        }
    }

    /// Works with what is held; nothing comes of it after the page was left.
    fn hold<T>(self, work: impl FnOnce(&mut Held) -> Option<T>) -> Option<T> {
        let (mut work, mut result) = (Some(work), None);
        self.hold_once(&mut |held| result = work.take().and_then(|work| work(held)));
        result
    }

    /// The part that does not depend on the work, so that it is compiled once.
    fn hold_once(self, work: &mut dyn FnMut(&mut Held)) {
        _ = self.held.try_update_value(work);
    }

    fn change(self, key: Key, change: impl FnOnce(&mut HeldFile)) {
        self.hold(|held| held.file(key).map(change));
    }

    /// Nobody waits any more for what the worker does with a file.
    fn forget(self, key: Key) {
        self.hold(|held| held.inspector.as_mut().map(|inspector| inspector.forget(key)));
    }

    /// Drops what is not on the list any more.
    fn let_go(self) {
        let kept = self.queue.with_untracked(|queue| queue.items().iter().map(|item| item.key).collect::<Vec<_>>());
        self.hold_once(&mut |held| held.files.retain(|file| kept.contains(&file.key)));
    }

    fn ask(self, key: Key, task: Task) {
        self.hold(|held| {
            let file = held.current(key)?;
            let Held { rules, inspector, .. } = held;
            let inspector = inspector
                .get_or_insert_with(|| Inspector::new(rules.clone(), move |message| self.heard(message.as_ref())));
            inspector.ask(Request { key, file, task });
            Some(())
        });
    }

    /// The worker has said something, or has died. It may be the last that is heard after the page was left.
    fn heard(self, message: Option<&JsValue>) {
        let Some((key, said)) = self.hold(|held| held.inspector.as_mut()?.heard(message)) else { return };
        match said {
            WorkerMessage::Worked(share) => self.happened(Event::Worked(key, share)),
            WorkerMessage::Inspected(inspected) => self.happened(Event::Inspected(key, inspected)),
            WorkerMessage::Cleaned(copy, removed, inspected) => {
                let size = size_of(&copy);
                self.change(key, |file| file.copy = Some(copy));
                self.happened(Event::Cleaned { key, size, removed, inspected });
                // The button that was pressed is gone: those who cannot see hear what came of it.
                set_timeout(move || browser::focus(&copy_id(key)), Duration::ZERO);
            }
            WorkerMessage::NotCleaned(reason) => self.happened(Event::NotCleaned(key, reason)),
            WorkerMessage::Broken => {
                self.happened(Event::NotInspected(key));
                self.happened(Event::NotCleaned(key, "It cannot be made in this browser.".to_owned()));
            }
        }
    }

    fn start(self, key: Key) {
        let Some(file) = self.hold(|held| held.current(key)) else { return };
        let summary = self.queue.with_untracked(|queue| {
            queue.item(key).and_then(|item| item.inspected.as_ref().map(|inspected| inspected.summary.clone()))
        });
        self.queue.update(|queue| queue.apply(Event::Started(key, browser::now_millis()), self.max_size));
        let told = move |told| match told {
            Told::Progress(sent) => self.happened(Event::Progress(key, sent, browser::now_millis())),
            Told::Sent => self.happened(Event::Sent(key)),
            Told::Answered(answer) => self.over(key, Event::Answered(key, answer)),
            Told::Broken => self.over(key, Event::Broken(key)),
        };
        match Transfer::start(&file, summary.as_deref(), told) {
            Some(transfer) => self.change(key, |file| file.transfer = Some(transfer)),
            None => self.happened(Event::Broken(key)),
        }
    }

    /// The transfer is dropped a turn later: this is called from one of its own closures.
    fn over(self, key: Key, event: Event) {
        set_timeout(move || self.change(key, |file| file.transfer = None), Duration::ZERO);
        self.happened(event);
    }
}

/// The id of the sentence about the clean copy of a file.
#[must_use]
pub fn copy_id(key: Key) -> String {
    format!("upload-{key}-copy")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of bytes, told as a double")]
fn size_of(file: &File) -> u64 {
    file.size() as u64
}
