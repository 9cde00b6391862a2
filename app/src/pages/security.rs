//! Parts of the account page: the password, and the sessions in which one is signed in.

use domain::account::SessionRow;
use leptos::prelude::*;

use crate::{
    api::{
        accounts::ChangePassword,
        own::{EndOtherSessions, EndSession, ListSessions},
    },
    calls::{FormAction, FormActionOf, fetch},
    components::{
        Badge, Banner, ButtonStyle, Moment, PasswordField, PostForm, ProblemBanner, SubmitButton, Tone, loaded,
    },
    field,
    live::{part, views},
    paths::Notice,
    words,
};

/// Changing the password.
#[component]
pub fn PasswordSection() -> impl IntoView {
    let action = FormAction::to::<ChangePassword>();
    let problem = action.problem();
    view! {
        <section class="card">
            <h2>"Password"</h2>
            {part(move || action.is_done().then(|| view! { <Banner tone=Tone::Good>{Notice::PasswordChanged.sentence()}</Banner> }))}
            <ProblemBanner problem fields=&[field!(ChangePassword.current), field!(ChangePassword.password)]/>
            <PostForm post=action>
                <div class="field-row">
                    <PasswordField id="current-password" name=field!(ChangePassword.current) label="Current password" autocomplete="current-password" problem/>
                    <PasswordField
                        id="new-password"
                        name=field!(ChangePassword.password)
                        label="New password"
                        autocomplete="new-password"
                        hint="At least 8 characters; 15 or more are better."
                        problem
                    />
                </div>
                <SubmitButton label="Change password" style=ButtonStyle::Quiet busy=action.busy()/>
            </PostForm>
        </section>
    }
    .into_any()
}

/// Seeing and ending sessions.
#[component]
pub fn SessionsSection() -> impl IntoView {
    let end = FormAction::to::<EndSession>();
    let end_others = FormAction::to::<EndOtherSessions>();
    let sessions = fetch(|| ListSessions {}, &[end.into(), end_others.into()]);
    view! {
        <section class="card">
            <div class="card-head">
                <h2>"Sessions"</h2>
                <PostForm post=end_others>
                    <SubmitButton label="End all others" style=ButtonStyle::Quiet busy=end_others.busy()/>
                </PostForm>
            </div>
            <ProblemBanner problem=end.problem()/>
            <ProblemBanner problem=end_others.problem()/>
            {loaded(sessions, move |sessions| {
                view! { <ul class="people">{views(sessions.into_iter().map(|session| view! { <SessionItem session end/> }))}</ul> }
            })}
        </section>
    }
    .into_any()
}

#[component]
fn SessionItem(session: SessionRow, end: FormActionOf<EndSession>) -> impl IntoView {
    let browser = words::browser_words(&session.user_agent);
    let side = if session.current {
        view! { <Badge label="This one" tone=Tone::Good/> }.into_any()
    } else {
        let described = format!("End the session of {browser}");
        view! {
            <PostForm post=end>
                <input type="hidden" name=field!(EndSession.handle) value=session.handle.to_string()/>
                <SubmitButton label="End" style=ButtonStyle::Quiet described/>
            </PostForm>
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
