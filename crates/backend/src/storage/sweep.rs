//! Removing what nothing names: blobs of uploads that died, and staged files.
//!
//! What nothing names is rubbish by the database at hand, and that may be a copy from yesterday over the store of today.
//! So the sweep leaves alone what is young, and what it takes it only sets aside; a blob whose row appears again gets
//! its place back. Only a deleted document's blob goes at once, by a job of its own: its key is destroyed.

use std::{collections::BTreeSet, io, path::PathBuf, pin::pin, time::Duration};

use domain::{Timestamp, VersionId};
use futures::TryStreamExt;

use super::portal;
use crate::{
    core::Core,
    db::Sql,
    error::{Error, Result},
    jobs::Kind,
};

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Claims of uploads that were never finished, and are over.
    pub claims: u64,
    /// Blobs that no claim and no version names, set aside.
    pub set_aside: u64,
    /// Blobs that had been set aside and are named again, put back.
    pub put_back: u64,
    /// Blobs that had been set aside long enough, removed.
    pub removed: u64,
    /// Files that an interrupted write has left, removed.
    pub staged: u64,
}

/// Ids looked up in one query.
const BATCH: usize = 500;
/// What is younger is left alone.
const YOUNG: Duration = Duration::from_secs(48 * 3600);
/// How long a blob stays set aside: longer than it takes to notice that the wrong copy was restored.
const ASIDE: Duration = Duration::from_secs(7 * 24 * 3600);

impl Core {
    /// Sets aside what no row names, puts back what is named again, and removes what was set aside for long. Claims
    /// that are over go first: an upload that is still being finished finds its claim gone and gives up, so a blob that
    /// is found unnamed afterwards stays unnamed.
    pub(crate) async fn sweep(&self) -> Result<Swept> {
        portal::together(&self.db, &self.blobs).await?;
        let mut swept = Swept { claims: self.end_claims().await?, ..Swept::default() };
        self.sweep_set_aside(&mut swept).await?;
        self.sweep_blobs(&mut swept).await?;
        self.sweep_staged(&mut swept).await?;
        Ok(swept)
    }

    async fn end_claims(&self) -> Result<u64> {
        let delete = || sqlx::query("DELETE FROM uploads WHERE claimed_until < $1").bind(self.now().millis());
        self.db.execute(delete).await
    }

    async fn sweep_set_aside(&self, swept: &mut Swept) -> Result<()> {
        let now = self.now();
        let mut batches = pin!(self.blobs.list_set_aside().try_chunks(BATCH));
        while let Some(batch) = batches.try_next().await.map_err(|error| error.1)? {
            let named = self.named(batch.iter().map(|blob| blob.version)).await?;
            for blob in batch {
                if named.contains(&blob.version) {
                    tracing::warn!(version = %blob.version, "a blob that was set aside is named again and was put back");
                    self.blobs.put_back(blob).await?;
                    swept.put_back += 1;
                } else if now.since(blob.since) >= ASIDE {
                    self.blobs.remove_set_aside(blob).await?;
                    swept.removed += 1;
                }
            }
        }
        Ok(())
    }

    async fn sweep_blobs(&self, swept: &mut Swept) -> Result<()> {
        let now = self.now();
        let old = self.blobs.list().try_filter(|blob| {
            let is_old = is_old(now, blob.version, blob.modified);
            async move { is_old }
        });
        let mut batches = pin!(old.try_chunks(BATCH));
        while let Some(batch) = batches.try_next().await.map_err(|error| error.1)? {
            let named = self.named(batch.iter().map(|blob| blob.version)).await?;
            for blob in batch.into_iter().filter(|blob| !named.contains(&blob.version)) {
                self.blobs.set_aside(blob.version, now).await?;
                swept.set_aside += 1;
            }
        }
        Ok(())
    }

    /// Staged files were never whole, so they are not set aside.
    async fn sweep_staged(&self, swept: &mut Swept) -> Result<()> {
        let now = self.now();
        let mut staged = self.blobs.staged().await?;
        staged.retain(|file| is_old(now, file.version, file.modified));
        for batch in staged.chunks(BATCH) {
            let named = self.named(batch.iter().map(|file| file.version)).await?;
            for file in batch.iter().filter(|file| !named.contains(&file.version)) {
                remove_file(file.path.clone()).await?;
                swept.staged += 1;
            }
        }
        Ok(())
    }

    /// Those of `versions` that a claim, a readable version or a purge names, asked in one statement: between two, an
    /// upload could exchange its claim for a row and be missed by both.
    async fn named(&self, versions: impl Iterator<Item = VersionId> + Clone) -> Result<BTreeSet<VersionId>> {
        let ids = || versions.clone().map(|version| version.to_string());
        let mut sql = Sql::new("SELECT id FROM document_versions WHERE wrapped_key IS NOT NULL AND id IN (");
        sql.bind_all(ids());
        sql.push(") UNION ALL SELECT version_id FROM uploads WHERE version_id IN (");
        sql.bind_all(ids());
        sql.push(") UNION ALL SELECT id FROM jobs WHERE kind = ");
        sql.bind(Kind::Purge.as_str().to_owned()).push(" AND id IN (").bind_all(ids()).push(")");
        let rows: Vec<(String,)> = sql.query_as().fetch_all(self.db.read()).await?;
        rows.into_iter().map(|(id,)| id.parse().map_err(|_| Error::Damaged(format!("version {id}")))).collect()
    }
}

/// Two witnesses say when a file came: the store, and its version's id. Both have to say that it is long ago, so that
/// neither a copy that was made today nor a clock that once was wrong makes a file old.
fn is_old(now: Timestamp, version: VersionId, modified: Timestamp) -> bool {
    let made = i64::try_from(version.uuid().as_u128() >> 80).unwrap_or(i64::MAX);
    now.since(modified.max(Timestamp::from_millis(made))) >= YOUNG
}

async fn remove_file(path: PathBuf) -> Result<()> {
    let removed = tokio::task::spawn_blocking(move || std::fs::remove_file(path)).await.map_err(io::Error::from)?;
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_old_when_store_and_id_agree_that_it_is() {
        let (made, later) = (1_795_356_300_123, 1_795_356_300_123 + 49 * 3_600_000);
        let id = format!("{:08x}-{:04x}-7000-8000-0000000000fe", made >> 16, made & 0xffff);
        let version: VersionId = id.parse().expect("an id");
        let at = Timestamp::from_millis;
        assert!(is_old(at(later), version, at(made)));
        assert!(!is_old(at(later), version, at(later - 1000)), "the store says it is new");
        assert!(!is_old(at(later), version, at(later + 1000)), "the store says it is from the future");
        assert!(!is_old(at(made + 1000), version, at(0)), "its id says it is new");
    }
}
