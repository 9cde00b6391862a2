//! Signing up and proving the address, by link or by six digits.

use std::time::Duration;

use domain::{
    AccountId, Email, ErrorCode, PlainSecret, Problem, Role, SignUpId, Timestamp,
    account::{LINK_LIFE, PendingSignUp, SignUp},
    activity::Action,
};
use sqlx::FromRow;

use super::{Accounts, NewAccount, hash_secret, moment, parse_email, parse_id, parse_name};
use crate::{
    activity::Event,
    caller::Origin,
    core::Core,
    db::Tx,
    error::Result,
    mail::{Cause, Letter},
    throttle::{MAIL_ADDRESS, MAIL_RECIPIENT},
};

/// How long until another mail can be asked for.
const RESEND_WAIT: Duration = Duration::from_secs(60);
/// Wrong codes after which only the link works.
const CODE_TRIES: i64 = 5;

#[derive(FromRow)]
struct Row {
    id: String,
    email: String,
    name: String,
    password_hash: String,
    code_hash: String,
    mailed_at: i64,
}

impl Accounts {
    /// Takes a sign-up and mails its link and code. An address that has an account already gets a mail
    /// that says so; the answer, and the time it takes, are the same.
    ///
    /// # Errors
    /// A common password; too many sign-ups from one network address or for one recipient.
    pub async fn sign_up(&self, origin: &Origin, input: SignUp) -> Result<SignUpId> {
        let core = &self.core;
        core.refuse_common(&input.password, &input.email)?;
        let hash = core.hasher.hash(input.password.expose(), core.random()).await?;
        let id = SignUpId::new(core.uuid());
        let proof = Proof::new(core, id);

        let mut tx = core.db.write().await?;
        core.attempt(&mut tx, &MAIL_ADDRESS, &origin.address).await?;
        sqlx::query(
            "INSERT INTO sign_ups (id, email, name, password_hash, secret_hash, code_hash, code_attempts, mailed_at, \
             expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $7)",
        )
        .bind(id.to_string())
        .bind(input.email.as_str())
        .bind(input.name.as_str())
        .bind(hash)
        .bind(hash_secret(&proof.secret))
        .bind(&proof.code_hash)
        .bind(core.now().millis())
        .bind(core.now().after(LINK_LIFE).millis())
        .execute(&mut *tx)
        .await?;
        let known = core.send_proof(&mut tx, &input.email, &proof).await?;
        let action = if known { Action::SignUpRepeated } else { Action::SignedUp };
        core.record(&mut tx, Event::new(action, origin).claimed_by(input.email.as_str())).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// What the "check your mail" page shows; `None` once the sign-up is completed or over.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn pending(&self, id: SignUpId) -> Result<Option<PendingSignUp>> {
        let row = self.core.open_sign_up(id).await?;
        row.map(|row| Ok(PendingSignUp { email: parse_email(&row.email)?, resend_at: resend_at(row.mailed_at) }))
            .transpose()
    }

    /// Mails a fresh link and code; the earlier ones stop working.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyAttempts`] before the timer has run out; [`ErrorCode::SecretSpent`] when the
    /// sign-up is completed or over.
    pub async fn resend(&self, origin: &Origin, id: SignUpId) -> Result<PendingSignUp> {
        let row = self.core.open_sign_up(id).await?.ok_or(ErrorCode::SecretSpent)?;
        let wait = resend_at(row.mailed_at).since(self.core.now());
        if !wait.is_zero() {
            let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
            return Err(Problem::new(ErrorCode::TooManyAttempts).retry_after(seconds).into());
        }
        let email = parse_email(&row.email)?;
        self.send_again(origin, id, &row, email).await
    }

    /// Changes the address of a sign-up and mails a fresh link and code there.
    ///
    /// # Errors
    /// As [`Self::resend`], except for the timer.
    pub async fn correct_email(&self, origin: &Origin, id: SignUpId, email: Email) -> Result<PendingSignUp> {
        let row = self.core.open_sign_up(id).await?.ok_or(ErrorCode::SecretSpent)?;
        self.send_again(origin, id, &row, email).await
    }

    /// Completes a sign-up by the six digits in its mail, in the browser that began it.
    ///
    /// # Errors
    /// [`ErrorCode::CodeWrong`] for a wrong code, and for any code after five wrong ones;
    /// [`ErrorCode::SecretSpent`] when the sign-up is completed or over.
    pub async fn confirm_code(&self, origin: &Origin, id: SignUpId, code: &str) -> Result<AccountId> {
        let core = &self.core;
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let mut tx = core.db.write().await?;
        let row: Option<Row> = sqlx::query_as(
            "UPDATE sign_ups SET code_attempts = code_attempts + 1 \
             WHERE id = $1 AND verified_at IS NULL AND expires_at > $2 \
             RETURNING id, email, name, password_hash, CASE WHEN code_attempts > $3 THEN '' ELSE code_hash END AS code_hash, mailed_at",
        )
        .bind(id.to_string())
        .bind(core.now().millis())
        .bind(CODE_TRIES)
        .fetch_optional(&mut *tx)
        .await?;
        let row = row.ok_or(ErrorCode::SecretSpent)?;
        if row.code_hash != core.hash_code(id, &code) {
            let event = Event::new(Action::VerificationFailed, origin).claimed_by(&row.email).detail("wrong code");
            core.record(&mut tx, event).await?;
            tx.commit().await?;
            return Err(Problem::new(ErrorCode::CodeWrong).on("code").into());
        }
        let account = core.complete(&mut tx, origin, &row).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// Completes a sign-up by the link in its mail. The link works once.
    ///
    /// # Errors
    /// [`ErrorCode::SecretSpent`] when it was used, replaced, is over, or never was.
    pub async fn confirm_link(&self, origin: &Origin, secret: &PlainSecret) -> Result<AccountId> {
        let core = &self.core;
        let mut tx = core.db.write().await?;
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, email, name, password_hash, code_hash, mailed_at FROM sign_ups \
             WHERE secret_hash = $1 AND verified_at IS NULL AND expires_at > $2",
        )
        .bind(hash_secret(secret))
        .bind(core.now().millis())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else {
            core.record(&mut tx, Event::new(Action::VerificationFailed, origin).detail("dead link")).await?;
            tx.commit().await?;
            return Err(ErrorCode::SecretSpent.into());
        };
        let account = core.complete(&mut tx, origin, &row).await?;
        tx.commit().await?;
        Ok(account)
    }

