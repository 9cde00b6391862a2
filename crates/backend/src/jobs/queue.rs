//! The rows of jobs: putting them there, claiming them, and what becomes of them.

use std::time::Duration;

use domain::Timestamp;
use sqlx::FromRow;
use tokio::time::sleep;
use uuid::Uuid;

use super::{Job, Kind};
use crate::{
    db::{Database, Engine, Tx},
    error::Result,
};

/// How long a claim holds. Whoever needs longer [extends](extend) it.
pub(crate) const LEASE: Duration = Duration::from_secs(5 * 60);

/// What says that a job is its holder's: as long as the row has this token, nobody else has claimed it since.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    token: String,
}

/// A job that nobody else does meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) claim: Claim,
    payload: String,
    /// How often it has failed.
    pub(crate) attempts: i64,
    /// Since when it is tried.
    pub(crate) since: Timestamp,
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There is nothing left to do.
    Done,
    /// It is done for now, and comes again.
    Recurs {
        /// When.
        at: Timestamp,
    },
    /// It failed, and is tried again.
    Again {
        /// How often it has failed by now.
        attempts: i64,
        /// When.
        at: Timestamp,
        /// Why it failed.
        cause: String,
    },
    /// It stays as a row that nobody claims.
    GivenUp {
        /// How often it has failed by now.
        attempts: i64,
        /// Now.
        at: Timestamp,
        /// Why it failed.
        cause: String,
    },
}

#[derive(FromRow)]
struct Row {
    id: String,
    payload: String,
    attempts: i64,
    created_at: Timestamp,
}

// The job of a kind that is due longest. On PostgreSQL another worker's choice is passed over; on SQLite there is one
// writer at a time.
pub(super) const CLAIM_ON_SQLITE: &str = "UPDATE jobs SET claim = $3, claimed_until = $4 WHERE kind = $1 AND id = \
     (SELECT id FROM jobs WHERE kind = $1 AND dead_at IS NULL AND next_at <= $2 AND claimed_until <= $2 \
     ORDER BY next_at, id LIMIT 1) RETURNING id, payload, attempts, created_at";
const CLAIM_ON_POSTGRES: &str = "UPDATE jobs SET claim = $3, claimed_until = $4 WHERE kind = $1 AND id = \
     (SELECT id FROM jobs WHERE kind = $1 AND dead_at IS NULL AND next_at <= $2 AND claimed_until <= $2 \
     ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, payload, attempts, created_at";
pub(super) const IS_DUE: &str =
    "SELECT id FROM jobs WHERE kind = $1 AND dead_at IS NULL AND next_at <= $2 AND claimed_until <= $2 LIMIT 1";

impl Claimed {
    /// What there is to do.
    ///
    /// # Errors
    /// The row says nothing that this program knows.
    pub(crate) fn job(&self) -> Result<Job> {
        Job::parse(self.claim.kind, &self.payload)
    }
}

/// Puts a job there, due at once, in the transaction that causes it. One that is there already is enough.
pub(crate) async fn enqueue(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO jobs (kind, id, payload, attempts, next_at, claimed_until, created_at) \
         VALUES ($1, $2, $3, 0, $4, 0, $4) ON CONFLICT (kind, id) DO NOTHING",
    )
    .bind(job.kind().as_str())
    .bind(job.id())
    .bind(job.payload()?)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts what recurs there, where it is not yet. A next moment that is further away than it can be is from a clock that
