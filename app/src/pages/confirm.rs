//! `/confirm/{token}`: the link of the verification mail. Opening it changes nothing, because programs that scan
//! mail open links too; the button does.
//!
//! In the browser that signed up the button is all. In any other its reader chooses the password: a stranger may have
//! signed up with the address, and must not know the password of the account.

use domain::account::Confirmation;
use leptos::prelude::*;

use super::segment;
use crate::{
    api::accounts::{ConfirmAddress, ReadConfirmation},
    calls::{FormAction, fetch},
    components::{Entry, Field, PasswordField, PostForm, ProblemBanner, SubmitButton, loaded},
    field,
    visit::use_portal,
};

/// What the link is for, and the button.
#[component]
pub fn Confirm() -> impl IntoView {
    let token = segment("token");
    let arguments = token.clone();
    let confirmation = fetch(move || ReadConfirmation { token: arguments.clone() }, &[]);
    loaded(confirmation, move |confirmation| view! { <Confirming token=token.clone() confirmation/> })
}

#[component]
fn Confirming(token: String, confirmation: Confirmation) -> impl IntoView {
    let action = FormAction::to::<ConfirmAddress>();
    let problem = action.problem();
    let portal = use_portal().name;
    let Confirmation { email, name, signed_up_here } = confirmation;
    let (lead, fields) = if signed_up_here {
        ("One click, and your account is ready.", None)
    } else {
        let fields = view! {
            <Field id="confirm-name" name=field!(ConfirmAddress.name) label="Your name" autocomplete="name" value=name.to_string() problem/>
            <PasswordField
                id="confirm-password"
                name=field!(ConfirmAddress.password)
                label="Password"
                autocomplete="new-password"
                hint="At least 8 characters; 15 or more are better. It may be the one you signed up with."
                problem
            />
        };
        ("This is not the browser in which somebody signed up. Choose the password of the account here.", Some(fields))
    };
    view! {
        <Entry title=format!("Confirm your address at {portal}") lead>
            <ProblemBanner problem fields=&[field!(ConfirmAddress.name), field!(ConfirmAddress.password)]/>
            <p class="given"><span class="muted">"Your address"</span> <strong>{email.to_string()}</strong></p>
            <PostForm post=action>
                <input type="hidden" name=field!(ConfirmAddress.token) value=token/>
                {fields}
                <SubmitButton label="Confirm my address" busy=action.busy()/>
            </PostForm>
            <p class="card-foot">"You did not sign up? Then close this page: nothing happens without the button."</p>
        </Entry>
    }
    .into_any()
}
