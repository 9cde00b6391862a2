//! `/login`: signing in, and back to where one was going.

use leptos::prelude::*;

use super::arguments;
use crate::{
    api::accounts::SignIn,
    calls::FormAction,
    components::{Entry, Field, NoticeBanner, PasswordField, PostForm, ProblemBanner, SubmitButton},
    field,
};

/// The sign-in form, the same for clients and ops.
#[component]
pub fn Login() -> impl IntoView {
    let action = FormAction::to::<SignIn>();
    let problem = action.problem();
    view! {
        <Entry title="Sign in">
            <NoticeBanner/>
            <ProblemBanner problem fields=&[field!(SignIn.email), field!(SignIn.password)]/>
            <PostForm post=action>
                <input type="hidden" name=field!(SignIn.next) value=arguments("next")/>
                <Field id="sign-in-email" name=field!(SignIn.email) label="E-mail address" kind="email" autocomplete="username" problem/>
                <PasswordField id="sign-in-password" name=field!(SignIn.password) label="Password" autocomplete="current-password" problem/>
                <p class="field-aside"><a href="/forgot">"Forgotten your password?"</a></p>
                <SubmitButton label="Sign in" busy=action.busy()/>
            </PostForm>
            <p class="card-foot">"Signed up, but not confirmed? Use the link in the mail, or sign up again. New here? " <a href="/signup">"Create an account"</a></p>
        </Entry>
    }
    .into_any()
}
