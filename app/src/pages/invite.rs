//! `/invite/{token}` and `/setup/{token}`: becoming one of ops. The set-up link asks for the address, too.

use leptos::prelude::*;

use super::segment;
use crate::{
    api::{
        accounts::AcceptInvitation,
        team::{Invitation, ReadInvitation},
    },
    calls::{FormAction, fetch},
    components::{Entry, Field, PasswordField, PostForm, ProblemBanner, SubmitButton, loaded},
    field,
    visit::use_portal,
};

/// The form of a new ops account.
#[component]
pub fn Invite() -> impl IntoView {
    let token = segment("token");
    let arguments = token.clone();
    let invitation = fetch(move || ReadInvitation { token: arguments.clone() }, &[]);
    loaded(invitation, move |invitation| view! { <Acceptance token=token.clone() invitation/> })
}

#[component]
fn Acceptance(token: String, invitation: Invitation) -> impl IntoView {
    let action = FormAction::to::<AcceptInvitation>();
    let problem = action.problem();
    let portal = use_portal().name;
    let (title, lead, address) = match invitation.email {
        Some(email) => (
            format!("Join {portal}"),
            "You are invited to deposit documents and to look after the portal.",
            view! { <p class="given"><span class="muted">"Your address"</span> <strong>{email.to_string()}</strong></p> }.into_any(),
        ),
        None => (
            format!("Set up {portal}"),
            "This makes the first ops account. The link works once.",
            view! { <Field id="invite-email" name=field!(AcceptInvitation.email) label="E-mail address" kind="email" autocomplete="username" problem/> }.into_any(),
        ),
    };
    view! {
        <Entry title lead>
            <ProblemBanner problem fields=&[field!(AcceptInvitation.name), field!(AcceptInvitation.email), field!(AcceptInvitation.password)]/>
            <PostForm post=action>
                <input type="hidden" name=field!(AcceptInvitation.token) value=token/>
                {address}
                <Field id="invite-name" name=field!(AcceptInvitation.name) label="Your name" autocomplete="name" problem/>
                <PasswordField
                    id="invite-password"
                    name=field!(AcceptInvitation.password)
                    label="Password"
                    autocomplete="new-password"
                    hint="At least 8 characters; 15 or more are better. A few words in a row work well."
                    problem
                />
                <SubmitButton label="Create the account" busy=action.busy()/>
            </PostForm>
        </Entry>
    }
    .into_any()
}
