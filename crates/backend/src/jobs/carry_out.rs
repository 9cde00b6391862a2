//! Doing a job that was claimed.

use std::{sync::Arc, time::Duration};

use futures::future::{BoxFuture, FutureExt};

use super::{
    Job, Kind,
    queue::{self, Claimed, LEASE, Outcome},
};
use crate::{
    Backend,
    core::Core,
    db::work,
    documents::Rewrapped,
    error::{Error, Result},
    storage::Swept,
};

/// Doing a claimed job, up to where it is written down what became of it. Fails when that cannot be written down; then
/// the job is done again once the claim is over.
pub(crate) type Taken = BoxFuture<'static, Result<()>>;

/// How often a claim is extended while its job goes on: if the database fails once, there is time for another try.
const EXTENDING: Duration = Duration::from_secs(LEASE.as_secs() / 3);
/// The wait after a blob could not be removed; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The same for what recurs; it is never longer than the job's period.
const FIRST_WAIT_OF_RECURRING: Duration = Duration::from_secs(10);
/// The longest wait between attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// How long keys are left alone some of which cannot be wrapped anew: each is read from end to end to find out.
const STUCK_KEYS_PAUSE: Duration = Duration::from_secs(3600);

impl Backend {
    /// Claims the job of a kind that is due longest, if one is.
    pub(crate) async fn take(&self, kind: Kind) -> Result<Option<Taken>> {
        if kind == Kind::DeliverMail {
            let claimed = self.core.claim_mail().await?;
            let core = Arc::clone(&self.core);
            return Ok(claimed.map(|mail| async move { core.deliver(mail).await.map(drop) }.boxed()));
        }
        let claimed = self.core.claim_job(kind).await?;
        let backend = self.clone();
        Ok(claimed.map(|claimed| async move { backend.carry_out(claimed).await }.boxed()))
    }

    async fn carry_out(&self, claimed: Claimed) -> Result<()> {
        let Claimed { claim, attempts, .. } = &claimed;
        let done = tokio::select! {
            done = self.work(&claimed) => done,
            () = queue::lost(&self.core.db, claim, EXTENDING, || self.core.now()) => {
                tracing::warn!(kind = %claim.kind, id = %claim.id, "a job went on for so long that another worker has it");
                return Ok(());
            }
        };
        let now = self.core.now();
        let outcome = match done {
            Ok(None) => Outcome::Done,
            Ok(Some(pause)) => Outcome::Recurs { at: now.after(pause) },
            Err(error) => {
                tracing::warn!(kind = %claim.kind, id = %claim.id, %error, "a job failed");
                let (attempts, cause) = (attempts + 1, error.to_string());
                match claimed.job() {
                    Ok(_) => Outcome::Again { attempts, at: now.after(wait(claim.kind, attempts)), cause },
                    Err(_) => Outcome::GivenUp { attempts, at: now, cause },
                }
            }
        };
        let outcome = &outcome;
        if !self.core.db.transact(|tx| work(queue::settle(tx, claim, outcome))).await? {
            tracing::warn!(kind = %claim.kind, id = %claim.id, "a job that was done is another worker's by now");
        }
        Ok(())
    }

    /// Does it; returns in how long it is due again, if it recurs.
    async fn work(&self, claimed: &Claimed) -> Result<Option<Duration>> {
        let job = claimed.job()?;
        let mut pause = job.kind().period();
        match job {
            Job::DeliverMail { .. } => return Err(Error::Damaged("a mail is claimed with its relay".to_owned())),
            Job::Purge { blob } => self.core.remove_blob(blob).await?,
            Job::Sweep => {
                let swept = self.core.sweep().await?;
                if swept != Swept::default() {
                    let Swept { uploads, found, doomed, abandoned } = swept;
                    tracing::info!(uploads, found, doomed, abandoned, "swept");
                }
            }
            Job::Forget => {
                self.accounts.forget_expired().await?;
                self.core.forget_deliveries().await?;
            }
            Job::RewrapKeys => {
                let Rewrapped { done, failed } = self.documents.rewrap().await?;
                if (done, failed) != (0, 0) {
                    tracing::info!(done, failed, "keys were wrapped anew");
                }
                if failed > 0 {
                    pause = Some(STUCK_KEYS_PAUSE);
                }
            }
        }
        Ok(pause)
    }
}

impl Core {
    async fn claim_job(&self, kind: Kind) -> Result<Option<Claimed>> {
        if !queue::is_due(&self.db, kind, self.now()).await? {
            return Ok(None);
        }
        let token = self.uuid();
        self.db.transact(|tx| work(queue::claim(tx, self.db.engine(), kind, self.now(), token))).await
    }
}

/// The wait after a job of this kind has failed so often.
fn wait(kind: Kind, attempts: i64) -> Duration {
    match kind.period() {
        Some(period) => doubled(FIRST_WAIT_OF_RECURRING, attempts, period),
        None => doubled(FIRST_WAIT, attempts, LONGEST_WAIT),
    }
}

/// `first`, doubled with every time after the first, up to `longest`.
pub(crate) fn doubled(first: Duration, times: i64, longest: Duration) -> Duration {
    let doublings = u32::try_from((times - 1).clamp(0, 16)).unwrap_or(16);
    first.saturating_mul(1 << doublings).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_tried_more_and_more_seldom() {
        let waits = |kind| [1, 2, 3, 9, 99].map(|times| wait(kind, times).as_secs());
        assert_eq!(waits(Kind::Purge), [1, 2, 4, 256, 3600]);
        assert_eq!(waits(Kind::RewrapKeys), [10, 20, 40, 60, 60]);
        assert_eq!(waits(Kind::Sweep), [10, 20, 40, 900, 900]);
    }
}
