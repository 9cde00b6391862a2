//! Sign-up, confirmation, and the bearer token.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use backend::{Caller, accounts::Chosen};
use domain::{
    PersonName, PlainPassword, PlainSecret, Problem,
    account::{IssuedToken, SignUp},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{JsonBody, OptionalJsonBody};
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

/// What is chosen with the confirmation.
#[derive(Deserialize, ToSchema)]
pub struct Confirm {
    /// The password of the account from now on. It may be the one of the sign-up.
    #[schema(format = Password)]
    password: String,
    /// The name; without one, that of the sign-up.
    name: Option<String>,
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

/// Confirms the address with the secret from the link in the mail, and chooses the password of the account. It works
/// once. The link shows that a mailbox can be read, not that its reader signed up: so the password comes with it.
///
/// # Errors
/// The secret was used, replaced, is over, or never was one; the password or the name is not acceptable.
#[utoipa::path(
    post, path = "/api/v1/confirm/{token}", tag = "Account", request_body = Option<Confirm>,
    params(("token" = String, Path, description = "The last part of the link in the mail.")),
    responses(
        (status = 200, description = "The account exists now.", body = Message),
        (status = 410, description = "The link was used, replaced, is over, or never was one.", body = ProblemBody),
        (status = 422, description = "A password is needed, or a field is not acceptable.", body = ProblemBody),
    )
)]
pub async fn confirm(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(token): Path<String>,
    OptionalJsonBody(body): OptionalJsonBody<Confirm>,
) -> Result<Json<Message>, Refusal> {
    let chosen = body.map(chosen).transpose()?;
    state.backend.accounts.confirm_link(&caller.origin, &PlainSecret::of_link(&token), None, chosen).await?;
    Ok(Json(Message { message: "The address is confirmed. Sign in to get a token." }))
}

fn chosen(body: Confirm) -> Result<Chosen, Problem> {
    let name = body.name.map(|name| PersonName::parse(&name)).transpose()?;
    Ok(Chosen { password: PlainPassword::parse(body.password)?, name })
}

/// Signs in and issues a bearer token, whose secret is in this answer and nowhere else.
///
/// # Errors
/// Address or password wrong or not confirmed, which is never told apart, or too many attempts.
#[utoipa::path(
    post, path = "/api/v1/login", tag = "Account", request_body = Login,
    responses(
        (status = 200, description = "A fresh token.", body = IssuedToken),
        (status = 401, description = "The address or the password is not right.", body = ProblemBody),
        (status = 429, description = "Too many attempts.", body = ProblemBody),
    )
)]
pub async fn login(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<Login>,
) -> Result<Json<IssuedToken>, Refusal> {
    let admission = state.backend.accounts.sign_in(&caller.origin, &body.email, &body.password).await?;
    Ok(Json(state.backend.tokens.issue(&caller.origin, &admission, "API sign-in").await?))
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
