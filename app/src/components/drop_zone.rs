//! Where files are dropped or picked. Without JavaScript it is the form's file input.

use domain::document::size_words;
use leptos::{html, prelude::*};
use web_sys::FileList;

use super::icon::{Icon, IconMark};
use crate::{
    live::{flag, on},
    upload::transfer,
};

/// The zone. Its limits stand on it.
#[component]
pub fn DropZone(
    /// Most bytes of one file.
    max_size: u64,
    /// Takes the files that were chosen.
    #[prop(into)]
    on_files: Callback<FileList>,
) -> impl IntoView {
    let (over, set_over) = signal(false);
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            if let Some(files) = input.files() {
                on_files.run(files);
            }
            // Choosing the same file again has to be a change.
            input.set_value("");
        }
    };
    let dropped = move |event: web_sys::DragEvent| {
        event.prevent_default();
        set_over.set(false);
        if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
            on_files.run(files);
        }
    };
    let drags_over = move |event: web_sys::DragEvent| {
        event.prevent_default();
        set_over.set(true);
    };
    view! {
        <div class="drop-zone" class:over=flag(move || over.get()) on:dragover=on(drags_over) on:dragleave=on(move |_| set_over.set(false)) on:drop=on(dropped)>
            <IconMark icon=Icon::Upload/>
            <label class="drop-title" for="upload-files">
                <span class="drop-wide">"Drop files here, or " <span class="as-link">"choose them"</span></span>
                <span class="drop-narrow as-link">"Choose files"</span>
            </label>
            <p class="muted" id="upload-limits">
                {format!("Word, Excel and PowerPoint (.docx, .xlsx, .pptx), up to {} each. Files with macros or a password are not taken.", size_words(max_size))}
            </p>
            <input
                node_ref=input
                id="upload-files"
                type="file"
                name=transfer::FIELD
                multiple=true
                required=true
                accept=".docx,.xlsx,.pptx"
                aria-describedby="upload-limits"
                on:change=on(chosen)
            />
        </div>
    }
    .into_any()
}
