//! A version as it lies in row and blob, and whether the two agree.

use domain::{BlobId, DocumentId, Sha256, VersionId};
use futures::TryStreamExt;
use ring::digest;
use sealed::Opener;
use sqlx::{FromRow, Row as _, any::AnyRow};

use super::key::{Facts, sha256_of};
use crate::{
    core::Core,
    error::{Error, Result},
    storage::{Chunks, Plain, RowKey, SealedBlob},
};

/// The columns that say where the bytes of a version are and what they are.
#[derive(FromRow)]
pub(super) struct Stored {
    pub(super) id: VersionId,
    document_id: DocumentId,
    #[sqlx(try_from = "i64")]
    size: u64,
    sha256: Sha256,
    #[sqlx(flatten)]
    pub(super) key: RowKey,
    pub(super) blob_id: BlobId,
}

/// A row of many, read as far as it can be: what is wrong with one keeps nobody from the others.
pub(super) struct Found {
    pub(super) id: VersionId,
    stored: Result<Stored>,
}

impl<'r> FromRow<'r, AnyRow> for Found {
    fn from_row(row: &'r AnyRow) -> sqlx::Result<Self> {
        Ok(Self { id: row.try_get("id")?, stored: Stored::from_row(row).map_err(Error::from) })
    }
}

impl Found {
    /// What the row says.
    ///
    /// # Errors
    /// [`Error::Damaged`]: one of its columns is not what it has to be.
    pub(super) fn stored(&self) -> Result<&Stored> {
        self.stored.as_ref().map_err(|error| Error::Damaged(format!("version {}: {error}", self.id)))
    }
}

impl Stored {
    /// What to select, from `document_versions v`.
    pub(super) const COLUMNS: &str = "v.id, v.document_id, v.size, v.sha256, v.key_id, v.wrapped_key, v.blob_id";

    pub(super) fn facts(&self) -> Facts {
        Facts { version: self.id, document: self.document_id, size: self.size, sha256: self.sha256 }
    }
}

impl Core {
    /// Whether the blob is there and as long as it has to be, and the row yields a key.
    pub(super) async fn check_presence(&self, stored: &Stored) -> Result<SealedBlob> {
        let facts = stored.facts();
        let len = self.blobs.size(stored.blob_id).await?.ok_or_else(|| facts.damaged(&"its blob is missing"))?;
        let whole = Opener::sealed_len(facts.size).map_err(|error| facts.damaged(&error))?;
        if len != whole {
            return Err(facts.damaged(&format!("its blob has {len} bytes instead of {whole}")));
        }
        let key = self.unwrap_key(facts, &stored.key)?.file_key;
        Ok(SealedBlob { id: stored.blob_id, key, size: facts.size })
    }

    /// Whether the decrypted bytes are those of the hash in the row.
    pub(super) async fn check_hash(&self, facts: Facts, blob: &SealedBlob) -> Result<()> {
        match self.hash_of(blob).await {
            Ok(found) if found == facts.sha256 => Ok(()),
            Ok(found) => Err(facts.damaged(&format!("its bytes hash to {found}"))),
            Err(Error::Damaged(what)) => Err(facts.damaged(&what)),
            Err(error) => Err(error),
        }
    }

    async fn hash_of(&self, blob: &SealedBlob) -> Result<Sha256> {
        let plain = Plain::open(self.blobs.clone(), blob, 0..blob.size).await?;
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut chunks = Chunks::new(plain, self.buffers.clone());
        while let Some(chunk) = chunks.try_next().await? {
            hash.update(&chunk);
        }
        Ok(sha256_of(hash))
    }
}
