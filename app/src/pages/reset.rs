//! `/reset/{token}`: choosing a new password with the secret from the mail.

use leptos::prelude::*;

use super::segment;
use crate::{
    api::accounts::ResetPassword,
    calls::Post,
    components::{Entry, PasswordField, PostForm, ProblemBanner, SubmitButton},
};

/// The form with the new password.
#[component]
pub fn Reset() -> impl IntoView {
    let action = Post::to::<ResetPassword>();
    let problem = action.problem();
    view! {
        <Entry title="Choose a new password" lead="Every session and every API token of your account ends with the old one.">
            <ProblemBanner problem fields=&["password"]/>
            <PostForm post=action>
                <input type="hidden" name="token" value=segment("token")/>
                <PasswordField
                    id="reset-password"
                    name="password"
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
