//! Short words about a thing: its state, its version.

use leptos::prelude::*;

/// What a badge or banner is about. The word says it too: colour never carries a meaning alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Just so.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Worth a look.
    Warning,
    /// Wrong.
    Danger,
}

impl Tone {
    /// The class that colours it.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "tone-plain",
            Self::Good => "tone-good",
            Self::Warning => "tone-warning",
            Self::Danger => "tone-danger",
        }
    }
}

/// A word in a rounded frame.
#[component]
pub fn Badge(
    /// The word.
    #[prop(into)]
    label: String,
    /// What it is about.
    #[prop(optional)]
    tone: Tone,
) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{label}</span> }
}

/// Marks what its reader has not collected yet.
#[component]
pub fn NewDot() -> impl IntoView {
    view! {
        <span class="new-dot" title="New: you have not downloaded it yet">
            <span class="sr">"New."</span>
        </span>
    }
}
