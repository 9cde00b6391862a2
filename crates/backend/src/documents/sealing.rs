//! Sealing as bytes come, straight into a blob.

use domain::VersionId;
use sealed::{Context, FileKey, Sealer};

use super::sealing_failed;
use crate::{core::Core, error::Result, storage::BlobWriter};

/// A blob in the making. Dropped, it is none.
pub(super) struct SealingWriter {
    sealer: Sealer,
    blob: BlobWriter,
}

impl SealingWriter {
    /// Most bytes to write at once, so that one large write takes no more memory than many small ones.
    pub(super) const STEP: usize = 64 * 1024;

    /// Begins the blob of a version that has been claimed.
    pub(super) async fn begin(core: &Core, version: VersionId, file_key: &FileKey) -> Result<Self> {
        let context = Context::new(version.uuid().into_bytes());
        let sealer = Sealer::new(file_key, core.random(), context).map_err(sealing_failed)?;
        let mut blob = core.blobs.write(version).await?;
        blob.buffer().extend_from_slice(&sealer.header());
        Ok(Self { sealer, blob })
    }

    /// Takes the next bytes.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.sealer.seal(bytes, self.blob.buffer()).map_err(sealing_failed)?;
        self.blob.push().await
    }

    /// Makes the blob appear, durably and whole; gives the length of its plaintext.
    pub(super) async fn complete(mut self) -> Result<u64> {
        let summary = self.sealer.finish(self.blob.buffer()).map_err(sealing_failed)?;
        self.blob.complete().await?;
        Ok(summary.plain_len)
    }

    /// Gives the blob up.
    pub(super) async fn abort(self) {
        self.blob.abort().await;
    }
}
