//! `/ops/team`: who is in ops, and inviting others.

use domain::account::TeamMember;
use leptos::{form::ActionForm, prelude::*};

use crate::{
    api::team::{InviteOps, WithdrawInvitation, list_team},
    components::{
        Badge, ButtonLook, Field, Moment, NoticeBanner, PageHeader, ProblemBanner, SubmitButton, Tone, busy_of, loaded,
        problem_of, use_toasts,
    },
};

/// The team.
#[component]
pub fn Team() -> impl IntoView {
    let invite = ServerAction::<InviteOps>::new();
    let withdraw = ServerAction::<WithdrawInvitation>::new();
    let team = Resource::new_blocking(move || (invite.version().get(), withdraw.version().get()), |_| list_team());
    let toasts = use_toasts();
    Effect::new(move |_| {
        if invite.value().with(|value| matches!(value, Some(Ok(())))) {
            toasts.say("The invitation is on its way.");
        }
    });
    view! {
        <PageHeader title="Team" lead="Everyone here can deposit and delete documents, see all activity and invite others."/>
        <NoticeBanner/>
        <ProblemBanner problem=problem_of(withdraw)/>
        <div class="columns wide-left">
            <section class="card">
                <h2>"Members"</h2>
                {loaded(team, move |members| view! { <Members members withdraw/> })}
            </section>
            <section class="card">
                <h2>"Invite"</h2>
                <InviteForm invite/>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn InviteForm(invite: ServerAction<InviteOps>) -> impl IntoView {
    let problem = problem_of(invite);
    view! {
        <ProblemBanner problem fields=&["email"]/>
        <ActionForm action=invite>
            <Field
                id="invite-address"
                name="email"
                label="E-mail address"
                kind="email"
                hint="They get a mail with a link and choose their own password."
                problem
            />
            <SubmitButton label="Send invitation" busy=busy_of(invite, false)/>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn Members(members: Vec<TeamMember>, withdraw: ServerAction<WithdrawInvitation>) -> impl IntoView {
    view! { <ul class="people">{members.into_iter().map(|member| view! { <Member member withdraw/> }).collect_view()}</ul> }
}

#[component]
fn Member(member: TeamMember, withdraw: ServerAction<WithdrawInvitation>) -> impl IntoView {
    match member {
        TeamMember::Joined { name, email, since } => view! {
            <li class="person">
                <div class="person-text">
                    <strong>{name.to_string()}</strong>
                    <span class="muted">{email.to_string()}</span>
                </div>
                <span class="muted">"since " <Moment at=since/></span>
            </li>
        }
        .into_any(),
        TeamMember::Invited { id, email, expires_at } => view! {
            <li class="person">
                <div class="person-text">
                    <strong>{email.to_string()} " " <Badge label="Invited" tone=Tone::Warning/></strong>
                    <span class="muted">"until " <Moment at=expires_at/></span>
                </div>
                <ActionForm action=withdraw>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <SubmitButton label="Withdraw" look=ButtonLook::Quiet described=format!("Withdraw the invitation for {email}")/>
                </ActionForm>
            </li>
        }
        .into_any(),
    }
}
