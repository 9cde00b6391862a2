//! Forgetting what is over: rows that no request can use any more.

use std::time::Duration;

use super::Accounts;
use crate::error::Result;

/// Spent or expired proofs are kept this long, so that their links can say that they are spent.
const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);
/// Network addresses from which an account has not signed in for so long are strangers again.
const KNOWN_FOR: Duration = Duration::from_secs(180 * 24 * 3600);

impl Accounts {
    /// Removes sessions, sign-ups, resets, invitations, tokens, throttles and known addresses that are
    /// over. Safe to run at any time, in every instance.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn forget_expired(&self) -> Result<()> {
        let now = self.core.now();
        let kept_since = now.before(KEEP).millis();
        let idle_since = now.before(self.core.settings.session_idle).millis();
        let statements: [(&'static str, i64); 8] = [
            ("DELETE FROM sessions WHERE expires_at <= $1", now.millis()),
            ("DELETE FROM sessions WHERE seen_at <= $1", idle_since),
            ("DELETE FROM sign_ups WHERE expires_at <= $1", kept_since),
            ("DELETE FROM password_resets WHERE expires_at <= $1", kept_since),
            ("DELETE FROM invitations WHERE expires_at <= $1", kept_since),
            ("DELETE FROM api_tokens WHERE expires_at <= $1", kept_since),
            ("DELETE FROM throttles WHERE last_failure_at <= $1", kept_since),
            ("DELETE FROM known_addresses WHERE seen_at <= $1", now.before(KNOWN_FOR).millis()),
        ];
        for (statement, moment) in statements {
            let mut tx = self.core.db.write().await?;
            sqlx::query(statement).bind(moment).execute(&mut *tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
