//! Signing in.

use domain::{Email, ErrorCode, activity::Action};

use super::{Accounts, Admission, Credentials, hasher::Match, known::Try};
use crate::{
    activity::Event,
    caller::Origin,
    core::Core,
    db::{Tx, work},
    error::Result,
};

impl Accounts {
    /// Checks an address and a password. Known, unknown and disabled addresses, and those whose sign-up waits for its
    /// confirmation, cost the same time and get the same refusal.
    ///
    /// # Errors
    /// [`ErrorCode::SignInFailed`]; [`ErrorCode::TooManyAttempts`]; [`ErrorCode::Busy`].
    pub async fn sign_in(&self, origin: &Origin, email: &str, password: &str) -> Result<Admission> {
        let core = &self.core;
        // What is not an address has no account; it is refused like one that has none. What was typed instead may be
        // the password, and is not written down.
        let Ok(email) = Email::parse(email) else { return self.refuse(origin, "", "not an address") };
        let tried = core.password_try(&email, origin).await?;
        if let Err(error) = core.attempt(&tried.counts()).await {
            let event = Event::new(Action::SignInFailed, origin).claimed_by(email.as_str());
            core.record_folded(event.detail("throttled"));
            return Err(error);
        }
        let account = core.credentials(&email).await?;
        let stored = account.as_ref().map(|account| account.password_hash.as_str());
        let outcome = match core.hasher.verify(origin, password, stored).await {
            Ok(outcome) => outcome,
            // Nothing was tried.
            Err(error) => {
                core.take_back(&tried.counts()).await?;
                return Err(error);
            }
        };
        match account {
            Some(account) if outcome != Match::No && account.disabled => {
                self.refuse(origin, email.as_str(), "disabled")
            }
            Some(account) if outcome != Match::No => {
                self.admit(origin, &email, account, password, outcome, &tried).await
            }
            Some(_) => self.refuse(origin, email.as_str(), "wrong password"),
            None => self.refuse(origin, email.as_str(), "no account"),
        }
    }

    /// Lets somebody in whose password was right a moment ago, if it still is.
    async fn admit(
        &self,
        origin: &Origin,
        email: &Email,
        account: Credentials,
        password: &str,
        outcome: Match,
        tried: &Try,
    ) -> Result<Admission> {
        let core = &self.core;
        let outdated = outcome == Match::AsTyped || core.hasher.is_outdated(&account.password_hash);
        // Where there is no time for it, it is made anew at the next sign-in.
        let anew = if outdated { core.hasher.hash(origin, password, core.random()).await.ok() } else { None };
        let (account, hash) = (&account, anew.as_ref().unwrap_or(&account.password_hash));
        let admitted = core
            .db
            .transact(|tx| work(async move { core.admit(tx, origin, email, account, hash, tried).await }))
            .await?;
        match admitted {
            Some(admission) => Ok(admission),
            None => self.refuse(origin, email.as_str(), "changed meanwhile"),
        }
    }

    fn refuse(&self, origin: &Origin, claimed: &str, why: &str) -> Result<Admission> {
        let event = Event::new(Action::SignInFailed, origin).claimed_by(claimed).detail(why);
        self.core.record_folded(event);
        Err(ErrorCode::SignInFailed.into())
    }
}

impl Core {
    /// Lets the holder of an account in; `None` when its credentials have ended since they were checked. `hash` takes
    /// the place of the very one that was checked.
    async fn admit(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        email: &Email,
        account: &Credentials,
        hash: &str,
        tried: &Try,
    ) -> Result<Option<Admission>> {
        // The account's row comes first: throttles are locked after it.
        let admitted = sqlx::query(
            "UPDATE accounts SET password_hash = CASE WHEN password_hash = $3 THEN $4 ELSE password_hash END \
             WHERE id = $1 AND credential_epoch = $2 AND disabled_at IS NULL",
        )
        .bind(account.id.to_string())
        .bind(account.epoch)
        .bind(&account.password_hash)
        .bind(hash)
        .execute(&mut **tx)
        .await?;
        if admitted.rows_affected() == 0 {
            return Ok(None);
        }
        self.forgive(tx, tried).await?;
        let device = self.remember(tx, account.id, origin).await?;
        self.record(tx, Event::new(Action::SignedIn, origin).by_account(account.id, email.as_str())).await?;
        Ok(Some(Admission::under(account.id, account.epoch).with_device(device)))
    }
}
