//! How far something is.

use leptos::prelude::*;

/// A bar. Without a value it moves to show that something happens.
#[component]
pub fn Progress(
    /// What is under way, for readers.
    #[prop(into)]
    label: String,
    /// In thousandths.
    #[prop(into)]
    value: Signal<Option<u64>>,
) -> impl IntoView {
    view! {
        <progress class="progress" aria-label=label max="1000" value=value></progress>
    }
}
