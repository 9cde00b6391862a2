//! Choosing, changing and resetting passwords.

use std::time::Duration;

use domain::{
    AccountId, Email, ErrorCode, PersonName, PlainPassword, PlainSecret, Problem,
    account::ResetFor,
    activity::{Event, PasswordChange},
};
use sqlx::FromRow;

use super::{Accounts, Admission, common_passwords, hash_secret, hasher::Match, known::Try, links::RESET};
use crate::{
    activity::Entry,
    caller::{Caller, Credential, Origin},
    core::Core,
    db::{Tx, work},
    error::Result,
    mail::Letter,
    policy::{self, Permission},
    throttle::{Count, MAIL_ADDRESS, RESET_RECIPIENT, RESET_RECIPIENT_FROM, SIGN_IN_ACCOUNT},
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
        let (keep, credential) = match person.credential {
            Credential::Session(handle) => (Some(handle), handle.to_string()),
            Credential::Token(id) => (None, id.to_string()),
        };
        let tried = Try::of_credential(&person.me.email, &credential);
        core.attempt(&tried.counts()).await?;
        let hash = match self.prove_and_hash(caller, &person.me.email, current, &new).await {
            Ok(hash) => hash,
            Err(error) => {
                // Where there was no room to hash, nothing was tried.
                if error.code() == Some(ErrorCode::Busy) {
                    core.take_back(&tried.counts()).await?;
                }
                return Err(error);
            }
        };

        let (hash, tried) = (&hash, &tried);
        core.db
            .transact(|tx| {
                work(async move {
                    // What was proven holds for the epoch of this request: a reset meanwhile is not overwritten.
                    if !core.set_password(tx, &person.admission(), hash).await? {
                        return Err(ErrorCode::NotSignedIn.into());
                    }
                    core.end_credentials(tx, person.id(), keep).await?;
                    core.forgive(tx, tried).await?;
                    core.record(
                        tx,
                        Entry::new(Event::PasswordChanged { by: PasswordChange::CurrentPassword }, &caller.origin)
                            .by(person),
                    )
                    .await?;
                    let letter = Letter::PasswordChanged { name: person.me.name.clone() };
                    core.send(tx, &caller.origin, &person.me.email, letter).await?;
                    Ok(())
                })
            })
            .await
    }

    async fn prove_and_hash(
        &self,
        caller: &Caller,
        email: &Email,
        current: &str,
        new: &PlainPassword,
    ) -> Result<String> {
        let core = &self.core;
        let stored = core.credentials(email).await?.map(|credentials| credentials.password_hash);
        if core.hasher.verify(&caller.origin, current, stored.as_deref()).await? == Match::No {
            return Err(Problem::new(ErrorCode::PasswordWrong).on("current").into());
        }
        core.hasher.hash(&caller.origin, new.expose(), core.random()).await
    }

    /// Sends a reset link to the address if it has an account. The answer is the same if it has none, and
    /// no number of failed sign-ins stands in its way, nor do strangers elsewhere who ask for the same.
    ///
    /// # Errors
    /// Too many requests from the same network.
    pub async fn request_reset(&self, origin: &Origin, email: &Email) -> Result<()> {
        let core = &self.core;
        let network = origin.group();
        let asking: Vec<Count> = network.iter().map(|network| MAIL_ADDRESS.count(network)).collect();
        core.refuse_early(&asking).await.map_err(|error| core.throttled(origin, email, error))?;
        let (asking, network) = (&asking, &network);
        core.db
            .transact(|tx| {
                work(async move {
                    core.attempt_in(tx, asking).await?;
                    core.record(tx, Entry::new(Event::ResetRequested, origin).claimed_by(email.as_str())).await?;
                    let account: Option<Asking> =
                        sqlx::query_as("SELECT id, name FROM accounts WHERE email = $1 AND disabled_at IS NULL")
                            .bind(email)
                            .fetch_optional(&mut **tx)
                            .await?;
                    // Both branches write throttle rows, so that neither is told by its time.
                    let mut mailing = vec![RESET_RECIPIENT.count(email.as_str())];
                    mailing.extend(
                        network.iter().map(|network| RESET_RECIPIENT_FROM.count(&format!("{email} from {network}"))),
                    );
                    let may_mail = match core.attempt_in(tx, &mailing).await {
                        Ok(()) => true,
                        Err(error) if error.code() == Some(ErrorCode::TooManyAttempts) => false,
                        Err(error) => return Err(error),
                    };
                    if let Some(Asking { id, name }) = account.filter(|_| may_mail) {
                        let secret = core.new_secret();
                        sqlx::query(
                            "INSERT INTO password_resets (secret_hash, account_id, expires_at) VALUES ($1, $2, $3)",
                        )
                        .bind(hash_secret(&secret))
                        .bind(id)
                        .bind(core.now().after(RESET_LIFE))
                        .execute(&mut **tx)
                        .await?;
                        core.send(tx, origin, email, Letter::ResetPassword { name, secret }).await?;
                    }
                    Ok(())
                })
            })
            .await
            .map_err(|error| core.throttled(origin, email, error))
    }

    /// Which account a reset link is for, before anything is done with it.
    ///
    /// # Errors
    /// Why the link leads nowhere.
    pub async fn reset_for(&self, secret: &PlainSecret) -> Result<ResetFor> {
        let owner = self.core.reset_owner(secret).await?;
        Ok(ResetFor { email: owner.email })
    }

    /// Sets a new password by a reset link, ends every session and token of the account, forgets the browsers that
    /// it knew, and remembers this one and its network as the owner's.
    ///
    /// # Errors
    /// Why the link leads nowhere; the password too common; [`ErrorCode::Busy`].
    pub async fn reset(&self, origin: &Origin, secret: &PlainSecret, new: PlainPassword) -> Result<Admission> {
        let core = &self.core;
        let Owner { id, email, name } = core.reset_owner(secret).await?;
        core.refuse_common(&new, &email)?;
        let hash = core.hasher.hash(origin, new.expose(), core.random()).await?;

        let (email, name, hash) = (&email, &name, &hash);
        core.db
            .transact(|tx| {
                work(async move {
                    // The account's row comes first: its lock also lets one of many resets at once through.
                    core.end_credentials(tx, id, None).await?;
                    core.use_reset(tx, id, secret).await?;
                    let admission = core.admission_of(tx, id).await?;
                    core.set_password(tx, &admission, hash).await?;
                    core.forget_failures(tx, &SIGN_IN_ACCOUNT.count(email.as_str())).await?;
                    core.forget_devices(tx, id).await?;
                    let device = core.remember(tx, id, origin).await?;
                    let entry = Entry::new(Event::PasswordChanged { by: PasswordChange::ResetLink }, origin)
                        .by_account(id, email.as_str());
                    core.record(tx, entry).await?;
                    core.send(tx, origin, email, Letter::PasswordChanged { name: name.clone() }).await?;
                    Ok(admission.with_device(device))
                })
            })
            .await
    }
}

