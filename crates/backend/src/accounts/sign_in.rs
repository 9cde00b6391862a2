//! Signing in.

use domain::{
    Email, ErrorCode,
    activity::{Event, SignInFault},
};

use super::{Accounts, Admission, Credentials, hasher::Match, known::Try};
use crate::{
    activity::Entry,
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
        let Ok(email) = Email::parse(email) else { return self.refuse(origin, "", SignInFault::NotAnAddress) };
        let tried = core.password_try(&email, origin).await?;
        if let Err(error) = core.attempt(&tried.counts()).await {
            let event = Event::SignInFailed { because: SignInFault::Throttled };
            core.record_folded(Entry::new(event, origin).claimed_by(email.as_str()));
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
            Some(account) if outcome != Match::No && account.disabled_at.is_some() => {
                self.refuse(origin, email.as_str(), SignInFault::Disabled)
            }
            Some(account) if outcome != Match::No => {
                self.admit(origin, &email, account, password, outcome, &tried).await
            }
            Some(_) => self.refuse(origin, email.as_str(), SignInFault::WrongPassword),
            None => self.refuse(origin, email.as_str(), SignInFault::NoAccount),
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
        let (account, anew) = (&account, anew.as_ref().unwrap_or(&account.password_hash));
        core.db
            .transact(|tx| {
                work(async move {
                    if !core.still_right(tx, account, anew).await? {
                        return self.refuse(origin, email.as_str(), SignInFault::ChangedMeanwhile);
                    }
                    core.forgive(tx, tried).await?;
                    let device = core.remember(tx, account.id, origin).await?;
                    let entry = Entry::new(Event::SignedIn, origin).by_account(account.id, email.as_str());
                    core.record(tx, entry).await?;
                    Ok(Admission::under(account.id, account.epoch).with_device(device))
                })
            })
            .await
    }

    fn refuse(&self, origin: &Origin, claimed: &str, because: SignInFault) -> Result<Admission> {
        let entry = Entry::new(Event::SignInFailed { because }, origin).claimed_by(claimed);
        self.core.record_folded(entry);
        Err(ErrorCode::SignInFailed.into())
    }
}

impl Core {
    /// Whether the password that was checked is still the account's, and notes the sign-in then. Takes the lock of the
    /// account first. A hash made anew takes the place of the very one that was checked.
    async fn still_right(&self, tx: &mut Tx, account: &Credentials, anew: &str) -> Result<bool> {
        let admitted = sqlx::query(
            "UPDATE accounts SET signed_in_at = $5, \
             password_hash = CASE WHEN password_hash = $3 THEN $4 ELSE password_hash END \
             WHERE id = $1 AND credential_epoch = $2 AND disabled_at IS NULL",
        )
        .bind(account.id)
        .bind(account.epoch)
        .bind(&account.password_hash)
        .bind(anew)
        .bind(self.now())
        .execute(&mut **tx)
        .await?;
        Ok(admitted.rows_affected() == 1)
    }
}
