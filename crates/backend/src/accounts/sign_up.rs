//! Signing up: a form, and a mail with a link and six digits.

use std::time::Duration;

use domain::{
    Email, ErrorCode, PlainSecret, Problem, SignUpId, Timestamp,
    account::{LINK_LIFE, PendingSignUp, SignUp},
    activity::Action,
};
use sqlx::FromRow;

use super::{Accounts, hash_secret, moment, parse_email};
use crate::{
    activity::Event,
    caller::Origin,
    core::Core,
    db::Tx,
    error::Result,
    mail::{Cause, Letter},
    throttle::{Count, MAIL_ADDRESS, MAIL_RECIPIENT, MAIL_RECIPIENT_FROM},
};

/// How long until another mail can be asked for.
const RESEND_WAIT: Duration = Duration::from_secs(60);

/// A sign-up that waits for its proof.
#[derive(FromRow)]
pub(super) struct OpenSignUp {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password_hash: String,
    pub(super) secret_hash: String,
    pub(super) code_hash: String,
    pub(super) code_attempts: i64,
    pub(super) mailed_at: i64,
}

impl Accounts {
    /// Takes a sign-up and mails its link and code. An address that has an account already gets a mail
    /// that says so; the answer, and the time it takes, are the same.
    ///
    /// # Errors
    /// A common password; too many sign-ups from one network or for one recipient; [`ErrorCode::Busy`].
    pub async fn sign_up(&self, origin: &Origin, input: SignUp) -> Result<SignUpId> {
        let core = &self.core;
        core.refuse_common(&input.password, &input.email)?;
        let counts = mail_to(&input.email, origin);
        core.attempt(&counts).await?;
        let hash = match core.hasher.hash(origin, input.password.expose(), core.random()).await {
            Ok(hash) => hash,
            // No mail was sent.
            Err(error) => {
                core.take_back(&counts).await?;
                return Err(error);
            }
        };
        let id = SignUpId::new(core.uuid());
        let proof = Proof::new(core, id);

        let mut tx = core.db.write().await?;
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
        row.map(|row| {
            Ok(PendingSignUp { email: parse_email(&row.email)?, resend_at: self.core.resend_at(row.mailed_at) })
        })
        .transpose()
    }

    /// Mails a fresh link and code; the earlier ones stop working, and the time to use them begins anew.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyAttempts`] before the timer has run out; [`ErrorCode::NothingToConfirm`] when the
    /// sign-up is completed or over.
    pub async fn resend(&self, origin: &Origin, id: SignUpId) -> Result<PendingSignUp> {
        let row = self.core.open_sign_up(id).await?.ok_or(ErrorCode::NothingToConfirm)?;
        let wait = self.core.resend_at(row.mailed_at).since(self.core.now());
        if !wait.is_zero() {
            let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
            return Err(Problem::new(ErrorCode::TooManyAttempts).retry_after(seconds).into());
        }
        let email = parse_email(&row.email)?;
        self.send_again(origin, id, row, email).await
    }

    /// Changes the address of a sign-up and mails a fresh link and code there.
    ///
    /// # Errors
    /// As [`Self::resend`], except for the timer.
    pub async fn correct_email(&self, origin: &Origin, id: SignUpId, email: Email) -> Result<PendingSignUp> {
        let row = self.core.open_sign_up(id).await?.ok_or(ErrorCode::NothingToConfirm)?;
        self.send_again(origin, id, row, email).await
    }

    async fn send_again(&self, origin: &Origin, id: SignUpId, row: OpenSignUp, email: Email) -> Result<PendingSignUp> {
        let core = &self.core;
        let counts = mail_to(&email, origin);
        core.refuse_early(&counts).await?;
        let proof = Proof::new(core, id);
        let mut tx = core.db.write().await?;
        core.attempt_in(&mut tx, &counts).await?;
        // A mail that will be withheld must not end the link that was sent before.
        let keeps_proof = row.email == email.as_str() && !core.may_mail(&mut tx, &email, Cause::Stranger).await?;
        if !keeps_proof {
            core.replace_proof(&mut tx, id, &email, &proof).await?;
            core.replace_links(&mut tx, [row.secret_hash]).await?;
        }
        core.send_proof(&mut tx, &email, &proof).await?;
        tx.commit().await?;
        Ok(PendingSignUp { email, resend_at: core.resend_at(core.now().millis()) })
    }
}

/// What a mail to somebody who has proven nothing is counted under. Strangers elsewhere do not use up what the
/// recipient's own network has.
fn mail_to(email: &Email, origin: &Origin) -> Vec<Count> {
    let mut counts = vec![MAIL_RECIPIENT.count(email.as_str())];
    if let Some(network) = origin.group() {
        counts.extend([MAIL_ADDRESS.count(&network), MAIL_RECIPIENT_FROM.count(&format!("{email} from {network}"))]);
    }
    counts
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
    /// Makes `proof` the one that completes a sign-up, under this address and from now on.
    async fn replace_proof(&self, tx: &mut Tx, id: SignUpId, email: &Email, proof: &Proof) -> Result<()> {
        let renewed = sqlx::query(
            "UPDATE sign_ups SET email = $2, secret_hash = $3, code_hash = $4, code_attempts = 0, mailed_at = $5, \
             expires_at = $6 WHERE id = $1 AND verified_at IS NULL",
        )
        .bind(id.to_string())
        .bind(email.as_str())
        .bind(hash_secret(&proof.secret))
        .bind(&proof.code_hash)
        .bind(self.now().millis())
        .bind(self.now().after(LINK_LIFE).millis())
        .execute(&mut **tx)
        .await?;
        if renewed.rows_affected() == 0 { Err(ErrorCode::NothingToConfirm.into()) } else { Ok(()) }
    }

    /// Mails the proof, or, where the address has an account already, a mail that says so and proves
    /// nothing. Returns whether it had one.
    ///
    /// The name that was typed is in neither: whoever reads the mail may be somebody else.
    async fn send_proof(&self, tx: &mut Tx, email: &Email, proof: &Proof) -> Result<bool> {
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

    pub(super) async fn open_sign_up(&self, id: SignUpId) -> Result<Option<OpenSignUp>> {
        Ok(sqlx::query_as(
            "SELECT id, email, name, password_hash, secret_hash, code_hash, code_attempts, mailed_at FROM sign_ups \
             WHERE id = $1 AND verified_at IS NULL AND expires_at > $2",
        )
        .bind(id.to_string())
        .bind(self.now().millis())
        .fetch_optional(self.db.read())
        .await?)
    }

    /// From when on another mail can be asked for. A mail of the future was sent before the clock was set back; how
    /// long ago that was cannot be told, so nobody waits for it.
    fn resend_at(&self, mailed_at: i64) -> Timestamp {
        let (mailed_at, now) = (moment(mailed_at), self.now());
        if mailed_at > now { now } else { mailed_at.after(RESEND_WAIT) }
    }
}
