//! Signing in.

use domain::{AccountId, Email, ErrorCode, SignUpId, activity::Action};

use super::{Accounts, Credentials};
use crate::{
    activity::Event,
    caller::Origin,
    core::Core,
    db::Tx,
    error::Result,
    throttle::{SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS},
};

/// What a right password leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// To the account.
    Verified(AccountId),
    /// To the page that asks for the code in the mail.
    Unverified(SignUpId),
}

impl Accounts {
    /// Checks an address and a password. Known, unknown, unverified and disabled addresses cost the same
    /// time and get the same refusal.
    ///
    /// # Errors
    /// [`ErrorCode::SignInFailed`]; [`ErrorCode::TooManyAttempts`]; [`ErrorCode::Busy`].
    pub async fn sign_in(&self, origin: &Origin, email: &str, password: &str) -> Result<SignIn> {
        let core = &self.core;
        // What is not an address has no account; it is refused like one that has none.
        let Ok(email) = Email::parse(email) else { return self.refuse(origin, email, "not an address").await };
        if let Err(error) = core.count_password_try(&email, origin).await {
            core.record_alone(Event::new(Action::SignInFailed, origin).claimed_by(email.as_str()).detail("throttled"))
                .await?;
            return Err(error);
        }
        let account = core.credentials(&email).await?;
        let pending = match &account {
            Some(_) => None,
            None => core.pending_credentials(&email).await?,
        };
        let stored = match (&account, &pending) {
            (Some(account), _) => Some(account.password_hash.as_str()),
            (None, Some((_, hash))) => Some(hash.as_str()),
            (None, None) => None,
        };
        if !core.hasher.verify(password, stored).await? {
            return self.refuse(origin, email.as_str(), "wrong password").await;
        }
        match (account, pending) {
            (Some(account), _) if account.disabled => self.refuse(origin, email.as_str(), "disabled").await,
            (Some(account), _) => self.admit(origin, &email, account, password).await,
            (None, Some((sign_up, _))) => {
                let mut tx = core.db.write().await?;
                core.forgive_password_tries(&mut tx, &email, origin).await?;
                let event = Event::new(Action::SignInFailed, origin).claimed_by(email.as_str()).detail("not verified");
                core.record(&mut tx, event).await?;
                tx.commit().await?;
                Ok(SignIn::Unverified(sign_up))
            }
            (None, None) => self.refuse(origin, email.as_str(), "unknown").await,
        }
    }

    async fn admit(&self, origin: &Origin, email: &Email, account: Credentials, password: &str) -> Result<SignIn> {
        let core = &self.core;
        let rehashed = if core.hasher.is_outdated(&account.password_hash) {
            Some(core.hasher.hash(password, core.random()).await?)
        } else {
            None
        };
        let mut tx = core.db.write().await?;
        core.forgive_password_tries(&mut tx, email, origin).await?;
        core.remember_address(&mut tx, account.id, origin).await?;
        if let Some(hash) = rehashed {
            core.set_password(&mut tx, account.id, &hash).await?;
        }
        core.remember_sign_in(&mut tx, account.id).await?;
        core.record(&mut tx, Event::new(Action::SignedIn, origin).by_account(account.id, email.as_str())).await?;
        tx.commit().await?;
        Ok(SignIn::Verified(account.id))
    }

    async fn refuse(&self, origin: &Origin, claimed: &str, why: &str) -> Result<SignIn> {
        let event = Event::new(Action::SignInFailed, origin).claimed_by(claimed).detail(why);
        self.core.record_alone(event).await?;
        Err(ErrorCode::SignInFailed.into())
    }
}

impl Core {
    /// Counts one try at the password of `email`, before it is checked.
    ///
    /// Strangers share one count for the account. An address that has signed in to it before has a count
    /// of its own: nobody can lock a person out of an account by guessing at it (ASVS V6.1.1).
    pub(super) async fn count_password_try(&self, email: &Email, origin: &Origin) -> Result<()> {
        let mut tx = self.db.write().await?;
        let bucket = self.password_bucket(&mut tx, email, origin).await?;
        let counted = match self.attempt(&mut tx, &SIGN_IN_ADDRESS, &origin.address).await {
            Ok(()) => self.attempt(&mut tx, &SIGN_IN_ACCOUNT, &bucket).await,
            refused => refused,
        };
        counted?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes the counted try back and forgets the account's earlier failures.
    pub(super) async fn forgive_password_tries(&self, tx: &mut Tx, email: &Email, origin: &Origin) -> Result<()> {
        let bucket = self.password_bucket(tx, email, origin).await?;
        self.forget_failures(tx, &SIGN_IN_ACCOUNT, &bucket).await?;
        self.take_back(tx, &SIGN_IN_ADDRESS, &origin.address).await
    }

    async fn password_bucket(&self, tx: &mut Tx, email: &Email, origin: &Origin) -> Result<String> {
        let known: Option<(i64,)> = sqlx::query_as(
            "SELECT k.seen_at FROM known_addresses k JOIN accounts a ON a.id = k.account_id \
             WHERE a.email = $1 AND k.address = $2",
        )
        .bind(email.as_str())
        .bind(&origin.address)
        .fetch_optional(&mut **tx)
        .await?;
        Ok(match known {
            Some(_) => format!("{email} from {}", origin.address),
            None => email.to_string(),
        })
    }

    /// Remembers that the owner of an account was at this network address.
    pub(super) async fn remember_address(&self, tx: &mut Tx, account: AccountId, origin: &Origin) -> Result<()> {
        sqlx::query(
            "INSERT INTO known_addresses (account_id, address, seen_at) VALUES ($1, $2, $3) \
             ON CONFLICT (account_id, address) DO UPDATE SET seen_at = $3",
        )
        .bind(account.to_string())
        .bind(&origin.address)
        .bind(self.now().millis())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
