//! Ops: the set-up link of the first start, the command line, and invitations. Never sign-up.

use std::{sync::Arc, time::Duration};

use domain::{
    AccountId, Email, ErrorCode, InvitationId, PersonName, PlainPassword, PlainSecret, Problem, Role, Timestamp,
    account::TeamMember, activity::Event,
};
use sqlx::FromRow;

use super::{Admission, NewAccount, hash_secret, links::INVITE};
use crate::{
    activity::Entry,
    caller::{Caller, Origin, Person},
    core::Core,
    db::{Tx, work},
    error::Result,
    mail::Letter,
    policy::{self, Permission},
};

/// How long an invitation can be accepted, and how long the set-up link of one start works.
pub(crate) const INVITATION_LIFE: Duration = Duration::from_secs(3 * 24 * 3600);

/// Looks after ops accounts.
#[derive(Clone)]
pub struct Team {
    core: Arc<Core>,
}

/// One of ops.
#[derive(FromRow)]
struct Joined {
    name: PersonName,
    email: Email,
    created_at: Timestamp,
}

/// Who may become one of ops.
#[derive(FromRow)]
struct Invited {
    id: InvitationId,
    email: Email,
    expires_at: Timestamp,
}

/// An invitation that is gone.
#[derive(FromRow)]
struct Withdrawn {
    email: Email,
    secret_hash: String,
}

impl Team {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The secret of a fresh set-up link, while there is no ops account; the earlier one stops working.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn setup_secret(&self) -> Result<Option<PlainSecret>> {
        let core = &self.core;
        core.db
            .transact(|tx| {
                work(async move {
                    if core.has_ops(tx).await? {
                        return Ok(None);
                    }
                    let earlier: Vec<String> = sqlx::query_scalar(
                        "DELETE FROM invitations WHERE email IS NULL AND used_at IS NULL RETURNING secret_hash",
                    )
                    .fetch_all(&mut **tx)
                    .await?;
                    core.replace_links(tx, earlier).await?;
                    let secret = core.new_invitation(tx, None, None).await?;
                    Ok(Some(secret))
                })
            })
            .await
    }

