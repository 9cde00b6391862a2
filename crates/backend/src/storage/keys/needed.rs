//! Which master keys a portal needs, as its database says: whether they are all there is asked before anything is served.

use std::path::PathBuf;

use domain::{Timestamp, account::CODE_LIFE};
use sqlx::FromRow;

use super::KeyRing;
use crate::{db::Database, error::Result};

/// A master key and what is sealed under it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct KeyUse {
    /// Its id.
    pub id: String,
    /// Document versions whose keys it wraps.
    pub versions: i64,
}

/// The portal needs master keys that are not there. A fresh one in their place would open nothing, so none is made.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} Without them {versions} documents cannot be read by anybody. Put {} back from its copy; if it holds other keys now, \
     add their lines below those of the copy.",
    missing_words(missing),
    path.display()
)]
pub struct NoKeys {
    /// The file they belong into.
    pub path: PathBuf,
    /// Their ids.
    pub missing: Vec<String>,
    /// Versions that are sealed under them.
    pub versions: i64,
}

impl NoKeys {
    /// Whether keys that the database needs are missing in `ring`, the keys of `file`, or in nothing at all.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find(db: &Database, ring: Option<&KeyRing>, file: PathBuf) -> Result<Option<Self>> {
        let known = ring.map(KeyRing::ids).unwrap_or_default();
        let mut needed = KeyRing::uses(db).await?;
        needed.retain(|key| !known.contains(&key.id));
        if needed.is_empty() {
            return Ok(None);
        }
        let versions = needed.iter().map(|key| key.versions).sum();
        Ok(Some(Self { path: file, missing: needed.into_iter().map(|key| key.id).collect(), versions }))
    }
}

impl KeyRing {
    /// The keys that a portal works with or that rows of it are sealed under.
    ///
    /// # Errors
    /// The database fails.
    pub async fn uses(db: &Database) -> Result<Vec<KeyUse>> {
        let uses = sqlx::query_as(
            "SELECT id, CAST(SUM(versions) AS BIGINT) AS versions FROM ( \
             SELECT key_id AS id, COUNT(*) AS versions FROM document_versions WHERE wrapped_key IS NOT NULL GROUP BY key_id \
             UNION ALL SELECT key_id AS id, 0 AS versions FROM uploads \
             UNION ALL SELECT key_id AS id, 0 AS versions FROM mails WHERE letter IS NOT NULL AND key_id IS NOT NULL \
             UNION ALL SELECT id, 0 AS versions FROM portal_keys WHERE retired_at IS NULL) AS used GROUP BY id ORDER BY id",
        );
        Ok(uses.fetch_all(db.read()).await?)
    }

    /// Writes down that the portal works with the active key from now on.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_active(&self, db: &Database, now: Timestamp) -> Result<()> {
        let id = self.active().id().to_owned();
        let known: Option<(i64,)> =
            sqlx::query_as("SELECT since FROM portal_keys WHERE id = $1 AND retired_at IS NULL")
                .bind(id.clone())
                .fetch_optional(db.read())
                .await?;
        if known.is_some() {
            return Ok(());
        }
        let insert = || {
            sqlx::query(
                "INSERT INTO portal_keys (id, since) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET retired_at = NULL",
            )
            .bind(&id)
            .bind(now)
        };
        db.execute(insert).await?;
        Ok(())
    }

    /// Writes down which keys no row needs any more: all but the active one under which nothing is sealed, and under
    /// which no code was hashed that is still good. (One from before its hash named a key may be under any.)
    pub(crate) async fn retire_unused(&self, db: &Database, now: Timestamp) -> Result<()> {
        let active = self.active();
        let retire = || {
            sqlx::query(
                "UPDATE portal_keys SET retired_at = $1 WHERE retired_at IS NULL AND id <> $2 AND NOT EXISTS \
                 (SELECT 1 FROM document_versions v WHERE v.key_id = portal_keys.id AND v.wrapped_key IS NOT NULL) \
                 AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.key_id = portal_keys.id) \
                 AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.key_id = portal_keys.id AND m.letter IS NOT NULL) \
                 AND NOT EXISTS (SELECT 1 FROM sign_ups s WHERE s.verified_at IS NULL AND s.mailed_at > $3 \
                 AND s.mailed_at <= $1 AND (s.code_hash LIKE portal_keys.id || ':%' OR s.code_hash NOT LIKE '%:%'))",
            )
            .bind(now)
            .bind(active.id())
            .bind(now.before(CODE_LIFE))
        };
        db.execute(retire).await?;
        Ok(())
    }
}

fn missing_words(missing: &[String]) -> String {
    match missing {
        [id] => format!("The master key {id} is missing."),
        ids => format!("The master keys {} are missing.", ids.join(", ")),
    }
}
