//! `/reset/{token}`: choosing a new password with the secret from the mail.

use domain::account::ResetFor;
use leptos::prelude::*;

use super::segment;
use crate::{
    api::accounts::{ReadReset, ResetPassword},
    calls::{FormAction, fetch},
    components::{Entry, PasswordField, PostForm, ProblemBanner, SubmitButton, loaded},
    field,
};

/// Whose password the link resets, and the form.
#[component]
pub fn Reset() -> impl IntoView {
    let token = segment("token");
    let arguments = token.clone();
    let reset = fetch(move || ReadReset { token: arguments.clone() }, &[]);
    loaded(reset, move |reset| view! { <NewPassword token=token.clone() reset/> })
}

#[component]
fn NewPassword(token: String, reset: ResetFor) -> impl IntoView {
    let action = FormAction::to::<ResetPassword>();
    let problem = action.problem();
    view! {
        <Entry title="Choose a new password" lead="Every session and every API token of your account ends with the old one.">
            <ProblemBanner problem fields=&[field!(ResetPassword.password)]/>
            <p class="given"><span class="muted">"Your address"</span> <strong>{reset.email.to_string()}</strong></p>
            <PostForm post=action>
                <input type="hidden" name=field!(ResetPassword.token) value=token/>
                <PasswordField
                    id="reset-password"
                    name=field!(ResetPassword.password)
                    label="New password"
                    autocomplete="new-password"
                    hint="At least 8 characters; 15 or more are better."
                    problem
                />
                <SubmitButton label="Set the password" busy=action.busy()/>
            </PostForm>
            <p class="card-foot">"The link is over? " <a href="/forgot">"Ask for a new one"</a></p>
        </Entry>
    }
    .into_any()
}
