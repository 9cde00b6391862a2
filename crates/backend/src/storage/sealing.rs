//! Sealing as bytes come, straight into a blob.

use domain::BlobId;
use sealed::{Context, FileKey, SALT_LEN, SealError, Sealer};

use super::{Blobs, writer::BlobWriter};
use crate::error::{Error, Result};

/// A blob in the making. Dropped, it is none.
pub(crate) struct SealingWriter {
    sealer: Sealer,
    blob: BlobWriter,
}

impl SealingWriter {
    /// Most bytes to write at once, so that one large write takes no more memory than many small ones.
    pub(crate) const STEP: usize = 64 * 1024;

    /// Begins a blob that has been claimed. The salt is fresh.
    pub(crate) fn begin(blobs: &Blobs, salt: [u8; SALT_LEN], blob: BlobId, file_key: &FileKey) -> Result<Self> {
        let sealer = Sealer::new(file_key, salt, Context::new(blob.uuid().into_bytes())).map_err(failed)?;
        let mut blob = blobs.write(blob);
        blob.buffer().extend_from_slice(&sealer.header());
        Ok(Self { sealer, blob })
    }

    /// Takes the next bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.sealer.seal(bytes, self.blob.buffer()).map_err(failed)?;
        self.blob.push().await
    }

    /// Makes the blob appear, durably and whole; gives the length of its plaintext.
    pub(crate) async fn complete(mut self) -> Result<u64> {
        let summary = self.sealer.finish(self.blob.buffer()).map_err(failed)?;
        self.blob.push().await?;
        self.blob.complete().await?;
        Ok(summary.plain_len)
    }

    /// Gives the blob up.
    pub(crate) async fn abort(self) {
        self.blob.abort().await;
    }
}

fn failed(error: SealError) -> Error {
    Error::Damaged(format!("sealing: {error}"))
}
