//! What goes on without anybody asking. The worker of every instance does [jobs](crate::jobs), each kind in a lane of its
//! own, so that none waits for another; several instances share them, and a worker may be stopped at any moment.
//!
//! Three things are no jobs, because they are about this very process: what it holds in memory and has to write down, the
//! moment up to which it has seen time pass, and the master keys that it has read.

use std::time::Duration;

use futures::future::join_all;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time,
};

use crate::{
    Backend,
    db::work,
    error::Result,
    jobs::{Job, Kind, queue},
    storage::Swept,
};

/// One kind of jobs.
struct Lane {
    kind: Kind,
    /// How many are done at the same time.
    at_once: usize,
    /// How long to wait for work when there was none.
    pause: Duration,
}

/// How often master keys are read again, which others may have rotated.
const KEYS_PAUSE: Duration = Duration::from_secs(60);
/// How often it is looked whether what recurs is there.
const SCHEDULE_PAUSE: Duration = Duration::from_secs(15 * 60);
const HEARTBEAT_PAUSE: Duration = Duration::from_secs(60);
/// How long notes may wait before they are written down.
const NOTES_PAUSE: Duration = Duration::from_secs(5);
/// How long to wait after the database has failed.
const FAILURE_PAUSE: Duration = Duration::from_secs(10);
/// How long jobs under way, and endings of downloads, may take at shutdown.
const SETTLE: Duration = Duration::from_secs(5);

impl Backend {
    /// Works until `shutdown` becomes true or its sender is gone, then lets what is under way finish.
    pub async fn run_worker(&self, shutdown: watch::Receiver<bool>) {
        // Before any lane looks for work: what recurs is due at a start, and would wait for the lane's next look.
        until(shutdown.clone(), self.begin_schedule()).await;
        tokio::join!(
            join_all(Kind::ALL.map(|kind| self.keep_working(self.lane(kind), shutdown.clone()))),
            until(shutdown.clone(), self.keep_scheduled()),
            until(shutdown.clone(), self.keep_keys()),
            until(shutdown.clone(), self.keep_time()),
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

    /// Puts the jobs there that recur, where they are missing or further away than they can be.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn schedule(&self) -> Result<()> {
        let core = &self.core;
        for job in &Job::RECURRING {
            core.db.transact(|tx| work(queue::schedule(tx, job, core.now()))).await?;
        }
        Ok(())
    }

    /// Does the jobs of a kind that are due, one after the other; returns how many that were.
    ///
    /// # Errors
    /// The database fails. A job that fails is tried again later.
    pub async fn work_off(&self, kind: Kind) -> Result<u64> {
        let mut count = 0;
        while let Some(taken) = self.take(kind).await? {
            taken.await?;
            count += 1;
        }
        Ok(count)
    }

    /// Removes the doomed blobs that are due; returns how many that were.
    ///
    /// # Errors
    /// Those of [`work_off`](Self::work_off).
    pub async fn purge_due(&self) -> Result<u64> {
        self.work_off(Kind::Purge).await
    }

    /// Ends uploads that are over, enters blobs that no row knows, and has those removed that have been strays for long.
    ///
    /// # Errors
    /// The database or the store fails, or the two do not belong together: then nothing is touched.
    pub async fn sweep(&self) -> Result<Swept> {
        self.core.sweep().await
    }

    /// Writes down what waits in memory: refusals, and the last use of sessions and tokens.
    ///
    /// # Errors
    /// The database fails. What could not be written goes on waiting.
    pub async fn write_notes(&self) -> Result<()> {
        self.core.write_notes().await
    }

    fn lane(&self, kind: Kind) -> Lane {
        let (at_once, pause) = match kind {
            Kind::DeliverMail => (self.core.settings.mail_connections, Duration::from_secs(1)),
            Kind::Purge => (1, Duration::from_secs(5)),
            Kind::Sweep | Kind::Forget | Kind::RewrapKeys => (1, Duration::from_secs(10)),
        };
        Lane { kind, at_once, pause }
    }

    async fn keep_working(&self, lane: Lane, mut shutdown: watch::Receiver<bool>) {
        let mut under_way = JoinSet::new();
        if lane.kind == Kind::DeliverMail {
            until(shutdown.clone(), self.keep_preparing()).await;
        }
        tokio::select! {
            () = self.work_into(&lane, &mut under_way) => {}
            _ = shutdown.wait_for(|stop| *stop) => {}
        }
        // What is being done is better done than done again after the restart.
        let settled = time::timeout(SETTLE, async { while under_way.join_next().await.is_some() {} });
        if settled.await.is_err() {
            tracing::warn!(kind = %lane.kind, jobs = under_way.len(), "jobs under way are done again later");
        }
    }

    async fn work_into(&self, lane: &Lane, under_way: &mut JoinSet<()>) {
        loop {
            while under_way.len() >= lane.at_once {
                note_panic(lane.kind, under_way.join_next().await);
            }
            match self.take(lane.kind).await {
                Ok(Some(taken)) => {
                    let kind = lane.kind;
                    under_way.spawn(async move {
                        if let Err(error) = taken.await {
                            tracing::warn!(%kind, %error, "what became of a job could not be written down");
                        }
                    });
                }
                Ok(None) => {
                    while let Some(ended) = under_way.try_join_next() {
                        note_panic(lane.kind, Some(ended));
                    }
                    if lane.kind == Kind::DeliverMail && under_way.is_empty() {
                        self.core.transport.rest().await;
                    }
                    time::sleep(lane.pause).await;
                }
                Err(error) => pause_after(lane.kind.as_str(), &error).await,
            }
        }
    }

    async fn begin_schedule(&self) {
        while let Err(error) = self.schedule().await {
            pause_after("schedule", &error).await;
        }
    }

    /// What recurs was put off by the clock. Should that have been wrong, it is noticed here.
    async fn keep_scheduled(&self) {
        loop {
            time::sleep(SCHEDULE_PAUSE).await;
            self.begin_schedule().await;
        }
    }

    async fn keep_preparing(&self) {
        while let Err(error) = self.outbox.prepare().await {
            pause_after("prepare", &error).await;
        }
    }

    /// Follows a rotation: the command line, or another instance, may have made a fresh key active.
    async fn keep_keys(&self) {
        loop {
            if let Err(error) = self.core.keys.reread() {
                tracing::warn!(%error, "the master keys could not be read again");
            }
            time::sleep(KEYS_PAUSE).await;
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

    async fn keep_notes(&self) {
        loop {
            match self.write_notes().await {
                Ok(()) => time::sleep(NOTES_PAUSE).await,
                Err(error) => pause_after("notes", &error).await,
            }
        }
    }
}

/// A job that panics stays claimed, and is done again when the claim is over.
fn note_panic(kind: Kind, ended: Option<std::result::Result<(), JoinError>>) {
    if let Some(Err(error)) = ended {
        tracing::error!(%kind, %error, "a job did not end well");
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
