//! How far something is.

use leptos::prelude::*;

/// A bar. Without a value it moves to show that something happens.
#[component]
pub fn Progress(
    /// What is under way, for readers.
    #[prop(into)]
    label: String,
    /// From 0 to 1.
    #[prop(into)]
    value: Signal<Option<f64>>,
) -> impl IntoView {
    view! {
        <progress class="progress" aria-label=label max="1" value=move || value.get().map(|value| format!("{value:.3}"))></progress>
    }
}
