//! `/confirm/{token}`: the link of the verification mail. Opening it changes nothing, because programs that scan
//! mail open links too; the button does.

use leptos::{form::ActionForm, prelude::*};

use super::segment;
use crate::{
    api::accounts::ConfirmAddress,
    components::{Entry, ProblemBanner, SubmitButton, busy_of, problem_of},
};

/// The button that confirms.
#[component]
pub fn Confirm() -> impl IntoView {
    let action = ServerAction::<ConfirmAddress>::new();
    view! {
        <Entry title="Confirm your address" lead="One click, and your account is ready.">
            <ProblemBanner problem=problem_of(action)/>
            <ActionForm action>
                <input type="hidden" name="token" value=segment("token")/>
                <SubmitButton label="Confirm my address" busy=busy_of(action, true)/>
            </ActionForm>
            <p class="card-foot">"You did not sign up? Then close this page: nothing happens without the button."</p>
        </Entry>
    }
    .into_any()
}
