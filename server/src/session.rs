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
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use backend::{Backend, Caller, Origin, accounts::Admission};
use domain::{ErrorCode, PlainSecret, Problem, SignUpId};
use http::{HeaderValue, header};
use time::{Duration, OffsetDateTime};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::{Cookie, CookieBuilder, SameSite},
    session::{self, Id, Record},
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

const fn name(https: bool) -> &'static str {
    if https { "__Host-strongroom" } else { "strongroom" }
}

/// The layer that reads and writes the cookie. It lasts as long as the browser; how long the session
/// lasts, idle and in all, is for the store to say.
#[must_use]
pub fn layer(state: &AppState) -> SessionManagerLayer<Store> {
    let https = state.web.https;
    SessionManagerLayer::new(Store(state.backend.clone()))
        .with_name(name(https))
        .with_secure(https)
        .with_http_only(true)
        // Lax, because a click in a mail has to arrive with its cookie.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

/// The `Set-Cookie` value that takes the cookie back. Browsers heed it only with all that its name promises, of which
/// tower-sessions leaves out that it is secure.
pub(crate) fn removal(https: bool) -> Option<HeaderValue> {
    HeaderValue::try_from(guarded(name(https), "", https).max_age(Duration::ZERO).to_string()).ok()
}

/// A cookie of the whole portal that no script reads and no other site's form brings along.
pub(crate) fn guarded<'a>(name: &'a str, value: &'a str, https: bool) -> CookieBuilder<'a> {
    // Lax, because a click in a mail has to arrive with its cookie.
    Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(https)
}

/// The layer in front of [`layer`]: takes out of the request what has the name of the cookie and is no id. Anybody can
/// send that, and what else runs on this host can set it; tower-sessions would warn of an attack each time.
pub async fn drop_unreadable(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if let header::Entry::Occupied(mut lines) = request.headers_mut().entry(header::COOKIE) {
        for line in lines.iter_mut() {
            if let Some(kept) = without_unreadable(line, name(state.web.https)) {
                *line = kept;
            }
        }
    }
    next.run(request).await
}

/// What is left of a line of cookies; `None` when that is all of it. Read as tower-sessions reads it.
fn without_unreadable(line: &HeaderValue, name: &str) -> Option<HeaderValue> {
    let line = str::from_utf8(line.as_bytes()).ok()?;
    let may_stay = |pair: &&str| {
        let cookie = Cookie::parse_encoded(*pair).ok().filter(|cookie| cookie.name() == name);
        cookie.is_none_or(|cookie| cookie.value().parse::<Id>().is_ok())
    };
    let kept: Vec<_> = line.split(';').filter(may_stay).collect();
    let kept = kept.join(";");
    (kept != line).then(|| HeaderValue::from_bytes(kept.as_bytes()).ok()).flatten()
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

/// tower-sessions hands back a text only: of a refusal its code, of a failure its cause.
fn failed(error: backend::Error) -> Error {
    Error::Backend(error.code().map_or_else(|| error.cause(), |code| code.as_str().to_owned()))
}

/// The sign-up that waits for its verification in this session.
///
/// The store is asked, not the session, which would warn of an attack whenever a cookie has outlived what it opened. Such
/// a cookie is not taken back: that could take the one which a sign-in has set beside this request.
///
/// # Errors
/// The session cannot be read.
pub async fn sign_up(backend: &Backend, session: &Session) -> std::result::Result<Option<SignUpId>, Problem> {
    let Some(id) = session.id() else { return Ok(None) };
    let unlogged = |error: session::Error| {
        let cause = format!("a session could not be read: {error}");
        unreadable(error).caused_by(cause)
    };
    let record = Store(backend.clone()).load(&id).await.map_err(|error| unlogged(error.into()))?;
    let sign_up = record.and_then(|mut record| record.data.remove(SIGN_UP));
    sign_up.map(serde_json::from_value).transpose().map_err(|error| unlogged(error.into()))
}

/// Without its cause, which tower-sessions logs whenever it reads or writes for somebody.
fn unreadable(error: impl Into<session::Error>) -> Problem {
    let error = error.into();
    if let session::Error::Store(Error::Backend(code)) = &error
        && code == ErrorCode::SignInFailed.as_str()
    {
        return ErrorCode::SignInFailed.into();
    }
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
            if let Some(id) = self.session.id() {
                self.backend.sessions.delete(&bytes(id)).await?;
            }
            self.effects.signed_out.store(true, Ordering::Relaxed);
            Ok(())
        })
    }

    fn sign_up(&self) -> Option<SignUpId> {
        self.sign_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_taken_out_and_nothing_else() {
        const ID: &str = "strongroom=AAAAAAAAAAAAAAAAAAAAAA";
        const FOREIGN: &str = "strongroom_device=garbage; =; é=é; strongroom";
        for (sent, kept) in [
            (ID.to_owned(), ID.to_owned()),
            (format!("theme=dark; {ID}"), format!("theme=dark; {ID}")),
            (format!("strongroom=garbage; {ID}; theme=dark"), format!(" {ID}; theme=dark")),
            (format!("{ID};strongroom=;strongroom=%zz"), ID.to_owned()),
            (format!("{ID}A; strongroo%6D=garbage"), String::new()),
            (FOREIGN.to_owned(), FOREIGN.to_owned()),
        ] {
            let line = HeaderValue::from_bytes(sent.as_bytes()).expect("a header");
            let left = without_unreadable(&line, "strongroom").unwrap_or(line);
            assert_eq!(left.as_bytes(), kept.as_bytes(), "{sent}");
        }
    }
}
