//! Whether the portal can work: not only read, but write. And the heartbeat, the row by which that is tried, which also
//! carries the time over a restart.

use std::time::Duration;

use domain::{ErrorCode, Problem, Timestamp};
use tokio::{sync::Mutex, time};

use crate::{
    Backend,
    clock::LONGEST_STEP,
    core::Core,
    error::{Error, Result, log_cause_of},
};

/// What the last look found, and when.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<Probe>>);

struct Probe {
    at: Duration,
    found: std::result::Result<(), Problem>,
}

/// How long a look stands for those after it. Anybody may ask, and each look writes.
const FRESH: Duration = Duration::from_secs(1);
/// Whoever asks has an answer after this long.
const PATIENCE: Duration = Duration::from_secs(2);

impl Backend {
    /// Whether the database and the storage can be written.
    ///
    /// # Errors
    /// The first of them that cannot, or does not answer in time. What is wrong is logged once a look.
    pub async fn ready(&self) -> Result<()> {
        let asked = time::timeout(2 * PATIENCE, self.core.probe());
        asked.await.unwrap_or_else(|_| Err(ErrorCode::Unavailable.into()))
    }

    /// Takes up time where any instance of this portal has left it, so that a clock that was set back over a restart
    /// brings nothing to life again.
    ///
    /// # Errors
    /// The database fails.
    pub async fn resume_time(&self) -> Result<()> {
        if let Some(latest) = self.core.last_heartbeat().await? {
            self.core.clock.has_been(latest);
        }
        Ok(())
    }
}

/// Logged here and not where it is answered: what was found is answered with for a while.
fn logged(error: Error) -> Problem {
    let mut problem = error.into_problem();
    log_cause_of(&mut problem);
    problem
}

impl Core {
    async fn probe(&self) -> Result<()> {
        let mut last = self.readiness.0.lock().await;
        let now = self.clock.passed();
        let found = match last.take() {
            Some(probe) if now.saturating_sub(probe.at) < FRESH => probe,
            _ => Probe { at: now, found: self.try_to_write().await.map_err(logged) },
        };
        let answer = found.found.clone();
        *last = Some(found);
        answer.map_err(Error::Refused)
    }

    async fn try_to_write(&self) -> Result<()> {
        let both = async { tokio::try_join!(self.beat(), self.blobs.ping()) };
        match time::timeout(PATIENCE, both).await {
            Ok(tried) => tried.map(|_| ()),
            Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// Writes down that it is now, unless it was later already. What is so much later that it cannot be is not believed.
    pub(crate) async fn beat(&self) -> Result<()> {
        let beat = || {
            sqlx::query(
                "INSERT INTO heartbeats (name, at) VALUES ('portal', $1) ON CONFLICT (name) DO UPDATE SET at = CASE \
                 WHEN heartbeats.at BETWEEN $1 AND $2 THEN heartbeats.at ELSE $1 END",
            )
            .bind(self.now())
            .bind(self.now().after(LONGEST_STEP))
        };
        self.db.execute(beat).await?;
        Ok(())
    }

    async fn last_heartbeat(&self) -> Result<Option<Timestamp>> {
        let at = sqlx::query_scalar("SELECT at FROM heartbeats WHERE name = 'portal'");
        Ok(at.fetch_optional(self.db.read()).await?)
    }
}
