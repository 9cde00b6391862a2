//! `/ops/upload`: depositing files. Without JavaScript the form posts to the same path, and the verdict comes with
//! the page that follows.

use std::{collections::HashMap, time::Duration};

use domain::upload::UploadReport;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{File, FileList};

use super::upload_list::{Report, UploadList};
use crate::{
    browser,
    components::{ButtonLook, DropZone, Icon, PageHeader, SubmitButton},
    live::flag,
    upload::{
        queue::{Event, Key, Queue},
        transfer::{self, Told, Transfer},
    },
    visit::{use_alive, use_portal},
};

/// What the browser holds of the files under way. It lives in the browser's one thread alone.
#[derive(Default)]
struct Held {
    files: HashMap<Key, File>,
    transfers: HashMap<Key, Transfer>,
}

/// The queue and what it holds, driven by events.
#[derive(Clone, Copy)]
pub struct Uploads {
    queue: RwSignal<Queue>,
    held: StoredValue<Held, LocalStorage>,
    max_size: u64,
}

impl Uploads {
    fn new(max_size: u64) -> Self {
        Self { queue: RwSignal::new(Queue::default()), held: StoredValue::new_local(Held::default()), max_size }
    }

    pub(crate) fn queue(self) -> ReadSignal<Queue> {
        self.queue.read_only()
    }

    fn add(self, files: &FileList) {
        for file in (0..files.length()).filter_map(|index| files.get(index)) {
            let key = self.queue.with_untracked(Queue::next_key);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count of bytes, told as a double"
            )]
            let size = file.size() as u64;
            let name = file.name();
            self.held.update_value(|held| _ = held.files.insert(key, file));
            self.happened(Event::Added { name, size });
        }
    }

    pub(crate) fn cancel(self, key: Key) {
        self.held.update_value(|held| _ = held.transfers.remove(&key));
        self.happened(Event::Cancelled(key));
    }

    pub(crate) fn retry(self, key: Key) {
        self.happened(Event::Retried(key));
    }

    pub(crate) fn tidy(self) {
        self.happened(Event::Tidied);
    }

    /// Lets the event happen, then starts what can start.
    fn happened(self, event: Event) {
        self.queue.update(|queue| queue.apply(event, self.max_size));
        for key in self.queue.with_untracked(Queue::startable) {
            self.start(key);
        }
    }

    fn start(self, key: Key) {
        let Some(file) = self.held.with_value(|held| held.files.get(&key).cloned()) else { return };
        self.queue.update(|queue| queue.apply(Event::Started(key, browser::now_millis()), self.max_size));
        let told = move |told| match told {
            Told::Progress(sent) => self.happened(Event::Progress(key, sent, browser::now_millis())),
            Told::Sent => self.happened(Event::Sent(key)),
            Told::Answered(answer) => self.over(key, Event::Answered(key, answer)),
            Told::Broken => self.over(key, Event::Broken(key)),
        };
        match Transfer::start(&file, told) {
            Some(transfer) => self.held.update_value(|held| _ = held.transfers.insert(key, transfer)),
            None => self.happened(Event::Broken(key)),
        }
    }

    /// The transfer is dropped a turn later: this is called from one of its own closures.
    fn over(self, key: Key, event: Event) {
        set_timeout(move || _ = self.held.try_update_value(|held| held.transfers.remove(&key)), Duration::ZERO);
        self.happened(event);
    }
}

/// The page.
#[component]
pub fn Upload() -> impl IntoView {
    let uploads = Uploads::new(use_portal().max_upload);
    let alive = use_alive();
    let sent = SharedValue::new(report_of_request).into_inner();
    let leaving = warn_before_leaving(uploads);
    on_cleanup(move || leaving.remove());
    lead_on(uploads);
    view! {
        <PageHeader title="Upload" lead="Every file is inspected before it becomes a document. Clients see it at once."/>
        {sent.map(|report| view! { <Report report/> })}
        <form class="upload" method="post" action=transfer::ACTION enctype="multipart/form-data">
            <DropZone max_size=use_portal().max_upload on_files=move |files: FileList| uploads.add(&files)/>
            <div class="upload-send" hidden=flag(move || alive.get())>
                <SubmitButton label="Upload" look=ButtonLook::Primary icon=Icon::Upload/>
            </div>
        </form>
        <UploadList uploads/>
    }
    .into_any()
}

/// After one file its page, after many this list: once everything has come to an end.
fn lead_on(uploads: Uploads) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(id) = uploads.queue().with(Queue::only_document) {
            navigate(&format!("/documents/{id}"), leptos_router::NavigateOptions::default());
        }
    });
}

fn warn_before_leaving(uploads: Uploads) -> WindowListenerHandle {
    window_event_listener(leptos::ev::beforeunload, move |event| {
        if uploads.queue().with_untracked(Queue::is_busy) {
            event.unchecked_ref::<web_sys::Event>().prevent_default();
        }
    })
}

#[cfg(feature = "ssr")]
fn report_of_request() -> Option<UploadReport> {
    crate::api::take_flash(crate::flash::Flash::Upload)
}

#[cfg(not(feature = "ssr"))]
fn report_of_request() -> Option<UploadReport> {
    None
}
