//! A form for a server function. Without JavaScript the browser posts it; with it the page stays where it is.

use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen::JsCast;

use crate::{calls::FormAction, live::on};

/// The form around its fields and its button.
#[component]
pub fn PostForm(
    /// Where it goes, and what becomes of it.
    #[prop(into)]
    post: FormAction,
    /// Fields and a button.
    children: Children,
) -> impl IntoView {
    let submitted = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(form) = event.target().and_then(|target| target.dyn_into().ok()) {
            post.send(&form);
        }
    };
    view! {
        <form method="post" action=post.path() on:submit=on(submitted)>
            {children()}
        </form>
    }
    .into_any()
}
