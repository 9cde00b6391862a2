//! `/ops/upload`: depositing files. Without JavaScript the form posts to the same path, and the verdict comes with
//! the page that follows.

use domain::upload::UploadReport;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::FileList;

use super::upload_list::{Report, UploadList};
use crate::{
    components::{ButtonStyle, DropZone, Icon, PageHeader, SubmitButton},
    live::flag,
    upload::{driver::Uploads, queue::Queue, transfer},
    visit::{use_alive, use_portal},
};

/// The page.
#[component]
pub fn Upload() -> impl IntoView {
    let uploads = Uploads::new(&use_portal());
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
                <SubmitButton label="Upload" style=ButtonStyle::Primary icon=Icon::Upload/>
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
        if uploads.queue().with_untracked(Queue::is_unfinished) {
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
