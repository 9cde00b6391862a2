//! Removing what nothing names: blobs of uploads that died, staged files, and the blobs of deleted documents.

use std::{collections::BTreeSet, io, path::PathBuf, pin::pin, time::Duration};

use domain::VersionId;
use futures::TryStreamExt;

use crate::{
    core::Core,
    db::Sql,
    error::{Error, Result},
};

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Claims of uploads that were never finished.
    pub claims: u64,
    /// Blobs that no claim and no version names.
    pub blobs: u64,
    /// Files that an interrupted write has left.
    pub staged: u64,
}

/// Ids looked up in one query.
const BATCH: usize = 500;
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

impl Core {
    /// Removes what no row names. Claims that are over go first: an upload that is still being finished finds its
    /// claim gone and gives up, so a blob that is found unnamed afterwards stays unnamed.
    pub(crate) async fn sweep(&self) -> Result<Swept> {
        let delete = || sqlx::query("DELETE FROM uploads WHERE claimed_until < $1").bind(self.now().millis());
        let claims = self.db.execute(delete).await?;
        let blobs = self.sweep_blobs().await?;
        let staged = self.sweep_staged().await?;
        Ok(Swept { claims, blobs, staged })
    }

    /// Removes the blob of one deleted version, if one is due. Returns whether there was one.
    pub(crate) async fn purge_next(&self) -> Result<bool> {
        let due: Option<(String, i64)> =
            sqlx::query_as("SELECT version_id, attempts FROM purges WHERE next_at <= $1 ORDER BY next_at LIMIT 1")
                .bind(self.now().millis())
                .fetch_optional(self.db.read())
                .await?;
        let Some((id, attempts)) = due else {
            return Ok(false);
        };
        let version: VersionId = id.parse().map_err(|_| Error::Damaged(format!("purge of {id}")))?;
        let removed = self.blobs.delete(version).await;
        if let Err(error) = &removed {
            tracing::warn!(%error, %version, "the blob of a deleted document could not be removed yet");
        }
        let note = || {
            if removed.is_ok() {
                return sqlx::query("DELETE FROM purges WHERE version_id = $1").bind(&id);
            }
            let wait = Duration::from_secs(1 << attempts.clamp(0, 12)).min(LONGEST_WAIT);
            sqlx::query("UPDATE purges SET attempts = attempts + 1, next_at = $2 WHERE version_id = $1")
                .bind(&id)
                .bind(self.now().after(wait).millis())
        };
        self.db.execute(note).await?;
        Ok(true)
    }

    async fn sweep_blobs(&self) -> Result<u64> {
        let mut removed = 0;
        let mut batches = pin!(self.blobs.list().try_chunks(BATCH));
        while let Some(batch) = batches.try_next().await.map_err(|error| error.1)? {
            let named = self.named(&batch).await?;
            for version in batch.into_iter().filter(|version| !named.contains(version)) {
                self.blobs.delete(version).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    async fn sweep_staged(&self) -> Result<u64> {
        let mut removed = 0;
        for batch in self.blobs.staged().await?.chunks(BATCH) {
            let versions: Vec<_> = batch.iter().map(|(version, _)| *version).collect();
            let named = self.named(&versions).await?;
            for (_, path) in batch.iter().filter(|(version, _)| !named.contains(version)) {
                remove_file(path.clone()).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Those of `versions` that a claim or a readable version names, asked in one statement: between two, an upload
    /// could exchange its claim for a row and be missed by both.
    async fn named(&self, versions: &[VersionId]) -> Result<BTreeSet<VersionId>> {
        let mut sql = Sql::new("SELECT id FROM document_versions WHERE wrapped_key IS NOT NULL AND id IN (");
        sql.bind_all(versions.iter().map(VersionId::to_string));
        sql.push(") UNION ALL SELECT version_id FROM uploads WHERE version_id IN (");
        sql.bind_all(versions.iter().map(VersionId::to_string));
        sql.push(")");
        let rows: Vec<(String,)> = sql.query_as().fetch_all(self.db.read()).await?;
        rows.into_iter().map(|(id,)| id.parse().map_err(|_| Error::Damaged(format!("version {id}")))).collect()
    }
}

async fn remove_file(path: PathBuf) -> Result<()> {
    let removed = tokio::task::spawn_blocking(move || std::fs::remove_file(path)).await.map_err(io::Error::from)?;
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
