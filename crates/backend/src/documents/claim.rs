//! The claim of an upload on its blob, and what it is exchanged for: a document, or nothing.

use std::{mem, sync::Arc, time::Duration};

use domain::{
    DeliveryId, DocumentId, ErrorCode, FileName, Problem, Timestamp, VersionId,
    activity::Event,
    delivery::{Audience, Terms},
    upload::{DepositedFile, RejectedFile},
};
use sealed::FileKey;
use tokio::runtime::Handle;

use super::{
    version::{self, NewVersion},
    version_key::Facts,
};
use crate::{
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    db::{Tx, work},
    deliveries::{self, NewDelivery},
    error::{Error, Result},
};

/// The right to a blob that has no document yet. Dropped before it was exchanged, it takes the blob with it.
pub(super) struct Claim {
    pub(super) core: Arc<Core>,
    pub(super) version: VersionId,
    until: Timestamp,
    held: bool,
}

/// A file that is about to become a document.
pub(super) struct NewFile<'a> {
    pub(super) name: &'a FileName,
    pub(super) size: u64,
    pub(super) sha256: &'a str,
    pub(super) file_key: &'a FileKey,
    /// Sealed.
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

    /// Exchanges the claim for a document that is delivered to everyone at once. What `also` happened is written down
    /// with it.
    pub(super) async fn deposit(
        mut self,
        caller: &Caller,
        person: &Person,
        new: NewFile<'_>,
        also: Option<Entry>,
    ) -> Result<DepositedFile> {
        let core = self.core.clone();
        let (id, at) = (DocumentId::new(core.uuid()), core.now());
        let delivery = NewDelivery {
            id: DeliveryId::new(core.uuid()),
            sender: person.id(),
            documents: &[id],
            audiences: &[Audience::Everyone],
            terms: Terms::default(),
        };
        let facts = Facts { version: self.version, document: id, size: new.size, sha256: new.sha256 };
        let key = core.wrap_key(facts, new.file_key)?;
        let version = NewVersion { facts, key: &key, examination: &new.examination, sender: person.id() };
        let (claim, new, version, delivery, also) = (&self, &new, &version, &delivery, &also);
        let depositing = core.db.transact(|tx| {
            work(async move {
                if !claim.give_up(tx).await? {
                    return Err(claim_lost());
                }
                version::create(tx, id, new.name, at).await?;
                let number = version::add_version(tx, version, at).await?;
                deliveries::send(tx, delivery, at).await?;
                let event = Event::Deposited {
                    document: id,
                    version: claim.version,
                    number,
                    size: new.size,
                    sha256: new.sha256.to_owned(),
                    delivery: Some(delivery.id),
                };
                claim.core.record(tx, Entry::new(event, &caller.origin).by(person).about(new.name.as_str())).await?;
                claim.record(tx, also.as_ref()).await?;
                Ok(number)
            })
        });
        let number = depositing.await?;
        self.held = false;
        Ok(DepositedFile {
            id,
            name: new.name.clone(),
            kind: new.name.kind(),
            size: new.size,
            sha256: new.sha256.to_owned(),
            version: number,
            uploaded_at: at,
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

/// A refusal, for the log.
pub(super) fn refusal(caller: &Caller, person: &Person, rejected: &RejectedFile) -> Entry {
    let event = Event::UploadRefused { code: rejected.code.clone() };
    Entry::new(event, &caller.origin).by(person).about(&rejected.name)
}

/// The upload was quiet for too long, or somebody swept by another clock.
fn claim_lost() -> Error {
    Problem::new(ErrorCode::Unavailable).retry_after(1).into()
}
