//! Browser sessions: the store behind the cookie, and what is kept in one.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use app::api::session::{Acting, SessionActions};
use async_trait::async_trait;
use backend::{Backend, Caller, Origin};
use domain::{AccountId, ErrorCode, Problem, SignUpId};
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::{middleware::context::ORIGIN, state::AppState};

const ACCOUNT: &str = "account";
const SIGN_UP: &str = "sign_up";

/// Keeps sessions in the database, where only the hash of their id is.
#[derive(Clone)]
pub struct Store(Backend);

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

/// The layer that reads and writes the cookie. It lasts as long as the browser; how long the session
/// lasts, idle and in all, is for the store to say.
#[must_use]
pub fn layer(state: &AppState) -> SessionManagerLayer<Store> {
    let https = state.web.https;
    SessionManagerLayer::new(Store(state.backend.clone()))
        .with_name(if https { "__Host-strongroom" } else { "strongroom" })
        .with_secure(https)
        .with_http_only(true)
        // Lax, because a click in a mail has to arrive with its cookie.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

/// The id as the services know it.
#[must_use]
pub fn bytes(id: Id) -> [u8; 16] {
    id.0.to_le_bytes()
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let origin = ORIGIN.try_with(Origin::clone).unwrap_or_else(|_| Origin::local());
        let (account, data) = parts(record)?;
        self.0.sessions.create(&bytes(record.id), account, &data, &origin).await.map_err(failed)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (account, data) = parts(record)?;
        self.0.sessions.save(&bytes(record.id), account, &data).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(stored) = self.0.sessions.load(&bytes(*id)).await.map_err(failed)? else { return Ok(None) };
        let data = serde_json::from_str(&stored.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date =
            OffsetDateTime::from_unix_timestamp(stored.expires_at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.sessions.delete(&bytes(*id)).await.map_err(failed)
    }
}

/// The account is a column of its own, so that a person's sessions can be listed and ended.
fn parts(record: &Record) -> Result<(Option<AccountId>, String)> {
    let encode = |error: serde_json::Error| Error::Encode(error.to_string());
    let account = record.data.get(ACCOUNT).cloned().map(serde_json::from_value).transpose().map_err(encode)?;
    Ok((account, serde_json::to_string(&record.data).map_err(encode)?))
}

/// The cause goes to the log here; the message is all that tower-sessions sees.
fn failed(error: backend::Error) -> Error {
    Error::Backend(error.into_problem().message)
}

/// The sign-up that waits for its verification in this session.
///
/// # Errors
/// The session cannot be read.
pub async fn sign_up(session: &Session) -> std::result::Result<Option<SignUpId>, Problem> {
    if session.id().is_none() {
        return Ok(None);
    }
    session.get(SIGN_UP).await.map_err(unreadable)
}

fn unreadable(error: tower_sessions::session::Error) -> Problem {
    tracing::error!(cause = %error, "a session could not be read or written");
    Problem::new(ErrorCode::Unavailable).retry_after(5)
}

/// What server functions may do to the session of their request.
pub struct Control {
    backend: Backend,
    session: Session,
    caller: Caller,
    sign_up: Option<SignUpId>,
    signed_out: Arc<AtomicBool>,
}

impl Control {
    /// Control over `session`, in which `sign_up` waits; `signed_out` is raised when it has ended.
    #[must_use]
    pub fn new(
        backend: Backend,
        session: Session,
        caller: Caller,
        sign_up: Option<SignUpId>,
        signed_out: Arc<AtomicBool>,
    ) -> Self {
        Self { backend, session, caller, sign_up, signed_out }
    }
}

impl SessionActions for Control {
    /// A new id at every sign-in (ASVS V7.2.4); nothing of the earlier session is kept.
    fn sign_in(&self, account: AccountId) -> Acting<'_> {
        Box::pin(async move {
            self.session.clear().await;
            self.session.cycle_id().await.map_err(unreadable)?;
            self.session.insert(ACCOUNT, account).await.map_err(unreadable)
        })
    }

    fn remember_sign_up(&self, sign_up: SignUpId) -> Acting<'_> {
        Box::pin(async move {
            self.session.clear().await;
            self.session.cycle_id().await.map_err(unreadable)?;
            self.session.insert(SIGN_UP, sign_up).await.map_err(unreadable)
        })
    }

    fn sign_out(&self) -> Acting<'_> {
        Box::pin(async move {
            self.backend.sessions.record_sign_out(&self.caller).await?;
            if self.session.id().is_some() {
                self.session.flush().await.map_err(unreadable)?;
            }
            self.signed_out.store(true, Ordering::Relaxed);
            Ok(())
        })
    }

    fn sign_up(&self) -> Option<SignUpId> {
        self.sign_up
    }
}
