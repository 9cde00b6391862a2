//! `/forgot`: asking for a link to choose a new password. The answer never tells whether the address is known.

use leptos::prelude::*;

use crate::{
    api::accounts::RequestReset,
    calls::FormAction,
    components::{Banner, Entry, Field, NoticeBanner, PostForm, ProblemBanner, SubmitButton, Tone},
    field,
    live::part,
    paths::Notice,
};

/// The form that asks for the link.
#[component]
pub fn Forgot() -> impl IntoView {
    let action = FormAction::to::<RequestReset>();
    let problem = action.problem();
    view! {
        <Entry title="Reset your password" lead="We send a link to your address. With it you choose a new password.">
            <NoticeBanner/>
            {part(move || action.is_done().then(|| view! { <Banner tone=Tone::Good>{Notice::ResetSent.sentence()}</Banner> }))}
            <ProblemBanner problem fields=&[field!(RequestReset.email)]/>
            <PostForm post=action>
                <Field id="reset-email" name=field!(RequestReset.email) label="E-mail address" kind="email" autocomplete="username" problem/>
                <SubmitButton label="Send the link" busy=action.busy()/>
            </PostForm>
            <p class="card-foot"><a href="/login">"Back to sign-in"</a></p>
        </Entry>
    }
    .into_any()
}
