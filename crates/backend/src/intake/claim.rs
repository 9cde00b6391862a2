//! The row of an upload, and the claim of whoever brings it: the right to add to it and to say what becomes of it.
//!
//! The row says whose turn it is. Whoever begins a part takes the turn: a client that comes back does not wait for a
//! connection of its own that is dead and does not know it. So a claim is good as long as the turn is its own, which is asked
//! whenever the row changes.

use std::{mem, sync::Arc, time::Duration};

use domain::{AccountId, BlobId, ErrorCode, FileName, Problem, Sha256, Timestamp, UploadId};
use office::Summary;
use ring::digest;
use sealed::{Context, FileKey};
use sqlx::FromRow;
use tokio::runtime::Handle;

use crate::{
    activity::Entry,
    caller::Person,
    core::Core,
    db::{Tx, sql_len, work},
    error::{Error, Result},
    storage::{Holds, RowKey, register},
};

/// The claim. Dropped before it was exchanged for something, it ends the upload, unless that is a lasting one.
pub(super) struct Claim {
    pub(super) core: Arc<Core>,
    pub(super) upload: UploadId,
    /// Whose turn it is: the part that is being written, or was the last one.
    pub(super) turn: BlobId,
    lasting: bool,
    until: Timestamp,
    ends_when_dropped: bool,
}

/// An upload that is about to have a row.
pub(super) struct NewUpload<'a> {
    pub(super) id: UploadId,
    pub(super) sender: AccountId,
    pub(super) name: &'a FileName,
    pub(super) declared_len: Option<u64>,
    /// What the sender's own inspection has said of a file that comes in several requests.
    pub(super) summary: Option<&'a Summary>,
    pub(super) file_key: &'a FileKey,
    pub(super) lasting: bool,
}

/// A lasting upload.
#[derive(FromRow)]
pub(super) struct Row {
    pub(super) id: UploadId,
    pub(super) name: FileName,
    #[sqlx(try_from = "i64")]
    pub(super) length: u64,
    #[sqlx(try_from = "i64")]
    pub(super) received: u64,
    pub(super) sha256: Option<Sha256>,
    summary: Option<String>,
    #[sqlx(flatten)]
    key: RowKey,
    pub(super) claimed_until: Timestamp,
}

/// How long an upload that one request brings may be quiet.
const LIFE: Duration = Duration::from_secs(30 * 60);
/// How long a lasting upload waits for the next request.
const LASTING_LIFE: Duration = Duration::from_secs(24 * 3600);
/// A claim is extended when so much of it is over.
const EXTENDED_AFTER: Duration = Duration::from_secs(10 * 60);
/// Uploads that a sweep ends in one transaction.
const BATCH: i64 = 100;
/// Keeps keys of uploads apart from those of versions.
const LABEL: &[u8] = b"strongroom.upload@v1\0";

impl Claim {
    /// Enters an upload and its first part.
    pub(super) async fn take(core: Arc<Core>, new: NewUpload<'_>, part: BlobId) -> Result<Self> {
        let until = core.now().after(LIFE);
        let mut claim = Self { core, upload: new.id, turn: part, lasting: false, until, ends_when_dropped: false };
        let (taken, new) = (&claim, &new);
        let taking = taken.core.db.transact(|tx| {
            work(async move {
                taken.core.enter(tx, new, Some(part), until).await?;
                taken.begins(Holds::Part, part, 0).insert(tx, taken.core.now()).await
            })
        });
        taking.await?;
        claim.ends_when_dropped = true;
        Ok(claim)
    }

    /// Takes a lasting upload over, to write `part` of it from `first_byte` on. Whoever was writing meanwhile is too late,
    /// and what they have written of their part is lost.
    pub(super) async fn take_over(core: Arc<Core>, row: &Row, part: BlobId, first_byte: u64) -> Result<Self> {
        let until = core.now().after(LASTING_LIFE);
        let claim =
            Self { core: core.clone(), upload: row.id, turn: part, lasting: true, until, ends_when_dropped: false };
        let taken = &claim;
        let taking = core.db.transact(|tx| work(taken.write_next(tx, taken.turn, first_byte)));
        taking.await?;
        Ok(claim)
    }

