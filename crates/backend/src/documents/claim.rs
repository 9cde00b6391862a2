//! The claim of an upload on its blob, and what it is exchanged for: a document, or nothing.

use std::{mem, sync::Arc, time::Duration};

use domain::{
    DocumentId, ErrorCode, FileName, Problem, Timestamp, VersionId,
    activity::Event,
    upload::{DepositedFile, RejectedFile},
};
use sealed::FileKey;
use tokio::runtime::Handle;

use super::{
    sql_len,
    version_key::{Facts, KEY_FORMAT, VersionKey},
};
use crate::{
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    db::{Tx, work},
    error::{Error, Result},
    naming::{folded, sort_key},
};

/// The right to a blob that has no document yet. Dropped before it was exchanged, it takes the blob with it.
pub(super) struct Claim {
    pub(super) core: Arc<Core>,
    pub(super) version: VersionId,
    until: Timestamp,
    held: bool,
}

/// A version that is about to exist.
pub(super) struct NewVersion<'a> {
    pub(super) name: &'a FileName,
    pub(super) size: u64,
    pub(super) sha256: &'a str,
    pub(super) file_key: &'a FileKey,
    pub(super) examination: String,
}

/// An upload that goes quiet for longer than this loses its claim.
const CLAIM: Duration = Duration::from_secs(30 * 60);
/// A claim with less time left is extended.
const CLAIM_LOW: Duration = Duration::from_secs(20 * 60);
impl Claim {
    pub(super) async fn take(core: Arc<Core>, version: VersionId, person: &Person) -> Result<Self> {
        let until = core.now().after(CLAIM);
        let insert = || {
            sqlx::query("INSERT INTO uploads (version_id, account_id, claimed_until) VALUES ($1, $2, $3)")
                .bind(version.to_string())
                .bind(person.id().to_string())
                .bind(until.millis())
        };
        core.db.execute(insert).await?;
        Ok(Self { core, version, until, held: true })
    }

    /// Extends the claim when it runs low.
    pub(super) async fn extend(&mut self) -> Result<()> {
        let now = self.core.now();
        if self.until.since(now) > CLAIM_LOW {
            return Ok(());
        }
        let until = now.after(CLAIM);
        let update = || {
            sqlx::query("UPDATE uploads SET claimed_until = $2 WHERE version_id = $1")
                .bind(self.version.to_string())
                .bind(until.millis())
        };
        if self.core.db.execute(update).await? == 0 {
            return Err(claim_lost());
        }
        self.until = until;
        Ok(())
    }

    /// Gives the claim up in a transaction of the caller's; false when it was gone already.
    async fn give_up(&self, tx: &mut Tx) -> Result<bool> {
        let given_up = sqlx::query("DELETE FROM uploads WHERE version_id = $1")
            .bind(self.version.to_string())
            .execute(&mut **tx)
            .await?;
        Ok(given_up.rows_affected() == 1)
    }

    /// Exchanges the claim for a document. What `also` happened is written down with it.
    pub(super) async fn deposit(
        mut self,
        caller: &Caller,
        person: &Person,
        new: NewVersion<'_>,
        also: Option<Entry>,
    ) -> Result<DepositedFile> {
        let core = self.core.clone();
        let id = DocumentId::new(core.uuid());
        let uploaded_at = core.now();
        let facts = Facts { version: self.version, document: id, size: new.size, sha256: new.sha256 };
        let key = core.wrap_key(facts, new.file_key)?;
        let (claim, new, key, also) = (&self, &new, &key, &also);
        let depositing = core.db.transact(|tx| {
            work(async move {
                if !claim.give_up(tx).await? {
                    return Err(claim_lost());
                }
                insert_document(tx, id, claim.version, new, uploaded_at).await?;
                insert_version(tx, facts, key, new, person, uploaded_at).await?;
                sqlx::query(
                    "INSERT INTO document_audiences (document_id, audience_id, granted_at) VALUES ($1, 'everyone', $2)",
                )
                .bind(id.to_string())
                .bind(uploaded_at.millis())
                .execute(&mut **tx)
                .await?;
                let event = Event::Deposited {
                    document: id,
                    version: claim.version,
                    number: 1,
                    size: new.size,
                    sha256: new.sha256.to_owned(),
                };
                claim.core.record(tx, Entry::new(event, &caller.origin).by(person).about(new.name.as_str())).await?;
                claim.record(tx, also.as_ref()).await
            })
        });
        depositing.await?;
        self.held = false;
        Ok(DepositedFile {
            id,
            name: new.name.clone(),
            kind: new.name.kind(),
            size: new.size,
            sha256: new.sha256.to_owned(),
            version: 1,
            uploaded_at,
        })
    }

