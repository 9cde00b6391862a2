//! Wrapping keys anew: under the active master key after a rotation, and bound to all that the row says where a row of
//! before says more than its key was bound to. Rows change, blobs do not.
//!
//! It goes on while the portal serves, in batches. What is dealt with is seen in the row itself, so it can be broken off
//! at any moment and begun again, also by several at once.

use domain::{VersionId, activity::Event};

use super::{
    key::KEY_FORMAT,
    stored::{Found, Stored},
};
use crate::{
    activity::Entry,
    caller::Origin,
    core::Core,
    db::{Sql, work},
    documents::Documents,
    error::{Error, Result},
    storage::{RowKey, SealedBlob},
};

/// What came of wrapping keys anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Versions whose keys were wrapped anew.
    pub done: u64,
    /// Versions that could not be dealt with, each with its reason in the log.
    pub failed: u64,
}

/// Rows of one transaction.
const BATCH: i64 = 100;

impl Documents {
    /// After the command line has made a fresh master key the active one: writes that down, and wraps every key anew.
    ///
    /// # Errors
    /// As [`Self::rewrap`].
    pub async fn rotated(&self) -> Result<Rewrapped> {
        let core = &self.core;
        core.reread_keys();
        core.keys.note_active(&core.db, core.now()).await?;
        let key = core.keys.active().id().to_owned();
        core.record_alone(Entry::new(Event::KeysRotated { key }, &Origin::local())).await?;
        self.rewrap().await
    }

    /// Reads the master keys again and wraps every key anew that is not under the active master key, or not bound to
    /// all that its row says. How many that were is written down, also where the database has failed half-way.
    ///
    /// # Errors
    /// The database fails. A version that cannot be dealt with is counted and passed over.
    pub async fn rewrap(&self) -> Result<Rewrapped> {
        let core = &self.core;
        core.reread_keys();
        let mut total = Rewrapped::default();
        let ended = core.rewrap_all(&mut total).await;
        if total.done > 0 {
            let Rewrapped { done: versions, failed } = total;
            let event = Event::VersionsRewrapped { key: core.keys.active().id().to_owned(), versions, failed };
            core.record_alone(Entry::new(event, &Origin::local())).await?;
        }
        ended?;
        core.keys.retire_unused(&core.db, core.now()).await?;
        Ok(total)
    }
}

impl Core {
    fn reread_keys(&self) {
        if let Err(error) = self.keys.reread() {
            tracing::warn!(%error, "the master keys could not be read again");
        }
    }

    /// Counts into `total` what is done, batch by batch.
    async fn rewrap_all(&self, total: &mut Rewrapped) -> Result<()> {
        let mut after = None;
        loop {
            let batch = self.wrapped_otherwise(after).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = Some(last.id);
            let Rewrapped { done, failed } = self.rewrap_batch(&batch).await?;
            total.done += done;
            total.failed += failed;
        }
    }

    async fn wrapped_otherwise(&self, after: Option<VersionId>) -> Result<Vec<Found>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(Stored::COLUMNS).push(" FROM document_versions v WHERE v.wrapped_key IS NOT NULL AND (v.key_id <> ");
        sql.bind(self.keys.active().id().to_owned()).push(" OR v.key_format < ").bind(KEY_FORMAT);
        sql.push(")");
        if let Some(after) = after {
            sql.push(" AND v.id > ").bind(after);
        }
        sql.push(" ORDER BY v.id LIMIT ").bind(BATCH);
        Ok(sql.query_as().fetch_all(self.db.read()).await?)
    }

    async fn rewrap_batch(&self, batch: &[Found]) -> Result<Rewrapped> {
        let mut failed = 0;
        let mut anew = Vec::with_capacity(batch.len());
        for found in batch {
            match self.wrap_anew(found).await {
                Ok(renewed) => anew.push(renewed),
                Err(error @ (Error::Damaged(_) | Error::Storage(_))) => {
                    tracing::error!(%error, "a key could not be wrapped anew");
                    failed += 1;
                }
                Err(error) => return Err(error),
            }
        }
        let anew = &anew;
        let replacing = self.db.transact(|tx| {
            work(async move {
                let mut done = 0;
                for (stored, key) in anew {
                    // Its key may have been destroyed meanwhile, or wrapped anew by somebody else: then that stands.
                    let replaced = sqlx::query(
                        "UPDATE document_versions SET key_id = $2, wrapped_key = $3, key_format = $4 \
                         WHERE id = $1 AND wrapped_key = $5",
                    )
                    .bind(stored.id)
                    .bind(&key.key_id)
                    .bind(&key.wrapped_key)
                    .bind(KEY_FORMAT)
                    .bind(&stored.key.wrapped_key)
                    .execute(&mut **tx)
                    .await?;
                    done += replaced.rows_affected();
                }
                Ok(done)
            })
        });
        let done = replacing.await?;
        Ok(Rewrapped { done, failed })
    }

    /// What a key of before is newly bound to is not taken on trust: the bytes themselves, which it does authenticate,
    /// have to have the hash that the row says.
    async fn wrap_anew<'a>(&self, found: &'a Found) -> Result<(&'a Stored, RowKey)> {
        let stored = found.stored()?;
        let facts = stored.facts();
        let unwrapped = self.unwrap_key(facts, &stored.key)?;
        if !unwrapped.is_bound {
            let blob = SealedBlob { id: stored.blob_id, key: unwrapped.file_key, size: facts.size };
            self.check_hash(facts, &blob).await?;
            return Ok((stored, self.wrap_key(facts, &blob.key)?));
        }
        Ok((stored, self.wrap_key(facts, &unwrapped.file_key)?))
    }
}