    /// Takes a lasting upload over that has arrived, to say what becomes of it. Of two who do, the first is too late.
    pub(super) async fn finishing(core: Arc<Core>, row: &Row) -> Result<Self> {
        let (turn, until) = (BlobId::new(core.uuid()), core.now().after(LASTING_LIFE));
        let claim = Self { core: core.clone(), upload: row.id, turn, lasting: true, until, ends_when_dropped: false };
        let taking = core.db.transact(|tx| {
            let (upload, now) = (row.id, claim.core.now());
            work(async move {
                register::doom_unfinished(tx, upload, now).await?;
                // No blob of this id is ever written: it only says whose turn it is.
                let taken = "UPDATE uploads SET turn = $2, claimed_until = $3 WHERE id = $1 AND received = length";
                let taken = sqlx::query(taken).bind(upload).bind(turn).bind(until).execute(&mut **tx).await?;
                still_held(taken.rows_affected())
            })
        });
        taking.await?;
        Ok(claim)
    }

    /// Goes on with another part.
    pub(super) async fn write_on(&mut self, part: BlobId, first_byte: u64) -> Result<()> {
        let claim = &*self;
        claim
            .core
            .db
            .transact(|tx| {
                work(async move {
                    claim.still_good(tx).await?;
                    claim.write_next(tx, part, first_byte).await
                })
            })
            .await?;
        self.turn = part;
        Ok(())
    }

    async fn write_next(&self, tx: &mut Tx, part: BlobId, first_byte: u64) -> Result<()> {
        let now = self.core.now();
        register::doom_unfinished(tx, self.upload, now).await?;
        let taken = "UPDATE uploads SET turn = $2, claimed_until = $3 WHERE id = $1 AND received = $4";
        let taken = sqlx::query(taken)
            .bind(self.upload)
            .bind(part)
            .bind(self.until)
            .bind(sql_len(first_byte))
            .execute(&mut **tx)
            .await?;
        still_held(taken.rows_affected())?;
        self.begins(Holds::Part, part, first_byte).insert(tx, now).await
    }

    /// Adds what was written of the part to what the upload has. `sha256` is of the whole, where the part is.
    pub(super) async fn add(&self, size: u64, sha256: Option<Sha256>) -> Result<()> {
        let claim = self;
        claim
            .core
            .db
            .transact(|tx| {
                work(async move {
                    let added = sqlx::query(
                        "UPDATE uploads SET received = received + $3, sha256 = $4, claimed_until = $5 \
                         WHERE id = $1 AND turn = $2",
                    )
                    .bind(claim.upload)
                    .bind(claim.turn)
                    .bind(sql_len(size))
                    .bind(sha256)
                    .bind(claim.core.now().after(claim.life()))
                    .execute(&mut **tx)
                    .await?;
                    still_held(added.rows_affected())?;
                    register::measure(tx, claim.turn, size).await
                })
            })
            .await
    }

    /// A blob that belongs to the upload, beside its parts.
    pub(super) async fn enter_blob(&self, holds: Holds, blob: BlobId) -> Result<()> {
        let claim = self;
        claim
            .core
            .db
            .transact(|tx| {
                work(async move {
                    claim.still_good(tx).await?;
                    claim.begins(holds, blob, 0).insert(tx, claim.core.now()).await
                })
            })
            .await
    }

    /// Removes a blob that the upload needs no longer.
    pub(super) async fn drop_blob(&self, blob: BlobId) -> Result<()> {
        let now = self.core.now();
        let doomed = self.core.db.transact(|tx| work(register::doom_claimed(tx, blob, now))).await?;
        self.core.remove_now(&doomed).await;
        Ok(())
    }

