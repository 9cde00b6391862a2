//! What a person presents after signing in: a session of the browser, a bearer token of the API.
//!
//! Both are looked up at every request together with their account, so that signing out, a changed
//! password, a changed role and a disabled account bite at the next one. A look-up writes nothing:
//! that a credential was used, or that its time is up, is noted and written down later.

mod ending;
mod tokens;

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    AccountId, Email, ErrorCode, Me, OrganisationId, PersonName, Role, SessionHandle, Timestamp,
    account::{LINK_LIFE, SessionRow},
    activity::{Event, SessionsEnded},
};
use ring::digest;
use sqlx::FromRow;

use crate::{
    accounts::Admission,
    activity::Entry,
    bookkeeping::{CredentialRow, Use},
    caller::{Caller, Credential, Membership, Origin, Person},
    core::Core,
    db::work,
    error::Result,
    policy::{self, Permission},
};

pub use tokens::Tokens;

/// How stale `seen_at` may become before a request notes it again.
const SEEN_RESOLUTION: Duration = Duration::from_secs(60);
/// How far in the future a credential may have been made. More comes of a clock that was wrong then, and its end
/// cannot be believed.
const CLOCK_SLACK: Duration = Duration::from_secs(3600);

/// The sessions of browsers. The cookie's 128-bit id is never stored, only its hash.
#[derive(Clone)]
pub struct Sessions {
    core: Arc<Core>,
}

/// A live session as the cookie layer keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// JSON, opaque here.
    pub data: String,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// The account half of a row that a credential was looked up by.
#[derive(FromRow)]
struct AccountRow<C> {
    id: AccountId,
    name: PersonName,
    email: Email,
    role: Role,
    link_epoch: i64,
    credential_epoch: i64,
    organisation_id: Option<OrganisationId>,
    member_since: Option<Timestamp>,
    credential: C,
    created_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
}

/// A session as the cookie layer asks for it.
#[derive(FromRow)]
struct Kept {
    data: String,
    account_id: Option<AccountId>,
    created_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(FromRow)]
struct SessionSql {
    handle: SessionHandle,
    created_at: Timestamp,
    seen_at: Timestamp,
    address: String,
    user_agent: String,
}

