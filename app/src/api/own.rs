//! One's own sessions and API tokens.

use domain::account::{ApiTokenRow, IssuedToken, SessionRow};
use leptos::prelude::*;

use super::ApiError;
use crate::arguments;
#[cfg(feature = "ssr")]
use {
    super::context::{add_cookie, backend, caller, go_to_without_script, wants_page},
    crate::{
        flash::Flash,
        paths::{Notice, with_notice},
    },
    domain::{ApiTokenId, ErrorCode, Problem, SessionHandle},
};

/// The sessions of the asker's account.
#[server(prefix = "/api/fn", endpoint = "list_sessions")]
pub async fn list_sessions() -> Result<Vec<SessionRow>, ApiError> {
    Ok(backend()?.sessions.list(&caller()?).await?)
}

/// Ends one of them.
#[server(prefix = "/api/fn", endpoint = "end_session")]
pub async fn end_session(handle: String) -> Result<(), ApiError> {
    let handle: SessionHandle = handle.parse()?;
    backend()?.sessions.end(&caller()?, handle).await?;
    go_to_without_script(&with_notice("/account", Notice::SessionEnded));
    Ok(())
}

/// Ends all of them but the one that asks.
#[server(prefix = "/api/fn", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), ApiError> {
    backend()?.sessions.end_others(&caller()?).await?;
    go_to_without_script(&with_notice("/account", Notice::SessionEnded));
    Ok(())
}

/// The bearer tokens of the asker's account.
#[server(prefix = "/api/fn", endpoint = "list_tokens")]
pub async fn list_tokens() -> Result<Vec<ApiTokenRow>, ApiError> {
    Ok(backend()?.tokens.list(&caller()?).await?)
}

/// Makes a bearer token. Its secret is in this answer and nowhere else.
#[server(prefix = "/api/fn", endpoint = "create_token")]
pub async fn create_token(label: String) -> Result<IssuedToken, ApiError> {
    let label = label.trim();
    if label.is_empty() || domain::text::printed(label, 100) != label {
        return Err(Problem::new(ErrorCode::InvalidName).on("label").into());
    }
    let (backend, caller) = (backend()?, caller()?);
    let person = caller.person().ok_or(ErrorCode::NotSignedIn)?;
    let issued = backend.tokens.issue(&caller.origin, &person.admission(), label).await?;
    if wants_page() {
        add_cookie(&Flash::Token.set(issued.token.expose(), &backend.settings().base_url));
        go_to_without_script("/account");
    }
    Ok(issued)
}

/// Revokes one of the asker's bearer tokens.
#[server(prefix = "/api/fn", endpoint = "revoke_token")]
pub async fn revoke_token(id: String) -> Result<(), ApiError> {
    let id: ApiTokenId = id.parse()?;
    backend()?.tokens.revoke(&caller()?, id).await?;
    go_to_without_script(&with_notice("/account", Notice::TokenRevoked));
    Ok(())
}

arguments! {
    ListSessions {}
    ListTokens {}
}
