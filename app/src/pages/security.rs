//! Parts of the account page: the password, and the sessions in which one is signed in.

use domain::account::SessionRow;
use leptos::{form::ActionForm, prelude::*};

use crate::{
    api::{
        accounts::ChangePassword,
        own::{EndOtherSessions, EndSession, list_sessions},
    },
    components::{
        Badge, Banner, ButtonLook, Moment, PasswordField, ProblemBanner, SubmitButton, Tone, busy_of, loaded,
        problem_of,
    },
    paths::Notice,
    words,
};

/// Changing the password.
#[component]
pub fn PasswordSection() -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let problem = problem_of(action);
    let done = move || action.value().with(|value| matches!(value, Some(Ok(()))));
    view! {
        <section class="card">
            <h2>"Password"</h2>
            {move || done().then(|| view! { <Banner tone=Tone::Good>{Notice::PasswordChanged.sentence()}</Banner> })}
            <ProblemBanner problem fields=&["current", "password"]/>
            <ActionForm action>
                <div class="field-row">
                    <PasswordField id="current-password" name="current" label="Current password" autocomplete="current-password" problem/>
                    <PasswordField
                        id="new-password"
                        name="password"
                        label="New password"
                        autocomplete="new-password"
                        hint="At least 8 characters; 15 or more are better."
                        problem
                    />
                </div>
                <SubmitButton label="Change password" look=ButtonLook::Quiet busy=busy_of(action, false)/>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// Seeing and ending sessions.
#[component]
pub fn SessionsSection() -> impl IntoView {
    let end = ServerAction::<EndSession>::new();
    let end_others = ServerAction::<EndOtherSessions>::new();
    let sessions = Resource::new_blocking(move || (end.version().get(), end_others.version().get()), |_| list_sessions());
    view! {
        <section class="card">
            <div class="card-head">
                <h2>"Sessions"</h2>
                <ActionForm action=end_others>
                    <SubmitButton label="End all others" look=ButtonLook::Quiet busy=busy_of(end_others, false)/>
                </ActionForm>
            </div>
            <ProblemBanner problem=problem_of(end)/>
            <ProblemBanner problem=problem_of(end_others)/>
            {loaded(sessions, move |sessions| {
                view! { <ul class="people">{sessions.into_iter().map(|session| view! { <SessionItem session end/> }).collect_view()}</ul> }
            })}
        </section>
    }
    .into_any()
}

#[component]
fn SessionItem(session: SessionRow, end: ServerAction<EndSession>) -> impl IntoView {
    let browser = words::browser_words(&session.user_agent);
    let side = if session.current {
        view! { <Badge label="This one" tone=Tone::Good/> }.into_any()
    } else {
        let described = format!("End the session of {browser}");
        view! {
            <ActionForm action=end>
                <input type="hidden" name="handle" value=session.handle.to_string()/>
                <SubmitButton label="End" look=ButtonLook::Quiet described/>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <li class="person">
            <div class="person-text">
                <strong title=session.user_agent>{browser}</strong>
                <span class="muted">
                    {format!("{} · since ", session.address)} <Moment at=session.started_at/> ", last seen " <Moment at=session.seen_at/>
                </span>
            </div>
            {side}
        </li>
    }
    .into_any()
}
