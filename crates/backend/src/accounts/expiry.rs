//! Forgetting what is over: rows that no request can use any more, and records that were kept long enough.

use std::time::Duration;

use domain::Timestamp;

use super::Accounts;
use crate::{
    error::Result,
    settings::{Retention, Settings},
    throttle::LONGEST_MEMORY,
};

/// Networks and browsers from which an account has not signed in for so long are strangers again.
pub const KNOWN_FOR: Duration = Duration::from_secs(180 * 24 * 3600);

/// Rows removed in one transaction, so that nobody waits for its lock.
const BATCH: i64 = 500;

/// Rows of one table that are older than a moment, `$1`, at most `$2` of them.
pub(super) struct Old {
    pub(super) statement: &'static str,
    before: Timestamp,
}

macro_rules! old {
    ($table:literal, $key:literal, $column:literal, $before:expr) => {
        old!($table, $key, $column, $before, "")
    };
    ($table:literal, $key:literal, $column:literal, $before:expr, $and:literal) => {
        Old {
            statement: concat!(
                "DELETE FROM ",
                $table,
                " WHERE (",
                $key,
                ") IN (SELECT ",
                $key,
                " FROM ",
                $table,
                " WHERE ",
                $column,
                " <= $1",
                $and,
                " ORDER BY ",
                $column,
                " LIMIT $2)"
            ),
            before: $before,
        }
    };
}

impl Accounts {
    /// Removes what is over: sessions, tokens, links, sign-ups, throttles, known networks and browsers; and of the
    /// activity log, the mails that were sent or given up and the downloads what is older than the settings keep.
    /// Safe to run at any time, in every instance.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn forget_expired(&self) -> Result<()> {
        self.core.write_notes().await?;
        let Settings { session_idle, retention, .. } = &self.core.settings;
        for old in old(self.core.now(), *session_idle, retention) {
            while self.remove(&old).await? == u64::try_from(BATCH).unwrap_or(u64::MAX) {}
        }
        Ok(())
    }

    async fn remove(&self, old: &Old) -> Result<u64> {
        self.core.db.execute(|| sqlx::query(old.statement).bind(old.before).bind(BATCH)).await
    }
}

/// What is over now.
pub(super) fn old(now: Timestamp, session_idle: Duration, retention: &Retention) -> [Old; 13] {
    let idle = now.before(session_idle);
    let Retention { activity, mails, downloads, links } = *retention;
    let (links, known) = (now.before(links), now.before(KNOWN_FOR));
    [
        old!("sessions", "id_hash", "expires_at", now),
        old!("sessions", "id_hash", "seen_at", idle, " AND account_id IS NOT NULL"),
        old!("api_tokens", "id", "expires_at", links),
        old!("sign_ups", "id", "expires_at", links),
        old!("password_resets", "secret_hash", "expires_at", links),
        old!("invitations", "id", "expires_at", links),
        old!("replaced_links", "secret_hash", "replaced_at", links),
        old!("throttles", "key", "last_failure_at", now.before(LONGEST_MEMORY)),
        old!("known_addresses", "account_id, address", "seen_at", known),
        old!("known_devices", "account_id, secret_hash", "seen_at", known),
        old!("activity", "id", "at", now.before(activity)),
        old!("mails", "id", "created_at", now.before(mails), " AND state IN ('sent', 'dead')"),
        old!("download_ranges", "account_id, version_id, taken, first_byte", "at", now.before(downloads)),
    ]
}
