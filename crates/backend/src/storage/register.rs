//! The register of blobs: a row for each, as steps of a transaction. A blob is in one of four states:
//!
//! - `claimed` by an upload, before a byte of it is written and as long as the upload lasts,
//! - `kept` while something names it,
//! - `doomed` when nothing does: its bytes go, and after them its row,
//! - `stray` when by this database nothing names it. It was found in the store, or was left by an upload that nobody
//!   finished; the database of another day may name it, so it is doomed only after a time.
//!
//! Whoever names a blob keeps it, and dooms it with the same commit by which it is no longer named. So the sweep asks
//! this table alone, and a new kind of blob is a word of [`Holds`] and a column where it is named.

use domain::{BlobId, DocumentId, Timestamp, UploadId};
use sealed::Opener;
use sqlx::{Any, FromRow, any::AnyArguments, query::QueryAs};

use crate::{
    db::{Tx, sql_len},
    error::{Error, Result},
    jobs::{Job, queue},
};

/// What a blob holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// The bytes of a version.
    Version,
    /// What one request brought of an upload.
    Part,
    /// A copy of an upload without what was to be removed, while it is collected.
    Copy,
    /// Nobody knows: it lay in the store, and no row named it.
    Unknown,
}

impl Holds {
    /// For the column.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Part => "part",
            Self::Copy => "copy",
            Self::Unknown => "unknown",
        }
    }
}

/// A blob for an upload, about to be written.
#[derive(Clone, Copy)]
pub(crate) struct Claimed {
    pub(crate) blob: BlobId,
    pub(crate) holds: Holds,
    pub(crate) upload: UploadId,
    /// Where it begins in its upload; 0 for what is no part.
    pub(crate) first_byte: u64,
}

impl Claimed {
    /// Claims it.
    pub(crate) async fn insert(self, tx: &mut Tx, at: Timestamp) -> Result<()> {
        sqlx::query(
            "INSERT INTO blobs (id, holds, state, upload_id, first_byte, since) VALUES ($1, $2, 'claimed', $3, $4, $5)",
        )
        .bind(self.blob)
        .bind(self.holds.as_str())
        .bind(self.upload)
        .bind(sql_len(self.first_byte))
        .bind(at)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// Writes down how long a claimed blob has become.
pub(crate) async fn measure(tx: &mut Tx, blob: BlobId, size: u64) -> Result<()> {
    sqlx::query("UPDATE blobs SET size = $2, sealed_size = $3 WHERE id = $1 AND state = 'claimed'")
        .bind(blob)
        .bind(sql_len(size))
        .bind(sealed_len(size)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Keeps a blob that was claimed; false when it is not claimed any more. Its upload has to end in the same transaction.
pub(crate) async fn keep(tx: &mut Tx, blob: BlobId, holds: Holds, size: u64, at: Timestamp) -> Result<bool> {
    let kept = sqlx::query(
        "UPDATE blobs SET holds = $2, state = 'kept', upload_id = NULL, first_byte = NULL, size = $3, sealed_size = $4, \
         since = $5 WHERE id = $1 AND state = 'claimed'",
    )
    .bind(blob)
    .bind(holds.as_str())
    .bind(sql_len(size))
    .bind(sealed_len(size)?)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Dooms what an upload has left; gives which blobs those are.
pub(crate) async fn doom_upload(tx: &mut Tx, upload: UploadId, at: Timestamp) -> Result<Vec<BlobId>> {
    let doomed = "UPDATE blobs SET state = 'doomed', upload_id = NULL, since = $2 WHERE upload_id = $1 RETURNING id";
    doom(tx, sqlx::query_as(doomed).bind(upload).bind(at), at).await
}

/// Dooms one blob of an upload that goes on.
pub(crate) async fn doom_claimed(tx: &mut Tx, blob: BlobId, at: Timestamp) -> Result<Vec<BlobId>> {
    let doomed = "UPDATE blobs SET state = 'doomed', upload_id = NULL, since = $2 WHERE id = $1 AND state = 'claimed' \
                  RETURNING id";
    doom(tx, sqlx::query_as(doomed).bind(blob).bind(at), at).await
}

/// Dooms the blobs of an upload that somebody has begun and will not end.
pub(crate) async fn doom_unfinished(tx: &mut Tx, upload: UploadId, at: Timestamp) -> Result<()> {
    let doomed = "UPDATE blobs SET state = 'doomed', upload_id = NULL, since = $2 WHERE upload_id = $1 AND size IS NULL \
                  RETURNING id";
    doom(tx, sqlx::query_as(doomed).bind(upload).bind(at), at).await.map(drop)
}

/// Dooms the blobs of every version of a document.
pub(crate) async fn doom_document(tx: &mut Tx, document: DocumentId, at: Timestamp) -> Result<()> {
    let doomed = "UPDATE blobs SET state = 'doomed', since = $2 WHERE state = 'kept' AND id IN \
                  (SELECT blob_id FROM document_versions WHERE document_id = $1) RETURNING id";
    doom(tx, sqlx::query_as(doomed).bind(document).bind(at), at).await.map(drop)
}

/// Dooms what nobody has missed since `before`; gives how many blobs those are.
pub(super) async fn doom_strays(tx: &mut Tx, before: Timestamp, at: Timestamp) -> Result<u64> {
    let doomed = "UPDATE blobs SET state = 'doomed', since = $2 WHERE state = 'stray' AND since <= $1 RETURNING id";
    doom(tx, sqlx::query_as(doomed).bind(before).bind(at), at).await.map(|doomed| doomed.len() as u64)
}

/// What an upload has left that is over is no longer claimed. It may be named by the database of a later day, so it is not
/// doomed yet.
pub(crate) async fn let_stray(tx: &mut Tx, upload: UploadId, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE blobs SET state = 'stray', upload_id = NULL, since = $2 WHERE upload_id = $1")
        .bind(upload)
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Enters a blob that was found in the store; false when it is entered already.
pub(super) async fn enter_stray(tx: &mut Tx, blob: BlobId, at: Timestamp) -> Result<bool> {
    let entered = sqlx::query(
        "INSERT INTO blobs (id, holds, state, since) VALUES ($1, $2, 'stray', $3) ON CONFLICT (id) DO NOTHING",
    )
    .bind(blob)
    .bind(Holds::Unknown.as_str())
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(entered.rows_affected() == 1)
}

/// Strikes out a doomed blob whose bytes are gone.
pub(super) async fn strike_out(tx: &mut Tx, blob: BlobId) -> Result<()> {
    sqlx::query("DELETE FROM blobs WHERE id = $1 AND state = 'doomed'").bind(blob).execute(&mut **tx).await?;
    Ok(())
}

/// A blob whose removal is to be seen to.
#[derive(FromRow)]
struct Doomed {
    id: BlobId,
}

/// Runs what dooms blobs, and has them removed; gives which those are.
async fn doom(tx: &mut Tx, dooming: QueryAs<'_, Any, Doomed, AnyArguments>, at: Timestamp) -> Result<Vec<BlobId>> {
    let doomed: Vec<_> = dooming.fetch_all(&mut **tx).await?.into_iter().map(|Doomed { id }| id).collect();
    for blob in &doomed {
        queue::enqueue(tx, &Job::Purge { blob: *blob }, at).await?;
    }
    Ok(doomed)
}

fn sealed_len(size: u64) -> Result<i64> {
    Opener::sealed_len(size).map(sql_len).map_err(|error| Error::Damaged(format!("a blob of {size} bytes: {error}")))
}
