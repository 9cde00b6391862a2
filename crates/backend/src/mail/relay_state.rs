//! Whether the relay works: one row that every instance shares. While it does not, it is asked seldom, with one mail at
//! a time; the others wait without using up anything.

use std::time::Duration;

use domain::{Timestamp, mail::RelayTrouble};
use sqlx::{AnyExecutor, FromRow};

use super::SendError;
use crate::{core::Core, db::Tx, error::Result, jobs::doubled};

/// The wait after the first failure; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

#[derive(FromRow)]
struct Row {
    open_at: Timestamp,
    failing_since: Option<Timestamp>,
    last_error: Option<String>,
}

impl Core {
    /// Whether [`ask_for_relay`](Self::ask_for_relay) is worth a transaction.
    pub(super) async fn may_ask_relay(&self) -> Result<bool> {
        let open: Option<(i64,)> =
            sqlx::query_as("SELECT failures FROM mail_relay WHERE failures = 0 OR open_at <= $1")
                .bind(self.now())
                .fetch_optional(self.db.read())
                .await?;
        Ok(open.is_some())
    }

    /// Asks for the relay: how often it has failed in a row, or `None` while it is left alone. The update changes nothing
    /// but locks the row, so that claims of several instances come one after the other.
    pub(super) async fn ask_for_relay(&self, tx: &mut Tx) -> Result<Option<i64>> {
        let open: Option<(i64,)> = sqlx::query_as(
            "UPDATE mail_relay SET failures = failures WHERE failures = 0 OR open_at <= $1 RETURNING failures",
        )
        .bind(self.now())
        .fetch_optional(&mut **tx)
        .await?;
        Ok(open.map(|(failures,)| failures))
    }

    /// A relay that failed is tried with one mail: until it has answered, or `until`, everybody else leaves it alone.
    pub(super) async fn hold_relay(&self, tx: &mut Tx, until: Timestamp) -> Result<()> {
        sqlx::query("UPDATE mail_relay SET open_at = $1 WHERE failures > 0").bind(until).execute(&mut **tx).await?;
        Ok(())
    }

    /// It has answered for a mail, whatever it said.
    pub(super) async fn relay_works(&self, tx: &mut Tx) -> Result<()> {
        sqlx::query(
            "UPDATE mail_relay SET failures = 0, open_at = 0, failing_since = NULL, last_error = NULL WHERE failures > 0",
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// It has failed. Of mails that were under way at the same time, the first one counts.
    pub(super) async fn relay_failed(&self, tx: &mut Tx, failures_before: i64, error: &SendError) -> Result<()> {
        let now = self.now();
        sqlx::query(
            "UPDATE mail_relay SET failures = $2, open_at = $3, failing_since = COALESCE(failing_since, $4), \
             last_error = $5 WHERE failures <= $1",
        )
        .bind(failures_before)
        .bind(failures_before + 1)
        .bind(now.after(wait(failures_before + 1)))
        .bind(now)
        .bind(&error.text)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Lets it be asked at once: somebody may have mended it.
    pub(super) async fn open_relay(&self, tx: &mut Tx) -> Result<()> {
        sqlx::query("UPDATE mail_relay SET open_at = 0 WHERE failures > 0").execute(&mut **tx).await?;
        Ok(())
    }
}

/// What is wrong with the relay, if something is.
pub(super) async fn trouble<'e>(db: impl AnyExecutor<'e>) -> Result<Option<RelayTrouble>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT open_at, failing_since, last_error FROM mail_relay WHERE failures > 0")
            .fetch_optional(db)
            .await?;
    Ok(row.map(|row| RelayTrouble {
        since: row.failing_since.unwrap_or(row.open_at),
        words: row.last_error.unwrap_or_default(),
        next_at: row.open_at,
    }))
}

fn wait(failures: i64) -> Duration {
    doubled(FIRST_WAIT, failures, LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_that_stays_broken_is_asked_every_ten_minutes() {
        let waits: Vec<u64> = [1, 2, 3, 7, 99].map(|failures| wait(failures).as_secs()).into();
        assert_eq!(waits, [15, 30, 60, 600, 600]);
    }
}
