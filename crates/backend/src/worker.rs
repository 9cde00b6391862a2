//! What goes on without anybody asking: mail leaves, the blobs of deleted documents go, orphans are swept,
//! and what is over is forgotten.
//!
//! Every job is a row or can be found again, and doing it twice does no harm. So several instances may run a worker
//! each, and a worker may be stopped at any moment.

use std::time::Duration;

use tokio::{sync::watch, time};

use crate::{Backend, documents::Rewrapped, error::Result, storage::Swept};

/// How long to wait for work when there was none.
const PURGE_PAUSE: Duration = Duration::from_secs(5);
const SWEEP_PAUSE: Duration = Duration::from_secs(15 * 60);
const KEYS_PAUSE: Duration = Duration::from_secs(60);
const HEARTBEAT_PAUSE: Duration = Duration::from_secs(60);
const FORGET_PAUSE: Duration = Duration::from_secs(3600);
/// How long notes may wait before they are written down.
const NOTES_PAUSE: Duration = Duration::from_secs(5);
/// How long to wait after the database or the store has failed.
const FAILURE_PAUSE: Duration = Duration::from_secs(10);
/// How long endings of downloads may take to be written down at shutdown.
const SETTLE: Duration = Duration::from_secs(5);

impl Backend {
    /// Works until `shutdown` becomes true or its sender is gone, then lets what is being written down finish.
    pub async fn run_worker(&self, shutdown: watch::Receiver<bool>) {
        tokio::join!(
            self.outbox.keep_delivering(shutdown.clone()),
            until(shutdown.clone(), self.purge()),
            until(shutdown.clone(), self.keep_swept()),
            until(shutdown.clone(), self.keep_keys()),
            until(shutdown.clone(), self.keep_time()),
            until(shutdown.clone(), self.forget()),
            until(shutdown, self.keep_notes()),
        );
        match time::timeout(SETTLE, self.write_notes()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "some refusals were not written down"),
            Err(_) => tracing::warn!("some refusals were not written down in time"),
        }
        if time::timeout(SETTLE, self.links.settle()).await.is_err() {
            tracing::warn!("something that was to be written down later was not, such as the ends of downloads");
        }
    }

    /// Ends uploads that are over, enters blobs that no row knows, and has those removed that have been strays for long.
    ///
    /// # Errors
    /// The database or the store fails, or the two do not belong together: then nothing is touched.
    pub async fn sweep(&self) -> Result<Swept> {
        self.core.sweep().await
    }

    /// Removes the blobs of deleted documents that are due; returns how many versions it dealt with.
    ///
    /// # Errors
    /// The database fails. A blob that cannot be removed is tried again later.
    pub async fn purge_due(&self) -> Result<u64> {
        let mut count = 0;
        while self.core.purge_next().await? {
            count += 1;
        }
        Ok(count)
    }

    async fn purge(&self) {
        loop {
            match self.purge_due().await {
                Ok(_) => time::sleep(PURGE_PAUSE).await,
                Err(error) => pause_after("purge", &error).await,
            }
        }
    }

    async fn keep_swept(&self) {
        loop {
            match self.sweep().await {
                Ok(swept) => {
                    if swept != Swept::default() {
                        let Swept { uploads, found, doomed, abandoned } = swept;
                        tracing::info!(uploads, found, doomed, abandoned, "swept");
                    }
                    time::sleep(SWEEP_PAUSE).await;
                }
                Err(error) => pause_after("sweep", &error).await,
            }
        }
    }

    /// Follows a rotation: the command line, or another instance, may have made a fresh key active.
    async fn keep_keys(&self) {
        loop {
            match self.documents.rewrap().await {
                Ok(Rewrapped { done: 0, failed: 0 }) => time::sleep(KEYS_PAUSE).await,
                Ok(Rewrapped { done, failed }) => {
                    tracing::info!(done, failed, "keys were wrapped anew");
                    time::sleep(if failed > 0 { FORGET_PAUSE } else { KEYS_PAUSE }).await;
                }
                Err(error) => pause_after("keys", &error).await,
            }
        }
    }

    async fn keep_time(&self) {
        loop {
            match self.core.beat().await {
                Ok(()) => time::sleep(HEARTBEAT_PAUSE).await,
                Err(error) => pause_after("heartbeat", &error).await,
            }
        }
    }

    /// Writes down what waits in memory: refusals, and the last use of sessions and tokens.
    ///
    /// # Errors
    /// The database fails. What could not be written goes on waiting.
    pub async fn write_notes(&self) -> Result<()> {
        self.core.write_notes().await
    }

    async fn keep_notes(&self) {
        loop {
            match self.write_notes().await {
                Ok(()) => time::sleep(NOTES_PAUSE).await,
                Err(error) => pause_after("notes", &error).await,
            }
        }
    }

    async fn forget(&self) {
        loop {
            match self.accounts.forget_expired().await {
                Ok(()) => time::sleep(FORGET_PAUSE).await,
                Err(error) => pause_after("forget", &error).await,
            }
        }
    }
}

/// Runs a loop that never ends by itself until it is told to stop. It is stopped between two steps of a transaction
/// at worst, which then leaves nothing.
async fn until(mut shutdown: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        _ = shutdown.wait_for(|stop| *stop) => {}
    }
}

async fn pause_after(job: &str, error: &crate::Error) {
    tracing::warn!(job, %error, "a job failed and will be tried again");
    time::sleep(FAILURE_PAUSE).await;
}
