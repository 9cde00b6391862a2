//! Sign-up, verification, sign-in and passwords.

use domain::account::{Confirmation, PendingSignUp, ResetFor};
use leptos::prelude::*;

use super::ApiError;
use crate::arguments;
#[cfg(feature = "ssr")]
use {
    super::context::{backend, caller, go_to, go_to_without_script, origin, session},
    crate::paths::{Notice, home_or, with_notice},
    backend::accounts::Chosen,
    domain::{Email, ErrorCode, PersonName, PlainPassword, PlainSecret, account::SignUp as Registration},
};

/// Registers a client and sends the mail with the link and the code.
#[server(prefix = "/api/fn", endpoint = "sign_up")]
pub async fn sign_up(name: String, email: String, password: String) -> Result<(), ApiError> {
    let registration = Registration::parse(&name, &email, password)?;
    let id = backend()?.accounts.sign_up(&origin()?, registration).await?;
    session()?.0.remember_sign_up(id).await?;
    go_to("/verify");
    Ok(())
}

/// Confirms the address with the six digits from the mail.
#[server(prefix = "/api/fn", endpoint = "verify_code")]
pub async fn verify_code(code: String) -> Result<(), ApiError> {
    let session = session()?;
    let id = session.0.sign_up().ok_or(ErrorCode::NothingToConfirm)?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let admission = backend()?.accounts.confirm_code(&origin()?, id, &digits).await?;
    session.0.sign_in(&admission).await?;
    go_to("/");
    Ok(())
}

/// Sends the verification mail again.
#[server(prefix = "/api/fn", endpoint = "resend_code")]
pub async fn resend_code() -> Result<PendingSignUp, ApiError> {
    let session = session()?;
    let id = session.0.sign_up().ok_or(ErrorCode::NothingToConfirm)?;
    let pending = backend()?.accounts.resend(&origin()?, id).await?;
    session.0.remember_sign_up(id).await?;
    go_to_without_script(&with_notice("/verify", Notice::MailSent));
    Ok(pending)
}

/// Corrects the address before it is verified, and sends the mail there.
#[server(prefix = "/api/fn", endpoint = "correct_email")]
pub async fn correct_email(email: String) -> Result<PendingSignUp, ApiError> {
    let session = session()?;
    let id = session.0.sign_up().ok_or(ErrorCode::NothingToConfirm)?;
    let accounts = backend()?.accounts;
    let id = accounts.correct_email(&origin()?, id, &Email::parse(&email)?).await?;
    session.0.remember_sign_up(id).await?;
    let pending = accounts.pending(id).await?.ok_or(ErrorCode::NothingToConfirm)?;
    go_to_without_script(&with_notice("/verify", Notice::MailSent));
    Ok(pending)
}

/// What the link in the mail is for. Nothing is changed by looking.
#[server(prefix = "/api/fn", endpoint = "read_confirmation")]
pub async fn read_confirmation(token: String) -> Result<Confirmation, ApiError> {
    let here = session()?.0.sign_up();
    Ok(backend()?.accounts.confirmation(&PlainSecret::of_link(&token), here).await?)
}

/// Confirms the address with the secret from the link in the mail.
///
/// Whoever signed up in this very browser needs nothing else. Anyone else chooses the password, and may correct the
/// name: the link shows that a mailbox can be read, not that its reader signed up.
#[server(prefix = "/api/fn", endpoint = "confirm_address")]
pub async fn confirm_address(
    token: String,
    #[server(default)] name: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let session = session()?;
    let chosen = if password.is_empty() {
        None
    } else {
        let name = if name.is_empty() { None } else { Some(PersonName::parse(&name)?) };
        Some(Chosen { password: PlainPassword::parse(password)?, name })
    };
    let (secret, here) = (PlainSecret::of_link(&token), session.0.sign_up());
    let admission = backend()?.accounts.confirm_link(&origin()?, &secret, here, chosen).await?;
    session.0.sign_in(&admission).await?;
    go_to("/");
    Ok(())
}

/// Signs in.
#[server(prefix = "/api/fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), ApiError> {
    let admission = backend()?.accounts.sign_in(&origin()?, &email, &password).await?;
    session()?.0.sign_in(&admission).await?;
    go_to(home_or(&next));
    Ok(())
}

/// Signs out. `next` is where to come back to after signing in as somebody else.
#[server(prefix = "/api/fn", endpoint = "sign_out")]
pub async fn sign_out(#[server(default)] next: String) -> Result<(), ApiError> {
    session()?.0.sign_out().await?;
    go_to(&crate::paths::login_for(&next));
    Ok(())
}

/// Sends a link to choose a new password, if the address has an account. The answer is the same either way.
#[server(prefix = "/api/fn", endpoint = "request_reset")]
pub async fn request_reset(email: String) -> Result<(), ApiError> {
    let email = Email::parse(&email)?;
    backend()?.accounts.request_reset(&origin()?, &email).await?;
    go_to_without_script(&with_notice("/forgot", Notice::ResetSent));
    Ok(())
}

/// Which account a reset link is for. Nothing is changed by looking.
#[server(prefix = "/api/fn", endpoint = "read_reset")]
pub async fn read_reset(token: String) -> Result<ResetFor, ApiError> {
    Ok(backend()?.accounts.reset_for(&PlainSecret::of_link(&token)).await?)
}

/// Chooses a new password with the secret from the mail.
#[server(prefix = "/api/fn", endpoint = "reset_password")]
pub async fn reset_password(token: String, password: String) -> Result<(), ApiError> {
    let password = PlainPassword::parse(password)?;
    let admission = backend()?.accounts.reset(&origin()?, &PlainSecret::of_link(&token), password).await?;
    session()?.0.remember_device(&admission);
    go_to(&with_notice("/login", Notice::PasswordReset));
    Ok(())
}

/// Changes the password, which ends every other session.
#[server(prefix = "/api/fn", endpoint = "change_password")]
pub async fn change_password(current: String, password: String) -> Result<(), ApiError> {
    let password = PlainPassword::parse(password)?;
    backend()?.accounts.change_password(&caller()?, &current, password).await?;
    go_to_without_script(&with_notice("/account", Notice::PasswordChanged));
    Ok(())
}

/// Makes the ops account that the link invites to. A set-up link carries no address: then `email` is needed.
#[server(prefix = "/api/fn", endpoint = "accept_invitation")]
pub async fn accept_invitation(
    token: String,
    #[server(default)] email: String,
    name: String,
    password: String,
) -> Result<(), ApiError> {
    let name = PersonName::parse(&name)?;
    let email = if email.is_empty() { None } else { Some(Email::parse(&email)?) };
    let password = PlainPassword::parse(password)?;
    let secret = PlainSecret::of_link(&token);
    let admission = backend()?.team.accept(&origin()?, &secret, email, &name, &password).await?;
    session()?.0.sign_in(&admission).await?;
    go_to("/ops");
    Ok(())
}

arguments! {
    ReadConfirmation { token }
    ReadReset { token }
}
