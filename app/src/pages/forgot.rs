//! `/forgot`: asking for a link to choose a new password. The answer never tells whether the address is known.

use leptos::{form::ActionForm, prelude::*};

use crate::{
    api::accounts::RequestReset,
    components::{Banner, Entry, Field, NoticeBanner, ProblemBanner, SubmitButton, Tone, busy_of, problem_of},
    paths::Notice,
};

/// The form that asks for the link.
#[component]
pub fn Forgot() -> impl IntoView {
    let action = ServerAction::<RequestReset>::new();
    let problem = problem_of(action);
    let sent = move || action.value().with(|value| matches!(value, Some(Ok(()))));
    view! {
        <Entry title="Reset your password" lead="We send a link to your address. With it you choose a new password.">
            <NoticeBanner/>
            {move || sent().then(|| view! { <Banner tone=Tone::Good>{Notice::ResetSent.sentence()}</Banner> })}
            <ProblemBanner problem fields=&["email"]/>
            <ActionForm action>
                <Field id="reset-email" name="email" label="E-mail address" kind="email" autocomplete="username" problem/>
                <SubmitButton label="Send the link" busy=busy_of(action, false)/>
            </ActionForm>
            <p class="card-foot"><a href="/login">"Back to sign-in"</a></p>
        </Entry>
    }
    .into_any()
}
