//! The few pages that are not drawn by the app: errors of axum routes, mail in development, the API's
//! documentation. Plain HTML with the portal's stylesheet and without scripts.

use axum::response::{Html, IntoResponse, Response};
use domain::{ErrorCode, Problem};
use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use crate::{middleware::RequestId, state::AppState};

/// A whole page.
pub(crate) fn document(state: &AppState, title: &str, body: &Markup) -> Html<String> {
    let portal = &state.backend.settings().portal_name;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (portal) }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/pkg/strongroom.css";
            }
            body.plain {
                header.top {
                    div.top-inner {
                        a.brand href="/" { img.mark src="/favicon.svg" alt="" width="28" height="28"; (portal) }
                    }
                }
                main.plain-main #main { h1 { (title) } (body) }
            }
        }
    };
    Html(page.into_string())
}

/// A problem as a page: what happened, whose move is next, and that move as a link.
pub(crate) fn problem_page(state: &AppState, problem: &Problem, id: &RequestId) -> Html<String> {
    let title = match problem.code {
        ErrorCode::NotFound => "Nothing here",
        ErrorCode::NotSignedIn => "Sign in first",
        ErrorCode::OpsOnly | ErrorCode::CrossSite => "Not carried out",
        ErrorCode::TooManyAttempts | ErrorCode::Busy | ErrorCode::Unavailable => "One moment",
        ErrorCode::Internal => "Something went wrong",
        _ => "That did not work",
    };
    let body = html! {
        p { (problem.message) }
        p { a.button href="/" { "Go to the start page" } }
        p.muted { "If you ask for help, mention request " code { (id) } "." }
    };
    document(state, title, &body)
}

/// The answer to a download link that does not open for the account one is signed in with. It says nothing
/// about the link: it may be another person's, or none at all.
#[must_use]
pub(crate) fn foreign_link_page(state: &AppState, email: &str, path: &str) -> Response {
    let body = html! {
        p {
            "This link does not open for " strong { (email) } ", the account that you are signed in with. It may be meant "
            "for another account, or be mistyped."
        }
        form method="post" action="/api/fn/sign_out" {
            input type="hidden" name="next" value=(path);
            p.plain-moves {
                button.button type="submit" { "Switch account" }
                " "
                a.button.quiet href="/" { "See your documents" }
            }
        }
    };
    (StatusCode::NOT_FOUND, document(state, "This link is not for this account", &body)).into_response()
}
