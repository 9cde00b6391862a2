//! Removing the bytes of blobs that are doomed, and after them their rows.

use domain::BlobId;

use super::register;
use crate::{
    core::Core,
    db::work,
    error::Result,
    jobs::{Job, queue},
};

impl Core {
    /// Removes what has been doomed at once, where somebody waits for it to be gone. What cannot be removed now is left to
    /// its job.
    pub(crate) async fn remove_now(&self, doomed: &[BlobId]) {
        for blob in doomed {
            if let Err(error) = self.remove_before_its_job(*blob).await {
                tracing::warn!(%error, %blob, "a blob that nothing names is left for later");
            }
        }
    }

    /// Removes a doomed blob. The row goes last: while it is there, the bytes can be found.
    pub(crate) async fn remove_blob(&self, blob: BlobId) -> Result<()> {
        self.blobs.delete(blob).await?;
        self.db.transact(|tx| work(register::strike_out(tx, blob))).await
    }

    async fn remove_before_its_job(&self, blob: BlobId) -> Result<()> {
        self.blobs.delete(blob).await?;
        let removed = &Job::Purge { blob };
        let striking_out = self.db.transact(|tx| {
            work(async move {
                register::strike_out(tx, blob).await?;
                queue::withdraw(tx, removed).await
            })
        });
        striking_out.await
    }
}
