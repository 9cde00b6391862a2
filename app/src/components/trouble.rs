//! A problem that takes the place of what was asked for.

use domain::{ErrorCode, Problem};
use leptos::prelude::*;
use leptos_router::hooks::use_url;

use super::{
    banner::sentence,
    button::LinkButton,
    header::SignOutForm,
    icon::{Icon, IconMark},
    page_header::PageTitle,
};
use crate::{
    browser,
    paths::login_for,
    visit::{use_request_id, use_visitor},
};

/// What happened, whose move is next, and that move. On the server the page gets the status that goes with it.
#[component]
pub fn Trouble(
    /// The problem.
    problem: Problem,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::api::set_status_of(&problem);
    if problem.code == ErrorCode::NotSignedIn {
        Effect::new(|_| browser::go_to(&login_for(&browser::here())));
    }
    let request_id = is_for_the_log(problem.code).then(use_request_id).flatten();
    let title = title_of(problem.code);
    let me = use_visitor().me().cloned();
    let here = use_url().with_untracked(|url| url.path().to_owned());
    let (href, label) = move_of(problem.code, &here);
    let switch = me.filter(|_| problem.code == ErrorCode::NotFound).map(|me| {
        view! {
            <p class="muted">"You are signed in as " <strong>{me.email.to_string()}</strong> "."</p>
            <SignOutForm label="Switch account" next=here/>
        }
    });
    view! {
        <PageTitle title=title/>
        <section class="trouble" aria-labelledby="trouble-title">
            <span class="empty-icon"><IconMark icon=Icon::Info/></span>
            <h1 id="trouble-title">{title}</h1>
            <p class="lead">{sentence(&problem)}</p>
            <div class="trouble-moves">
                <LinkButton href label/>
                {switch}
            </div>
            {request_id.map(|id| view! { <p class="muted small-print">"If you ask for help, mention request " <code>{id}</code> "."</p> })}
        </section>
    }
    .into_any()
}

const fn title_of(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NotFound => "Nothing here",
        ErrorCode::NotSignedIn => "Sign in first",
        ErrorCode::OpsOnly => "For ops only",
        ErrorCode::InvalidQuery => "That list cannot be shown",
        ErrorCode::SecretSpent => "This link leads nowhere",
        ErrorCode::SecretUsed => "This link was used already",
        ErrorCode::SecretReplaced => "There is a newer link",
        ErrorCode::SecretExpired => "This link is over",
        ErrorCode::TooManyAttempts | ErrorCode::Busy | ErrorCode::Unavailable => "One moment",
        _ => "Something went wrong",
    }
}

/// The next step, which for a link that is over depends on what it was for.
fn move_of(code: ErrorCode, here: &str) -> (&'static str, &'static str) {
    match code {
        ErrorCode::SecretUsed => ("/login", "Go to sign-in"),
        ErrorCode::SecretSpent | ErrorCode::SecretReplaced | ErrorCode::SecretExpired => match here {
            _ if here.starts_with("/reset/") => ("/forgot", "Ask for a new link"),
            _ if here.starts_with("/confirm/") => ("/signup", "Sign up again"),
            _ => ("/", "Go to the start page"),
        },
        ErrorCode::NotSignedIn => ("/login", "Go to sign-in"),
        ErrorCode::InvalidQuery => ("?", "Clear the filters"),
        ErrorCode::TooManyAttempts | ErrorCode::Busy | ErrorCode::Unavailable => ("", "Try again"),
        _ => ("/", "Go to the start page"),
    }
}

const fn is_for_the_log(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Internal | ErrorCode::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_is_over_leads_to_the_next_one() {
        assert_eq!(move_of(ErrorCode::SecretExpired, "/reset/x").0, "/forgot");
        assert_eq!(move_of(ErrorCode::SecretSpent, "/confirm/x.").0, "/signup");
        assert_eq!(move_of(ErrorCode::SecretReplaced, "/invite/x").0, "/");
        for path in ["/reset/x", "/confirm/x", "/invite/x", "/setup/x"] {
            assert_eq!(move_of(ErrorCode::SecretUsed, path).0, "/login");
        }
    }
}
