//! Slowing down whoever guesses. Counts live in the database: they survive restarts and hold for
//! every instance.
//!
//! An attempt is counted *before* it is carried out and taken back when it succeeds, so that many
//! attempts at once cannot slip through between the look and the count. An attempt that comes too
//! early is refused without being counted, and without writing anything: hammering on a closed door
//! neither keeps it closed nor keeps the database busy.
//!
//! Rows are locked in the order of their keys, after the row of the account or the sign-up where a transaction has both.

use std::time::Duration;

use domain::{ErrorCode, Problem, Timestamp};

use crate::{
    core::Core,
    db::{Sql, Tx, work},
    error::Result,
};

/// How a kind of attempt is slowed down.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Prefix of its keys.
    name: &'static str,
    /// Failures that cost nothing.
    free: u32,
    /// The wait after the first one beyond; it doubles from there.
    first_wait: Duration,
    /// The longest wait.
    longest_wait: Duration,
    /// Failures older than this are forgotten.
    memory: Duration,
}

/// One count: of one kind of attempt, of one account, recipient or network.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    key: String,
    rule: &'static Rule,
}

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// No rule remembers longer.
pub(crate) const LONGEST_MEMORY: Duration = DAY;

/// Tries at the password of one account: those of strangers together, those of each known device and network apart.
pub(crate) static SIGN_IN_ACCOUNT: Rule = Rule {
    name: "sign-in-account",
    free: 5,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(15 * 60),
    memory: DAY,
};

/// Tries from one network, whatever the account. Known devices are not held to it.
pub(crate) static SIGN_IN_ADDRESS: Rule = Rule {
    name: "sign-in-address",
    free: 50,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(5 * 60),
    memory: HOUR,
};

/// Sign-ups and other requests for mail from one network.
pub(crate) static MAIL_ADDRESS: Rule = Rule {
    name: "mail-address",
    free: 100,
    first_wait: Duration::from_secs(10),
    longest_wait: Duration::from_secs(10 * 60),
    memory: HOUR,
};

/// Mails to one recipient that are asked for in one network. The recipient's own network has a count of its own,
/// which strangers elsewhere cannot fill.
pub(crate) static MAIL_RECIPIENT_FROM: Rule =
    Rule { name: "mail-recipient-from", free: 5, first_wait: Duration::from_secs(60), longest_wait: HOUR, memory: DAY };

/// Mails to one recipient that strangers cause from everywhere together: what keeps a mailbox from being flooded.
pub(crate) static MAIL_RECIPIENT: Rule =
    Rule { name: "mail-recipient", free: 15, first_wait: Duration::from_secs(60), longest_wait: HOUR, memory: DAY };

/// Reset mails to one recipient that are asked for in one network. Counted apart from other mail, so that nothing
/// else stands in the way of a reset.
pub(crate) static RESET_RECIPIENT_FROM: Rule = Rule {
    name: "reset-recipient-from",
    free: 5,
    first_wait: Duration::from_secs(60),
    longest_wait: Duration::from_secs(10 * 60),
    memory: HOUR,
};

/// Reset mails to one recipient from everywhere together.
pub(crate) static RESET_RECIPIENT: Rule = Rule {
    name: "reset-recipient",
    free: 15,
    first_wait: Duration::from_secs(60),
    longest_wait: Duration::from_secs(10 * 60),
    memory: HOUR,
};

impl Rule {
    /// The count of one account, recipient or network.
    pub(crate) fn count(&'static self, of: &str) -> Count {
        Count { key: format!("{}:{of}", self.name), rule: self }
    }

    /// The wait that follows so many failures.
    fn wait(&self, failures: u32) -> Duration {
        match failures.checked_sub(self.free) {
            None | Some(0) => Duration::ZERO,
            Some(beyond) => self.first_wait.saturating_mul(1 << (beyond - 1).min(20)).min(self.longest_wait),
        }
    }
}

/// A row of `throttles`.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(crate) struct Failures {
    failures: i64,
    last_failure_at: Timestamp,
    open_at: Timestamp,
}

impl Failures {
    /// How long the door stays closed. A failure in the future was written before the clock was set back; nobody
    /// waits for that moment to come again.
    fn closed_for(self, now: Timestamp) -> Duration {
        if self.last_failure_at > now {
            return Duration::ZERO;
        }
        self.open_at.since(now)
    }

    /// With one failure more.
    fn and_one(self, rule: &Rule, now: Timestamp) -> Self {
        let forgotten = self.last_failure_at < now.before(rule.memory);
        let failures = if forgotten { 1 } else { self.failures + 1 };
        let wait = rule.wait(u32::try_from(failures).unwrap_or(u32::MAX));
        Self { failures, last_failure_at: now, open_at: now.after(wait) }
    }
}

