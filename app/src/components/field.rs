//! A labelled input with its hint and its problem. Inputs are uncontrolled: what a person types before the page has
//! come to life stays.

use domain::Problem;
use leptos::prelude::*;

use super::banner::sentence;
use crate::{
    browser,
    live::{flag, mark, on},
    visit::use_alive,
};

/// One line of text.
#[component]
pub fn Field(
    /// Unique on the page.
    id: &'static str,
    /// The form's name for it, which is also the problem's.
    name: &'static str,
    /// What it asks for.
    label: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: Option<String>,
    /// The form's problem.
    #[prop(optional, into)]
    problem: Signal<Option<Problem>>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let error = error_of(problem, name, id);
    let wrong = flag(move || error.with(Option::is_some));
    let invalid = mark(move || wrong.get());
    view! {
        <div class="field" class:wrong=wrong>
            <label for=id>{label}</label>
            <input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required=!optional
                spellcheck="false"
                aria-invalid=invalid
                aria-describedby=described_by(id)
            />
            <Below id hint error/>
        </div>
    }
    .into_any()
}

/// A password, which its owner can look at while typing once the page is alive.
#[component]
pub fn PasswordField(
    /// Unique on the page.
    id: &'static str,
    /// The form's name for it, which is also the problem's.
    name: &'static str,
    /// What it asks for.
    label: &'static str,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    /// What helps to choose it.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The form's problem.
    #[prop(optional, into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let error = error_of(problem, name, id);
    let wrong = flag(move || error.with(Option::is_some));
    let invalid = mark(move || wrong.get());
    let alive = use_alive();
    let (shown, set_shown) = signal(false);
    let either = move |yes: &'static str, no: &'static str| Signal::derive(move || if shown.get() { yes } else { no });
    let (kind, pressed, word) = (either("text", "password"), either("true", "false"), either("Hide", "Show"));
    let hidden = flag(move || !alive.get());
    view! {
        <div class="field" class:wrong=wrong>
            <label for=id>{label}</label>
            <div class="input-with-button">
                <input
                    id=id
                    name=name
                    type=kind
                    autocomplete=autocomplete
                    required=true
                    spellcheck="false"
                    autocapitalize="none"
                    aria-invalid=invalid
                    aria-describedby=described_by(id)
                />
                <button
                    type="button"
                    class="input-button"
                    hidden=hidden
                    aria-pressed=pressed
                    aria-controls=id
                    on:click=on(move |_| set_shown.update(|shown| *shown = !*shown))
                >
                    {word}
                    <span class="sr">" password"</span>
                </button>
            </div>
            <Below id hint error/>
        </div>
    }
    .into_any()
}

#[component]
fn Below(id: &'static str, hint: Option<String>, error: Signal<Option<String>>) -> impl IntoView {
    view! {
        <p class="field-error" id=format!("{id}-error") role="alert">
            {error}
        </p>
        <p class="field-hint" id=format!("{id}-hint")>{hint}</p>
    }
}

fn described_by(id: &str) -> String {
    format!("{id}-error {id}-hint")
}

/// The sentence for this field. When a new one comes, the focus goes to the field.
pub(super) fn error_of(
    problem: Signal<Option<Problem>>,
    name: &'static str,
    id: &'static str,
) -> Signal<Option<String>> {
    let error = Signal::derive(move || {
        problem.get().filter(|problem| problem.field.as_deref() == Some(name)).map(|problem| sentence(&problem))
    });
    Effect::new(move |_| {
        if error.with(Option::is_some) {
            browser::focus(id);
        }
    });
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ErrorCode;

    #[test]
    fn a_field_shows_its_own_problem_and_no_other() {
        let owner = Owner::new();
        owner.with(|| {
            let problem = Signal::stored(Some(Problem::new(ErrorCode::InvalidEmail).on("email")));
            let email = view! { <Field id="e" name="email" label="E-mail" problem/> }.to_html();
            assert!(email.contains("complete e-mail address") && email.contains("aria-invalid=\"true\""), "{email}");
            let name = view! { <Field id="n" name="name" label="Name" problem/> }.to_html();
            assert!(!name.contains("complete e-mail address") && !name.contains("aria-invalid"), "{name}");
        });
    }

    #[test]
    fn a_password_is_hidden_at_first_and_never_filled_in() {
        let html = Owner::new().with(|| {
            view! { <PasswordField id="p" name="password" label="Password" autocomplete="new-password"/> }.to_html()
        });
        assert!(html.contains("type=\"password\"") && !html.contains("value="), "{html}");
    }
}
