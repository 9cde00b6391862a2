//! Bearer tokens: opaque, hashed, revocable, listed for their owner.

use std::{sync::Arc, time::Duration};

use domain::{
    ApiTokenId, Email, ErrorCode, PlainSecret, Problem, Role, Timestamp,
    account::{ApiTokenRow, IssuedToken},
    activity::Event,
};
use sqlx::FromRow;

use super::AccountRow;
use crate::{
    accounts::{Admission, hash_secret},
    activity::Entry,
    bookkeeping::CredentialRow,
    caller::{Caller, Credential, Origin, Person},
    core::Core,
    db::work,
    error::Result,
    policy::{self, Permission},
};

/// Longest label, in characters.
const MAX_LABEL: usize = 80;

/// A token may lie unused for as long as it lasts.
const UNUSED: Duration = Duration::MAX;

/// The bearer tokens of the API.
#[derive(Clone)]
pub struct Tokens {
    core: Arc<Core>,
}

#[derive(FromRow)]
struct Row {
    id: ApiTokenId,
    label: String,
    created_at: Timestamp,
    seen_at: Option<Timestamp>,
    expires_at: Timestamp,
}

/// Whose a fresh token is.
#[derive(FromRow)]
struct Owner {
    email: Email,
    role: Role,
}

impl Tokens {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes a token for somebody who has just proven to be the account's holder. Its secret is in the answer and
    /// nowhere else.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidName`] for a label that is empty or longer than 80 characters;
    /// [`ErrorCode::SignInFailed`] when the account's credentials have ended since the admission.
    pub async fn issue(&self, origin: &Origin, admission: &Admission, label: &str) -> Result<IssuedToken> {
        let label = label.trim();
        if label.is_empty() || domain::text::printed(label, MAX_LABEL) != label {
            return Err(Problem::new(ErrorCode::InvalidName).on("label").into());
        }
        let core = &self.core;
        let token = ApiTokenId::new(core.uuid());
        let secret = core.new_secret();
        let expires_at = core.now().after(core.settings.token_life);
        let secret_hash = &hash_secret(&secret);
        let role = core
            .db
            .transact(|tx| {
                work(async move {
                let created = sqlx::query(
                    "INSERT INTO api_tokens (id, account_id, credential_epoch, secret_hash, label, created_at, expires_at) \
                     SELECT $1, a.id, a.credential_epoch, $4, $5, $6, $7 FROM accounts a \
                     WHERE a.id = $2 AND a.credential_epoch = $3 AND a.disabled_at IS NULL",
                )
                .bind(token)
                .bind(admission.account())
                .bind(admission.epoch())
                .bind(secret_hash)
                .bind(label)
                .bind(core.now())
                .bind(expires_at)
                .execute(&mut **tx)
                .await?;
                if created.rows_affected() == 0 {
                    return Err(ErrorCode::SignInFailed.into());
                }
                let Owner { email, role } = sqlx::query_as("SELECT email, role FROM accounts WHERE id = $1")
                    .bind(admission.account())
                    .fetch_one(&mut **tx)
                    .await?;
                let entry = Entry::new(Event::TokenCreated { token }, origin);
                core.record(tx, entry.by_account(admission.account(), email.as_str()).about(label)).await?;
                    Ok(role)
                })
            })
            .await?;
        Ok(IssuedToken { token: secret, role, expires_at })
    }

    /// The person behind a token: neither revoked nor over, and with an account that may sign in.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn authenticate(&self, secret: &PlainSecret) -> Result<Option<Person>> {
        let core = &self.core;
        let row: Option<AccountRow<ApiTokenId>> = sqlx::query_as(
            "SELECT a.id, a.name, a.email, a.role, a.link_epoch, a.credential_epoch, a.organisation_id, a.member_since, \
             t.id AS credential, t.created_at, COALESCE(t.seen_at, 0) AS seen_at, t.expires_at \
             FROM api_tokens t JOIN accounts a ON a.id = t.account_id WHERE t.secret_hash = $1 \
             AND t.revoked_at IS NULL AND t.credential_epoch = a.credential_epoch AND a.disabled_at IS NULL",
        )
        .bind(hash_secret(secret))
        .fetch_optional(core.db.read())
        .await?;
        let Some(row) = row else { return Ok(None) };
        if !core.is_live(CredentialRow::Token(row.credential), row.times(UNUSED)) {
            return Ok(None);
        }
        Ok(Some(row.into_person(Credential::Token)))
    }

    /// The working tokens of the person who asks, newest first.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<ApiTokenRow>> {
        let person = policy::require(caller, Permission::OwnAccount)?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, label, created_at, seen_at, expires_at FROM api_tokens \
             WHERE account_id = $1 AND revoked_at IS NULL AND credential_epoch = $3 AND expires_at > $2 \
             ORDER BY created_at DESC, id DESC",
        )
        .bind(person.id())
        .bind(self.core.now())
        .bind(person.credential_epoch)
        .fetch_all(self.core.db.read())
        .await?;
        let token = |Row { id, label, created_at, seen_at, expires_at }| ApiTokenRow {
            id,
            label,
            created_at,
            seen_at,
            expires_at,
        };
        Ok(rows.into_iter().map(token).collect())
    }

    /// Revokes one of the asking person's own tokens.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when they have no working token of that id.
    pub async fn revoke(&self, caller: &Caller, id: ApiTokenId) -> Result<()> {
        let person = policy::require(caller, Permission::OwnAccount)?;
        let core = &self.core;
        core.db
            .transact(|tx| {
                work(async move {
                    let revoked: Option<String> = sqlx::query_scalar(
                    "UPDATE api_tokens SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL \
                     RETURNING label",
                )
                .bind(id)
                .bind(person.id())
                .bind(core.now())
                .fetch_optional(&mut **tx)
                .await?;
                    let label = revoked.ok_or(ErrorCode::NotFound)?;
                    core.record(
                        tx,
                        Entry::new(Event::TokenRevoked { token: id }, &caller.origin).by(person).about(&label),
                    )
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Revokes the token that the request came with.
    ///
    /// # Errors
    /// [`ErrorCode::NotSignedIn`] when it came with none.
    pub async fn revoke_current(&self, caller: &Caller) -> Result<()> {
        match policy::require(caller, Permission::OwnAccount)?.credential {
            Credential::Token(id) => self.revoke(caller, id).await,
            Credential::Session(_) => Err(ErrorCode::NotSignedIn.into()),
        }
    }
}
