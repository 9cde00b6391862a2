//! Comparing rows with keys and blobs, for whoever wants to know whether everything that was deposited is there.

use domain::VersionId;

use super::stored::{Found, Stored};
use crate::{
    db::Sql,
    documents::Documents,
    error::{Error, Result},
};

/// What to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditScope {
    /// So many versions, drawn by lot; all of them unless given.
    pub sample: Option<u32>,
    /// Whether to decrypt every byte and compare its hash, beside looking whether the blob is there, as long as it has to
    /// be, and has a key.
    pub hashes: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Versions that were compared.
    pub checked: u64,
    /// What is wrong, a sentence each.
    pub faults: Vec<String>,
}

/// Rows fetched at once.
const BATCH: i64 = 500;

impl Documents {
    /// Compares the versions of documents that were not deleted with their keys and blobs.
    ///
    /// # Errors
    /// The database or the store fails. What is wrong with a version is no error but a fault.
    pub async fn audit(&self, scope: AuditScope) -> Result<Audit> {
        let mut audit = Audit::default();
        if let Some(sample) = scope.sample {
            let mut sql = versions_after(None);
            sql.push(" ORDER BY RANDOM() LIMIT ").bind(i64::from(sample));
            self.audit_batch(&fetch(self, sql).await?, scope.hashes, &mut audit).await?;
            return Ok(audit);
        }
        let mut after = None;
        loop {
            let mut sql = versions_after(after);
            sql.push(" ORDER BY v.id LIMIT ").bind(BATCH);
            let batch = fetch(self, sql).await?;
            let Some(last) = batch.last() else { return Ok(audit) };
            after = Some(last.id);
            self.audit_batch(&batch, scope.hashes, &mut audit).await?;
        }
    }

    async fn audit_batch(&self, batch: &[Found], hashes: bool, audit: &mut Audit) -> Result<()> {
        for found in batch {
            audit.checked += 1;
            match self.compare(found, hashes).await {
                Ok(()) => {}
                Err(Error::Damaged(fault)) => audit.faults.push(fault),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn compare(&self, found: &Found, hashes: bool) -> Result<()> {
        let stored = found.stored()?;
        let blob = self.core.check_presence(stored).await?;
        if hashes { self.core.check_hash(stored.facts(), &blob).await } else { Ok(()) }
    }
}

fn versions_after(id: Option<VersionId>) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(Stored::COLUMNS).push(" FROM document_versions v WHERE v.wrapped_key IS NOT NULL");
    if let Some(id) = id {
        sql.push(" AND v.id > ").bind(id);
    }
    sql
}

async fn fetch(documents: &Documents, sql: Sql) -> Result<Vec<Found>> {
    Ok(sql.query_as().fetch_all(documents.core.db.read()).await?)
}
