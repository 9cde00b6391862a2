//! What one request adds to a lasting upload.

use bytes::Bytes;
use domain::{BlobId, ErrorCode};
use ring::digest;
use sealed::FileKey;

use super::claim::Claim;
use crate::{documents::versions::sha256_of, error::Result, storage::SealingWriter};

/// Bytes on their way into a lasting upload. They are the upload's once they are [`kept`](Self::keep), and now and then
/// before, so that a process that dies has not lost more than one part. Dropped, what was not kept is lost.
pub struct Addition {
    claim: Claim,
    file_key: FileKey,
    /// Bytes that the file has in all.
    length: u64,
    /// Bytes before the part that is being written.
    kept: u64,
    part: SealingWriter,
    written: u64,
    /// Of the whole, when a single part may bring it.
    hash: Option<digest::Context>,
}

/// A part that has become so long is kept, and another begun.
const PART: u64 = 16 << 20;

impl Addition {
    pub(super) fn begin(claim: Claim, file_key: FileKey, kept: u64, length: u64) -> Result<Self> {
        let part = SealingWriter::begin(&claim.core.blobs, claim.core.random(), claim.turn, &file_key)?;
        let hash = (kept == 0).then(|| digest::Context::new(&digest::SHA256));
        Ok(Self { claim, file_key, length, kept, part, written: 0, hash })
    }

    /// Takes bytes as they arrive, and gives itself back for more.
    ///
    /// # Errors
    /// [`ErrorCode::LengthMismatch`] for more than the file has in all; somebody else has taken the upload over, or it is
    /// over; the database or the store fails. Each is the end of this addition: what had been kept stays.
    pub async fn write(mut self, bytes: Bytes) -> Result<Self> {
        if bytes.len() as u64 > self.length - self.kept - self.written {
            return Err(ErrorCode::LengthMismatch.into());
        }
        for step in bytes.chunks(SealingWriter::STEP) {
            if let Some(hash) = &mut self.hash {
                hash.update(step);
            }
            self.part.write(step).await?;
            self.written += step.len() as u64;
            if self.written >= PART {
                self.turn().await?;
            }
        }
        self.claim.extend().await?;
        Ok(self)
    }

    /// Adds what was written to the upload; gives how many bytes it has now.
    ///
    /// # Errors
    /// Those of [`write`](Self::write).
    pub async fn keep(self) -> Result<u64> {
        let Self { claim, length, kept, part, written, hash, .. } = self;
        if written == 0 {
            part.abort().await;
            return Ok(kept);
        }
        part.complete().await?;
        let sha256 = hash.filter(|_| written == length).map(sha256_of);
        claim.add(written, sha256).await?;
        Ok(kept + written)
    }

    /// Keeps the part and begins another.
    async fn turn(&mut self) -> Result<()> {
        let core = self.claim.core.clone();
        let next = BlobId::new(core.uuid());
        let part =
            std::mem::replace(&mut self.part, SealingWriter::begin(&core.blobs, core.random(), next, &self.file_key)?);
        part.complete().await?;
        self.claim.add(self.written, None).await?;
        self.kept += std::mem::take(&mut self.written);
        self.hash = None;
        self.claim.write_on(next, self.kept).await
    }
}
