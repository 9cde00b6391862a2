//! What a list says when there is nothing in it: an icon, a sentence, and the next move.

use leptos::prelude::*;

use super::icon::{Icon, IconMark};

/// The empty list.
#[component]
pub fn EmptyState(
    /// An icon.
    icon: Icon,
    /// What is so.
    title: &'static str,
    /// Why, and what will change it.
    text: &'static str,
    /// The next move, if there is one.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon"><IconMark icon/></span>
            <p class="empty-title">{title}</p>
            <p class="muted">{text}</p>
            {children.map(|children| view! { <div class="empty-move">{children()}</div> })}
        </div>
    }
}
