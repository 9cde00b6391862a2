//! Proving the address of a sign-up, by link or by six digits. Then the account exists.
//!
//! A link shows that a mailbox can be read, not that its reader chose the password: a stranger may have signed up
//! with the address. So outside the browser that signed up, whoever follows the link chooses the password.

use domain::{
    AccountId, Email, ErrorCode, PersonName, PlainPassword, PlainSecret, Problem, Role, SignUpId, Timestamp,
    account::{CODE_LIFE, Confirmation},
    activity::{Event, VerificationFault},
};

use super::{Accounts, Admission, NewAccount, hash_secret, links::CONFIRM, sign_up::OpenSignUp};
use crate::{
    activity::Entry,
    caller::Origin,
    core::Core,
    db::{Tx, work},
    error::Result,
};

/// Wrong codes after which only the link works.
const CODE_TRIES: i64 = 5;

/// What is chosen where an address is confirmed outside the browser that signed up.
#[derive(Debug)]
pub struct Chosen {
    /// The password of the account from now on. It may be the one of the sign-up.
    pub password: PlainPassword,
    /// The name; without one, that of the sign-up.
    pub name: Option<PersonName>,
}

impl Accounts {
    /// Completes a sign-up by the six digits in its mail, in the browser that began it.
    ///
    /// # Errors
    /// [`ErrorCode::CodeWrong`] for a wrong code, and for any code after five wrong ones; [`ErrorCode::CodeExpired`]
    /// for any code ten minutes after the mail; [`ErrorCode::NothingToConfirm`] when the sign-up is completed or over.
    pub async fn confirm_code(&self, origin: &Origin, id: SignUpId, code: &str) -> Result<Admission> {
        let core = &self.core;
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let row = core.open_sign_up(id).await?.ok_or(ErrorCode::NothingToConfirm)?;
        if row.code_attempts >= CODE_TRIES {
            return Err(core.wrong_code(origin, &row.email));
        }
        if core.is_code_over(row.mailed_at) {
            return Err(Problem::new(ErrorCode::CodeExpired).on("code").into());
        }
        let code = code.as_str();
        let tried = core.db.transact(|tx| {
            work(async move {
                let row: Option<OpenSignUp> = sqlx::query_as(
                    "UPDATE sign_ups SET code_attempts = code_attempts + 1 \
                     WHERE id = $1 AND verified_at IS NULL AND expires_at > $2 \
                     RETURNING id, email, name, password_hash, secret_hash, code_hash, code_attempts, mailed_at",
                )
                .bind(id)
                .bind(core.now())
                .fetch_optional(&mut **tx)
                .await?;
                let row = row.ok_or(ErrorCode::NothingToConfirm)?;
                // A wrong try counts, so it is committed like a right one.
                if row.code_attempts > CODE_TRIES || !core.is_code(id, code, &row.code_hash) {
                    return Ok(Err(row.email));
                }
                core.complete(tx, origin, &row, &row.name, &row.password_hash).await.map(Ok)
            })
        });
        tried.await?.map_err(|email| core.wrong_code(origin, &email))
    }

    /// What a link is for, before anything is done with it. `here` is the sign-up of the browser that asks.
    ///
    /// # Errors
    /// Why the link leads nowhere.
    pub async fn confirmation(&self, secret: &PlainSecret, here: Option<SignUpId>) -> Result<Confirmation> {
        let row = match self.core.sign_up_of_link(secret).await? {
            Some(row) => row,
            None => return Err(self.core.why_dead(CONFIRM, secret).await?.into()),
        };
        Ok(Confirmation { email: row.email.clone(), name: row.name.clone(), signed_up_here: row.began_as(here) })
    }

