//! `/signup`: a client registers.

use leptos::prelude::*;

use crate::{
    api::accounts::SignUp,
    calls::FormAction,
    components::{Entry, Field, PasswordField, PostForm, ProblemBanner, Steps, SubmitButton},
    field,
};

pub(super) const STEPS: &[&str] = &["Your details", "Confirm", "Documents"];

/// The form of a new client.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let action = FormAction::to::<SignUp>();
    let problem = action.problem();
    view! {
        <Entry title="Create your account" lead="To collect the documents that were sent to you.">
            <Steps names=STEPS current=0/>
            <ProblemBanner problem fields=&[field!(SignUp.name), field!(SignUp.email), field!(SignUp.password)]/>
            <PostForm post=action>
                <Field id="sign-up-name" name=field!(SignUp.name) label="Your name" autocomplete="name" problem/>
                <Field
                    id="sign-up-email"
                    name=field!(SignUp.email)
                    label="E-mail address"
                    kind="email"
                    autocomplete="email"
                    hint="Use the address that your contact knows."
                    problem
                />
                <PasswordField
                    id="sign-up-password"
                    name=field!(SignUp.password)
                    label="Password"
                    autocomplete="new-password"
                    hint="At least 8 characters; 15 or more are better. A few words in a row work well."
                    problem
                />
                <SubmitButton label="Create account" busy=action.busy()/>
            </PostForm>
            <p class="card-foot">"You have an account already? " <a href="/login">"Sign in"</a></p>
        </Entry>
    }
    .into_any()
}
