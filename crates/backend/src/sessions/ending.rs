//! Ending what an account has open, and what is about to be opened.

use domain::{AccountId, SessionHandle};

use crate::{core::Core, db::Tx, error::Result};

impl Core {
    /// Ends the sessions of an account, but for one, and every sign-in to it that is under way. Its tokens stay.
    pub(crate) async fn end_sessions(
        &self,
        tx: &mut Tx,
        account: AccountId,
        keep: Option<SessionHandle>,
    ) -> Result<()> {
        let epoch = self.next_epoch(tx, account).await?;
        self.end_sessions_before(tx, account, epoch, keep).await?;
        sqlx::query("UPDATE api_tokens SET credential_epoch = $2 WHERE account_id = $1 AND credential_epoch = $2 - 1")
            .bind(account)
            .bind(epoch)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Ends the sessions of an account, but for one, all its tokens, and every sign-in to it that is under way.
    pub(crate) async fn end_credentials(
        &self,
        tx: &mut Tx,
        account: AccountId,
        keep: Option<SessionHandle>,
    ) -> Result<()> {
        let epoch = self.next_epoch(tx, account).await?;
        self.end_sessions_before(tx, account, epoch, keep).await?;
        sqlx::query("UPDATE api_tokens SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL")
            .bind(account)
            .bind(self.now())
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    async fn end_sessions_before(
        &self,
        tx: &mut Tx,
        account: AccountId,
        epoch: i64,
        keep: Option<SessionHandle>,
    ) -> Result<()> {
        let keep = keep.map_or_else(String::new, |handle| handle.to_string());
        sqlx::query("DELETE FROM sessions WHERE account_id = $1 AND handle <> $2")
            .bind(account)
            .bind(&keep)
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE sessions SET credential_epoch = $3 WHERE account_id = $1 AND handle = $2")
            .bind(account)
            .bind(&keep)
            .bind(epoch)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}