    async fn send_again(&self, origin: &Origin, id: SignUpId, row: &Row, email: Email) -> Result<PendingSignUp> {
        let core = &self.core;
        let proof = Proof::new(core, id);
        let mut tx = core.db.write().await?;
        core.attempt(&mut tx, &MAIL_ADDRESS, &origin.address).await?;
        // A mail that will be withheld must not end the link that was sent before.
        let keeps_proof = row.email == email.as_str() && !core.may_mail(&mut tx, &email, Cause::Stranger).await?;
        if !keeps_proof {
            core.replace_proof(&mut tx, id, &email, &proof).await?;
        }
        core.send_proof(&mut tx, &email, &proof).await?;
        tx.commit().await?;
        Ok(PendingSignUp { email, resend_at: resend_at(core.now().millis()) })
    }
}

/// What proves that a mail was read.
struct Proof {
    secret: PlainSecret,
    code: String,
    code_hash: String,
}

impl Proof {
    fn new(core: &Core, id: SignUpId) -> Self {
        let code = core.new_code();
        let code_hash = core.hash_code(id, &code);
        Self { secret: core.new_secret(), code, code_hash }
    }
}

impl Core {
    /// Makes `proof` the one that completes a sign-up, under this address.
    async fn replace_proof(&self, tx: &mut Tx, id: SignUpId, email: &Email, proof: &Proof) -> Result<()> {
        sqlx::query(
            "UPDATE sign_ups SET email = $2, secret_hash = $3, code_hash = $4, code_attempts = 0, mailed_at = $5 \
             WHERE id = $1 AND verified_at IS NULL",
        )
        .bind(id.to_string())
        .bind(email.as_str())
        .bind(hash_secret(&proof.secret))
        .bind(&proof.code_hash)
        .bind(self.now().millis())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Mails the proof, or, where the address has an account already, a mail that says so and proves
    /// nothing. Returns whether it had one.
    async fn send_proof(&self, tx: &mut Tx, email: &Email, proof: &Proof) -> Result<bool> {
        self.attempt(tx, &MAIL_RECIPIENT, email.as_str()).await?;
        let known: Option<(String,)> = sqlx::query_as("SELECT id FROM accounts WHERE email = $1")
            .bind(email.as_str())
            .fetch_optional(&mut **tx)
            .await?;
        let letter = match known {
            Some(_) => Letter::AlreadyRegistered,
            None => Letter::Verify { secret: proof.secret.clone(), code: proof.code.clone() },
        };
        self.send(tx, email, letter).await?;
        Ok(known.is_some())
    }

    /// Makes the account. Of many redemptions at once exactly one gets past the update.
    async fn complete(&self, tx: &mut Tx, origin: &Origin, row: &Row) -> Result<AccountId> {
        let used = sqlx::query("UPDATE sign_ups SET verified_at = $2 WHERE id = $1 AND verified_at IS NULL")
            .bind(&row.id)
            .bind(self.now().millis())
            .execute(&mut **tx)
            .await?;
        if used.rows_affected() == 0 {
            return Err(ErrorCode::SecretSpent.into());
        }
        let email = parse_email(&row.email)?;
        let name = parse_name(&row.name)?;
        let new = NewAccount { email: &email, name: &name, role: Role::Client, password_hash: &row.password_hash };
        let account = self.create_account(tx, new).await?.ok_or(ErrorCode::SecretSpent)?;
        self.remember_address(tx, account, origin).await?;
        self.record(tx, Event::new(Action::Verified, origin).by_account(account, email.as_str())).await?;
        Ok(account)
    }

    async fn open_sign_up(&self, id: SignUpId) -> Result<Option<Row>> {
        Ok(sqlx::query_as(
            "SELECT id, email, name, password_hash, code_hash, mailed_at FROM sign_ups \
             WHERE id = $1 AND verified_at IS NULL AND expires_at > $2",
        )
        .bind(id.to_string())
        .bind(self.now().millis())
        .fetch_optional(self.db.read())
        .await?)
    }

    /// The newest sign-up of an address that waits for its proof, and its password hash.
    pub(super) async fn pending_credentials(&self, email: &Email) -> Result<Option<(SignUpId, String)>> {
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, password_hash FROM sign_ups WHERE email = $1 AND verified_at IS NULL AND expires_at > $2 \
             ORDER BY created_at DESC, id DESC LIMIT 1",
        )
        .bind(email.as_str())
        .bind(self.now().millis())
        .fetch_optional(self.db.read())
        .await?;
        row.map(|(id, hash)| Ok((parse_id(&id)?, hash))).transpose()
    }
}

fn resend_at(mailed_at: i64) -> Timestamp {
    moment(mailed_at).after(RESEND_WAIT)
}
