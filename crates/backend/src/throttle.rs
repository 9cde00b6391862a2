//! Slowing down whoever guesses. Counts live in the database: they survive restarts and hold for
//! every instance.
//!
//! An attempt is counted *before* it is carried out and taken back when it succeeds, so that many
//! attempts at once cannot slip through between the look and the count. An attempt that comes too
//! early is refused without being counted: hammering on a closed door does not keep it closed.

use std::time::Duration;

use domain::{ErrorCode, Problem};

use crate::{core::Core, db::Tx, error::Result};

/// How a kind of attempt is slowed down.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Prefix of its keys.
    pub(crate) name: &'static str,
    /// Failures that cost nothing.
    pub(crate) free: u32,
    /// The wait after the first one beyond; it doubles from there.
    pub(crate) first_wait: Duration,
    /// The longest wait.
    pub(crate) longest_wait: Duration,
    /// Failures older than this are forgotten.
    pub(crate) memory: Duration,
}

/// Sign-ins to one account.
pub(crate) const SIGN_IN_ACCOUNT: Rule = Rule {
    name: "sign-in-account",
    free: 5,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(15 * 60),
    memory: Duration::from_secs(24 * 3600),
};

/// Sign-ins from one network address, whatever the account.
pub(crate) const SIGN_IN_ADDRESS: Rule = Rule {
    name: "sign-in-address",
    free: 50,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(5 * 60),
    memory: Duration::from_secs(3600),
};

/// Sign-ups and other requests for mail from one network address.
pub(crate) const MAIL_ADDRESS: Rule = Rule {
    name: "mail-address",
    free: 100,
    first_wait: Duration::from_secs(10),
    longest_wait: Duration::from_secs(10 * 60),
    memory: Duration::from_secs(3600),
};

/// Mails that strangers can cause to one recipient.
pub(crate) const MAIL_RECIPIENT: Rule = Rule {
    name: "mail-recipient",
    free: 5,
    first_wait: Duration::from_secs(60),
    longest_wait: Duration::from_secs(3600),
    memory: Duration::from_secs(24 * 3600),
};

/// Reset mails to one recipient. Counted apart, so that nothing else stands in the way of a reset.
pub(crate) const RESET_RECIPIENT: Rule = Rule {
    name: "reset-recipient",
    free: 5,
    first_wait: Duration::from_secs(60),
    longest_wait: Duration::from_secs(10 * 60),
    memory: Duration::from_secs(3600),
};

impl Rule {
    /// The wait that follows so many failures.
    fn wait(&self, failures: u32) -> Duration {
        match failures.checked_sub(self.free) {
            None | Some(0) => Duration::ZERO,
            Some(beyond) => self.first_wait.saturating_mul(1 << (beyond - 1).min(20)).min(self.longest_wait),
        }
    }

    fn key(&self, of: &str) -> String {
        format!("{}:{of}", self.name)
    }
}

impl Core {
    /// Counts an attempt under `rule` for `of`.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyAttempts`] with the seconds to wait; nothing is counted then.
    pub(crate) async fn attempt(&self, tx: &mut Tx, rule: &Rule, of: &str) -> Result<()> {
        let now = self.now();
        // The no-op update takes the row's lock on PostgreSQL; on SQLite the transaction has it already.
        let (failures, last_failure_at, open_at): (i64, i64, i64) = sqlx::query_as(
            "INSERT INTO throttles (key, failures, last_failure_at, open_at) VALUES ($1, 0, $2, 0) \
             ON CONFLICT (key) DO UPDATE SET failures = throttles.failures \
             RETURNING failures, last_failure_at, open_at",
        )
        .bind(rule.key(of))
        .bind(now.millis())
        .fetch_one(&mut **tx)
        .await?;

        if open_at > now.millis() {
            let seconds = (open_at - now.millis() + 999) / 1000;
            let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
            return Err(Problem::new(ErrorCode::TooManyAttempts).retry_after(seconds).into());
        }
        let forgotten = last_failure_at < now.before(rule.memory).millis();
        let failures = if forgotten { 1 } else { failures + 1 };
        let wait = rule.wait(u32::try_from(failures).unwrap_or(u32::MAX));
        sqlx::query("UPDATE throttles SET failures = $2, last_failure_at = $3, open_at = $4 WHERE key = $1")
            .bind(rule.key(of))
            .bind(failures)
            .bind(now.millis())
            .bind(now.after(wait).millis())
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Takes one counted attempt back: it turned out to be rightful.
    pub(crate) async fn take_back(&self, tx: &mut Tx, rule: &Rule, of: &str) -> Result<()> {
        sqlx::query("UPDATE throttles SET failures = failures - 1, open_at = 0 WHERE key = $1 AND failures > 0")
            .bind(rule.key(of))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Forgets every failure.
    pub(crate) async fn forget_failures(&self, tx: &mut Tx, rule: &Rule, of: &str) -> Result<()> {
        sqlx::query("DELETE FROM throttles WHERE key = $1").bind(rule.key(of)).execute(&mut **tx).await?;
        Ok(())
    }
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
}
