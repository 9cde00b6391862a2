//! Six digits from a mail, in one input, so that pasting and autofill work.

use domain::Problem;
use leptos::prelude::*;

use super::field::error_of;
use crate::live::{flag, mark};

/// The box for the code.
#[component]
pub fn CodeBox(
    /// Unique on the page.
    id: &'static str,
    /// The form's problem.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let error = error_of(problem, "code", id);
    let wrong = flag(move || error.with(Option::is_some));
    let invalid = mark(move || wrong.get());
    view! {
        <div class="field" class:wrong=wrong>
            <label for=id>"Six-digit code"</label>
            <input
                id=id
                class="code-box"
                name="code"
                type="text"
                inputmode="numeric"
                autocomplete="one-time-code"
                pattern="[0-9 \\-]{6,9}"
                title="Six digits"
                maxlength="9"
                required=true
                placeholder="000000"
                aria-invalid=invalid
                aria-describedby=format!("{id}-error")
            />
            <p class="field-error" id=format!("{id}-error") role="alert">
                {error}
            </p>
        </div>
    }
}
