//! `/confirm/{token}`: the link of the verification mail. Opening it changes nothing, because programs that scan
//! mail open links too; the button does.

use leptos::prelude::*;

use super::segment;
use crate::{
    api::accounts::ConfirmAddress,
    calls::Post,
    components::{Entry, PostForm, ProblemBanner, SubmitButton},
};

/// The button that confirms.
#[component]
pub fn Confirm() -> impl IntoView {
    let action = Post::to::<ConfirmAddress>();
    view! {
        <Entry title="Confirm your address" lead="One click, and your account is ready.">
            <ProblemBanner problem=action.problem()/>
            <PostForm post=action>
                <input type="hidden" name="token" value=segment("token")/>
                <SubmitButton label="Confirm my address" busy=action.busy()/>
            </PostForm>
            <p class="card-foot">"You did not sign up? Then close this page: nothing happens without the button."</p>
        </Entry>
    }
    .into_any()
}
