//! What nobody sees to goes in its time: uploads that nobody ended, blobs that no row knows, and what interrupted writes
//! have left.
//!
//! What nothing names is rubbish by the database at hand, and that may be a copy from yesterday over the store of today.
//! So the sweep enters what it finds as stray and dooms it when nobody has missed it for long. Nothing is moved: with the
//! right database the right rows are back. Only a deleted document's blob goes at once: its key is destroyed.

use std::{collections::BTreeSet, pin::pin, time::Duration};

use domain::{BlobId, Timestamp};
use futures::TryStreamExt;
use sqlx::FromRow;

use super::{portal, register, store::Abandoned};
use crate::{
    core::Core,
    db::{Sql, work},
    error::Result,
    intake,
};

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that were never finished, and are over.
    pub uploads: u64,
    /// Blobs in the store that no row knew, entered as strays.
    pub found: u64,
    /// Blobs that have been strays for long enough, doomed.
    pub doomed: u64,
    /// Rests of interrupted writes, removed.
    pub abandoned: u64,
}

#[derive(FromRow)]
struct Known {
    id: BlobId,
}

/// Ids looked up in one query.
const BATCH: usize = 500;
/// An interrupted write is left alone that is younger.
const YOUNG: Duration = Duration::from_secs(48 * 3600);
/// How long a blob stays a stray: longer than it takes to notice that the wrong copy was restored.
const STRAY: Duration = Duration::from_secs(14 * 24 * 3600);

impl Core {
    /// Ends uploads that are over, enters blobs that no row knows, dooms what has been a stray for long, and removes what
    /// interrupted writes have left.
    pub(crate) async fn sweep(&self) -> Result<Swept> {
        portal::together(&self.db, &self.blobs).await?;
        self.blobs.upgrade().await?;
        Ok(Swept {
            uploads: intake::end_those_over(self).await?,
            found: self.find_strays().await?,
            doomed: self.doom_strays().await?,
            abandoned: self.discard_abandoned().await?,
        })
    }

    async fn find_strays(&self) -> Result<u64> {
        let mut found = 0;
        let mut batches = pin!(self.blobs.list().try_chunks(BATCH));
        while let Some(mut batch) = batches.try_next().await.map_err(|error| error.1)? {
            let known = self.known(&batch, "").await?;
            batch.retain(|blob| !known.contains(blob));
            if !batch.is_empty() {
                tracing::warn!(blobs = batch.len(), "blobs lie in the store that no row knows");
                found += self.enter_strays(&batch).await?;
            }
        }
        Ok(found)
    }

    async fn enter_strays(&self, blobs: &[BlobId]) -> Result<u64> {
        let now = self.now();
        let entering = self.db.transact(|tx| {
            work(async move {
                let mut entered = 0;
                for blob in blobs {
                    entered += u64::from(register::enter_stray(tx, *blob, now).await?);
                }
                Ok(entered)
            })
        });
        entering.await
    }

    async fn doom_strays(&self) -> Result<u64> {
        let now = self.now();
        self.db.transact(|tx| work(register::doom_strays(tx, now.before(STRAY), now))).await
    }

    /// What was abandoned was never whole, so it is no stray.
    async fn discard_abandoned(&self) -> Result<u64> {
        let now = self.now();
        let mut abandoned = self.blobs.abandoned().await?;
        abandoned.retain(|rest| is_old(now, rest));
        let mut discarded = 0;
        for batch in abandoned.chunks(BATCH) {
            let blobs: Vec<_> = batch.iter().map(|rest| rest.blob).collect();
            let claimed = self.known(&blobs, " AND state = 'claimed'").await?;
            for rest in batch.iter().filter(|rest| !claimed.contains(&rest.blob)) {
                self.blobs.discard(rest).await?;
                discarded += 1;
            }
        }
        Ok(discarded)
    }

    /// Those of `blobs` that have a row.
    async fn known(&self, blobs: &[BlobId], further: &'static str) -> Result<BTreeSet<BlobId>> {
        let mut sql = Sql::new("SELECT id FROM blobs WHERE id IN (");
        sql.bind_all(blobs.iter().map(BlobId::to_string)).push(")").push(further);
        let known: Vec<Known> = sql.query_as().fetch_all(self.db.read()).await?;
        Ok(known.into_iter().map(|Known { id }| id).collect())
    }
}

/// Two witnesses say when a blob was begun: the store, and its id. Both have to say that it is long ago, so that neither a
/// copy that was made today nor a clock that once was wrong makes it old.
fn is_old(now: Timestamp, rest: &Abandoned) -> bool {
    let made = i64::try_from(rest.blob.uuid().as_u128() >> 80).unwrap_or(i64::MAX);
    now.since(rest.modified.max(Timestamp::from_millis(made))) >= YOUNG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_old_when_store_and_id_agree_that_it_is() {
        let (made, later) = (1_795_356_300_123, 1_795_356_300_123 + 49 * 3_600_000);
        let id = format!("{:08x}-{:04x}-7000-8000-0000000000fe", made >> 16, made & 0xffff);
        let rest = |modified| Abandoned::of(id.parse().expect("an id"), Timestamp::from_millis(modified));
        let at = Timestamp::from_millis;
        assert!(is_old(at(later), &rest(made)));
        assert!(!is_old(at(later), &rest(later - 1000)), "the store says it is new");
        assert!(!is_old(at(later), &rest(later + 1000)), "the store says it is from the future");
        assert!(!is_old(at(made + 1000), &rest(0)), "its id says it is new");
    }
}
