//! Removing the bytes of blobs that are doomed, and after them their rows.

use std::time::Duration;

use domain::BlobId;
use sqlx::FromRow;

use super::register;
use crate::{core::Core, db::work, error::Result};

#[derive(FromRow)]
struct Due {
    version_id: BlobId,
    attempts: i64,
}

const LONGEST_WAIT: Duration = Duration::from_secs(3600);

impl Core {
    /// Removes one doomed blob, if one is due. Returns whether there was one.
    pub(crate) async fn purge_next(&self) -> Result<bool> {
        let due: Option<Due> =
            sqlx::query_as("SELECT version_id, attempts FROM purges WHERE next_at <= $1 ORDER BY next_at LIMIT 1")
                .bind(self.now())
                .fetch_optional(self.db.read())
                .await?;
        let Some(Due { version_id: blob, attempts }) = due else {
            return Ok(false);
        };
        if let Err(error) = self.remove_blob(blob).await {
            tracing::warn!(%error, %blob, "a blob that nothing names could not be removed yet");
            let wait = Duration::from_secs(1 << attempts.clamp(0, 12)).min(LONGEST_WAIT);
            let later = || {
                sqlx::query("UPDATE purges SET attempts = attempts + 1, next_at = $2 WHERE version_id = $1")
                    .bind(blob)
                    .bind(self.now().after(wait))
            };
            self.db.execute(later).await?;
        }
        Ok(true)
    }

    /// Removes what has been doomed at once, where somebody waits for it to be gone. What cannot be removed now is removed
    /// later.
    pub(crate) async fn remove_now(&self, doomed: &[BlobId]) {
        for blob in doomed {
            if let Err(error) = self.remove_blob(*blob).await {
                tracing::warn!(%error, %blob, "a blob that nothing names is left for later");
            }
        }
    }

    /// Removes a doomed blob. The row goes last: while it is there, the bytes can be found.
    async fn remove_blob(&self, blob: BlobId) -> Result<()> {
        self.blobs.delete(blob).await?;
        self.db.transact(|tx| work(register::strike_out(tx, blob))).await
    }
}