    /// Removes the blob, and writes the refusal down, and what `also` happened.
    pub(super) async fn reject(mut self, refusal: Entry, also: Option<Entry>) -> Result<()> {
        let core = self.core.clone();
        let (claim, refusal, also) = (&self, &refusal, &also);
        let rejecting = core.db.transact(|tx| {
            work(async move {
                claim.give_up(tx).await?;
                claim.record(tx, Some(refusal)).await?;
                claim.record(tx, also.as_ref()).await
            })
        });
        rejecting.await?;
        self.held = false;
        if let Err(error) = core.blobs.delete(self.version).await {
            tracing::warn!(%error, version = %self.version, "a refused blob is left to the sweep");
        }
        Ok(())
    }

    async fn record(&self, tx: &mut Tx, entry: Option<&Entry>) -> Result<()> {
        match entry {
            Some(entry) => self.core.record(tx, entry.clone()).await,
            None => Ok(()),
        }
    }

    /// Removes claim and blob.
    pub(super) async fn release(mut self) {
        self.held = false;
        release(self.core.clone(), self.version).await;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if mem::take(&mut self.held)
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(release(self.core.clone(), self.version));
        }
    }
}

/// Ends a claim and removes its blob. A claim that is gone was exchanged, perhaps by a commit whose answer nobody
/// waited for: then the blob belongs to a document and stays.
async fn release(core: Arc<Core>, version: VersionId) {
    let delete = || sqlx::query("DELETE FROM uploads WHERE version_id = $1").bind(version.to_string());
    let removed = match core.db.execute(delete).await {
        Ok(1) => core.blobs.delete(version).await,
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = removed {
        tracing::warn!(%error, %version, "an upload that was given up is left to the sweep");
    }
}

async fn insert_document(
    tx: &mut Tx,
    id: DocumentId,
    version: VersionId,
    new: &NewVersion<'_>,
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO documents (id, name, name_folded, name_sort, kind, size, current_version, uploaded_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id.to_string())
    .bind(new.name.as_str().to_owned())
    .bind(folded(new.name.as_str()))
    .bind(sort_key(new.name.as_str()))
    .bind(new.name.kind().as_str())
    .bind(sql_len(new.size))
    .bind(version.to_string())
    .bind(at.millis())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert_version(
    tx: &mut Tx,
    facts: Facts<'_>,
    key: &VersionKey,
    new: &NewVersion<'_>,
    person: &Person,
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO document_versions \
         (id, document_id, number, size, sha256, key_id, wrapped_key, key_format, examination, uploaded_by, uploaded_at) \
         VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(facts.version.to_string())
    .bind(facts.document.to_string())
    .bind(sql_len(facts.size))
    .bind(facts.sha256.to_owned())
    .bind(&key.key_id)
    .bind(&key.wrapped_key)
    .bind(KEY_FORMAT)
    .bind(new.examination.clone())
    .bind(person.id().to_string())
    .bind(at.millis())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A refusal, for the log.
pub(super) fn refusal(caller: &Caller, person: &Person, rejected: &RejectedFile) -> Entry {
    let event = Event::UploadRefused { code: rejected.code.clone() };
    Entry::new(event, &caller.origin).by(person).about(&rejected.name)
}

/// The upload was quiet for too long, or somebody swept by another clock.
fn claim_lost() -> Error {
    Problem::new(ErrorCode::Unavailable).retry_after(1).into()
}
