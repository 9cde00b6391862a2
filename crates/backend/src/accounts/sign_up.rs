//! Signing up: a form, and a mail with a link and six digits.

use std::time::Duration;

use domain::{
    AccountId, Email, ErrorCode, PersonName, PlainSecret, Problem, SignUpId, Timestamp,
    account::{LINK_LIFE, PendingSignUp, SignUp},
    activity::Event,
};
use sqlx::FromRow;

use super::{Accounts, hash_secret};
use crate::{
    activity::Entry,
    caller::Origin,
    core::Core,
    db::{Tx, work},
    error::Result,
    mail::{Cause, Letter},
    throttle::{Count, MAIL_ADDRESS, MAIL_RECIPIENT, MAIL_RECIPIENT_FROM},
};

/// How long until another mail can be asked for.
const RESEND_WAIT: Duration = Duration::from_secs(60);

/// A sign-up that waits for its proof.
#[derive(FromRow)]
pub(super) struct OpenSignUp {
    pub(super) id: SignUpId,
    pub(super) email: Email,
    pub(super) name: PersonName,
    pub(super) password_hash: String,
    pub(super) secret_hash: String,
    pub(super) code_hash: String,
    pub(super) code_attempts: i64,
    pub(super) mailed_at: Timestamp,
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
        core.attempt(&counts).await.map_err(|error| core.throttled(origin, &input.email, error))?;
        let hash = match core.hasher.hash(origin, input.password.expose(), core.random()).await {
            Ok(hash) => hash,
            // No mail was sent.
            Err(error) => {
                core.take_back(&counts).await?;
                return Err(error);
            }
        };
        let new = NewSignUp { email: &input.email, name: &input.name, password_hash: &hash };
        core.db.transact(|tx| work(async move { core.begin_sign_up(tx, origin, new).await })).await
    }

    /// What the "check your mail" page shows; `None` once the sign-up is completed or over.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn pending(&self, id: SignUpId) -> Result<Option<PendingSignUp>> {
        let row = self.core.open_sign_up(id).await?;
        Ok(row.map(|row| PendingSignUp { email: row.email, resend_at: self.core.resend_at(row.mailed_at) }))
    }

    /// Mails a fresh link and code; the earlier ones stop working, and the time to use them begins anew.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyAttempts`] before the timer has run out; [`ErrorCode::NothingToConfirm`] when the
    /// sign-up is completed or over.
    pub async fn resend(&self, origin: &Origin, id: SignUpId) -> Result<PendingSignUp> {
        let row = self.core.open_sign_up(id).await?.ok_or(ErrorCode::NothingToConfirm)?;
        let (core, email) = (&self.core, &row.email);
        core.refuse_resend(row.mailed_at).map_err(|error| core.throttled(origin, email, error))?;
        let counts = &mail_to(email, origin);
        core.refuse_early(counts).await.map_err(|error| core.throttled(origin, email, error))?;
        core.db
            .transact(|tx| {
                work(async move {
                    // Of many at once one finds the timer as it was seen above.
                    let row = core.lock_sign_up(tx, id).await?;
                    core.refuse_resend(row.mailed_at)?;
                    core.attempt_in(tx, counts).await?;
                    core.prove_again(tx, origin, id, &row, email).await
                })
            })
            .await
            .map_err(|error| core.throttled(origin, email, error))?;
        Ok(PendingSignUp { email: email.clone(), resend_at: core.resend_at(core.now()) })
    }

    /// Signs up anew with another address and what was given before. The mail to the first address goes on working:
    /// whose it is may have signed up, too, and nobody else can end their link.
    ///
    /// # Errors
    /// As [`Self::resend`], except for the timer.
    pub async fn correct_email(&self, origin: &Origin, id: SignUpId, email: &Email) -> Result<SignUpId> {
        let core = &self.core;
        let row = core.open_sign_up(id).await?.ok_or(ErrorCode::NothingToConfirm)?;
        let counts = &mail_to(email, origin);
        core.refuse_early(counts).await.map_err(|error| core.throttled(origin, email, error))?;
        let new = NewSignUp { email, name: &row.name, password_hash: &row.password_hash };
        core.db
            .transact(|tx| {
                work(async move {
                    core.attempt_in(tx, counts).await?;
                    core.begin_sign_up(tx, origin, new).await
                })
            })
            .await
            .map_err(|error| core.throttled(origin, email, error))
    }
}

