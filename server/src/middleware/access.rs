//! Which pages open for whom, decided before anything is rendered.

use app::paths::login_for;
use axum::{
    Extension,
    extract::{MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::{ErrorCode, Role, account::Visitor};
use http::{Method, Uri, uri::PathAndQuery};

use crate::problem::Refusal;

/// For whom a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// The front door, which only sends people on.
    FrontDoor,
    /// Everybody.
    Anyone,
    /// Everybody who has not signed in; the others are sent home.
    SigningIn,
    /// Every verified person.
    SignedIn,
    /// Ops.
    Ops,
}

impl Audience {
    /// A page that is not listed is private.
    fn of(template: &str) -> Self {
        let first = template.trim_start_matches('/').split('/').next().unwrap_or_default();
        match first {
            "" => Self::FrontDoor,
            "login" | "signup" | "forgot" => Self::SigningIn,
            "verify" | "confirm" | "reset" | "invite" | "setup" => Self::Anyone,
            "dev" => Self::Anyone,
            "ops" => Self::Ops,
            _ => Self::SignedIn,
        }
    }
}

/// The layer of pages. Server functions, which are posted to, ask the policy themselves.
pub async fn admit(
    Extension(visitor): Extension<Visitor>,
    template: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::POST {
        return next.run(request).await;
    }
    match (Audience::of(template.as_str()), &visitor) {
        (Audience::Anyone, _) | (Audience::SigningIn, Visitor::Nobody | Visitor::Unverified(_)) => {}
        (Audience::SignedIn | Audience::Ops, Visitor::Nobody) => {
            return to_login(request.uri()).into_response();
        }
        (Audience::FrontDoor, Visitor::Nobody) => return Redirect::to("/login").into_response(),
        (_, Visitor::Unverified(_)) => return Redirect::to("/verify").into_response(),
        (Audience::FrontDoor | Audience::SigningIn, Visitor::SignedIn(me)) => {
            return Redirect::to(home(me.role)).into_response();
        }
        (Audience::Ops, Visitor::SignedIn(me)) if me.role != Role::Ops => {
            return Refusal::from(ErrorCode::NotFound).into_response();
        }
        (Audience::SignedIn | Audience::Ops, Visitor::SignedIn(_)) => {}
    }
    next.run(request).await
}

/// The sign-in page, which leads back to `uri` afterwards.
pub fn to_login(uri: &Uri) -> Redirect {
    Redirect::to(&login_for(uri.path_and_query().map_or("/", PathAndQuery::as_str)))
}

/// The first page of a role.
#[must_use]
pub fn home(role: Role) -> &'static str {
    match role {
        Role::Ops => "/ops",
        Role::Client => "/documents",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_nobody_thought_of_is_private() {
        assert_eq!(Audience::of("/anything/new"), Audience::SignedIn);
        assert_eq!(Audience::of("/ops/anything/new"), Audience::Ops);
        assert_eq!(Audience::of("/operations"), Audience::SignedIn);
    }
}
