//! `/ops/team`: who is in ops, and inviting others.

use domain::account::TeamMember;
use leptos::prelude::*;

use crate::{
    api::team::{InviteOps, ListTeam, WithdrawInvitation},
    calls::{FormAction, FormActionOf, fetch},
    components::{
        Badge, ButtonStyle, Field, Moment, NoticeBanner, PageHeader, PostForm, ProblemBanner, SubmitButton, Tone,
        loaded, use_toasts,
    },
    field,
    live::views,
};

/// The team.
#[component]
pub fn Team() -> impl IntoView {
    let invite = FormAction::to::<InviteOps>();
    let withdraw = FormAction::to::<WithdrawInvitation>();
    let team = fetch(|| ListTeam {}, &[invite.into(), withdraw.into()]);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if invite.is_done() {
            toasts.say("The invitation is on its way.");
        }
    });
    view! {
        <PageHeader title="Team" lead="Everyone here can deposit and delete documents, see all activity and invite others."/>
        <NoticeBanner/>
        <ProblemBanner problem=withdraw.problem()/>
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
fn InviteForm(invite: FormActionOf<InviteOps>) -> impl IntoView {
    let problem = invite.problem();
    view! {
        <ProblemBanner problem fields=&[field!(InviteOps.email)]/>
        <PostForm post=invite>
            <Field
                id="invite-address"
                name=field!(InviteOps.email)
                label="E-mail address"
                kind="email"
                hint="They get a mail with a link and choose their own password."
                problem
            />
            <SubmitButton label="Send invitation" busy=invite.busy()/>
        </PostForm>
    }
    .into_any()
}

#[component]
fn Members(members: Vec<TeamMember>, withdraw: FormActionOf<WithdrawInvitation>) -> impl IntoView {
    view! { <ul class="people">{views(members.into_iter().map(|member| view! { <Member member withdraw/> }))}</ul> }
}

#[component]
fn Member(member: TeamMember, withdraw: FormActionOf<WithdrawInvitation>) -> impl IntoView {
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
                <PostForm post=withdraw>
                    <input type="hidden" name=field!(WithdrawInvitation.id) value=id.to_string()/>
                    <SubmitButton label="Withdraw" style=ButtonStyle::Quiet described=format!("Withdraw the invitation for {email}")/>
                </PostForm>
            </li>
        }
        .into_any(),
    }
}
