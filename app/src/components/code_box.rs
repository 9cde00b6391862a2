//! Six digits from a mail, in one input, so that pasting and autofill work.

use domain::Problem;
use leptos::prelude::*;

use super::field::error_of;

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
    view! {
        <div class="field" class:wrong=move || error.get().is_some()>
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
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=format!("{id}-error")
            />
            <p class="field-error" id=format!("{id}-error") role="alert">
                {move || error.get()}
            </p>
        </div>
    }
}
