//! Sign-up, confirmation, and the bearer token.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use backend::{Caller, accounts::SignIn};
use domain::{
    ErrorCode, PlainSecret,
    account::{IssuedToken, SignUp},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::JsonBody;
use crate::{
    problem::{ProblemBody, Refusal},
    state::AppState,
};

/// A registration as it arrives. Anything else in it, such as a role, is ignored.
#[derive(Deserialize)]
pub struct SignUpBody {
    name: String,
    email: String,
    password: String,
}

/// Address and password.
#[derive(Deserialize, ToSchema)]
pub struct Login {
    /// The address that was signed up with.
    email: String,
    /// Its password.
    #[schema(format = Password)]
    password: String,
}

/// What happened, for a person.
#[derive(Serialize, ToSchema)]
pub struct Message {
    /// One or two sentences.
    message: &'static str,
}

/// Signs up as a client. The answer is the same for every address.
///
/// # Errors
/// What is wrong with a field, or too many attempts.
#[utoipa::path(
    post, path = "/api/v1/signup", tag = "Account", request_body = SignUp,
    responses(
        (status = 202, description = "A mail with a link and a code is on its way.", body = Message),
        (status = 422, description = "A field is not acceptable.", body = ProblemBody),
        (status = 429, description = "Too many attempts.", body = ProblemBody),
    )
)]
pub async fn sign_up(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<SignUpBody>,
) -> Result<(StatusCode, Json<Message>), Refusal> {
    let sign_up = SignUp::parse(&body.name, &body.email, body.password)?;
    state.backend.accounts.sign_up(&caller.origin, sign_up).await?;
    let message = "A mail is on its way. Follow its link, or confirm it over the API, within 24 hours.";
    Ok((StatusCode::ACCEPTED, Json(Message { message })))
}

/// Confirms the address with the secret from the link in the mail. It works once.
///
/// # Errors
/// The secret was used, replaced, is over, or never was one.
#[utoipa::path(
    post, path = "/api/v1/confirm/{token}", tag = "Account",
    params(("token" = String, Path, description = "The last part of the link in the mail.")),
    responses(
        (status = 200, description = "The account exists now.", body = Message),
        (status = 410, description = "The link was used, replaced, is over, or never was one.", body = ProblemBody),
    )
)]
pub async fn confirm(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(token): Path<String>,
) -> Result<Json<Message>, Refusal> {
    state.backend.accounts.confirm_link(&caller.origin, &PlainSecret::presented(token)).await?;
    Ok(Json(Message { message: "The address is confirmed. Sign in to get a token." }))
}

/// Signs in and issues a bearer token, whose secret is in this answer and nowhere else.
///
/// # Errors
/// Address or password wrong, address not verified, or too many attempts.
#[utoipa::path(
    post, path = "/api/v1/login", tag = "Account", request_body = Login,
    responses(
        (status = 200, description = "A fresh token.", body = IssuedToken),
        (status = 401, description = "The address or the password is not right.", body = ProblemBody),
        (status = 403, description = "The address is not verified.", body = ProblemBody),
        (status = 429, description = "Too many attempts.", body = ProblemBody),
    )
)]
pub async fn login(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<Login>,
) -> Result<Json<IssuedToken>, Refusal> {
    let account = match state.backend.accounts.sign_in(&caller.origin, &body.email, &body.password).await? {
        SignIn::Verified(account) => account,
        SignIn::Unverified(_) => return Err(ErrorCode::EmailUnverified.into()),
    };
    Ok(Json(state.backend.tokens.issue(&caller.origin, account, "API sign-in").await?))
}

/// Revokes the token that the request carries.
///
/// # Errors
/// The request carries none.
#[utoipa::path(
    post, path = "/api/v1/logout", tag = "Account", security(("token" = [])),
    responses(
        (status = 204, description = "The token no longer works."),
        (status = 401, description = "No valid token.", body = ProblemBody),
    )
)]
pub async fn logout(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
) -> Result<StatusCode, Refusal> {
    state.backend.tokens.revoke_current(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
