//! A word in passing, at the edge of the page: said once, gone after a few seconds.

use std::time::Duration;

use leptos::prelude::*;

use crate::live::part;

const STAYS: Duration = Duration::from_secs(4);

/// What is being said.
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Option<(u32, &'static str)>>);

impl Toasts {
    /// Says it, in place of what was said before.
    pub fn say(self, text: &'static str) {
        let turn = self.0.with_untracked(|said| said.map_or(0, |(turn, _)| turn.wrapping_add(1)));
        self.0.set(Some((turn, text)));
        set_timeout(
            move || {
                if self.0.with_untracked(|said| said.is_some_and(|(now, _)| now == turn)) {
                    self.0.set(None);
                }
            },
            STAYS,
        );
    }
}

/// Makes room for words in passing. Called once, by the app.
pub fn provide_toasts() {
    provide_context(Toasts(RwSignal::new(None)));
}

/// Where to say them.
#[must_use]
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(|| Toasts(RwSignal::new(None)))
}

/// The place at the edge of the page. It is always there, so that readers hear when it changes.
#[component]
pub fn Toaster() -> impl IntoView {
    let Toasts(said) = use_toasts();
    view! {
        <div class="toaster" role="status" aria-live="polite">
            {part(move || said.get().map(|(_, text)| view! { <p class="toast">{text}</p> }))}
        </div>
    }
}