    /// Extends the claim when some of it is over.
    pub(super) async fn extend(&mut self) -> Result<()> {
        let now = self.core.now();
        let until = now.after(self.life());
        if until.since(self.until) < EXTENDED_AFTER {
            return Ok(());
        }
        let update = || {
            sqlx::query("UPDATE uploads SET claimed_until = $3 WHERE id = $1 AND turn = $2")
                .bind(self.upload)
                .bind(self.turn)
                .bind(until)
        };
        still_held(self.core.db.execute(update).await?)?;
        self.until = until;
        Ok(())
    }

    /// Ends the upload in a transaction of the caller's, for whom its blobs are left to see to.
    ///
    /// # Errors
    /// It has ended already, or somebody else has taken it over.
    pub(super) async fn give_up(&self, tx: &mut Tx) -> Result<()> {
        if end(tx, self.upload, Some(self.turn)).await? { Ok(()) } else { Err(claim_lost()) }
    }

    /// Ends the upload, removes its blobs, and writes down why.
    pub(super) async fn reject(mut self, refusal: Entry, also: Option<Entry>) -> Result<()> {
        let (claim, refusal, also) = (&self, &refusal, &also);
        let core = claim.core.clone();
        let rejecting = core.db.transact(|tx| {
            work(async move {
                // One that has ended already is refused all the same.
                let ended = end(tx, claim.upload, Some(claim.turn)).await?;
                let left =
                    if ended { register::doom_upload(tx, claim.upload, claim.core.now()).await? } else { Vec::new() };
                claim.core.record(tx, refusal.clone()).await?;
                if let Some(also) = also {
                    claim.core.record(tx, also.clone()).await?;
                }
                Ok(left)
            })
        });
        let left = rejecting.await?;
        self.exchanged();
        core.remove_now(&left).await;
        Ok(())
    }

    /// Ends the upload and removes its blobs.
    pub(super) async fn release(mut self) {
        self.exchanged();
        release(self.core.clone(), self.upload, self.turn).await;
    }

    /// From here on, dropping the claim means nothing.
    pub(super) fn exchanged(&mut self) {
        self.ends_when_dropped = false;
    }

    fn begins(&self, holds: Holds, blob: BlobId, first_byte: u64) -> register::Claimed {
        register::Claimed { blob, holds, upload: self.upload, first_byte }
    }

    async fn still_good(&self, tx: &mut Tx) -> Result<()> {
        let good = sqlx::query("UPDATE uploads SET claimed_until = $3 WHERE id = $1 AND turn = $2")
            .bind(self.upload)
            .bind(self.turn)
            .bind(self.until)
            .execute(&mut **tx)
            .await?;
        still_held(good.rows_affected())
    }

    const fn life(&self) -> Duration {
        if self.lasting { LASTING_LIFE } else { LIFE }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if mem::take(&mut self.ends_when_dropped)
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(release(self.core.clone(), self.upload, self.turn));
        }
    }
}

impl Row {
    pub(super) fn summary(&self) -> Option<Summary> {
        self.summary.as_deref().and_then(|json| serde_json::from_str(json).ok())
    }
}

impl Core {
    /// Enters an upload.
    pub(super) async fn enter(
        &self,
        tx: &mut Tx,
        new: &NewUpload<'_>,
        turn: Option<BlobId>,
        until: Timestamp,
    ) -> Result<()> {
        let key = self.keys.wrap(new.file_key, self.random(), &key_context(new.id))?;
        let summary =
            new.summary.map(serde_json::to_string).transpose().map_err(|error| Error::Damaged(error.to_string()))?;
        sqlx::query(
            "INSERT INTO uploads (id, account_id, name, length, received, summary, key_id, wrapped_key, turn, \
             lasting, claimed_until, created_at) VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(new.id)
        .bind(new.sender)
        .bind(new.name.as_str().to_owned())
        .bind(new.declared_len.map(sql_len))
        .bind(summary)
        .bind(key.key_id)
        .bind(key.wrapped_key)
        .bind(turn)
        .bind(i64::from(new.lasting))
        .bind(until)
        .bind(self.now())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// When a lasting upload that is entered now would be over.
    pub(super) fn lasting_until(&self) -> Timestamp {
        self.now().after(LASTING_LIFE)
    }

    /// A lasting upload of this person; anybody else's is none.
    pub(super) async fn upload_row(&self, person: &Person, id: UploadId) -> Result<Row> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, name, length, received, sha256, summary, key_id, wrapped_key, claimed_until FROM uploads \
             WHERE id = $1 AND account_id = $2 AND lasting = 1 AND claimed_until > $3",
        )
        .bind(id)
        .bind(person.id())
        .bind(self.now())
        .fetch_optional(self.db.read())
        .await?;
        Ok(row.ok_or(ErrorCode::NotFound)?)
    }

