//! Choosing, changing and resetting passwords.

use std::time::Duration;

use domain::{AccountId, Email, ErrorCode, PlainPassword, PlainSecret, Problem, activity::Action};

use super::{Accounts, common_passwords, hash_secret, parse_id};
use crate::{
    activity::Event,
    caller::{Caller, Credential, Origin},
    core::Core,
    db::Tx,
    error::Result,
    mail::Letter,
    policy::{self, Permission},
    throttle,
};

/// How long a reset link works.
pub(crate) const RESET_LIFE: Duration = Duration::from_secs(30 * 60);

impl Accounts {
    /// Changes the password of the person who asks, ends their other sessions and every token, and tells
    /// them by mail.
    ///
    /// # Errors
    /// [`ErrorCode::PasswordWrong`] when `current` is not the current one; the new one too common.
    pub async fn change_password(&self, caller: &Caller, current: &str, new: PlainPassword) -> Result<()> {
        let person = policy::require(caller, Permission::OwnAccount)?;
        let core = &self.core;
        core.refuse_common(&new, &person.me.email)?;
        core.count_password_try(&person.me.email, &caller.origin).await?;
        let stored = core.credentials(&person.me.email).await?.map(|credentials| credentials.password_hash);
        if !core.hasher.verify(current, stored.as_deref()).await? {
            return Err(Problem::new(ErrorCode::PasswordWrong).on("current").into());
        }
        let hash = core.hasher.hash(new.expose(), core.random()).await?;
        let keep = match person.credential {
            Credential::Session(handle) => Some(handle),
            Credential::Token(_) => None,
        };

        let mut tx = core.db.write().await?;
        core.forgive_password_tries(&mut tx, &person.me.email, &caller.origin).await?;
        core.set_password(&mut tx, person.id(), &hash).await?;
        core.end_credentials(&mut tx, person.id(), keep).await?;
        core.record(&mut tx, Event::new(Action::PasswordChanged, &caller.origin).by(person)).await?;
        core.send(&mut tx, &person.me.email, Letter::PasswordChanged { name: person.me.name.clone() }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sends a reset link to the address if it has an account. The answer is the same if it has none, and
    /// no number of failed sign-ins stands in its way.
    ///
    /// # Errors
    /// Too many requests from the same network address.
    pub async fn request_reset(&self, origin: &Origin, email: &Email) -> Result<()> {
        let core = &self.core;
        let mut tx = core.db.write().await?;
        core.attempt(&mut tx, &throttle::MAIL_ADDRESS, &origin.address).await?;
        core.record(&mut tx, Event::new(Action::ResetRequested, origin).claimed_by(email.as_str())).await?;
        let account: Option<(String, String)> =
            sqlx::query_as("SELECT id, name FROM accounts WHERE email = $1 AND disabled_at IS NULL")
                .bind(email.as_str())
                .fetch_optional(&mut *tx)
                .await?;
        // Both branches write one throttle row, so that neither is told by its time.
        let may_mail = core.attempt(&mut tx, &throttle::RESET_RECIPIENT, email.as_str()).await.is_ok();
        if let Some((id, name)) = account.filter(|_| may_mail) {
            let secret = core.new_secret();
            sqlx::query("INSERT INTO password_resets (secret_hash, account_id, expires_at) VALUES ($1, $2, $3)")
                .bind(hash_secret(&secret))
                .bind(id)
                .bind(core.now().after(RESET_LIFE).millis())
                .execute(&mut *tx)
                .await?;
            let name = super::parse_name(&name)?;
            core.send(&mut tx, email, Letter::ResetPassword { name, secret }).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Sets a new password by a reset link, ends every session and token of the account, and remembers
    /// the network address as one of the owner's.
    ///
    /// # Errors
    /// [`ErrorCode::SecretSpent`] when the link was used, is over or never was; the password too common.
    pub async fn reset(&self, origin: &Origin, secret: &PlainSecret, new: PlainPassword) -> Result<AccountId> {
        let core = &self.core;
        let (id, email, name) = core.reset_owner(secret).await?;
        core.refuse_common(&new, &email)?;
        let hash = core.hasher.hash(new.expose(), core.random()).await?;

        let mut tx = core.db.write().await?;
        let used = sqlx::query(
            "UPDATE password_resets SET used_at = $2 \
             WHERE account_id = $1 AND used_at IS NULL AND EXISTS \
             (SELECT 1 FROM password_resets AS it WHERE it.secret_hash = $3 AND it.used_at IS NULL AND it.expires_at > $2)",
        )
        .bind(id.to_string())
        .bind(core.now().millis())
        .bind(hash_secret(secret))
        .execute(&mut *tx)
        .await?;
        if used.rows_affected() == 0 {
            return Err(ErrorCode::SecretSpent.into());
        }
        core.set_password(&mut tx, id, &hash).await?;
        core.end_credentials(&mut tx, id, None).await?;
        core.forget_failures(&mut tx, &throttle::SIGN_IN_ACCOUNT, email.as_str()).await?;
        core.remember_address(&mut tx, id, origin).await?;
        let event = Event::new(Action::PasswordChanged, origin).by_account(id, email.as_str()).detail("by reset link");
        core.record(&mut tx, event).await?;
        core.send(&mut tx, &email, Letter::PasswordChanged { name }).await?;
        tx.commit().await?;
        Ok(id)
    }
}

impl Core {
    /// Refuses what attackers try first, and what anyone would try first for this person or product.
    pub(super) fn refuse_common(&self, password: &PlainPassword, email: &Email) -> Result<()> {
        if common_passwords::is_common(password.expose(), email.as_str(), &self.settings.portal_name) {
            return Err(Problem::new(ErrorCode::PasswordTooCommon).on("password").into());
        }
        Ok(())
    }

    async fn reset_owner(&self, secret: &PlainSecret) -> Result<(AccountId, Email, domain::PersonName)> {
        let row: Option<(String, String, String)> = sqlx::query_as(
            "SELECT a.id, a.email, a.name FROM password_resets r JOIN accounts a ON a.id = r.account_id \
             WHERE r.secret_hash = $1 AND r.used_at IS NULL AND r.expires_at > $2 AND a.disabled_at IS NULL",
        )
        .bind(hash_secret(secret))
        .bind(self.now().millis())
        .fetch_optional(self.db.read())
        .await?;
        let (id, email, name) = row.ok_or(ErrorCode::SecretSpent)?;
        Ok((parse_id(&id)?, super::parse_email(&email)?, super::parse_name(&name)?))
    }

    pub(super) async fn set_password(&self, tx: &mut Tx, id: AccountId, hash: &str) -> Result<()> {
        sqlx::query("UPDATE accounts SET password_hash = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(hash)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}