impl Core {
    /// Counts an attempt in a transaction of its own. A closed door is seen without one.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyAttempts`] with the seconds to wait; nothing is counted then.
    pub(crate) async fn attempt(&self, counts: &[Count]) -> Result<()> {
        self.refuse_early(counts).await?;
        self.db
            .transact(|tx| {
                work(async move {
                    self.attempt_in(tx, counts).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Refuses an attempt that comes too early, by a look alone.
    pub(crate) async fn refuse_early(&self, counts: &[Count]) -> Result<()> {
        let rows: Vec<Failures> = failures_of(counts).query_as().fetch_all(self.db.read()).await?;
        refuse_closed(&rows, self.now())
    }

    /// Counts an attempt under each of `counts`, or under none of them.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyAttempts`] with the seconds to wait; nothing is counted then.
    pub(crate) async fn attempt_in(&self, tx: &mut Tx, counts: &[Count]) -> Result<()> {
        let now = self.now();
        let counts = in_order(counts);
        let mut rows = Vec::with_capacity(counts.len());
        for count in &counts {
            rows.push(self.lock_count(tx, count).await?);
        }
        refuse_closed(&rows, now)?;
        for (count, row) in counts.iter().zip(rows) {
            let row = row.and_one(count.rule, now);
            sqlx::query("UPDATE throttles SET failures = $2, last_failure_at = $3, open_at = $4 WHERE key = $1")
                .bind(&count.key)
                .bind(row.failures)
                .bind(row.last_failure_at)
                .bind(row.open_at)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// Locks the row of a count until the transaction ends; there is one afterwards, if there was none before.
    pub(crate) async fn lock_count(&self, tx: &mut Tx, count: &Count) -> Result<Failures> {
        // The no-op update takes the row's lock on PostgreSQL; on SQLite the transaction has it already.
        let row = sqlx::query_as(
            "INSERT INTO throttles (key, failures, last_failure_at, open_at) VALUES ($1, 0, $2, 0) \
             ON CONFLICT (key) DO UPDATE SET failures = throttles.failures \
             RETURNING failures, last_failure_at, open_at",
        )
        .bind(&count.key)
        .bind(self.now());
        Ok(row.fetch_one(&mut **tx).await?)
    }

    /// Takes one counted attempt back: it turned out to be rightful, or was never carried out.
    pub(crate) async fn take_back(&self, counts: &[Count]) -> Result<()> {
        self.db
            .transact(|tx| {
                work(async move {
                    self.take_back_in(tx, counts).await?;
                    Ok(())
                })
            })
            .await
    }

    /// See [`Self::take_back`].
    pub(crate) async fn take_back_in(&self, tx: &mut Tx, counts: &[Count]) -> Result<()> {
        let counts = in_order(counts);
        for count in counts {
            sqlx::query("UPDATE throttles SET failures = failures - 1, open_at = 0 WHERE key = $1 AND failures > 0")
                .bind(&count.key)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// Forgets every failure.
    pub(crate) async fn forget_failures(&self, tx: &mut Tx, count: &Count) -> Result<()> {
        sqlx::query("DELETE FROM throttles WHERE key = $1").bind(&count.key).execute(&mut **tx).await?;
        Ok(())
    }
}

/// The query of what was counted so far.
pub(crate) fn failures_of(counts: &[Count]) -> Sql {
    let mut sql = Sql::new("SELECT failures, last_failure_at, open_at FROM throttles WHERE key IN (");
    sql.bind_all(counts.iter().map(|count| &count.key)).push(")");
    sql
}

/// In the order in which rows are locked.
fn in_order(counts: &[Count]) -> Vec<&Count> {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by(|one, other| one.key.cmp(&other.key));
    counts
}

fn refuse_closed(rows: &[Failures], now: Timestamp) -> Result<()> {
    let wait = rows.iter().map(|row| row.closed_for(now)).max().unwrap_or_default();
    if wait.is_zero() {
        return Ok(());
    }
    let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
    Err(Problem::new(ErrorCode::TooManyAttempts).retry_after(seconds).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_one_second_up_to_a_bound() {
        let waits: Vec<u64> = (0..9).map(|n| SIGN_IN_ACCOUNT.wait(n).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 1, 2, 4]);
        assert_eq!(SIGN_IN_ACCOUNT.wait(u32::MAX), SIGN_IN_ACCOUNT.longest_wait);
    }

    #[test]
    fn no_rule_remembers_longer_than_its_rows_are_kept() {
        for rule in [
            &SIGN_IN_ACCOUNT,
            &SIGN_IN_ADDRESS,
            &MAIL_ADDRESS,
            &MAIL_RECIPIENT,
            &MAIL_RECIPIENT_FROM,
            &RESET_RECIPIENT,
            &RESET_RECIPIENT_FROM,
        ] {
            assert!(rule.memory <= LONGEST_MEMORY && rule.longest_wait <= rule.memory, "{}", rule.name);
        }
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_waiting_for_the_old_time() {
        let now = Timestamp::from_millis(1_795_356_300_000);
        let year = Duration::from_secs(365 * 24 * 3600);
        let ahead = Failures { failures: 40, last_failure_at: now.after(year), open_at: now.after(year + HOUR) };
        assert_eq!(ahead.closed_for(now), Duration::ZERO);
        let counted = ahead.and_one(&SIGN_IN_ACCOUNT, now);
        assert_eq!(counted.failures, 41, "what was counted stays counted");
        assert_eq!(counted.closed_for(now), SIGN_IN_ACCOUNT.longest_wait);
    }
}