/// was wrong.
pub(crate) async fn schedule(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<()> {
    let latest = now.after(job.kind().period().unwrap_or_default());
    enqueue(tx, job, now).await?;
    sqlx::query("UPDATE jobs SET next_at = $3 WHERE kind = $1 AND id = $2 AND next_at > $4")
        .bind(job.kind().as_str())
        .bind(job.id())
        .bind(now)
        .bind(latest)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes a job back that somebody has done meanwhile. A worker that has just claimed it finds nothing to do.
pub(crate) async fn withdraw(tx: &mut Tx, job: &Job) -> Result<()> {
    sqlx::query("DELETE FROM jobs WHERE kind = $1 AND id = $2")
        .bind(job.kind().as_str())
        .bind(job.id())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Begins a job anew that was given up.
pub(crate) async fn revive(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE jobs SET dead_at = NULL, attempts = 0, next_at = $3, created_at = $3 \
         WHERE kind = $1 AND id = $2 AND dead_at IS NOT NULL",
    )
    .bind(job.kind().as_str())
    .bind(job.id())
    .bind(now)
    .execute(&mut **tx)
    .await?;
    enqueue(tx, job, now).await
}

/// Makes all that waits due now; returns how many jobs that are.
pub(crate) async fn hurry(tx: &mut Tx, kind: Kind, now: Timestamp) -> Result<u64> {
    let waiting = sqlx::query(
        "UPDATE jobs SET next_at = CASE WHEN next_at > $2 THEN $2 ELSE next_at END WHERE kind = $1 AND dead_at IS NULL",
    )
    .bind(kind.as_str())
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(waiting.rows_affected())
}

/// Whether there is something to claim. Looking costs no lock; mostly there is nothing.
pub(crate) async fn is_due(db: &Database, kind: Kind, now: Timestamp) -> Result<bool> {
    let due: Option<(String,)> = sqlx::query_as(IS_DUE).bind(kind.as_str()).bind(now).fetch_optional(db.read()).await?;
    Ok(due.is_some())
}

/// Claims the job of a kind that is due longest, until `now` and [`LEASE`]. No two claims have the same `token`.
pub(crate) async fn claim(
    tx: &mut Tx,
    engine: Engine,
    kind: Kind,
    now: Timestamp,
    token: Uuid,
) -> Result<Option<Claimed>> {
    let statement = match engine {
        Engine::Sqlite => CLAIM_ON_SQLITE,
        Engine::Postgres => CLAIM_ON_POSTGRES,
    };
    let row: Option<Row> = sqlx::query_as(statement)
        .bind(kind.as_str())
        .bind(now)
        .bind(token.to_string())
        .bind(now.after(LEASE))
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| Claimed {
        claim: Claim { kind, id: row.id, token: token.to_string() },
        payload: row.payload,
        attempts: row.attempts,
        since: row.created_at,
    }))
}

/// Holds a claim until `now` and [`LEASE`]; whether it still held.
pub(crate) async fn extend(db: &Database, claim: &Claim, now: Timestamp) -> Result<bool> {
    let extended = db
        .execute(|| {
            sqlx::query("UPDATE jobs SET claimed_until = $4 WHERE kind = $1 AND id = $2 AND claim = $3")
                .bind(claim.kind.as_str())
                .bind(&claim.id)
                .bind(&claim.token)
                .bind(now.after(LEASE))
        })
        .await?;
    Ok(extended > 0)
}

/// Extends a claim every so often, by what time it is then, and ends when it is another worker's.
pub(crate) async fn lost(db: &Database, claim: &Claim, every: Duration, now: impl Fn() -> Timestamp) {
    loop {
        sleep(every).await;
        match extend(db, claim, now()).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(kind = %claim.kind, %error, "a claim could not be extended"),
        }
    }
}

/// Writes down what became of a job and ends the claim; whether it still held. If not, nothing is written: the job is
/// somebody else's.
pub(crate) async fn settle(tx: &mut Tx, claim: &Claim, outcome: &Outcome) -> Result<bool> {
    let Claim { kind, id, token } = claim;
    let (attempts, at, cause) = match outcome {
        Outcome::Done => {
            let deleted = sqlx::query("DELETE FROM jobs WHERE kind = $1 AND id = $2 AND claim = $3")
                .bind(kind.as_str())
                .bind(id)
                .bind(token)
                .execute(&mut **tx)
                .await?;
            return Ok(deleted.rows_affected() > 0);
        }
        Outcome::Recurs { at } => (0, at, None),
        Outcome::Again { attempts, at, cause } | Outcome::GivenUp { attempts, at, cause } => {
            (*attempts, at, Some(cause.as_str()))
        }
    };
    let dead_at = matches!(outcome, Outcome::GivenUp { .. }).then_some(*at);
    let settled = sqlx::query(
        "UPDATE jobs SET attempts = $4, next_at = $5, last_error = $6, dead_at = $7, claim = NULL, claimed_until = 0 \
         WHERE kind = $1 AND id = $2 AND claim = $3",
    )
    .bind(kind.as_str())
    .bind(id)
    .bind(token)
    .bind(attempts)
    .bind(at)
    .bind(cause)
    .bind(dead_at)
    .execute(&mut **tx)
    .await?;
    Ok(settled.rows_affected() > 0)
}
