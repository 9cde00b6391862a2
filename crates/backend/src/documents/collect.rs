//! Who has collected what: one row for every request, and one for the first time that all of them together cover the
//! document.

use std::{ops::Range, sync::Arc};

use domain::{FileName, VersionId, activity::Action};
use tokio::{runtime::Handle, sync::watch};

use super::sql_len;
use crate::{
    activity::Event,
    caller::{Caller, Person},
    core::Core,
    error::Result,
};

/// What a request asks for.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) link_id: String,
    pub(super) version: VersionId,
    pub(super) size: u64,
    pub(super) name: FileName,
    pub(super) range: Range<u64>,
}

/// Counts what one request was sent and, when it ends, writes it down.
pub(super) struct Ledger {
    entry: Option<Entry>,
    sent: u64,
    pending: Pending,
}

struct Entry {
    core: Arc<Core>,
    id: String,
    caller: Caller,
    person: Person,
    part: Part,
}

/// How many endings are still being written down.
#[derive(Clone)]
pub(super) struct Pending(watch::Sender<usize>);

impl Ledger {
    /// Writes the beginning down.
    pub(super) async fn begin(
        core: Arc<Core>,
        pending: Pending,
        caller: Caller,
        person: Person,
        part: Part,
    ) -> Result<Self> {
        let id = core.uuid().to_string();
        let mut tx = core.db.write().await?;
        sqlx::query(
            "INSERT INTO downloads (id, link_id, account_id, version_id, first_byte, next_byte, started_at) \
             VALUES ($1, $2, $3, $4, $5, $5, $6)",
        )
        .bind(id.clone())
        .bind(part.link_id.clone())
        .bind(person.id().to_string())
        .bind(part.version.to_string())
        .bind(sql_len(part.range.start))
        .bind(core.now().millis())
        .execute(&mut *tx)
        .await?;
        let detail = format!("bytes {}–{} of {}", part.range.start, part.range.end, part.size);
        let event = Event::new(Action::DownloadStarted, &caller.origin).by(&person).to(part.name.as_str());
        core.record(&mut tx, event.detail(&detail)).await?;
        tx.commit().await?;
        Ok(Self { entry: Some(Entry { core, id, caller, person, part }), sent: 0, pending })
    }

    /// Counts bytes that were handed over.
    pub(super) fn sent(&mut self, bytes: u64) {
        self.sent += bytes;
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let (Some(entry), Ok(runtime)) = (self.entry.take(), Handle::try_current()) else {
            return;
        };
        let (sent, pending) = (self.sent, self.pending.clone());
        pending.0.send_modify(|count| *count += 1);
        runtime.spawn(async move {
            if let Err(error) = entry.end(sent).await {
                tracing::error!(%error, version = %entry.part.version, "the end of a download was not written down");
            }
            pending.0.send_modify(|count| *count -= 1);
        });
    }
}

impl Default for Pending {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Pending {
    /// Waits until every ending is written down.
    pub(super) async fn settle(&self) {
        // The sender is alive as long as this value is, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Entry {
    async fn end(&self, sent: u64) -> Result<()> {
        let mut tx = self.core.db.write().await?;
        // Two parts that end at the same moment must see each other, or neither would find the document whole: the
        // account's row makes them take turns. (On SQLite all writers do.)
        sqlx::query("UPDATE accounts SET link_epoch = link_epoch WHERE id = $1")
            .bind(self.person.id().to_string())
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE downloads SET next_byte = $2, ended_at = $3 WHERE id = $1")
            .bind(self.id.clone())
            .bind(sql_len(self.part.range.start.saturating_add(sent)))
            .bind(self.core.now().millis())
            .execute(&mut *tx)
            .await?;
        let parts: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT first_byte, next_byte FROM downloads WHERE account_id = $1 AND version_id = $2 ORDER BY first_byte",
        )
        .bind(self.person.id().to_string())
        .bind(self.part.version.to_string())
        .fetch_all(&mut *tx)
        .await?;
        if covers(&parts, sql_len(self.part.size)) && self.collect(&mut tx).await? {
            let event = Event::new(Action::DownloadCompleted, &self.caller.origin).by(&self.person);
            let event = event.to(self.part.name.as_str()).detail(&format!("{} bytes", self.part.size));
            self.core.record(&mut tx, event).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Marks the version as collected; false when it was already.
    async fn collect(&self, tx: &mut crate::db::Tx) -> Result<bool> {
        let collected = sqlx::query(
            "INSERT INTO collections (version_id, account_id, collected_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(self.part.version.to_string())
        .bind(self.person.id().to_string())
        .bind(self.core.now().millis())
        .execute(&mut **tx)
        .await?;
        Ok(collected.rows_affected() == 1)
    }
}

/// Whether parts, in the order of their beginnings, cover `0..size`.
fn covers(parts: &[(i64, i64)], size: i64) -> bool {
    let mut covered = 0;
    for (first, next) in parts {
        if *first > covered {
            return false;
        }
        covered = covered.max(*next);
    }
    covered >= size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_a_document_when_nothing_is_missing_between_them() {
        assert!(covers(&[(0, 10)], 10));
        assert!(covers(&[(0, 4), (4, 10)], 10));
        assert!(covers(&[(0, 8), (2, 3), (5, 10)], 10));
        assert!(covers(&[(0, 0), (0, 10)], 10));
        assert!(!covers(&[], 10));
        assert!(!covers(&[(0, 9)], 10));
        assert!(!covers(&[(1, 10)], 10));
        assert!(!covers(&[(0, 4), (5, 10)], 10));
    }
}
