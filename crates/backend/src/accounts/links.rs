//! Links in mails that lead to a form: what becomes of them once they no longer do.

use domain::{ErrorCode, PlainSecret, Timestamp};
use sqlx::FromRow;

use super::hash_secret;
use crate::{core::Core, db::Tx, error::Result};

/// A kind of link, as the statement that reads when it was used and when it is over.
pub(super) struct LinkKind(&'static str);

pub(super) const CONFIRM: LinkKind =
    LinkKind("SELECT verified_at AS used_at, expires_at FROM sign_ups WHERE secret_hash = $1");
pub(super) const RESET: LinkKind = LinkKind("SELECT used_at, expires_at FROM password_resets WHERE secret_hash = $1");
pub(super) const INVITE: LinkKind = LinkKind("SELECT used_at, expires_at FROM invitations WHERE secret_hash = $1");

/// What is left of a link.
#[derive(FromRow)]
struct Left {
    used_at: Option<Timestamp>,
    expires_at: Timestamp,
}

impl Core {
    /// Why a link leads nowhere: it was used, a newer one has taken its place, its time is up, or it never was one.
    pub(super) async fn why_dead(&self, kind: LinkKind, secret: &PlainSecret) -> Result<ErrorCode> {
        let hash = hash_secret(secret);
        let row: Option<Left> = sqlx::query_as(kind.0).bind(&hash).fetch_optional(self.db.read()).await?;
        match row {
            Some(Left { used_at: Some(_), .. }) => return Ok(ErrorCode::SecretUsed),
            Some(left) if left.expires_at <= self.now() => return Ok(ErrorCode::SecretExpired),
            Some(_) => return Ok(ErrorCode::SecretSpent),
            None => {}
        }
        let replaced: Option<Timestamp> =
            sqlx::query_scalar("SELECT replaced_at FROM replaced_links WHERE secret_hash = $1")
                .bind(&hash)
                .fetch_optional(self.db.read())
                .await?;
        Ok(if replaced.is_some() { ErrorCode::SecretReplaced } else { ErrorCode::SecretSpent })
    }

    /// Remembers links that were live until now as replaced. The rows that held them are gone or hold others.
    pub(super) async fn replace_links(
        &self,
        tx: &mut Tx,
        secret_hashes: impl IntoIterator<Item = String>,
    ) -> Result<()> {
        for hash in secret_hashes {
            sqlx::query("INSERT INTO replaced_links (secret_hash, replaced_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(hash)
                .bind(self.now())
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }
}