/// An account that a reset link is asked for.
#[derive(FromRow)]
struct Asking {
    id: AccountId,
    name: PersonName,
}

/// Whose password a link resets.
#[derive(FromRow)]
struct Owner {
    id: AccountId,
    email: Email,
    name: PersonName,
}

impl Core {
    /// Refuses what attackers try first, and what anyone would try first for this person or product.
    pub(super) fn refuse_common(&self, password: &PlainPassword, email: &Email) -> Result<()> {
        if common_passwords::is_common(password.expose(), email.as_str(), &self.settings.portal_name) {
            return Err(Problem::new(ErrorCode::PasswordTooCommon).on("password").into());
        }
        Ok(())
    }

    async fn reset_owner(&self, secret: &PlainSecret) -> Result<Owner> {
        let row: Option<Owner> = sqlx::query_as(
            "SELECT a.id, a.email, a.name FROM password_resets r JOIN accounts a ON a.id = r.account_id \
             WHERE r.secret_hash = $1 AND r.used_at IS NULL AND r.expires_at > $2 AND a.disabled_at IS NULL",
        )
        .bind(hash_secret(secret))
        .bind(self.now())
        .fetch_optional(self.db.read())
        .await?;
        match row {
            Some(owner) => Ok(owner),
            None => Err(self.why_dead(RESET, secret).await?.into()),
        }
    }

    /// Spends a reset link, and with it every other one of the account: they are replaced.
    async fn use_reset(&self, tx: &mut Tx, account: AccountId, secret: &PlainSecret) -> Result<()> {
        let now = self.now();
        let used = sqlx::query(
            "UPDATE password_resets SET used_at = $2 WHERE secret_hash = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(hash_secret(secret))
        .bind(now)
        .execute(&mut **tx)
        .await?;
        if used.rows_affected() == 0 {
            return Err(ErrorCode::SecretUsed.into());
        }
        let others: Vec<String> = sqlx::query_scalar(
            "DELETE FROM password_resets WHERE account_id = $1 AND used_at IS NULL RETURNING secret_hash",
        )
        .bind(account)
        .fetch_all(&mut **tx)
        .await?;
        self.replace_links(tx, others).await
    }

    /// The admission that the account's own row gives in a transaction that holds its lock.
    async fn admission_of(&self, tx: &mut Tx, account: AccountId) -> Result<Admission> {
        let epoch = sqlx::query_scalar("SELECT credential_epoch FROM accounts WHERE id = $1")
            .bind(account)
            .fetch_one(&mut **tx)
            .await?;
        Ok(Admission::under(account, epoch))
    }

    /// Sets the password, unless the account's credentials have ended since the admission. The caller ends those of
    /// the old password in the same transaction.
    async fn set_password(&self, tx: &mut Tx, admission: &Admission, hash: &str) -> Result<bool> {
        let set = sqlx::query("UPDATE accounts SET password_hash = $3 WHERE id = $1 AND credential_epoch = $2")
            .bind(admission.account())
            .bind(admission.epoch())
            .bind(hash)
            .execute(&mut **tx)
            .await?;
        Ok(set.rows_affected() == 1)
    }
}