impl Sessions {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Stores a fresh session of an account. Its absolute end is counted from now.
    ///
    /// # Errors
    /// [`ErrorCode::SignInFailed`] when the account's credentials have ended since the admission.
    pub async fn create(&self, id: &[u8; 16], admission: &Admission, data: &str, origin: &Origin) -> Result<()> {
        let core = &self.core;
        core.db
            .transact(|tx| {
                work(async move {
                    let created = sqlx::query(
                    "INSERT INTO sessions (id_hash, handle, account_id, credential_epoch, data, address, user_agent, \
                     created_at, seen_at, expires_at) \
                     SELECT $1, $2, a.id, a.credential_epoch, $5, $6, $7, $8, $8, $9 FROM accounts a \
                     WHERE a.id = $3 AND a.credential_epoch = $4 AND a.disabled_at IS NULL",
                )
                .bind(hash_id(id))
                .bind(SessionHandle::new(core.uuid()))
                .bind(admission.account())
                .bind(admission.epoch())
                .bind(data)
                .bind(&origin.address)
                .bind(&origin.user_agent)
                .bind(core.now())
                .bind(core.now().after(core.settings.session_life))
                .execute(&mut **tx)
                .await?;
                    if created.rows_affected() == 0 {
                        return Err(ErrorCode::SignInFailed.into());
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Stores a fresh session of a browser that signed up. It lasts as long as the link in the mail, used or not.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn create_for_sign_up(&self, id: &[u8; 16], data: &str, origin: &Origin) -> Result<()> {
        let core = &self.core;
        core.db
            .transact(|tx| {
                work(async move {
                sqlx::query(
                    "INSERT INTO sessions (id_hash, handle, data, address, user_agent, created_at, seen_at, expires_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
                )
                .bind(hash_id(id))
                .bind(SessionHandle::new(core.uuid()))
                .bind(data)
                .bind(&origin.address)
                .bind(&origin.user_agent)
                .bind(core.now())
                .bind(core.now().after(LINK_LIFE))
                .execute(&mut **tx)
                .await?;
                Ok(())
                })
            })
            .await
    }

    /// Stores what changed in the data of a session. Whose it is never changes, and one that has ended stays ended.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn save(&self, id: &[u8; 16], data: &str) -> Result<()> {
        self.core
            .db
            .transact(|tx| {
                work(async move {
                    sqlx::query("UPDATE sessions SET data = $2 WHERE id_hash = $1")
                        .bind(hash_id(id))
                        .bind(data)
                        .execute(&mut **tx)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// The live session of this id.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn load(&self, id: &[u8; 16]) -> Result<Option<StoredSession>> {
        let id_hash = hash_id(id);
        let row: Option<Kept> =
            sqlx::query_as("SELECT data, account_id, created_at, seen_at, expires_at FROM sessions WHERE id_hash = $1")
                .bind(&id_hash)
                .fetch_optional(self.core.db.read())
                .await?;
        let Some(Kept { data, account_id, created_at, seen_at, expires_at }) = row else { return Ok(None) };
        let idle = if account_id.is_some() { self.core.settings.session_idle } else { LINK_LIFE };
        let times = Times { created_at, seen_at, expires_at, idle };
        let live = self.core.is_live(CredentialRow::Session(id_hash), times);
        Ok(live.then_some(StoredSession { data, expires_at }))
    }

    /// Ends the session of this id.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn delete(&self, id: &[u8; 16]) -> Result<()> {
        self.core
            .db
            .transact(|tx| {
                work(async move {
                    sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(hash_id(id)).execute(&mut **tx).await?;
                    Ok(())
                })
            })
            .await
    }

    /// The person behind a session: live, and with an account that may sign in. Using a session keeps it
    /// from going idle.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn person(&self, id: &[u8; 16]) -> Result<Option<Person>> {
        let id_hash = hash_id(id);
        let row: Option<AccountRow<SessionHandle>> = sqlx::query_as(
            "SELECT a.id, a.name, a.email, a.role, a.link_epoch, a.credential_epoch, a.organisation_id, a.member_since, \
             s.handle AS credential, s.created_at, s.seen_at, s.expires_at FROM sessions s JOIN accounts a ON a.id = s.account_id \
             WHERE s.id_hash = $1 AND s.credential_epoch = a.credential_epoch AND a.disabled_at IS NULL",
        )
        .bind(&id_hash)
        .fetch_optional(self.core.db.read())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let times = row.times(self.core.settings.session_idle);
        if !self.core.is_live(CredentialRow::Session(id_hash), times) {
            return Ok(None);
        }
        Ok(Some(row.into_person(Credential::Session)))
    }

    /// The live sessions of the person who asks, newest first.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<SessionRow>> {
        let person = policy::require(caller, Permission::OwnAccount)?;
        let rows: Vec<SessionSql> = sqlx::query_as(
            "SELECT handle, created_at, seen_at, address, user_agent FROM sessions \
             WHERE account_id = $1 AND credential_epoch = $4 AND expires_at > $2 AND seen_at > $3 \
             ORDER BY created_at DESC",
        )
        .bind(person.id())
        .bind(self.core.now())
        .bind(self.core.now().before(self.core.settings.session_idle))
        .bind(person.credential_epoch)
        .fetch_all(self.core.db.read())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| SessionRow {
                handle: row.handle,
                started_at: row.created_at,
                seen_at: row.seen_at,
                address: row.address,
                user_agent: row.user_agent,
                current: person.credential == Credential::Session(row.handle),
            })
            .collect())
    }

    /// Ends one of the asking person's own sessions.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when they have none of that name.
    pub async fn end(&self, caller: &Caller, handle: SessionHandle) -> Result<()> {
        let person = policy::require(caller, Permission::OwnAccount)?;
        self.core
            .db
            .transact(|tx| {
                work(async move {
                    let ended = sqlx::query("DELETE FROM sessions WHERE handle = $1 AND account_id = $2")
                        .bind(handle)
                        .bind(person.id())
                        .execute(&mut **tx)
                        .await?;
                    if ended.rows_affected() == 0 {
                        return Err(ErrorCode::NotFound.into());
                    }
                    self.core
                        .record(
                            tx,
                            Entry::new(Event::SignedOut { sessions: SessionsEnded::Chosen }, &caller.origin).by(person),
                        )
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Ends every session of the asking person but the one that asks.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub async fn end_others(&self, caller: &Caller) -> Result<()> {
        let person = policy::require(caller, Permission::OwnAccount)?;
        let keep = match person.credential {
            Credential::Session(handle) => Some(handle),
            Credential::Token(_) => None,
        };
        self.core
            .db
            .transact(|tx| {
                work(async move {
                    self.core.end_sessions(tx, person.id(), keep).await?;
                    let entry =
                        Entry::new(Event::SignedOut { sessions: SessionsEnded::Others }, &caller.origin).by(person);
                    self.core.record(tx, entry).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Writes down that the asking person signed out; the cookie layer then deletes the session.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn record_sign_out(&self, caller: &Caller) -> Result<()> {
        if let Some(person) = caller.person() {
            self.core
                .record_alone(Entry::new(Event::SignedOut { sessions: SessionsEnded::This }, &caller.origin).by(person))
                .await?;
        }
        Ok(())
    }
}

/// What decides whether a credential's time is up.
#[derive(Clone, Copy)]
struct Times {
    created_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
    /// The longest it may go unused.
    idle: Duration,
}

impl<C> AccountRow<C> {
    fn times(&self, idle: Duration) -> Times {
        Times { created_at: self.created_at, seen_at: self.seen_at, expires_at: self.expires_at, idle }
    }

    fn into_person(self, credential: impl FnOnce(C) -> Credential) -> Person {
        let membership = self.organisation_id.map(|organisation| {
            let since = self.member_since.unwrap_or(self.created_at);
            Membership { organisation, since }
        });
        Person {
            me: Me { id: self.id, name: self.name, email: self.email, role: self.role },
            link_epoch: self.link_epoch,
            credential_epoch: self.credential_epoch,
            membership,
            credential: credential(self.credential),
        }
    }
}

impl Core {
    /// Whether a credential's time is not up, and if so, that it was used just now. Once its end was seen it stays
    /// ended, also when the clock is set back.
    fn is_live(&self, credential: CredentialRow, times: Times) -> bool {
        let now = self.now();
        let seen_at = match self.bookkeeping.noted(&credential) {
            Some(Use::Over) => return false,
            Some(Use::At(at)) => at,
            None => times.seen_at,
        };
        let over =
            times.expires_at <= now || times.created_at > now.after(CLOCK_SLACK) || seen_at <= now.before(times.idle);
        if over {
            self.bookkeeping.note(credential, Use::Over);
        } else if seen_at < now.before(SEEN_RESOLUTION) || seen_at > now {
            self.bookkeeping.note(credential, Use::At(now));
        }
        !over
    }
}

fn hash_id(id: &[u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, id))
}
