//! Several parts become one blob. The bytes are read, hashed and sealed anew on the way, so what comes out is what one
//! request would have brought.

use domain::{BlobId, Sha256};
use futures::TryStreamExt;
use ring::digest;
use sealed::FileKey;
use sqlx::FromRow;

use super::claim::{Claim, Row};
use crate::{
    core::Core,
    documents::versions::sha256_of,
    error::{Error, Result},
    storage::{Chunks, Holds, Plain, SealedBlob, SealingWriter},
};

/// A part that is whole.
#[derive(FromRow)]
pub(super) struct Part {
    pub(super) id: BlobId,
    #[sqlx(try_from = "i64")]
    first_byte: u64,
    #[sqlx(try_from = "i64")]
    size: u64,
}

/// The whole, sealed in one blob.
pub(super) struct Assembled {
    pub(super) file: SealedBlob,
    pub(super) sha256: Sha256,
}

impl Core {
    /// The parts of an upload, in order.
    pub(super) async fn parts(&self, row: &Row) -> Result<Vec<Part>> {
        let parts = sqlx::query_as(
            "SELECT id, first_byte, size FROM blobs WHERE upload_id = $1 AND holds = 'part' AND size IS NOT NULL \
             ORDER BY first_byte",
        );
        Ok(parts.bind(row.id).fetch_all(self.db.read()).await?)
    }

    /// Makes one blob of `parts`, which `row` says are the whole. The claim was taken just now, for longer than that takes.
    pub(super) async fn assemble(&self, claim: &Claim, row: &Row, parts: Vec<Part>) -> Result<Assembled> {
        let mut part_key = self.upload_key(row)?;
        let key = FileKey::from_bytes(self.random());
        let id = BlobId::new(self.uuid());
        claim.enter_blob(Holds::Version, id).await?;
        let mut whole = SealingWriter::begin(&self.blobs, self.random(), id, &key)?;
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut size = 0;
        for part in parts {
            let sealed = part.sealed(part_key, size)?;
            let plain = Plain::open(self.blobs.clone(), &sealed, 0..sealed.size).await?;
            part_key = sealed.key;
            let mut chunks = Chunks::new(plain, self.buffers.clone());
            while let Some(chunk) = chunks.try_next().await? {
                hash.update(&chunk);
                whole.write(&chunk).await?;
                size += chunk.len() as u64;
            }
        }
        if size != row.length {
            return Err(Error::Damaged(format!("upload {}: its parts have {size} bytes", row.id)));
        }
        whole.complete().await?;
        Ok(Assembled { file: SealedBlob { id, key, size }, sha256: sha256_of(hash) })
    }
}

impl Part {
    /// The part as a blob that opens, if it begins where the one before ended.
    pub(super) fn sealed(&self, key: FileKey, begins: u64) -> Result<SealedBlob> {
        if self.first_byte != begins {
            return Err(Error::Damaged(format!(
                "part {}: it begins at {} and not at {begins}",
                self.id, self.first_byte
            )));
        }
        Ok(SealedBlob { id: self.id, key, size: self.size })
    }
}