/// A sign-up about to wait.
#[derive(Clone, Copy)]
struct NewSignUp<'a> {
    email: &'a Email,
    name: &'a PersonName,
    password_hash: &'a str,
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
    async fn begin_sign_up(&self, tx: &mut Tx, origin: &Origin, new: NewSignUp<'_>) -> Result<SignUpId> {
        let id = SignUpId::new(self.uuid());
        let proof = Proof::new(self, id);
        sqlx::query(
            "INSERT INTO sign_ups (id, email, name, password_hash, secret_hash, code_hash, code_attempts, mailed_at, \
             expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $7)",
        )
        .bind(id)
        .bind(new.email)
        .bind(new.name)
        .bind(new.password_hash)
        .bind(hash_secret(&proof.secret))
        .bind(&proof.code_hash)
        .bind(self.now())
        .bind(self.now().after(LINK_LIFE))
        .execute(&mut **tx)
        .await?;
        let known = self.send_proof(tx, origin, new.email, &proof).await?;
        let event = if known { Event::SignUpRepeated } else { Event::SignedUp };
        self.record(tx, Entry::new(event, origin).claimed_by(new.email.as_str())).await?;
        Ok(id)
    }

    /// Mails a fresh proof, which takes the place of the last one. A mail that will be withheld must not end the link
    /// that was sent before.
    async fn prove_again(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        id: SignUpId,
        row: &OpenSignUp,
        email: &Email,
    ) -> Result<()> {
        let proof = Proof::new(self, id);
        if self.may_mail(tx, origin, email, Cause::Stranger).await? {
            self.replace_proof(tx, id, &proof).await?;
            self.replace_links(tx, [row.secret_hash.clone()]).await?;
        }
        self.send_proof(tx, origin, email, &proof).await?;
        Ok(())
    }

    /// Makes `proof` the one that completes a sign-up, from now on.
    async fn replace_proof(&self, tx: &mut Tx, id: SignUpId, proof: &Proof) -> Result<()> {
        let renewed = sqlx::query(
            "UPDATE sign_ups SET secret_hash = $2, code_hash = $3, code_attempts = 0, mailed_at = $4, \
             expires_at = $5 WHERE id = $1 AND verified_at IS NULL",
        )
        .bind(id)
        .bind(hash_secret(&proof.secret))
        .bind(&proof.code_hash)
        .bind(self.now())
        .bind(self.now().after(LINK_LIFE))
        .execute(&mut **tx)
        .await?;
        if renewed.rows_affected() == 0 { Err(ErrorCode::NothingToConfirm.into()) } else { Ok(()) }
    }

    /// Mails the proof, or, where the address has an account already, a mail that says so and proves
    /// nothing. Returns whether it had one.
    ///
    /// The name that was typed is in neither: whoever reads the mail may be somebody else.
    async fn send_proof(&self, tx: &mut Tx, origin: &Origin, email: &Email, proof: &Proof) -> Result<bool> {
        let known: Option<AccountId> = sqlx::query_scalar("SELECT id FROM accounts WHERE email = $1")
            .bind(email)
            .fetch_optional(&mut **tx)
            .await?;
        let letter = match known {
            Some(_) => Letter::AlreadyRegistered,
            None => Letter::Verify { secret: proof.secret.clone(), code: proof.code.clone() },
        };
        self.send(tx, origin, email, letter).await?;
        Ok(known.is_some())
    }

    pub(super) async fn open_sign_up(&self, id: SignUpId) -> Result<Option<OpenSignUp>> {
        Ok(sqlx::query_as(
            "SELECT id, email, name, password_hash, secret_hash, code_hash, code_attempts, mailed_at FROM sign_ups \
             WHERE id = $1 AND verified_at IS NULL AND expires_at > $2",
        )
        .bind(id)
        .bind(self.now())
        .fetch_optional(self.db.read())
        .await?)
    }

    /// Reads a sign-up that waits and locks its row until the transaction ends.
    async fn lock_sign_up(&self, tx: &mut Tx, id: SignUpId) -> Result<OpenSignUp> {
        // The no-op update takes the row's lock on PostgreSQL; on SQLite the transaction has it already.
        let row: Option<OpenSignUp> = sqlx::query_as(
            "UPDATE sign_ups SET mailed_at = mailed_at WHERE id = $1 AND verified_at IS NULL AND expires_at > $2 \
             RETURNING id, email, name, password_hash, secret_hash, code_hash, code_attempts, mailed_at",
        )
        .bind(id)
        .bind(self.now())
        .fetch_optional(&mut **tx)
        .await?;
        Ok(row.ok_or(ErrorCode::NothingToConfirm)?)
    }

    /// Refuses to mail again before the timer has run out.
    fn refuse_resend(&self, mailed_at: Timestamp) -> Result<()> {
        let wait = self.resend_at(mailed_at).since(self.now());
        if wait.is_zero() {
            return Ok(());
        }
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
        Err(Problem::new(ErrorCode::TooManyAttempts).retry_after(seconds).into())
    }

    /// From when on another mail can be asked for. A mail of the future was sent before the clock was set back; how
    /// long ago that was cannot be told, so nobody waits for it.
    fn resend_at(&self, mailed_at: Timestamp) -> Timestamp {
        let now = self.now();
        if mailed_at > now { now } else { mailed_at.after(RESEND_WAIT) }
    }
}
