//! What must not happen by one click: a button that asks first. Without JavaScript the question folds open in its place.

use leptos::prelude::*;

use super::dialog::Dialog;
use crate::{
    live::{on, part},
    visit::use_alive,
};

/// What a question is called.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Of its dialog, unique on the page.
    pub id: &'static str,
    /// On the button that asks.
    pub button: &'static str,
    /// Above the question.
    pub title: &'static str,
    /// On the button that leaves everything as it is.
    pub keep: &'static str,
}

/// A dangerous button and its question. `question` draws what it says and the form that answers yes.
pub fn ask_first(asked: Asked, open: RwSignal<bool>, question: impl Fn() -> AnyView + Send + 'static) -> impl IntoView {
    let Asked { id, button, title, keep } = asked;
    let alive = use_alive();
    part(move || {
        let question = question();
        Some(if alive.get() {
            view! {
                <button type="button" class="button danger" on:click=on(move |_| open.set(true))>{button}</button>
                <Dialog id title open>
                    {question}
                    <button type="button" class="button quiet" on:click=on(move |_| open.set(false))>{keep}</button>
                </Dialog>
            }
            .into_any()
        } else {
            view! {
                <details class="disclosure" open=open.get_untracked()>
                    <summary>{button}</summary>
                    {question}
                </details>
            }
            .into_any()
        })
    })
}
