//! Browser sessions: the store behind the cookie, and what is kept in one.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use app::api::session::{Acting, SessionActions};
use async_trait::async_trait;
use backend::{Backend, Caller, Origin, accounts::Admission};
use domain::{ErrorCode, PlainSecret, Problem, SignUpId};
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::{middleware::context::ORIGIN, state::AppState};

const ADMISSION: &str = "admission";
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
        let (id, data) = (bytes(record.id), encoded(record)?);
        match admission(record)? {
            Some(admission) => self.0.sessions.create(&id, &admission, &data, &origin).await,
            None => self.0.sessions.create_for_sign_up(&id, &data, &origin).await,
        }
        .map_err(failed)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.0.sessions.save(&bytes(record.id), &encoded(record)?).await.map_err(failed)
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

fn encoded(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

/// On what ground the session is made. Its account is a column of its own, so that a person's sessions can be listed
/// and ended.
fn admission(record: &Record) -> Result<Option<Admission>> {
    let admission = record.data.get(ADMISSION).cloned().map(serde_json::from_value).transpose();
    admission.map_err(|error| Error::Decode(error.to_string()))
}

/// The cause goes to the log here; tower-sessions sees, and hands back, only the code.
fn failed(error: backend::Error) -> Error {
    Error::Backend(error.into_problem().code.as_str().to_owned())
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
    if let tower_sessions::session::Error::Store(Error::Backend(code)) = &error
        && code == ErrorCode::SignInFailed.as_str()
    {
        return ErrorCode::SignInFailed.into();
    }
    tracing::error!(cause = %error, "a session could not be read or written");
    Problem::new(ErrorCode::Unavailable).retry_after(5)
}

/// What a request does to its browser beyond the session. The layer puts it into the answer.
#[derive(Clone, Default)]
pub struct Effects {
    signed_out: Arc<AtomicBool>,
    device: Arc<OnceLock<PlainSecret>>,
}

impl Effects {
    /// Whether the session has ended.
    #[must_use]
    pub fn signed_out(&self) -> bool {
        self.signed_out.load(Ordering::Relaxed)
    }

    /// The secret by which an account knows this browser from now on.
    #[must_use]
    pub fn device(&self) -> Option<&PlainSecret> {
        self.device.get()
    }
}

/// What server functions may do to the session of their request.
pub struct Control {
    backend: Backend,
    session: Session,
    caller: Caller,
    sign_up: Option<SignUpId>,
    effects: Effects,
}

impl Control {
    /// Control over `session`, in which `sign_up` waits.
    #[must_use]
    pub fn new(
        backend: Backend,
        session: Session,
        caller: Caller,
        sign_up: Option<SignUpId>,
        effects: Effects,
    ) -> Self {
        Self { backend, session, caller, sign_up, effects }
    }

    /// A fresh session that holds one thing; nothing of the earlier one is kept.
    async fn begin_anew(&self, key: &str, value: impl serde::Serialize) -> std::result::Result<(), Problem> {
        self.session.clear().await;
        self.session.cycle_id().await.map_err(unreadable)?;
        self.session.insert(key, value).await.map_err(unreadable)?;
        // At once, so that a refusal is the answer to this request.
        if let Err(error) = self.session.save().await {
            self.session.clear().await;
            return Err(unreadable(error));
        }
        Ok(())
    }
}

impl SessionActions for Control {
    /// A new id at every sign-in (ASVS V7.2.4).
    fn sign_in<'a>(&'a self, admission: &'a Admission) -> Acting<'a> {
        Box::pin(async move {
            self.begin_anew(ADMISSION, admission).await?;
            self.remember_device(admission);
            Ok(())
        })
    }

    fn remember_device(&self, admission: &Admission) {
        if let Some(secret) = admission.device() {
            self.effects.device.get_or_init(|| secret.clone());
        }
    }

    fn remember_sign_up(&self, sign_up: SignUpId) -> Acting<'_> {
        Box::pin(self.begin_anew(SIGN_UP, sign_up))
    }

    fn sign_out(&self) -> Acting<'_> {
        Box::pin(async move {
            self.backend.sessions.record_sign_out(&self.caller).await?;
            if self.session.id().is_some() {
                self.session.flush().await.map_err(unreadable)?;
            }
            self.effects.signed_out.store(true, Ordering::Relaxed);
            Ok(())
        })
    }

    fn sign_up(&self) -> Option<SignUpId> {
        self.sign_up
    }
}
