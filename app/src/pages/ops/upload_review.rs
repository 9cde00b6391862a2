//! What the inspection in the browser has found in a file, before a byte of it leaves, and the clean copy.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlFormElement, SubmitEvent};

use crate::{
    browser,
    components::{Banner, ButtonStyle, Tone, move_button, move_button_as, use_toasts},
    live::{flag, on},
    upload::{
        driver::{Uploads, copy_id},
        item::{CleanCopy, Inspected, Item, Key},
    },
};

/// Everything about a file that is ready to be sent.
#[component]
pub fn Review(
    /// The queue.
    uploads: Uploads,
    /// The file.
    item: Item,
) -> impl IntoView {
    let Item { key, name, inspected, copy, obstacle, .. } = item;
    let told = match inspected {
        Some(inspected) => view! { <Report uploads key_=key name=name.clone() inspected/> }.into_any(),
        None => {
            view! { <p>"It could not be inspected here. The server will inspect it when it arrives."</p> }.into_any()
        }
    };
    view! {
        {copy.map(|copy| view! { <Copied uploads key_=key name=name.clone() copy/> })}
        {obstacle.map(|reason| view! { <Banner tone=Tone::Warning>"There is no clean copy. " {reason}</Banner> })}
        {told}
    }
    .into_any()
}

/// Verdict and report, and the form that a clean copy is made with.
#[component]
fn Report(uploads: Uploads, key_: Key, name: String, inspected: Arc<Inspected>) -> impl IntoView {
    let toasts = use_toasts();
    let clean = move |event: SubmitEvent| {
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let topics = form.map(|form| browser::form_text(&form)).unwrap_or_default();
        if topics.is_empty() {
            toasts.say("Tick what the copy should be without.");
        } else {
            uploads.clean(key_, topics);
        }
    };
    view! {
        <form class="upload-xray" on:submit=on(clean)>
            <div inner_html=inspected.html.clone()></div>
            {inspected.cleanable.then(|| view! {
                <button type="submit" class="button quiet small" aria-label=format!("Make a clean copy: {name}")>
                    "Make a clean copy"
                </button>
            })}
        </form>
    }
    .into_any()
}

/// The clean copy is what would be sent now.
#[component]
fn Copied(uploads: Uploads, key_: Key, name: String, copy: CleanCopy) -> impl IntoView {
    let shown = flag(|| false);
    let deposit = Box::new(move || uploads.deposit(key_));
    view! {
        <Banner tone=Tone::Good>
            <p id=copy_id(key_) tabindex="-1"><strong>"This is the clean copy."</strong> " " {copy.removed}</p>
            <div class="upload-moves">
                {move_button_as(ButtonStyle::Primary, "Deposit the clean copy", &name, shown, deposit)}
                {move_button("Download the clean copy", &name, shown, move || uploads.save(key_))}
                {move_button("Use the original", &name, shown, move || uploads.restore(key_))}
            </div>
        </Banner>
    }
    .into_any()
}
