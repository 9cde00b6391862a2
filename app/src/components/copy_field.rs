//! Text that is meant to be taken elsewhere: a hash, a token.

use leptos::prelude::*;

use super::{
    icon::{Icon, IconMark},
    toast::use_toasts,
};
use crate::{
    browser,
    live::{flag, on},
    visit::use_alive,
};

/// The text, selectable in one go, with a button that copies it once the page is alive.
#[component]
pub fn CopyField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// What it is.
    label: &'static str,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let alive = use_alive();
    let toasts = use_toasts();
    let input_id = id.clone();
    let copied_text = text.clone();
    let copy = move |_| {
        if let Some(input) = browser::element::<web_sys::HtmlInputElement>(&input_id) {
            input.select();
        }
        browser::copy(&copied_text, move |done| {
            toasts.say(if done { "Copied." } else { "It is selected: copy it with your keyboard." });
        });
    };
    view! {
        <div class="copy-field">
            <input id=id type="text" readonly=true value=text aria-label=label spellcheck="false"/>
            <button type="button" class="button quiet small" hidden=flag(move || !alive.get()) on:click=on(copy)>
                <IconMark icon=Icon::Copy/>
                <span>"Copy"</span>
                <span class="sr">{label}</span>
            </button>
        </div>
    }
}