    /// Makes an ops account from the command line of the machine itself.
    ///
    /// # Errors
    /// [`ErrorCode::AddressTaken`]; a common password.
    pub async fn create_ops(&self, email: Email, name: PersonName, password: PlainPassword) -> Result<AccountId> {
        let core = &self.core;
        core.refuse_common(&password, &email)?;
        let hash = core.hasher.hash(&Origin::local(), password.expose(), core.random()).await?;
        let (email, name, hash) = (&email, &name, &hash);
        core.db
            .transact(|tx| {
                work(async move {
                    let id = core.create_ops(tx, &Origin::local(), email, name, hash).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Invites someone to ops by mail. An open invitation of the same address is replaced.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::AddressTaken`].
    pub async fn invite(&self, caller: &Caller, email: &Email) -> Result<()> {
        let person = policy::require(caller, Permission::ManageTeam)?;
        let core = &self.core;
        core.db
            .transact(|tx| {
                work(async move {
                    let taken: Option<AccountId> = sqlx::query_scalar("SELECT id FROM accounts WHERE email = $1")
                        .bind(email)
                        .fetch_optional(&mut **tx)
                        .await?;
                    if taken.is_some() {
                        return Err(address_taken());
                    }
                    let earlier: Vec<String> = sqlx::query_scalar(
                        "DELETE FROM invitations WHERE email = $1 AND used_at IS NULL RETURNING secret_hash",
                    )
                    .bind(email)
                    .fetch_all(&mut **tx)
                    .await?;
                    core.replace_links(tx, earlier).await?;
                    let secret = core.new_invitation(tx, Some(email), Some(person)).await?;
                    core.record(tx, Entry::new(Event::OpsInvited, &caller.origin).by(person).about(email.as_str()))
                        .await?;
                    let letter =
                        Letter::Invitation { from: person.name().clone(), reply_to: person.me.email.clone(), secret };
                    core.send(tx, &caller.origin, email, letter).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Withdraws an open invitation.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`] when there is no such open invitation.
    pub async fn withdraw(&self, caller: &Caller, id: InvitationId) -> Result<()> {
        let person = policy::require(caller, Permission::ManageTeam)?;
        self.core
            .db
            .transact(|tx| {
                work(async move {
                    let gone: Option<Withdrawn> = sqlx::query_as(
                        "DELETE FROM invitations WHERE id = $1 AND used_at IS NULL AND email IS NOT NULL \
                     RETURNING email, secret_hash",
                    )
                    .bind(id)
                    .fetch_optional(&mut **tx)
                    .await?;
                    let Withdrawn { email, secret_hash } = gone.ok_or(ErrorCode::NotFound)?;
                    self.core.replace_links(tx, [secret_hash]).await?;
                    let entry = Entry::new(Event::InvitationWithdrawn, &caller.origin).by(person).about(email.as_str());
                    self.core.record(tx, entry).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Everyone in ops, then everyone invited.
    ///
    /// # Errors
    /// Not one of ops.
    pub async fn members(&self, caller: &Caller) -> Result<Vec<TeamMember>> {
        policy::require(caller, Permission::ManageTeam)?;
        let joined: Vec<Joined> =
            sqlx::query_as("SELECT name, email, created_at FROM accounts WHERE role = $1 ORDER BY created_at, id")
                .bind(Role::Ops)
                .fetch_all(self.core.db.read())
                .await?;
        let invited: Vec<Invited> = sqlx::query_as(
            "SELECT id, email, expires_at FROM invitations \
             WHERE used_at IS NULL AND email IS NOT NULL AND expires_at > $1 ORDER BY created_at, id",
        )
        .bind(self.core.now())
        .fetch_all(self.core.db.read())
        .await?;
        let joined = joined.into_iter().map(|Joined { name, email, created_at }| TeamMember::Joined {
            name,
            email,
            since: created_at,
        });
        let invited =
            invited.into_iter().map(|Invited { id, email, expires_at }| TeamMember::Invited { id, email, expires_at });
        Ok(joined.chain(invited).collect())
    }

    /// For whom an invitation is: an address, or `None` for the set-up link, whose user brings their own.
    ///
    /// # Errors
    /// Why it leads nowhere: it was used, replaced, withdrawn, is over, or never was.
    pub async fn invitation(&self, secret: &PlainSecret) -> Result<Option<Email>> {
        let row: Option<Option<Email>> = sqlx::query_scalar(
            "SELECT email FROM invitations WHERE secret_hash = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(hash_secret(secret))
        .bind(self.core.now())
        .fetch_optional(self.core.db.read())
        .await?;
        match row {
            Some(email) => Ok(email),
            None => Err(self.core.why_dead(INVITE, secret).await?.into()),
        }
    }

    /// Accepts an invitation, or uses the set-up link, for which `email` is needed.
    ///
    /// # Errors
    /// As [`Self::invitation`]; a common password; an address that has an account; the set-up link after
    /// ops exist.
    pub async fn accept(
        &self,
        origin: &Origin,
        secret: &PlainSecret,
        email: Option<Email>,
        name: &PersonName,
        password: &PlainPassword,
    ) -> Result<Admission> {
        let core = &self.core;
        let invited = self.invitation(secret).await?;
        let is_setup = invited.is_none();
        let email = invited.or(email).ok_or_else(|| Problem::new(ErrorCode::InvalidEmail).on("email"))?;
        core.refuse_common(password, &email)?;
        let hash = core.hasher.hash(origin, password.expose(), core.random()).await?;

        let (email, hash) = (&email, &hash);
        core.db
            .transact(|tx| {
                work(async move {
                    let used =
                        sqlx::query("UPDATE invitations SET used_at = $2 WHERE secret_hash = $1 AND used_at IS NULL")
                            .bind(hash_secret(secret))
                            .bind(core.now())
                            .execute(&mut **tx)
                            .await?;
                    if used.rows_affected() == 0 {
                        return Err(ErrorCode::SecretUsed.into());
                    }
                    if is_setup && core.has_ops(tx).await? {
                        return Err(ErrorCode::SecretReplaced.into());
                    }
                    let id = core.create_ops(tx, origin, email, name, hash).await?;
                    let device = core.remember(tx, id, origin).await?;
                    Ok(Admission::under(id, 0).with_device(device))
                })
            })
            .await
    }
}

impl Core {
    async fn has_ops(&self, tx: &mut Tx) -> Result<bool> {
        let ops: Option<AccountId> = sqlx::query_scalar("SELECT id FROM accounts WHERE role = $1 LIMIT 1")
            .bind(Role::Ops)
            .fetch_optional(&mut **tx)
            .await?;
        Ok(ops.is_some())
    }

    async fn new_invitation(&self, tx: &mut Tx, email: Option<&Email>, from: Option<&Person>) -> Result<PlainSecret> {
        let secret = self.new_secret();
        sqlx::query(
            "INSERT INTO invitations (id, secret_hash, email, invited_by, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(InvitationId::new(self.uuid()))
        .bind(hash_secret(&secret))
        .bind(email)
        .bind(from.map(Person::id))
        .bind(self.now())
        .bind(self.now().after(INVITATION_LIFE))
        .execute(&mut **tx)
        .await?;
        Ok(secret)
    }

    async fn create_ops(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        email: &Email,
        name: &PersonName,
        password_hash: &str,
    ) -> Result<AccountId> {
        let new = NewAccount { email, name, role: Role::Ops, password_hash };
        let id = self.create_account(tx, new).await?.ok_or_else(address_taken)?;
        self.record(tx, Entry::new(Event::OpsCreated, origin).by_account(id, email.as_str())).await?;
        Ok(id)
    }
}

fn address_taken() -> crate::Error {
    Problem::new(ErrorCode::AddressTaken).on("email").into()
}
