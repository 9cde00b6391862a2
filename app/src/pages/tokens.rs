//! A part of the account page: API tokens. A fresh one is shown once.

use domain::account::ApiTokenRow;
use leptos::prelude::*;

use crate::{
    api::own::{CreateToken, ListTokens, RevokeToken},
    calls::{FormAction, FormActionOf, fetch},
    components::{Banner, ButtonStyle, CopyField, Field, Moment, PostForm, ProblemBanner, SubmitButton, Tone, loaded},
    field,
    live::{part, views},
};

/// Seeing, making and revoking tokens.
#[component]
pub fn TokensSection() -> impl IntoView {
    let create = FormAction::to::<CreateToken>();
    let revoke = FormAction::to::<RevokeToken>();
    let tokens = fetch(|| ListTokens {}, &[create.into(), revoke.into()]);
    let problem = create.problem();
    // Without JavaScript the secret comes with the page that follows the form.
    let sent = SharedValue::new(token_of_request).into_inner();
    let fresh = move || {
        let issued = create.answer();
        issued.map(|issued| issued.token.expose().to_owned()).or_else(|| sent.clone())
    };
    view! {
        <section class="card" id="tokens">
            <h2>"API tokens"</h2>
            <p class="muted">"For programs that work in your name. " <a href="/api/v1/docs" rel="external">"How to use them"</a></p>
            {part(move || fresh().map(|token| view! { <FreshToken token/> }))}
            <ProblemBanner problem=revoke.problem()/>
            {loaded(tokens, move |tokens| view! { <TokenList tokens revoke/> })}
            <ProblemBanner problem fields=&[field!(CreateToken.label)]/>
            <PostForm post=create>
                <div class="inline-form">
                    <Field id="token-label" name=field!(CreateToken.label) label="What is it for?" hint="For example: nightly import" problem/>
                    <SubmitButton label="Create token" style=ButtonStyle::Quiet busy=create.busy()/>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

#[component]
fn FreshToken(token: String) -> impl IntoView {
    view! {
        <Banner tone=Tone::Good>
            <p>"This is the token. Copy it now: it is shown only this once."</p>
            <CopyField id="fresh-token" label="API token" text=token/>
        </Banner>
    }
}

#[component]
fn TokenList(tokens: Vec<ApiTokenRow>, revoke: FormActionOf<RevokeToken>) -> impl IntoView {
    if tokens.is_empty() {
        return view! { <p class="muted">"You have no tokens."</p> }.into_any();
    }
    let item = move |token: ApiTokenRow| {
        let seen = match token.seen_at {
            Some(at) => view! { ", last used " <Moment at/> }.into_any(),
            None => ", never used".into_any(),
        };
        view! {
            <li class="person">
                <div class="person-text">
                    <strong>{token.label.clone()}</strong>
                    <span class="muted">"made " <Moment at=token.created_at/> {seen} ", until " <Moment at=token.expires_at/></span>
                </div>
                <PostForm post=revoke>
                    <input type="hidden" name=field!(RevokeToken.id) value=token.id.to_string()/>
                    <SubmitButton label="Revoke" style=ButtonStyle::Quiet described=format!("Revoke the token {}", token.label)/>
                </PostForm>
            </li>
        }
    };
    view! { <ul class="people">{views(tokens.into_iter().map(item))}</ul> }.into_any()
}

#[cfg(feature = "ssr")]
fn token_of_request() -> Option<String> {
    crate::api::take_flash(crate::flash::Flash::Token)
}

#[cfg(not(feature = "ssr"))]
fn token_of_request() -> Option<String> {
    None
}