    /// The key of the parts of an upload.
    pub(super) fn upload_key(&self, row: &Row) -> Result<FileKey> {
        let damaged = |what: String| Error::Damaged(format!("upload {}: {what}", row.id));
        let unwrapped = self.keys.unwrap(&row.key, &key_context(row.id)).map_err(damaged)?;
        Ok(unwrapped.file_key)
    }
}

/// Ends uploads that are over; gives how many those are. What was written of them is left as stray: the database of a later
/// day may name it.
pub(crate) async fn end_those_over(core: &Core) -> Result<u64> {
    let mut ended = 0;
    loop {
        let over: Vec<(UploadId,)> = sqlx::query_as("SELECT id FROM uploads WHERE claimed_until < $1 LIMIT $2")
            .bind(core.now())
            .bind(BATCH)
            .fetch_all(core.db.read())
            .await?;
        if over.is_empty() {
            return Ok(ended);
        }
        let over = &over;
        let ending = core.db.transact(|tx| {
            work(async move {
                let mut ended = 0;
                for (upload,) in over {
                    let delete = "DELETE FROM uploads WHERE id = $1 AND claimed_until < $2";
                    let deleted = sqlx::query(delete).bind(*upload).bind(core.now()).execute(&mut **tx).await?;
                    if deleted.rows_affected() == 1 {
                        register::let_stray(tx, *upload, core.now()).await?;
                        ended += 1;
                    }
                }
                Ok(ended)
            })
        });
        ended += ending.await?;
    }
}

/// Ends an upload; with `turn` only if that is whose turn it is.
pub(super) async fn end(tx: &mut Tx, upload: UploadId, turn: Option<BlobId>) -> Result<bool> {
    let ended = sqlx::query("DELETE FROM uploads WHERE id = $1 AND (turn = $2 OR CAST($2 AS TEXT) IS NULL)")
        .bind(upload)
        .bind(turn)
        .execute(&mut **tx)
        .await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends an upload and removes its blobs. One that is gone was exchanged, perhaps by a commit whose answer nobody waited
/// for: then its blob belongs to a document and stays.
async fn release(core: Arc<Core>, upload: UploadId, turn: BlobId) {
    let backend = &core;
    let ending = core.db.transact(|tx| {
        work(async move {
            if end(tx, upload, Some(turn)).await? {
                register::doom_upload(tx, upload, backend.now()).await
            } else {
                Ok(Vec::new())
            }
        })
    });
    match ending.await {
        Ok(left) => core.remove_now(&left).await,
        Err(error) => tracing::warn!(%error, %upload, "an upload that was given up is left to the sweep"),
    }
}

fn key_context(upload: UploadId) -> Context {
    let mut label = [0; digest::SHA256_OUTPUT_LEN];
    label.copy_from_slice(digest::digest(&digest::SHA256, LABEL).as_ref());
    Context::new(upload.uuid().into_bytes()).with_facts(label)
}

/// A claim holds as long as the row of its upload can be changed in its name.
fn still_held(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(claim_lost()) }
}

/// The upload was quiet for too long, somebody swept by another clock, or somebody has taken it over.
pub(super) fn claim_lost() -> Error {
    Problem::new(ErrorCode::Unavailable).retry_after(1).into()
}
