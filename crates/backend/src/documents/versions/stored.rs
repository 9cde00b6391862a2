//! A version as it lies in row and blob, and whether the two agree.

use domain::{BlobId, DocumentId, VersionId};
use futures::TryStreamExt;
use ring::digest;
use sealed::Opener;
use sqlx::FromRow;

use super::key::{Facts, hex};
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
    size: i64,
    sha256: String,
    #[sqlx(flatten)]
    pub(super) key: RowKey,
    pub(super) blob_id: BlobId,
}

impl Stored {
    /// What to select, from `document_versions v`.
    pub(super) const COLUMNS: &str = "v.id, v.document_id, v.size, v.sha256, v.key_id, v.wrapped_key, v.blob_id";

    pub(super) fn facts(&self) -> Result<Facts<'_>> {
        let damaged = |what: &str| Error::Damaged(format!("version {}: {what}", self.id));
        Ok(Facts {
            version: self.id,
            document: self.document_id,
            size: u64::try_from(self.size).map_err(|_| damaged("its size"))?,
            sha256: &self.sha256,
        })
    }
}

impl Core {
    /// Whether the blob is there and as long as it has to be, and the row yields a key.
    pub(super) async fn check_presence(&self, stored: &Stored) -> Result<SealedBlob> {
        let facts = stored.facts()?;
        let len = self.blobs.size(stored.blob_id).await?.ok_or_else(|| facts.damaged(&"its blob is missing"))?;
        let whole = Opener::sealed_len(facts.size).map_err(|error| facts.damaged(&error))?;
        if len != whole {
            return Err(facts.damaged(&format!("its blob has {len} bytes instead of {whole}")));
        }
        let key = self.unwrap_key(facts, &stored.key)?.file_key;
        Ok(SealedBlob { id: stored.blob_id, key, size: facts.size })
    }

    /// Whether the decrypted bytes are those of the hash in the row.
    pub(super) async fn check_hash(&self, facts: Facts<'_>, blob: &SealedBlob) -> Result<()> {
        match self.hash_of(blob).await {
            Ok(found) if found == facts.sha256 => Ok(()),
            Ok(found) => Err(facts.damaged(&format!("its bytes hash to {found}"))),
            Err(Error::Damaged(what)) => Err(facts.damaged(&what)),
            Err(error) => Err(error),
        }
    }

    async fn hash_of(&self, blob: &SealedBlob) -> Result<String> {
        let plain = Plain::open(self.blobs.clone(), blob, 0..blob.size).await?;
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut chunks = Chunks::new(plain, self.buffers.clone());
        while let Some(chunk) = chunks.try_next().await? {
            hash.update(&chunk);
        }
        Ok(hex(hash.finish().as_ref()))
    }
}