    /// Completes a sign-up by the link in its mail, which works once. In the browser that signed up (`here`) that is
    /// all; elsewhere the password is `chosen`.
    ///
    /// # Errors
    /// Why the link leads nowhere; [`ErrorCode::PasswordNeeded`]; a common password; [`ErrorCode::Busy`].
    pub async fn confirm_link(
        &self,
        origin: &Origin,
        secret: &PlainSecret,
        here: Option<SignUpId>,
        chosen: Option<Chosen>,
    ) -> Result<Admission> {
        let core = &self.core;
        let Some(row) = core.sign_up_of_link(secret).await? else {
            core.record_folded(Entry::new(Event::VerificationFailed { because: VerificationFault::DeadLink }, origin));
            return Err(core.why_dead(CONFIRM, secret).await?.into());
        };
        let (name, hash) = if row.began_as(here) {
            (row.name.clone(), row.password_hash.clone())
        } else {
            let chosen = chosen.ok_or_else(|| Problem::new(ErrorCode::PasswordNeeded).on("password"))?;
            core.refuse_common(&chosen.password, &row.email)?;
            let hash = core.hasher.hash(origin, chosen.password.expose(), core.random()).await?;
            (chosen.name.unwrap_or_else(|| row.name.clone()), hash)
        };
        let (row, name, hash) = (&row, &name, &hash);
        core.db
            .transact(|tx| {
                work(async move {
                    let admission = core.complete(tx, origin, row, name, hash).await?;
                    Ok(admission)
                })
            })
            .await
    }
}

impl OpenSignUp {
    /// Whether it was begun in the browser that remembers this one.
    fn began_as(&self, here: Option<SignUpId>) -> bool {
        here == Some(self.id)
    }
}

impl Core {
    /// Makes the account. Of many redemptions at once exactly one gets past the update, and none by a link that was
    /// replaced meanwhile.
    async fn complete(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        row: &OpenSignUp,
        name: &PersonName,
        password_hash: &str,
    ) -> Result<Admission> {
        let used = sqlx::query(
            "UPDATE sign_ups SET verified_at = $3 WHERE id = $1 AND secret_hash = $2 AND verified_at IS NULL",
        )
        .bind(row.id)
        .bind(&row.secret_hash)
        .bind(self.now())
        .execute(&mut **tx)
        .await?;
        if used.rows_affected() == 0 {
            return Err(ErrorCode::SecretUsed.into());
        }
        let email = &row.email;
        let account = self.create_client(tx, email, name, password_hash).await?;
        let device = self.remember(tx, account, origin).await?;
        self.record(tx, Entry::new(Event::Verified, origin).by_account(account, email.as_str())).await?;
        Ok(Admission::under(account, 0).with_device(device))
    }

    /// An address that another sign-up has confirmed meanwhile has its account.
    async fn create_client(
        &self,
        tx: &mut Tx,
        email: &Email,
        name: &PersonName,
        password_hash: &str,
    ) -> Result<AccountId> {
        let new = NewAccount { email, name, role: Role::Client, password_hash };
        Ok(self.create_account(tx, new).await?.ok_or(ErrorCode::SecretUsed)?)
    }

    async fn sign_up_of_link(&self, secret: &PlainSecret) -> Result<Option<OpenSignUp>> {
        Ok(sqlx::query_as(
            "SELECT id, email, name, password_hash, secret_hash, code_hash, code_attempts, mailed_at FROM sign_ups \
             WHERE secret_hash = $1 AND verified_at IS NULL AND expires_at > $2",
        )
        .bind(hash_secret(secret))
        .bind(self.now())
        .fetch_optional(self.db.read())
        .await?)
    }

    /// Whether the six digits of a mail are over. A mail of the future was sent before the clock was set back, and
    /// how long ago that was cannot be told.
    fn is_code_over(&self, mailed_at: Timestamp) -> bool {
        let now = self.now();
        mailed_at > now || mailed_at.after(CODE_LIFE) <= now
    }

    fn wrong_code(&self, origin: &Origin, email: &Email) -> crate::Error {
        let event = Event::VerificationFailed { because: VerificationFault::WrongCode };
        self.record_folded(Entry::new(event, origin).claimed_by(email.as_str()));
        Problem::new(ErrorCode::CodeWrong).on("code").into()
    }
}
