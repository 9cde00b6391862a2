//! `/account`: who one is, one's password, sessions and API tokens.

use leptos::prelude::*;

use super::{
    security::{PasswordSection, SessionsSection},
    tokens::TokensSection,
};
use crate::{
    components::{Fact, Facts, NoticeBanner, PageHeader, SignOutForm},
    visit::use_visitor,
};

/// The account of the visitor.
#[component]
pub fn Account() -> impl IntoView {
    let who = use_visitor().me().cloned().map(|me| {
        let role = match me.role {
            domain::Role::Ops => "Ops: deposits documents and looks after the portal",
            domain::Role::Client => "Client: collects documents",
        };
        view! {
            <section class="card">
                <h2>"You"</h2>
                <Facts>
                    <Fact name="Name">{me.name.to_string()}</Fact>
                    <Fact name="E-mail address">{me.email.to_string()}</Fact>
                    <Fact name="Role">{role}</Fact>
                </Facts>
                <div class="card-foot"><SignOutForm label="Sign out" next=String::new()/></div>
            </section>
        }
    });
    view! {
        <PageHeader title="Account"/>
        <NoticeBanner/>
        <div class="stack">
            {who}
            <PasswordSection/>
            <SessionsSection/>
            <TokensSection/>
        </div>
    }
    .into_any()
}
