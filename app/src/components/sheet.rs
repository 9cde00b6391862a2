//! A document as a sheet of paper with a spine in the colour of its kind, and the kind's letter.

use domain::DocumentKind;
use leptos::prelude::*;

const fn letter(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Docx => "W",
        DocumentKind::Xlsx => "X",
        DocumentKind::Pptx => "P",
    }
}

const fn class(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Docx => "sheet sheet-docx",
        DocumentKind::Xlsx => "sheet sheet-xlsx",
        DocumentKind::Pptx => "sheet sheet-pptx",
    }
}

/// The sheet of a kind. Readers hear the kind.
#[component]
pub fn Sheet(
    /// Which kind.
    kind: DocumentKind,
) -> impl IntoView {
    view! {
        <svg class=class(kind) viewBox="0 0 32 40" role="img" aria-label=kind.label() focusable="false">
            <path class="sheet-paper" d="M4 1.5h17L30.5 11V36a2.5 2.5 0 0 1-2.5 2.5H4z"></path>
            <path class="sheet-fold" d="M21 1.5V11h9.5"></path>
            <path class="sheet-spine" d="M4 1.5h3v37H4a2.5 2.5 0 0 1-2.5-2.5V4A2.5 2.5 0 0 1 4 1.5z"></path>
            <text class="sheet-letter" x="18.5" y="28" text-anchor="middle">{letter(kind)}</text>
        </svg>
    }
}
