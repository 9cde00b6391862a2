//! A question that has to be answered first: the browser's own dialog, so that Escape, focus and the inert page
//! behind it are right.

use leptos::{html, prelude::*};

use crate::live::on;

/// A dialog that is open while `open` is true. It closes itself on Escape and on its close button.
#[component]
pub fn Dialog(
    /// Unique on the page.
    id: &'static str,
    /// What it asks.
    #[prop(into)]
    title: String,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What it says, and its buttons.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            // It fails only for a dialog that is open or not in the page.
            _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog node_ref=node id=id class="dialog" aria-labelledby=format!("{id}-title") on:close=on(move |_| open.set(false))>
            <h2 id=format!("{id}-title")>{title}</h2>
            {children()}
        </dialog>
    }
}
